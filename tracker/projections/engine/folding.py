"""Folds the log into tables, batch by batch: exactly once, whatever dies.

A projection's new rows and its new position are written in one transaction. The same three steps,
`load`, `fold`, `write`, run live, catching up and rebuilding. An event that a projection cannot
fold stops that projection alone, with the event's position; the others go on.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

import psycopg
from psycopg import Connection

from tracker.projections.engine import positions
from tracker.projections.engine.reader import Batch, LogReader, Mapper, Recorded
from tracker.projections.engine.tables import Table

log = logging.getLogger(__name__)

BATCH = 2_000


class Projection(Protocol):
    """A question about the log, answered by tables of its own.

    `topics` is how the topics of the events begin that it wants; `tables` what a rebuild makes
    anew. `fold` does no I/O: it changes what `load` brought, and `write` puts that away.
    """

    @property
    def name(self) -> str: ...

    @property
    def topics(self) -> str: ...

    @property
    def tables(self) -> Sequence[Table[Any]]: ...

    def load(self, connection: Connection[Any], events: Sequence[Recorded]) -> Any: ...

    def fold(self, rows: Any, recorded: Recorded) -> None: ...

    def write(self, connection: Connection[Any], rows: Any) -> None: ...


@runtime_checkable
class SummedUp(Projection, Protocol):
    """A projection of which some tables are sums of the others.

    A rebuild writes all batches unsummed, and has the sums made once, when all is there.
    """

    def write_unsummed(self, connection: Connection[Any], rows: Any) -> None: ...

    def sum_up(self, connection: Connection[Any]) -> None: ...


class Unsummed:
    """Such a projection while its sums wait."""

    def __init__(self, of: SummedUp) -> None:
        self.name, self.topics, self.tables = of.name, of.topics, of.tables
        self.load, self.fold, self.write = of.load, of.fold, of.write_unsummed


class Poisoned(Exception):
    """This projection cannot take the event at `position`."""

    def __init__(self, projection: str, position: int, why: BaseException) -> None:
        super().__init__(f"{projection} cannot fold the event at {position}: {why!r}")
        self.position = position
        self.why = why


class Engine:
    """Keeps a set of projections up to date, one turn at a time, on one connection."""

    def __init__(
        self, projections: Sequence[Projection], mapper: Mapper, *, batch: int = BATCH
    ) -> None:
        self.projections = {projection.name: projection for projection in projections}
        self._reader = LogReader(mapper, {projection.topics for projection in projections})
        self._batch = batch

    def start(self, connection: Connection[Any]) -> None:
        """Make the projections known; those that failed before try again."""
        positions.know(connection, self.projections)
        positions.forgive(connection, self.projections)

    def turn(self, connection: Connection[Any]) -> bool:
        """Fold one batch into those that are furthest behind. False: nothing was there to do."""
        reached = positions.running(connection, self.projections)
        if not reached:
            return False
        behind = min(reached.values())
        ahead = [position for position in reached.values() if position > behind]
        upto = min(ahead, default=None)
        batch = self._reader.read(connection, behind, self._batch, upto)
        if not batch.events:
            positions.still_current(connection, reached)
            return False
        names = [name for name in self.projections if reached.get(name) == behind]
        self._advance(connection, names, behind, batch, current=not batch.full and upto is None)
        return True

    def _advance(
        self,
        connection: Connection[Any],
        names: Sequence[str],
        behind: int,
        batch: Batch,
        *,
        current: bool,
    ) -> None:
        """Each in a transaction of its own, in the order in which they were named: nobody's rows
        wait for the slower projections behind, and no long transaction holds the horizon back."""
        for name in names:
            try:
                Step(self.projections[name], behind, batch, current).take(connection)
            except positions.Overtaken:
                log.info("another hand moved %s; looking again", name)


@dataclass(frozen=True)
class Step:
    """One projection over one batch: its rows and its position in one transaction."""

    projection: Projection
    behind: int
    batch: Batch
    current: bool

    def take(self, connection: Connection[Any]) -> None:
        """Fold it all, or as far as the event that cannot be folded, and stop there."""
        try:
            self._fold(connection, self.batch.events, self.batch.end, current=self.current)
        except Poisoned as poisoned:
            self._stop(connection, poisoned)

    def _stop(self, connection: Connection[Any], poisoned: Poisoned) -> None:
        name = self.projection.name
        sound = [r for r in self.batch.events if r.position < poisoned.position]
        if sound:
            self._fold(connection, sound, sound[-1].position, current=False)
        log.error("projection %s stopped: %s", name, poisoned, exc_info=poisoned.why)
        positions.fail(connection, name, poisoned.position, repr(poisoned.why))

    def _fold(
        self,
        connection: Connection[Any],
        events: Sequence[Recorded],
        end: int,
        *,
        current: bool,
    ) -> None:
        with connection.transaction():  # nothing of a failed fold stays
            # First, for its row lock: whoever swaps tables takes the locks in this order too.
            positions.move(connection, self.projection.name, self.behind, end, current=current)
            apply(connection, self.projection, events)


def apply(connection: Connection[Any], projection: Projection, events: Sequence[Recorded]) -> None:
    """Load, fold, write. Raises Poisoned with the first event that this projection cannot take."""
    wanted = [recorded for recorded in events if recorded.topic.startswith(projection.topics)]
    if not wanted:
        return
    rows = projection.load(connection, wanted)
    for recorded in wanted:
        try:
            if recorded.flaw is not None:
                raise recorded.flaw
            projection.fold(rows, recorded)
        except Exception as why:
            raise Poisoned(projection.name, recorded.position, why) from why
    _write(connection, projection, rows, wanted)


def _write(
    connection: Connection[Any],
    projection: Projection,
    rows: Any,
    wanted: Sequence[Recorded],
) -> None:
    """Write, and when PostgreSQL refuses the rows find the event that it refuses."""
    try:
        with connection.transaction():
            projection.write(connection, rows)
    except psycopg.OperationalError:
        raise  # the server is unwell, not the event: the turn is tried again
    except psycopg.DatabaseError as why:
        if len(wanted) == 1:
            raise Poisoned(projection.name, wanted[0].position, why) from why
        half = len(wanted) // 2
        apply(connection, projection, wanted[:half])
        apply(connection, projection, wanted[half:])
