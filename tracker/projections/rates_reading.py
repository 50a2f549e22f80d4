"""Sums, times and stocks of a question, all added up by PostgreSQL: from counters, or from facts.

Whole months are answered by sums of months, the days around them by sums of days. What was known
at a moment is what was known on the days before it and, fact by fact, on its own day; or by the end
of that day, less what came after the moment: whichever is less to look at. A position of the log is
answered alike, if no later event is dated before the moment's day. The rest is counted from facts:
a grouping within a scope other than the city, and times that are not of whole months.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from psycopg import Connection

from tracker.metrics.asking import AsOf, Period, Question
from tracker.metrics.cohorts import STOCKS, Cohort
from tracker.projections.rates_tally import day_of, midnight

DAY = timedelta(days=1)
NO_LIMIT = 2**63 - 1
PERIODICAL = [str(cohort) for cohort in Cohort if cohort not in STOCKS]
NEVER, FOR_EVER = date.min, date.max
LAST = datetime.max.replace(tzinfo=UTC) - 2 * DAY


@dataclass(frozen=True)
class Times:
    """Of so many responses; in seconds."""

    count: int
    seconds: int
    at: dict[str, int]  # median, p90


@dataclass
class Figures:
    """What one row of an answer is made of; `sums` by cohort: [d, n1, n2, n3, n4, seconds]."""

    sums: dict[str, list[int]] = field(default_factory=dict)
    times: dict[str, Times] = field(default_factory=dict)
    suspended: int = 0
    overdue: int = 0


class Rows(defaultdict[str, Figures]):
    """By scope, or by day."""

    def __init__(self) -> None:
        super().__init__(Figures)


def figures_of(
    connection: Connection[Any],
    question: Question,
    scopes: list[str],
    *,
    times: bool = True,
    within: str | None = None,
    by_facts: bool = False,
) -> Rows:
    """The rows of these scopes, or of the days of the only one. `by_facts`: trust no counter."""
    by_day = question.by == "day"
    ground = None if by_facts or within else _ground(connection, question)
    asked = _asked(question, scopes, by_day, within, ground)
    rows = Rows()
    _add_sums(connection, rows, asked, by_day, ground)
    if times:
        _add_times(connection, rows, asked, ground is not None and not by_day)
    if not by_day:
        _add_stock(connection, rows, asked, ground)
    return rows


@dataclass(frozen=True)
class Ground:
    """Counters up to the day `known`, and what became known between `since` and `upto`: to be
    added (`sign` 1), or to be taken away again (-1). `known` for ever: all that is known."""

    known: date
    since: datetime
    upto: datetime
    sign: int

    def limits(self, day: date) -> dict[str, Any]:
        """`day` of the moment: what falls due behind it stands in the stocks already."""
        whole = self.known == FOR_EVER
        return {
            "stock_known": min(self.known, day),
            "stock_upto": min(self.upto, _last_of(day)),
            "known": self.known,
            "known_month": self.known if whole else self.known.replace(day=1),
            "since": self.since,
            "upto": self.upto,
            "sign": self.sign,
        }


# Served by rates_facts_known and rates_facts_ended: the newest of each. Not EXISTS, for which the
# planner reads the whole table when nothing is newer.
NEWEST = """
    SELECT greatest(
        (SELECT max(known_at) FROM rates_facts),
        (SELECT max(ended_at) FROM rates_facts WHERE ended_at IS NOT NULL))
"""

# Served by the primary key (counted_day, known_day).
TOUCHED = """
    SELECT coalesce(max(position), 0) FROM rates_touched
     WHERE counted_day >= %(first)s AND counted_day < %(until)s AND known_day < %(day)s
