"""Routing: place → grid of the day's plan → post; words → category. Each with the reason."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date
from math import isfinite
from typing import ClassVar
from unicodedata import category as character_class
from unicodedata import normalize
from weakref import WeakKeyDictionary

from tracker.directory import Directory
from tracker.domain.city.areas import Area, GridPlan, UnknownGrid
from tracker.domain.city.catalogue import Category
from tracker.domain.city.posts import CommandPost
from tracker.domain.errors import Invalid, NotFound, Words
from tracker.domain.whistle.events import Place, Suggestion
from tracker.routing.geometry import Bounds, GridMap, wgs84_of_gcj02

NEAR_THE_CITY = 1.0  # degrees around the city in which swapped coordinates are recognised
NULL_ISLAND = 1e-3  # degrees around 0,0


@dataclass(frozen=True)
class Ground:
    """A day's grid plan: its map, and each grid's place, computed at first use."""

    plan: GridPlan
    map: GridMap
    places: dict[str, Place] = field(default_factory=dict)


_grounds: WeakKeyDictionary[Directory, dict[date, Ground]] = WeakKeyDictionary()


def locate(directory: Directory, lat: float, lon: float, crs: str, on: date) -> Place:
    """The point's grid in the plan of that day, and the post that holds it.

    `crs` is "WGS84" or "GCJ02"; the returned place is in WGS84.
    Refuses by SwappedCoordinates, NullIsland, NotOnEarth, UnknownCrs, OutsideCity, NoGridPlan.
    """
    found = find(directory, lat, lon, crs, on)
    if found.grid is None:
        lat, lon = found.lat or lat, found.lon or lon
        raise OutsideCity(lat=round(lat, 6), lon=round(lon, 6), city=directory.city.name)
    return found


def find(directory: Directory, lat: float, lon: float, crs: str, on: date) -> Place:
    """As `locate`, but a point outside every grid is a place without a grid."""
    ground = _ground(directory, on)
    _check(ground.map.bounds, lat, lon)
    lat, lon = _wgs84(lat, lon, crs)
    code = ground.map.grid_at(lat, lon)
    around = Place() if code is None else _place(directory, code, ground, on)
    return replace(around, lat=lat, lon=lon)


def place_of_grid(directory: Directory, code: str, on: date) -> Place:
    """The place of a grid by its code. Refuses a grid that is not in the day's plan."""
    ground = _ground(directory, on)
    if code not in ground.plan.grids:
        raise UnknownGrid(given=code, plan=ground.plan.name)
    place = _place(directory, code, ground, on)
    return place if place.rule == "special_area" else replace(place, rule="named_grid")


def suggest(directory: Directory, text: str) -> Suggestion | None:
    """The category whose keywords cover most of the text; None if it has no keyword.

    It is only a suggestion until a person confirms it.
    """
    best = next(iter(ranked(directory, text)), None)
    if best is None:
        return None
    return Suggestion(best.code, best.keywords, "keywords", directory.catalogue_version)


def ranked(directory: Directory, text: str) -> list["Match"]:
    """Every category that has a keyword in the text, the best first.

    A keyword inside a longer one does not count ("渣土" in "渣土车"). Most characters win, then
    the longest keyword, then the lower code.
    """
    words = plain(text)
    found = {
        keyword
        for category in directory.categories
        for keyword in category.keywords
        if plain(keyword) and plain(keyword) in words
    }
    visible = {keyword for keyword in found if not _hidden(keyword, found, words)}
    matches = [Match.of(category, visible) for category in directory.categories]
    return sorted(match for match in matches if match.keywords)


@dataclass(frozen=True, order=True)
class Match:
    """How much of the text a category's keywords cover; the best sorts first."""

    minus_characters: int
    minus_longest: int
    code: str
    keywords: tuple[str, ...]

    @classmethod
    def of(cls, category: Category, found: Iterable[str]) -> "Match":
        keywords = tuple(keyword for keyword in category.keywords if keyword in found)
        lengths = [len(plain(keyword)) for keyword in keywords]
        return cls(-sum(lengths), -max(lengths, default=0), category.code, keywords)

    @property
    def characters(self) -> int:
        """How many characters of the text the keywords cover."""
        return -self.minus_characters


def plain(text: str) -> str:
    """The text for comparing: same width and case, no spaces, no invisible characters."""
    folded = normalize("NFKC", text).casefold()
    return "".join(
        letter
        for letter in folded
        if not letter.isspace() and character_class(letter) not in ("Cf", "Cc")
    )


def post_of_grid(directory: Directory, grid: Area, on: date) -> tuple[CommandPost | None, str]:
    """The post that holds the grid on that day, and the rule: "special_area" or "grid".

    A post only for escalation never gets a grid. A special area has priority over the community. A
    grid of a finer plan belongs to the post that holds the grid it was split from.
    """
    names = {grid.code, grid.split_from} - {""}
    holding = [
        post
        for post in directory.posts_on(on)
        if not post.escalation_only and names & set(post.grids(on))
    ]
    if not holding:
        return None, "grid"
    first = min(holding, key=lambda post: (not post.overrides, post.code))
    return first, "special_area" if first.overrides else "grid"


