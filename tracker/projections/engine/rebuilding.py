"""Rebuild: fill a shadow copy of a projection's tables from the whole log, then swap the two.

The shadow tables have the same names in another schema, so the same `load`, `fold` and `write` fill
them. The live tables stay in use until one short transaction swaps them. A rebuild that dies leaves
only the shadow, and the next rebuild drops it.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg.sql import SQL, Composable, Identifier

from tracker.eventstore.connections import Connection
from tracker.projections.engine import positions
from tracker.projections.engine.folding import Projection, SummedUp, Unsummed, apply
from tracker.projections.engine.leadership import stop_leading, try_to_lead
from tracker.projections.engine.reader import Batch, LogReader, Mapper

SHADOW = "rebuilding"
AT_ONCE = 10_000  # events folded in memory and written in one transaction
PATIENCE = 60.0  # seconds for which the swap retries while readers hold the tables


class AlreadyRebuilding(Exception):
    """Another process rebuilds this projection."""


class NoGapToSwap(Exception):
    """Readers held the live tables all the time; these stay in use, and the shadow is dropped."""


@dataclass(frozen=True)
class Rebuilt:
    name: str
    events: int
    seconds: float
    position: int


Progress = Callable[[int], None]


def rebuild(
    connection: Connection,
    projection: Projection,
    mapper: Mapper,
    *,
    progress: Progress = lambda events: None,
    at_once: int = AT_ONCE,
) -> Rebuilt:
    """Rebuild a projection on its own connection; `progress` gets the number of events folded.

    Raises AlreadyRebuilding, Poisoned or NoGapToSwap; the live tables are then unchanged.
    """
    what = f"rebuild {projection.name}"
    if not try_to_lead(connection, what):
        raise AlreadyRebuilding(projection.name)
    try:
        reader = LogReader(mapper, [projection.topics])
        return Rebuild(connection, projection, reader, progress, at_once).run()
    finally:
        # PostgreSQL releases the locks of a closed connection a moment later. Without this line the
        # next rebuild in a row was refused.
        stop_leading(connection, what)


class Rebuild:
    """One rebuild. `connection` sees the shadow instead of the live tables."""

    def __init__(
        self,
        connection: Connection,
        projection: Projection,
        reader: LogReader,
        progress: Progress,
        at_once: int,
    ) -> None:
        self.connection = connection
        self.projection = projection
        self.reader = reader
        self.progress = progress
        self.at_once = at_once
        self.position = 0
        self.events = 0
        self.living = _only_row(connection.execute("SELECT current_schema()").fetchone())[0]

    def run(self) -> Rebuilt:
        began = time.monotonic()
        positions.add_missing(self.connection, [self.projection.name])
        self._open_shadow()
        try:
            self._fill_and_sum_up()
            self._swap_soon()
        finally:
            self._leave_shadow()
        return Rebuilt(self.projection.name, self.events, time.monotonic() - began, self.position)

    def _open_shadow(self) -> None:
        """Create tables like the live ones, with primary keys; other indexes follow at the end."""
        self.connection.execute("SET statement_timeout = 0")
        with self.connection.transaction():
            self.connection.execute(CREATE_SCHEMA)
            for table in self.projection.tables:
                self._execute(DROP_TABLE, table.name)
                self._execute(CREATE_LIKE, table.name)
                self._copy_key_and_options(table.name)
            self.connection.execute(MARK, {"name": self.projection.name, "shadow": SHADOW})
        self._execute(LOOK_AT_SHADOW, "")

    def _copy_key_and_options(self, table: str) -> None:
        constraint, definition, options = _only_row(
            self.connection.execute(KEY_AND_OPTIONS, [f"{self.living}.{table}"]).fetchone()
        )
        self._execute(ADD_KEY, table, Identifier(constraint), SQL(definition))
        if options:
            self._execute(SET_OPTIONS, table, SQL(options))

    def _leave_shadow(self) -> None:
        """Drop the shadow: empty after a swap, full after a failure."""
        if self.connection.broken or self.connection.closed:
            return  # the next rebuild drops it first
        self._execute(LOOK_AT_LIVING, "")
        with self.connection.transaction():
            for table in self.projection.tables:
                self._execute(DROP_TABLE, table.name)
            self.connection.execute(MARK, {"name": self.projection.name, "shadow": None})

    def _fill_and_sum_up(self) -> None:
        """Fill the tables; where the projection has sums, compute them at the end."""
        if isinstance(self.projection, SummedUp):
            living, self.projection = self.projection, Unsummed(self.projection)
            self._fill()
            self._index()
            living.sum_up(self.connection)
            self.projection = living
        else:
            self._fill()
            self._index()

    def _fill(self) -> None:
        while (batch := self._read_on()).events:
            with self.connection.transaction():
                apply(self.connection, self.projection, batch.events)
            self._has_taken(batch)
            if not batch.full:
                return

    def _read_on(self) -> Batch:
        return self.reader.read(self.connection, self.position, self.at_once)

    def _has_taken(self, batch: Batch) -> None:
        self.position = batch.end
        self.events += len(batch.events)
        self.progress(len(batch.events))

    def _index(self) -> None:
        for table in self.projection.tables:
            living = [f"{self.living}.{table.name}"]
            for (definition,) in self.connection.execute(INDEXES, living).fetchall():
                self.connection.execute(
                    definition.replace(f" ON {self.living}.", f" ON {SHADOW}.", 1)
                )
            self._execute(ANALYZE, table.name)

    def _swap_soon(self) -> None:
        """Catch up, then swap. If a long query holds the live tables, catch up again and retry."""
        patience = time.monotonic() + PATIENCE
        while True:
            self._fill()
            try:
                with self.connection.transaction():
                    last = self._swap()
                for batch in last:
                    self._has_taken(batch)
                return
            except psycopg.errors.LockNotAvailable:
                if time.monotonic() > patience:
                    raise NoGapToSwap(self.projection.name) from None

    def _swap(self) -> list[Batch]:
        """Replace the live tables, at their position or beyond it.

        It locks the position's row first, so the projector waits: it takes its locks in the same
        order. Returns the batches folded here, to be counted once this is committed.
        """
        self.connection.execute("SET LOCAL lock_timeout = '300ms'")
        name = self.projection.name
        (living,) = _only_row(self.connection.execute(LOCK_POSITION, {"name": name}).fetchone())
        last = self._missing_up_to(living)
        for batch in last:
            apply(self.connection, self.projection, batch.events)
        for table in self.projection.tables:
            self._execute(DROP_LIVING, table.name)
            self._execute(MOVE_IN, table.name)
        position = max(self.position, living)
        self.connection.execute(ARRIVED, {"name": name, "position": position})
        return last

    def _missing_up_to(self, living: int) -> list[Batch]:
        """The batches that the projector has folded since the last read: few, a moment's worth."""
        found, position = list[Batch](), self.position
        while position < living:
            batch = self.reader.read(self.connection, position, self.at_once, living)
            found.append(batch)
            position = batch.end if batch.full else living
        return found

    def _execute(self, statement: SQL, table: str = "", *more: Composable) -> None:
        self.connection.execute(
            statement.format(
                *more,
                table=Identifier(table),
                shadow=Identifier(SHADOW),
                living=Identifier(self.living),
            )
        )


