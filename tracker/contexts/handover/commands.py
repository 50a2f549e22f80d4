"""交接班, the commands: count and sign what the shift leaves open, and receive it."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from tracker.commands.command import Command, Given, Opening, kept_as
from tracker.commands.fields import Code, Moment, Note
from tracker.commands.tracker import Tracker
from tracker.contexts.handover.projection import done, handovers_of, turned_red
from tracker.contexts.handover.record import Handover, UnknownHandover, handover_id
from tracker.domain.actors import Actor
from tracker.domain.errors import Refusal, Words
from tracker.domain.whistle.events import TERMINAL, State
from tracker.eventstore.connections import Connection
from tracker.projections.board import board
from tracker.projections.board.query import BoardQuery, Scope

USUAL = timedelta(hours=8)
OPEN = sorted(set(State) - TERMINAL)


@dataclass(frozen=True)
class Left:
    """The figures of a post at a moment, as they are signed."""

    began_at: datetime
    open_by_state: Mapping[str, int]
    open_by_card: Mapping[str, int]
    turned_red: Sequence[str]
    done: Mapping[str, int]

    @property
    def open(self) -> int:
        return sum(self.open_by_state.values())


def began(connection: Connection, post: str, at: datetime) -> datetime:
    """When the shift that ends now began, according to the last note."""
    last = next(iter(handovers_of(connection, post, limit=1).items), None)
    return began_after(last.ended_at if last else None, at)


def began_after(last: datetime | None, at: datetime) -> datetime:
    """The end of the last note; eight hours ago if that is older than a long shift."""
    return last if last is not None and at - last <= 3 * USUAL else at - USUAL


def left(connection: Connection, post: str, began_at: datetime, at: datetime) -> Left:
    """Count from the lists that the board shows, including confidential whistles."""
    query = BoardQuery(Scope(posts=[post], confidential=True), at, OPEN)
    states, cards = Counter[str](), Counter[str]()
    for count in board.counts(connection, query):
        states[count.state] += count.whistles
        cards[count.card] += count.whistles
    return Left(
        began_at,
        states,
        cards,
        turned_red(connection, post, began_at, at),
        done(connection, post, began_at, at),
    )


@dataclass(frozen=True, kw_only=True)
class Sign(Opening[Handover]):
    """`post`: the caller's own if left out. The server counts the figures now."""

    name = "sign"
    label = Words("交班签字", "Hand over the shift")
    right = "hand-over"
    said = kept_as(note="note")

    began_at: Moment
    note: Note | None = None
    post: Code | None = None

    def stream(self, tracker: Tracker, number: str | UUID) -> UUID:
        return UUID(str(number))

    def name_stream(self, tracker: Tracker, actor: Actor, at: datetime) -> tuple[str, UUID]:
        """A note has no number, only its id: a post signs one note at a moment."""
        id = handover_id(self.post_of(tracker, actor), at)
        return str(id), id

    def post_of(self, tracker: Tracker, actor: Actor) -> str:
        return tracker.city.post(self.post or actor.post or "").code

    def begin(self, number: str, given: Given) -> Handover:
        post = self.post_of(given.tracker, given.actor)
        with given.tracker.connection() as connection:
            counted = left(connection, post, self.began_at, given.at)
        return Handover.sign(
            post=post,
            began_at=self.began_at,
            open_by_state=counted.open_by_state,
            open_by_card=counted.open_by_card,
            turned_red=counted.turned_red,
            done=counted.done,
            **given.by,
        )


@dataclass(frozen=True, kw_only=True)
class Receive(Command[Handover]):
    """The next shift takes over; `note` says what differs from the handover note."""

    name = "receive"
    label = Words("接班", "Receive the shift")
    said = kept_as(note="note")

    note: Note | None = None

    def stream(self, tracker: Tracker, number: str | UUID) -> UUID:
        return number if isinstance(number, UUID) else UUID(number)

    def load(self, tracker: Tracker, number: str | UUID) -> Handover:
        return tracker.load(Handover, self.stream(tracker, number), UnknownHandover())

    def decide(self, aggregate: Handover, given: Given) -> None:
        aggregate.receive(**given.by)


def may_receive(record: Handover, actor: Actor, at: datetime) -> bool:
    """Whether the note's guard would let this person receive it now."""
    try:
        record.may_receive(actor, at)
    except Refusal:
        return False
    return True