def _place(directory: Directory, code: str, ground: Ground, on: date) -> Place:
    """The grid's community, street and post on that day, without a point."""
    if code not in ground.places:
        grid = directory.grid(code)
        post, rule = post_of_grid(directory, grid, on)
        community = directory.area(grid.parent)
        ground.places[code] = Place(
            grid=code,
            community=community.code,
            street=community.parent,
            post=post.code if post else None,
            plan=ground.plan.code,
            rule=rule,
        )
    return ground.places[code]


def _check(bounds: Bounds, lat: float, lon: float) -> None:
    """Refuse coordinates that cannot be a place here, before any conversion."""
    if not (isfinite(lat) and isfinite(lon)):
        raise NotOnEarth(lat=lat, lon=lon)
    if abs(lat) < NULL_ISLAND and abs(lon) < NULL_ISLAND:
        raise NullIsland
    if _near(bounds, lat=lon, lon=lat) and not _near(bounds, lat=lat, lon=lon):
        raise SwappedCoordinates(lat=lat, lon=lon)
    if abs(lat) > 90 or abs(lon) > 180:
        raise NotOnEarth(lat=lat, lon=lon)


def _near(bounds: Bounds, lat: float, lon: float) -> bool:
    west, south, east, north = bounds
    return (
        south - NEAR_THE_CITY <= lat <= north + NEAR_THE_CITY
        and west - NEAR_THE_CITY <= lon <= east + NEAR_THE_CITY
    )


def _wgs84(lat: float, lon: float, crs: str) -> tuple[float, float]:
    match crs.upper().replace("-", ""):
        case "WGS84":
            return lat, lon
        case "GCJ02":
            return wgs84_of_gcj02(lat, lon)
    raise UnknownCrs(crs=crs)


def _ground(directory: Directory, on: date) -> Ground:
    """The day's grid plan, made once per `Directory`; days with the same plan share its map."""
    grounds = _grounds.setdefault(directory, {})
    if on not in grounds:
        plan = directory.plan(on)
        if plan is None:
            raise NoGridPlan(on=on)
        maps = {ground.plan.code: ground.map for ground in list(grounds.values())}
        drawn = maps.get(plan.code) or GridMap([directory.grid(c) for c in sorted(plan.grids)])
        grounds[on] = Ground(plan, drawn)
    return grounds[on]


def _hidden(keyword: str, found: set[str], words: str) -> bool:
    """Whether the keyword is in the text only inside longer keywords."""
    longer = (plain(other) for other in found if len(other) > len(keyword))
    for other in sorted((o for o in longer if plain(keyword) in o), key=len, reverse=True):
        words = words.replace(other, "\0")
    return plain(keyword) not in words


class LocationRefused(Invalid):
    """The coordinates from a phone are not a usable place."""

    field: ClassVar[str | None] = "location"


class SwappedCoordinates(LocationRefused):
    """The point is in the city only if latitude and longitude are swapped."""

    code = "location.swapped"
    message = Words(
        zh="纬度 {lat} 与经度 {lon} 似乎颠倒了",
        en="Latitude {lat} and longitude {lon} look swapped",
    )
    remedy = Words(zh="请交换经纬度后再试", en="Send them the other way round")


class NullIsland(LocationRefused):
    """Phones send 0,0 when they may not share their location."""

    code = "location.null_island"
    message = Words(zh="手机没有给出真实位置(0,0)", en="The phone gave no real place (0,0)")
    remedy = Words(
        zh="请允许定位,或改填地址", en="Allow the phone to tell its place, or write the address"
    )


class NotOnEarth(LocationRefused):
    """Latitude ends at 90 degrees and longitude at 180."""

    code = "location.not_on_earth"
    message = Words(
        zh="纬度 {lat}、经度 {lon} 不是有效坐标",
        en="Latitude {lat}, longitude {lon} is no point on earth",
    )
    remedy = Words(
        zh="请在地图上重新选点,或改填地址", en="Choose the point again, or write the address"
    )


class UnknownCrs(LocationRefused):
    """Not one of the two coordinate systems that phones here use."""

    code = "location.unknown_crs"
    message = Words(zh="不认识坐标系 {crs}", en="The coordinate system {crs} is unknown")
    remedy = Words(zh="请用 WGS84 或 GCJ02", en="Use WGS84 or GCJ02")


class OutsideCity(LocationRefused, NotFound):
    """No grid of the day's plan holds the point. A whistle may still be raised there."""

    code = "outside_city"
    message = Words(zh="该位置不在{city}网格范围内", en="This place is outside the grids of {city}")
    remedy = Words(
        zh="请核对位置;若确在本市,照样可以吹哨,由人工落格",
        en="Check the place; if it is in the city, raise it all the same: a person will place it",
    )


class NoGridPlan(LocationRefused):
    """The city had no grid plan on that day."""

    code = "location.no_plan"
    message = Words(zh="{on} 尚无网格方案", en="There was no plan of grids on {on}")
    remedy = Words(zh="请核对日期", en="Check the date")
