"""Open whistles of one family: among these somebody about to raise one may find their own."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg import Connection
from psycopg.rows import class_row

from tracker.domain.events import TERMINAL


@dataclass(frozen=True)
class Neighbour:
    """What may be told of it to anybody: nothing that a person said, and nobody's name."""

    id: UUID
    number: str
    state: str
    category: str
    grid: str | None
    lat: float | None
    lon: float | None
    lead: str | None
    registered_at: datetime
    address: str | None  # for comparing only


# Served by board_newest: a month of them, of which few are of one family and open. A confidential
# one is never among them.
OPEN_OF_FAMILY = """
    SELECT b.id, b.number, b.state, b.category, b.grid, b.lat, b.lon, b.lead, b.registered_at,
           c.body #>> '{}' AS address
      FROM board b
      LEFT JOIN contents c ON c.id = b.address_id AND c.erased_at IS NULL
     WHERE b.registered_at >= %(since)s AND b.major = %(major)s
       AND b.state <> ALL(%(terminal)s) AND NOT b.confidential AND NOT b.test
     ORDER BY b.registered_at DESC, b.id DESC
     LIMIT %(limit)s
"""
MOST = 500


def open_of_family(connection: Connection[Any], major: str, since: datetime) -> Sequence[Neighbour]:
    """The newest first, registered at `since` or later."""
    asked = {"major": major, "since": since, "terminal": sorted(TERMINAL), "limit": MOST}
    with connection.cursor(row_factory=class_row(Neighbour)) as cursor:
        return cursor.execute(OPEN_OF_FAMILY, asked).fetchall()
