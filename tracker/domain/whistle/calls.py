"""电话: the record of a call, and when calls in vain are enough (domain.md §4.2, followUp)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import combinations

ATTEMPTS = 3
APART = timedelta(hours=2)
SOON = timedelta(minutes=1)  # a form says the minute of a call, and a report comes within one
A_DAY = timedelta(days=1)

Calls = tuple[datetime, ...]


@dataclass(frozen=True)
class CallsInVain:
    """Calls that reached nobody. Three that count are enough.

    Those count that are two hours apart by the time of day, and not all on one day. `urgent` (E1,
    U2): those that are two hours apart. A call that is too near to another is kept and does not
    count.
    """

    tried: Sequence[datetime]  # in the city's zone
    urgent: bool = False

    @property
    def counting(self) -> Calls:
        """Those that count, as many as can."""
        return next(self._choices(), ())

    @property
    def more(self) -> int:
        """How many calls are still to be made at least."""
        return ATTEMPTS - len(self.counting)

    @property
    def same_day(self) -> bool:
        """Whether those that count are all on one day; one more must be on another."""
        return not self.urgent and len(_days(self.counting)) == 1

    @property
    def enough(self) -> bool:
        """Whether the reporter counts as unreachable."""
        return self.more == 0

    def _choices(self) -> Iterator[Calls]:
        """What may count, the best first: three, then two on two days, then two, then one."""
        yield from (calls for calls in self._spread(ATTEMPTS) if self._on_days_enough(calls))
        yield from (calls for calls in self._spread(2) if self._on_days_enough(calls))
        yield from self._spread(2)
        yield from self._spread(1)

    def _spread(self, count: int) -> Iterator[Calls]:
        """Every choice of so many calls that are two hours apart from each other."""
        for calls in combinations(self.tried, count):
            if all(self._apart(one, other) for one, other in combinations(calls, 2)):
                yield calls

    def _apart(self, one: datetime, other: datetime) -> bool:
        if self.urgent:
            return abs(one - other) >= APART
        by_the_clock = abs(_time_of_day(one) - _time_of_day(other))
        return min(by_the_clock, A_DAY - by_the_clock) >= APART

    def _on_days_enough(self, calls: Calls) -> bool:
        return self.urgent or len(_days(calls)) > 1


def _time_of_day(at: datetime) -> timedelta:
    return timedelta(hours=at.hour, minutes=at.minute, seconds=at.second)


def _days(calls: Calls) -> set[object]:
    return {call.date() for call in calls}
