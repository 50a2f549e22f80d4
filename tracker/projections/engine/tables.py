"""Rows of a projection's table: read in bulk, folded in Python, written in bulk.

A row is a dataclass whose fields are the table's columns. Rows travel to PostgreSQL and back as
JSON, one parameter for any number of rows. So a row may hold lists and nested values, and no column
is converted by hand.
"""

from collections.abc import Collection, Iterable
from dataclasses import fields
from typing import TYPE_CHECKING, Any, Generic, TypeVar
from uuid import UUID

import msgspec
from psycopg.sql import SQL, Composed, Identifier

from tracker.eventstore.connections import Connection

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

Row = TypeVar("Row", bound="DataclassInstance")

# So many rows fit easily into one PostgreSQL message.
AT_ONCE = 2_000


class Table(Generic[Row]):
    """`key` is the primary key; `owner` the column by which rows are loaded, a whistle's id.

    The SQL is built only from the names of the table and of the row class's fields.
    """

    def __init__(self, name: str, row: type[Row], *, key: tuple[str, ...], owner: str) -> None:
        self.name = name
        self.row = row
        self.key = key
        self._rows = msgspec.json.Decoder(list[row])  # type: ignore[valid-type]  # known when it runs
        columns = [field.name for field in fields(row)]
        self._load = LOAD.format(table=Identifier(name), owner=Identifier(owner))
        self._write = UPSERT.format(
            table=Identifier(name),
            columns=_names(columns),
            key=_names(key),
            changes=SQL(", ").join(
                SQL("{0} = EXCLUDED.{0}").format(Identifier(column))
                for column in columns
                if column not in key
            ),
        )

    def load(self, connection: Connection, owners: Collection[UUID]) -> list[Row]:
        """The rows of these whistles. A whistle without a row is not in the result."""
        found: list[Row] = []
        for some in _portions(owners):
            found += self.read(connection.execute(self._load, [some]).fetchone())
        return found

    def read(self, answer: tuple[Any, ...] | None) -> list[Row]:
        """The rows in one `json_agg(...)::text`, which is NULL when there are none."""
        return self._rows.decode(answer[0]) if answer and answer[0] else []

    def write(self, connection: Connection, rows: Iterable[Row]) -> None:
        """Insert these rows, replacing those with the same key."""
        for some in _portions(rows):
            connection.execute(self._write, [msgspec.json.encode(some).decode()])


# Served by the index on the owner (the primary key begins with it).
LOAD = SQL("SELECT json_agg({table})::text FROM {table} WHERE {owner} = ANY(%s)")

UPSERT = SQL(
    """
    INSERT INTO {table} ({columns})
    SELECT {columns} FROM json_populate_recordset(NULL::{table}, %s)
    ON CONFLICT ({key}) DO UPDATE SET {changes}
    """
)


def _names(columns: Iterable[str]) -> Composed:
    return SQL(", ").join(Identifier(column) for column in columns)


def _portions(things: Iterable[Any]) -> Iterable[list[Any]]:
    everything = list(things)
    return (everything[i : i + AT_ONCE] for i in range(0, len(everything), AT_ONCE))
