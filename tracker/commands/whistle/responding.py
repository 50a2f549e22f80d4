"""报到、开工、险情控制: the unit's own steps."""

from dataclasses import dataclass
from typing import Literal

from tracker.commands.command import Given, kept_as
from tracker.commands.fields import Crs, Latitude, Longitude, Note, Point
from tracker.commands.places import reported_place
from tracker.commands.whistle.whistle_command import WhistleCommand
from tracker.domain.errors import Words
from tracker.domain.whistle.whistle import Whistle


@dataclass(frozen=True, kw_only=True)
class Respond(WhistleCommand):
    """Report for duty. The place of an arrival is checked; a phone call is not."""

    name = "respond"
    label = Words("报到", "Respond")
    said = kept_as(note="note")
    guard = Whistle.may_respond

    kind: Literal["arrival", "call"]
    lat: Latitude | None = None
    lon: Longitude | None = None
    crs: Crs = "WGS84"
    note: Note | None = None

    def decide(self, aggregate: Whistle, given: Given) -> None:
        point = None
        if self.lat is not None and self.lon is not None:
            point = reported_place(given.city, Point(self.lat, self.lon, crs=self.crs), given.at)
        aggregate.respond(self.kind, point=point, **given.by)


@dataclass(frozen=True, kw_only=True)
class Start(WhistleCommand):
    """The work begins."""

    name = "start"
    label = Words("开始处置", "Start work")
    guard = Whistle.may_start

    def decide(self, aggregate: Whistle, given: Given) -> None:
        aggregate.start(actor=given.actor, at=given.at)


@dataclass(frozen=True, kw_only=True)
class Control(WhistleCommand):
    """The hazard is under control (class E1)."""

    name = "control"
    label = Words("险情已控制", "Hazard controlled")
    said = kept_as(note="note")
    guard = Whistle.may_control

    note: Note | None = None

    def decide(self, aggregate: Whistle, given: Given) -> None:
        aggregate.control(**given.by)


COMMANDS = (Respond, Start, Control)
