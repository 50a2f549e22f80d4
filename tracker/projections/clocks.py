"""Clocks by due time: the SLA boards, and what the scheduler sweeps.

An event carries each clock that it changed as a whole, so the fold only stores it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from psycopg.rows import class_row

from tracker.domain.promises.clocks import Clock, Mark
from tracker.domain.whistle.events import Event
from tracker.eventstore.connections import Connection
from tracker.projections.engine.reader import Recorded
from tracker.projections.engine.tables import Table


@dataclass(slots=True)
class ClockRow:
    """A clock's present state with its next mark. `key` is the kind, or kind:unit."""

    whistle: UUID
    key: str
    kind: str
    unit: str | None
    cycle: int
    started_at: datetime
    due: datetime
    stopped_at: datetime | None
    held_at: datetime | None
    marks: dict[Mark, datetime]
    reached: list[str]
    next_mark: str | None
    next_mark_at: datetime | None
    provisional: bool
    missing_years: list[int]
    policy_version: int
    position: int


TABLE = Table("clocks", ClockRow, key=("whistle", "key"), owner="whistle")

Rows = dict[tuple[UUID, str], ClockRow]


class Clocks:
    """Every clock of every whistle, stopped ones included."""

    name = "clocks"
    version = 1
    topics = "whistle."
    tables = (TABLE,)

    def load(self, connection: Connection, events: Sequence[Recorded]) -> Rows:
        return {}  # an event says all about its clocks

    def fold(self, rows: Rows, recorded: Recorded) -> None:
        event: Event = recorded.event
        for clock in event.clocks:
            key = clock.key
            rows[event.originator_id, key] = row_of(
                event.originator_id, key, clock, recorded.position
            )

    def write(self, connection: Connection, rows: Rows) -> None:
        TABLE.write(connection, rows.values())


def row_of(whistle: UUID, key: str, clock: Clock, position: int) -> ClockRow:
    mark, mark_at = clock.next_mark() or (None, None)
    return ClockRow(
        whistle,
        key,
        clock.kind,
        clock.unit,
        clock.cycle,
        clock.started_at,
        clock.due,
        clock.stopped_at,
        clock.held_at,
        dict(clock.marks),
        list(clock.reached),
        mark,
        mark_at,
        clock.provisional,
        list(clock.missing_years),
        clock.policy_version,
        position,
    )


@dataclass(frozen=True, order=True)
class FallenDue:
    """A whistle that has something to record, and since when."""

    at: datetime
    whistle: UUID


# Served by clocks_run_out (next_mark_at, whistle) WHERE next_mark_at IS NOT NULL.
RUN_OUT = """
    SELECT DISTINCT next_mark_at AS at, whistle
      FROM clocks
     WHERE next_mark_at < %(now)s
       AND (next_mark_at, whistle) > (%(at)s, %(whistle)s)
     ORDER BY next_mark_at, whistle
     LIMIT %(limit)s
"""

BEFORE_ALL = FallenDue(datetime.fromisoformat("0001-01-02T00:00+00:00"), UUID(int=0))


def run_out(
    connection: Connection, now: datetime, limit: int, after: FallenDue = BEFORE_ALL
) -> list[FallenDue]:
    """Whistles with a mark due before `now`, the longest due first, starting after `after`.

    Not at `now` itself: a deadline is kept at its very second.
    """
    asked = {"now": now, "at": after.at, "whistle": after.whistle, "limit": limit}
    with connection.cursor(row_factory=class_row(FallenDue)) as cursor:
        return cursor.execute(RUN_OUT, asked).fetchall()


# Served by clocks_in_doubt (whistle) WHERE held_at IS NULL AND missing_years <> '{}'.
PROVISIONAL = """
    SELECT DISTINCT whistle FROM clocks
     WHERE held_at IS NULL
       AND missing_years <> '{}' AND %(year)s = ANY(missing_years)
     ORDER BY whistle
"""

# Served by the same index.
MISSING_YEARS = """
    SELECT DISTINCT unnest(missing_years) AS year FROM clocks
     WHERE held_at IS NULL AND missing_years <> '{}'
     ORDER BY year
"""


def provisional(connection: Connection, year: int) -> list[UUID]:
    """Whistles with a clock that waits for the calendar of `year`."""
    return [whistle for (whistle,) in connection.execute(PROVISIONAL, {"year": year})]


def missing_years(connection: Connection) -> list[int]:
    """The years whose calendars clocks wait for, stopped ones too."""
    return [year for (year,) in connection.execute(MISSING_YEARS)]


# Served by the primary key (whistle, key).
OF = """
    SELECT json_agg(clocks ORDER BY whistle, key)::text FROM clocks WHERE whistle = ANY(%s)
"""


def of(connection: Connection, whistles: Sequence[UUID]) -> list[ClockRow]:
    """All clocks of these whistles."""
    return TABLE.read(connection.execute(OF, [list(whistles)]).fetchone())
