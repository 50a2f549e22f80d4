"""Ranking by the exact composite score, and the change since the month before (domain.md §6.1)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Protocol

from tracker.metrics.arithmetic import Composite, Rate, half_up, percent
from tracker.metrics.definitions import MOST_UNHEARD, SMALLEST_SAMPLE, WEIGHTS

NEW = "new"  # 新增: there was nothing a month ago


class Scored(Protocol):
    """A row of figures before rounding."""

    @property
    def key(self) -> str: ...

    @property
    def rates(self) -> Mapping[str, Rate]: ...

    @property
    def composite(self) -> Composite | None: ...


@dataclass(frozen=True)
class Ranked:
    """`rank` None: not ranked, because the sample is too small, too few reporters were heard, or
    there is no score."""

    key: str
    rank: int | None
    exact: Fraction | None
    insufficient_sample: bool
    insufficient_follow_up: bool = False


def ranking(rows: Sequence[Scored], *, hears_reporters: bool = False) -> list[Ranked]:
    """Competition ranking (1, 2, 2, 4), the best first; then those without a rank, by key.

    `hears_reporters`: the rows are posts, which make the follow-ups.
    """
    small = {row.key for row in rows if too_few(row)}
    unheard = {row.key for row in rows if hears_reporters and heard_too_few(row)}
    apart = small | unheard
    scored = [
        (row.composite.exact, row.key)
        for row in rows
        if row.key not in apart and row.composite is not None
    ]
    scored.sort(key=lambda pair: (-pair[0], pair[1]))
    ranked = [
        Ranked(key, 1 + sum(other > exact for other, _ in scored), exact, False)
        for exact, key in scored
    ]
    others = sorted(
        (row for row in rows if row.key in apart or row.composite is None), key=lambda row: row.key
    )
    return ranked + [
        Ranked(
            row.key,
            None,
            row.composite.exact if row.composite else None,
            row.key in small or row.composite is None,
            row.key in unheard,
        )
        for row in others
    ]


def too_few(row: Scored) -> bool:
    """样本不足: fewer than five in any of the three denominators."""
    return any(row.rates[name].d < SMALLEST_SAMPLE for name in WEIGHTS)


def heard_too_few(row: Scored) -> bool:
    """回访不足: over a fifth of its follow-ups unreachable or declined (domain.md §6.1)."""
    unheard = row.rates.get("unheard_rate", Rate(0, 0)).exact
    return unheard is not None and unheard > MOST_UNHEARD


def points_since(now: Rate, before: Rate) -> str | None:
    """A rate's change in percentage points, from the exact fractions; None if either is null."""
    if now.exact is None or before.exact is None:
        return None
    return percent(now.exact - before.exact)


def score_since(now: Composite | None, before: Composite | None) -> str | None:
    """A score's change in points."""
    return None if now is None or before is None else str(half_up(now.exact - before.exact))


def growth_since(now: int | None, before: int | None) -> str | None:
    """A count's change in percent. Before it was 0: NEW, or None if it still is."""
    if now is None or before is None:
        return None
    if before == 0:
        return NEW if now else None
    return percent(Fraction(now - before, before))
