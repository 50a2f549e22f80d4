"""A question about figures: which scope, which days, as known when.

What people and programs write is read here; each mistake is refused with the field it is in.
"""

import re
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import lru_cache
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from tracker.city_zone import city_zone
from tracker.directory import Directory
from tracker.domain.errors import Invalid, NotFound, Words

CITY = "city"
SCOPES = (CITY, "street", "post", "unit", "category", "grid")
COLUMNS = ("street", "post", "grid", "unit", "category")  # of a fact, one for each kind of scope
BY = ("post", "unit", "category", "day")
YEARS = range(2000, 2100)  # outside, a date is a typing error, and arithmetic with it overflows
NO_LIMIT = 2**63 - 1  # above every position of the log


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
    """`from` or `to`; the two classes below name the field."""

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


def day_of(moment: datetime) -> date:
    """The city's date at that moment."""
    return _day_in(moment, city_zone())


@lru_cache(maxsize=65_536)
def _day_in(moment: datetime, zone: ZoneInfo) -> date:
    return moment.astimezone(zone).date()


@dataclass(frozen=True)
class Period:
    """Natural days of the city (domain.md §6.0): `first` included, `until` not."""

    first: date
    until: date


@dataclass(frozen=True)
class AsOf:
    """What was known at `at`; with a position, only what is in the log up to it as well."""

    at: datetime
    position: int | None = None

    def shown(self) -> str:
        """The moment in the city's zone, as ISO 8601."""
        return self.at.astimezone(city_zone()).isoformat()


@dataclass(frozen=True)
class Question:
    """`keys` are the rows that a grouping shows even if nothing happened there. `secret` are the
    confidential categories, of which small figures are withheld; reports that nobody reads row by
    row ask without them.

    `by` "day" has a row for each day on which something counts, and no keys.
    """

    scope: str
    period: Period
    as_of: AsOf
    by: str | None = None
    keys: tuple[str, ...] = ()
    secret: frozenset[str] = frozenset()

    @property
    def unit_view(self) -> bool:
        """The scope is a unit: it is counted by its own assignments (domain.md §6.2)."""
        return self.scope.startswith("unit:")

    def parameters(self) -> dict[str, Any]:
        """As parameters of a statement: `at` and `position`, `first` and `until`, and for each of
        COLUMNS the code that it must have; None: any."""
        kind, _, code = self.scope.partition(":")
        position = self.as_of.position
        return {
            "at": self.as_of.at,
            "position": NO_LIMIT if position is None else position,
            "first": self.period.first,
            "until": self.period.until,
            **{column: code if column == kind else None for column in COLUMNS},
        }


class Log(Protocol):
    """Reads what a position of the log means as a moment; `LogMoments` does it."""

    def newest(self) -> int:
        """The newest position."""
        ...

    def moment_of(self, position: int) -> datetime | None:
        """The latest moment of what is known at the position; None: nothing is."""
        ...


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
    """Read a question as people and programs write it.

    Raises UnknownGrouping, UnknownScope, NotADate, PeriodReversed, NotAMoment, AsOfInTheFuture.
    """
    if by is not None and by not in BY:
        raise UnknownGrouping(given=by, known=", ".join(BY))
    return Question(
        known_scope(city, scope),
        _period(from_, to),
        read_as_of(log, now, as_of),
        by,
        _keys(city, by) if by else (),
        frozenset(category.code for category in city.categories if category.confidential),
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
        case "category" if code not in city.registers["major"]:
            city.category(code)
        case "grid":
            city.grid(code)


def _keys(city: Directory, by: str) -> tuple[str, ...]:
    """Codes that have ended too: whistles of their time count for them."""
    register = {"post": "post", "unit": "unit", "category": "category"}.get(by)
    return tuple(sorted(city.registers[register])) if register else ()


def _period(from_: str, to: str) -> Period:
    first, until = _day(from_, FromNotADate), _day(to, ToNotADate)
    if until <= first:
        raise PeriodReversed(first=first, until=until)
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
        at = at.replace(tzinfo=city_zone())
    if at > now:
        raise AsOfInTheFuture(
            given=text, now=now.astimezone(city_zone()).isoformat(timespec="seconds")
        )
    return AsOf(at)


def _at_position(log: Log, position: int) -> AsOf:
    newest = log.newest()
    if position > newest:
        raise AsOfInTheFuture(given=position, now=newest)
    at = log.moment_of(position)
    return AsOf(at or datetime.combine(date.min.replace(year=1970), time(), city_zone()), position)