"""


def _ground(connection: Connection[Any], question: Question) -> Ground | None:
    """None: at this position an event was still missing that is dated before the moment's day."""
    at, position = question.as_of.at, question.as_of.position
    day = day_of(at)
    begins = midnight(day)
    if position is not None:
        asked = {"first": question.period.first, "until": question.period.until, "day": day}
        if _one(connection, TOUCHED, asked) > position:
            return None
        return Ground(day - DAY, begins, at, 1)
    newest = _one(connection, NEWEST)
    if newest is None or day_of(newest) <= day:
        return Ground(FOR_EVER, _after(at), LAST, -1)
    if at < begins + DAY / 2:
        return Ground(day - DAY, begins, at, 1)
    return Ground(day, _after(at), _last_of(day), -1)


def _after(at: datetime) -> datetime:
    return at + timedelta.resolution


def _last_of(day: date) -> datetime:
    return midnight(day + DAY) - timedelta.resolution


def _one(connection: Connection[Any], statement: str, asked: dict[str, Any] | None = None) -> Any:
    row = connection.execute(statement, asked).fetchone()
    return row[0] if row else None


def _asked(
    question: Question, scopes: list[str], by_day: bool, within: str | None, ground: Ground | None
) -> dict[str, Any]:
    kind, _, code = (within or "").partition(":")
    months = NO_MONTHS if by_day else _months_of(question.period)
    return (
        valid_at(question.as_of)
        | _edges(question.period, months)
        | (ground.limits(day_of(question.as_of.at)) if ground else {})
        | {
            "scopes": scopes,
            "by_day": by_day,
            "within": kind or None,
            "code": code or None,
            "first": question.period.first,
            "until": question.period.until,
            "day": day_of(question.as_of.at),
            "cohorts": PERIODICAL,
        }
    )


NO_MONTHS = Period(NEVER, NEVER)


def _months_of(period: Period) -> Period:
    """The whole months in it."""
    first = period.first if period.first.day == 1 else _next_month(period.first)
    until = period.until.replace(day=1)
    return Period(first, until) if first < until else NO_MONTHS


def _next_month(day: date) -> date:
    return (day.replace(day=1) + 32 * DAY).replace(day=1)


def _edges(period: Period, months: Period) -> dict[str, date]:
    """The days before and behind the whole months; without one, all of them are before."""
    whole = months is not NO_MONTHS
    return {
        "month": months.first,
        "months_until": months.until,
        "head_until": months.first if whole else period.until,
        "tail_first": months.until if whole else period.until,
    }


# Served by the primary keys: (scope, counted_month, grain, known, cohort) and (scope, counted_day,
# cohort, known_day); rates_facts by rates_facts_known and rates_facts_ended.
SUMS = """
    SELECT scope, cohort, sum(d)::bigint, sum(n1)::bigint, sum(n2)::bigint, sum(n3)::bigint,
           sum(n4)::bigint, sum(seconds)::bigint
      FROM (
        SELECT scope, cohort, d, n1, n2, n3, n4, seconds
          FROM rates_months
         WHERE scope = ANY(%(scopes)s)
           AND counted_month >= %(month)s AND counted_month < %(months_until)s
           AND grain = 'month' AND known < %(known_month)s
         UNION ALL
        SELECT scope, cohort, d, n1, n2, n3, n4, seconds
          FROM rates_months
         WHERE scope = ANY(%(scopes)s)
           AND counted_month >= %(month)s AND counted_month < %(months_until)s
           AND grain = 'day' AND known >= %(known_month)s AND known <= %(known)s
         UNION ALL
        SELECT scope, cohort, d, n1, n2, n3, n4, seconds
          FROM rates_days
         WHERE scope = ANY(%(scopes)s)
           AND counted_day >= %(first)s AND counted_day < %(head_until)s AND known_day <= %(known)s
         UNION ALL
        SELECT scope, cohort, d, n1, n2, n3, n4, seconds
          FROM rates_days
         WHERE scope = ANY(%(scopes)s)
           AND counted_day >= %(tail_first)s AND counted_day < %(until)s AND known_day <= %(known)s
         UNION ALL
        SELECT scope, cohort, %(sign)s * (marks & 1), %(sign)s * (marks >> 1 & 1),
               %(sign)s * (marks >> 2 & 1), %(sign)s * (marks >> 3 & 1),
               %(sign)s * (marks >> 4 & 1), %(sign)s * coalesce(seconds, 0)
          FROM rates_facts,
               unnest(rates_scopes(cohort, unit, street, post, grid, category)) AS scope
         WHERE known_at >= %(since)s AND known_at <= %(upto)s AND position <= %(position)s
           AND counted_day >= %(first)s AND counted_day < %(until)s AND marks > 0
           AND cohort = ANY(%(cohorts)s) AND scope = ANY(%(scopes)s)
         UNION ALL
        SELECT scope, cohort, - %(sign)s * (marks & 1), - %(sign)s * (marks >> 1 & 1),
               - %(sign)s * (marks >> 2 & 1), - %(sign)s * (marks >> 3 & 1),
               - %(sign)s * (marks >> 4 & 1), - %(sign)s * coalesce(seconds, 0)
          FROM rates_facts,
               unnest(rates_scopes(cohort, unit, street, post, grid, category)) AS scope
         WHERE ended_at >= %(since)s AND ended_at <= %(upto)s AND ended_position <= %(position)s
           AND counted_day >= %(first)s AND counted_day < %(until)s AND marks > 0
           AND cohort = ANY(%(cohorts)s) AND scope = ANY(%(scopes)s)
      ) known
     GROUP BY scope, cohort
"""

