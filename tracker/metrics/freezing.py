"""When a month's figures are frozen (domain.md §6.0)."""

import re
from datetime import date, datetime, timedelta

from tracker.domain.errors import Invalid, Words
from tracker.domain.promises.working_time import WorkCalendar
from tracker.metrics.asking import Period

FREEZE_DAY = 5  # a month is frozen at 00:00 of this working day of the next month


class NotAMonth(Invalid):
    code = "rates.not_a_month"
    field = "month"
    message = Words(zh="“{given}”不是月份", en="{given} is not a month")
    remedy = Words(zh="写成 2026-09", en="Write it as 2026-09")


class CalendarMissing(Invalid):
    """The calendar that says which days of that year are working days is not loaded yet."""

    code = "rates.calendar_missing"
    field = "month"
    message = Words(
        zh="{month} 的冻结日要看 {year} 年的工作日历,该年日历尚未载入",
        en="When {month} is frozen depends on the calendar of {year}, which is not loaded",
    )
    remedy = Words(
        zh="公布后载入 {year} 年日历,再试一次", en="Load the calendar of {year}, then ask again"
    )


def period_of(month: str) -> Period:
    """The natural days of a month written 2026-09. Raises NotAMonth."""
    if not re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", month) or not "2000" <= month < "2100":
        raise NotAMonth(given=month)
    first = date.fromisoformat(f"{month}-01")
    return Period(first, (first + timedelta(days=31)).replace(day=1))


def month_of(period: Period) -> str | None:
    """The month that the period is exactly, written 2026-09; None if it is none."""
    month = f"{period.first:%Y-%m}"
    return month if period_of(month) == period else None


def month_before(month: str) -> str:
    return f"{period_of(month).first - timedelta(days=1):%Y-%m}"


def freeze_moment(month: str, calendar: WorkCalendar) -> datetime:
    """00:00 of the fifth working day of the next month. Raises NotAMonth, CalendarMissing."""
    after = period_of(month).until
    day = calendar.working_day(FREEZE_DAY, after=after - timedelta(days=1))
    for year in calendar.missing_years(after, day):
        raise CalendarMissing(month=month, year=year)
    return calendar.midnight(day)
