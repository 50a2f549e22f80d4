"""Folds the log into tables, batch by batch: each event exactly once, also after a crash.

A projection's new rows and its new position are written in one transaction. The same three steps,
`load`, `fold`, `write`, serve live folding, catching up and rebuilding. An event that a projection
cannot fold stops only that projection, which keeps the event's position; the others go on.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

import psycopg

from tracker.eventstore.connections import Connection
from tracker.projections.engine import positions
from tracker.projections.engine.reader import Batch, LogReader, Mapper, Recorded
from tracker.projections.engine.tables import Table

log = logging.getLogger(__name__)

BATCH = 2_000


class Projection(Protocol):
    """Tables that are computed from the log alone.

    `version` is raised when rows that an older version wrote would be wrong or lack something: the
    tables are then made anew beside the living ones. `topics` is the prefix of the topics that it
    wants; `tables` are those that a rebuild fills again. `fold` does no I/O: it changes the rows
    that `load` read, and `write` stores them.
    """

    @property
    def name(self) -> str: ...

    @property
    def version(self) -> int: ...

    @property
    def topics(self) -> str: ...

    @property
    def tables(self) -> Sequence[Table[Any]]: ...

    def load(self, connection: Connection, events: Sequence[Recorded]) -> Any: ...

    def fold(self, rows: Any, recorded: Recorded) -> None: ...

    def write(self, connection: Connection, rows: Any) -> None: ...


@runtime_checkable
class SummedUp(Projection, Protocol):
    """A projection of which some tables are sums of the others.

    A rebuild writes all batches without the sums, and computes the sums once at the end.
    """

    def write_unsummed(self, connection: Connection, rows: Any) -> None: ...

    def sum_up(self, connection: Connection) -> None: ...


class Unsummed:
    """Such a projection, writing without the sums."""

    def __init__(self, of: SummedUp) -> None:
        self.name, self.version = of.name, of.version
        self.topics, self.tables = of.topics, of.tables
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

    def start(self, connection: Connection) -> None:
        """Add rows for new projections, and let failed ones try again."""
        positions.add_missing(connection, self.projections.values())
        positions.clear_failures(connection, self.projections)

    def must_be_newest(self, connection: Connection) -> None:
        """Raises NewerServes where a newer version has taken over any of its projections."""
        positions.running(connection, self.projections.values())

    def leave_new_ones_to_a_rebuild(self, connection: Connection) -> None:
        """New projections get rows under which nobody folds them; before `start`."""
        positions.add_missing(connection, self.projections.values(), positions.NOT_YET)

    def outdated(self, connection: Connection) -> list[str]:
        """The projections that wait for a rebuild."""
        return positions.outdated(connection, self.projections.values())

    def turn(self, connection: Connection) -> bool:
        """Fold one batch into each, those furthest ahead first. False: nothing to fold.

        So a projection that is far behind costs the others one batch, not its whole way. Those
        whose tables are of an older version are left to a rebuild. Raises NewerServes.
        """
        reached = positions.running(connection, self.projections.values())
        moved, ahead = False, None
        for at in sorted(set(reached.values()), reverse=True):
            names = [name for name in self.projections if reached.get(name) == at]
            ahead = self._fold_on(connection, names, at, ahead)
            moved = moved or ahead > at
        return moved

    def _fold_on(
        self, connection: Connection, names: Sequence[str], at: int, upto: int | None
    ) -> int:
        """Fold a batch into these, which all are at `at`. Returns the position reached.

        `upto`: where those ahead of them are now; there they meet, and go on together.
        """
        batch = self._reader.read(connection, at, self._batch, upto)
        if batch.end > at:
            self._advance(connection, names, at, batch, current=not batch.full and upto is None)
        elif upto is None:
            positions.mark_current(connection, names)
        return batch.end

    def _advance(
        self,
        connection: Connection,
        names: Sequence[str],
        behind: int,
        batch: Batch,
        *,
        current: bool,
    ) -> None:
        """Fold the batch into each, one transaction each, in the order of `self.projections`.

        So fast projections do not wait for slower ones after them, and no long transaction keeps
        the horizon back.
        """
        for name in names:
            try:
                BatchFold(self.projections[name], behind, batch, current).take(connection)
            except positions.Overtaken:
                log.info("another hand moved %s; looking again", name)


@dataclass(frozen=True)
class BatchFold:
    """One projection over one batch: its rows and its position in one transaction."""

    projection: Projection
    behind: int
    batch: Batch
    current: bool

    def take(self, connection: Connection) -> None:
        """Fold the whole batch, or up to the event that cannot be folded, and stop there."""
        try:
            self._fold(connection, self.batch.events, self.batch.end, current=self.current)
        except Poisoned as poisoned:
            self._stop(connection, poisoned)

    def _stop(self, connection: Connection, poisoned: Poisoned) -> None:
        name = self.projection.name
        sound = [r for r in self.batch.events if r.position < poisoned.position]
        if sound:
            self._fold(connection, sound, sound[-1].position, current=False)
        log.error("projection %s stopped: %s", name, poisoned, exc_info=poisoned.why)
        positions.record_failure(connection, name, poisoned.position, repr(poisoned.why))

    def _fold(
        self,
        connection: Connection,
        events: Sequence[Recorded],
        end: int,
        *,
        current: bool,
    ) -> None:
        with connection.transaction():  # a failed fold leaves no rows behind
            # First, because it locks the row: a rebuild's swap takes its locks in this order.
            positions.advance(connection, self.projection, self.behind, end, current=current)
            apply(connection, self.projection, events)


def apply(connection: Connection, projection: Projection, events: Sequence[Recorded]) -> None:
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
    connection: Connection,
    projection: Projection,
    rows: Any,
    wanted: Sequence[Recorded],
) -> None:
    """Write the rows. If PostgreSQL refuses them, find the event that causes it."""
    try:
        with connection.transaction():
            projection.write(connection, rows)
    except psycopg.OperationalError:
        raise  # the fault is the server's, not an event's: the turn is tried again
    except psycopg.DatabaseError as why:
        if len(wanted) == 1:
            raise Poisoned(projection.name, wanted[0].position, why) from why
        half = len(wanted) // 2
        apply(connection, projection, wanted[:half])
        apply(connection, projection, wanted[half:])
