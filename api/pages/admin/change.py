"""A change of the city: its form, what it would do, and, confirmed, what was done."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import Request, Response

from api.door.access import Person
from api.door.callers import SignedIn, TheTracker, now
from api.pages.admin.ask import NOTHING, Ask, Mistyped
from api.pages.admin.forms import KINDS, Kind, name_of
from api.pages.admin.tables import leaves
from api.pages.admin.words import facts_in_words, title_of_event
from api.pages.frame.look import go, show, speech_of
from api.pages.frame.route import Checked, Filled, Said, error_page, pages
from api.pages.frame.speech import Speech
from api.pages.frame.visitor import ADMINS, head, only
from tracker.city.amending import EntryMoved, Foreseen
from tracker.city.changing.accounts import new_password, new_password_effect
from tracker.city.changing.proposal import Change, Effect, confirm, preview
from tracker.commands.tracker import Tracker
from tracker.domain.errors import Refusal

router = pages()
TOLD = 12  # more events of one kind than this are counted


@dataclass(frozen=True)
class Preview:
    """What the page shows before the confirmation."""

    effects: Sequence[tuple[str, bool]]  # sentence, and whether it warns
    events: Sequence[tuple[str, str, str]]  # title, code, facts
    more: int
    seen: str


def preview_of(_: Speech, tracker: Tracker, change: Change, foreseen: Foreseen) -> Preview:
    events = [
        (title_of_event(_, event.TOPIC), event.code, facts_in_words(_, event))
        for event in foreseen.events
    ]
    effects = list(change.effects(tracker, foreseen))
    return Preview(said(_, effects), events[:TOLD], max(0, len(events) - TOLD), foreseen.seen)


def said(_: Speech, effects: Sequence[Effect]) -> list[tuple[str, bool]]:
    return [(effect.say(_.language), effect.warns) for effect in effects]


@router.get("/admin/change/{kind}")
def new_form(request: Request, tracker: TheTracker, caller: SignedIn, kind: str) -> Response:
    return form(request, tracker, caller, kind, "")


@router.get("/admin/change/{kind}/{code}")
def form(request: Request, tracker: TheTracker, caller: SignedIn, kind: str, code: str) -> Response:
    """What stands now, to be changed. A change without fields is shown as its preview at once."""
    only(caller, ADMINS)
    if kind not in KINDS:
        return error_page(request, 404)
    ask = asking(request, tracker, code)
    if not KINDS[kind].fields(ask):
        ask.sent = True
        return previewed(request, tracker, caller, kind, ask)
    return form_page(request, tracker, caller, kind, ask)


@router.post("/admin/change/{kind}")
def new_sent(
    request: Request, tracker: TheTracker, caller: SignedIn, typed: Checked, kind: str
) -> Response:
    return sent(request, tracker, caller, typed, kind, "")


@router.post("/admin/change/{kind}/{code}")
def sent(
    request: Request, tracker: TheTracker, caller: SignedIn, typed: Checked, kind: str, code: str
) -> Response:
    """`step` is preview, edit (back to the form, nothing lost), more (empty rows) or confirm."""
    only(caller, ADMINS)
    if kind not in KINDS:
        return error_page(request, 404)
    ask = asking(request, tracker, code, typed)
    if typed.text("step") in ("edit", "more"):
        return form_page(request, tracker, caller, kind, ask)
    if typed.text("step") == "confirm":
        return confirmed(request, tracker, caller, kind, ask)
    return previewed(request, tracker, caller, kind, ask)


def asking(request: Request, tracker: Tracker, code: str, typed: Filled | None = None) -> Ask:
    city = tracker.directory.refresh()
    today = city.policy.calendar.date_of(now())
    return Ask(speech_of(request), city, today, code, typed or NOTHING, sent=typed is not None)


def previewed(
    request: Request,
    tracker: Tracker,
    person: Person,
    kind: str,
    ask: Ask,
    warned: Said | None = None,
) -> Response:
    """The preview; what cannot be is said at the field that it is about."""
    _ = ask.speech
    try:
        change = KINDS[kind].change(ask)
        foreseen = preview(tracker, change, now(), person.actor)
        shown = preview_of(_, tracker, change, foreseen)
    except Mistyped:
        return form_page(request, tracker, person, kind, ask)
    except Refusal as refusal:
        return refused(request, tracker, person, kind, ask, refusal)
    return page(
        request, tracker, person, kind, ask, 409 if warned else 200, preview=shown, refusal=warned
    )


def confirmed(request: Request, tracker: Tracker, person: Person, kind: str, ask: Ask) -> Response:
    """Record what was seen, or, where it became another thing, show that and why."""
    _ = ask.speech
    try:
        change = KINDS[kind].change(ask)
        done = confirm(tracker, change, ask.filled.text("seen"), now(), person.actor)
    except Mistyped:
        return form_page(request, tracker, person, kind, ask)
    except EntryMoved as stale:
        return previewed(request, tracker, person, kind, ask, Said.refused(stale, _.language))
    except Refusal as refusal:
        return refused(request, tracker, person, kind, ask, refusal)
    if done.secret is None and not done.effects:
        return go(f"/admin/{KINDS[kind].back}?done={kind}&at={ask.code}")
    return page(
        request, tracker, person, kind, ask,
        done=said(_, done.effects), secret=done.secret,
        username=ask.code or ask.filled.text("username"),
    )  # fmt: skip


def refused(
    request: Request, tracker: Tracker, person: Person, kind: str, ask: Ask, refusal: Refusal
) -> Response:
    named = getattr(refusal, "field", None)
    fields = KINDS[kind].fields(ask)
    if named in {field.name for field in (*fields, *leaves(fields))}:
        ask.refuse(named, refusal)
        return form_page(request, tracker, person, kind, ask)
    told = Said.refused(refusal, ask.speech.language)
    return form_page(request, tracker, person, kind, ask, told)


def form_page(
    request: Request,
    tracker: Tracker,
    person: Person,
    kind: str,
    ask: Ask,
    refusal: Said | None = None,
) -> Response:
    status = 422 if ask.errors else 409 if refusal else 200
    return page(request, tracker, person, kind, ask, status, refusal=refusal)


def page(
    request: Request,
    tracker: Tracker,
    person: Person,
    kind: str,
    ask: Ask,
    status: int = 200,
    **values: Any,
) -> Response:
    _, chosen = ask.speech, KINDS[kind]
    blank: dict[str, Any] = {
        "preview": None, "refusal": None, "done": None, "secret": None, "username": "",
    }  # fmt: skip
    return show(
        request,
        "admin_change.html",
        status,
        **head(request, tracker.city, person),
        **(blank | values),
        **menu(_, chosen.back),
        title=chosen.title(_),
        about=name_of(ask.city, kind, ask.code),
        action=f"/admin/change/{kind}" + (f"/{ask.code}" if ask.code else ""),
        fields=chosen.fields(ask),
        kept=kept(ask.filled, chosen, ask),
        back=back_to(chosen, ask.code),
    )


def back_to(chosen: Kind, code: str) -> str:
    return f"/admin/posts/{code}" if chosen.back == "posts" and code else f"/admin/{chosen.back}"


def kept(filled: Filled, chosen: Kind, ask: Ask) -> list[tuple[str, str]]:
    """What was typed, to be sent again unchanged."""
    names = [field.name for field in leaves(chosen.fields(ask))]
    return [(name, value) for name in names for value in filled.texts.get(name, ())]


def menu(_: Speech, current: str) -> Mapping[str, Any]:
    """The way through the administrator's pages."""
    city = [
        ("areas", _("区域")),
        ("plans", _("网格方案")),
        ("posts", _("指挥部")),
        ("units", _("单位")),
        ("items", _("服务事项")),
        ("majors", _("大类")),
        ("categories", _("类别")),
        ("policy", _("时限政策")),
        ("calendars", _("日历")),
        ("accounts", _("账号")),
    ]
    works = [("state", _("系统状态")), ("import", _("导入吹哨")), ("pack", _("城市目录文件"))]
    return {
        "menu": [
            (
                title,
                [
                    {
                        "href": "/admin" if name == "state" else f"/admin/{name}",
                        "label": label,
                        "current": name == current,
                    }
                    for name, label in entries
                ],
            )
            for title, entries in ((_("运行"), works), (_("城市数据"), city))
        ]
    }


@router.get("/admin/password/{code}")
def password(request: Request, tracker: TheTracker, caller: SignedIn, code: str) -> Response:
    """A password is no fact of the city: this change is told, then done, without an event."""
    only(caller, ADMINS)
    _ = speech_of(request)
    effect = new_password_effect(tracker, code, now())
    return password_page(request, tracker, caller, code, effects=said(_, [effect]))


@router.post("/admin/password/{code}")
def reset(
    request: Request, tracker: TheTracker, caller: SignedIn, form: Checked, code: str
) -> Response:
    only(caller, ADMINS)
    return password_page(request, tracker, caller, code, secret=new_password(tracker, code, now()))


def password_page(
    request: Request, tracker: Tracker, person: Person, code: str, **values: Any
) -> Response:
    _ = speech_of(request)
    return show(
        request,
        "admin_password.html",
        **head(request, tracker.city, person),
        **menu(_, "accounts"),
        **({"effects": [], "secret": None} | values),
        username=code,
    )
