"""时限策略与工作日历: the limits of each class, and the days on which the city works.

A year's calendar is its own entry: when a missing one arrives, that event is the reason for
computing open deadlines again. The arithmetic stands in `clocks` and `working_time`.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import ClassVar, Self

from tracker.domain.actors import Actor
from tracker.domain.city.entries import Added, CodedValue, Entry, Event
from tracker.domain.errors import Invalid, Words
from tracker.domain.promises.sla_classes import SlaClass
from tracker.domain.promises.working_time import hours_of


@dataclass(frozen=True)
class WorkingHours:
    """The hours of an ordinary working day, as "HH:MM", in the city's own zone."""

    timezone: str
    intervals: tuple[tuple[str, str], ...]


@dataclass(frozen=True, kw_only=True)
class PolicyTerms(CodedValue):
    """What the SLA policy says at one version, which stands in every event that it decided."""

    version: int
    classes: tuple[SlaClass, ...]  # in order of urgency
    hours: WorkingHours


class PolicyIssued(Added[PolicyTerms]):
    TOPIC: ClassVar[str] = "city.policy_issued"
    entry: PolicyTerms


class PolicyRevised(Event[PolicyTerms]):
    """Only the classes that changed or were given up; None: the hours are as before.

    What was promised under an earlier version stands in its whistles and does not move.
    """

    TOPIC: ClassVar[str] = "city.policy_revised"
    version: int
    classes: tuple[SlaClass, ...]
    removed: tuple[str, ...]
    hours: WorkingHours | None

    def change(self, before: PolicyTerms) -> PolicyTerms:
        now = {found.code: found for found in (*before.classes, *self.classes)}
        kept = (found for code, found in now.items() if code not in self.removed)
        return replace(
            before,
            version=self.version,
            classes=tuple(sorted(kept, key=lambda found: (found.rank, found.code))),
            hours=self.hours or before.hours,
        )


class PolicyEntry(Entry[PolicyTerms]):
    TOPIC = "city.policy"
    kind = "policy"
    added = PolicyIssued

    def revise(self, wanted: PolicyTerms, today: date, at: datetime, actor: Actor) -> None:
        """Revise it, as the next version, if anything differs. The wanted version is not read.

        Raises NoWorkingHours and HoursTangled.
        """
        before = self.entry
        if not wanted.hours.intervals:
            raise NoWorkingHours
        hours_of(wanted.hours.intervals, "working hours")
        classes = tuple(found for found in wanted.classes if found not in before.classes)
        codes = {found.code for found in wanted.classes}
        removed = tuple(found.code for found in before.classes if found.code not in codes)
        hours = None if wanted.hours == before.hours else wanted.hours
        if classes or removed or hours:
            self.record(
                PolicyRevised,
                at,
                actor,
                version=before.version + 1,
                classes=classes,
                removed=removed,
                hours=hours,
            )


@dataclass(frozen=True)
class OwnDay:
    """A day that is not what its weekday says; `intervals` only for a day with its own hours."""

    on: date
    kind: str  # holiday_weekday_off, holiday_weekend, makeup_workday, half_day, …
    intervals: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, kw_only=True)
class CalendarYear(CodedValue):
    """The published holidays and make-up days of one year; `code` is the year."""

    days: tuple[OwnDay, ...]  # in order of date

    @property
    def year(self) -> int:
        return int(self.code)


class CalendarPublished(Added[CalendarYear]):
    TOPIC: ClassVar[str] = "city.calendar_published"
    entry: CalendarYear


class CalendarAmended(Event[CalendarYear]):
    """Only the days that changed; `removed` are days that again are what their weekday says."""

    TOPIC: ClassVar[str] = "city.calendar_amended"
    days: tuple[OwnDay, ...]
    removed: tuple[date, ...]

    def change(self, before: CalendarYear) -> CalendarYear:
        now = {day.on: day for day in (*before.days, *self.days) if day.on not in self.removed}
        return replace(before, days=tuple(now[on] for on in sorted(now)))


class CalendarEntry(Entry[CalendarYear]):
    TOPIC = "city.calendar"
    kind = "calendar"
    added = CalendarPublished

    @classmethod
    def add(cls, entry: CalendarYear, at: datetime, actor: Actor) -> Self:
        """Publish a year. Raises HoursTangled."""
        _have_hours(entry.days)
        return super().add(entry, at, actor)

    def revise(self, wanted: CalendarYear, today: date, at: datetime, actor: Actor) -> None:
        """Correct it, if anything differs. Raises HoursTangled."""
        _have_hours(wanted.days)
        before = self.entry
        days = tuple(day for day in wanted.days if day not in before.days)
        dates = {day.on for day in wanted.days}
        removed = tuple(day.on for day in before.days if day.on not in dates)
        if days or removed:
            self.record(CalendarAmended, at, actor, days=days, removed=removed)


def _have_hours(days: Iterable[OwnDay]) -> None:
    for day in days:
        hours_of(day.intervals, day.on.isoformat())


class NoWorkingHours(Invalid):
    """Without working hours no limit in working time would ever run out."""

    code = "policy.no_working_hours"
    field = "hours"
    message = Words(zh="工作时间至少要有一段", en="There must be working hours")
    remedy = Words(zh="请填上起止时间", en="Say when they begin and end")


def pack_of(hours: WorkingHours, years: list[CalendarYear]) -> dict[str, object]:
    """Hours and calendars in the shape of a city pack, which `WorkCalendar.from_pack` reads."""
    return {
        "working_hours": {"timezone": hours.timezone, "intervals": hours.intervals},
        "calendar": {
            "years": [year.year for year in years],
            "exceptions": [_pack_day(day) for year in years for day in year.days],
        },
    }


def _pack_day(day: OwnDay) -> dict[str, object]:
    own = {"intervals": day.intervals} if day.intervals else {}
    return {"date": day.on.isoformat(), "kind": day.kind, **own}
