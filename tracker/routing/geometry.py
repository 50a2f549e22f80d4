"""Finds the grid of a point, and converts the shifted coordinates of Chinese map services."""

from collections.abc import Sequence
from enum import Enum, auto
from math import cos, pi, sin, sqrt
from typing import TypeAlias

from shapely import GeometryCollection, MultiPolygon, Point, Polygon, STRtree, union_all

from tracker.domain.city.areas import Area

Bounds: TypeAlias = tuple[float, float, float, float]  # west, south, east, north

# Points have six decimals. A point this near to a border lies on it. In degrees.
TOUCHING = 1e-9  # 0.1 mm: rounding errors of the computation
SLIVER = 1e-6  # 10 cm: rounding errors of the map
NEARLY = 0.01  # share of a grid's area that redrawing it by hand may miss

# The ellipsoid (Krasovsky 1940) that the shift of GCJ-02 is defined on.
SEMI_MAJOR_AXIS = 6378245.0
ECCENTRICITY_SQUARED = 0.00669342162296594323


class GridMap:
    """The grids of one plan, searchable by point."""

    def __init__(self, grids: Sequence[Area]) -> None:
        self._codes: list[str] = [grid.code for grid in grids]
        shapes = [shape_of(grid) for grid in grids]
        self._tree = STRtree(shapes)
        west, south, east, north = GeometryCollection(shapes).bounds
        self.bounds: Bounds = (west, south, east, north)

    def grid_at(self, lat: float, lon: float) -> str | None:
        """The grid at the point; on a border the lowest code; None outside all grids."""
        point = Point(lon, lat)
        for distance in (TOUCHING, SLIVER):
            near = self._tree.query(point, predicate="dwithin", distance=distance)
            if len(near):
                return min(self._codes[int(index)] for index in near)
        return None


def shape_of(area: Area) -> MultiPolygon:
    """The area's borders as a shape; empty if the city has none."""
    return MultiPolygon([Polygon(rings[0], rings[1:]) for rings in area.geometry])


class Misfit(Enum):
    """Why the parts do not cover the whole exactly."""

    CROSSES = auto()
    OVERLAP = auto()
    NOT_THE_WHOLE = auto()


def misfit_of(whole: Area, parts: Sequence[Area]) -> Misfit | None:
    """None if every point of the whole is in exactly one part, except for the map's rounding."""
    one, pieces = shape_of(whole), [shape_of(part) for part in parts]
    if not all(piece.is_valid for piece in pieces):
        return Misfit.CROSSES
    together = union_all(pieces)
    if sum(piece.area for piece in pieces) - together.area > NEARLY * one.area:
        return Misfit.OVERLAP
    if one.symmetric_difference(together).area > NEARLY * one.area:
        return Misfit.NOT_THE_WHOLE
    return None


def adjoining(grids: Sequence[Area]) -> bool:
    """Whether the grids form one connected area, except for the map's rounding."""
    together = union_all([shape_of(grid).buffer(SLIVER) for grid in grids])
    return isinstance(together, Polygon)


def wgs84_of_gcj02(lat: float, lon: float) -> tuple[float, float]:
    """Undo the shift of GCJ-02, exact to less than a millimetre.

    The shift has no inverse formula, so it iterates: each step divides the error by about 1,000.
    """
    found_lat, found_lon = lat, lon
    for _ in range(4):
        shifted_lat, shifted_lon = gcj02_of_wgs84(found_lat, found_lon)
        found_lat, found_lon = found_lat - (shifted_lat - lat), found_lon - (shifted_lon - lon)
    return found_lat, found_lon


def gcj02_of_wgs84(lat: float, lon: float) -> tuple[float, float]:
    """The shift that map services in China must apply, by the commonly known formula."""
    x, y = lon - 105.0, lat - 35.0
    radians = lat / 180.0 * pi
    magic = 1 - ECCENTRICITY_SQUARED * sin(radians) ** 2
    meridian = SEMI_MAJOR_AXIS * (1 - ECCENTRICITY_SQUARED) / (magic * sqrt(magic))
    parallel = SEMI_MAJOR_AXIS / sqrt(magic) * cos(radians)
    return (
        lat + _shift_lat(x, y) * 180.0 / (meridian * pi),
        lon + _shift_lon(x, y) * 180.0 / (parallel * pi),
    )


def _shift_lat(x: float, y: float) -> float:
    """Metres to the north."""
    return (
        -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * sqrt(abs(x))
        + (20.0 * sin(6.0 * x * pi) + 20.0 * sin(2.0 * x * pi)) * 2.0 / 3.0
        + (20.0 * sin(y * pi) + 40.0 * sin(y / 3.0 * pi)) * 2.0 / 3.0
        + (160.0 * sin(y / 12.0 * pi) + 320.0 * sin(y * pi / 30.0)) * 2.0 / 3.0
    )  # fmt: skip


def _shift_lon(x: float, y: float) -> float:
    """Metres to the east."""
    return (
        300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * sqrt(abs(x))
        + (20.0 * sin(6.0 * x * pi) + 20.0 * sin(2.0 * x * pi)) * 2.0 / 3.0
        + (20.0 * sin(x * pi) + 40.0 * sin(x / 3.0 * pi)) * 2.0 / 3.0
        + (150.0 * sin(x / 12.0 * pi) + 300.0 * sin(x / 30.0 * pi)) * 2.0 / 3.0
    )  # fmt: skip
