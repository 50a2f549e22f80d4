"""附近同类: which open whistles might be the one that somebody is about to raise.

Wider than what a desk may merge (domain.md §4.2): a phone's point is inexact, and a grid picked by
hand is no point at all. The person decides, seeing what it is and how far away.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tracker.domain.catalogue import Category
from tracker.domain.events import Place
from tracker.domain.triage import MERGE_METRES, metres_between
from tracker.policies.routing import plain
from tracker.projections.neighbours import Neighbour

MOST_INEXACT = 100.0  # metres that a bad point may add to what counts as the same place
OFFERED = 3


@dataclass(frozen=True)
class Nearby:
    """`metres` is None where no point is known: the same grid or the same named place."""

    whistle: Neighbour
    metres: float | None


def nearby(
    candidates: Iterable[Neighbour], category: Category, place: Place, address: str | None
) -> Sequence[Nearby]:
    """The nearest few of the same trouble; of whole families only those at the same spot."""
    named = plain(address) if address else None
    found = []
    for one in candidates:
        there = Place(grid=one.grid, lat=one.lat, lon=one.lon)
        metres = metres_between(place, there)
        same_name = bool(named) and one.address is not None and plain(one.address) == named
        known = metres < float("inf")
        same_grid = not known and place.grid is not None and one.grid == place.grid
        if metres <= reach(place) or same_name:
            found.append(Nearby(one, metres if known else None))
        elif same_grid and one.category == category.code:
            found.append(Nearby(one, None))
    found.sort(key=lambda near: float("inf") if near.metres is None else near.metres)
    return found[:OFFERED]


def reach(place: Place) -> float:
    return MERGE_METRES + min(place.accuracy_m or 0.0, MOST_INEXACT)
