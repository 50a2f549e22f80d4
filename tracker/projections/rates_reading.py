"""Sums and spreads of a question: from the counters, from the facts, or from both.

At the grain of a day the counters answer. A moment within a day adds that day's facts; a position
of the log, and a grouping within a scope other than the city, are counted from facts alone.
"""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from psycopg import Connection

from tracker.metrics.asking import AsOf, Period, Question
from tracker.metrics.cohorts import STOCKS, Cohort
from tracker.metrics.definitions import Measure
from tracker.projections.rates_placing import Placing
from tracker.projections.rates_remembered import MEMORY, Kept, touched
from tracker.projections.rates_tally import (
    amounts,
    bucket_of,
    day_of,
    midnight,
    scopes_of,
    times_of,
)
from tracker.projections.rates_times import Settled, Spread

DAY = timedelta(days=1)


@dataclass
class Figures:
    """The sums of one row of an answer, by cohort: [d, n1, n2, n3, n4, seconds].

    `settled` are the figures of its times, once they are known.
    """

    sums: dict[str, list[int]] = field(default_factory=lambda: defaultdict(lambda: [0] * 6))
    times: dict[Measure, Spread] = field(default_factory=lambda: defaultdict(Spread))
    suspended: int = 0
    overdue: int = 0
    settled: Settled | None = None

    def add(self, cohort: str, placing: Placing, sign: int) -> None:
        sums = self.sums[cohort]
        for i, amount in enumerate(amounts(placing)):
            sums[i] += sign * amount
        for measure, seconds in times_of(cohort, placing):
            self.times[measure].add(seconds, sign)

    def stock(self, cohort: str, change: int) -> None:
        if cohort == Cohort.OVERDUE:
            self.overdue += change
        else:
            self.suspended += change


class Rows(defaultdict[str, Figures]):
    """The rows by key. `remembered_as` is set where they may be kept for the next who asks."""

    remembered_as: Hashable | None = None

    def __init__(self) -> None:
        super().__init__(Figures)

    def remember(self) -> None:
        if self.remembered_as is not None:
            kept = {key: Kept(row.sums, row.settled) for key, row in self.items()}
            MEMORY.put(self.remembered_as, kept)

    def recall(self, times: bool) -> bool:
        """Take sums, and times if they are wanted, from memory. False: they are not there."""
        kept = MEMORY.get(self.remembered_as)
        if kept is None or (times and any(row.settled is None for row in kept.values())):
            return False
        for key, row in kept.items():
            self[key].sums, self[key].settled = dict(row.sums), row.settled
        self.remembered_as = None  # it is there already
        return True


RowsOf = Callable[[str, Placing], Iterable[str]]
Change = tuple[str, str, Placing, int]  # key of the row, cohort, what, +1 or −1

# Served by the primary key (scope, counted_day, cohort, known_day).
DAYS = """
    SELECT scope, cohort, sum(d)::bigint, sum(n1)::bigint, sum(n2)::bigint, sum(n3)::bigint,
           sum(n4)::bigint, sum(seconds)::bigint
      FROM rates_days
     WHERE scope = ANY(%(scopes)s) AND counted_day >= %(first)s AND counted_day < %(until)s
       AND known_day <= %(known)s
     GROUP BY scope, cohort
"""

# The same, a row a day.
DAYS_BY_DAY = """
    SELECT counted_day::text, cohort, sum(d)::bigint, sum(n1)::bigint, sum(n2)::bigint,
           sum(n3)::bigint, sum(n4)::bigint, sum(seconds)::bigint
      FROM rates_days
     WHERE scope = ANY(%(scopes)s) AND counted_day >= %(first)s AND counted_day < %(until)s
       AND known_day <= %(known)s
     GROUP BY counted_day, cohort
"""

# Served by the primary key (scope, counted_day, measure, bucket, known_day).
TIMES = """
    SELECT scope, measure, bucket, sum(times)::bigint, sum(seconds)::bigint
      FROM rates_times
     WHERE scope = ANY(%(scopes)s) AND counted_day >= %(first)s AND counted_day < %(until)s
       AND known_day <= %(known)s
     GROUP BY scope, measure, bucket
"""

# The same, a row a day.
TIMES_BY_DAY = """
    SELECT counted_day::text, measure, bucket, sum(times)::bigint, sum(seconds)::bigint
      FROM rates_times
     WHERE scope = ANY(%(scopes)s) AND counted_day >= %(first)s AND counted_day < %(until)s
       AND known_day <= %(known)s
     GROUP BY counted_day, measure, bucket
"""

# Served by the primary key (scope, day).
STOCK = """
    SELECT scope, sum(suspended)::bigint, sum(overdue)::bigint
      FROM rates_stock
     WHERE scope = ANY(%(scopes)s) AND day < %(day)s
     GROUP BY scope
"""


