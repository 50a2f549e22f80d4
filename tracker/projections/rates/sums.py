"""Numerators and denominators of a question, added up by PostgreSQL."""

from typing import Any

from psycopg import Connection

from tracker.projections.rates.figures import Rows
from tracker.projections.rates.plan import Ground

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


def add_sums(
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
