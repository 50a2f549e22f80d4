"""Raises a whistle for a reporter, or joins him to an open one.

A reporter without an account gets a receipt code. It is shown once; only its hash is stored.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from api.door.access import Person, must_raise_for_others
from api.door.callers import ANYBODY, now
from api.door.once import Once, actor_key
from api.door.receipt_codes import Receipt
from api.service.giving import begin, give
from tracker.commands.tracker import Tracker
from tracker.commands.whistle.raising import Raise
from tracker.domain.whistle.whistle import Whistle
from tracker.suggesting.joining import JoinNearby, NearbyQuery, near
from tracker.suggesting.nearby import Near

OFFERED = 3


@dataclass(frozen=True)
class Reported:
    """`receipt`: the code for a reporter without an account, else None."""

    whistle: Whistle
    position: int
    receipt: str | None


def raise_for(tracker: Tracker, command: Raise, caller: Person, once: Once) -> Reported:
    """Raise a whistle for the caller.

    An anonymous report names nobody in the log, even if the caller is signed in. A whistle raised
    on behalf of somebody belongs to that person, and so does the receipt.
    """
    for_others = command.source is not None
    if for_others:
        must_raise_for_others(caller)
    reporter = ANYBODY if command.anonymous else caller
    receipt = receipt_for(tracker, reporter, once) if reporter is ANYBODY or for_others else None
    kept = receipt.hash if receipt else None
    done = begin(tracker, command, reporter, once, subject=None, receipt=kept)
    return Reported(done.aggregate, done.position, receipt.code if receipt else None)


def join_for(tracker: Tracker, command: JoinNearby, caller: Person, once: Once) -> Reported:
    """Join a whistle. Only one that is offered for this place and category is accepted."""
    reporter = ANYBODY if command.anonymous else caller
    receipt = receipt_for(tracker, reporter, once) if reporter is ANYBODY else None
    kept, number = receipt.hash if receipt else None, command.number
    done = give(tracker, command, number, reporter, once, subject=None, receipt=kept)
    return Reported(done.aggregate, done.position, receipt.code if receipt else None)


def receipt_for(tracker: Tracker, reporter: Person, once: Once) -> Receipt:
    """A new receipt. A report sent again with the same key gets the same code."""
    request = f"{actor_key(reporter)}\0{once.key}\0{once.digest}" if once.key else None
    return Receipt.new(tracker.settings.secret(), request)


def look(tracker: Tracker, asked: NearbyQuery) -> Sequence[Near]:
    """Open whistles of that category nearby, the nearest first."""
    return near(tracker, asked, now())
