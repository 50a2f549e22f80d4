"""The raise page of a resident, also for a grid worker who raises for others."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import uuid4

from fastapi import Request, Response
from pydantic import ValidationError

from api.door.access import Person, must_raise_for_others
from api.door.callers import ANYBODY, Anyone, SignedIn, TheTracker, now
from api.door.fields import adapter, form_fields
from api.door.form_words import sentence
from api.door.problems import BAD_FORM
from api.pages.frame.look import go, kept, show, speech_of
from api.pages.frame.offline import kept_page
from api.pages.frame.route import Filled, Notice, TheForm, check_token, pages
from api.pages.frame.visitor import head
from api.pages.parts.acting import kept_photos, once_of, store_photos
from api.pages.parts.fields import Choices
from api.pages.resident.place import location_of, looking, map_address, offers
from api.pages.resident.receipts import remember
from api.service.reporting import Reported, join_for, look, raise_for
from tracker.commands.tracker import Tracker
from tracker.commands.whistle.raising import Raise
from tracker.domain.errors import Refusal
from tracker.suggesting.joining import JoinNearby

router = pages()

FIELDS = ("lat", "lon", "accuracy_m", "address", "grid", "text", "urgency", "category", "source")
PERSONAL = ("name", "phone")


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
        | {"anonymous": form.text("anonymous") == "yes"},
        for_others=form.text("for") == "others",
        photos=photos,
        offered=offered,
        map_address=map_address(city),
        place_name=grids.get(form.text("grid")),
        grids=choices.grids(),
        categories=categories,
        chosen_category=(chosen, names[chosen]) if chosen in names else None,
        category_count=len(names),
        emergency_words="|".join(alarming(tracker)),
    )


def alarming(tracker: Tracker) -> list[str]:
    """Keywords of emergency categories; the page shows 110, 119 and 120 if one is typed."""
    found = [c.keywords for c in tracker.city.categories if c.sla == "E1"]
    return sorted({word for words in found for word in words})


@router.post("/")
def raise_it(request: Request, tracker: TheTracker, caller: Anyone, form: TheForm) -> Response:
    """Raise it, or join an offered one. Open whistles nearby are offered once before raising."""
    language = speech_of(request).language
    photos: list[str] = []
    try:
        photos = [
            *kept_photos(form, "photos"),
            *store_photos(tracker, form.files("photos"), caller),
        ]
        check_token(request, form)
        report = report_of(form, photos)
        if form.text("join"):
            return joined(request, tracker, caller, form, report)
        body = adapter(Raise).validate_python(report)
        if not form.text("offered") and (found := look(tracker, looking(form))):
            offered = offers(speech_of(request), tracker, found)
            return form_page(request, tracker, caller, form, photos=photos, offered=offered)
        return raised(request, tracker, caller, form, body)
    except ValidationError as wrong:
        errors = {where(e["loc"]): sentence(e, language) for e in wrong.errors()}
        said = Notice(BAD_FORM.say(language, {"count": len(errors)}))
        return form_page(request, tracker, caller, form, said, errors, photos)
    except Refusal as refusal:
        said = Notice.refused(refusal, language)
        field = getattr(refusal, "field", None)
        at_field = {"file": "photos", "lat": "location", "lon": "location"}.get(field or "", field)
        errors = {at_field: said.message} if at_field else {}
        return form_page(request, tracker, caller, form, said, errors, photos)


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
    return kept | {"anonymous": form.text("anonymous") == "yes"}


def raised(
    request: Request, tracker: Tracker, caller: Person, form: Filled, body: Raise
) -> Response:
    """Raise once per form, however often it is sent; then the receipt or the whistle's page."""
    return received(request, raise_for(tracker, body, caller, once_of(request, form)))


def joined(
    request: Request, tracker: Tracker, caller: Person, form: Filled, report: Mapping[str, Any]
) -> Response:
    """Join the reporter to the whistle whose button was pressed."""
    said = {name: report[name] for name in form_fields(JoinNearby) if name in report}
    body = adapter(JoinNearby).validate_python({**said, "number": form.text("join")})
    return received(request, join_for(tracker, body, caller, once_of(request, form)))


def received(request: Request, reported: Reported) -> Response:
    number = reported.whistle.number
    if reported.receipt is None:
        return go(f"/w/{number}?position={reported.position}")
    answer = go("/p/receipt")
    remember(request, answer, reported.receipt, number)
    return answer
