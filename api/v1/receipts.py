"""Routes for a reporter without an account: the whistle of a receipt, and commands on it."""

from typing import Annotated, Any

from fastapi import APIRouter, Body, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel

from api.door.access import Person
from api.door.callers import ReceiptHolder, TheTracker
from api.door.fields import Form, Shown
from api.door.once import TheOnce
from api.reading.stories import OWN_WORDS, EntryOut, timeline_for
from api.reading.views import ClockOut, clocks_out
from api.service.giving import give_whistle, open_to
from api.service.receipts import whistle_of
from api.v1.commands import ExpectedVersion, offered
from api.v1.whistles import etag
from tracker.commands.fields import Flag, Note, Rating
from tracker.commands.tracker import Tracker
from tracker.commands.whistle.asking import Answer
from tracker.commands.whistle.contacting import ConfirmCall, DenyCall
from tracker.commands.whistle.ending import Withdraw
from tracker.commands.whistle.following_up import Contradict, FollowUp, Reopen
from tracker.commands.whistle.raising import Amend
from tracker.commands.whistle.whistle_command import WhistleCommand, worked_on
from tracker.domain.promises.clocks import ClockKind
from tracker.domain.whistle.whistle import Whistle

router = APIRouter(tags=["receipts"], prefix="/receipts/current")
NO_REASON = Withdraw()
THE_LAST_CALL, NO_CALL = ConfirmCall(), DenyCall()
ALLOWED = frozenset(
    {"amend", "answer", "withdraw", "follow-up", "contradict", "reopen"}
    | {"confirm-call", "deny-call"}
)


class Verdict(Form):
    """The reporter's own answer, given by the reporter."""

    resolved: Flag | None = None
    rating: Rating | None = None
    method: str = "online"
    note: Note | None = None


class ReporterOut(BaseModel):
    """What the reporter sees: their own words and the progress, and nothing of other people.

    `progress` is the state of the whistle that is worked on: of a merged one its parent, whose
    lead, dues and clocks these are.
    """

    number: str
    state: str
    progress: str
    version: int
    position: int
    text: str | None
    title: str | None
    category: str | None
    sla_class: str
    grid: str | None
    post: str | None
    lead: str | None
    registered_at: Shown
    respond_due: Shown
    resolve_due: Shown
    clocks: list[ClockOut]
    merged_into: str | None
    photos: list[Any]
    timeline: list[EntryOut]


def view(tracker: Tracker, whistle: Whistle, holder: Person, position: int | None) -> ReporterOut:
    story = timeline_for(tracker, whistle, holder)
    words = [word for line in story.items for word in line.words if line.event in OWN_WORDS]
    said = {word.kind: word.body for word in reversed(words)}
    own_photos = [word.id for line in story.items for word in line.words if word.body is None]
    at_work = worked_on(tracker, whistle)
    return ReporterOut(
        number=whistle.number,
        state=whistle.state,
        progress=at_work.state,
        version=whistle.version,
        position=position or 0,
        text=said.get("text"),
        title=said.get("title"),
        category=whistle.category,
        sla_class=whistle.sla_class,
        grid=whistle.place.grid,
        post=whistle.place.post,
        lead=at_work.lead,
        registered_at=whistle.registered_at,
        respond_due=at_work.clocks[ClockKind.RESPOND].due,
        resolve_due=at_work.clocks[ClockKind.RESOLVE].due,
        clocks=clocks_out(clock for clock in at_work.clocks.values() if clock.unit is None),
        merged_into=whistle.merged_into_number,
        photos=own_photos,
        timeline=story.items,
    )


@router.get("", response_model=ReporterOut)
def current(holder: ReceiptHolder, tracker: TheTracker, response: Response) -> ReporterOut:
    """The whistle of this receipt, with its story."""
    whistle = whistle_of(tracker, holder)
    response.headers["ETag"] = etag(whistle.version)
    return view(tracker, whistle, holder, None)


