"""What the contexts do in the demo, beside the whistles, in order of time."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from heapq import heappop, heappush
from itertools import count
from typing import Any, TypeAlias

from tracker.commands.tracker import Tracker
from tracker.demo.life import Life
from tracker.demo.world import World

Act: TypeAlias = Callable[[datetime], Sequence[Any]]  # gets its moment, returns the events


class Agenda:
    """Acts with their moments. An act may plan others."""

    def __init__(self) -> None:
        self._serial, self._planned = count(), list[tuple[datetime, int, Act]]()

    def plan(self, at: datetime, act: Act) -> None:
        heappush(self._planned, (at, next(self._serial), act))

    def upto(self, until: datetime) -> Iterator[tuple[datetime, Sequence[Any]]]:
        """Do all acts planned up to `until` and yield their events, moment by moment."""
        while self._planned and self._planned[0][0] <= until:
            at, _, act = heappop(self._planned)
            yield at, act(at)


Listener: TypeAlias = Callable[[Sequence[Any]], None]  # gets a whistle's new events
Plan: TypeAlias = Callable[[Tracker, World, Agenda, Sequence[Life], int], Listener]
"""How a context plans its part of the demo's last so many days before `world.on`."""


def ignore_events(happened: Sequence[Any]) -> None:
    """The listener of a context that does not need the whistles' events."""
