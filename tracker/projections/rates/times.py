"""Medians and ninetieth percentiles of a question, exact, found by PostgreSQL."""

from typing import Any

from psycopg import Connection

from tracker.projections.rates.figures import Rows, Times

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


def add_times(
    connection: Connection[Any], rows: Rows, asked: dict[str, Any], by_counters: bool
) -> None:
    months_alone = asked["month"] == asked["first"] and asked["months_until"] == asked["until"]
    statement = TIMES if by_counters and months_alone else TIMES_OF_FACTS
    with connection.cursor(binary=True) as cursor:
        for key, measure, name, count, seconds, took in cursor.execute(statement, asked):
            times = rows[key].times.setdefault(measure, Times(count, seconds, {}))
            times.at[name] = took
