"""Turns a location from a command (a point, a grid or words) into a place."""

from dataclasses import replace
from datetime import datetime

from tracker.commands.fields import GridRef, Location, Point
from tracker.commands.tracker import Tracker
from tracker.directory import Directory
from tracker.domain.whistle.events import Place
from tracker.domain.whistle.whistle import Whistle
from tracker.eventstore.contents import read_words
from tracker.routing import routing


def place_of(city: Directory, location: Location | None, at: datetime) -> Place:
    """The place in the grid plan of that day; unknown if there is only an address."""
    on = city.policy.calendar.date_of(at)
    match location:
        case Point(lat=lat, lon=lon, accuracy_m=accuracy, crs=crs):
            return replace(routing.locate(city, lat, lon, crs, on), accuracy_m=accuracy)
        case GridRef(grid=grid):
            return routing.place_of_grid(city, grid, on)
    return Place()


def reported_place(city: Directory, location: Location | None, at: datetime) -> Place:
    """The place that somebody reports from where he is; never refused for lying outside the grids.

    A point outside every grid, or one whose accuracy is worse than 500 m, is kept as evidence
    without a grid: a person puts it on the map (domain.md §4.2, raise). Coordinates that are no
    point at all are refused as they are by `place_of`.
    """
    if not isinstance(location, Point):
        return place_of(city, location, at)
    on = city.policy.calendar.date_of(at)
    found = routing.find(city, location.lat, location.lon, location.crs, on)
    reported = replace(found, accuracy_m=location.accuracy_m)
    return reported if reported.exact else reported.point


def same_named_place(tracker: Tracker, one: Whistle, other: Whistle) -> bool:
    """Whether both have the same address, ignoring spaces and letter case."""
    name = _address(tracker, one)
    return name is not None and name == _address(tracker, other)


def _address(tracker: Tracker, whistle: Whistle) -> str | None:
    ids = [said.id for said in whistle.words if said.kind == "address"]
    if not ids:
        return None
    with tracker.connection() as connection:
        kept = read_words(connection, ids).get(ids[-1])
    return routing.plain(str(kept.body)) if kept and kept.body else None