# The same of days, a row a day.
SUMS_BY_DAY = """
    SELECT counted_day::text, cohort, sum(d)::bigint, sum(n1)::bigint, sum(n2)::bigint,
           sum(n3)::bigint, sum(n4)::bigint, sum(seconds)::bigint
      FROM (
        SELECT counted_day, cohort, d, n1, n2, n3, n4, seconds
          FROM rates_days
         WHERE scope = ANY(%(scopes)s)
           AND counted_day >= %(first)s AND counted_day < %(until)s AND known_day <= %(known)s
         UNION ALL
        SELECT counted_day, cohort, %(sign)s * (marks & 1), %(sign)s * (marks >> 1 & 1),
               %(sign)s * (marks >> 2 & 1), %(sign)s * (marks >> 3 & 1),
               %(sign)s * (marks >> 4 & 1), %(sign)s * coalesce(seconds, 0)
          FROM rates_facts
         WHERE known_at >= %(since)s AND known_at <= %(upto)s AND position <= %(position)s
           AND counted_day >= %(first)s AND counted_day < %(until)s AND marks > 0
           AND cohort = ANY(%(cohorts)s)
           AND rates_scopes(cohort, unit, street, post, grid, category) && %(scopes)s
         UNION ALL
        SELECT counted_day, cohort, - %(sign)s * (marks & 1), - %(sign)s * (marks >> 1 & 1),
               - %(sign)s * (marks >> 2 & 1), - %(sign)s * (marks >> 3 & 1),
               - %(sign)s * (marks >> 4 & 1), - %(sign)s * coalesce(seconds, 0)
          FROM rates_facts
         WHERE ended_at >= %(since)s AND ended_at <= %(upto)s AND ended_position <= %(position)s
           AND counted_day >= %(first)s AND counted_day < %(until)s AND marks > 0
           AND cohort = ANY(%(cohorts)s)
           AND rates_scopes(cohort, unit, street, post, grid, category) && %(scopes)s
      ) known
     GROUP BY counted_day, cohort
"""

