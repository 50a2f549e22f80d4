"""The city's grids shaded by how many answers were late, as values for the macro that draws them.

A count and not a rate: in one grid there are few whistles, and a rate of few is chance.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from math import ceil

from shapely import unary_union

from tracker.directory import Directory
from tracker.domain.city.areas import Area, Level
from tracker.reports.drawing.frame import Frame, hatch, outline
from tracker.routing.geometry import shape_of

WIDE = 1000
HATCH = 10.0  # between two lines where nobody whistled
LETTER, MARK_RADIUS = 28, 13  # a letter is as wide as it is high
ASIDE = (0, -35, 35, -70, 70, -105, 105)  # how far a name may stand from its street's middle
SILENT = 0


@dataclass(frozen=True)
class Shape:
    """An area on the drawing: its outline and its middle."""

    code: str
    name: str
    path: str
    x: float
    y: float


@dataclass(frozen=True)
class BaseMap:
    """What the map shows before there are figures.

    `hatch`: slanting lines over the whole city. They are drawn first, the grids that are not silent
    cover them, and so there is one path of them whatever the month was like.
    """

    height: float
    hatch: str
    grids: Sequence[Shape]
    communities: Sequence[Shape]
    streets: Sequence[Shape]


@dataclass(frozen=True)
class GridFigures:
    """`late`: answers due that came late or not at all. `overdue`: open past their due now."""

    raised: int
    late: int
    overdue: int
    href: str = ""


@dataclass(frozen=True)
class Cell:
    """A grid with its figures. `step`: its shade, 1 the palest; SILENT: nobody whistled."""

    shape: Shape
    figures: GridFigures
    step: int


@dataclass(frozen=True)
class Shade:
    """What a shade stands for: from `least` to `most` late answers; None: and more."""

    step: int
    least: int
    most: int | None


@dataclass(frozen=True)
class LateMap:
    """`names`: where each street's name is written."""

    base: BaseMap
    cells: Sequence[Cell]
    names: Sequence[tuple[float, float, str]]
    shades: Sequence[Shade]


def base_map(city: Directory, on: date) -> BaseMap:
    """The grids of the plan in force on that day, with the areas above them."""
    grids = [grid for grid in city.grids(on) if grid.geometry]
    if not grids:
        return BaseMap(0, "", (), (), ())
    whole = unary_union([shape_of(grid) for grid in grids])
    frame = Frame.around(whole, 0, 0, WIDE)
    _west, south, east, _north = whole.bounds

    def drawn(area: Area) -> Shape:
        shape = shape_of(area)
        x, y = frame.at(*(area.center or shape.representative_point().coords[0]))
        return Shape(area.code, area.name, outline(frame.drawn(shape)), x, y)

    return BaseMap(
        frame.at(east, south)[1],
        hatch(frame.drawn(whole), HATCH),
        tuple(drawn(grid) for grid in grids),
        tuple(drawn(area) for area in city.areas_of(Level.COMMUNITY) if area.geometry),
        tuple(drawn(area) for area in city.areas_of(Level.STREET) if area.geometry),
    )


# Of the city as it stands: every page draws on the same. A report's own city is read for it alone.
kept_base_map = lru_cache(maxsize=4)(base_map)


def late_map(base: BaseMap, figures: Mapping[str, GridFigures]) -> LateMap:
    """The figures by the grid's code; a grid without any was silent."""
    nothing = GridFigures(0, 0, 0)
    known = [(shape, figures.get(shape.code, nothing)) for shape in base.grids]
    least = classes_of(max((one.late for _, one in known), default=0))
    cells = [Cell(shape, one, _step(one, least)) for shape, one in known]
    marks = [cell.shape for cell in cells if cell.figures.overdue]
    names = [(*label_place(street, marks), street.name) for street in base.streets]
    return LateMap(base, cells, names, _shades(least))


def classes_of(most: int) -> tuple[int, ...]:
    """The least count of each shade but the palest: 1, 2, 3, 4, or wider where there are more."""
    width = max(1, ceil(most / 4))
    return tuple(1 + width * n for n in range(4))


def _step(figures: GridFigures, least: Sequence[int]) -> int:
    if not figures.raised and not figures.late:
        return SILENT
    return 1 + sum(figures.late >= bound for bound in least)


def _shades(least: Sequence[int]) -> list[Shade]:
    bounds = [0, *least]
    tops = [bound - 1 for bound in least]
    return [
        Shade(n + 1, bound, most)
        for n, (bound, most) in enumerate(zip(bounds, [*tops, None], strict=True))
    ]


def label_place(street: Shape, marks: Sequence[Shape]) -> tuple[float, float]:
    """Where the street's name hides the fewest marks, as near to its middle as may be."""
    wide = LETTER * len(street.name) / 2 + MARK_RADIUS

    def hidden(x: float, y: float) -> int:
        above, below = y - LETTER - MARK_RADIUS, y + MARK_RADIUS
        return sum(abs(mark.x - x) < wide and above < mark.y < below for mark in marks)

    places = [(street.x + dx, street.y + dy) for dx in ASIDE for dy in ASIDE]
    return min(places, key=lambda at: (hidden(*at), abs(at[0] - street.x) + abs(at[1] - street.y)))
