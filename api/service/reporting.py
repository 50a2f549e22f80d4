"""Somebody becomes a reporter: raises a whistle, or joins one that is there already.

Who has no account gets a receipt: a code that is shown once, and of which only a hash is kept.
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
from tracker.suggesting.joining import JoinNearby, Looking, near
from tracker.suggesting.nearby import Near

OFFERED = 3


@dataclass(frozen=True)
class Reported:
    """`receipt` is the code of a reporter without account, else None."""

    whistle: Whistle
    position: int
    receipt: str | None


def raise_for(tracker: Tracker, command: Raise, caller: Person, once: Once) -> Reported:
    """Raise it for the caller.

    Whoever asks to stay anonymous is nobody to the log, signed in or not. Raised on behalf of
    somebody, it is that person's: the receipt is for him.
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
    """Join one that is offered for this place and kind, and no other."""
    reporter = ANYBODY if command.anonymous else caller
    receipt = receipt_for(tracker, reporter, once) if reporter is ANYBODY else None
    kept, number = receipt.hash if receipt else None, command.number
    done = give(tracker, command, number, reporter, once, subject=None, receipt=kept)
    return Reported(done.aggregate, done.position, receipt.code if receipt else None)


def receipt_for(tracker: Tracker, reporter: Person, once: Once) -> Receipt:
    """A phone that sends its report again under the same key is given the same code again."""
    request = f"{actor_key(reporter)}\0{once.key}\0{once.digest}" if once.key else None
    return Receipt.new(tracker.settings.secret(), request)


def look(tracker: Tracker, asked: Looking) -> Sequence[Near]:
    """What is open nearby of that kind, the nearest first."""
    return near(tracker, asked, now())
