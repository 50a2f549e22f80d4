"""吹哨报到: a post calls units to a place and a time; each arrives with evidence, or is absent.

A unit that is not there at the limit is absent: the scheduler records this with the limit's time
and reports it to the street, half an hour later to the city. A later arrival does not remove it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, ClassVar, Self
from uuid import UUID, uuid5

from tracker.domain.actors import SYSTEM, Actor
from tracker.domain.errors import Conflict, Forbidden, Invalid, NotFound, Words
from tracker.domain.numbers import number_as_typed
from tracker.domain.post_record import PostRecord, PostRecordEvent, PostRecordOpened
from tracker.domain.whistle.events import Place, Said
from tracker.domain.whistle.place import metres_between
from tracker.domain.whistle.responding import ARRIVAL_METRES

SUMMONSES = UUID("b5b4dc3c-2f3a-5a35-8f57-6c7c3f6a3e30")
LETTER, DIGITS = "S", 4  # a number is S-, the day, and a count of at least four digits
MOST_UNITS = 20
LIMITS = (5, 240)  # minutes
AHEAD = timedelta(days=14)
LATELY = timedelta(minutes=10)  # the meeting may begin while the form is being filled in
EARLY = timedelta(hours=2)  # an arrival counts from so long before the meeting
CITY_AFTER = timedelta(minutes=30)
STREET, CITY = 3, 4


def summons_id(number: str) -> UUID:
    """The id is derived from the number, so a number needs no look-up."""
    return uuid5(SUMMONSES, number_as_typed(number, LETTER, DIGITS))


class Call(StrEnum):
    """A summons is open until the post lets the units go, or calls it off."""

    OPEN = "open"
    ENDED = "ended"
    CANCELLED = "cancelled"


@dataclass(frozen=True)
class Attendance:
    """One unit's attendance. `level`: how far its absence was reported, 0: not at all."""

    unit: str
    arrived_at: datetime | None = None
    distance_m: float | None = None  # None: shown by a photo alone
    late: bool = False
    missed_at: datetime | None = None
    level: int = 0

    @property
    def absent(self) -> bool:
        return self.arrived_at is None


DueAbsence = tuple[datetime, str, int]  # when, which unit, to which level


def next_absence(
    state: Call, answers: Iterable[Attendance], arrive_by: datetime
) -> DueAbsence | None:
    """The next absence to record: at the limit for the street, later for the city."""
    if state is not Call.OPEN:
        return None
    steps = (
        (arrive_by if level == STREET else arrive_by + CITY_AFTER, held.unit, level)
        for held in answers
        if held.absent and held.level < CITY
        for level in (max(held.level + 1, STREET),)
    )
    return min(steps, default=None)


class Summoned(PostRecordOpened["Summons"]):
    """Units are to be at the place by `arrive_by`; they meet at `meet_at`."""

    TOPIC: ClassVar[str] = "summons.summoned"
    number: str
    post: str
    street: str
    place: Place
    units: tuple[str, ...]
    meet_at: datetime
    arrive_by: datetime
    whistle: str | None  # the number of the whistle for which it is called

    def assign(self, record: "Summons") -> None:
        record.number, record.post, record.street = self.number, self.post, self.street
        record.place, record.meet_at, record.arrive_by = self.place, self.meet_at, self.arrive_by
        record.attendance = {unit: Attendance(unit) for unit in self.units}
        record.state, record.words = Call.OPEN, self.words


def code_of(event: PostRecordEvent) -> str:
    """The number that people use, from the first event of a stream."""
    assert isinstance(event, Summoned)
    return event.number


class UnitArrived(PostRecordEvent["Summons"]):
    """The unit is on site, shown by a point, a photo, or both. `late`: after the limit."""

    TOPIC: ClassVar[str] = "summons.unit_arrived"
    unit: str
    distance_m: float | None
    late: bool

    def attended(self, before: Attendance) -> Attendance:
        """The unit's attendance after this event."""
        return replace(
            before, arrived_at=self.timestamp, distance_m=self.distance_m, late=self.late
        )

    def assign(self, record: "Summons") -> None:
        record.attendance[self.unit] = self.attended(record.attendance[self.unit])


class UnitMissing(PostRecordEvent["Summons"]):
    """The limit passed without the unit; reported to `level`. Dated at the limit."""

    TOPIC: ClassVar[str] = "summons.unit_missing"
    unit: str
    due: datetime
    level: int

    def attended(self, before: Attendance) -> Attendance:
        """The unit's attendance after this event."""
        return replace(before, missed_at=before.missed_at or self.timestamp, level=self.level)

    def assign(self, record: "Summons") -> None:
        record.attendance[self.unit] = self.attended(record.attendance[self.unit])


