"""The demo's city: its people, random places, texts and photos, and working time."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

from shapely import Point
from shapely.geometry.base import BaseGeometry

from tracker.demo.scenes import SCENES, scene
from tracker.directory import Directory
from tracker.domain.actors import Actor, Role
from tracker.domain.city.areas import Area
from tracker.domain.city.catalogue import Category
from tracker.domain.whistle.events import Place, Said, Suggestion
from tracker.domain.whistle.whistle import Whistle
from tracker.eventstore.contents import Content, digest_of
from tracker.routing import routing
from tracker.routing.geometry import shape_of

TEXTS: dict[str, list[str]] = json.loads(
    Path(__file__).with_name("texts.json").read_text(encoding="utf-8")
)
OFTEN = {"E0101": 5, "E0203": 4, "E0204": 3, "C0103": 3, "E0104": 3, "E0501": 3, "C0201": 2}
POST_DUTIES = {
    "intake": Role.INTAKE,
    "dispatcher": Role.DISPATCHER,
    "commander": Role.COMMANDER,
    "verifier": Role.VERIFIER,
    "followup": Role.FOLLOW_UP_AGENT,
}
UNIT_DUTIES = {"liaison": Role.UNIT_LIAISON, "handler": Role.HANDLER}
CITY = Actor("city", Role.CITY_CENTRE)
SUPERVISOR = Actor("supervisor", Role.SUPERVISOR)
AUDITOR = Actor("auditor", Role.AUDITOR)


def of_post(duty: str, post: str) -> Actor:
    return Actor(f"{duty}-{post.lower()}", POST_DUTIES[duty], post=post)


@dataclass
class World:
    """One simulation's city. All random choices use `random`, so a seed determines everything."""

    city: Directory
    random: Random
    on: datetime  # the day whose grids and posts are used
    contents: list[Content] = field(default_factory=list)
    refusals: list[tuple[str, str, str]] = field(default_factory=list)
    suggestions: dict[str, Suggestion | None] = field(default_factory=dict)
    shapes: dict[str, BaseGeometry] = field(default_factory=dict)

    @cached_property
    def grids(self) -> tuple[Area, ...]:
        zone = self.city.policy.calendar.timezone
        return self.city.grids(self.on.astimezone(zone).date())

    @cached_property
    def grid_weights(self) -> list[float]:
        """Some grids have many more whistles than others."""
        return [self.random.lognormvariate(0, 0.9) for _ in self.grids]

    @cached_property
    def categories(self) -> list[Category]:
        return [found for found in self.city.categories if found.code in TEXTS]

    def category(self, fits: Callable[[Category], bool]) -> Category:
        fitting = [category for category in self.categories if fits(category)]
        weights = [OFTEN.get(category.code, 1) for category in fitting]
        return self.random.choices(fitting, weights)[0]

    # --- where -------------------------------------------------------------------------------

    def somewhere(self, at: datetime) -> Place:
        grid = self.random.choices(self.grids, self.grid_weights)[0]
        lon, lat = self._point_in(grid)
        return self.located(lat, lon, at)

    def near(self, place: Place, at: datetime) -> Place:
        """A few steps away; the same spot if that would be outside the city."""
        assert place.lat is not None and place.lon is not None
        lat = place.lat + self.random.uniform(-1, 1) * 1e-4
        lon = place.lon + self.random.uniform(-1, 1) * 1e-4
        try:
            return self.located(lat, lon, at)
        except routing.OutsideCity:
            return place

    def located(self, lat: float, lon: float, at: datetime) -> Place:
        day = at.astimezone(self.city.policy.calendar.timezone).date()
        return routing.locate(self.city, round(lat, 6), round(lon, 6), "WGS84", day)

    def _point_in(self, grid: Area) -> tuple[float, float]:
        shape = self.shapes.setdefault(grid.code, shape_of(grid))
        west, south, east, north = shape.bounds
        for _ in range(20):
            point = Point(self.random.uniform(west, east), self.random.uniform(south, north))
            if shape.contains(point):
                return point.x, point.y
        inside = shape.representative_point()
        return inside.x, inside.y

    # --- who ---------------------------------------------------------------------------------

    def at_post(self, duty: str, whistle: Whistle) -> Actor:
        """An account of the whistle's post; of the first post while its place is unknown."""
        return of_post(duty, whistle.place.post or self.city.posts[0].code)

    @staticmethod
    def of_unit(duty: str, unit: str | None) -> Actor:
        assert unit is not None
        return Actor(f"{duty}-{unit.lower()}", UNIT_DUTIES[duty], unit=unit)

    @staticmethod
    def grid_worker(place: Place) -> Actor:
        assert place.grid is not None
        account = f"gw-{place.grid.lower()}"
        return Actor(account, Role.GRID_WORKER, post=place.post, grid=place.grid)

    def resident(self) -> Actor:
        """A reporter with a receipt; its code is not kept."""
        receipt = self.random.randbytes(32).hex()
        return Actor("anonymous", Role.ANONYMOUS, reporter_of=receipt)

    # --- what is said ------------------------------------------------------------------------

    def suggest(self, text: str) -> Suggestion | None:
        if text not in self.suggestions:
            self.suggestions[text] = routing.suggest(self.city, text)
        return self.suggestions[text]

    def say(self, whistle: UUID, kind: str, body: Any) -> Said:
        salt = self._salt()
        return self._keep(whistle, kind, salt, digest_of(salt, body, None), body=body)

    def show(self, whistle: UUID, kind: str, *, mended: bool = False) -> Said:
        salt = self._salt()
        full, thumb = scene(self.random.randrange(SCENES), mended)
        digest = digest_of(salt, None, full)
        media: dict[str, Any] = {"media": full, "thumb": thumb, "media_type": "image/jpeg"}
        return self._keep(whistle, kind, salt, digest, **media)

    def _salt(self) -> bytes:
        return self.random.randbytes(16)

    def _keep(self, whistle: UUID, kind: str, salt: bytes, digest: str, **held: Any) -> Said:
        # Its id is derived from the whistle's, so one seed can be simulated twice in one city.
        drawn = hashlib.sha256(whistle.bytes + salt).digest()[:16]
        content = Content(UUID(bytes=drawn, version=4), kind, salt, digest, whistle=whistle, **held)
        self.contents.append(content)
        return content.ref

    # --- when --------------------------------------------------------------------------------

    def worked(self, at: datetime, minutes: float, *, natural: bool) -> datetime:
        """`minutes` later, counting office hours; `natural` counts day and night."""
        amount = timedelta(seconds=round(minutes * 60))
        return at + amount if natural else self.city.policy.calendar.advance(at, amount)

    def ago(self, at: datetime, minutes: float, *, natural: bool) -> datetime:
        """`minutes` earlier, counted in the same way."""
        left = timedelta(seconds=round(minutes * 60))
        if natural:
            return at - left
        calendar = self.city.policy.calendar
        day = calendar.date_of(at)
        while True:
            for start, end in reversed(calendar.intervals(day)):
                end = min(end, at)
                if end - start >= left:
                    return end - left
                left -= max(end - start, timedelta())
            day -= timedelta(days=1)
