"""What happens in the demo besides the whistles, in order of time: the contexts plan it."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from heapq import heappop, heappush
from itertools import count
from typing import Any, TypeAlias

from tracker.commands.tracker import Tracker
from tracker.demo.life import Life
from tracker.demo.world import World

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


Hear: TypeAlias = Callable[[Sequence[Any]], None]  # what has just happened to a whistle
Plan: TypeAlias = Callable[[Tracker, World, Agenda, Sequence[Life], int], Hear]
"""How a context plans its part of the demo's last so many days before `world.on`."""


def deaf(happened: Sequence[Any]) -> None:
    """For a context to which it makes no difference what happens to whistles."""
