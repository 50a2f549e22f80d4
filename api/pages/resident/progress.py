"""回执: the receipt with its QR code, and the reporter's progress page."""

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID, uuid4

from fastapi import Request, Response

from api.door.callers import ANYBODY, ReceiptHolder, TheTracker, now
from api.door.refusals import UnknownReceipt
from api.pages.frame import present
from api.pages.frame.look import go, show, speech_of
from api.pages.frame.qr import qr_of
from api.pages.frame.route import Checked, Notice, TheForm, pages
from api.pages.frame.speech import Speech
from api.pages.frame.visitor import head
from api.pages.parts.acting import Attempt, command_named, forms, outcome, speak
from api.pages.parts.fields import CommandForm, Field
from api.pages.parts.story import EventTeller
from api.pages.parts.whistle_view import Viewer
from api.pages.resident.anew import anew_form, raise_anew, why_anew
from api.pages.resident.receipts import Held, forget, held, remember, whistle_of
from api.reading.views import PHOTO_KINDS
from api.service import receipts
from api.service.giving import open_to
from tracker.commands.fields import DECLINED
from tracker.commands.tracker import Tracker
from tracker.commands.whistle.whistle_command import worked_on
from tracker.domain.whistle.contradicting import contradicted_until
from tracker.domain.whistle.whistle import Whistle
from tracker.eventstore.contents import read_photo

router = pages()

ABOUT_CALLS = ("confirm-call", "deny-call")
OWN_COMMANDS = ("answer", "amend", "withdraw", "reopen")  # besides the verdict, which is on top


@router.get("/p")
def progress(request: Request, tracker: TheTracker, done: str = "") -> Response:
    found = held(request, tracker)
    return ask(request, tracker) if found is None else show_progress(request, tracker, found, done)


def ask(
    request: Request, tracker: Tracker, said: Notice | None = None, typed: str = ""
) -> Response:
    status = 200 if said is None else 401
    about = head(request, tracker.city, ANYBODY)
    return show(request, "code.html", status, **about, refusal=said, typed=typed)


@router.post("/p")
def find(request: Request, tracker: TheTracker, form: Checked) -> Response:
    code = form.text("code")
    try:
        found = whistle_of(tracker, code)
    except UnknownReceipt as refusal:
        return ask(request, tracker, Notice.refused(refusal, speech_of(request).language), code)
    answer = go("/p")
    remember(request, answer, code, found.whistle.number)
    return answer


@router.post("/p/open", status_code=204)
def open_receipt(request: Request, tracker: TheTracker, holder: ReceiptHolder) -> Response:
    """Set the receipt cookie for a phone's script that has the code, as `find` does for a form.

    The code comes as `Authorization: Receipt CODE`, which no other site can send.
    """
    whistle = receipts.whistle_of(tracker, holder)
    code = request.headers["authorization"].partition(" ")[2]
    answer = Response(status_code=204)
    remember(request, answer, code, whistle.number)
    return answer


@router.post("/p/leave")
def leave(form: Checked) -> Response:
    answer = go("/p")
    forget(answer)
    return answer


@router.get("/p/receipt")
def receipt(request: Request, tracker: TheTracker, done: str = "") -> Response:
    """The page with the code, which is shown only this once."""
    found = held(request, tracker)
    if found is None:
        return go("/p")
    _, whistle = speech_of(request), found.whistle
    post, respond = whistle.place.post, whistle.clocks.get("respond")
    return show(
        request,
        "receipt.html",
        **head(request, tracker.city, ANYBODY),
        said=outcome(_, done),
        number=whistle.number,
        code=found.code,
        fours=found.code.split("-"),
        qr=qr_of(f"{request.base_url}p#{found.code.replace('-', '')}"),
        post=tracker.city.post(post).name if post else None,
        emergency=whistle.emergency,
        respond_due=present.moment(_, respond.due, now()) if respond else None,
        progress="/p",
    )


def show_progress(
    request: Request,
    tracker: Tracker,
    found: Held,
    done: str = "",
    attempt: Attempt | None = None,
) -> Response:
    _, whistle = speech_of(request), found.whistle
    viewer = Viewer(tracker, _, found.person, now())
    opened = open_to(tracker, whistle, found.person)
    names = [command.name for command in opened]
    own = [command for command in opened if command.name in OWN_COMMANDS]
    judging = [command for command in opened if command.name in ABOUT_CALLS]
    why = why_anew(_, worked_on(tracker, whistle))
    thanks = {
        "amend": _("补充收到了"),
        "answer": _("回答收到了"),
        "withdraw": _("已撤回"),
        "reopen": _("已重新办理"),
        "follow-up": _("谢谢您的评价"),
        "confirm-call": _("记下了"),
        "deny-call": _("记下了，督查会去问"),
        "contradict": _("已更正，以您说的为准"),
    }
    tried = None if attempt and attempt.command == "anew" else attempt
    again = tried if tried and tried.command == "contradict" else None
    tried = None if again and "contradict" in names else tried
    said = Notice(thanks[done], kind="good") if done in thanks else outcome(_, done)
    return show(
        request,
        "progress.html",
        422 if attempt else 200,
        **head(request, tracker.city, ANYBODY),
        whistle=viewer.reporter(whistle),
        promise=promise(_, worked_on(tracker, whistle)),
        said=attempt.said if attempt and not tried and not why else said,
        called=called(viewer, found),
        answering=forms(viewer.plain_choices(), judging, "/p", "/p"),
        recorded=recorded(viewer, found),
        correcting=correcting(viewer, again) if "contradict" in names else None,
        verdict=verdict(viewer, found, attempt) if "follow-up" in names else None,
        forms=forms(viewer.plain_choices(), own, "/p", "/p", tried),
        anew=why,
        anew_form=anew_form(_, viewer.plain_choices(), attempt) if why else None,
    )


