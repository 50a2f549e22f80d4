"""One row per whistle, its present state, for queues, lists, search and map. The row: `row.py`."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from psycopg.rows import class_row

from tracker.domain.whistle.annulling import Annulled
from tracker.domain.whistle.assignment import Assignment, AssignmentState
from tracker.domain.whistle.confiding import MarkedConfidential, UnmarkedConfidential
from tracker.domain.whistle.consequences import EmergencyBegan, PartEnded, PartsMoved
from tracker.domain.whistle.correcting import ClassRaised, Corrected
from tracker.domain.whistle.dispatching import Acknowledged, Claimed, CoAdded, CoRemoved
from tracker.domain.whistle.ending import (
    ExcludedFromScoring,
    ReporterWithdrew,
    TransferredOut,
    Voided,
    Withdrawn,
)
from tracker.domain.whistle.events import Event
from tracker.domain.whistle.following_up import Closed, ReworkOrdered
from tracker.domain.whistle.mending import Mended
from tracker.domain.whistle.merging import ChildJoined, ChildLeft, Merged, Unmerged
from tracker.domain.whistle.overseeing import (
    Deescalated,
    Escalated,
    HandedOver,
    MissLifted,
    SupervisionClosed,
    SupervisionOpened,
)
from tracker.domain.whistle.passing_time import DeadlineMissed, DeadlineNeared
from tracker.domain.whistle.raising import Amended, Raised, ReporterJoined
from tracker.domain.whistle.recomputing import DeadlinesRecomputed
from tracker.domain.whistle.reopening import Reopened, VoidOverturned
from tracker.domain.whistle.resolving import CoFinished, Submitted, VerificationFailed
from tracker.domain.whistle.responding import Responded
from tracker.domain.whistle.returning import (
    ReturnRejected,
    ReturnRequested,
    ReturnUpheld,
    ReturnWithdrawn,
)
from tracker.domain.whistle.sending import Dispatched
from tracker.domain.whistle.triage import Classified, Located, SelfResolutionClosed
from tracker.eventstore.connections import Connection
from tracker.projections.board.matches import CARD, MATCHES
from tracker.projections.board.query import (
    LARGEST_PAGE,
    BadCursor,
    BoardQuery,
    Cursor,
    Page,
    Scope,
    UnknownSort,
    matching,
)
from tracker.projections.board.row import BoardRow, ShownClock, keys_of
from tracker.projections.engine.reader import Recorded
from tracker.projections.engine.tables import Table

__all__ = [
    "Board",
    "BoardQuery",
    "BoardRow",
    "BadCursor",
    "Count",
    "Page",
    "Scope",
    "ShownClock",
    "UnknownSort",
    "by_id",
    "by_number",
    "counts",
    "find",
]

TABLE = Table("board", BoardRow, key=("id",), owner="id")

Rows = dict[UUID, BoardRow]


class Board:
    """Every whistle ever raised, one row each."""

    name = "board"
    version = 5  # a part that was claimed is known as one
    topics = "whistle."
    tables = (TABLE,)

    def load(self, connection: Connection, events: Sequence[Recorded]) -> Rows:
        older = {r.event.originator_id for r in events if r.event is not None}
        return {row.id: row for row in TABLE.load(connection, older)}

    def fold(self, rows: Rows, recorded: Recorded) -> None:
        event: Event = recorded.event
        if isinstance(event, Raised):
            rows[event.originator_id] = opened(event)
        row = rows[event.originator_id]
        change(row, event)
        row.apply_common(event, recorded.position)

    def write(self, connection: Connection, rows: Rows) -> None:
        TABLE.write(connection, rows.values())


def opened(raised: Raised) -> BoardRow:
    return BoardRow(
        id=raised.originator_id,
        number=raised.number,
        state=raised.state,
        category=raised.category,
        sla_class=raised.sla_class,
        urgency=raised.urgency,
        confidential=raised.confidential,
        source=raised.source,
        anonymous=raised.anonymous,
        test=raised.test,
        reporters=keys_of(raised.reporter, raised.receipt),
        registered_at=raised.at,
        occurred_at=raised.occurred_at,
        updated_at=raised.at,
        photos=raised.photos,
    )


def change(row: BoardRow, event: Event) -> None:
    """Apply what is special to this event. What all events share: `BoardRow.apply_common`."""
    match event:
        case Raised(place=place, words=words):
            row.place(place)
            row.set_words(words)
        case Amended(photos=photos):
            row.photos += photos
        case ReporterJoined(reporter=reporter, receipt=receipt, words=words):
            row.reporters += keys_of(reporter, receipt)
            row.photos += sum(word.kind == "photo" for word in words)
        case Located(place=place):
            row.place(place)
        case HandedOver(post=post):
            row.post = post
        case Classified(category=category, sla_class=sla_class, confidential=confidential):
            row.classify(category, sla_class)
            row.confidential = confidential
        case Corrected(place=place, category=category, sla_class=sla_class, occurred_at=seen):
            row.place(place)
            row.classify(category, sla_class)
            row.occurred_at = seen or row.occurred_at
        case Claimed():
            row.assign(event.part)
        case CoAdded(assignment=task):
            row.assign(task)
        case Dispatched(lead=lead, co=co):
            row.assign(*co, lead)
        case (
            EmergencyBegan(parts=parts)
            | PartsMoved(parts=parts)
            | DeadlinesRecomputed(parts=parts)
            | Mended(parts=parts)
        ):
            row.assign(*parts)
        case PartEnded(unit=unit, successor=task):
            row.set_assignment_state(unit, AssignmentState.REMOVED)
            row.assign(*([task] if task else []))
        case ClassRaised(sla_class=sla_class):
            row.classify(None, sla_class)
        case MarkedConfidential():
            row.confidential = True
        case UnmarkedConfidential():
            row.confidential = False
        case Acknowledged(unit=unit, timestamp=at):
            row.change_assignment(unit, lambda task: task.acknowledge(at))
        case Responded(unit=unit, timestamp=at, lead=leads, kind=kind):
            row.change_assignment(unit, lambda task: task.respond(at, kind))
            row.responded_at = row.responded_at or (at if leads else None)
        case ReturnRequested(unit=unit):
            row.set_assignment_state(unit, AssignmentState.RETURN_PENDING)
        case ReturnUpheld(unit=unit):
            row.set_assignment_state(unit, AssignmentState.RETURNED)
        case ReturnRejected(unit=unit) | ReturnWithdrawn(unit=unit) | Submitted(unit=unit):
            row.change_assignment(unit, Assignment.settle)
        case CoRemoved(unit=unit):
            row.set_assignment_state(unit, AssignmentState.REMOVED)
        case CoFinished(unit=unit):
            row.set_assignment_state(unit, AssignmentState.FINISHED)
        case DeadlineNeared(shows_yellow=True) if row.card == "none":
            row.card = "yellow"
        case DeadlineMissed(kind=kind, unit=unit):
            row.card = "red" if event.shows_red else row.card
            row.missed.append(kind if unit is None else f"{kind}:{unit}")
        case Escalated(level=level) | Deescalated(level=level):
            row.level = level
        case MissLifted(kind=kind, card=card, level=level, supervised=supervised):
            row.card, row.level, row.supervised = card, level, supervised
            row.missed = [key for key in row.missed if key != kind]
        case SupervisionOpened():
            row.supervised = True
        case SupervisionClosed():
            row.supervised = False
        case Annulled(card=card, level=level, supervised=supervised, clocks=clocks):
            row.card, row.level, row.supervised = card, level, supervised
            row.unmiss(clocks)
        case VerificationFailed() | ReworkOrdered():
            row.reworks += 1
        case Closed(timestamp=at) | SelfResolutionClosed(timestamp=at):
            row.closed_at = at
        case Reopened(cycle=cycle, assignment=task):
            row.start_cycle(cycle, task)
        case Merged(into=into, into_number=number):
            row.merged_into, row.merged_into_number = into, number
            row.children = 0
            row.end_assignments()
        case Unmerged(now=now, clocks=clocks):
            row.merged_into = row.merged_into_number = None
            row.stand_as(now, clocks)
        case ChildJoined(now=now, clocks=clocks):
            row.children += 1
            row.stand_as(now, clocks)
        case ChildLeft(now=now, ended=ended, clocks=clocks):
            row.children -= 1
            for unit in ended:
                row.set_assignment_state(unit, AssignmentState.REMOVED)
            row.stand_as(now, clocks)
        case ReporterWithdrew(child_ended=True):
            row.children -= 1
        case Withdrawn() | Voided() | TransferredOut():
            row.children = 0
            row.end_assignments()
        case VoidOverturned(parts=parts) if parts:
            row.take_back(parts)
        case ExcludedFromScoring():
            row.excluded = True


NEWEST = f"""
    SELECT json_agg(page)::text
      FROM (SELECT * FROM board
             WHERE {MATCHES}
               AND (%(moment)s::timestamptz IS NULL
                    OR (registered_at, id) < (%(moment)s::timestamptz, %(id)s::uuid))
             ORDER BY registered_at DESC, id DESC
             LIMIT %(limit)s) page
