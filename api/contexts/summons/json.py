"""吹哨报到 as JSON: a post calls units to a place, they arrive with evidence, the post ends it."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException

from api.contexts.summons import reading as shown
from api.contexts.summons import service
from api.contexts.summons.reading import SummonsOut
from api.contexts.summons.service import give_summons
from api.door.access import may
from api.door.callers import SignedIn, TheTracker
from api.door.once import TheOnce
from api.reading.reading import Position, wait_until
from api.reading.streaming import Wanted, resume_from, streaming, tail_of, wanted_of
from api.reading.tail import News, Tail
from api.service.photos import MEDIA_TYPE
from tracker.commands.tracker import Tracker
from tracker.contexts.summons.commands import Arrive, Cancel, End, Summon
from tracker.contexts.summons.projection import find
from tracker.contexts.summons.record import Summons
from tracker.eventstore.contents import read_photo

router = APIRouter(tags=["summonses"])


class SummonsQuery(BaseModel):
    model_config = ConfigDict(extra="forbid")

    state: Literal["open", "ended", "cancelled"] | None = None
    cursor: Annotated[str, Field(max_length=32)] | None = None
    position: Position = 0


class SummonsesOut(BaseModel):
    items: list[SummonsOut]
    next: str | None = None


@router.get("/summonses", response_model=SummonsesOut)
def summonses(
    asked: Annotated[SummonsQuery, Query()], caller: SignedIn, tracker: TheTracker
) -> SummonsesOut:
    """Summonses of the caller's post, unit or city, the newest first, a hundred a page."""
    with tracker.connection() as connection:
        wait_until(connection, "summonses", asked.position)
        states = [asked.state] if asked.state else None
        found = find(connection, shown.whose(caller), states=states, behind=asked.cursor)
        items = [
            SummonsOut.of(summons) for summons in shown.all_with_words(connection, found.items)
        ]
    return SummonsesOut(items=items, next=found.next)


@router.post("/summonses", status_code=201, response_model=SummonsOut)
def summon(form: Summon, caller: SignedIn, tracker: TheTracker, once: TheOnce) -> SummonsOut:
    """Call units to a place at a time. Who has not arrived at the limit is absent."""
    return out(tracker, service.summon(tracker, form, caller, once))


@router.get("/summonses/{number}", response_model=SummonsOut)
def summons(number: str, caller: SignedIn, tracker: TheTracker) -> SummonsOut:
    return SummonsOut.of(shown.summons_for(tracker, number, caller))


@router.post("/summonses/{number}/arrive", response_model=SummonsOut)
def arrives(
    number: str, form: Arrive, caller: SignedIn, tracker: TheTracker, once: TheOnce
) -> SummonsOut:
    """Report that the caller's unit is on site: a point within 200 m, a photo, or both."""
    return out(tracker, give_summons(tracker, form, number, caller, once))


@router.post("/summonses/{number}/end", response_model=SummonsOut)
def ends(
    number: str, form: End, caller: SignedIn, tracker: TheTracker, once: TheOnce
) -> SummonsOut:
    """End the summons and record its result."""
    return out(tracker, give_summons(tracker, form, number, caller, once))


@router.post("/summonses/{number}/cancel", response_model=SummonsOut)
def cancels(
    number: str, form: Cancel, caller: SignedIn, tracker: TheTracker, once: TheOnce
) -> SummonsOut:
    """Cancel the summons before its meeting time."""
    return out(tracker, give_summons(tracker, form, number, caller, once))


@router.get(
    "/stream/summonses",
    response_class=StreamingResponse,
    responses={
        200: {"content": {"text/event-stream": {}}, "description": "Events, as they happen"}
    },
)
async def stream(
    caller: SignedIn,
    wanted: Annotated[Wanted, Depends(wanted_of)],
    tail: Annotated[Tail, Depends(tail_of)],
    after: Annotated[int, Depends(resume_from)],
    number: Annotated[str | None, Query(max_length=32)] = None,
) -> StreamingResponse:
    """Each call, arrival and absence as `{position, summons, event, at}`;
    resumes as `/stream` does. `number`: only this summons."""

    def hears(one: News) -> bool:
        if one.kind != "summons" or number not in (None, one.number):
            return False
        return wanted(one.subject) and may("summonses", caller, one.subject)

    return await streaming(tail, hears, after)


@router.get(
    "/summonses/{number}/photos/{id}",
    response_class=Response,
    responses={200: {"content": {MEDIA_TYPE: {}}, "description": "The picture"}},
)
def photo(
    number: str,
    id: UUID,
    caller: SignedIn,
    tracker: TheTracker,
    size: Literal["thumb", "full"] = "full",
) -> Response:
    """A photo that shows a unit on site."""
    found = shown.summons_for(tracker, number, caller)
    with tracker.connection() as connection:
        picture = read_photo(connection, id, thumb=size == "thumb")
    if picture is None or picture.whistle != found.row.id or picture.media is None:
        raise HTTPException(404)
    headers = {"Cache-Control": "private, max-age=3600", "Content-Disposition": "inline"}
    return Response(picture.media, media_type=MEDIA_TYPE, headers=headers)


def out(tracker: Tracker, record: Summons) -> SummonsOut:
    return SummonsOut.of(shown.summons_of(tracker, record.number))
