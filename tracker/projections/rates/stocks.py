"""What is suspended or overdue at the moment of a question."""

from typing import Any

from psycopg import Connection

from tracker.metrics.cohorts import Cohort
from tracker.projections.rates.figures import Rows
from tracker.projections.rates.plan import NO_LIMIT, Ground

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


def add_stock(
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
