"""The map of one's own grid: its outline among its neighbours, a mark for each open whistle.

SVG made on the server, so that it also prints and needs no tiles. Shape and number say the same as
the colour: what the list beneath says in words.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from math import cos, hypot, pi, sin

from markupsafe import Markup
from shapely import MultiPolygon, box, unary_union

from api.pages.frame.speech import Speech
from tracker.directory import Directory
from tracker.domain.city.areas import Area
from tracker.reports.monthly.grid_map import Frame, shape_of

WIDE, HIGH, ROOM = 360.0, 300.0, 34.0
LETTERS = 15.0  # from a name's middle to the next border
METRES = 111_195  # a degree of latitude
APART = 27.0  # of two marks, so that a thumb meets one of them


@dataclass(frozen=True)
class Mark:
    """One whistle on the map: its number in the list, where it lies, and its clock's tone."""

    n: int
    lon: float
    lat: float
    tone: str
    href: str
    told: str


def grid_map(
    _: Speech, city: Directory, own: Sequence[str], on: date, marks: Sequence[Mark]
) -> Markup:
    """Nothing where no outline is known: the list says all that the map does."""
    areas = [city.grid(code) for code in own]
    shapes = [shape_of(area) for area in areas if area.geometry]
    if not shapes:
        return Markup("")
    whole = unary_union(shapes)
    frame = Frame.around(whole, ROOM, ROOM, WIDE - 2 * ROOM, HIGH - 2 * ROOM)
    view = whole.buffer(3 * max(ROOM, WIDE / 4) / frame.per_degree)
    around = [
        (area, shape)
        for area in city.grids(on)
        if area.geometry and area.code not in own and (shape := shape_of(area)).intersects(view)
    ]
    label = _("{grid}地图：{n} 件定了点的哨", grid=areas[0].name, n=len(marks))
    parts = [
        Markup(
            '<svg class="gm" viewBox="0 0 {:.0f} {:.0f}" role="group" aria-label="{}" '
            'data-frame="{:.6f} {:.6f} {:.3f} {:.3f} {:.2f} {:.2f}">'
        ).format(
            *(WIDE, HIGH, label),
            *(frame.west, frame.north, frame.squeeze * frame.per_degree, frame.per_degree),
            *(frame.x, frame.y),
        ),
        *(_outline("by", shape, frame) for _area, shape in around),
        *(_outline("own", shape, frame) for shape in shapes),
        *(_name(called(city, area), shape, frame) for area, shape in around),
        _scale(_, frame),
        *_marks(frame, marks),
        Markup('<circle class="me" r="7" hidden=""/></svg>'),
    ]
    return Markup("").join(parts)


def _outline(kind: str, shape: MultiPolygon, frame: Frame) -> Markup:
    rings = [ring for part in shape.geoms for ring in (part.exterior, *part.interiors)]
    drawn = (["{:.1f} {:.1f}".format(*frame.at(*at[:2])) for at in ring.coords] for ring in rings)
    path = "".join(f"M{'L'.join(corners)}Z" for corners in drawn)
    return Markup('<path class="{}" d="{}"/>').format(kind, path)


def called(city: Directory, area: Area) -> str:
    """第 3 网格, without its community: on the map there is no room for both."""
    return area.name.removeprefix(city.area(area.parent).name)


def _name(name: str, shape: MultiPolygon, frame: Frame) -> Markup:
    """Of a neighbour, in what is seen of it: which way one would cross over."""
    (west, north), (east, south) = frame.degrees(ROOM, 14), frame.degrees(WIDE - ROOM, HIGH - 10)
    seen = shape.intersection(box(west, south, east, north))
    seen = seen.buffer(-LETTERS / frame.per_degree)
    if seen.is_empty:
        return Markup("")
    x, y = frame.at(*seen.representative_point().coords[0])
    return Markup('<text class="near" x="{:.0f}" y="{:.0f}">{}</text>').format(x, y, name)


def _scale(_: Speech, frame: Frame) -> Markup:
    """A hundred metres, in the lower corner."""
    wide = 100 / METRES * frame.per_degree
    return Markup(
        '<g class="scale" transform="translate(12 {:.0f})"><path d="M0-4V0H{:.1f}V-4"/>'
        '<text x="{:.1f}" y="1">{}</text></g>'
    ).format(HIGH - 10, wide, wide + 5, _("100 米"))


SHAPES = {
    "bad": "M-5.4-13H5.4L13-5.4V5.4L5.4 13H-5.4L-13 5.4V-5.4z",
    "warn": "M0-15L15.500 11.500H-15.500z",
    "ok": "M0-12.500A12.500 12.500 0 0 1 0 12.500A12.500 12.500 0 0 1 0-12.500z",
    "pause": "M-11.500-11.500H11.500V11.500H-11.500z",
    "done": "M-11.500-11.500H11.500V11.500H-11.500z",
}


def legend(_: Speech) -> list[tuple[str, str, str]]:
    """Each tone with its shape and its name."""
    names = {"bad": _("红牌"), "warn": _("黄牌"), "ok": _("绿牌"), "pause": _("暂停")}
    return [(tone, SHAPES[tone], name) for tone, name in names.items()]


def _marks(frame: Frame, marks: Sequence[Mark]) -> Sequence[Markup]:
    placed: list[tuple[float, float]] = []
    drawn = []
    for mark in marks:
        x, y = _free(frame.at(mark.lon, mark.lat), placed)
        placed.append((x, y))
        drawn.append(
            Markup(
                '<a href="{}" aria-label="{}" class="mk {}">'
                '<g transform="translate({:.1f} {:.1f})">'
                '<circle class="hit" r="20"/><path d="{}"/><text y="{}">{}</text></g></a>'
            ).format(
                *(mark.href, mark.told, mark.tone, x, y, SHAPES[mark.tone]),
                *(8 if mark.tone == "warn" else 4.5, mark.n),
            )
        )
    return list(reversed(drawn))  # what presses most lies on top


def _free(at: tuple[float, float], placed: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """The place itself or, where a mark lies already, the next free one around it, in sight."""
    for step in range(60):
        away, turn = APART / 3 * (step / 6), step * 2 * pi / 6.7
        x = min(WIDE - 18, max(18, at[0] + away * cos(turn)))
        y = min(HIGH - 18, max(18, at[1] + away * sin(turn)))
        if all(hypot(x - a, y - b) >= APART for a, b in placed):
            return x, y
    return at
