"""The raise page of a resident, also for a grid worker who raises for others."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from fastapi import Request, Response
from pydantic import ValidationError

from api.door.access import Person, must_raise_for_others
from api.door.callers import ANYBODY, Anyone, SignedIn, TheTracker, now
from api.door.fields import adapter, form_fields
from api.door.form_words import sentence
from api.door.problems import bad_form
from api.pages.frame.look import go, kept, show, speech_of
from api.pages.frame.offline import kept_page
from api.pages.frame.route import Filled, Notice, TheForm, check_token, pages
from api.pages.frame.visitor import head
from api.pages.parts.acting import once_of, readable_photos
from api.pages.parts.fields import Choices
from api.pages.resident.place import location_of, looking, map_address, offers
from api.pages.resident.receipts import remember
from api.service.reporting import Reported, join_for, look, raise_for, reported_before
from tracker.commands.tracker import Tracker
from tracker.commands.whistle.raising import Raise
from tracker.domain.errors import Refusal
from tracker.suggesting.joining import JoinNearby
from tracker.words.sensitive import sensitive_pattern

router = pages()

FIELDS = ("lat", "lon", "accuracy_m", "address", "grid", "text", "urgency", "category", "source")
PERSONAL = ("name", "phone")
SWITCHES = ("anonymous", "confidential")


@router.get("/")
def raise_form(request: Request, tracker: TheTracker, caller: Anyone) -> Response:
    return form_page(request, tracker, caller, Filled({}, {}))


@router.get("/grid/raise")
def raise_for_others(request: Request, tracker: TheTracker, caller: SignedIn) -> Response:
    """The same form with one more question: who reported it, or was it seen on patrol."""
    must_raise_for_others(caller)
    here = {"for": ["others"], "grid": [caller.actor.grid or ""]}
    return form_page(request, tracker, caller, Filled(here, {}))


@router.get("/shell")
def shell(request: Request, tracker: TheTracker) -> Response:
    """The form for the phone's cache: without a name, and without a key, as it is reused."""
    kept(request, "/")
    return kept_page(request, form_page(request, tracker, None, Filled({}, {})))


def form_page(
    request: Request,
    tracker: Tracker,
    caller: Person | None,
    form: Filled,
    said: Notice | None = None,
    errors: Mapping[str, str] | None = None,
    photos: Sequence[str] = (),
    offered: Sequence[Mapping[str, str]] = (),
    *,
    left_out: bool = False,
) -> Response:
    """The form, with everything typed before and the errors."""
    _, city = speech_of(request), tracker.city
    choices = Choices(_, city, now())
    categories = choices.categories()
    chosen = form.text("category")
    names = {code: name for group in categories for code, name in group.options}
    grids = {code: name for group in choices.grids() for code, name in group.options}
    return show(
        request,
        "raise.html",
        422 if said else 200,
        **head(request, city, caller or ANYBODY),
        known=caller is not None,
        key=form.key or (uuid4().hex if caller else ""),
        refusal=said,
        errors={
            name: (errors or {}).get(name) for name in (*FIELDS, *PERSONAL, "photos", "location")
        },
        values={name: form.text(name) for name in (*FIELDS, *PERSONAL)}
        | {name: form.text(name) == "yes" for name in SWITCHES},
        for_others=form.text("for") == "others",
        photos=photos,
        left_out=left_out,
        offered=offered,
        map_address=map_address(city),
        place_name=grids.get(form.text("grid")),
        grids=choices.grids(),
        categories=categories,
        chosen_category=(chosen, names[chosen]) if chosen in names else None,
        category_count=len(names),
        emergency_words="|".join(alarming(tracker)),
        sensitive_words=sensitive_pattern(),
    )


def alarming(tracker: Tracker) -> list[str]:
    """Keywords of emergency categories; the page shows 110, 119 and 120 if one is typed."""
    found = [c.keywords for c in tracker.city.categories if c.sla == "E1"]
    return sorted({word for words in found for word in words})


