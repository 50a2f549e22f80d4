"""交接班, the commands: what the shift leaves behind is counted, signed, and received."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from psycopg import Connection

from tracker.commands.deciding import Deciding
from tracker.commands.post_records import append, change, load
from tracker.commands.spoken import Spoken
from tracker.contexts.handover.projection import done, handovers_of, turned_red
from tracker.contexts.handover.record import Handover, UnknownHandover, handover_id
from tracker.domain.actors import Actor
from tracker.domain.errors import Refusal
from tracker.domain.whistle.events import TERMINAL, State
from tracker.eventstore.idempotency import IdempotencyRecord
from tracker.projections.board import board
from tracker.projections.board.query import BoardQuery, Scope

USUAL = timedelta(hours=8)
OPEN = sorted(set(State) - TERMINAL)


@dataclass(frozen=True)
class Left:
    """What a post leaves behind at a moment, as it is signed."""

    began_at: datetime
    open_by_state: Mapping[str, int]
    open_by_card: Mapping[str, int]
    turned_red: Sequence[str]
    done: Mapping[str, int]

    @property
    def open(self) -> int:
        return sum(self.open_by_state.values())


def began(connection: Connection[Any], post: str, at: datetime) -> datetime:
    """When the shift began that ends now, as far as the last note tells."""
    last = next(iter(handovers_of(connection, post, limit=1).items), None)
    return began_after(last.ended_at if last else None, at)


def began_after(last: datetime | None, at: datetime) -> datetime:
    """The last note's end, if that is not longer ago than a long shift; else eight hours ago."""
    return last if last is not None and at - last <= 3 * USUAL else at - USUAL


def left(connection: Connection[Any], post: str, began_at: datetime, at: datetime) -> Left:
    """Counted from the same lists that the board shows, confidential whistles included."""
    asked = BoardQuery(Scope(posts=[post], confidential=True), at, OPEN)
    states, cards = Counter[str](), Counter[str]()
    for count in board.counts(connection, asked):
        states[count.state] += count.whistles
        cards[count.card] += count.whistles
    return Left(
        began_at,
        states,
        cards,
        turned_red(connection, post, began_at, at),
        done(connection, post, began_at, at),
    )


def sign(
    tracker: Deciding,
    post: str,
    *,
    began_at: datetime,
    note: str | None,
    actor: Actor,
    at: datetime,
    idempotency: IdempotencyRecord | None = None,
) -> tuple[Handover, int]:
    """Sign what is left; the figures are counted now, not taken from a form."""
    said = Spoken(tracker.recorder.pool, handover_id(post, at)).say("note", note)
    with tracker.connection() as connection:
        counted = left(connection, post, began_at, at)
    record = Handover.sign(
        post=post,
        began_at=began_at,
        open_by_state=counted.open_by_state,
        open_by_card=counted.open_by_card,
        turned_red=counted.turned_red,
        done=counted.done,
        actor=actor,
        at=at,
        words=tuple(said.refs),
    )
    return record, append(tracker, record, said, idempotency)


# Served by stored_events_position.
SIGNED_AT = "SELECT originator_id FROM stored_events WHERE position = %(position)s"


def signed_at(connection: Connection[Any], position: int) -> UUID:
    """The note of which an event stands at that position of the log."""
    row = connection.execute(SIGNED_AT, {"position": position}).fetchone()
    assert row is not None
    id: UUID = row[0]
    return id


def may_receive(record: Handover, actor: Actor, at: datetime) -> bool:
    """Whether the note's own guard would let this person take the post over now."""
    try:
        record.may_receive(actor, at)
    except Refusal:
        return False
    return True


def receive(
    tracker: Deciding,
    id: UUID,
    *,
    note: str | None,
    actor: Actor,
    at: datetime,
    idempotency: IdempotencyRecord | None = None,
) -> tuple[Handover, int]:
    """The incoming takes over."""
    said = Spoken(tracker.recorder.pool, id).say("note", note)
    find = partial(load, tracker, Handover, id, UnknownHandover())

    def decide(record: Handover, moment: datetime) -> None:
        record.receive(actor=actor, at=moment, words=tuple(said.refs))

    return change(tracker, find, decide, at=at, said=said, idempotency=idempotency)
