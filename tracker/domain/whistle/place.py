"""Where a whistle is: what routing found, and distances between two places."""

from dataclasses import dataclass
from math import asin, cos, radians, sin, sqrt

EARTH_METRES = 6_371_000
EXACT_METRES = 500  # domain.md §4.2, raise: a point that may be farther off is evidence alone


@dataclass(frozen=True)
class Place:
    """Where, as found in the grid plan valid on the day; every part may be unknown."""

    grid: str | None = None
    community: str | None = None
    street: str | None = None
    post: str | None = None
    lat: float | None = None  # WGS84 degrees
    lon: float | None = None
    accuracy_m: float | None = None
    plan: str | None = None  # the grid plan that answered
    rule: str | None = None  # which rule chose the post, e.g. "grid", "special_area", "named_grid"

    @property
    def exact(self) -> bool:
        """Whether the point is known, and so exactly that distances from it mean something."""
        if self.lat is None or self.lon is None:
            return False
        return self.accuracy_m is None or self.accuracy_m <= EXACT_METRES

    @property
    def point(self) -> "Place":
        """The point alone, with its accuracy; without the grid that was found for it."""
        return Place(lat=self.lat, lon=self.lon, accuracy_m=self.accuracy_m)


def metres_between(one: Place, other: Place) -> float:
    """Great-circle metres; infinite when either point is unknown."""
    if one.lat is None or one.lon is None or other.lat is None or other.lon is None:
        return float("inf")
    lat1, lat2 = radians(one.lat), radians(other.lat)
    half_lat, half_lon = (lat2 - lat1) / 2, radians(other.lon - one.lon) / 2
    chord = sin(half_lat) ** 2 + cos(lat1) * cos(lat2) * sin(half_lon) ** 2
    return 2 * EARTH_METRES * asin(sqrt(chord))


def same_grid(one: str | None, other: str | None) -> bool:
    """Whether both are the same grid, or one is a part of the other (code and a letter)."""
    if one is None or other is None:
        return False
    return one == other or one[:-1] == other or one == other[:-1]
