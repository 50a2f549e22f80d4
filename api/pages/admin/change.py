"""A change of the city: its form, what it would do, and, confirmed, what was done."""

from collections.abc import Sequence
from typing import Any

from fastapi import Request, Response

from api.door.access import Person
from api.door.callers import SignedIn, TheTracker, now
from api.pages.admin.form import NOTHING, ChangeForm, Form, NotFilledIn
from api.pages.admin.forms import FORMS, name_of
from api.pages.admin.words import events_in_words
from api.pages.frame.look import go, show, speech_of
from api.pages.frame.route import Checked, Filled, Said, error_page, pages
from api.pages.frame.speech import Speech
from api.pages.frame.visitor import ADMINS, head, only
from tracker.city.changing.accounts import new_password, new_password_effect
from tracker.city.changing.city_change import CityChange, Effect
from tracker.city.changing.recording import EntryMoved, confirm, preview
from tracker.commands.tracker import Tracker
from tracker.domain.errors import Refusal

router = pages()
LISTED = 12  # events of a preview beyond these are counted
BLANK: dict[str, Any] = {
    "preview": None, "refusal": None, "done": None, "secret": None, "username": "",
}  # fmt: skip


def in_words(_: Speech, effects: Sequence[Effect]) -> list[tuple[str, bool]]:
    """Each effect as a sentence, and whether it warns."""
    return [(effect.say(_.language), effect.warns) for effect in effects]


@router.get("/admin/change/{kind}")
def new_form(request: Request, tracker: TheTracker, caller: SignedIn, kind: str) -> Response:
    return form(request, tracker, caller, kind, "")


@router.get("/admin/change/{kind}/{code}")
def form(request: Request, tracker: TheTracker, caller: SignedIn, kind: str, code: str) -> Response:
    """What stands now, to be changed. A change without fields is shown as its preview at once."""
    only(caller, ADMINS)
    if kind not in FORMS:
        return error_page(request, 404)
    return ChangeRequest(request, tracker, caller, kind, code).answer("")


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
    if kind not in FORMS:
        return error_page(request, 404)
    return ChangeRequest(request, tracker, caller, kind, code, typed).answer(
        typed.text("step") or "preview"
    )


class ChangeRequest:
    """One request of an administrator about one change."""

    def __init__(
        self,
        request: Request,
        tracker: Tracker,
        person: Person,
        kind: str,
        code: str,
        typed: Filled | None = None,
    ) -> None:
        self.request, self.tracker, self.person = request, tracker, person
        self.kind, self.chosen = kind, FORMS[kind]
        city = tracker.directory.refresh()
        today = city.policy.calendar.date_of(now())
        self.form = Form(
            speech_of(request), city, today, code, typed or NOTHING, sent=typed is not None
        )

    def answer(self, step: str) -> Response:
        """The form, the preview or what was done; a mistake or a refusal stands in the form."""
        form = self.form
        form.shown_only = step in ("", "edit", "more")
        try:
            change = self.chosen.change(form)
        except NotFilledIn:
            return self.page(200 if form.shown_only else 422)
        try:
            return self.confirmed(change) if step == "confirm" else self.previewed(change)
        except Refusal as refusal:
            return self.refused(refusal)

    def previewed(self, change: CityChange, status: int = 200, **values: Any) -> Response:
        _, at = self.form.speech, now()
        found = preview(self.tracker, change, at, self.person.actor)
        effects = in_words(_, list(change.effects(self.tracker, found)))
        events, more = events_in_words(_, found.events, LISTED)
        shown = {"effects": effects, "events": events, "more": more, "seen": found.versions}
        return self.page(status, preview=shown, **values)

    def confirmed(self, change: CityChange) -> Response:
        """Record what was previewed, or, where it became another thing, show that and why."""
        form, seen = self.form, self.form.filled.text("seen")
        try:
            done = confirm(self.tracker, change, seen, now(), self.person.actor)
        except EntryMoved as moved:
            return self.previewed(change, 409, refusal=self.said(moved))
        if done.secret is None and not done.effects:
            return go(f"/admin/{self.chosen.back}?done={self.kind}&at={form.code}")
        return self.page(
            done=in_words(form.speech, done.effects),
            secret=done.secret,
            username=form.code or form.filled.text("username"),
        )

    def refused(self, refusal: Refusal) -> Response:
        """The form, with what was refused at its field, or above them all."""
        form, named = self.form, getattr(refusal, "field", None)
        form.shown_only = False
        if named in {one.name for one in (*form.made, *form.leaves()) if one is not None}:
            form.refuse(named, refusal)
            return self.page(422)
        return self.page(409, refusal=self.said(refusal))

    def said(self, refusal: Refusal) -> Said:
        return Said.refused(refusal, self.form.speech.language)

    def page(self, status: int = 200, **values: Any) -> Response:
        form, kind, code = self.form, self.kind, self.form.code
        typed = form.filled.texts
        return show(
            self.request,
            "admin_change.html",
            status,
            **head(self.request, self.tracker.city, self.person),
            **(BLANK | values),
            section=self.chosen.back,
            title=form.speech(self.chosen.title),
            about=name_of(form.city, kind, code),
            action=f"/admin/change/{kind}" + (f"/{code}" if code else ""),
            fields=form.fields(),
            kept=[(one.name, text) for one in form.leaves() for text in typed.get(one.name, ())],
            back=back_to(self.chosen, code),
        )


def back_to(chosen: ChangeForm, code: str) -> str:
    return f"/admin/posts/{code}" if chosen.back == "posts" and code else f"/admin/{chosen.back}"


@router.get("/admin/password/{code}")
def password(request: Request, tracker: TheTracker, caller: SignedIn, code: str) -> Response:
    """A password is no fact of the city: the preview tells it, and no event records it."""
    only(caller, ADMINS)
    _ = speech_of(request)
    effect = new_password_effect(tracker, code, now())
    return password_page(request, tracker, caller, code, effects=in_words(_, [effect]))


@router.post("/admin/password/{code}")
def reset(
    request: Request, tracker: TheTracker, caller: SignedIn, form: Checked, code: str
) -> Response:
    only(caller, ADMINS)
    return password_page(request, tracker, caller, code, secret=new_password(tracker, code, now()))


def password_page(
    request: Request, tracker: Tracker, person: Person, code: str, **values: Any
) -> Response:
    return show(
        request,
        "admin_password.html",
        **head(request, tracker.city, person),
        **({"effects": [], "secret": None} | values),
        section="accounts",
        username=code,
    )
