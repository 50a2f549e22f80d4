"""The grids of the city, shaded by how many answers were late: a count, for few of anything lie
in one grid, and a rate of few is noise."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import ceil, cos, radians

from shapely import LineString, MultiPolygon, Polygon, unary_union
from shapely.geometry.base import BaseGeometry

from tracker.directory import Directory
from tracker.domain.city.areas import Area
from tracker.reports.monthly.content import OfGrid
from tracker.reports.monthly.sheet import BAD, INK, INK_2, LINE, MAP, MAP_EDGE, WHITE, Colour, Sheet

Point = tuple[float, float]
HATCH = 1.4  # millimetres between two lines over a grid where nobody whistled


@dataclass(frozen=True)
class Frame:
    """From degrees to millimetres of the page, north above."""

    west: float
    north: float
    per_degree: float
    squeeze: float  # a degree of longitude in degrees of latitude
    x: float
    y: float

    @classmethod
    def around(
        cls, shape: BaseGeometry, x: float, y: float, width: float, height: float
    ) -> "Frame":
        west, south, east, north = shape.bounds
        squeeze = cos(radians((south + north) / 2))
        scale = min(width / ((east - west) * squeeze), height / (north - south))
        left = x + (width - (east - west) * squeeze * scale) / 2
        return cls(west, north, scale, squeeze, left, y)

    def degrees(self, x: float, y: float) -> Point:
        """Longitude and latitude of a place on the page."""
        east, south = (x - self.x) / self.per_degree, (y - self.y) / self.per_degree
        return self.west + east / self.squeeze, self.north - south

    def at(self, lon: float, lat: float) -> Point:
        east = (lon - self.west) * self.squeeze * self.per_degree
        return self.x + east, self.y + (self.north - lat) * self.per_degree


def classes_of(most: int) -> tuple[int, ...]:
    """The least count of each shade but the palest: 1, 2, 3, 4, or wider where there are more."""
    width = max(1, ceil(most / 4))
    return tuple(1 + width * n for n in range(4))


def shade(late: int, least: Sequence[int]) -> Colour:
    return MAP[sum(late >= bound for bound in least)]


def grid_map(
    sheet: Sheet, city: Directory, grids: Sequence[OfGrid], x: float, y: float, width: float
) -> float:
    """Draw it and its legend; the y below both."""
    height = width * 0.74
    areas = {one.code: city.grid(one.code) for one in grids}
    shapes = {code: shape_of(area) for code, area in areas.items() if area.geometry}
    if not shapes:
        return y
    frame = Frame.around(unary_union(list(shapes.values())), x, y, width, height)
    least = classes_of(max((one.late for one in grids), default=0))
    for one in grids:
        if one.code in shapes:
            _grid(sheet, frame, shapes[one.code], one, least)
    _streets(sheet, frame, city, areas, shapes)
    for one in grids:
        center = areas[one.code].center
        if one.overdue and center is not None:
            _overdue(sheet, frame.at(*center))
    return _legend(sheet, least, x, y + height + 2)


def shape_of(area: Area) -> MultiPolygon:
    return MultiPolygon([Polygon(rings[0], rings[1:]) for rings in area.geometry])


def _grid(
    sheet: Sheet, frame: Frame, shape: MultiPolygon, one: OfGrid, least: Sequence[int]
) -> None:
    sheet.set_draw_color(*WHITE)
    sheet.set_line_width(0.15)
    sheet.set_fill_color(*shade(one.late, least))
    for polygon in shape.geoms:
        sheet.polygon([frame.at(*point) for point in polygon.exterior.coords], style="DF")
    if not one.raised:
        sheet.set_draw_color(*LINE)
        for start, end in hatching(shape, HATCH / frame.per_degree):
            sheet.line(*frame.at(*start), *frame.at(*end))


def hatching(shape: BaseGeometry, step: float) -> Iterator[tuple[Point, Point]]:
    """Slanting lines over the shape and nowhere else."""
    west, south, east, north = shape.bounds
    slant = north - south
    at = west - slant
    while at < east:
        crossed = shape.intersection(LineString([(at, south), (at + slant, north)]))
        for line in getattr(crossed, "geoms", [crossed]):
            if isinstance(line, LineString) and len(line.coords) > 1:
                (x1, y1), (x2, y2) = line.coords[0][:2], line.coords[-1][:2]
                yield (x1, y1), (x2, y2)
        at += step * 1.5


def _streets(
    sheet: Sheet,
    frame: Frame,
    city: Directory,
    areas: dict[str, Area],
    shapes: dict[str, MultiPolygon],
) -> None:
    """The bounds of communities thin, of streets thick with their names."""
    communities: dict[str, list[str]] = {}
    for code in shapes:
        communities.setdefault(areas[code].parent, []).append(code)
    streets: dict[str, list[BaseGeometry]] = {}
    for community, codes in communities.items():
        whole = unary_union([shapes[code] for code in codes])
        streets.setdefault(city.area(community).parent, []).append(whole)
        _outline(sheet, frame, whole, 0.15)
    for street, parts in streets.items():
        whole = unary_union(parts)
        _outline(sheet, frame, whole, 0.45)
        x, y = frame.at(*whole.representative_point().coords[0])
        name = city.area(street).name.removesuffix("街道")
        sheet.put(x - 5, y - 2, name, 8.5, INK, bold=True)


def _outline(sheet: Sheet, frame: Frame, shape: BaseGeometry, thick: float) -> None:
    sheet.set_draw_color(*MAP_EDGE)
    sheet.set_line_width(thick)
    for polygon in _polygons(shape):
        sheet.polygon([frame.at(*point) for point in polygon.exterior.coords], style="D")


def _polygons(shape: BaseGeometry) -> Iterable[Polygon]:
    parts = getattr(shape, "geoms", [shape])
    return [part for part in parts if isinstance(part, Polygon)]


def _overdue(sheet: Sheet, at: Point) -> None:
    sheet.set_draw_color(*WHITE)
    sheet.set_line_width(0.25)
    sheet.set_fill_color(*BAD)
    sheet.mark(at, 8, 2.4)


def _legend(sheet: Sheet, least: Sequence[int], x: float, y: float) -> float:
    wide = least[1] - least[0]
    ranges = ["0", *(f"{n}" if wide == 1 else f"{n}–{n + wide - 1}" for n in least)]
    ranges[-1] = f"{least[-1]}+"
    at = x
    for colour, text in zip(MAP, ranges, strict=True):
        sheet.set_fill_color(*colour)
        sheet.set_draw_color(*LINE)
        sheet.rect(at, y, 4, 3, style="DF")
        sheet.put(at + 4.6, y - 0.3, text, 7, INK_2)
        at += 15
    sheet.set_draw_color(*LINE)
    sheet.rect(at, y, 4, 3)
    for n in range(3):
        sheet.line(at + n * 1.3, y + 3, at + n * 1.3 + 1.3, y)
    sheet.put(at + 4.6, y - 0.3, "静默(无哨)", 7, INK_2)
    _overdue(sheet, (at + 27, y + 1.5))
    sheet.put(at + 29, y - 0.3, "有超期未办结", 7, INK_2)
    return y + 6