"""

OLDEST = f"""
    SELECT json_agg(page)::text
      FROM (SELECT * FROM board
             WHERE {MATCHES}
               AND (%(moment)s::timestamptz IS NULL
                    OR (registered_at, id) > (%(moment)s::timestamptz, %(id)s::uuid))
             ORDER BY registered_at, id
             LIMIT %(limit)s) page
"""

# Whistles without a running promise come last.
SOONEST_DUE = f"""
    SELECT json_agg(page)::text
      FROM (SELECT * FROM board
             WHERE {MATCHES}
               AND (%(moment)s::timestamptz IS NULL
                    OR (coalesce(next_due, 'infinity'), id)
                       > (%(moment)s::timestamptz, %(id)s::uuid))
             ORDER BY coalesce(next_due, 'infinity'), id
             LIMIT %(limit)s) page
"""

HIGHEST_LEVEL = f"""
    SELECT json_agg(page)::text
      FROM (SELECT * FROM board
             WHERE {MATCHES}
               AND (%(moment)s::timestamptz IS NULL
                    OR (-level, coalesce(next_due, 'infinity'), id)
                       > (%(rank)s::int, %(moment)s::timestamptz, %(id)s::uuid))
             ORDER BY -level, coalesce(next_due, 'infinity'), id
             LIMIT %(limit)s) page
