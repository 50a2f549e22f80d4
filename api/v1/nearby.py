"""附近同类: before one more is raised, the open ones that may be the same, and joining one.

Told of them is what anybody may know: what, where, since when, how far. Nothing that a person said.
"""

from collections.abc import Sequence
from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel

from api.door.access import Person
from api.door.callers import ANYBODY, SIGNED_OR_NOT, Anyone, TheTracker, now
from api.door.fields import Shown
from api.door.once import Once, TheOnce
from api.v1 import bodies
from api.v1.whistles import RaisedOut, contact_of, location_of, with_receipt
from tracker.commands.application import Tracker
from tracker.commands.deciding import Done
from tracker.domain.errors import NotFound, Words
from tracker.domain.whistle.whistle import Whistle
from tracker.routing import routing
from tracker.suggesting.nearby import Near
from tracker.suggesting.suggesting import duplicates

OFFERED = 3
router = APIRouter(tags=["nearby"], prefix="/nearby")


class NotNearby(NotFound):
    """Closed in the meantime, or never offered; which of both is nobody's to find out here."""

    code = "nearby.gone"
    message = Words(zh="这一件已不在附近的待办里", en="This one is no longer open nearby")
    remedy = Words(zh="请作为新的一件吹哨", en="Raise yours as a new one")


class NearbyOut(BaseModel):
    number: str
    category: str
    grid: str | None
    state: str
    lead: str | None
    registered_at: Shown
    metres: int | None

    @classmethod
    def of(cls, near: Near) -> "NearbyOut":
        one = near.whistle
        return cls(
            number=one.number,
            category=one.category,
            grid=one.grid,
            state=one.state,
            lead=one.lead,
            registered_at=one.registered_at,
            metres=near.metres,
        )


class NearbyList(BaseModel):
    items: list[NearbyOut]
    next: str | None = None


def look(tracker: Tracker, asked: bodies.Looking) -> Sequence[Near]:
    """For the kind that was chosen, else that of the words; without either there is nothing."""
    city, code = tracker.city, asked.category
    suggestion = None if code else routing.suggest(city, asked.text)
    code = suggestion.category if suggestion else code
    if code is None:
        return ()
    category, location = city.current_category(code), location_of(asked.location)
    return duplicates(tracker, category, location, now())


def join_for(
    tracker: Tracker, form: bodies.JoinNearby, caller: Person, once: Once
) -> tuple[Whistle, int, str | None]:
    """Join one that is offered for this place and kind, and no other.

    An earlier answer to the same key comes first: by now it may be closed.
    """

    def give(**common: Any) -> Done:
        if form.number not in {near.whistle.number for near in look(tracker, form)}:
            raise NotNearby(number=form.number)
        return tracker.join(
            form.number,
            text=form.text or None,
            photos=form.photos,
            reporter=contact_of(form.reporter),
            **common,
        )

    reporter = ANYBODY if form.anonymous else caller
    return with_receipt(tracker, give, reporter, once, form.number)


@router.post("", response_model=NearbyList, openapi_extra=SIGNED_OR_NOT)
def nearby(form: bodies.Looking, tracker: TheTracker) -> NearbyList:
    """Open whistles of the same kind near a place. No account is needed."""
    return NearbyList(items=[NearbyOut.of(near) for near in look(tracker, form)[:OFFERED]])


@router.post("/join", status_code=201, response_model=RaisedOut, openapi_extra=SIGNED_OR_NOT)
def join(form: bodies.JoinNearby, caller: Anyone, once: TheOnce, tracker: TheTracker) -> RaisedOut:
    """Mine too: one more reporter of a whistle offered before, with a receipt of one's own."""
    whistle, position, receipt = join_for(tracker, form, caller, once)
    return RaisedOut.of(whistle, position, receipt)
