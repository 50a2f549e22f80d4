"""An independent reading of the arithmetic of deadlines: it walks, and shares no code with ours.

City time without a zone, whole minutes, every minute looked at. Slow, and hard to get wrong.
"""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta

Pause = tuple[datetime, datetime]
MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)
USUAL = [(time(8, 30), time(12)), (time(14), time(17, 30))]
HOURS_OF = {
    "holiday_weekday_off": [],
    "holiday_weekend": [],
    "makeup_workday": USUAL,
    "half_day_morning": USUAL[:1],
    "half_day_afternoon": USUAL[1:],
}


def hours_of(day: date, kinds: Mapping[date, str]) -> list[tuple[time, time]]:
    if day in kinds:
        return HOURS_OF[kinds[day]]
    return USUAL if day.isoweekday() < 6 else []


def after_working_hours(
    hours: int, start: datetime, pauses: list[Pause], kinds: Mapping[date, str]
) -> datetime:
    minute, left = start, hours * 60
    while left:
        works = any(a <= minute.time() < b for a, b in hours_of(minute.date(), kinds))
        paused = any(p <= minute < r for p, r in pauses)
        if works and not paused:
            left -= 1
        minute += MINUTE
    return minute


def after_working_days(
    days: int, start: datetime, pauses: list[Pause], kinds: Mapping[date, str]
) -> datetime:
    left = days + sum(1 for close in _closings(start, pauses, kinds) if _held(close, pauses))
    day = start.date()
    while left:
        day += DAY
        if hours_of(day, kinds):
            left -= 1
    return datetime.combine(day, hours_of(day, kinds)[-1][1])


def _closings(start: datetime, pauses: list[Pause], kinds: Mapping[date, str]) -> list[datetime]:
    last = max((r.date() for _, r in pauses), default=start.date())
    span = [start.date() + DAY * n for n in range((last - start.date()).days + 1)]
    return [
        datetime.combine(day, hours_of(day, kinds)[-1][1]) for day in span if hours_of(day, kinds)
    ]


def _held(close: datetime, pauses: list[Pause]) -> bool:
    """A close of business that fell into two pauses at once is still one working day."""
    return any(p < close <= r for p, r in pauses)