"""

SORTS = {"newest": NEWEST, "oldest": OLDEST, "due": SOONEST_DUE, "level": HIGHEST_LEVEL}


def find(connection: Connection, query: BoardQuery) -> Page:
    """A page of whistles. Rows that are added between two pages neither repeat nor hide others.

    Raises UnknownSort, or BadCursor for one that no earlier page of this sort gave.
    """
    if query.sort not in SORTS:
        raise UnknownSort(sort=query.sort, known=", ".join(SORTS))
    limit = max(1, min(query.limit, LARGEST_PAGE))
    parameters = (
        matching(query) | Cursor.read(query.cursor, query.sort).parameters | {"limit": limit + 1}
    )
    answer = connection.execute(SORTS[query.sort], parameters, prepare=False).fetchone()
    rows = TABLE.read(answer)
    more = len(rows) > limit
    page = rows[:limit]
    return Page(page, Cursor.after(page[-1], query.sort).text if more else None)


# Served by the primary key, and by board_number.
BY_ID = "SELECT json_agg(board)::text FROM board WHERE id = %(id)s"
BY_NUMBER = "SELECT json_agg(board)::text FROM board WHERE number = %(number)s"


def by_id(connection: Connection, id: UUID) -> BoardRow | None:
    return next(iter(TABLE.read(connection.execute(BY_ID, {"id": id}).fetchone())), None)


def by_number(connection: Connection, number: str) -> BoardRow | None:
    parameters = {"number": number}
    return next(iter(TABLE.read(connection.execute(BY_NUMBER, parameters).fetchone())), None)


# Served by board_number.
BY_NUMBERS = """
    SELECT json_agg(board ORDER BY number)::text FROM board WHERE number = ANY(%(numbers)s)
"""


def by_numbers(connection: Connection, numbers: Sequence[str]) -> list[BoardRow]:
    """The rows of those `numbers` that are on the board."""
    return TABLE.read(connection.execute(BY_NUMBERS, {"numbers": list(numbers)}).fetchone())


BY_IDS = "SELECT json_agg(board)::text FROM board WHERE id = ANY(%(ids)s)"


def by_ids(connection: Connection, ids: Sequence[UUID]) -> dict[UUID, BoardRow]:
    """The rows of those `ids` that are on the board. Served by the primary key."""
    found = TABLE.read(connection.execute(BY_IDS, {"ids": list(ids)}).fetchone())
    return {row.id: row for row in found}


@dataclass(frozen=True)
class Count:
    """How many whistles in a state show a card: none, yellow, red or paused."""

    state: str
    card: str
    whistles: int


# Served by the indexes of MATCHES.
COUNTS = f"""
    SELECT state, shown AS card, count(*)::int AS whistles
      FROM (SELECT state, {CARD} AS shown FROM board WHERE {MATCHES}) seen
     GROUP BY 1, 2
     ORDER BY 1, 2
"""


def counts(connection: Connection, query: BoardQuery) -> list[Count]:
    """Counts by state and card of all whistles that `query` finds, not only of one page."""
    with connection.cursor(row_factory=class_row(Count)) as cursor:
        return cursor.execute(COUNTS, matching(query), prepare=False).fetchall()
