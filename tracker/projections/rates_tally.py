"""Adding up placings: by scope, by day, by cohort. The projection and the reader add alike."""

from collections.abc import Iterable
from datetime import date, datetime
from functools import lru_cache
from typing import TypeVar
from zoneinfo import ZoneInfo

from tracker.domain.lifecycle import NATURAL_CLASSES
from tracker.metrics.cohorts import STOCKS, UNIT_VIEW, WHISTLE_VIEW, Cohort
from tracker.metrics.definitions import Measure
from tracker.projections.board_row import major_of
from tracker.projections.rates_placing import Placing

ZONE = ZoneInfo("Asia/Shanghai")
TIMED = frozenset({Cohort.RESPONSE, Cohort.ASSIGNED_RESPONSE})
CITY = "city"

Sums = list[int]  # d, n1, n2, n3, n4, seconds
DayKey = tuple[str, date, str, date]
TimeKey = tuple[str, date, str, int, date]
StockKey = tuple[str, date]
Key = TypeVar("Key")


@lru_cache(maxsize=65_536)
def day_of(moment: datetime) -> date:
    """The city's date at that moment."""
    return moment.astimezone(ZONE).date()


def midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=ZONE)


def bucket_of(seconds: int) -> int:
    """Minutes up to 7 each for itself, then four buckets to each doubling."""
    minutes = max(seconds // 60, 0)
    if minutes < 8:
        return minutes
    octave = minutes.bit_length()
    return 8 + (octave - 4) * 4 + ((minutes >> (octave - 3)) & 3)


def scopes_of(cohort: str, placing: Placing) -> tuple[str, ...]:
    """All scopes in which a placing counts: the whistle view, the unit view, or both."""
    return _scopes(
        cohort not in UNIT_VIEW,
        None if cohort in WHISTLE_VIEW else placing.unit,
        placing.street,
        placing.post,
        placing.grid,
        placing.category,
    )


@lru_cache(maxsize=65_536)
def _scopes(
    whistle_view: bool,
    unit: str | None,
    street: str | None,
    post: str | None,
    grid: str | None,
    category: str | None,
) -> tuple[str, ...]:
    found: list[str] = []
    if whistle_view:
        found.append(CITY)
        places = (("street", street), ("post", post), ("grid", grid))
        found += [f"{kind}:{code}" for kind, code in places if code]
        if category:
            found += [f"category:{category}", f"category:{major_of(category)}"]
    if unit:
        found.append(f"unit:{unit}")
    return tuple(found)


def times_of(cohort: str, placing: Placing) -> Iterable[tuple[Measure, int]]:
    """The response time in natural time, and again in the units of the class."""
    if placing.seconds is None or cohort not in TIMED:
        return ()
    if placing.sla_class in NATURAL_CLASSES:
        return ("natural", placing.seconds), ("own_natural", placing.seconds)
    if placing.own_seconds is None:
        return (("natural", placing.seconds),)
    return ("natural", placing.seconds), ("own_working", placing.own_seconds)


def amounts(placing: Placing) -> tuple[int, ...]:
    """What one placing adds to d, n1 … n4 and seconds."""
    marks = placing.marks
    return (
        marks & 1,
        marks >> 1 & 1,
        marks >> 2 & 1,
        marks >> 3 & 1,
        marks >> 4 & 1,
        placing.seconds or 0,
    )


class Deltas:
    """Changes of the tables of sums, collected over a batch."""

    def __init__(self) -> None:
        self.days: dict[DayKey, Sums] = {}
        self.times: dict[TimeKey, Sums] = {}
        self.stock: dict[StockKey, Sums] = {}
        self.touched: dict[tuple[date, date], Sums] = {}  # the position of the newest event

    def add(
        self, cohort: str, placing: Placing, known_at: datetime, position: int, sign: int
    ) -> None:
        """It became known at that moment that this counts, or (sign −1) no longer does."""
        if not placing.marks:
            return
        scopes = scopes_of(cohort, placing)
        if cohort in STOCKS:
            # In force from the later of the two: what is open is overdue only once it is due.
            day = day_of(max(known_at, placing.counted_at))
            at = 1 if cohort == Cohort.OVERDUE else 0
            for scope in scopes:
                _of(self.stock, (scope, day), 2)[at] += sign
            return
        counted, known = day_of(placing.counted_at), day_of(known_at)
        self.touched[counted, known] = [position]
        d, n1, n2, n3, n4, seconds = amounts(placing)
        for scope in scopes:  # the innermost loop of a rebuild
            sums = _of(self.days, (scope, counted, cohort, known), 6)
            sums[0] += sign * d
            sums[1] += sign * n1
            sums[2] += sign * n2
            sums[3] += sign * n3
            sums[4] += sign * n4
            sums[5] += sign * seconds
        for measure, seconds in times_of(cohort, placing):
            bucket = bucket_of(seconds)
            for scope in scopes:
                spread = _of(self.times, (scope, counted, measure, bucket, known), 2)
                spread[0] += sign
                spread[1] += sign * seconds


def _of(sums: dict[Key, Sums], key: Key, length: int) -> Sums:
    found = sums.get(key)
    if found is None:
        found = sums[key] = [0] * length
    return found
