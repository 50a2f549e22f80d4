"""The map of a grid worker's own grid: its outline, its neighbours, a mark for each open whistle.

It makes the values for macros/grid_map.html. The map needs no tiles and can be printed. The list
below it gives the same information in words.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from math import cos, hypot, pi, sin

from shapely import MultiPolygon, box, unary_union

from tracker.directory import Directory
from tracker.domain.city.areas import Area
from tracker.reports.drawing.frame import Frame, outline
from tracker.routing.geometry import shape_of

WIDE, HIGH, ROOM = 360.0, 300.0, 34.0
LETTERS = 15.0  # least distance from a name's middle to a border
METRES = 111_195  # of one degree of latitude
APART = 27.0  # least distance of two marks, so that a thumb touches only one


@dataclass(frozen=True)
class Mark:
    """One whistle on the map: its number in the list, its point, and its clock's tone."""

    n: int
    lon: float
    lat: float
    tone: str
    href: str
    label: str


@dataclass(frozen=True)
class GridMap:
    """`frame`, for grid.js to place the phone: longitude and latitude of the upper left corner,
    units per degree, x and y of the corner. `metres_100`: 100 m in drawing units."""

    name: str
    frame: str
    neighbours: Sequence[str]  # outlines
    own: Sequence[str]
    names: Sequence[tuple[float, float, str]]
    metres_100: float
    marks: Sequence[tuple[float, float, Mark]]  # the most urgent is last and is drawn on top


def grid_map(
    city: Directory, own: Sequence[str], on: date, marks: Sequence[Mark]
) -> GridMap | None:
    """The map; None if no outline is known, since the list below says the same."""
    areas = [city.grid(code) for code in own]
    shapes = [shape_of(area) for area in areas if area.geometry]
    if not shapes:
        return None
    whole = unary_union(shapes)
    frame = Frame.around(whole, ROOM, ROOM, WIDE - 2 * ROOM, HIGH - 2 * ROOM)
    view = whole.buffer(3 * max(ROOM, WIDE / 4) / frame.per_degree)
    around = [
        (area, shape)
        for area in city.grids(on)
        if area.geometry and area.code not in own and (shape := shape_of(area)).intersects(view)
    ]
    named = [(_middle(shape, frame), short_name(city, area)) for area, shape in around]
    return GridMap(
        areas[0].name,
        _words(frame),
        [outline(frame.drawn(shape)) for _area, shape in around],
        [outline(frame.drawn(shape)) for shape in shapes],
        [(*middle, name) for middle, name in named if middle],
        100 / METRES * frame.per_degree,
        _placed(frame, marks),
    )


def _words(frame: Frame) -> str:
    wide, high = frame.squeeze * frame.per_degree, frame.per_degree
    return f"{frame.west:.6f} {frame.north:.6f} {wide:.3f} {high:.3f} {frame.x:.2f} {frame.y:.2f}"


def short_name(city: Directory, area: Area) -> str:
    """第 3 网格, without the community's name, for which the map has no room."""
    return area.name.removeprefix(city.area(area.parent).name)


def _middle(shape: MultiPolygon, frame: Frame) -> tuple[float, float] | None:
    """The place for a neighbour's name; None: its visible part is too small."""
    (west, north), (east, south) = frame.degrees(ROOM, 14), frame.degrees(WIDE - ROOM, HIGH - 10)
    seen = shape.intersection(box(west, south, east, north))
    seen = seen.buffer(-LETTERS / frame.per_degree)
    if seen.is_empty:
        return None
    return frame.at(*seen.representative_point().coords[0])


def _placed(frame: Frame, marks: Sequence[Mark]) -> list[tuple[float, float, Mark]]:
    placed: list[tuple[float, float, Mark]] = []
    for mark in marks:
        x, y = _free(frame.at(mark.lon, mark.lat), [(x, y) for x, y, _mark in placed])
        placed.append((x, y, mark))
    return placed[::-1]


def _free(at: tuple[float, float], placed: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """The point itself, or the nearest free place around it within the frame."""
    for step in range(60):
        away, turn = APART / 3 * (step / 6), step * 2 * pi / 6.7
        x = min(WIDE - 18, max(18, at[0] + away * cos(turn)))
        y = min(HIGH - 18, max(18, at[1] + away * sin(turn)))
        if all(hypot(x - a, y - b) >= APART for a, b in placed):
            return x, y
    return at