# Count what stood at that moment and position, one by one; served by rates_facts_counted.
SUMS_OF_FACTS = """
    SELECT CASE WHEN %(by_day)s THEN counted_day::text ELSE scope END, cohort,
           sum(marks & 1), sum(marks >> 1 & 1), sum(marks >> 2 & 1), sum(marks >> 3 & 1),
           sum(marks >> 4 & 1), coalesce(sum(seconds), 0)::bigint
      FROM rates_facts, unnest(rates_scopes(cohort, unit, street, post, grid, category)) AS scope
     WHERE cohort = ANY(%(cohorts)s)
       AND counted_day >= %(first)s AND counted_day < %(until)s AND marks > 0
       AND known_at <= %(at)s AND position <= %(position)s
       AND NOT coalesce(ended_at <= %(at)s AND ended_position <= %(position)s, false)
       AND scope = ANY(%(scopes)s)
       AND (%(within)s::text IS NULL OR %(code)s IN (
            CASE %(within)s WHEN 'unit' THEN unit WHEN 'post' THEN post WHEN 'grid' THEN grid
                            WHEN 'street' THEN street ELSE category END,
            CASE %(within)s WHEN 'category' THEN left(category, -2) END))
     GROUP BY 1, 2
"""


def _add_sums(
    connection: Connection[Any],
    rows: Rows,
    asked: dict[str, Any],
    by_day: bool,
    ground: Ground | None,
) -> None:
    statement = SUMS_OF_FACTS if ground is None else SUMS_BY_DAY if by_day else SUMS
    with connection.cursor(binary=True) as cursor:
        for key, cohort, *sums in cursor.execute(statement, asked):
            rows[key].sums[cohort] = sums


# A rank is found twice: among the buckets, then among the times of its own bucket alone. Served by
# the primary keys of rates_spreads (scope, counted_month, grain, known, …) and rates_values (scope,
# counted_month, measure, bucket, seconds, known_day); rates_facts by rates_facts_known and
# rates_facts_ended.
TIMES = """
    WITH moved AS MATERIALIZED (
        SELECT scope, measure, took, sign AS times
          FROM (SELECT %(sign)s AS sign, f.* FROM rates_facts f
                 WHERE known_at >= %(since)s AND known_at <= %(upto)s AND position <= %(position)s
                 UNION ALL
                SELECT - %(sign)s, f.* FROM rates_facts f
                 WHERE ended_at >= %(since)s AND ended_at <= %(upto)s
                   AND ended_position <= %(position)s) f,
               unnest(rates_scopes(cohort, unit, street, post, grid, category)) AS scope,
               rates_measures(sla_class, f.seconds, own_seconds)
         WHERE cohort IN ('response', 'assigned_response') AND marks > 0
           AND counted_day >= %(month)s AND counted_day < %(months_until)s
           AND scope = ANY(%(scopes)s)
    ),
    spread AS (
        SELECT scope, measure, bucket, sum(times)::bigint AS times, sum(seconds)::bigint AS seconds
          FROM (
            SELECT scope, measure, bucket, times, seconds
              FROM rates_spreads
             WHERE scope = ANY(%(scopes)s)
               AND counted_month >= %(month)s AND counted_month < %(months_until)s
               AND grain = 'month' AND known < %(known_month)s
             UNION ALL
            SELECT scope, measure, bucket, times, seconds
              FROM rates_spreads
             WHERE scope = ANY(%(scopes)s)
               AND counted_month >= %(month)s AND counted_month < %(months_until)s
               AND grain = 'day' AND known >= %(known_month)s AND known <= %(known)s
             UNION ALL
            SELECT scope, measure, rates_bucket(took), times, times * took FROM moved
          ) known
         GROUP BY scope, measure, bucket
    ),
    ranked AS (
        SELECT scope, measure, bucket, times,
               sum(times) OVER (PARTITION BY scope, measure ORDER BY bucket)::bigint AS upto,
               sum(times) OVER (PARTITION BY scope, measure)::bigint AS count,
               sum(seconds) OVER (PARTITION BY scope, measure)::bigint AS seconds
          FROM spread
    ),
    wanted AS MATERIALIZED (
        SELECT scope, measure, name, bucket, count, seconds,
               (count * tenths + 9) / 10 - (upto - times) AS rank
          FROM ranked, (VALUES ('median', 5), ('p90', 9)) share(name, tenths)
         WHERE (count * tenths + 9) / 10 > upto - times AND (count * tenths + 9) / 10 <= upto
    )
    SELECT scope, measure, name, count, seconds,
           (SELECT took
              FROM (SELECT took, sum(sum(times)) OVER (ORDER BY took) AS upto
                      FROM (SELECT v.seconds AS took, times
                              FROM rates_values v
                             WHERE v.scope = w.scope
                               AND counted_month >= %(month)s AND counted_month < %(months_until)s
                               AND v.measure = w.measure AND v.bucket = w.bucket
                               AND known_day <= %(known)s
                             UNION ALL
                            SELECT took, times FROM moved m
                             WHERE m.scope = w.scope AND m.measure = w.measure
                               AND rates_bucket(took) = w.bucket) each
                     GROUP BY took) counted
             WHERE upto >= w.rank
             ORDER BY took
             LIMIT 1)
      FROM wanted w
"""

