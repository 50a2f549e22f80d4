"""值守表: the offices of a post, who holds them, who is away, and who commands now."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from fastapi import Request, Response

from api.door import access
from api.door.access import Person, must
from api.door.callers import SignedIn, TheTracker, now
from api.door.fields import Form
from api.door.subjects import subject_of_post
from api.pages.admin.forms_posts import office_names
from api.pages.desk.post import in_reach
from api.pages.frame.look import go, show, speech_of
from api.pages.frame.route import Notice, TheForm, pages
from api.pages.frame.speech import Speech
from api.pages.frame.visitor import ABOVE, DESKS, head, only
from api.pages.parts.acting import Attempt, filled_in
from tracker.city.changing.city_change import must_be_ahead
from tracker.city.registering import amend
from tracker.city_zone import city_zone
from tracker.commands.fields import Day, Line
from tracker.commands.tracker import Tracker
from tracker.directory import Directory
from tracker.domain.city.posts import CADRE, COMMANDER, Absence, Appointment, CommandPost, PostEntry

router = pages()


class Away(Form):
    """An absence from the day `first` until the day on which the holder is back."""

    holder: Line
    first: Day
    until: Day


class Back(Form):
    """The return on the day `on`: today, or the first day of a leave that is called off."""

    holder: Line
    on: Day


@dataclass(frozen=True)
class Held:
    """An office in words. `acting`: this person commands today, as commander or as deputy."""

    office: str
    holder: str  # "" when nobody holds it
    name: str
    sent_by: str
    since: str
    away: str
    ends: str  # the day from which the absence can be ended
    planned: bool
    acting: bool


@router.get("/post/{code}/roster")
def roster(
    request: Request, tracker: TheTracker, caller: SignedIn, code: str, done: str = ""
) -> Response:
    _ = speech_of(request)
    said = {"away": _("已记下离岗"), "back": _("已记下回岗")}.get(done)
    return roster_page(
        request, tracker, caller, code, said=Notice(said, kind="good") if said else None
    )


@router.post("/post/{code}/roster/{act}")
def note(
    request: Request, tracker: TheTracker, caller: SignedIn, form: TheForm, code: str, act: str
) -> Response:
    """Record an absence or a return, as an event of the post's register."""
    post = tracker.city.post(code)
    must("note-absence", caller, subject_of_post(post.code, post.street))
    at = now()
    today = at.astimezone(city_zone()).date()

    def away(body: Away) -> None:
        must_be_ahead(body.first, today)
        absence = Absence(body.holder, body.first, body.until)
        amend(tracker, PostEntry, code, lambda p: p.note_absence(absence, at, caller.actor))

    def back(body: Back) -> None:
        must_be_ahead(body.on, today)
        amend(
            tracker,
            PostEntry,
            code,
            lambda p: p.end_absence(body.holder, body.on, at, caller.actor),
        )

    body, do = (Back, back) if act == "back" else (Away, away)
    done = filled_in(request, tracker, caller, act, body, form, do)
    if isinstance(done, Attempt):
        return roster_page(request, tracker, caller, code, done)
    return go(f"/post/{code}/roster?done={act}")


def roster_page(
    request: Request,
    tracker: Tracker,
    person: Person,
    code: str,
    attempt: Attempt | None = None,
    said: Notice | None = None,
) -> Response:
    only(person, DESKS | ABOVE)
    city, _ = tracker.city, speech_of(request)
    post = city.post(code)
    in_reach(tracker, person, post)
    today = now().astimezone(city_zone()).date()
    held = offices(_, city, post, today)
    return show(
        request,
        "roster.html",
        409 if attempt else 200,
        **head(request, city, person),
        post=post,
        held=held,
        acting=next((one for one in held if one.acting), None),
        may=access.may("note-absence", person, subject_of_post(post.code, post.street)),
        today=today.isoformat(),
        said=attempt.said if attempt else said,
        tried=attempt.texts.get("holder", [""])[0] if attempt else "",
        first=attempt.texts.get("first", [""])[0] if attempt else today.isoformat(),
        until=attempt.texts.get("until", [""])[0] if attempt else "",
    )


def offices(_: Speech, city: Directory, post: CommandPost, on: date) -> Sequence[Held]:
    """Commander, then deputies in the order of deputising, then cadres; empty offices as vacant."""
    acting = post.acting_commander(on)
    shown = []
    for office in (COMMANDER, *post.deputies, CADRE):
        name = office_names(_).get(office, office)
        holding = [a for a in post.appointments if a.role == office and a.holds(on)]
        shown += [held(_, city, post, one, name, one == acting, on) for one in holding]
        if not holding:
            shown.append(Held(name, "", _("空缺"), "", "", "", "", False, False))
    return shown


def held(
    _: Speech,
    city: Directory,
    post: CommandPost,
    one: Appointment,
    office: str,
    acting: bool,
    on: date,
) -> Held:
    away = min(
        (a for a in post.absences_from(on) if a.holder == one.holder),
        key=lambda absence: absence.first,
        default=None,
    )
    planned = away is not None and away.first > on
    return Held(
        office,
        one.holder,
        one.holder,
        city.unit(one.unit).short if one.unit else _("本指挥部"),
        one.first.isoformat(),
        away_in_words(_, away, planned) if away else "",
        (away.first if planned else on).isoformat() if away else "",
        planned,
        acting,
    )


def away_in_words(_: Speech, away: Absence, planned: bool) -> str:
    if planned:
        return _(
            "{first} 起离岗，{day} 回岗", first=away.first.isoformat(), day=away.until.isoformat()
        )
    return _("离岗，{day} 回岗", day=away.until.isoformat())
