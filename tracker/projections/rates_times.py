"""Response times of a row: their mean, and exact percentiles by nearest rank.

The counters tell in which bucket a rank lies; the single times of that bucket alone are read from
the facts.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from fractions import Fraction

from tracker.metrics.definitions import Measure
from tracker.metrics.figures import rank_of
from tracker.projections.rates_tally import bucket_of

SHARES = {"median": Fraction(1, 2), "p90": Fraction(9, 10)}


@dataclass(frozen=True)
class Times:
    """Of so many responses; in seconds."""

    count: int
    seconds: int
    at: dict[str, int]  # median, p90


Settled = dict[Measure, Times]


@dataclass
class Spread:
    """Times in buckets, each [how many, their sum]; `values` of buckets that were looked into."""

    buckets: dict[int, list[int]] = field(default_factory=lambda: defaultdict(lambda: [0, 0]))
    values: dict[int, list[int]] = field(default_factory=lambda: defaultdict(list))

    def add(self, seconds: int, sign: int) -> None:
        bucket = self.buckets[bucket_of(seconds)]
        bucket[0] += sign
        bucket[1] += sign * seconds

    @property
    def count(self) -> int:
        return sum(count for count, _ in self.buckets.values())

    def wanted(self) -> set[int]:
        """The buckets in which the percentiles lie."""
        count = self.count
        return {self._bucket_at(rank_of(s, count))[0] for s in SHARES.values()} if count else set()

    def settle(self) -> Times:
        """The figures, once the wanted buckets were looked into."""
        seconds = sum(seconds for _, seconds in self.buckets.values())
        count = self.count
        at = {name: self._at(rank_of(share, count)) for name, share in SHARES.items() if count}
        return Times(count, seconds, at)

    def _at(self, rank: int) -> int:
        bucket, below = self._bucket_at(rank)
        return sorted(self.values[bucket])[rank - below - 1]

    def _bucket_at(self, rank: int) -> tuple[int, int]:
        """The bucket with the rank-th time, and how many lie in the buckets below it."""
        below = 0
        for bucket in sorted(self.buckets):
            count = self.buckets[bucket][0]
            if rank <= below + count:
                return bucket, below
            below += count
        raise LookupError(f"there is no {rank}th of {below}")
