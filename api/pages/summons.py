"""吹哨报到: a post calls units and sees each arrive; a unit sees where to be and checks in."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from fastapi import Request, Response

from api import access
from api import summonses as shown
from api.access import Person
from api.callers import SignedIn, TheTracker, now
from api.pages.acting import Attempt, filled_in, once_of
from api.pages.fields import Choices
from api.pages.look import go, show, speech_of
from api.pages.post import in_reach
from api.pages.present import CITY, exact, moment
from api.pages.route import Said, TheForm, pages
from api.pages.speech import Speech
from api.pages.story import Photo
from api.pages.visitor import ABOVE, DESKS, UNITS, acts_for, head, only
from api.reading import readable
from api.subjects import subject_of_post
from api.summonses import Called
from api.v1 import bodies
from api.v1 import summonses as asking
from tracker.application import Tracker
from tracker.directory import Directory
from tracker.domain.errors import Refusal
from tracker.domain.responding import ARRIVAL_METRES
from tracker.domain.summons import Attendance
from tracker.projections.summonses import Whose, find
from tracker.summoning import summons_of

router = pages()

SOON = timedelta(minutes=30)


@dataclass(frozen=True)
class Answer:
    """A unit's line: what is known of it, in words; `tone` is that of the clock."""

    unit: str
    words: str
    tone: str
    note: str = ""
    photos: Sequence[Photo] = ()


@dataclass(frozen=True)
class Line:
    """One summons as a list and its own page show it."""

    number: str
    state: str
    open: bool
    reason: str
    place: str
    when: str
    limit: str
    arrived: str
    missing: int
    answers: Sequence[Answer]
    whistle: str | None
    outcome: str
    exact: str


@router.get("/post/{code}/summonses")
def of_post(
    request: Request,
    tracker: TheTracker,
    caller: SignedIn,
    code: str,
    w: str = "",
) -> Response:
    return list_page(request, tracker, caller, code, w)


@router.post("/post/{code}/summonses")
def call(
    request: Request, tracker: TheTracker, caller: SignedIn, form: TheForm, code: str
) -> Response:
    """Call them; refused, everything typed is still there."""

    def do(body: asking.Call) -> str:
        return str(asking.call(tracker, body, caller, once_of(request, form)).number)

    more = {"post": code, "units": form.all("units")}
    if form.text("meet_at"):
        more["meet_at"] = in_the_city(form.text("meet_at"))
    done = filled_in(request, tracker, caller, "summon", asking.Call, form, do, more)
    if isinstance(done, Attempt):
        return list_page(request, tracker, caller, code, form.text("whistle"), done)
    return go(f"/summons/{done}")


def in_the_city(typed: str) -> str:
    """A browser's local time is the city's; what is none is refused by the form."""
    try:
        return datetime.fromisoformat(typed).replace(tzinfo=CITY).isoformat()
    except ValueError:
        return typed


def list_page(
    request: Request,
    tracker: Tracker,
    person: Person,
    code: str,
    whistle: str = "",
    attempt: Attempt | None = None,
) -> Response:
    only(person, DESKS | ABOVE)
    post = tracker.city.post(code)
    in_reach(tracker, person, post)
    speech, at = speech_of(request), now()
    lines = lines_of(tracker, speech, Whose(posts=[code]), at)
    subject = subject_of_post(post.code, post.street)
    about = readable(tracker, whistle, person) if whistle and attempt is None else None
    typed = {name: list(texts) for name, texts in attempt.texts.items()} if attempt else {}
    if about is not None:
        category = tracker.city.shelves["category"].get(about.category or "")
        units = [category.lead_unit, *category.co_units] if category else []
        typed = {"whistle": [about.number], "units": units}
    return show(
        request,
        "summonses.html",
        409 if attempt else 200,
        **head(request, tracker.city, person),
        post=post,
        lines=lines,
        may=access.has_duty("summon", person, subject),
        groups=Choices(speech, tracker.city, at).units(),
        typed=typed,
        errors=attempt.errors if attempt else {},
        said=attempt.said if attempt else None,
        key=uuid4().hex,
        soon=f"{(at + SOON).astimezone(CITY):%Y-%m-%dT%H:%M}",
    )


@router.get("/unit/summonses")
def of_unit(request: Request, tracker: TheTracker, caller: SignedIn) -> Response:
    only(caller, UNITS)
    speech = speech_of(request)
    lines = lines_of(tracker, speech, shown.whose(caller), now())
    return show(
        request,
        "unit_summonses.html",
        **head(request, tracker.city, caller),
        heading=acts_for(tracker.city, caller),
        lines=lines,
    )


