"""What an answer about rates is made of, before it is words and percentages."""

from collections import defaultdict
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Times:
    """Of so many responses; in seconds."""

    count: int
    seconds: int
    at: dict[str, int]  # median, p90


@dataclass
class Figures:
    """What one row of an answer is made of; `sums` by cohort: [d, n1, n2, n3, n4, seconds]."""

    sums: dict[str, list[int]] = field(default_factory=dict)
    times: dict[str, Times] = field(default_factory=dict)
    suspended: int = 0
    overdue: int = 0


class Rows(defaultdict[str, Figures]):
    """By scope, or by day."""

    def __init__(self) -> None:
        super().__init__(Figures)
