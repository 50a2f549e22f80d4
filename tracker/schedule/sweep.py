"""The sweep records what fell due, whistle by whistle, the longest due first.

After a day without a running scheduler the log becomes the same as with one: the same events, with
the same times, in the same order. The whistle decides what is recorded, and each mark only once.
"""

import heapq
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from tracker.commands.tracker import Tracker
from tracker.commands.whistle.overseeing import LetTimePass, RecomputeDeadlines
from tracker.domain.actors import SYSTEM
from tracker.domain.whistle.refusals.overseeing import NothingToRecompute
from tracker.domain.whistle.states import TERMINAL
from tracker.eventstore.connections import Connection
from tracker.eventstore.recorder import DATABASE_AWAY
from tracker.projections import clocks
from tracker.projections.clocks import BEFORE_ALL, FallenDue

log = logging.getLogger(__name__)

AT_ONCE = 200  # clocks read from the table at a time
# A deadline is kept at its very second, so it has passed one instant later.
INSTANT = timedelta(microseconds=1)


@dataclass
class SweepResult:
    """What a sweep did. `failures`: the whistles that could not be moved, and why."""

    moved: int = 0
    position: int = 0
    failures: dict[UUID, str] = field(default_factory=dict)

    @property
    def error(self) -> str | None:
        return next((f"{whistle}: {why}" for whistle, why in self.failures.items()), None)


def sweep(
    tracker: Tracker,
    connection: Connection,
    now: datetime,
    *,
    go_on: Callable[[], bool] = lambda: True,
) -> SweepResult:
    """Record all that fell due before `now`, in the order in which it fell due.

    Stops early when `go_on` returns False. A whistle that cannot be moved is logged and skipped;
    the others go on. Raises one of DATABASE_AWAY if the database cannot be reached.
    """
    swept, upcoming = SweepResult(), Upcoming(connection, now)
    while go_on() and (due := upcoming.take()) is not None:
        if due.whistle not in swept.failures:
            upcoming.add(_move(tracker, due, swept))
    return swept


def _move(tracker: Tracker, due: FallenDue, swept: SweepResult) -> FallenDue | None:
    """Let time pass for a whistle up to `due`. Returns its next due moment if it recorded any."""
    try:
        done = tracker.give(LetTimePass(), due.whistle, actor=SYSTEM, at=due.at + INSTANT)
    except DATABASE_AWAY:
        raise
    except Exception as error:  # one broken whistle must not stop the sweep of the others
        log.exception("time cannot pass for whistle %s", due.whistle)
        swept.failures[due.whistle] = repr(error)
        return None
    if not done.position:
        return None  # it is recorded already, by a command or the last sweep; the table is behind
    swept.moved += 1
    swept.position = max(swept.position, done.position)
    following = done.aggregate.next_moment()
    return None if following is None else FallenDue(following[0], due.whistle)


class Upcoming:
    """What fell due before `now`, the longest due first: from the table, and from events of this
    sweep (a pool window ends, a unit is dispatched, and its clock has fallen due too)."""

    def __init__(self, connection: Connection, now: datetime) -> None:
        self._connection = connection
        self._now = now
        self._waiting: list[FallenDue] = []
        self._known: set[FallenDue] = set()
        self._read_to: FallenDue | None = BEFORE_ALL  # None: the table has no more

    def take(self) -> FallenDue | None:
        while self._read_to is not None and not (
            self._waiting and self._waiting[0] <= self._read_to
        ):
            self._read_on(self._read_to)
        return heapq.heappop(self._waiting) if self._waiting else None

    def _read_on(self, after: FallenDue) -> None:
        found = clocks.run_out(self._connection, self._now, AT_ONCE, after)
        for due in found:
            self.add(due)
        self._read_to = found[-1] if len(found) == AT_ONCE else None

    def add(self, due: FallenDue | None) -> None:
        if due is not None and due.at < self._now and due not in self._known:
            self._known.add(due)
            heapq.heappush(self._waiting, due)


def recompute(tracker: Tracker, connection: Connection, now: datetime) -> int:
    """Recompute provisional due times once their year's calendar exists. Returns how many."""
    known = tracker.city.policy.calendar.years
    arrived = [year for year in clocks.missing_years(connection) if year in known]
    waiting = {whistle for year in arrived for whistle in clocks.provisional(connection, year)}
    return sum(_recomputed(tracker, whistle, now) for whistle in waiting)


def _recomputed(tracker: Tracker, whistle: UUID, now: datetime) -> bool:
    try:
        tracker.give(RecomputeDeadlines(), whistle, actor=SYSTEM, at=now)
    except NothingToRecompute:
        return False
    return True


# Asked once for each change of the registers. What is over becomes confidential too.
TOUCHED = """
    SELECT id FROM board
     WHERE (NOT confidential AND category = ANY(%(confidential)s))
        OR (state <> ALL(%(terminal)s)
            AND (lead = ANY(%(ended)s) OR co && %(ended)s OR state = 'POOLED'))
     ORDER BY id
"""


def follow_the_registers(tracker: Tracker, connection: Connection, now: datetime) -> int:
    """Let whistles follow what the city's registers say now (domain.md §4.5). Returns how many.

    A unit that has ended is taken over, a category that became confidential closes its whistles,
    also those that are over; one that changed its units changes who is sent when the pool's
    window ends.
    """
    registers = tracker.city.registers
    values = {
        "terminal": sorted(TERMINAL),
        "ended": [one.code for one in registers["unit"].values() if one.ended_on is not None],
        "confidential": [one.code for one in registers["category"].values() if one.confidential],
    }
    touched = [id for (id,) in connection.execute(TOUCHED, values)]
    return sum(_followed(tracker, id, now) for id in touched)


def _followed(tracker: Tracker, whistle: UUID, now: datetime) -> bool:
    try:
        return bool(tracker.give(LetTimePass(), whistle, actor=SYSTEM, at=now).position)
    except DATABASE_AWAY:
        raise
    except Exception:  # one broken whistle must not keep the others back
        log.exception("whistle %s cannot follow the city's registers", whistle)
        return False