# The same, one time after the other; served by rates_facts_counted.
TIMES_OF_FACTS = """
    SELECT key, measure, name, count, seconds, took
      FROM (
        SELECT CASE WHEN %(by_day)s THEN counted_day::text ELSE scope END AS key, measure,
               count(*) AS count, sum(took) AS seconds,
               percentile_disc(ARRAY[0.5, 0.9]) WITHIN GROUP (ORDER BY took) AS at
          FROM rates_facts f,
               unnest(rates_scopes(cohort, unit, street, post, grid, category)) AS scope,
               rates_measures(sla_class, f.seconds, own_seconds)
         WHERE cohort IN ('response', 'assigned_response')
           AND counted_day >= %(first)s AND counted_day < %(until)s AND marks > 0
           AND known_at <= %(at)s AND position <= %(position)s
           AND NOT coalesce(ended_at <= %(at)s AND ended_position <= %(position)s, false)
           AND scope = ANY(%(scopes)s)
           AND (%(within)s::text IS NULL OR %(code)s IN (
                CASE %(within)s WHEN 'unit' THEN unit WHEN 'post' THEN post WHEN 'grid' THEN grid
                                WHEN 'street' THEN street ELSE category END,
                CASE %(within)s WHEN 'category' THEN left(category, -2) END))
         GROUP BY 1, 2
      ) found,
      LATERAL (VALUES ('median', at[1]), ('p90', at[2])) share(name, took)
"""


def _add_times(
    connection: Connection[Any], rows: Rows, asked: dict[str, Any], by_counters: bool
) -> None:
    months_alone = asked["month"] == asked["first"] and asked["months_until"] == asked["until"]
    statement = TIMES if by_counters and months_alone else TIMES_OF_FACTS
    with connection.cursor(binary=True) as cursor:
        for key, measure, name, count, seconds, took in cursor.execute(statement, asked):
            times = rows[key].times.setdefault(measure, Times(count, seconds, {}))
            times.at[name] = took


# Served by the primary key (scope, day).
STOCK = """
    SELECT scope, sum(suspended)::bigint, sum(overdue)::bigint, max(position)
      FROM rates_stock
     WHERE scope = ANY(%(scopes)s) AND day <= %(stock_known)s
     GROUP BY scope
"""

