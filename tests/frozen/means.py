"""How people of an old city are made to act: their commands, at moments that are given."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import psycopg
from tracker.city.changing.proposal import Change, confirm, preview

from tests.api.web import jpeg
from tests.frozen.asked import GRID
from tests.giving import OPENED, a_call, actor_named, asked_by_phone, command_named
from tracker.commands.fields import Point
from tracker.commands.tracker import Tracker
from tracker.commands.whistle.raising import Raise
from tracker.contexts.summons import sweep as summonses
from tracker.domain.actors import Actor, Role
from tracker.eventstore.contents import Content, save_photo
from tracker.operating.projecting import ALL
from tracker.projections.engine.catching_up import catch_up
from tracker.schedule import sweep
from tracker.words.photos import take

ZONE = ZoneInfo("Asia/Shanghai")
HELP = "E0708"  # led by U08; no photo is asked for
NOBODY = Actor("anonymous", Role.ANONYMOUS)
END = datetime(2026, 11, 5, 17, 0, tzinfo=ZONE)


def at(day: int, clock: str, month: int = 10) -> datetime:
    """A moment of 2026 in the city."""
    hour, minute = map(int, clock.split(":"))
    return datetime(2026, month, day, hour, minute, tzinfo=ZONE)


@dataclass
class Means:
    """`told` are the whistles and records that a test asks for, by what happened to them."""

    tracker: Tracker
    connection: psycopg.Connection[Any]
    told: dict[str, str] = field(default_factory=dict)
    now: datetime = END  # of what is dated by itself

    def actor(self, account: str) -> Actor:
        return actor_named(self.tracker, account)

    def gives(self, when: datetime, account: str, command: str, number: str, **body: Any) -> None:
        self.tracker.give(
            command_named(command, **body), number, actor=self.actor(account), at=when
        )

    def raised(self, when: datetime, text: str, by: Actor = NOBODY, **body: Any) -> str:
        body = {"category": HELP, "location": self.middle(), **body}
        done = self.tracker.open(Raise(text=text, **body), actor=by, at=when)
        return str(done.aggregate.number)

    def dispatched(self, when: datetime, text: str, lead: str = "U08", **body: Any) -> str:
        number = self.raised(when, text, **body)
        category = body.get("category", HELP)
        soon = when + timedelta(minutes=6)
        self.gives(soon, "intake-cp01", "classify", number, category=category)
        later = when + timedelta(minutes=11)
        self.gives(later, "dispatcher-cp01", "dispatch", number, lead=lead, reason="按职责清单派单")
        return number

    def at_work(self, when: datetime, text: str, unit: str = "U08", **body: Any) -> str:
        number = self.dispatched(when, text, unit, **body)
        handler = f"handler-{unit.lower()}"
        later = when + timedelta(minutes=30)
        self.gives(later, handler, "open_contact", number, **OPENED)
        self.gives(later, handler, "respond", number, **a_call(later), note="已与反映人电话联系")
        self.gives(later + timedelta(minutes=5), handler, "start", number)
        return number

    def closed(self, when: datetime, text: str, **body: Any) -> str:
        number = self.at_work(when, text, **body)
        later = when + timedelta(hours=3)
        self.gives(later, "handler-u08", "submit", number, note="已办好,请核查")
        self.gives(later + timedelta(minutes=40), "verifier-cp01", "verify", number, passed=True)
        asked_at = later + timedelta(hours=2)
        heard = {"resolved": True, **asked_by_phone(4, asked_at)}
        self.gives(asked_at, "followup-cp01", "follow_up", number, **heard)
        return number

    def middle(self, grid: str = GRID) -> Point:
        """The middle of the grid's corners."""
        ring = self.tracker.city.grid(grid).geometry[0][0][:-1]
        lon, lat = (sum(corner[n] for corner in ring) / len(ring) for n in (0, 1))
        return Point(lat, lon, None, "WGS84")

    def photo(self, size: int = 64) -> UUID:
        picture = take(jpeg(size, size))
        found = Content.photo(picture.full, picture.thumb, "image/jpeg")
        save_photo(self.connection, found, self.now)
        return found.id

    def changed(self, when: datetime, change: Change) -> None:
        admin = self.actor("admin")
        seen = preview(self.tracker, change, when, admin).seen
        confirm(self.tracker, change, seen, when, admin)
        self.tracker.directory.refresh()

    def projected(self) -> None:
        for projection in ALL:
            catch_up(self.connection, projection)

    def passes(self, until: datetime) -> None:
        """Everything that falls due before then is recorded, as the scheduler would have done."""
        self.projected()
        sweep.sweep(self.tracker, self.connection, until)
        sweep.recompute(self.tracker, self.connection, until)
        summonses.sweep(self.tracker, self.connection, until)
        self.projected()
        self.now = until
