"""The page of one 吹哨报到: the post sees who arrives and ends it; a unit checks in."""

from datetime import datetime
from typing import Any
from uuid import uuid4

from fastapi import Request, Response

from api.contexts.summons import reading as shown
from api.contexts.summons.lines import line, stream_of
from api.contexts.summons.service import give_summons
from api.door.access import Person
from api.door.callers import SignedIn, TheTracker, now
from api.pages.frame.look import go, show, speech_of
from api.pages.frame.route import Notice, TheForm, pages
from api.pages.frame.visitor import head
from api.pages.parts.acting import Attempt, filled_in, once_of
from tracker.commands.tracker import Tracker
from tracker.contexts.summons.commands import Arrive, Cancel, End, summons_of
from tracker.domain.errors import Refusal
from tracker.domain.whistle.responding import ARRIVAL_METRES

router = pages()


@router.get("/summons/{number}")
def one(
    request: Request, tracker: TheTracker, caller: SignedIn, number: str, done: str = ""
) -> Response:
    _ = speech_of(request)
    said = {"arrive": _("已报到"), "end": _("已结束"), "cancel": _("已取消")}.get(done)
    return one_page(
        request, tracker, caller, number, said=Notice(said, kind="good") if said else None
    )


@router.post("/summons/{number}/{act}")
def give(
    request: Request, tracker: TheTracker, caller: SignedIn, form: TheForm, number: str, act: str
) -> Response:
    """Arrive, end or cancel, by the same commands as the JSON routes."""
    shown.summons_for(tracker, number, caller)
    command = {one.name: one for one in (Arrive, End, Cancel)}.get(act)
    if command is None:
        return go(f"/summons/{number}")
    done = filled_in(
        request,
        tracker,
        caller,
        act,
        command,
        form,
        lambda given: give_summons(tracker, given, number, caller, once_of(request, form)),
    )
    if isinstance(done, Attempt):
        return one_page(request, tracker, caller, number, done)
    return go(f"/summons/{number}?done={act}")


def one_page(
    request: Request,
    tracker: Tracker,
    person: Person,
    number: str,
    attempt: Attempt | None = None,
    said: Notice | None = None,
) -> Response:
    summons = shown.summons_for(tracker, number, person)
    speech, at = speech_of(request), now()
    row = summons.row
    own = row.of(person.actor.unit) if person.actor.unit else None
    record = summons_of(tracker, number)
    ends = shown.may_end(person, row)
    return show(
        request,
        "summons/summons.html",
        409 if attempt else 200,
        **head(request, tracker.city, person),
        one=line(speech, tracker.city, summons, at),
        may_arrive=own is not None and lets(record.may_arrive, person, at),
        may_end=ends and lets(record.may_end, person, at),
        may_cancel=ends and lets(record.may_cancel, person, at),
        metres=ARRIVAL_METRES,
        known=row.lat is not None,
        attempt=attempt,
        said=attempt.said if attempt else said,
        key=uuid4().hex,
        back=list_for(person),
        stream=stream_of(row.position, number=row.number),
    )


def list_for(person: Person) -> str:
    """The address of this person's list of summonses."""
    if person.actor.unit:
        return "/unit/summonses"
    return f"/post/{person.actor.post}/summonses" if person.actor.post else "/summonses"


def lets(guard: Any, person: Person, at: datetime) -> bool:
    """Whether the record's guard allows the command now."""
    try:
        guard(person.actor, at)
    except Refusal:
        return False
    return True