@router.get("/commands")
def commands_now(holder: ReceiptHolder, tracker: TheTracker) -> JSONResponse:
    """What the reporter may do now."""
    open_now = open_to(tracker, whistle_of(tracker, holder), holder)
    return JSONResponse(offered([command for command in open_now if command.name in ALLOWED]))


def _given(
    command: WhistleCommand,
    holder: Person,
    tracker: Tracker,
    once: TheOnce,
    expected: int | None,
    response: Response,
) -> ReporterOut:
    found = whistle_of(tracker, holder)
    done = give_whistle(tracker, command, found.id, holder, once, expected)
    own = done.aggregate if done.aggregate.id == found.id else tracker.whistle(found.id)
    response.headers["ETag"] = etag(own.version)
    return view(tracker, own, holder, done.position)


@router.post("/commands/amend", response_model=ReporterOut)
def amend(
    form: Amend,
    holder: ReceiptHolder,
    tracker: TheTracker,
    once: TheOnce,
    expected: ExpectedVersion,
    response: Response,
) -> ReporterOut:
    """Add words or photos. Earlier words stay as they are."""
    return _given(form, holder, tracker, once, expected, response)


@router.post("/commands/withdraw", response_model=ReporterOut)
def withdraw(
    holder: ReceiptHolder,
    tracker: TheTracker,
    once: TheOnce,
    expected: ExpectedVersion,
    response: Response,
    form: Annotated[Withdraw, Body()] = NO_REASON,
) -> ReporterOut:
    """Withdraw the whistle. Possible until the unit submits it as done."""
    return _given(form, holder, tracker, once, expected, response)


@router.post("/commands/answer", response_model=ReporterOut)
def answer(
    form: Answer,
    holder: ReceiptHolder,
    tracker: TheTracker,
    once: TheOnce,
    expected: ExpectedVersion,
    response: Response,
) -> ReporterOut:
    """Answer the open question of the unit that leads."""
    return _given(form, holder, tracker, once, expected, response)


@router.post("/commands/follow-up", response_model=ReporterOut)
def follow_up(
    form: Verdict,
    holder: ReceiptHolder,
    tracker: TheTracker,
    once: TheOnce,
    expected: ExpectedVersion,
    response: Response,
) -> ReporterOut:
    """Say whether the problem is resolved and whether you are satisfied."""
    said = FollowUp(resolved=form.resolved, rating=form.rating, method="online", note=form.note)
    return _given(said, holder, tracker, once, expected, response)


@router.post("/commands/contradict", response_model=ReporterOut)
def contradict(
    form: Contradict,
    holder: ReceiptHolder,
    tracker: TheTracker,
    once: TheOnce,
    expected: ExpectedVersion,
    response: Response,
) -> ReporterOut:
    """Replace the verdict that was recorded for you by your own word, within seven days."""
    return _given(form, holder, tracker, once, expected, response)


@router.post("/commands/confirm-call", response_model=ReporterOut)
def confirm_call(
    holder: ReceiptHolder,
    tracker: TheTracker,
    once: TheOnce,
    expected: ExpectedVersion,
    response: Response,
    form: Annotated[ConfirmCall, Body()] = THE_LAST_CALL,
) -> ReporterOut:
    """The unit says that it spoke to you, and it did."""
    return _given(form, holder, tracker, once, expected, response)


@router.post("/commands/deny-call", response_model=ReporterOut)
def deny_call(
    holder: ReceiptHolder,
    tracker: TheTracker,
    once: TheOnce,
    expected: ExpectedVersion,
    response: Response,
    form: Annotated[DenyCall, Body()] = NO_CALL,
) -> ReporterOut:
    """The unit says that it spoke to you, and it did not: the supervisor looks into it."""
    return _given(form, holder, tracker, once, expected, response)


@router.post("/commands/reopen", response_model=ReporterOut)
def reopen(
    form: Reopen,
    holder: ReceiptHolder,
    tracker: TheTracker,
    once: TheOnce,
    expected: ExpectedVersion,
    response: Response,
) -> ReporterOut:
    """Reopen a whistle that is not resolved, within fifteen days of its closing."""
    return _given(form, holder, tracker, once, expected, response)
