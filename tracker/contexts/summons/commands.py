"""吹哨报到, the commands: call units, arrive, let them go, call it off."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from tracker.commands.command import Command, Given, Opening, kept_as
from tracker.commands.fields import (
    Code,
    Count,
    Crs,
    Latitude,
    Line,
    Longitude,
    Moment,
    Note,
    Photos,
    Point,
    Reason,
)
from tracker.commands.places import place_of
from tracker.commands.tracker import Tracker
from tracker.contexts.summons.record import (
    DIGITS,
    LETTER,
    Summons,
    SummonsNeedsPlace,
    UnknownSummons,
    summons_id,
)
from tracker.domain.actors import Actor
from tracker.domain.errors import Words
from tracker.domain.whistle.events import Place
from tracker.words.visible import has_visible


def summons_of(tracker: Tracker, number: str | UUID) -> Summons:
    """The summons from its stream, never stale. Raises UnknownSummons."""
    return tracker.load(Summons, id_of(number), UnknownSummons(number=str(number)))


def id_of(number: str | UUID) -> UUID:
    return number if isinstance(number, UUID) else summons_id(number)


@dataclass(frozen=True, kw_only=True)
class Summon(Opening[Summons]):
    """`post`: the caller's own if left out. The place: a point, a whistle's, or words."""

    name = "summon"
    label = Words("召集单位", "Call units")
    said = kept_as(reason="reason", address="address")

    units: Annotated[tuple[Code, ...], Field(min_length=1, max_length=20)]
    meet_at: Moment
    minutes: Count = 30
    reason: Reason
    post: Code | None = None
    address: Line | None = None
    location: Point | None = None
    whistle: Line | None = None

    def stream(self, tracker: Tracker, number: str | UUID) -> UUID:
        return id_of(number)

    def name_stream(self, tracker: Tracker, actor: Actor, at: datetime) -> tuple[str, UUID]:
        number = tracker.next_number(LETTER, "summons_number", DIGITS, at)
        return number, summons_id(number)

    def begin(self, number: str, given: Given) -> Summons:
        city = given.city
        post = city.post(self.post or given.actor.post or "")
        about = given.tracker.whistle(self.whistle) if self.whistle else None
        place = place_of(city, self.location, given.at) if self.location else Place()
        if self.location is None and about is not None:
            place = about.place
        if place.lat is None and not has_visible(self.address or ""):
            raise SummonsNeedsPlace
        return Summons.call(
            number,
            [city.current_unit(code).code for code in self.units],
            post=post.code,
            street=post.street,
            place=place,
            meet_at=self.meet_at,
            minutes=self.minutes,
            whistle=about.number if about else None,
            **given.by,
        )


@dataclass(frozen=True, kw_only=True)
class SummonsCommand(Command[Summons]):
    """A command on a summons that is there."""

    def stream(self, tracker: Tracker, number: str | UUID) -> UUID:
        return id_of(number)

    def load(self, tracker: Tracker, number: str | UUID) -> Summons:
        return summons_of(tracker, number)

    def let_time_pass(self, aggregate: Summons, given: Given) -> None:
        aggregate.elapse(given.at)


@dataclass(frozen=True, kw_only=True)
class Arrive(SummonsCommand):
    """The actor's unit is on site. The point may be anywhere: the domain checks the distance."""

    name = "arrive"
    label = Words("到场报到", "Check in on site")
    said = kept_as(photos="photo", note="note")

    lat: Latitude | None = None
    lon: Longitude | None = None
    crs: Crs = "WGS84"
    photos: Photos = ()
    note: Note | None = None

    def decide(self, aggregate: Summons, given: Given) -> None:
        here = None
        if self.lat is not None and self.lon is not None:
            here = place_of(given.city, Point(self.lat, self.lon, crs=self.crs), given.at)
        aggregate.arrive(point=here, **given.by)


@dataclass(frozen=True, kw_only=True)
class End(SummonsCommand):
    """End the summons and record its result."""

    name = "end"
    label = Words("结束集结", "End the summons")
    right = "end-summons"
    said = kept_as(note="note")

    note: Reason

    def decide(self, aggregate: Summons, given: Given) -> None:
        aggregate.end(**given.by)


@dataclass(frozen=True, kw_only=True)
class Cancel(SummonsCommand):
    """Cancel the summons before its meeting time."""

    name = "cancel"
    label = Words("取消集结", "Call it off")
    right = "end-summons"
    said = kept_as(reason="reason")

    reason: Reason

    def decide(self, aggregate: Summons, given: Given) -> None:
        aggregate.cancel(**given.by)


@dataclass(frozen=True, kw_only=True)
class LetTimePass(SummonsCommand):
    """Record who was missing before the command's moment, and nothing else."""

    name = "let-time-pass"
    label = Words("到期记录", "Record what fell due")

    def decide(self, aggregate: Summons, given: Given) -> None:
        """Time has passed already: see `let_time_pass`."""
