"""Open whistles nearby, read before a report is sent, so that one problem is raised once.

Only public facts are given: category, place, time, distance. No words of any person.
"""

from fastapi import APIRouter
from pydantic import BaseModel

from api.door.callers import SIGNED_OR_NOT, Anyone, TheTracker
from api.door.fields import Shown
from api.door.once import TheOnce
from api.service.reporting import OFFERED, join_for, look
from api.v1.whistles import RaisedOut
from tracker.suggesting.joining import JoinNearby, NearbyQuery
from tracker.suggesting.nearby import Near

router = APIRouter(tags=["nearby"], prefix="/nearby")


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


@router.post("", response_model=NearbyList, openapi_extra=SIGNED_OR_NOT)
def nearby(form: NearbyQuery, tracker: TheTracker) -> NearbyList:
    """Open whistles of the same kind near a place. No account is needed."""
    return NearbyList(items=[NearbyOut.of(near) for near in look(tracker, form)[:OFFERED]])


@router.post("/join", status_code=201, response_model=RaisedOut, openapi_extra=SIGNED_OR_NOT)
def join(form: JoinNearby, caller: Anyone, once: TheOnce, tracker: TheTracker) -> RaisedOut:
    """Join a whistle that `/nearby` offered. The new reporter gets their own receipt."""
    return RaisedOut.of(join_for(tracker, form, caller, once))