@router.post("/")
def raise_it(request: Request, tracker: TheTracker, caller: Anyone, form: TheForm) -> Response:
    """Raise it, or join an offered one. Open whistles nearby are offered once before raising.

    A form that is sent again is answered first of all: its answer was lost, and what it would find
    nearby is its own whistle.
    """
    language = speech_of(request).language
    sent = Sent(request, tracker, caller, form, *readable_photos(tracker, form, caller))
    try:
        check_token(request, form)
        if earlier := reported_before(tracker, caller, once_of(request, form)):
            return received(request, earlier)
        return sent.taken()
    except ValidationError as wrong:
        errors = {where(e["loc"]): sentence(e, language) for e in wrong.errors()}
        return sent.page(Notice(bad_form(len(errors), language)), errors)
    except Refusal as refusal:
        said = Notice.refused(refusal, language)
        field = getattr(refusal, "field", None)
        at_field = {"lat": "location", "lon": "location"}.get(field or "", field)
        return sent.page(said, {at_field: said.message} if at_field else {})


@dataclass(frozen=True)
class Sent:
    """The raise form as it was sent. `unreadable`: why a picture of it was left out."""

    request: Request
    tracker: Tracker
    caller: Person
    form: Filled
    photos: Sequence[str]
    unreadable: Refusal | None

    def taken(self) -> Response:
        """Offer what is open nearby, else raise once per form, however often it is sent."""
        form, once = self.form, once_of(self.request, self.form)
        report = report_of(form, self.photos)
        if form.text("join"):
            return self._received(join_for(self.tracker, self._joining(report), self.caller, once))
        body = adapter(Raise).validate_python(report)
        if not form.text("offered") and (found := look(self.tracker, looking(form))):
            offered = offers(speech_of(self.request), self.tracker, found)
            return self.page(None, {}, offered)
        return self._received(raise_for(self.tracker, body, self.caller, once))

    def _joining(self, report: Mapping[str, Any]) -> JoinNearby:
        """The join of the whistle whose button was pressed."""
        said = {name: report[name] for name in form_fields(JoinNearby) if name in report}
        body = {**said, "number": self.form.text("join")}
        joining: JoinNearby = adapter(JoinNearby).validate_python(body)
        return joining

    def _received(self, reported: Reported) -> Response:
        left_out = self.unreadable is not None or bool(self.form.text("left-out"))
        return received(self.request, reported, left_out=left_out)

    def page(
        self,
        said: Notice | None,
        errors: Mapping[str, str],
        offered: Sequence[Mapping[str, str]] = (),
    ) -> Response:
        """The form again, with all that was typed and the pictures that were kept."""
        if self.unreadable is not None:
            language = speech_of(self.request).language
            unopened = Notice.refused(self.unreadable, language).message
            errors = {"photos": unopened, **errors}
        return form_page(
            self.request,
            self.tracker,
            self.caller,
            self.form,
            said,
            errors,
            self.photos,
            offered,
            left_out=self.unreadable is not None or bool(self.form.text("left-out")),
        )


def where(location: Sequence[Any]) -> str:
    """The form's field for a part of the body."""
    parts = [str(part) for part in location]
    if parts[0] == "location":
        return "location"
    return parts[-1] if parts[0] == "reporter" else parts[0]


def report_of(form: Filled, photos: Sequence[str]) -> dict[str, Any]:
    """The form as a JSON body, without empty fields."""
    reporter = {name: form.text(name) for name in PERSONAL if form.text(name)}
    said: dict[str, Any] = {
        "text": form.text("text"),
        "category": form.text("category"),
        "urgency": form.text("urgency"),
        "source": form.text("source"),
        "location": location_of(form),
        "photos": list(photos),
        "reporter": reporter,
    }
    kept = {name: value for name, value in said.items() if value}
    return kept | {name: form.text(name) == "yes" for name in SWITCHES}


def received(request: Request, reported: Reported, *, left_out: bool = False) -> Response:
    """The receipt or the whistle's page; `left_out`: it says that a picture was not taken."""
    number = reported.whistle.number
    if reported.receipt is None:
        done = "&done=left-out" if left_out else ""
        return go(f"/w/{number}?position={reported.position}{done}")
    answer = go("/p/receipt?done=left-out" if left_out else "/p/receipt")
    remember(request, answer, reported.receipt, number)
    return answer
