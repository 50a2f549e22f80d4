"""交接班 as JSON: the outgoing shift signs the figures, the incoming shift receives them."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict

from api.contexts.handover import reading as shown
from api.contexts.handover.reading import HandoverOut
from api.contexts.handover.service import receive, sign
from api.door.access import Person
from api.door.callers import SignedIn, TheTracker, now
from api.door.fields import Shown
from api.door.once import TheOnce
from api.reading.reading import AskedPosition, Position, wait_until
from tracker.commands.fields import Code, Id, Moment
from tracker.commands.tracker import Tracker
from tracker.contexts.handover import commands
from tracker.contexts.handover.commands import Receive, Sign
from tracker.contexts.handover.projection import handovers_of

router = APIRouter(tags=["handovers"])


class HandoverQuery(BaseModel):
    """`post` is the caller's own when left out; `cursor` is the `next` of the page before."""

    model_config = ConfigDict(extra="forbid")

    post: Code | None = None
    cursor: Id | None = None
    position: Position = 0


class HandoversOut(BaseModel):
    items: list[HandoverOut]
    next: UUID | None = None


class LeftOut(BaseModel):
    """What would be signed now, for a shift since `began_at`."""

    post: str
    began_at: Shown
    open_by_state: dict[str, int]
    open_by_card: dict[str, int]
    turned_red: list[str]
    done: dict[str, int]


@router.get("/handovers", response_model=HandoversOut)
def handovers(
    asked: Annotated[HandoverQuery, Query()], caller: SignedIn, tracker: TheTracker
) -> HandoversOut:
    """The handover notes of one post, the newest first, thirty a page."""
    post = shown.readable_post(tracker, asked.post or caller.actor.post or "", caller)
    with tracker.connection() as connection:
        wait_until(connection, "handovers", asked.position)
        found = handovers_of(connection, post.code, behind=asked.cursor)
        notes = shown.with_words(connection, found.items, post, caller)
    return HandoversOut(items=[HandoverOut.of(note) for note in notes], next=found.next)


@router.get("/handovers/left", response_model=LeftOut)
def left(
    caller: SignedIn,
    tracker: TheTracker,
    post: Code | None = None,
    began_at: Moment | None = None,
) -> LeftOut:
    """What the post would hand over now, since `began_at` or since the last note."""
    found, at = shown.readable_post(tracker, post or caller.actor.post or "", caller), now()
    with tracker.connection() as connection:
        began = began_at or commands.began(connection, found.code, at)
        counted = commands.left(connection, found.code, began, at)
    return LeftOut(
        post=found.code,
        began_at=began,
        open_by_state=dict(counted.open_by_state),
        open_by_card=dict(counted.open_by_card),
        turned_red=list(counted.turned_red),
        done=dict(counted.done),
    )


@router.post("/handovers", status_code=201, response_model=HandoverOut)
def signs(form: Sign, caller: SignedIn, tracker: TheTracker, once: TheOnce) -> HandoverOut:
    """Sign the handover note of a shift. The figures are counted now and stay as they are."""
    done = sign(tracker, form, caller, once)
    return out(tracker, done.aggregate.id, caller, done.position)


@router.get("/handovers/{id}", response_model=HandoverOut)
def one(id: UUID, caller: SignedIn, tracker: TheTracker, position: AskedPosition) -> HandoverOut:
    return out(tracker, id, caller, position)


@router.post("/handovers/{id}/receive", response_model=HandoverOut)
def receives(
    id: UUID, form: Receive, caller: SignedIn, tracker: TheTracker, once: TheOnce
) -> HandoverOut:
    """The next shift takes over; `note` says what differs from the handover note."""
    return out(tracker, id, caller, receive(tracker, form, id, caller, once).position)


def out(tracker: Tracker, id: UUID, person: Person, position: int) -> HandoverOut:
    with tracker.connection() as connection:
        wait_until(connection, "handovers", position)
        return HandoverOut.of(shown.found(tracker, connection, id, person))
