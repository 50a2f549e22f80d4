"""Routes to raise, find and read whistles, and to read a whistle's timeline."""

from collections.abc import Sequence
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from api.door.access import Person
from api.door.callers import SIGNED_OR_NOT, Anyone, Proof, SignedIn, TheTracker, now
from api.door.fields import Shown
from api.door.once import TheOnce
from api.reading.filters import with_known_codes
from api.reading.reading import AskedPosition, readable, scope_of, view_of, wait_until
from api.reading.stories import TimelineOut, timeline_for
from api.reading.views import WhistleOut, shown_row, words_of_rows
from api.service.reporting import Reported, raise_for
from tracker.commands.fields import Code, Moment
from tracker.commands.tracker import Tracker
from tracker.commands.whistle.raising import Raise
from tracker.domain.promises.clocks import ClockKind
from tracker.domain.whistle.events import State
from tracker.projections.board import board
from tracker.projections.board.query import BoardQuery

router = APIRouter(tags=["whistles"])


class RaisedOut(BaseModel):
    """`receipt` is the code of a reporter without an account. It is shown only here."""

    id: UUID
    number: str
    state: str
    grid: str | None
    post: str | None
    category: str | None
    sla_class: str
    respond_due: Shown
    resolve_due: Shown
    position: int
    receipt: str | None = None

    @classmethod
    def of(cls, reported: Reported) -> "RaisedOut":
        whistle = reported.whistle
        return cls(
            id=whistle.id,
            number=whistle.number,
            state=whistle.state,
            grid=whistle.place.grid,
            post=whistle.place.post,
            category=whistle.category,
            sla_class=whistle.sla_class,
            respond_due=whistle.clocks[ClockKind.RESPOND].due,
            resolve_due=whistle.clocks[ClockKind.RESOLVE].due,
            position=reported.position,
            receipt=reported.receipt,
        )


def etag(version: int) -> str:
    return f'"{version}"'


@router.post(
    "/whistles",
    status_code=201,
    response_model=RaisedOut,
    response_model_exclude_none=False,
    openapi_extra=SIGNED_OR_NOT,
)
def raise_whistle(
    form: Raise,
    caller: Anyone,
    proof: Proof,
    once: TheOnce,
    tracker: TheTracker,
    response: Response,
) -> RaisedOut:
    """Report a problem. No account is needed; `again_of` needs that whistle's receipt."""
    reported = raise_for(tracker, form, caller, once, proof)
    response.headers["ETag"] = etag(reported.whistle.version)
    response.headers["Location"] = f"/api/v1/whistles/{reported.whistle.number}"
    return RaisedOut.of(reported)


class ListQuery(BaseModel):
    """Filters of the list; every one that is left out lets everything through."""

    model_config = ConfigDict(extra="forbid")

    state: Annotated[list[State], Field(max_length=20)] | None = None
    open: bool | None = None
    post: Code | None = None
    street: Code | None = None
    unit: Code | None = None
    grid: Code | None = None
    category: Code | None = None
    level: Annotated[int, Field(ge=1, le=5)] | None = None
    overdue: bool | None = None
    due_before: Moment | None = None
    raised_from: Moment | None = None
    raised_to: Moment | None = None
    q: Annotated[str, Field(max_length=100)] | None = None
    sort: Literal["newest", "oldest", "due", "level"] = "newest"
    cursor: Annotated[str, Field(max_length=500)] | None = None
    limit: Annotated[int, Field(ge=1, le=200)] = 50
    position: Annotated[int, Field(ge=0, le=2**63 - 1)] = 0


class WhistleList(BaseModel):
    items: list[WhistleOut]
    next: str | None


def find(
    tracker: Tracker, caller: Person, asked: ListQuery, position: int
) -> tuple[Sequence[WhistleOut], str | None]:
    codes = with_known_codes(tracker.city, asked.model_dump(exclude={"state", "position"}))
    category = codes.pop("category")
    query = BoardQuery(
        scope=scope_of(caller),
        now=now(),
        states=asked.state,
        categories=tracker.city.minors_of(category) if category else None,
        **codes,
    )
    with tracker.connection() as connection:
        wait_until(connection, "board", position)
        page = board.find(connection, query)
        heard = words_of_rows(connection, page.items, caller)
    return [shown_row(row, heard[row.id]) for row in page.items], page.next


@router.get("/whistles", response_model=WhistleList)
def list_whistles(
    asked: Annotated[ListQuery, Query()],
    caller: SignedIn,
    tracker: TheTracker,
    request: Request,
) -> WhistleList:
    """The whistles that the caller may read, filtered."""
    position = max(asked.position, header_position(request))
    items, following = find(tracker, caller, asked, position)
    return WhistleList(items=list(items), next=following)


def header_position(request: Request) -> int:
    """`X-Position`. Read here, because a route cannot take a query model and a query dependency."""
    given = request.headers.get("x-position", "")
    return int(given) if given.isascii() and given.isdecimal() and len(given) < 19 else 0


@router.get("/whistles/{number}", response_model=WhistleOut)
def one_whistle(
    number: str, caller: SignedIn, tracker: TheTracker, response: Response
) -> WhistleOut:
    """One whistle by its id or number, as the caller may see it; never stale."""
    whistle = readable(tracker, number, caller)
    response.headers["ETag"] = etag(whistle.version)
    return view_of(tracker, whistle, None, caller)


@router.get("/whistles/{number}/timeline", response_model=TimelineOut)
def timeline(
    number: str, caller: SignedIn, tracker: TheTracker, position: AskedPosition
) -> TimelineOut:
    """Its events in order, as the caller may see them."""
    whistle = readable(tracker, number, caller)
    return timeline_for(tracker, whistle, caller)
