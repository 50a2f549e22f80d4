"""交接班: the list of a post's notes, and the counts that a note contains."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tracker.contexts.handover.record import HandoverReceived, HandoverSigned
from tracker.domain.post_record import PostRecordEvent
from tracker.eventstore.connections import Connection
from tracker.projections.engine.reader import Recorded
from tracker.projections.engine.tables import Table

LISTED = 30


@dataclass(slots=True)
class HandoverRow:
    """A note. `received_by` None: nobody has taken the post over yet."""

    id: UUID
    post: str
    began_at: datetime
    ended_at: datetime
    open_by_state: dict[str, int]
    open_by_card: dict[str, int]
    turned_red: list[str]
    done: dict[str, int]
    signed_by: str
    note_id: UUID | None = None
    received_by: str | None = None
    received_at: datetime | None = None
    remark_id: UUID | None = None
    version: int = 0
    position: int = 0


TABLE = Table("handovers", HandoverRow, key=("id",), owner="id")

Rows = dict[UUID, HandoverRow]


class Handovers:
    """Every note, one row each."""

    name = "handovers"
    version = 1
    topics = "handover."
    tables = (TABLE,)

    def load(self, connection: Connection, events: Sequence[Recorded]) -> Rows:
        older = {r.event.originator_id for r in events if r.event is not None}
        return {row.id: row for row in TABLE.load(connection, older)}

    def fold(self, rows: Rows, recorded: Recorded) -> None:
        event: PostRecordEvent = recorded.event
        said = next((word.id for word in event.words), None)
        match event:
            case HandoverSigned():
                rows[event.originator_id] = HandoverRow(
                    id=event.originator_id,
                    post=event.post,
                    began_at=event.began_at,
                    ended_at=event.ended_at,
                    open_by_state=event.open_by_state,
                    open_by_card=event.open_by_card,
                    turned_red=list(event.turned_red),
                    done=event.done,
                    signed_by=event.by,
                    note_id=said,
                )
            case HandoverReceived():
                row = rows[event.originator_id]
                row.received_by, row.received_at, row.remark_id = event.by, event.at, said
        row = rows[event.originator_id]
        row.version, row.position = event.originator_version, recorded.position

    def write(self, connection: Connection, rows: Rows) -> None:
        TABLE.write(connection, rows.values())


# Served by handovers_post; the note before the page by the primary key.
OF_POST = """
    SELECT json_agg(found ORDER BY found.ended_at DESC)::text
      FROM (SELECT *
              FROM handovers
             WHERE post = %(post)s
               AND (%(behind)s::uuid IS NULL OR ended_at <
                    (SELECT ended_at FROM handovers WHERE id = %(behind)s))
             ORDER BY ended_at DESC
             LIMIT %(limit)s) AS found
"""


@dataclass(frozen=True)
class HandoverPage:
    """A page of notes. The following page begins after the note `next`; None: there is none."""

    items: Sequence[HandoverRow]
    next: UUID | None = None


def handovers_of(
    connection: Connection, post: str, *, behind: UUID | None = None, limit: int = LISTED
) -> HandoverPage:
    """The newest first."""
    parameters = {"post": post, "behind": behind, "limit": limit + 1}
    rows = TABLE.read(connection.execute(OF_POST, parameters).fetchone())
    more = len(rows) > limit
    return HandoverPage(rows[:limit], rows[limit - 1].id if more else None)


def handover(connection: Connection, id: UUID) -> HandoverRow | None:
    return next(iter(TABLE.load(connection, [id])), None)


# Served by timeline_missed (at), and the primary keys of board and timeline. What was annulled
# never happened.
TURNED_RED = """
    SELECT DISTINCT b.number
      FROM timeline t
      JOIN board b ON b.id = t.whistle
     WHERE t.topic = 'whistle.deadline_missed' AND t.at > %(after)s AND t.at <= %(upto)s
       AND b.post = %(post)s
       AND NOT EXISTS (
           SELECT FROM timeline a
            WHERE a.whistle = t.whistle AND a.topic = 'whistle.annulled'
              AND a.facts -> 'events'
                  @> jsonb_build_array(jsonb_build_object('version', t.version)))
     ORDER BY b.number
"""


def turned_red(connection: Connection, post: str, after: datetime, upto: datetime) -> Sequence[str]:
    """The post's whistles that missed a promise in the shift."""
    parameters = {"post": post, "after": after, "upto": upto}
    return [number for (number,) in connection.execute(TURNED_RED, parameters).fetchall()]


# Served by timeline_post (post, at).
DONE = """
    SELECT topic, count(*)
      FROM timeline
     WHERE post = %(post)s AND at > %(after)s AND at <= %(upto)s
     GROUP BY topic
     ORDER BY count(*) DESC, topic
"""


def done(connection: Connection, post: str, after: datetime, upto: datetime) -> Mapping[str, int]:
    """How many events of each topic the post's people caused in the shift."""
    parameters = {"post": post, "after": after, "upto": upto}
    return dict(connection.execute(DONE, parameters).fetchall())
