"""Adds up in PostgreSQL what a question needs: sums of cohorts, response times, stocks.

Each is read from the counters that the plan names (`plan.py`), or counted from facts. The row
`keys[i]` adds up the sums of `scopes[i]`: a major has a scope for each of its categories.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from tracker.eventstore.connections import Connection
from tracker.metrics.asking import NO_LIMIT
from tracker.metrics.cohorts import Cohort
from tracker.projections.rates.plan import QueryPlan


@dataclass(frozen=True)
class ResponseTimes:
    """How many responses, their sum in seconds, and by "median" and "p90" that time in seconds."""

    count: int
    seconds: int
    at: dict[str, int]


@dataclass
class RawRow:
    """The numbers of one row of an answer. `sums` by cohort: [d, n1, n2, n3, n4, seconds]."""

    sums: dict[str, list[int]] = field(default_factory=dict)
    times: dict[str, ResponseTimes] = field(default_factory=dict)
    suspended: int = 0
    overdue: int = 0


RawRows = defaultdict[str, RawRow]  # by scope, or by day


def read_rows(
    connection: Connection,
    asked: dict[str, Any],
    plan: QueryPlan | None,
    *,
    sums: bool = True,
    times: bool = True,
    stocks: bool = True,
) -> RawRows:
    """The rows of the scopes in `asked`, which `plan.parameters` made; or the days of the only one.

    Only what is wanted is read; a day has no stocks. `plan` None: count from facts.
    """
    by_day = asked["by_day"]
    rows = RawRows(RawRow)
    if sums:
        _add_sums(connection, rows, asked, by_day, plan)
    if times:
        _add_times(connection, rows, asked, plan is not None and not by_day)
    if stocks and not by_day:
        _add_stocks(connection, rows, asked, plan)
    return rows


# Served by the primary keys: (scope, counted_month, grain, known, cohort) and (scope, counted_day,
# cohort, known_day); rates_facts by rates_facts_known and rates_facts_ended.
SUMS = """
    SELECT key, cohort, sum(d)::bigint, sum(n1)::bigint, sum(n2)::bigint, sum(n3)::bigint,
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
      JOIN unnest(%(scopes)s::text[], %(keys)s::text[]) AS member(scope, key) USING (scope)
     GROUP BY key, cohort
"""

# The same, a row for each day.
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

# A fact is counted if it was known at the moment and position, and had not ended by then.
HELD = """
       AND known_at <= %(at)s AND position <= %(position)s
       AND NOT coalesce(ended_at <= %(at)s AND ended_position <= %(position)s, false)
"""
# Limits to one unit, post, grid, subdistrict, category or group of them; %(within)s NULL: all.
WITHIN = """
       AND (%(within)s::text IS NULL OR %(code)s IN (
            CASE %(within)s WHEN 'unit' THEN unit WHEN 'post' THEN post WHEN 'grid' THEN grid
                            WHEN 'street' THEN street END)
            OR category = ANY(%(categories)s::text[]))
"""

# Counts the facts that held at the moment and position. Served by rates_facts_counted.
SUMS_OF_FACTS = f"""
    SELECT CASE WHEN %(by_day)s THEN counted_day::text ELSE key END, cohort,
           sum(marks & 1), sum(marks >> 1 & 1), sum(marks >> 2 & 1), sum(marks >> 3 & 1),
           sum(marks >> 4 & 1), coalesce(sum(seconds), 0)::bigint
      FROM rates_facts, unnest(rates_scopes(cohort, unit, street, post, grid, category)) AS scope
      JOIN unnest(%(scopes)s::text[], %(keys)s::text[]) AS member(scope, key) USING (scope)
     WHERE cohort = ANY(%(cohorts)s)
       AND counted_day >= %(first)s AND counted_day < %(until)s AND marks > 0
       {HELD}
       {WITHIN}
     GROUP BY 1, 2
"""


def _add_sums(
    connection: Connection,
    rows: RawRows,
    asked: dict[str, Any],
    by_day: bool,
    plan: QueryPlan | None,
) -> None:
    statement = SUMS_OF_FACTS if plan is None else SUMS_BY_DAY if by_day else SUMS
    with connection.cursor(binary=True) as cursor:
        for key, cohort, *sums in cursor.execute(statement, asked):
            rows[key].sums[cohort] = sums


# Each rank is found twice: among the buckets, then among the times of its own bucket. Served by the
# primary keys of rates_spreads (scope, counted_month, grain, known, …) and rates_values (scope,
# counted_month, measure, bucket, seconds, known_day); rates_facts by rates_facts_known and
# rates_facts_ended.
TIMES = """
    WITH member AS MATERIALIZED (
        SELECT * FROM unnest(%(scopes)s::text[], %(keys)s::text[]) AS member(scope, key)
    ),
    moved AS MATERIALIZED (
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
        SELECT key, measure, bucket, sum(times)::bigint AS times, sum(seconds)::bigint AS seconds
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
          JOIN member USING (scope)
         GROUP BY key, measure, bucket
    ),
    ranked AS (
        SELECT key, measure, bucket, times,
               sum(times) OVER (PARTITION BY key, measure ORDER BY bucket)::bigint AS upto,
               sum(times) OVER (PARTITION BY key, measure)::bigint AS count,
               sum(seconds) OVER (PARTITION BY key, measure)::bigint AS seconds
          FROM spread
    ),
    wanted AS MATERIALIZED (
        SELECT key, measure, name, bucket, count, seconds,
               (count * tenths + 9) / 10 - (upto - times) AS rank,
               (SELECT array_agg(scope) FROM member m WHERE m.key = ranked.key) AS scopes
          FROM ranked, (VALUES ('median', 5), ('p90', 9)) share(name, tenths)
         WHERE (count * tenths + 9) / 10 > upto - times AND (count * tenths + 9) / 10 <= upto
    )
    SELECT key, measure, name, count, seconds,
           (SELECT took
              FROM (SELECT took, sum(sum(times)) OVER (ORDER BY took) AS upto
                      FROM (SELECT v.seconds AS took, times
                              FROM rates_values v
                             WHERE v.scope = ANY(w.scopes)
                               AND counted_month >= %(month)s AND counted_month < %(months_until)s
                               AND v.measure = w.measure AND v.bucket = w.bucket
                               AND known_day <= %(known)s
                             UNION ALL
                            SELECT took, times FROM moved m
                             WHERE m.scope = ANY(w.scopes) AND m.measure = w.measure
                               AND rates_bucket(took) = w.bucket) each
                     GROUP BY took) counted
             WHERE upto >= w.rank
             ORDER BY took
             LIMIT 1)
      FROM wanted w
