"""A year's calendar, new or corrected, written as the official notice is: in spans of days."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial

from tracker.city.changing.at_work import promises_moved, up_to_date
from tracker.city.changing.city_change import CityChange, Effect, EntryChange, Preview, Stamp
from tracker.city.changing.phrases import Phrase
from tracker.commands.tracker import Tracker
from tracker.directory import Directory
from tracker.domain.city.policy import CalendarEntry, CalendarYear, OwnDay
from tracker.domain.errors import Invalid, Words
from tracker.domain.promises.working_time import FRIDAY
from tracker.domain.whistle.whistle import Whistle
from tracker.projections import clocks

HOLIDAY = "holiday"  # one kind on forms and in sentences; a day is recorded as one of two
ON_WEEKDAY, ON_WEEKEND = "holiday_weekday_off", "holiday_weekend"
MAKEUP = "makeup_workday"
KINDS: Mapping[str, Words] = {
    HOLIDAY: Words("放假", "day off"),
    MAKEUP: Words("调休上班", "make-up working day"),
    "half_day_morning": Words("只上午上班", "mornings only"),
    "half_day_afternoon": Words("只下午上班", "afternoons only"),
    "half_day": Words("半天", "half day"),
}
WEEKDAYS = ("周一", "周二", "周三", "周四", "周五", "周六", "周日")

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
DAY = Words(zh="{span}{kind}", en="{span}: {kind}")
NOW_DAY = Words(zh="改为:{span}{kind}", en="Now {span}: {kind}")
NO_LONGER = Words(
    zh="去掉:{span}{kind},以后按星期几", en="No longer {span}: {kind}; its weekday tells"
)
ALREADY = Words(
    zh="{span}里有本来就上班的日子,请核对日期",
    en="{span}: there is a working day among them anyway; check the date",
)


@dataclass(frozen=True)
class Span:
    """Days of one kind that follow each other, `last` included."""

    first: date
    last: date
    kind: str  # of KINDS
    intervals: tuple[tuple[str, str], ...] = ()

    def days(self) -> Iterator[OwnDay]:
        for number in range((self.last - self.first).days + 1):
            on = self.first + timedelta(days=number)
            kind = self.kind
            if kind == HOLIDAY:
                kind = ON_WEEKDAY if on.weekday() <= FRIDAY else ON_WEEKEND
            yield OwnDay(on, kind, self.intervals)


def spans(days: Iterable[OwnDay]) -> list[Span]:
    """The days of a year, those that follow each other and are alike as one."""
    found: list[Span] = []
    for day in days:
        kind = HOLIDAY if day.kind in (ON_WEEKDAY, ON_WEEKEND) else day.kind
        span = Span(day.on, day.on, kind, day.intervals)
        last = found[-1] if found else None
        if last and last == Span(last.first, day.on - timedelta(days=1), kind, day.intervals):
            found[-1] = Span(last.first, day.on, kind, day.intervals)
        else:
            found.append(span)
    return found


def span_in_words(span: Span) -> Phrase:
    one, other = span.first, span.last
    zh, en = _zh(one), f"{one:%a} {one.day} {one:%b}"
    if one == other:
        return Phrase(Words(zh, en))
    n = (other - one).days + 1
    return Phrase(
        Words(f"{zh}至{_zh(other)}共 {n} 天", f"{en} – {other:%a} {other.day} {other:%b}, {n} days")
    )


def _zh(day: date) -> str:
    return f"{day.month}月{day.day}日({WEEKDAYS[day.weekday()]})"


def kind_in_words(span: Span) -> Phrase:
    kind = KINDS.get(span.kind, Words(span.kind, span.kind))
    hours = " ".join(f"{start}–{end}" for start, end in span.intervals)
    return Phrase(Words(f"{kind.zh} {hours}".strip(), f"{kind.en} {hours}".strip()))


class DayOfAnotherYear(Invalid):
    """A year's calendar holds days of that year alone."""

    code = "calendar.another_year"
    field = "days"
    message = Words(zh="{day} 不在 {year} 年", en="{day} is not in {year}")
    remedy = Words(zh="请核对这一行的日期", en="Check the date of that line")


@dataclass(frozen=True)
class Publish(CityChange):
    """A year's holidays and make-up days, whole."""

    year: CalendarYear

    def strays(self) -> list[DayOfAnotherYear]:
        """The days that are not of this year, each as its refusal."""
        return [
            DayOfAnotherYear(day=day.on, year=self.year.year)
            for day in self.year.days
            if day.on.year != self.year.year
        ]

    def entry_changes(self, city: Directory, stamp: Stamp) -> Iterable[EntryChange]:
        for stray in self.strays():
            raise stray
        if self.year.code in city.registers["calendar"]:
            yield EntryChange.revise(CalendarEntry, self.year, stamp)
        else:
            yield EntryChange.add(CalendarEntry, self.year)

    def effects(self, tracker: Tracker, preview: Preview) -> Iterator[Effect]:
        year, policy = self.year.year, preview.after.policy
        days = (date.fromordinal(n) for n in _ordinals(year))
        working = sum(policy.calendar.is_working(day) for day in days)
        yield Effect(DAYS, {"year": year, "working": working})
        known = preview.before.registers["calendar"].get(self.year.code)
        yield from self._doubts(known)
        if known is not None:
            yield Effect(NOT_AGAIN, {"year": year})
        else:
            yield from self._recomputed(tracker, preview)
        yield from self._days(known)

    def _recomputed(self, tracker: Tracker, preview: Preview) -> Iterator[Effect]:
        """Deadlines that wait for this year are computed again once it is published."""
        year, policy = self.year.year, preview.after.policy
        with tracker.connection() as connection:
            waiting = clocks.provisional(up_to_date(connection), year)
        yield Effect(ARRIVES, {"n": len(waiting), "year": year})
        again = partial(Whistle.recompute_deadlines, at=preview.at, policy=policy)
        later, earlier = promises_moved(tracker, waiting, again)
        yield Effect(MOVE, {"later": later, "earlier": earlier})

    def _new(self, known: CalendarYear | None) -> list[Span]:
        before = known.days if known else ()
        return spans(day for day in self.year.days if day not in before)

    def _doubts(self, known: CalendarYear | None) -> Iterator[Effect]:
        """Warn of a make-up day on a weekday: it was perhaps meant for another date."""
        for span in self._new(known):
            weekday = any(day.on.weekday() <= FRIDAY for day in span.days())
            if span.kind == MAKEUP and not span.intervals and weekday:
                yield Effect(ALREADY, {"span": span_in_words(span)}, warns=True)

    def _days(self, known: CalendarYear | None) -> Iterator[Effect]:
        """The days: all of a new year, of a known year those that change."""
        for span in self._new(known):
            yield _day_effect(NOW_DAY if known else DAY, span)
        dates = {day.on for day in self.year.days}
        gone = [day for day in known.days if day.on not in dates] if known else []
        for span in spans(gone):
            yield _day_effect(NO_LONGER, span)


def _day_effect(words: Words, span: Span) -> Effect:
    return Effect(words, {"span": span_in_words(span), "kind": kind_in_words(span)})


def _ordinals(year: int) -> range:
    return range(date(year, 1, 1).toordinal(), date(year + 1, 1, 1).toordinal())
