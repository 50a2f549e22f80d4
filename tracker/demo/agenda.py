"""What posts do besides their whistles, in order of time: call units, hand a shift over."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from heapq import heappop, heappush
from itertools import count
from typing import Any, TypeAlias

Act: TypeAlias = Callable[[datetime], Sequence[Any]]  # at its moment; what happened, as events


class Agenda:
    """Acts at their moments; an act may plan others."""

    def __init__(self) -> None:
        self._serial, self._planned = count(), list[tuple[datetime, int, Act]]()

    def plan(self, at: datetime, act: Act) -> None:
        heappush(self._planned, (at, next(self._serial), act))

    def upto(self, until: datetime) -> Iterator[tuple[datetime, Sequence[Any]]]:
        """What happened at each moment until then, and is not planned any more."""
        while self._planned and self._planned[0][0] <= until:
            at, _, act = heappop(self._planned)
            yield at, act(at)
