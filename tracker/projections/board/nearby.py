"""Open whistles of one kind around a place: they may report the same problem."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import cos, radians
from uuid import UUID

from psycopg.rows import class_row

from tracker.domain.whistle.events import TERMINAL, Place
from tracker.eventstore.connections import Connection

METRES_PER_DEGREE = 111_195.0  # of latitude
AT_MOST = 400


@dataclass(frozen=True)
class Candidate:
    """An open whistle that may be near. `address` as the reporter wrote it, or None."""

    id: UUID
    number: str
    state: str
    category: str
    registered_at: datetime
    grid: str | None
    post: str | None
    lead: str | None
    lat: float | None
    lon: float | None
    children: int
    address: str | None

    @property
    def point(self) -> Place:
        return Place(lat=self.lat, lon=self.lon)


# Served by board_nearby (category, lat, lon), board_grid, and contents_pkey.
CANDIDATES = """
    SELECT b.id, b.number, b.state, b.category, b.registered_at, b.grid, b.post, b.lead,
           b.lat, b.lon, b.children, c.body #>> '{}' AS address
      FROM board b
      LEFT JOIN contents c ON c.id = b.address_id AND c.erased_at IS NULL
     WHERE b.category = ANY(%(categories)s) AND NOT b.confidential AND NOT b.test
       AND NOT b.state = ANY(%(over)s)
       AND b.registered_at BETWEEN %(earliest)s AND %(latest)s
       AND ((b.lat BETWEEN %(south)s AND %(north)s AND b.lon BETWEEN %(west)s AND %(east)s)
            OR (%(named)s AND b.address_id IS NOT NULL)
            OR (b.grid = %(grid)s AND b.category = %(category)s))
     ORDER BY b.registered_at, b.id
     LIMIT %(limit)s
"""


def candidates(
    connection: Connection,
    categories: Sequence[str],
    place: Place,
    *,
    named: bool,
    metres: float,
    at: datetime,
    within: timedelta,
    category: str | None = None,
) -> Sequence[Candidate]:
    """Whistles in a square around the point; the oldest first.

    `named` adds all that have an address; `category` adds those of it in the same grid.
    `tracker.suggesting.nearby` decides which are near enough, or have the same address.
    """
    parameters = {
        "categories": list(categories),
        "over": sorted(TERMINAL),
        "earliest": at - within,
        "latest": at + within,
        "named": named,
        "grid": place.grid,
        "category": category,
        "limit": AT_MOST,
        **_square(place, metres),
    }
    with connection.cursor(row_factory=class_row(Candidate)) as cursor:
        return cursor.execute(CANDIDATES, parameters).fetchall()


def _square(place: Place, metres: float) -> dict[str, float | None]:
    if place.lat is None or place.lon is None:
        return dict.fromkeys(("south", "north", "west", "east"))
    up = metres / METRES_PER_DEGREE
    sideways = up / max(cos(radians(place.lat)), 0.01)
    return {
        "south": place.lat - up,
        "north": place.lat + up,
        "west": place.lon - sideways,
        "east": place.lon + sideways,
    }