def from_counters(
    connection: Connection[Any], question: Question, scopes: dict[str, str], times: bool
) -> Rows:
    """`scopes` gives the key of the row for each scope asked for."""
    by_day = question.by == "day"
    at, period = question.as_of.at, question.period
    current = not _known_after(connection, at)
    known = day_of(at) if current else day_of(at) - DAY
    rows_of = rows_by_day(scopes) if by_day else rows_by_scope(scopes)
    changes = [] if current else _window(connection, rows_of, at, period)
    rows = Rows()
    if not changes:
        newest = touched(connection, period, known)
        what = connection.info.dsn, by_day, tuple(scopes.items())
        rows.remembered_as = *what, period, known, newest
    if changes or not rows.recall(times):
        asked = {"scopes": list(scopes), "first": period.first, "until": period.until}
        _add_sums(connection, rows, scopes, asked | {"known": known}, by_day, times)
    for key, cohort, placing, sign in changes:
        rows[key].add(cohort, placing, sign)
    if not times:
        rows.remember()  # otherwise once the times are settled
    if not by_day:
        _add_stock(connection, rows, scopes, at)
    return rows


def _add_sums(
    connection: Connection[Any],
    rows: Rows,
    scopes: dict[str, str],
    asked: dict[str, Any],
    by_day: bool,
    times: bool,
) -> None:
    with connection.cursor(binary=True) as cursor:
        for found, cohort, *sums in cursor.execute(DAYS_BY_DAY if by_day else DAYS, asked):
            rows[found if by_day else scopes[found]].sums[cohort] = sums
        if not times:
            return
        statement = TIMES_BY_DAY if by_day else TIMES
        for found, measure, bucket, count, seconds in cursor.execute(statement, asked):
            spread = rows[found if by_day else scopes[found]].times[measure]
            spread.buckets[bucket] = [count, seconds]


def rows_by_scope(scopes: dict[str, str]) -> RowsOf:
    def rows_of(cohort: str, placing: Placing) -> list[str]:
        return [scopes[s] for s in scopes_of(cohort, placing) if s in scopes]

    return rows_of


def rows_by_day(scopes: dict[str, str]) -> RowsOf:
    def rows_of(cohort: str, placing: Placing) -> list[str]:
        day = day_of(placing.counted_at).isoformat()
        return [day for s in scopes_of(cohort, placing) if s in scopes]

    return rows_of


# Served by rates_facts_known and rates_facts_ended: the newest of each. Not EXISTS, for which the
# planner reads the whole table when nothing is newer.
NEWEST = """
    SELECT greatest(
        (SELECT max(known_at) FROM rates_facts),
        (SELECT max(ended_at) FROM rates_facts WHERE ended_at IS NOT NULL))
"""


def _known_after(connection: Connection[Any], at: datetime) -> bool:
    row = connection.execute(NEWEST).fetchone()
    return bool(row and row[0] and row[0] > at)


# Served by rates_facts_known (known_at) and rates_facts_ended (ended_at).
WINDOW = """
    SELECT 1, cohort, counted_at, marks, reason, decided_at, unit, seconds, own_seconds,
           grid, community, street, post, category, sla_class
      FROM rates_facts
     WHERE known_at >= %(since)s AND known_at <= %(at)s AND marks > 0
       AND counted_day >= %(first)s AND counted_day < %(until)s
     UNION ALL
    SELECT -1, cohort, counted_at, marks, reason, decided_at, unit, seconds, own_seconds,
           grid, community, street, post, category, sla_class
      FROM rates_facts
     WHERE ended_at >= %(since)s AND ended_at <= %(at)s AND marks > 0
       AND counted_day >= %(first)s AND counted_day < %(until)s
"""


def _window(
    connection: Connection[Any], rows_of: RowsOf, at: datetime, period: Period
) -> list[Change]:
    """What became known on the day of that moment, up to the moment itself."""
    since = midnight(day_of(at))
    asked = {"since": since, "at": at, "first": period.first, "until": period.until}
    found: list[Change] = []
    with connection.cursor(binary=True) as cursor:
        for sign, cohort, *columns in cursor.execute(WINDOW, asked):
            if cohort not in STOCKS:
                placing = Placing(*columns)
                found += [(key, cohort, placing, sign) for key in rows_of(cohort, placing)]
    return found


# Served by rates_facts_stock_known, rates_facts_stock_ended and rates_facts_counted.
STOCK_WINDOW = """
    SELECT cohort, greatest(known_at, counted_at), greatest(ended_at, counted_at) AS ended,
           ended_at IS NOT NULL, counted_at, marks, reason, decided_at, unit, seconds,
           own_seconds, grid, community, street, post, category, sla_class
      FROM rates_facts
     WHERE cohort IN ('overdue', 'suspended')
       AND (known_at BETWEEN %(since)s AND %(at)s
            OR ended_at BETWEEN %(since)s AND %(at)s
            OR counted_day = %(day)s)
"""