def promise(_: Speech, whistle: Whistle) -> str:
    """One sentence: what happens until when, or that it is late."""
    clock = present.leading(list(whistle.clocks.values()), [])
    if clock is None or clock.held_at is not None:
        return ""
    at, due = now(), present.moment(_, clock.due, now())
    if clock.kind == "follow_up":
        return _("{due} 前没评也不要紧，会有人打电话问您，不会替您默认满意。", due=due)
    if at > clock.due:
        return _("本该在 {due} 前做到，已经晚了，指挥部正在催。", due=due)
    return {
        "respond": _("{due} 前会有人到场或联系。", due=due),
        "control": _("{due} 前先把险情控制住。", due=due),
        "resolve": _("{due} 前办好。", due=due),
    }.get(clock.kind, "")


def verdict(viewer: Viewer, found: Held, attempt: Attempt | None) -> CommandForm:
    """The form of the verdict. Nothing is preselected: no answer does not mean satisfied."""
    made = forms(viewer.plain_choices(), [command_named("follow-up")], "/p", "/p", attempt)[0]
    asked = [f for f in made.fields if f.name in ("resolved", "rating", "note")]
    shown: Sequence[Field] = [without_declining(f) for f in asked]
    return CommandForm(**{**vars(made), "fields": shown, "key": uuid4().hex})


def called(viewer: Viewer, found: Held) -> str:
    """Which unit says that it spoke to him, while he has not said whether that is so."""
    _, whistle = viewer.speech, worked_on(viewer.tracker, found.whistle)
    calls = whistle.calls_to(found.person.actor)
    if not calls or whistle.is_terminal:
        return ""
    unit, call = next(reversed(calls.items()))
    name = EventTeller(_, viewer.city, viewer.now, you=True).unit(unit)
    if call.called_at is None:
        return _("{unit}说和您通过电话。是这样吗？", unit=name)
    at = present.moment(_, call.called_at, viewer.now)
    return _("{unit}说 {at} 和您通过电话。是这样吗？", unit=name, at=at)


def recorded(viewer: Viewer, found: Held) -> Sequence[str]:
    """What somebody wrote down as this reporter's verdict, and until when he may correct it."""
    _, whistle = viewer.speech, worked_on(viewer.tracker, found.whistle)
    known = whistle.recorded_of(whistle.party_of(found.person.actor))
    if known is None:
        return []
    teller = EventTeller(_, viewer.city, viewer.now, you=True)
    stars = "remark" if whistle.anonymous else "rating"
    about = {"called_at": known.called_at, stars: known.rating}
    said = [teller.verdict(known.resolved), *teller.heard(about)]
    until = contradicted_until(known)
    told = _("回访记下的是：{said}。", said=" · ".join(said))
    if viewer.now > until:
        return [told]
    by = present.moment(_, until, viewer.now)
    return [told, _("不是这样的，{by} 前可以更正，以您说的为准。", by=by)]


def correcting(viewer: Viewer, attempt: Attempt | None) -> CommandForm:
    asked = [command_named("contradict")]
    return forms(viewer.plain_choices(), asked, "/p", "/p", attempt)[0]


@router.post("/p/anew")
def anew(request: Request, tracker: TheTracker, form: TheForm) -> Response:
    found = held(request, tracker)
    if found is None:
        return go("/p")
    raised, left_out = raise_anew(request, tracker, found, form)
    if isinstance(raised, Attempt):
        return show_progress(request, tracker, found, attempt=raised)
    answer = go("/p/receipt?done=left-out" if left_out else "/p/receipt")
    assert raised.receipt is not None
    remember(request, answer, raised.receipt, raised.whistle.number)
    return answer


def without_declining(field: Field) -> Field:
    """Who answers himself leaves the rating out."""
    return replace(field, options=[one for one in field.options if one[0] != DECLINED])


@router.post("/p/{command}")
def give(request: Request, tracker: TheTracker, form: TheForm, command: str) -> Response:
    found = held(request, tracker)
    if found is None:
        return go("/p")
    more = {"method": "online"} if command == "follow-up" else None
    asked = command_named(command)
    number = found.whistle.number
    result, left_out = speak(request, tracker, found.person, number, form, asked, more)
    if isinstance(result, Attempt):
        again = held(request, tracker) or found
        return show_progress(request, tracker, again, attempt=result)
    return go("/p?done=left-out" if left_out else f"/p?done={command}")


@router.get("/p/photos/{id}")
def photo(request: Request, tracker: TheTracker, id: UUID, size: str = "full") -> Response:
    """A picture, only if it belongs to the receipt holder's own story."""
    found = held(request, tracker)
    if found is None or id not in pictures(tracker, found, speech_of(request)):
        return Response(status_code=404)
    with tracker.connection() as connection:
        picture = read_photo(connection, id, thumb=size == "thumb")
    if picture is None or picture.media is None:
        return Response(status_code=404)
    private = {"Cache-Control": "private, max-age=3600", "X-Content-Type-Options": "nosniff"}
    return Response(picture.media, media_type=picture.media_type, headers=private)


def pictures(tracker: Tracker, found: Held, _: Speech) -> set[UUID]:
    story = Viewer(tracker, _, found.person, now()).story_lines(found.whistle)
    return {word.id for line in story for word in line.words if word.kind in PHOTO_KINDS}
