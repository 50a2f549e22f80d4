"""The city's working calendar: hours, holidays, make-up days, half days; and time spent in it.

Rules: domain.md §5, "Calendar" and "Arithmetic". Moments come in with any zone and go out in UTC.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import TypeAlias
from zoneinfo import ZoneInfo

from tracker.domain.errors import Invalid, Words
from tracker.domain.promises.sla_classes import PackObject

Hours: TypeAlias = tuple[tuple[time, time], ...]  # of one day, in order; none: a day off
Stretch: TypeAlias = tuple[datetime, datetime]  # from, until: the end is outside
Pause: TypeAlias = Stretch

DAY = timedelta(days=1)
NOTHING = timedelta()
NOON = time(12)
FRIDAY = 4
FOREVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True)
class WorkCalendar:
    """Which moments are working time. `years` are those whose holidays have been published.

    In any other year weekdays count as working, and a deadline there is provisional: see
    `missing_years`.
    """

    timezone: ZoneInfo
    hours: Hours
    years: frozenset[int]
    exceptions: Mapping[date, Hours]  # a day's own hours, in place of what its weekday says
    version: int
    _days: dict[date, tuple[Stretch, ...]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    @classmethod
    def from_pack(cls, pack: PackObject, version: int) -> "WorkCalendar":
        """From `working_hours` and `calendar` of a city pack; ValueError names what is wrong."""
        hours = hours_of(pack["working_hours"]["intervals"], "working_hours.intervals")
        if not hours:
            raise ValueError(
                "working_hours.intervals: a city without working hours has no deadlines"
            )
        return cls(
            timezone=ZoneInfo(pack["working_hours"]["timezone"]),
            hours=hours,
            years=frozenset(pack["calendar"]["years"]),
            exceptions={
                date.fromisoformat(day["date"]): _exception(day, hours)
                for day in pack["calendar"]["exceptions"]
            },
            version=version,
        )

    def missing_years(self, first: date, last: date) -> tuple[int, ...]:
        """The years without a calendar that a computation from `first` to `last` has touched."""
        return tuple(y for y in range(first.year, last.year + 1) if y not in self.years)

    def date_of(self, moment: datetime) -> date:
        """The city's date at that moment."""
        return aware(moment).astimezone(self.timezone).date()

    def midnight(self, day: date) -> datetime:
        """The moment at which that day begins in the city."""
        return self._moment(day, time())

    def intervals(self, day: date) -> tuple[Stretch, ...]:
        """The day's working stretches; none on a day off."""
        found = self._days.get(day)
        if found is None:
            found = self._days[day] = tuple(
                (self._moment(day, start), self._moment(day, end))
                for start, end in self._hours_of(day)
            )
        return found

    def is_working(self, day: date) -> bool:
        return bool(self.intervals(day))

    def close(self, day: date) -> datetime:
        """Close of business: the end of the day's last stretch. ValueError on a day off."""
        intervals = self.intervals(day)
        if not intervals:
            raise ValueError(f"{day} is not a working day")
        return intervals[-1][1]

    def working_day(self, n: int, after: date) -> date:
        """The n-th working day after that date, the date itself not counted."""
        day = after
        while n > 0:
            day += DAY
            if self.intervals(day):
                n -= 1
        return day

    def closings(self, start: datetime, end: datetime) -> int:
        """The number of working days whose close of business lies in (start, end]."""
        day, last, count = self.date_of(start), self.date_of(end), 0
        while day <= last:
            if self.is_working(day) and start < self.close(day) <= end:
                count += 1
            day += DAY
        return count

    def stretches(self, start: datetime) -> Iterator[Stretch]:
        """Working time from `start` on, without end."""
        day = self.date_of(start)
        while True:
            for begin, end in self.intervals(day):
                if end > start:
                    yield max(begin, start), end
            day += DAY

    def advance(self, start: datetime, amount: timedelta, pauses: Sequence[Pause] = ()) -> datetime:
        """When `amount` of working time from `start` is used up, none of it inside a pause.

        Used up exactly at the end of a stretch, it is that end, not the next beginning.
        """
        start = aware(start)
        if amount == NOTHING:
            return start
        return reach(outside(self.stretches(start), union(pauses, start)), (amount,))[0]

    def between(self, start: datetime, end: datetime, pauses: Sequence[Pause] = ()) -> timedelta:
        """The working time from `start` to `end`, less what lies inside a pause."""
        start = aware(start)
        return spent(outside(self.stretches(start), union(pauses, start)), aware(end))

    def _hours_of(self, day: date) -> Hours:
        own = self.exceptions.get(day)
        if own is not None:
            return own
        return self.hours if day.weekday() <= FRIDAY else ()

    def _moment(self, day: date, at: time) -> datetime:
        return datetime.combine(day, at, self.timezone).astimezone(UTC)


