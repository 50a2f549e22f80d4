"""From degrees to units of a drawing; outlines and hatching as paths of SVG."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, cos, inf, radians
from typing import TypeVar

from shapely import LineString, MultiLineString, MultiPolygon
from shapely.affinity import affine_transform
from shapely.geometry.base import BaseGeometry

Point = tuple[float, float]
Drawn = TypeVar("Drawn", bound=BaseGeometry)


@dataclass(frozen=True)
class Frame:
    """North is up, and a kilometre is as long to the east as to the north."""

    west: float
    north: float
    per_degree: float  # units of the drawing for a degree of latitude
    squeeze: float  # a degree of longitude in degrees of latitude
    x: float
    y: float

    @classmethod
    def around(
        cls, shape: BaseGeometry, x: float, y: float, width: float, height: float = inf
    ) -> "Frame":
        """The shape fills the box from its upper edge, centred from left to right."""
        west, south, east, north = shape.bounds
        squeeze = cos(radians((south + north) / 2))
        scale = min(width / ((east - west) * squeeze), height / (north - south))
        left = x + (width - (east - west) * squeeze * scale) / 2
        return cls(west, north, scale, squeeze, left, y)

    def degrees(self, x: float, y: float) -> Point:
        """Longitude and latitude of a place on the drawing."""
        east, south = (x - self.x) / self.per_degree, (y - self.y) / self.per_degree
        return self.west + east / self.squeeze, self.north - south

    def at(self, lon: float, lat: float) -> Point:
        east = (lon - self.west) * self.squeeze * self.per_degree
        return self.x + east, self.y + (self.north - lat) * self.per_degree

    def drawn(self, shape: Drawn) -> Drawn:
        """The shape in units of the drawing; y grows to the south."""
        wide, high = self.squeeze * self.per_degree, self.per_degree
        x, y = self.at(0, 0)
        return affine_transform(shape, [wide, 0, 0, -high, x, y])


def outline(shape: MultiPolygon) -> str:
    """Every ring of a shape on the drawing, as the `d` of an SVG path."""
    rings = [ring for part in shape.geoms for ring in (part.exterior, *part.interiors)]
    return "".join(f"M{_line(list(ring.coords))}Z" for ring in rings)


def _line(corners: Sequence[Sequence[float]]) -> str:
    return "L".join(f"{x:.1f} {y:.1f}" for x, y, *_height in corners)


def hatch(shape: BaseGeometry, step: float) -> str:
    """The lines of `hatching` as the `d` of an SVG path, in whole units."""
    return "".join(
        f"M{x1:.0f} {y1:.0f}l{x2 - x1:.0f} {y2 - y1:.0f}"
        for (x1, y1), (x2, y2) in hatching(shape, step)
    )


def hatching(shape: BaseGeometry, step: float) -> list[tuple[Point, Point]]:
    """Slanting lines over the shape and nowhere else, each `step` right of the one before."""
    left, top, right, bottom = shape.bounds
    sums = [n * step for n in range(ceil((left + top) / step), ceil((right + bottom) / step))]
    slanting = [((total - bottom, bottom), (total - top, top)) for total in sums]
    crossed = shape.intersection(MultiLineString(slanting))
    lines = [line for line in getattr(crossed, "geoms", [crossed]) if isinstance(line, LineString)]
    return [(_corner(line, 0), _corner(line, -1)) for line in lines if len(line.coords) > 1]


def _corner(line: LineString, n: int) -> Point:
    x, y = line.coords[n][:2]
    return x, y
