"""A question about figures: of whom, for which days, as known when; nonsense is refused by name."""

import re
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Protocol
from zoneinfo import ZoneInfo

from tracker.directory import Directory
from tracker.domain.errors import Invalid, NotFound, Words

ZONE = ZoneInfo("Asia/Shanghai")  # periods are the city's natural days (domain.md §6.0)
SCOPES = ("city", "street", "post", "unit", "category", "grid")
BY = ("post", "unit", "category", "day")
YEARS = range(2000, 2100)  # outside, a date is a slip, and arithmetic with it overflows


class UnknownScope(Invalid):
    code = "rates.unknown_scope"
    field = "scope"
    message = Words(zh="没有统计范围“{given}”", en="There is no scope {given}")
    remedy = Words(
        zh="写 city,或 street:、post:、unit:、category:、grid: 加上目录中的编码",
        en="Use city, or street:, post:, unit:, category: or grid: with a code of the directory",
    )


class UnknownGrouping(Invalid):
    code = "rates.unknown_grouping"
    field = "by"
    message = Words(zh="不能按“{given}”分组", en="Figures are not grouped by {given}")
    remedy = Words(zh="可按:{known}", en="Choose one of: {known}")


class NotADate(Invalid):
    """`field` of the class is filled in by the one that is wrong."""

    code = "rates.not_a_date"
    message = Words(zh="“{given}”不是日期", en="{given} is not a date")
    remedy = Words(zh="写成 2026-09-01", en="Write it as 2026-09-01")


class FromNotADate(NotADate):
    field = "from"


class ToNotADate(NotADate):
    field = "to"


class PeriodReversed(Invalid):
    code = "rates.period_reversed"
    field = "to"
    message = Words(
        zh="止 {until} 不晚于起 {first}", en="The period ends on {until}, not after {first}"
    )
    remedy = Words(
        zh="“to”不含当日,应晚于“from”", en="`to` is not included: give a day after `from`"
    )


class NotAMoment(Invalid):
    code = "rates.not_a_moment"
    field = "as_of"
    message = Words(zh="“{given}”不是时间,也不是日志位置", en="{given} is no time and no position")
    remedy = Words(
        zh="写成 2026-10-13T00:00:00+08:00、2026-10-13,或日志位置的数字",
        en="Write it as 2026-10-13T00:00:00+08:00, 2026-10-13, or the number of a log position",
    )


class AsOfInTheFuture(Invalid):
    code = "rates.as_of_in_the_future"
    field = "as_of"
    message = Words(zh="统计时点 {given} 还没有到", en="The moment {given} has not come yet")
    remedy = Words(zh="不晚于 {now}", en="Give one that is not after {now}")


@dataclass(frozen=True)
class Period:
    """Natural days of the city: `first` included, `until` not."""

    first: date
    until: date


@dataclass(frozen=True)
class AsOf:
    """What was known at that moment; with a position, only what stood in the log up to it too."""

    at: datetime
    position: int | None = None


@dataclass(frozen=True)
class Question:
    """`keys` are the rows that a grouping shows even if nothing happened there."""

    scope: str
    period: Period
    as_of: AsOf
    by: str | None = None
    keys: tuple[str, ...] = ()

    @property
    def unit_view(self) -> bool:
        return self.scope.startswith("unit:")


class Log(Protocol):
    """What a position of the log means: the newest one, and when it was."""

    def newest(self) -> int: ...

    def moment_of(self, position: int) -> datetime | None: ...


def ask(
    city: Directory,
    log: Log,
    now: datetime,
    *,
    scope: str,
    from_: str,
    to: str,
    as_of: str | None = None,
    by: str | None = None,
) -> Question:
    """Read a question as people and programs write it. Raises a refusal that names the field."""
    if by is not None and by not in BY:
        raise UnknownGrouping(given=by, known=", ".join(BY))
    return Question(
        known_scope(city, scope),
        _period(from_, to),
        read_as_of(log, now, as_of),
        by,
        _keys(city, by) if by else (),
    )


def known_scope(city: Directory, scope: str) -> str:
    """The scope, if the city has it or ever had it."""
    kind, _, code = scope.partition(":")
    if kind not in SCOPES or bool(code) == (kind == "city"):
        raise UnknownScope(given=scope)
    try:
        _look_up(city, kind, code)
    except (Invalid, NotFound):
        raise UnknownScope(given=scope) from None
    return scope


def _look_up(city: Directory, kind: str, code: str) -> None:
    match kind:
        case "street" if city.area(code).level != "street":
            raise UnknownScope(given=code)
        case "post":
            city.post(code)
        case "unit":
            city.unit(code)
        case "category" if code not in city.shelves["major"]:
            city.category(code)
        case "grid":
            city.grid(code)


def _keys(city: Directory, by: str) -> tuple[str, ...]:
    """Ended ones too, for the whistles of their time; a row of nothing is then left out."""
    shelf = {"post": "post", "unit": "unit", "category": "category"}.get(by)
    return tuple(sorted(city.shelves[shelf])) if shelf else ()


def _period(from_: str, to: str) -> Period:
    first, until = _day(from_, FromNotADate), _day(to, ToNotADate)
    if until <= first:
        raise PeriodReversed(first=first.isoformat(), until=until.isoformat())
    return Period(first, until)


def _day(text: str, refusal: type[NotADate]) -> date:
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
        raise refusal(given=text)
    try:
        found = date.fromisoformat(text)
    except ValueError:
        raise refusal(given=text) from None
    if found.year not in YEARS:
        raise refusal(given=text)
    return found


def read_as_of(log: Log, now: datetime, text: str | None) -> AsOf:
    """A time, a day (its 00:00), or a position of the log; None: now."""
    if text is None:
        return AsOf(now)
    if text.isdecimal():
        return _at_position(log, int(text))
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise NotAMoment(given=text) from None
    if at.year not in YEARS:
        raise NotAMoment(given=text)
    if at.tzinfo is None:
        at = at.replace(tzinfo=ZONE)
    if at > now:
        raise AsOfInTheFuture(given=text, now=now.astimezone(ZONE).isoformat(timespec="seconds"))
    return AsOf(at)


def _at_position(log: Log, position: int) -> AsOf:
    newest = log.newest()
    if position > newest:
        raise AsOfInTheFuture(given=position, now=newest)
    at = log.moment_of(position)
    return AsOf(at or datetime.combine(date.min.replace(year=1970), time(), ZONE), position)