@router.get("/summons/{number}")
def one(
    request: Request, tracker: TheTracker, caller: SignedIn, number: str, done: str = ""
) -> Response:
    _ = speech_of(request)
    said = {"arrive": _("已报到"), "end": _("已结束"), "cancel": _("已取消")}.get(done)
    return one_page(
        request, tracker, caller, number, said=Said(said, kind="good") if said else None
    )


@router.post("/summons/{number}/{act}")
def give(
    request: Request, tracker: TheTracker, caller: SignedIn, form: TheForm, number: str, act: str
) -> Response:
    """Arrive, end, cancel: the same calls as over JSON."""
    acts: dict[str, Any] = {
        "arrive": (asking.Arrive, asking.arrive),
        "end": (asking.End, asking.end),
        "cancel": (bodies.WithReason, asking.cancel),
    }
    shown.called(tracker, number, caller)
    if act not in acts:
        return go(f"/summons/{number}")
    body, command = acts[act]
    done = filled_in(
        request,
        tracker,
        caller,
        act,
        body,
        form,
        lambda said: command(tracker, number, said, caller, once_of(request, form)),
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
    said: Said | None = None,
) -> Response:
    found = shown.called(tracker, number, person)
    speech, at = speech_of(request), now()
    row = found.row
    own = row.of(person.actor.unit) if person.actor.unit else None
    record = summons_of(tracker, number)
    ends = shown.may_end(person, row)
    return show(
        request,
        "summons.html",
        409 if attempt else 200,
        **head(request, tracker.city, person),
        post=tracker.city.post(row.post),
        one=line(speech, tracker.city, found, at),
        may_arrive=own is not None and lets(record.may_arrive, person, at),
        may_end=ends and lets(record.may_end, person, at),
        may_cancel=ends and lets(record.may_cancel, person, at),
        metres=ARRIVAL_METRES,
        known=row.lat is not None,
        attempt=attempt,
        said=attempt.said if attempt else said,
        key=uuid4().hex,
        back="/unit/summonses" if person.actor.unit else f"/post/{row.post}/summonses",
    )


def lets(guard: Any, person: Person, at: datetime) -> bool:
    """Whether the record's own guard would let this person begin now."""
    try:
        guard(person.actor, at)
    except Refusal:
        return False
    return True


def lines_of(tracker: Tracker, speech: Speech, whose: Whose, at: datetime) -> list[Line]:
    with tracker.connection() as connection:
        listed = shown.listed(connection, find(connection, whose))
    return [line(speech, tracker.city, called, at) for called in listed]


def line(_: Speech, city: Directory, called: Called, at: datetime) -> Line:
    row = called.row
    states = {"open": _("进行中"), "ended": _("已结束"), "cancelled": _("已取消")}
    grid = city.grid(row.grid).name if row.grid else ""
    return Line(
        number=row.number,
        state=states[row.state],
        open=row.state == "open",
        reason=called.reason,
        place=" · ".join(part for part in (called.address, grid) if part),
        when=moment(_, row.meet_at, at),
        limit=moment(_, row.arrive_by, at),
        arrived=f"{row.arrived}/{len(row.units)}",
        missing=sum(one.absent and one.level > 0 for one in row.attendance),
        answers=[answer(_, city, called, one, at) for one in row.attendance],
        whistle=row.whistle,
        outcome=called.outcome,
        exact=exact(row.meet_at),
    )


def answer(_: Speech, city: Directory, called: Called, one: Attendance, at: datetime) -> Answer:
    """Colour speaks of the clock: red after the limit, without colour once they are there."""
    name = city.unit(one.unit).short
    told = {3: _("未到，已报街道"), 4: _("未到，已报市里")}
    if one.arrived_at is not None:
        how = (
            _(
                "{at} 到，离集合点 {metres} 米",
                at=moment(_, one.arrived_at, at),
                metres=round(one.distance_m),
            )
            if one.distance_m is not None
            else _("{at} 到，有现场照片", at=moment(_, one.arrived_at, at))
        )
        words, tone = (how + _("，迟到"), "warn") if one.late else (how, "ok")
    elif one.level:
        words, tone = told[one.level], "bad"
    else:
        over = called.row.state != "open"
        words, tone = (_("未到") if over else _("在等"), "pause")
    base = f"/api/v1/summonses/{called.row.number}/photos"
    photos = [
        Photo(f"{base}/{id}?size=thumb", f"{base}/{id}?size=full", _("{unit}到场照片", unit=name))
        for id in called.photos.get(one.unit, ())
    ]
    return Answer(name, words, tone, called.notes.get(one.unit, ""), photos)
