"""One projection's tables made anew beside the living ones, and swapped in.

The shadow tables have the same names in another schema, so the same `load`, `fold` and `write` fill
them. They are like the living ones; where a migration wrote the tables of a changed projection into
the schema `next`, they are like those.
"""

from collections.abc import Callable, Iterable
from typing import Any

from psycopg.sql import SQL, Composable, Identifier

from tracker.eventstore.connections import Connection
from tracker.projections.engine import positions
from tracker.projections.engine.folding import Projection, SummedUp, Unsummed, apply
from tracker.projections.engine.reader import Batch

SHADOW = "rebuilding"
NEXT = "next"

Read = Callable[[int, int], Iterable[Batch]]  # the batches after one position, up to another


class Shadow:
    """The tables of `projection` in the making. `connection` sees them before the living ones."""

    def __init__(self, connection: Connection, projection: Projection, living: str) -> None:
        self.connection = connection
        self.projection = projection
        self.living = living
        self.position = 0
        self._folding: Projection = projection
        self._models: dict[str, str] = {}

    @property
    def name(self) -> str:
        return self.projection.name

    def open(self) -> None:
        """Create tables with primary keys; other indexes follow when they are full.

        Raises NewerServes where a newer version folds the living ones.
        """
        positions.add_missing(self.connection, [self.projection], positions.NOT_YET)
        positions.running(self.connection, [self.projection])
        with self.connection.transaction():
            self.connection.execute(CREATE_SCHEMA)
            for table in self.projection.tables:
                self._create(table.name)
            self.connection.execute(MARK, {"name": self.name, "shadow": SHADOW})
        if isinstance(self.projection, SummedUp):
            self._folding = Unsummed(self.projection)

    def _create(self, table: str) -> None:
        (found,) = _only_row(self.connection.execute(IS_THERE, [f"{NEXT}.{table}"]).fetchone())
        model = self._models[table] = NEXT if found else self.living
        self._execute(DROP_TABLE, table)
        self._execute(CREATE_LIKE, table, model=Identifier(model))
        constraint, definition, options = _only_row(
            self.connection.execute(KEY_AND_OPTIONS, [f"{model}.{table}"]).fetchone()
        )
        self._execute(ADD_KEY, table, Identifier(constraint), SQL(definition))
        if options:
            self._execute(SET_OPTIONS, table, SQL(options))

    def take(self, batch: Batch) -> None:
        """Fold a batch that begins where the shadow is. Raises Poisoned."""
        with self.connection.transaction():
            apply(self.connection, self._folding, batch.events)
        self.position = batch.end

    def complete(self) -> None:
        """Everything is in: add the indexes, and sum up what is a sum."""
        for table in self.projection.tables:
            self._index(table.name)
        if isinstance(self.projection, SummedUp):
            self.projection.sum_up(self.connection)
        self._folding = self.projection

    def _index(self, table: str) -> None:
        model = self._models[table]
        for (definition,) in self.connection.execute(INDEXES, [f"{model}.{table}"]).fetchall():
            self.connection.execute(definition.replace(f" ON {model}.", f" ON {SHADOW}.", 1))
        self._execute(ANALYZE, table)

    def swap(self, read: Read) -> None:
        """Replace the living tables, at their position or beyond it. Within a transaction.

        It locks the position's row first, so the projector waits: it takes its locks in the same
        order. Raises NewerServes.
        """
        living, version = _only_row(
            self.connection.execute(LOCK_POSITION, {"name": self.name}).fetchone()
        )
        if version > self.projection.version:
            raise positions.NewerServes([self.name])
        for batch in read(self.position, living):
            apply(self.connection, self.projection, batch.events)
        for table in self.projection.tables:
            self._execute(DROP_LIVING, table.name)
            self._execute(MOVE_IN, table.name)
            self._execute(DROP_NEXT, table.name)
        arrived = {"name": self.name, "version": self.projection.version}
        self.connection.execute(ARRIVED, {**arrived, "position": max(self.position, living)})

    def leave(self) -> None:
        """Drop what is left of it: nothing after a swap, full tables after a failure."""
        with self.connection.transaction():
            for table in self.projection.tables:
                self._execute(DROP_TABLE, table.name)
            self.connection.execute(MARK, {"name": self.name, "shadow": None})

    def _execute(self, statement: SQL, table: str, *more: Composable, **named: Composable) -> None:
        self.connection.execute(
            statement.format(
                *more,
                **named,
                table=Identifier(table),
                shadow=Identifier(SHADOW),
                living=Identifier(self.living),
                next=Identifier(NEXT),
            )
        )


CREATE_SCHEMA = "CREATE SCHEMA IF NOT EXISTS rebuilding"
IS_THERE = "SELECT to_regclass(%s) IS NOT NULL"

CREATE_LIKE = SQL(
    "CREATE TABLE {shadow}.{table} (LIKE {model}.{table} INCLUDING ALL EXCLUDING INDEXES)"
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

# Served by the primary key of projection_positions, like the two below.
LOCK_POSITION = """
    SELECT position, version FROM projection_positions WHERE name = %(name)s FOR UPDATE
"""
MARK = "UPDATE projection_positions SET shadow = %(shadow)s WHERE name = %(name)s"
ARRIVED = """
    UPDATE projection_positions
       SET position = %(position)s, version = %(version)s, updated_at = now(),
           failed_at_position = NULL, error = NULL, shadow_error = NULL
     WHERE name = %(name)s
"""

DROP_LIVING = SQL("DROP TABLE {living}.{table}")
MOVE_IN = SQL("ALTER TABLE {shadow}.{table} SET SCHEMA {living}")
DROP_TABLE = SQL("DROP TABLE IF EXISTS {shadow}.{table}")
DROP_NEXT = SQL("DROP TABLE IF EXISTS {next}.{table}")


def _only_row(row: tuple[Any, ...] | None) -> tuple[Any, ...]:
    if row is None:
        raise LookupError("a projection's table and its position are there, or nothing works")
    return row