def aware(moment: datetime) -> datetime:
    """The moment in UTC. ValueError for one without a zone: nobody could say when it was."""
    if moment.tzinfo is None:
        raise ValueError(f"{moment.isoformat()} has no time zone")
    return moment.astimezone(UTC)


def natural(start: datetime) -> Iterator[Stretch]:
    """Natural time: one stretch, without end."""
    yield start, FOREVER


def union(pauses: Iterable[Pause], since: datetime) -> tuple[Pause, ...]:
    """The pauses in order, those that meet made one; what lies before `since` paused nothing."""
    joined: list[Pause] = []
    for start, end in sorted((max(aware(start), since), aware(end)) for start, end in pauses):
        if end <= start:
            continue
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((start, end))
    return tuple(joined)


def outside(stretches: Iterator[Stretch], pauses: tuple[Pause, ...]) -> Iterator[Stretch]:
    """What remains of the stretches outside the pauses, which are in order and apart."""
    return _cut(stretches, pauses) if pauses else stretches


def _cut(stretches: Iterator[Stretch], pauses: tuple[Pause, ...]) -> Iterator[Stretch]:
    for begin, end in stretches:
        for held, resumed in pauses:
            if held < end and resumed > begin:
                if begin < held:
                    yield begin, held
                begin = resumed
        if begin < end:
            yield begin, end


def reach(stretches: Iterator[Stretch], amounts: Sequence[timedelta]) -> list[datetime]:
    """The moments at which each of the amounts, in ascending order, is used up."""
    found: list[datetime] = []
    used = NOTHING
    for begin, end in stretches:
        length = end - begin
        while len(found) < len(amounts) and amounts[len(found)] <= used + length:
            found.append(begin + (amounts[len(found)] - used))
        if len(found) == len(amounts):
            break
        used += length
    return found


def spent(stretches: Iterator[Stretch], until: datetime) -> timedelta:
    """How much of the stretches has gone by at that moment."""
    total = NOTHING
    for begin, end in stretches:
        if begin >= until:
            break
        total += min(end, until) - begin
    return total


def _exception(day: PackObject, hours: Hours) -> Hours:
    """The hours of an exceptional day; its own `intervals` replace those of its kind."""
    where = f"calendar.exceptions {day['date']}"
    if day.get("intervals"):
        return hours_of(day["intervals"], where)
    match day["kind"]:
        case "holiday_weekday_off" | "holiday_weekend":
            return ()
        case "makeup_workday":
            return hours
        case "half_day" | "half_day_morning":
            return tuple((start, min(end, NOON)) for start, end in hours if start < NOON)
        case "half_day_afternoon":
            return tuple((max(start, NOON), end) for start, end in hours if end > NOON)
        case unknown:
            raise ValueError(f"{where}: unknown kind {unknown!r}")


def hours_of(intervals: Sequence[Sequence[str]], where: str) -> Hours:
    """The stretches of a day. Raises HoursTangled, which names `where`."""
    hours = tuple((time.fromisoformat(start), time.fromisoformat(end)) for start, end in intervals)
    before: time | None = None
    for nth, (start, end) in enumerate(hours, start=1):
        if start >= end or (before is not None and start <= before):
            raise HoursTangled(where=where, nth=nth, start=f"{start:%H:%M}", end=f"{end:%H:%M}")
        before = end
    return hours


class HoursTangled(Invalid, ValueError):
    """A day's stretches run forwards, one after the other, with a break in between."""

    code = "calendar.hours_tangled"
    field = "hours"
    message = Words(
        zh="第 {nth} 段 {start}–{end} 不对:各段由早到晚,之间要有间隔,不跨天",
        en="{where} {start}–{end}: intervals must follow each other, apart, within one day",
    )
    remedy = Words(zh="请改这一段的起止时间", en="Change when it begins or ends")
