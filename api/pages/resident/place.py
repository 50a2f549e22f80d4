"""The place of a report: the phone's point in words, the map to tap, open whistles nearby."""

from collections.abc import Sequence
from datetime import date
from functools import lru_cache
from typing import Any

from fastapi import Request, Response
from fastapi.responses import JSONResponse
from markupsafe import Markup
from pydantic import ValidationError

from api.door.callers import TheTracker, now
from api.door.fields import adapter
from api.pages.frame.assets import FOR_EVER
from api.pages.frame.look import show, speech_of
from api.pages.frame.present import moment, state_name
from api.pages.frame.route import Checked, Filled, Notice, error_page, pages
from api.pages.frame.speech import Speech
from api.service.reporting import OFFERED, look
from tracker.city_zone import city_zone
from tracker.commands.fields import Point
from tracker.commands.places import reported_place
from tracker.commands.tracker import Tracker
from tracker.directory import Directory
from tracker.domain.errors import Refusal
from tracker.domain.whistle.place import Place
from tracker.reports.drawing.city_map import WIDE, Shape, kept_base_map
from tracker.suggesting.joining import NearbyQuery
from tracker.suggesting.nearby import Near

router = pages()


@router.post("/place")
def place(request: Request, tracker: TheTracker, form: Checked) -> Response:
    """The grid and address of the phone's point in words, for the raise page's script.

    It is a POST although nothing is written, because proxies log addresses (URLs) and a person's
    position must not be in one.
    """
    _, city = speech_of(request), tracker.city
    try:
        point = adapter(Point).validate_python(location_of(form))
        found = reported_place(city, point, now())
    except ValidationError:
        return error_page(request, 422)
    except Refusal as refusal:
        said = Notice.refused(refusal, _.language)
        return JSONResponse({"name": said.message, "within": said.remedy}, 404)
    if found.grid is None:
        name, within = unlocated(_, found)
        return JSONResponse({"grid": None, "name": name, "within": within})
    street = city.area(found.street).name if found.street else city.city.name
    return JSONResponse({"grid": found.grid, "name": city.grid(found.grid).name, "within": street})


def unlocated(_: Speech, point: Place) -> tuple[str, str]:
    """What the page says of a point that is kept without a grid."""
    why = _("在网格之外，照样收下") if point.exact else _("定位不够准，照样收下")
    return _("已记下您的位置"), _("{why}；补个地点，落格更快", why=why)


def today() -> date:
    return now().astimezone(city_zone()).date()


def map_address(city: Directory) -> str:
    """The map's address changes with the city and its plan, so a phone may cache it for ever."""
    return f"/map/{city.version}-{today():%Y%m%d}.svg"


@router.get("/map/{seen}.svg")
def grid_map(request: Request, tracker: TheTracker, seen: str) -> Response:
    """The city's grids to tap on; fetched only when the person opens the map."""
    city = tracker.city
    drawn = drawing(city, today())
    kept = FOR_EVER if request.url.path == map_address(city) else {"Cache-Control": "no-cache"}
    return Response(drawn, media_type="image/svg+xml", headers=kept)


@lru_cache(maxsize=2)
def drawing(city: Directory, on: date) -> str:
    """Grids grouped by street: on small screens the street is tapped first."""
    whole = kept_base_map(city, on)
    streets: dict[str, list[Shape]] = {}
    for shape in whole.grids:
        streets.setdefault(street_of(city, shape.code), []).append(shape)
    parts = [
        Markup('<svg xmlns="http://www.w3.org/2000/svg" viewBox="-8 -8 {} {:.0f}">').format(
            WIDE + 16, whole.height + 16
        )
    ]
    for street, shapes in streets.items():
        name = city.area(street).name if street else ""
        drawn = Markup("").join(
            Markup('<path data-grid="{}" data-name="{}" d="{}"/>').format(s.code, s.name, s.path)
            for s in shapes
        )
        parts.append(Markup('<g data-street="{}">{}</g>').format(name, drawn))
    named = [
        Markup('<text x="{:.0f}" y="{:.0f}">{}</text>').format(s.x, s.y, s.name)
        for s in whole.streets
    ]
    borders = [Markup('<path class="street" d="{}"/>').format(s.path) for s in whole.streets]
    return str(Markup("").join([*parts, *borders, *named, Markup("</svg>")]))


def street_of(city: Directory, grid: str) -> str:
    return city.area(city.grid(grid).parent).parent


def location_of(form: Filled) -> dict[str, Any] | None:
    """The place in the form: a picked grid, else the phone's point; with or without an address."""
    address = {"address": form.text("address")} if form.text("address") else {}
    if form.text("grid"):
        return {"grid": form.text("grid"), **address}
    try:
        point = {name: float(form.text(name)) for name in ("lat", "lon")}
        inexact = form.text("accuracy_m")
        return point | ({"accuracy_m": float(inexact)} if inexact else {}) | address
    except ValueError:
        return address or None


def looking(form: Filled) -> NearbyQuery:
    """The raise form so far; raises ValidationError for an invalid place."""
    said = {
        "text": form.text("text"),
        "category": form.text("category"),
        "location": location_of(form),
    }
    found: NearbyQuery = adapter(NearbyQuery).validate_python(
        {name: value for name, value in said.items() if value}
    )
    return found


@router.post("/nearby")
def nearby(request: Request, tracker: TheTracker, form: Checked) -> Response:
    """Open whistles nearby, as a part of the raise page, for its script."""
    try:
        found = look(tracker, looking(form))
    except (ValidationError, Refusal):
        found = []
    return show(request, "nearby.html", offered=offers(speech_of(request), tracker, found))


def offers(_: Speech, tracker: Tracker, found: Sequence[Near]) -> list[dict[str, str]]:
    """The whistles in words: category, place, distance, age, and who has it."""
    return [offer(_, tracker.city, near) for near in found[:OFFERED]]


def offer(_: Speech, city: Directory, near: Near) -> dict[str, str]:
    one = near.whistle
    where = city.grid(one.grid).name if one.grid else ""
    far = _("约 {n} 米", n=max(5, round(near.metres / 5) * 5)) if near.metres is not None else ""
    since = _("{at} 吹的哨", at=moment(_, one.registered_at, now()))
    holder = city.unit(one.lead).short if one.lead else ""
    return {
        "number": one.number,
        "what": city.category(one.category).name,
        "where": " · ".join(part for part in (where, far) if part),
        "how": " · ".join(part for part in (since, state_name(_, one.state), holder) if part),
    }
