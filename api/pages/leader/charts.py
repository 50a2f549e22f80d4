"""The map of the grids with their figures, drawn on the server: SVG that also prints."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from math import cos, radians
from typing import Any

from markupsafe import Markup

from api.pages.frame.speech import Speech
from tracker.directory import Directory
from tracker.domain.city.areas import Area, Level, MultiPolygon

WIDE = 1000
DARKEST = 4  # late whistles and more share the darkest step
LETTER, MARK_RADIUS = 28, 13  # units of the drawing; a letter as wide as it is high
ASIDE = (0, -35, 35, -70, 70, -105, 105)  # how far a name may stand from its street's middle
HATCH = Markup(
    '<defs><pattern id="hatch" width="7" height="7" patternUnits="userSpaceOnUse" '
    'patternTransform="rotate(45)"><rect class="blank" width="7" height="7"/>'
    '<path class="stroke" d="M0 0V7"/></pattern></defs>'
)


@dataclass(frozen=True)
class Shape:
    """An area on the drawing: its outline and its middle."""

    code: str
    name: str
    path: str
    x: float
    y: float


@dataclass(frozen=True)
class Ground:
    """All that a map shows before there are figures."""

    height: float
    grids: Sequence[Shape]
    streets: Sequence[Shape]


@dataclass(frozen=True)
class Plot:
    """What is known of one grid."""

    raised: int
    late: int
    red: int
    href: str


@lru_cache(maxsize=4)
def ground(city: Directory, on: date) -> Ground:
    """The grids of the plan of that day, drawn once for a city as it stands."""
    grids = city.grids(on)
    corners = [corner for grid in grids for corner in _corners(grid.geometry)]
    if not corners:
        return Ground(0, (), ())
    west, east = min(x for x, _ in corners), max(x for x, _ in corners)
    south, north = min(y for _, y in corners), max(y for _, y in corners)
    squeeze = cos(radians((south + north) / 2))
    scale = WIDE / ((east - west) * squeeze)

    def at(lon: float, lat: float) -> tuple[float, float]:
        return (lon - west) * squeeze * scale, (north - lat) * scale

    def shape(area: Area) -> Shape:
        drawn = [at(*corner) for corner in _corners(area.geometry)]
        x, y = at(*area.center) if area.center else drawn[0]
        return Shape(area.code, area.name, _path(area.geometry, at), x, y)

    streets = [area for area in city.areas_of(Level.STREET) if area.geometry]
    return Ground(
        (north - south) * scale,
        tuple(shape(grid) for grid in grids if grid.geometry),
        tuple(shape(street) for street in streets),
    )


def _corners(geometry: MultiPolygon) -> list[tuple[float, float]]:
    return [corner for polygon in geometry for ring in polygon for corner in ring]


def _path(geometry: MultiPolygon, at: Any) -> str:
    rings = [ring for polygon in geometry for ring in polygon]
    return "".join(
        "M" + "L".join("{:.1f} {:.1f}".format(*at(*corner)) for corner in ring) + "Z"
        for ring in rings
    )


def choropleth(_: Speech, drawn: Ground, plots: Mapping[str, Plot]) -> Markup:
    """Late whistles by grid; hatched where nobody whistled; a red octagon where one is overdue."""
    label = _("{n} 个网格的迟响件数地图，颜色越深迟响越多，斜纹为本期无哨", n=len(drawn.grids))
    parts = [
        Markup('<svg class="map" viewBox="-8 -8 {} {:.0f}" role="group" aria-label="{}">').format(
            WIDE + 16, drawn.height + 16, label
        ),
        HATCH,
    ]
    parts += [_grid(_, shape, plots.get(shape.code)) for shape in drawn.grids]
    for street in drawn.streets:
        parts.append(Markup('<path class="sd" d="{}"/>').format(street.path))
    reds = [shape for shape in drawn.grids if (plot := plots.get(shape.code)) and plot.red]
    parts += [_octagon(shape) for shape in reds]
    for street in drawn.streets:
        x, y = label_place(street, reds)
        parts.append(
            Markup('<text class="maplab" x="{:.0f}" y="{:.0f}">{}</text>').format(x, y, street.name)
        )
    return Markup("").join([*parts, Markup("</svg>")])


def label_place(street: Shape, reds: Sequence[Shape]) -> tuple[float, float]:
    """Where the street's name hides the fewest red marks, as near to its middle as may be."""
    wide = LETTER * len(street.name) / 2 + MARK_RADIUS

    def hidden(x: float, y: float) -> int:
        above, below = y - LETTER - MARK_RADIUS, y + MARK_RADIUS
        return sum(abs(red.x - x) < wide and above < red.y < below for red in reds)

    places = [(street.x + dx, street.y + dy) for dx in ASIDE for dy in ASIDE]
    return min(places, key=lambda at: (hidden(*at), abs(at[0] - street.x) + abs(at[1] - street.y)))


def _grid(_: Speech, shape: Shape, plot: Plot | None) -> Markup:
    if plot is None or (not plot.raised and not plot.late):
        step, told = 0, _("{name}：本期无哨", name=shape.name)
    else:
        step = min(plot.late, DARKEST) + 1
        told = _("{name}：吹哨 {n}，迟响 {late}", name=shape.name, n=plot.raised, late=plot.late)
    if plot is not None and plot.red:
        told += _("，超期未办 {n}", n=plot.red)
    drawn = Markup('<path class="g c{}" d="{}"><title>{}</title></path>').format(
        step, shape.path, told
    )
    if plot is None or not plot.late:
        return drawn
    return Markup('<a href="{}" aria-label="{}">{}</a>').format(plot.href, told, drawn)


def _octagon(shape: Shape) -> Markup:
    return Markup('<path class="red" d="M{:.0f} {:.0f}h10l7 7v10l-7 7h-10l-7-7v-10z"/>').format(
        shape.x - 5, shape.y - 12
    )
