"""Raises a whistle for a reporter, or joins him to an open one.

A reporter without an account gets a receipt code. It is shown once; only its hash is stored.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from api.door.access import Person, must_raise_for_others
from api.door.callers import ANYBODY, now
from api.door.once import Once, actor_key
from api.door.receipt_codes import Receipt
from api.door.refusals import NotYours
from api.door.rights_in_words import role_named
from api.service.giving import begin, give
from tracker.commands.earlier import appended_at
from tracker.commands.tracker import Tracker
from tracker.commands.whistle.raising import Raise
from tracker.domain.errors import UnknownWhistle
from tracker.domain.whistle.whistle import Whistle
from tracker.eventstore import idempotency
from tracker.eventstore.idempotency import IdempotencyRecord
from tracker.suggesting.joining import JoinNearby, NearbyQuery, near
from tracker.suggesting.nearby import Near

OFFERED = 3


@dataclass(frozen=True)
class Reported:
    """`receipt`: the code for a reporter without an account, else None."""

    whistle: Whistle
    position: int
    receipt: str | None


def raise_for(
    tracker: Tracker, command: Raise, caller: Person, once: Once, proof: Person | None = None
) -> Reported:
    """Raise a whistle for the caller. `proof`: by whose receipt he names an earlier one as his.

    An anonymous report names nobody in the log, even if the caller is signed in. A whistle raised
    on behalf of somebody belongs to that person, and so does the receipt.
    """
    if command.again_of is not None:
        _must_have_reported(tracker, command.again_of, proof or caller)
    for_others = command.source is not None
    if for_others:
        must_raise_for_others(caller)
    reporter = ANYBODY if command.anonymous else caller
    receipt = receipt_for(tracker, reporter, once) if reporter is ANYBODY or for_others else None
    kept = receipt.hash if receipt else None
    done = begin(tracker, command, reporter, once, subject=None, receipt=kept)
    return Reported(done.aggregate, done.position, receipt.code if receipt else None)


def _must_have_reported(tracker: Tracker, number: str, person: Person) -> None:
    """Raises NotYours, in the same words for a number that does not exist."""
    try:
        mine = tracker.whistle(number).party_of(person.actor) is not None
    except UnknownWhistle:
        mine = False
    if not mine or person is ANYBODY:
        raise NotYours(role=role_named(person.role))


def join_for(tracker: Tracker, command: JoinNearby, caller: Person, once: Once) -> Reported:
    """Join a whistle. Only one that is offered for this place and category is accepted."""
    reporter = ANYBODY if command.anonymous else caller
    receipt = receipt_for(tracker, reporter, once) if reporter is ANYBODY else None
    kept, number = receipt.hash if receipt else None, command.number
    done = give(tracker, command, number, reporter, once, subject=None, receipt=kept)
    return Reported(done.aggregate, done.position, receipt.code if receipt else None)


def reported_before(tracker: Tracker, caller: Person, once: Once) -> Reported | None:
    """What was raised or joined under this key, whatever is sent with it now; None for a new key.

    Somebody who sends a page's form again holds its key: he gets his receipt, also after he has
    changed a word, and is not offered his own whistle.
    """
    if once.key is None:
        return None
    for owner in dict.fromkeys(map(actor_key, (caller, ANYBODY))):
        with tracker.connection() as connection:
            found = idempotency.find(connection, owner, once.key)
            id = appended_at(connection, found.position) if found and found.position else None
        if found is not None and id is not None:
            return _reported_as(tracker, id, found)
    return None


def _reported_as(tracker: Tracker, id: UUID, found: IdempotencyRecord) -> Reported | None:
    try:
        whistle = tracker.whistle(id)
    except UnknownWhistle:  # the key of another form
        return None
    receipt = _receipt(tracker, found.actor, found.key, found.request_digest)
    own = receipt.hash in (whistle.receipt, *whistle.joined)
    return Reported(whistle, found.position or 0, receipt.code if own else None)


def receipt_for(tracker: Tracker, reporter: Person, once: Once) -> Receipt:
    """A new receipt. A report sent again with the same key gets the same code."""
    if once.key is None:
        return Receipt.new(tracker.settings.secret(), None)
    return _receipt(tracker, actor_key(reporter), once.key, once.digest)


def _receipt(tracker: Tracker, owner: str, key: str, digest: str) -> Receipt:
    return Receipt.new(tracker.settings.secret(), f"{owner}\0{key}\0{digest}")


def look(tracker: Tracker, asked: NearbyQuery) -> Sequence[Near]:
    """Open whistles of that category nearby, the nearest first."""
    return near(tracker, asked, now())
