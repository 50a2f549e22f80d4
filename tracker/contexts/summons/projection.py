"""吹哨报到 as lists: who was called where and until when, who came, who is missing."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from tracker.contexts.summons.record import (
    Attendance,
    Call,
    Summoned,
    SummonsCancelled,
    SummonsEnded,
    UnitArrived,
    UnitMissing,
    next_absence,
)
from tracker.domain.post_record import PostRecordEvent
from tracker.eventstore.connections import Connection
from tracker.projections.engine.reader import Recorded
from tracker.projections.engine.tables import Table

LISTED = 100


@dataclass(slots=True)
class SummonsRow:
    """A summons. `next_due` is when the next absence must be recorded; None: no unit is awaited."""

    id: UUID
    number: str
    post: str
    street: str
    state: str
    units: list[str]
    called_by: str
    called_at: datetime
    meet_at: datetime
    arrive_by: datetime
    attendance: list[Attendance] = field(default_factory=list)
    grid: str | None = None
    lat: float | None = None
    lon: float | None = None
    whistle: str | None = None
    next_due: datetime | None = None
    ended_at: datetime | None = None
    level: int = 0
    reason_id: UUID | None = None
    address_id: UUID | None = None
    version: int = 0
    position: int = 0

    @property
    def arrived(self) -> int:
        return sum(not one.absent for one in self.attendance)

    def of(self, unit: str) -> Attendance | None:
        return next((one for one in self.attendance if one.unit == unit), None)


TABLE = Table("summonses", SummonsRow, key=("id",), owner="id")


Rows = dict[UUID, SummonsRow]


class Summonses:
    """Every summons, one row each."""

    name = "summonses"
    version = 1
    topics = "summons."
    tables = (TABLE,)

    def load(self, connection: Connection, events: Sequence[Recorded]) -> Rows:
        older = {r.event.originator_id for r in events if r.event is not None}
        return {row.id: row for row in TABLE.load(connection, older)}

    def fold(self, rows: Rows, recorded: Recorded) -> None:
        event: PostRecordEvent = recorded.event
        if isinstance(event, Summoned):
            rows[event.originator_id] = opened(event)
        row = rows[event.originator_id]
        change(row, event)
        row.version, row.position = event.originator_version, recorded.position

    def write(self, connection: Connection, rows: Rows) -> None:
        TABLE.write(connection, rows.values())


def opened(event: Summoned) -> SummonsRow:
    said = {word.kind: word.id for word in event.words}
    return SummonsRow(
        id=event.originator_id,
        number=event.number,
        post=event.post,
        street=event.street,
        state=Call.OPEN,
        units=list(event.units),
        attendance=[Attendance(unit) for unit in event.units],
        called_by=event.by,
        called_at=event.at,
        meet_at=event.meet_at,
        arrive_by=event.arrive_by,
        grid=event.place.grid,
        lat=event.place.lat,
        lon=event.place.lon,
        whistle=event.whistle,
        reason_id=said.get("reason"),
        address_id=said.get("address"),
    )


def change(row: SummonsRow, event: PostRecordEvent) -> None:
    match event:
        case UnitArrived() | UnitMissing():
            row.attendance = [
                event.attended(one) if one.unit == event.unit else one for one in row.attendance
            ]
        case SummonsEnded():
            row.state, row.ended_at = Call.ENDED, event.at
        case SummonsCancelled():
            row.state, row.ended_at = Call.CANCELLED, event.at
    row.level = max(one.level for one in row.attendance)
    due = next_absence(Call(row.state), row.attendance, row.arrive_by)
    row.next_due = due[0] if due else None


# Served by summonses_meet; by summonses_post, _street and _units where the scope names one of them;
# the summons before the page by summonses_number.
FIND = """
    SELECT json_agg(found ORDER BY found.meet_at DESC, found.number DESC)::text
      FROM (SELECT *
              FROM summonses
             WHERE (%(whole)s OR post = ANY(%(posts)s) OR street = ANY(%(streets)s)
                    OR units && %(units)s)
               AND (%(states)s::text[] IS NULL OR state = ANY(%(states)s))
               AND (%(behind)s::text IS NULL OR (meet_at, number) <
                    (SELECT meet_at, number FROM summonses WHERE number = %(behind)s))
             ORDER BY meet_at DESC, number DESC
             LIMIT %(limit)s) AS found
"""


@dataclass(frozen=True)
class SummonsScope:
    """Which summonses: those that match any of the fields, or the whole city's."""

    whole: bool = False
    posts: Sequence[str] = ()
    streets: Sequence[str] = ()
    units: Sequence[str] = ()


@dataclass(frozen=True)
class SummonsPage:
    """A page of summonses. The following page begins after number `next`; None: there is none."""

    items: Sequence[SummonsRow]
    next: str | None = None


def find(
    connection: Connection,
    whose: SummonsScope,
    *,
    states: Sequence[str] | None = None,
    behind: str | None = None,
    limit: int = LISTED,
) -> SummonsPage:
    """The newest meetings first; `states` None: all states."""
    parameters = {
        "whole": whose.whole,
        "posts": list(whose.posts),
        "streets": list(whose.streets),
        "units": list(whose.units),
        "states": None if states is None else list(states),
        "behind": behind,
        "limit": limit + 1,
    }
    rows = TABLE.read(connection.execute(FIND, parameters).fetchone())
    more = len(rows) > limit
    return SummonsPage(rows[:limit], rows[limit - 1].number if more else None)


# Served by summonses_due.
RUN_OUT = """
    SELECT id
      FROM summonses
     WHERE next_due < %(now)s
     ORDER BY next_due, id
     LIMIT %(limit)s
"""


def run_out(connection: Connection, now: datetime, limit: int) -> list[UUID]:
    """Summonses whose next absence is due by now, the longest due first."""
    return [id for (id,) in connection.execute(RUN_OUT, {"now": now, "limit": limit}).fetchall()]