"""

# The same from the single facts. Served by rates_facts_counted.
TIMES_OF_FACTS = f"""
    SELECT key, measure, name, count, seconds, took
      FROM (
        SELECT CASE WHEN %(by_day)s THEN counted_day::text ELSE member.key END AS key, measure,
               count(*) AS count, sum(took) AS seconds,
               percentile_disc(ARRAY[0.5, 0.9]) WITHIN GROUP (ORDER BY took) AS at
          FROM rates_facts f,
               unnest(rates_scopes(cohort, unit, street, post, grid, category)) AS scope
          JOIN unnest(%(scopes)s::text[], %(keys)s::text[]) AS member(scope, key) USING (scope),
               rates_measures(sla_class, f.seconds, own_seconds)
         WHERE cohort IN ('response', 'assigned_response')
           AND counted_day >= %(first)s AND counted_day < %(until)s AND marks > 0
           {HELD}
           {WITHIN}
         GROUP BY 1, 2
      ) found,
      LATERAL (VALUES ('median', at[1]), ('p90', at[2])) share(name, took)
"""


def _add_times(
    connection: Connection, rows: RawRows, asked: dict[str, Any], by_counters: bool
) -> None:
    months_alone = asked["month"] == asked["first"] and asked["months_until"] == asked["until"]
    statement = TIMES if by_counters and months_alone else TIMES_OF_FACTS
    with connection.cursor(binary=True) as cursor:
        for key, measure, name, count, seconds, took in cursor.execute(statement, asked):
            times = rows[key].times.setdefault(measure, ResponseTimes(count, seconds, {}))
            times.at[name] = took


# Served by the primary key (scope, day).
STOCK = """
    SELECT key, sum(suspended)::bigint, sum(overdue)::bigint, max(position)
      FROM rates_stock
      JOIN unnest(%(scopes)s::text[], %(keys)s::text[]) AS member(scope, key) USING (scope)
     WHERE scope = ANY(%(scopes)s) AND day <= %(stock_known)s
     GROUP BY key
"""

# What took effect between the counters and the moment. A fact takes effect once it is known and its
# own moment has come; one that ended before never did. Served by rates_facts_stock_known,
# rates_facts_stock_ended and rates_facts_stock_due.
STOCK_MOVED = """
    SELECT key, cohort, sum(%(sign)s * change)::bigint
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
      JOIN unnest(%(scopes)s::text[], %(keys)s::text[]) AS member(scope, key) USING (scope)
     WHERE change <> 0
     GROUP BY key, cohort
"""

# The same up to a position. The end of a fact that ended before it was due may be missing there.
# Served by rates_facts_stock_known, rates_facts_stock_ended and rates_facts_counted.
STOCK_MOVED_UP_TO = """
    SELECT key, cohort, sum(change)::bigint
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
      JOIN unnest(%(scopes)s::text[], %(keys)s::text[]) AS member(scope, key) USING (scope)
     WHERE change <> 0
     GROUP BY key, cohort
"""

# Served by rates_facts_stock_known.
STOCK_OF_FACTS = f"""
    SELECT key, cohort, count(*)
      FROM rates_facts, unnest(rates_scopes(cohort, unit, street, post, grid, category)) AS scope
      JOIN unnest(%(scopes)s::text[], %(keys)s::text[]) AS member(scope, key) USING (scope)
     WHERE cohort IN ('overdue', 'suspended') AND marks > 0 AND counted_at <= %(at)s
       {HELD}
       {WITHIN}
     GROUP BY 1, 2
"""


def _add_stocks(
    connection: Connection, rows: RawRows, asked: dict[str, Any], plan: QueryPlan | None
) -> None:
    with connection.cursor(binary=True) as cursor:
        found = cursor.execute(STOCK, asked).fetchall() if plan else []
        if plan is None or any(newest > asked["position"] for *_, newest in found):
            changes = cursor.execute(STOCK_OF_FACTS, asked).fetchall()
        else:
            for key, suspended, overdue, _ in found:
                rows[key].suspended, rows[key].overdue = suspended, overdue
            moved = STOCK_MOVED if asked["position"] == NO_LIMIT else STOCK_MOVED_UP_TO
            changes = cursor.execute(moved, asked).fetchall()
    for key, cohort, change in changes:
        if cohort == Cohort.OVERDUE:
            rows[key].overdue += change
        else:
            rows[key].suspended += change
