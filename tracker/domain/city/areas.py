"""州、市、街道、社区、小区: areas in five levels, and the dated plans of grids.

A grid is the unit of responsibility at the lowest level (小区/网格), not a sixth level.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import ClassVar, TypeAlias

from tracker.domain.actors import Actor
from tracker.domain.city.entries import (
    Added,
    Changed,
    CodedValue,
    Ended,
    EndingEntry,
    Entry,
    Event,
    Restored,
)
from tracker.domain.errors import Invalid, Words

# Coordinates of a GeoJSON MultiPolygon: WGS84 degrees, longitude first.
Ring: TypeAlias = tuple[tuple[float, float], ...]
MultiPolygon: TypeAlias = tuple[tuple[Ring, ...], ...]


class Level(StrEnum):
    """五级, from the lowest; `rank` is the level of an escalation that stands there."""

    COMPOUND = "compound"
    COMMUNITY = "community"
    STREET = "street"
    CITY = "city"
    PREFECTURE = "prefecture"

    @property
    def rank(self) -> int:
        return list(Level).index(self) + 1


@dataclass(frozen=True, kw_only=True)
class Area(CodedValue):
    """An area of one level. At level COMPOUND it is a grid of at least one `GridPlan`."""

    level: Level
    parent: str  # code of the area above; "" for the prefecture
    valid_from: date
    center: tuple[float, float] | None = None  # longitude, latitude
    geometry: MultiPolygon = ()
    workers: int = 0  # grid workers, where it is a grid
    split_from: str = ""  # code of the grid whose post and worker answer for it, in another plan

    def stands(self, on: date) -> bool:
        return self.valid_from <= on and (self.ended_on is None or on < self.ended_on)


class AreaAdded(Added[Area]):
    TOPIC: ClassVar[str] = "city.area_added"
    entry: Area


class AreaChanged(Changed[Area]):
    """A name, parent, number of workers or border corrected; a new division is a new plan."""

    TOPIC: ClassVar[str] = "city.area_changed"
    name: str | None = None
    level: Level | None = None
    parent: str | None = None
    valid_from: date | None = None
    center: tuple[float, float] | None = None
    geometry: MultiPolygon | None = None
    workers: int | None = None
    split_from: str | None = None


class AreaEnded(Ended[Area]):
    TOPIC: ClassVar[str] = "city.area_ended"


class AreaRestored(Restored[Area]):
    TOPIC: ClassVar[str] = "city.area_restored"


class AreaEntry(EndingEntry[Area]):
    TOPIC = "city.area"
    kind = "area"
    added, changed, ended, restored = AreaAdded, AreaChanged, AreaEnded, AreaRestored


@dataclass(frozen=True)
class Period:
    """From `first` on, until before `until`; None: no end is known."""

    first: date
    until: date | None = None

    def covers(self, day: date) -> bool:
        return self.first <= day and (self.until is None or day < self.until)


@dataclass(frozen=True, kw_only=True)
class GridPlan(CodedValue):
    """One division of the city into grids. Without a period it exists, but was never in force."""

    grids: tuple[str, ...]
    source: str = ""
    periods: tuple[Period, ...] = ()

    def in_force_since(self, on: date) -> date | None:
        """The first day of the period that covers `on`; None: not in force on that day."""
        return max((p.first for p in self.periods if p.covers(on)), default=None)


class PlanAdded(Added[GridPlan]):
    TOPIC: ClassVar[str] = "city.plan_added"
    entry: GridPlan


class PlanChanged(Changed[GridPlan]):
    TOPIC: ClassVar[str] = "city.plan_changed"
    name: str | None = None
    grids: tuple[str, ...] | None = None
    source: str | None = None


class PlanSwitchedOn(Event[GridPlan]):
    """The plan is in force from `first`, in place of the plans that began before, until it ends."""

    TOPIC: ClassVar[str] = "city.plan_switched_on"
    first: date
    until: date | None

    def change(self, before: GridPlan) -> GridPlan:
        return replace(before, periods=(*before.periods, Period(self.first, self.until)))


class PlanSwitchedOff(Event[GridPlan]):
    """The plan's period ends before the day `on`; the plan that it replaced is in force again."""

    TOPIC: ClassVar[str] = "city.plan_switched_off"
    on: date

    def change(self, before: GridPlan) -> GridPlan:
        return replace(
            before,
            periods=tuple(
                replace(period, until=self.on) if period.covers(self.on) else period
                for period in before.periods
            ),
        )


class PlanEntry(Entry[GridPlan]):
    TOPIC = "city.plan"
    kind = "plan"
    added, changed = PlanAdded, PlanChanged

    def revise(self, wanted: GridPlan, today: date, at: datetime, actor: Actor) -> None:
        """Its dates change too, where they are given; periods that people switched on stay."""
        super().revise(wanted, today, at, actor)
        for period in wanted.periods:
            self.switch_on(period.first, period.until, at, actor)

    def switch_on(self, first: date, until: date | None, at: datetime, actor: Actor) -> None:
        """In force from `first` until before `until` (None: until it is switched off).

        If it began on that day already, only the end may move, and only where none was set.
        """
        if until is not None and until <= first:
            raise PeriodEndsBeforeItBegins(first=first, until=until)
        if self.entry.in_force_since(first) is None:
            self.record(PlanSwitchedOn, at, actor, first=first, until=until)
        elif until is not None and Period(first) in self.entry.periods:
            self.record(PlanSwitchedOff, at, actor, on=until)

    def switch_off(self, on: date, at: datetime, actor: Actor) -> None:
        if self.entry.in_force_since(on) is None:
            raise PlanNotInForce(plan=self.entry.name, on=on)
        self.record(PlanSwitchedOff, at, actor, on=on)


class PeriodEndsBeforeItBegins(Invalid):
    """A period is written first day, then the day after the last."""

    code = "plan.period_backwards"
    field = "until"
    message = Words(
        zh="期限 {first} 至 {until} 首尾颠倒", en="A period from {first} to {until} runs backwards"
    )
    remedy = Words(zh="请填写晚于起始日的终止日", en="Give an end after the first day")


class PlanNotInForce(Invalid):
    """Only a plan in force can be switched off."""

    code = "plan.not_in_force"
    field = "on"
    message = Words(zh="{plan} 在 {on} 并未启用", en="{plan} is not in force on {on}")
    remedy = Words(zh="请选择方案启用期内的日期", en="Choose a day on which the plan is in force")


class UnknownArea(Invalid):
    """No area of any level has that code."""

    code = "area.unknown"
    field = "area"
    message = Words(zh="没有代码为 {given} 的区域", en="No area has the code {given}")
    remedy = Words(zh="请在区域目录中选择", en="Choose one from the directory of areas")


class UnknownGrid(Invalid):
    """No grid has that code, or it belongs to no plan in force on that day."""

    code = "grid.unknown"
    field = "grid"
    message = Words(zh="当日方案中没有网格 {given}", en="The day's plan has no grid {given}")
    remedy = Words(
        zh="请在当日网格方案中选择,或在地图上定位",
        en="Choose a grid of that day's plan, or point to the place on the map",
    )
