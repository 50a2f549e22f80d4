"""报到、开工、险情控制: the unit's own steps."""

from dataclasses import dataclass
from typing import Literal

from tracker.commands.command import Given, kept_as
from tracker.commands.fields import (
    Crs,
    Flag,
    Latitude,
    Longitude,
    Moment,
    Note,
    Photos,
    Point,
)
from tracker.commands.places import reported_place
from tracker.commands.whistle.whistle_command import WhistleCommand
from tracker.domain.errors import Words
from tracker.domain.whistle.responding import CallRecord
from tracker.domain.whistle.whistle import Whistle


@dataclass(frozen=True, kw_only=True)
class Respond(WhistleCommand):
    """Report for duty: the point of an arrival, or the record of a call.

    A call that reached nobody (`reached` false) is kept as an attempt and is no response. Photos
    are needed where the whistle's own point is not known exactly.
    """

    name = "respond"
    label = Words("报到", "Respond")
    said = kept_as(note="note", photos="photo")
    guard = Whistle.may_respond

    kind: Literal["arrival", "call"]
    lat: Latitude | None = None
    lon: Longitude | None = None
    crs: Crs = "WGS84"
    called_at: Moment | None = None
    reached: Flag | None = None
    note: Note | None = None
    photos: Photos = ()

    def decide(self, aggregate: Whistle, given: Given) -> None:
        point, call = None, None
        if self.lat is not None and self.lon is not None:
            point = reported_place(given.city, Point(self.lat, self.lon, crs=self.crs), given.at)
        if self.called_at is not None and self.reached is not None:
            call = CallRecord(self.called_at, self.reached)
        aggregate.respond(self.kind, point=point, call=call, **given.by)


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
    said = kept_as(note="note", photos="photo")
    guard = Whistle.may_control

    note: Note | None = None
    photos: Photos = ()

    def decide(self, aggregate: Whistle, given: Given) -> None:
        aggregate.control(**given.by)


COMMANDS = (Respond, Start, Control)
