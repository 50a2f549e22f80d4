"""The whistle behind a receipt: what somebody without an account holds in his hand."""

from api.door.access import Person
from api.door.callers import now
from api.door.refusals import UnknownReceipt
from api.reading.reading import newest_position, wait_until
from tracker.commands.tracker import Tracker
from tracker.domain.whistle.whistle import Whistle
from tracker.projections.board import board
from tracker.projections.board.query import BoardQuery, Scope


def whistle_of(tracker: Tracker, holder: Person) -> Whistle:
    """The whistle of a receipt. A code just given out may still be on its way to the board.

    A wrong code waits as long as a right one that is new, so time tells nothing either.
    """
    key = holder.actor.reporter_of or ""
    query = BoardQuery(scope=Scope(reporters=[key]), now=now(), limit=1)
    with tracker.connection() as connection:
        found = board.find(connection, query).items
        if not found:
            wait_until(connection, "board", newest_position(connection))
            found = board.find(connection, query).items
    if not found:
        raise UnknownReceipt
    return tracker.whistle(found[0].id)
