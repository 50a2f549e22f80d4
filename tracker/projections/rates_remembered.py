"""Sums and times that were asked for, remembered until an event touches them.

Every event that changes a sum leaves its position at the days under which the sum stands. What was
added up for a period holds as long as no later event touched it: for a frozen month nearly always,
in a living month until the next event. Bounded, and of this process alone.
"""

from collections import OrderedDict
from collections.abc import Hashable, Mapping
from datetime import date
from threading import Lock
from typing import Any, NamedTuple

from psycopg import Connection

from tracker.metrics.asking import Period
from tracker.projections.rates_times import Settled

MOST = 512  # questions; of a grouping by category some 50 kB each


class Kept(NamedTuple):
    """Of one row: its sums by cohort, and its times if they were asked for."""

    sums: Mapping[str, list[int]]
    settled: Settled | None


class Memory:
    """The answers given last. Any thread may ask."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._kept: OrderedDict[Hashable, dict[str, Kept]] = OrderedDict()
        self._lock = Lock()

    def get(self, key: Hashable) -> dict[str, Kept] | None:
        with self._lock:
            if key not in self._kept:
                return None
            self._kept.move_to_end(key)
            return self._kept[key]

    def put(self, key: Hashable, rows: dict[str, Kept]) -> None:
        with self._lock:
            self._kept[key] = rows
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)

    def forget(self) -> None:
        with self._lock:
            self._kept.clear()


MEMORY = Memory()

# Served by the primary key (counted_day, known_day).
TOUCHED = """
    SELECT coalesce(max(position), 0) FROM rates_touched
     WHERE counted_day >= %(first)s AND counted_day < %(until)s AND known_day <= %(known)s
"""


def touched(connection: Connection[Any], period: Period, known: date) -> int:
    """The newest event that changed what is counted in the period and was known by that day."""
    asked = {"first": period.first, "until": period.until, "known": known}
    row = connection.execute(TOUCHED, asked).fetchone()
    return int(row[0]) if row else 0
