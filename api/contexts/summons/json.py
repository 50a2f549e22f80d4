"""吹哨报到: units are called to a place, arrive with evidence, are let go."""

from collections.abc import Callable
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException

from api.contexts.summons import reading as shown
from api.contexts.summons.reading import SummonsOut
from api.door.access import Person, must_have_duty
from api.door.callers import SignedIn, TheTracker, now
from api.door.fields import (
    Code,
    Count,
    Form,
    Latitude,
    Line,
    Longitude,
    Moment,
    Note,
    Photos,
    Reason,
)
from api.door.once import Once, TheOnce, actor_key
from api.door.subjects import subject_of_post
from api.reading.reading import Position, readable, wait_until
from api.v1 import bodies
from api.v1.photos import MEDIA_TYPE
from api.v1.whistles import location_of
from tracker.commands.application import Tracker
from tracker.commands.receiving import Point
from tracker.contexts.summons import commands
from tracker.contexts.summons.projection import find
from tracker.contexts.summons.record import Summons
from tracker.eventstore.contents import read_photo

router = APIRouter(tags=["summonses"])


class Call(Form):
    """`post` is the caller's own when left out; the place is a point, a whistle's, or words."""

    units: Annotated[tuple[Code, ...], Field(min_length=1, max_length=20)]
    meet_at: Moment
    minutes: Count = 30
    reason: Reason
    post: Code | None = None
    address: Line | None = None
    location: bodies.Point | None = None
    whistle: Line | None = None


class Arrive(Form):
    lat: Latitude | None = None
    lon: Longitude | None = None
    crs: bodies.Crs = "WGS84"
    photos: Photos = ()
    note: Note | None = None


class End(Form):
    note: Reason


class Listed(BaseModel):
    model_config = ConfigDict(extra="forbid")

    state: Literal["open", "ended", "cancelled"] | None = None
    cursor: Annotated[str, Field(max_length=32)] | None = None
    position: Position = 0


class SummonsesOut(BaseModel):
    items: list[SummonsOut]
    next: str | None = None


def call(tracker: Tracker, form: Call, person: Person, once: Once) -> Summons:
    """Call them for the post. Under a key that was used before: what was called then."""
    key = actor_key(person)
    post = tracker.city.post(form.post or person.actor.post or "")

    def act() -> Summons:
        must_have_duty("summon", person, subject_of_post(post.code, post.street))
        if form.whistle:
            readable(tracker, form.whistle, person)
        record, _ = commands.summon(
            tracker,
            actor=person.actor,
            at=now(),
            post=post.code,
            location=location_of(form.location),
            idempotency=once.record(key),
            **form.model_dump(exclude={"post", "location"}),
        )
        return record

    def again(record: Any) -> Summons:
        with tracker.connection() as connection:
            return commands.called_at(tracker, connection, record.position)

    return once.do(tracker, key, act, again)


def given(
    tracker: Tracker,
    number: str,
    right: str,
    person: Person,
    once: Once,
    command: Callable[..., tuple[Summons, int]],
    **said: Any,
) -> Summons:
    """Give a command of `summoning`, once, if the table lets this person."""
    key = actor_key(person)

    def act() -> Summons:
        must_have_duty(right, person, shown.subject(shown.whole(tracker, number).row))
        more = {"actor": person.actor, "at": now(), "idempotency": once.record(key)}
        record, _ = command(tracker, number, **said, **more)
        return record

    return once.do(tracker, key, act, lambda _: commands.summons_of(tracker, number))


def arrive(tracker: Tracker, number: str, form: Arrive, person: Person, once: Once) -> Summons:
    point = None
    if form.lat is not None and form.lon is not None:
        point = Point(form.lat, form.lon, None, form.crs)
    said = {"point": point, "photos": form.photos, "note": form.note}
    return given(tracker, number, "arrive", person, once, commands.arrive, **said)


def end(tracker: Tracker, number: str, form: End, person: Person, once: Once) -> Summons:
    return given(tracker, number, "end-summons", person, once, commands.end, note=form.note)


def cancel(
    tracker: Tracker, number: str, form: bodies.WithReason, person: Person, once: Once
) -> Summons:
    said = {"reason": form.reason}
    return given(tracker, number, "end-summons", person, once, commands.cancel, **said)


@router.get("/summonses", response_model=SummonsesOut)
def summonses(
    asked: Annotated[Listed, Query()], caller: SignedIn, tracker: TheTracker
) -> SummonsesOut:
    """Those of the caller's post, unit or city; the newest meetings first, a hundred a page."""
    with tracker.connection() as connection:
        wait_until(connection, "summonses", asked.position)
        states = [asked.state] if asked.state else None
        found = find(connection, shown.whose(caller), states=states, behind=asked.cursor)
        items = [SummonsOut.of(called) for called in shown.listed(connection, found.items)]
    return SummonsesOut(items=items, next=found.next)


@router.post("/summonses", status_code=201, response_model=SummonsOut)
def summon(form: Call, caller: SignedIn, tracker: TheTracker, once: TheOnce) -> SummonsOut:
    """Call units to a place and a time. Who is not there at the limit is missing, by itself."""
    return out(tracker, call(tracker, form, caller, once))


@router.get("/summonses/{number}", response_model=SummonsOut)
def summons(number: str, caller: SignedIn, tracker: TheTracker) -> SummonsOut:
    return SummonsOut.of(shown.called(tracker, number, caller))


@router.post("/summonses/{number}/arrive", response_model=SummonsOut)
def arrives(
    number: str, form: Arrive, caller: SignedIn, tracker: TheTracker, once: TheOnce
) -> SummonsOut:
    """The caller's unit is on site: a point within 200 m, a photo, or both."""
    return out(tracker, arrive(tracker, number, form, caller, once))


@router.post("/summonses/{number}/end", response_model=SummonsOut)
def ends(
    number: str, form: End, caller: SignedIn, tracker: TheTracker, once: TheOnce
) -> SummonsOut:
    """Let the units go, with what came of it."""
    return out(tracker, end(tracker, number, form, caller, once))


@router.post("/summonses/{number}/cancel", response_model=SummonsOut)
def cancels(
    number: str, form: bodies.WithReason, caller: SignedIn, tracker: TheTracker, once: TheOnce
) -> SummonsOut:
    """Call it off, before they meet."""
    return out(tracker, cancel(tracker, number, form, caller, once))


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
    """A photo with which a unit showed that it was there."""
    found = shown.called(tracker, number, caller)
    with tracker.connection() as connection:
        picture = read_photo(connection, id, thumb=size == "thumb")
    if picture is None or picture.whistle != found.row.id or picture.media is None:
        raise HTTPException(404)
    headers = {"Cache-Control": "private, max-age=3600", "Content-Disposition": "inline"}
    return Response(picture.media, media_type=MEDIA_TYPE, headers=headers)


def out(tracker: Tracker, record: Summons) -> SummonsOut:
    return SummonsOut.of(shown.whole(tracker, record.number))