CREATE_SCHEMA = "CREATE SCHEMA IF NOT EXISTS rebuilding"

CREATE_LIKE = SQL(
    "CREATE TABLE {shadow}.{table} (LIKE {living}.{table} INCLUDING ALL EXCLUDING INDEXES)"
)

KEY_AND_OPTIONS = """
    SELECT c.conname, pg_get_constraintdef(c.oid), array_to_string(t.reloptions, ', ')
      FROM pg_constraint c JOIN pg_class t ON t.oid = c.conrelid
     WHERE c.conrelid = %s::regclass AND c.contype = 'p'
"""

ADD_KEY = SQL("ALTER TABLE {shadow}.{table} ADD CONSTRAINT {} {}")
SET_OPTIONS = SQL("ALTER TABLE {shadow}.{table} SET ({})")

INDEXES = """
    SELECT pg_get_indexdef(indexrelid) FROM pg_index
     WHERE indrelid = %s::regclass AND NOT indisprimary
     ORDER BY indexrelid
"""

ANALYZE = SQL("ANALYZE {shadow}.{table}")

# Names resolve to the shadow first; a table that is not rebuilt resolves to the live one.
LOOK_AT_SHADOW = SQL("SET search_path = {shadow}, {living}")
LOOK_AT_LIVING = SQL("SET search_path = {living}")

# Served by the primary key of projection_positions, like the two below.
LOCK_POSITION = "SELECT position FROM projection_positions WHERE name = %(name)s FOR UPDATE"
MARK = "UPDATE projection_positions SET shadow = %(shadow)s WHERE name = %(name)s"
ARRIVED = """
    UPDATE projection_positions
       SET position = %(position)s, updated_at = now(), failed_at_position = NULL, error = NULL
     WHERE name = %(name)s
"""

DROP_LIVING = SQL("DROP TABLE {living}.{table}")
MOVE_IN = SQL("ALTER TABLE {shadow}.{table} SET SCHEMA {living}")
DROP_TABLE = SQL("DROP TABLE IF EXISTS {shadow}.{table}")


def _only_row(row: tuple[Any, ...] | None) -> tuple[Any, ...]:
    if row is None:
        raise LookupError("a projection's table and its position are there, or nothing works")
    return row
