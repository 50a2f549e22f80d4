"""The city's days: by which of them something counts, and on which it became known."""

from datetime import date, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Asia/Shanghai")
CITY = "city"


@lru_cache(maxsize=65_536)
def day_of(moment: datetime) -> date:
    """The city's date at that moment."""
    return moment.astimezone(ZONE).date()


def midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=ZONE)
