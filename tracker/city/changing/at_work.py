"""The open whistles that a change would touch, and whether any promise of theirs would move."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from uuid import UUID

from psycopg.rows import class_row

from tracker.city.changing.city_change import Effect
from tracker.commands.tracker import Tracker
from tracker.domain.errors import Refusal, Words
from tracker.domain.whistle.states import TERMINAL
from tracker.domain.whistle.whistle import Whistle
from tracker.eventstore.connections import Connection
from tracker.projections.engine.log_moments import LogMoments
from tracker.projections.engine.positions import wait_for

# Served by board_grid, board_post, board_units or board_pool, whichever is asked for.
OPEN = """
    SELECT id, number, grid, post, state, sla_class
      FROM board
     WHERE state <> ALL(%(terminal)s)
       AND (%(grids)s::text[] IS NULL OR grid = ANY(%(grids)s))
       AND (%(post)s::text IS NULL OR post = %(post)s)
       AND (%(unit)s::text IS NULL OR units @> ARRAY[%(unit)s::text])
       AND (%(category)s::text IS NULL OR category = %(category)s)
     ORDER BY id
"""


@dataclass(frozen=True)
class OpenWhistle:
    """What a change has to know of an open whistle."""

    id: UUID
    number: str
    grid: str | None
    post: str | None
    state: str
    sla_class: str


LISTED = 6
THESE = Words(zh="即 {numbers}", en="These are {numbers}")
SOME = Words(zh="其中有 {numbers}", en="Among them {numbers}")


def numbers_of(found: Sequence[OpenWhistle]) -> Iterator[Effect]:
    """Their numbers, of many the first few; nothing where there is none."""
    if found:
        numbers = tuple(one.number for one in found[:LISTED])
        yield Effect(THESE if len(found) <= LISTED else SOME, {"numbers": numbers})


def up_to_date(connection: Connection) -> Connection:
    """Wait until board and clocks have the whole log, so that effects are counted on all of it."""
    newest = LogMoments(connection).newest()
    for name in ("board", "clocks"):
        wait_for(connection, name, newest)
    return connection


def open_whistles(
    connection: Connection,
    *,
    grids: Sequence[str] | None = None,
    post: str | None = None,
    unit: str | None = None,
    category: str | None = None,
) -> list[OpenWhistle]:
    """The open whistles of these grids, of this post, unit or category; None asks for any."""
    filters = {"grids": grids, "post": post, "unit": unit, "category": category}
    with up_to_date(connection).cursor(row_factory=class_row(OpenWhistle)) as cursor:
        return cursor.execute(OPEN, {**filters, "terminal": sorted(TERMINAL)}).fetchall()


def promises_moved(
    tracker: Tracker, whistles: Sequence[UUID], decide: Callable[[Whistle], None]
) -> tuple[int, int]:
    """Try `decide` on each whistle, saving nothing: how many get later deadlines, and earlier."""
    later = earlier = 0
    for id in whistles:
        whistle = tracker.whistle(id)
        before = {key: clock.due for key, clock in whistle.clocks.items()}
        try:
            decide(whistle)
        except Refusal:
            continue
        moved = [
            clock.due - before[key]
            for key, clock in whistle.clocks.items()
            if key in before and clock.due != before[key]
        ]
        later += any(by.total_seconds() > 0 for by in moved)
        earlier += any(by.total_seconds() < 0 for by in moved)
    return later, earlier