class SummonsEnded(PostRecordEvent["Summons"]):
    """事完人走: the post lets the units go."""

    TOPIC: ClassVar[str] = "summons.ended"

    def assign(self, record: "Summons") -> None:
        record.state = Call.ENDED


class SummonsCancelled(PostRecordEvent["Summons"]):
    """Called off before the meeting; no unit counts as absent."""

    TOPIC: ClassVar[str] = "summons.cancelled"

    def assign(self, record: "Summons") -> None:
        record.state = Call.CANCELLED


class Summons(PostRecord):
    """One call of several units to one place."""

    TOPIC = "summons"

    if TYPE_CHECKING:
        number: str
        post: str
        street: str
        place: Place
        meet_at: datetime
        arrive_by: datetime
        attendance: dict[str, Attendance]  # by unit
        state: Call
        words: tuple[Said, ...]

    @classmethod
    def call(
        cls,
        number: str,
        units: Iterable[str],
        *,
        post: str,
        street: str,
        place: Place,
        meet_at: datetime,
        minutes: int,
        actor: Actor,
        at: datetime,
        whistle: str | None = None,
        words: Sequence[Said] = (),
    ) -> Self:
        """Call them. Each has `minutes` after `meet_at` before it is missing.

        Raises NobodySummoned, MeetingTime or ArrivalLimit.
        """
        called = tuple(dict.fromkeys(units))
        if not 0 < len(called) <= MOST_UNITS:
            raise NobodySummoned(most=MOST_UNITS)
        if not at - LATELY <= meet_at <= at + AHEAD:
            raise MeetingTime(days=AHEAD.days)
        least, most = LIMITS
        if not least <= minutes <= most:
            raise ArrivalLimit(least=least, most=most)
        return cls._open(
            Summoned,
            summons_id(number),
            at,
            actor,
            tuple(words),
            number=number,
            post=post,
            street=street,
            place=place,
            units=called,
            meet_at=meet_at,
            arrive_by=meet_at + timedelta(minutes=minutes),
            whistle=whistle,
        )

    def may_arrive(self, actor: Actor, at: datetime) -> None:
        if actor.unit not in self.attendance:
            raise NotSummoned(number=self.number)
        self._must_be_open()
        if not self.attendance[actor.unit].absent:
            raise AlreadyArrived(number=self.number)
        if at < self.meet_at - EARLY:
            raise TooEarly(number=self.number, hours=EARLY.seconds // 3600)

    def arrive(
        self,
        *,
        actor: Actor,
        at: datetime,
        point: Place | None = None,
        words: Sequence[Said] = (),
    ) -> None:
        """The actor's unit is there: a point within 200 m of the place, a photo, or both.

        If the place has no point, a photo alone is enough.
        """
        self.may_arrive(actor, at)
        distance = self._distance(point)
        if distance is not None and distance > ARRIVAL_METRES:
            raise NotOnSite(metres=round(distance), limit=ARRIVAL_METRES)
        if distance is None and not any(said.kind == "photo" for said in words):
            raise ArrivalNeedsEvidence(number=self.number, limit=ARRIVAL_METRES)
        self._record(
            UnitArrived,
            at,
            actor,
            tuple(words),
            unit=actor.unit,
            distance_m=distance,
            late=at > self.arrive_by,
        )

    def _distance(self, point: Place | None) -> float | None:
        if point is None or point.lat is None or self.place.lat is None:
            return None
        return round(metres_between(point, self.place), 1)

    def may_end(self, actor: Actor, at: datetime) -> None:
        self._must_be_open()
        if at < self.meet_at:
            raise NotMetYet(number=self.number)

    def end(self, *, actor: Actor, at: datetime, words: Sequence[Said] = ()) -> None:
        """Let the units go, with the outcome. Units that have not come are no longer awaited."""
        self.may_end(actor, at)
        self._record(SummonsEnded, at, actor, tuple(words))

    def may_cancel(self, actor: Actor, at: datetime) -> None:
        self._must_be_open()
        if at >= self.meet_at:
            raise TooLateToCancel(number=self.number)

    def cancel(self, *, actor: Actor, at: datetime, words: Sequence[Said] = ()) -> None:
        self.may_cancel(actor, at)
        self._record(SummonsCancelled, at, actor, tuple(words))

    def _must_be_open(self) -> None:
        if self.state is not Call.OPEN:
            raise SummonsOver(number=self.number)

    # --- what passing time causes ----------------------------------------------------------------

    def next_moment(self) -> DueAbsence | None:
        """The earliest absence to record: when, which unit, to which level. None: none is due."""
        return next_absence(self.state, self.attendance.values(), self.arrive_by)

    def elapse(self, at: datetime) -> None:
        """Record who was missing at the moments before `at`. A limit is kept at its very second."""
        while (step := self.next_moment()) is not None and step[0] < at:
            due, unit, level = step
            self._record(UnitMissing, due, SYSTEM, unit=unit, due=due, level=level)


class UnknownSummons(NotFound):
    code = "summons.unknown"
    message = Words(zh="没有编号为 {number} 的集结", en="There is no summons {number}")
    remedy = Words(zh="请核对编号", en="Check the number")


class NobodySummoned(Invalid):
    code = "summons.nobody"
    field = "units"
    message = Words(zh="请选 1 到 {most} 个单位", en="Choose 1 to {most} units")
    remedy = Words(zh="勾选要到场的单位", en="Tick the units that are to come")


class MeetingTime(Invalid):
    code = "summons.meeting_time"
    field = "meet_at"
    message = Words(
        zh="集合时间须在现在到 {days} 天之内", en="The meeting is between now and {days} days ahead"
    )
    remedy = Words(zh="请改集合时间", en="Choose another time")


class ArrivalLimit(Invalid):
    code = "summons.arrival_limit"
    field = "minutes"
    message = Words(
        zh="到场时限须在 {least} 到 {most} 分钟之间",
        en="The limit for arrival is between {least} and {most} minutes",
    )
    remedy = Words(zh="请改到场时限", en="Choose another limit")


class SummonsNeedsPlace(Invalid):
    """A grid alone is half a square kilometre, too large to meet in."""

    code = "summons.needs_place"
    field = "address"
    message = Words(zh="请写清集合地点", en="Say where they are to meet")
    remedy = Words(zh="写地点名称,或在哨上发起", en="Write the place, or call them from a whistle")


class NotSummoned(Forbidden):
    code = "summons.not_summoned"
    message = Words(zh="{number} 没有召集贵单位", en="Your unit is not summoned by {number}")
    remedy = Words(zh="由被召集的单位报到", en="The units that were called check in")


class AlreadyArrived(Conflict):
    code = "summons.already_arrived"
    message = Words(
        zh="贵单位已在 {number} 报到", en="Your unit has checked in to {number} already"
    )
    remedy = Words(zh="不必再报", en="There is nothing more to do")


class TooEarly(Conflict):
    code = "summons.too_early"
    message = Words(
        zh="集合前 {hours} 小时内才能报到", en="Check-in opens {hours} hours before the meeting"
    )
    remedy = Words(zh="到场后再报到", en="Check in when you are there")


class NotOnSite(Invalid):
    code = "summons.not_on_site"
    field = "lat"
    message = Words(
        zh="离集合点 {metres} 米,须在 {limit} 米以内",
        en="{metres} m from the meeting place; at most {limit} m",
    )
    remedy = Words(zh="到场后再报到", en="Check in when you are there")


class ArrivalNeedsEvidence(Invalid):
    code = "summons.arrival_needs_evidence"
    field = "photos"
    message = Words(
        zh="报到要有定位({limit} 米内)或现场照片",
        en="Checking in needs a point within {limit} m, or a photo of the place",
    )
    remedy = Words(zh="请允许定位,或拍一张现场照片", en="Allow the location, or take a photo there")


class SummonsOver(Conflict):
    code = "summons.over"
    message = Words(zh="{number} 已经结束", en="{number} is over")
    remedy = Words(zh="如需要,请重新发起", en="Call them again if need be")


class NotMetYet(Conflict):
    code = "summons.not_met_yet"
    message = Words(zh="{number} 还没到集合时间", en="{number} has not met yet")
    remedy = Words(zh="不再需要就取消", en="Call it off if it is not needed")


class TooLateToCancel(Conflict):
    code = "summons.too_late_to_cancel"
    message = Words(
        zh="{number} 已到集合时间,不能取消", en="{number} has met; it cannot be called off"
    )
    remedy = Words(zh="办完后结束", en="End it when it is done")
