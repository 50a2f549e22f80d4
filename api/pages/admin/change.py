"""A change of the city: its form, what it would do, and, confirmed, what was done."""

from collections.abc import Sequence
from typing import Any

from fastapi import Response

from api.pages.admin.form import NOTHING, ChangeForm, Form, NotFilledIn
from api.pages.admin.forms import FORMS, name_of
from api.pages.admin.visit import Admin, Visit
from api.pages.admin.words import events_in_words
from api.pages.frame.look import go
from api.pages.frame.route import Checked, Filled, pages
from api.pages.frame.speech import Speech
from tracker.city.changing.accounts import new_password, new_password_effect
from tracker.city.changing.city_change import CityChange, Effect
from tracker.city.changing.recording import EntryMoved, confirm, preview
from tracker.domain.errors import Refusal

router = pages()
PASSWORD = "admin_password.html"
LISTED = 12  # events of a preview beyond these are counted
BLANK: dict[str, Any] = {
    "preview": None, "refusal": None, "done": None, "secret": None, "username": "",
}  # fmt: skip


def in_words(_: Speech, effects: Sequence[Effect]) -> list[tuple[str, bool]]:
    """Each effect as a sentence, and whether it warns."""
    return [(effect.say(_.language), effect.warns) for effect in effects]


@router.get("/admin/change/{kind}")
def new_form(visit: Admin, kind: str) -> Response:
    return form(visit, kind, "")


@router.get("/admin/change/{kind}/{code}")
def form(visit: Admin, kind: str, code: str) -> Response:
    """What stands now, to be changed. A change without fields is shown as its preview at once."""
    if kind not in FORMS:
        return visit.nothing_here()
    return ChangeRequest(visit, kind, code, NOTHING, step="").answer()


@router.post("/admin/change/{kind}")
def new_sent(visit: Admin, typed: Checked, kind: str) -> Response:
    return sent(visit, typed, kind, "")


@router.post("/admin/change/{kind}/{code}")
def sent(visit: Admin, typed: Checked, kind: str, code: str) -> Response:
    """`step` is preview, edit (back to the form, nothing lost), more (empty rows) or confirm."""
    if kind not in FORMS:
        return visit.nothing_here()
    return ChangeRequest(visit, kind, code, typed, typed.text("step") or "preview").answer()


class ChangeRequest:
    """One request about one change. `step` is "" where nothing was sent yet."""

    def __init__(self, visit: Visit, kind: str, code: str, typed: Filled, step: str) -> None:
        self.visit, self.kind, self.chosen, self.step = visit, kind, FORMS[kind], step
        city = visit.tracker.directory.refresh()
        today = city.policy.calendar.date_of(visit.at)
        self.form = Form(visit.speech, city, today, code, typed, sent=bool(step))
        self.form.shown_only = step in ("", "edit", "more")

    def answer(self) -> Response:
        """The form, the preview or what was done; a mistake or a refusal stands in the form."""
        try:
            change = self.chosen.change(self.form)
        except NotFilledIn:
            return self.page(200 if self.form.shown_only else 422)
        try:
            return self.confirmed(change) if self.step == "confirm" else self.previewed(change)
        except Refusal as refusal:
            return self.refused(refusal)

    def previewed(self, change: CityChange, status: int = 200, **values: Any) -> Response:
        _, tracker = self.form.speech, self.visit.tracker
        found = preview(tracker, change, self.visit.at, self.visit.actor)
        effects = in_words(_, list(change.effects(tracker, found)))
        events, more = events_in_words(_, found.events, LISTED)
        shown = {"effects": effects, "events": events, "more": more, "seen": found.versions}
        return self.page(status, preview=shown, **values)

    def confirmed(self, change: CityChange) -> Response:
        """Record what was previewed, or, where it became another thing, show that and why."""
        form, visit = self.form, self.visit
        try:
            seen = form.filled.text("seen")
            done = confirm(visit.tracker, change, seen, visit.at, visit.actor)
        except EntryMoved as moved:
            return self.previewed(change, 409, refusal=visit.said(moved))
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
        return self.page(409, refusal=self.visit.said(refusal))

    def page(self, status: int = 200, **values: Any) -> Response:
        form, kind, code = self.form, self.kind, self.form.code
        typed = form.filled.texts
        return self.visit.show(
            "admin_change.html",
            self.chosen.back,
            status,
            **(BLANK | values),
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
def password(visit: Admin, code: str) -> Response:
    """A password is no fact of the city: the preview tells it, and no event records it."""
    effect = new_password_effect(visit.tracker, code, visit.at)
    effects = in_words(visit.speech, [effect])
    return visit.show(PASSWORD, "accounts", username=code, effects=effects, secret=None)


@router.post("/admin/password/{code}")
def reset(visit: Admin, form: Checked, code: str) -> Response:
    secret = new_password(visit.tracker, code, visit.at)
    return visit.show(PASSWORD, "accounts", username=code, effects=[], secret=secret)