# What took effect between the counters and the moment: in force from the later of the moment at
# which it became known and its own. Served by rates_facts_stock_known, rates_facts_stock_ended and
# rates_facts_stock_due: what is ended before it is due never took effect.
STOCK_MOVED = """
    SELECT scope, cohort, sum(%(sign)s * change)::bigint
      FROM (SELECT cohort, unit, street, post, grid, category,
                   (greatest(known_at, counted_at) BETWEEN %(since)s AND %(stock_upto)s)::int
                   - (ended_at IS NOT NULL AND greatest(ended_at, counted_at)
                      BETWEEN %(since)s AND %(stock_upto)s)::int AS change
              FROM rates_facts
             WHERE cohort IN ('overdue', 'suspended') AND marks > 0
               AND (known_at BETWEEN %(since)s AND %(stock_upto)s
                    OR ended_at BETWEEN %(since)s AND %(stock_upto)s
                    OR counted_at BETWEEN %(since)s AND %(stock_upto)s
                       AND (ended_at IS NULL OR ended_at > counted_at))) f,
           unnest(rates_scopes(cohort, unit, street, post, grid, category)) AS scope
     WHERE change <> 0 AND scope = ANY(%(scopes)s)
     GROUP BY scope, cohort
"""

# The same up to a position: there the end of something may still be missing that has ended before
# it was due. Served by rates_facts_stock_known, rates_facts_stock_ended and rates_facts_counted.
STOCK_MOVED_UP_TO = """
    SELECT scope, cohort, sum(change)::bigint
      FROM (SELECT cohort, unit, street, post, grid, category,
                   (position <= %(position)s
                    AND greatest(known_at, counted_at) BETWEEN %(since)s AND %(upto)s)::int
                   - coalesce(ended_position <= %(position)s
                      AND greatest(ended_at, counted_at) BETWEEN %(since)s AND %(upto)s, false)::int
                     AS change
              FROM rates_facts
             WHERE cohort IN ('overdue', 'suspended') AND marks > 0
               AND (known_at BETWEEN %(since)s AND %(upto)s
                    OR ended_at BETWEEN %(since)s AND %(upto)s
                    OR counted_day = %(day)s AND counted_at BETWEEN %(since)s AND %(upto)s)) f,
           unnest(rates_scopes(cohort, unit, street, post, grid, category)) AS scope
     WHERE change <> 0 AND scope = ANY(%(scopes)s)
     GROUP BY scope, cohort
"""

# Served by rates_facts_stock_known.
STOCK_OF_FACTS = """
    SELECT scope, cohort, count(*)
      FROM rates_facts, unnest(rates_scopes(cohort, unit, street, post, grid, category)) AS scope
     WHERE cohort IN ('overdue', 'suspended') AND marks > 0 AND counted_at <= %(at)s
       AND known_at <= %(at)s AND position <= %(position)s
       AND NOT coalesce(ended_at <= %(at)s AND ended_position <= %(position)s, false)
       AND scope = ANY(%(scopes)s)
       AND (%(within)s::text IS NULL OR %(code)s IN (
            CASE %(within)s WHEN 'unit' THEN unit WHEN 'post' THEN post WHEN 'grid' THEN grid
                            WHEN 'street' THEN street ELSE category END,
            CASE %(within)s WHEN 'category' THEN left(category, -2) END))
     GROUP BY 1, 2
"""


def _add_stock(
    connection: Connection[Any], rows: Rows, asked: dict[str, Any], ground: Ground | None
) -> None:
    """What is open at the moment."""
    with connection.cursor(binary=True) as cursor:
        found = cursor.execute(STOCK, asked).fetchall() if ground else []
        if ground is None or any(newest > asked["position"] for *_, newest in found):
            changes = cursor.execute(STOCK_OF_FACTS, asked).fetchall()
        else:
            for scope, suspended, overdue, _ in found:
                rows[scope].suspended, rows[scope].overdue = suspended, overdue
            moved = STOCK_MOVED if asked["position"] == NO_LIMIT else STOCK_MOVED_UP_TO
            changes = cursor.execute(moved, asked).fetchall()
    for scope, cohort, change in changes:
        if cohort == Cohort.OVERDUE:
            rows[scope].overdue += change
        else:
            rows[scope].suspended += change


def valid_at(as_of: AsOf) -> dict[str, Any]:
    position = NO_LIMIT if as_of.position is None else as_of.position
    return {"at": as_of.at, "position": position}
