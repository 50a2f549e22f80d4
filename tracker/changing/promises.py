"""The next version of the SLA policy; a year's calendar, new or corrected."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial

from tracker.amending import Foreseen, Step
from tracker.application import Tracker
from tracker.changing.at_work import open_whistles, promises_moved, up_to_date
from tracker.changing.catalogue import told
from tracker.changing.proposal import Change, Effect
from tracker.directory import Directory
from tracker.domain.actors import Actor
from tracker.domain.errors import Invalid, Words
from tracker.domain.policy import CalendarEntry, CalendarYear, PolicyEntry, Promises
from tracker.domain.sla_classes import ClockKind, SlaClass
from tracker.domain.whistle import Whistle
from tracker.projections import clocks

NEXT = Words(
    zh="第 {version} 版政策,确认后登记的吹哨适用",
    en="Version {version}, for what is registered from now on",
)
CLASS = Words(
    zh="{sla}:响应 {respond_was} → {respond},办结 {resolve_was} → {resolve}",
    en="{sla}: respond {respond_was} → {respond}, resolve {resolve_was} → {resolve}",
)
UNTOUCHED = Words(
    zh="{n} 件在办按原来承诺的时限办完,一个都不动",
    en="{n} open whistles keep the deadlines that were promised; none moves",
)
AS_OF_NOW = Words(
    zh="例:现在登记一件 {sla},办结期 {was} → {now}",
    en="Example: an {sla} registered now would be resolved by {was} → {now}",
)
ARRIVES = Words(
    zh="{n} 件在办在等 {year} 年日历,由系统重算并记入事件",
    en="{n} open whistles wait for the calendar of {year}; they are computed again, by event",
)
MOVE = Words(
    zh="其中 {later} 件的时限后移,{earlier} 件提前,其余日期不变",
    en="The deadlines of {later} move later, of {earlier} earlier; the others keep their date",
)
NOT_AGAIN = Words(
    zh="{year} 年日历已发布过:已承诺的时限不重算,只用于以后的计算",
    en="The calendar of {year} was published before: what was promised is not computed again",
)
DAYS = Words(zh="{year} 年共 {working} 个工作日", en="{year} has {working} working days")


@dataclass(frozen=True)
class Revise(Change):
    """These classes as they are to be; the others stay."""

    classes: tuple[SlaClass, ...]

    def steps(self, city: Directory, today: date, at: datetime, by: Actor) -> Iterable[Step]:
        before = city.promises
        new = {found.code: found for found in self.classes}
        wanted = Promises(
            code=before.code,
            name=before.name,
            version=before.version,
            classes=tuple(new.get(found.code, found) for found in before.classes),
            hours=before.hours,
        )
        yield Step(PolicyEntry, before.code, lambda entry: entry.keep(wanted, today, at, by))

    def effects(self, tracker: Tracker, foreseen: Foreseen) -> Iterator[Effect]:
        old, new = foreseen.before.policy, foreseen.after.policy
        yield Effect(NEXT, {"version": new.version})
        for code, sla in new.classes.items():
            was = old.classes[code]
            if sla == was:
                continue
            limits = {
                "respond_was": told(was.respond),
                "respond": told(sla.respond),
                "resolve_was": told(was.resolve),
                "resolve": told(sla.resolve),
            }
            yield Effect(CLASS, {"sla": code, **limits})
            dues = [policy.clock(ClockKind.RESOLVE, code, foreseen.at).due for policy in (old, new)]
            zone = new.calendar.timezone
            was_due, now_due = (f"{due.astimezone(zone):%m-%d %H:%M}" for due in dues)
            yield Effect(AS_OF_NOW, {"sla": code, "was": was_due, "now": now_due})
        with tracker.connection() as connection:
            yield Effect(UNTOUCHED, {"n": len(open_whistles(connection))})


@dataclass(frozen=True)
class Publish(Change):
    """A year's holidays and make-up days, whole."""

    year: CalendarYear

    def steps(self, city: Directory, today: date, at: datetime, by: Actor) -> Iterable[Step]:
        for day in self.year.days:
            if day.on.year != self.year.year:
                raise DayOfAnotherYear(day=day.on, year=self.year.year)
        if self.year.code in city.shelves["calendar"]:
            yield Step(
                CalendarEntry,
                self.year.code,
                lambda entry: entry.keep(self.year, today, at, by),
            )
        else:
            yield Step(CalendarEntry, self.year.code, new=self.year)

    def effects(self, tracker: Tracker, foreseen: Foreseen) -> Iterator[Effect]:
        year, policy = self.year.year, foreseen.after.policy
        days = (date.fromordinal(n) for n in _ordinals(year))
        working = sum(policy.calendar.is_working(day) for day in days)
        yield Effect(DAYS, {"year": year, "working": working})
        if self.year.code in foreseen.before.shelves["calendar"]:
            yield Effect(NOT_AGAIN, {"year": year})
            return
        with tracker.connection() as connection:
            waiting = clocks.provisional(up_to_date(connection), year)
        yield Effect(ARRIVES, {"n": len(waiting), "year": year})
        again = partial(Whistle.recompute_deadlines, at=foreseen.at, policy=policy)
        later, earlier = promises_moved(tracker, waiting, again)
        yield Effect(MOVE, {"later": later, "earlier": earlier})


def _ordinals(year: int) -> range:
    return range(date(year, 1, 1).toordinal(), date(year + 1, 1, 1).toordinal())


class DayOfAnotherYear(Invalid):
    """A year's calendar holds days of that year alone."""

    code = "calendar.another_year"
    field = "days"
    message = Words(zh="{day} 不在 {year} 年", en="{day} is not in {year}")
    remedy = Words(zh="请核对这一行的日期", en="Check the date of that line")