def _add_stock(
    connection: Connection[Any], rows: Rows, scopes: dict[str, str], at: datetime
) -> None:
    """What is open at that moment: the days before, and what took effect on the day itself."""
    day = day_of(at)
    since = midnight(day)
    rows_of = rows_by_scope(scopes)
    with connection.cursor(binary=True) as cursor:
        asked: dict[str, Any] = {"scopes": list(scopes), "day": day}
        for scope, suspended, overdue in cursor.execute(STOCK, asked):
            rows[scopes[scope]].suspended += suspended
            rows[scopes[scope]].overdue += overdue
        window = {"since": since, "at": at, "day": day}
        for cohort, began, ended, over, *columns in cursor.execute(STOCK_WINDOW, window):
            change = (since <= began <= at) - (over and since <= ended <= at)
            if change:
                for key in rows_of(cohort, Placing(*columns)):
                    rows[key].stock(cohort, change)


# Served by rates_facts_counted (cohort, counted_day, …).
VALID = """
    SELECT cohort, counted_at, marks, reason, decided_at, unit, seconds, own_seconds,
           grid, community, street, post, category, sla_class
      FROM rates_facts
     WHERE cohort = ANY(%(cohorts)s)
       AND counted_day >= %(first)s AND counted_day < %(until)s AND marks > 0
       AND known_at <= %(at)s AND position <= %(position)s
       AND NOT coalesce(ended_at <= %(at)s AND ended_position <= %(position)s, false)
"""

# Served by rates_facts_stock_known.
VALID_STOCK = """
    SELECT cohort, counted_at, marks, reason, decided_at, unit, seconds, own_seconds,
           grid, community, street, post, category, sla_class
      FROM rates_facts
     WHERE cohort IN ('overdue', 'suspended') AND counted_at <= %(at)s
       AND known_at <= %(at)s AND position <= %(position)s
       AND NOT coalesce(ended_at <= %(at)s AND ended_position <= %(position)s, false)
"""

NO_LIMIT = 2**63 - 1
PERIODICAL = [str(cohort) for cohort in Cohort if cohort not in STOCKS]


def from_facts(connection: Connection[Any], question: Question, rows_of: RowsOf) -> Rows:
    """Count what stood at that moment and position, one by one."""
    rows = Rows()
    asked = valid_at(question.as_of) | {
        "first": question.period.first,
        "until": question.period.until,
        "cohorts": PERIODICAL,
    }
    with connection.cursor(binary=True) as cursor:
        for cohort, *columns in cursor.execute(VALID, asked):
            placing = Placing(*columns)
            for key in rows_of(cohort, placing):
                rows[key].add(cohort, placing, +1)
                for measure, seconds in times_of(cohort, placing):
                    rows[key].times[measure].values[bucket_of(seconds)].append(seconds)
        if question.by == "day":
            return rows
        for cohort, *columns in cursor.execute(VALID_STOCK, asked):
            for key in rows_of(cohort, Placing(*columns)):
                rows[key].stock(cohort, +1)
    return rows


def valid_at(as_of: AsOf) -> dict[str, Any]:
    position = NO_LIMIT if as_of.position is None else as_of.position
    return {"at": as_of.at, "position": position}


# Served by rates_facts_bucket (cohort, bucket, counted_day) and rates_facts_own_bucket.
LOOK_INTO = """
    SELECT cohort, counted_at, marks, reason, decided_at, unit, seconds, own_seconds,
           grid, community, street, post, category, sla_class
      FROM rates_facts
     WHERE cohort = ANY(%(cohorts)s)
       AND (bucket = ANY(%(natural)s) OR own_bucket = ANY(%(own)s))
       AND counted_day >= %(first)s AND counted_day < %(until)s AND marks > 0
       AND known_at <= %(at)s AND position <= %(position)s
       AND NOT coalesce(ended_at <= %(at)s AND ended_position <= %(position)s, false)
"""


def look_into(
    connection: Connection[Any],
    question: Question,
    rows: Rows,
    rows_of: RowsOf,
    wanted: dict[Measure, set[int]],
) -> None:
    """Fetch the single times of these buckets, for exact percentiles."""
    if not any(wanted.values()):
        return
    asked = valid_at(question.as_of) | {
        "cohorts": [str(Cohort.RESPONSE), str(Cohort.ASSIGNED_RESPONSE)],
        "natural": sorted(wanted["natural"] | wanted["own_natural"]),
        "own": sorted(wanted["own_working"]),
        "first": question.period.first,
        "until": question.period.until,
    }
    with connection.cursor(binary=True) as cursor:
        for cohort, *columns in cursor.execute(LOOK_INTO, asked, prepare=False):
            placing = Placing(*columns)
            for key in rows_of(cohort, placing):
                for measure, seconds in times_of(cohort, placing):
                    if (bucket := bucket_of(seconds)) in wanted[measure]:
                        rows[key].times[measure].values[bucket].append(seconds)
