"""Finds the whistle of a receipt code."""

from api.door.access import Person
from api.door.callers import now
from api.door.refusals import UnknownReceipt
from api.reading.reading import newest_position, wait_until
from tracker.commands.tracker import Tracker
from tracker.domain.whistle.whistle import Whistle
from tracker.projections.board import board
from tracker.projections.board.query import BoardQuery, Scope


def whistle_of(tracker: Tracker, holder: Person) -> Whistle:
    """The whistle of a receipt. Waits a moment, because the board may not have a new code yet.

    A wrong code waits equally long, so the duration reveals nothing.
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
