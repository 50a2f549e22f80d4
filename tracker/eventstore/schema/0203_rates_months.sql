-- A month's figures without adding up its days: sums by whole months, and response times spread
-- out until each is for itself. Filled here from what stands; from now on projections/rates.py
-- adds to them. Nothing reads rates_times and the buckets of rates_facts any more.

-- All scopes in which a place in a cohort counts: the whistle view, the unit view, or both.
-- metrics/cohorts.py names what counts for units alone and what counts not for them.
CREATE FUNCTION rates_scopes(
    cohort text, unit text, street text, post text, grid text, category text) RETURNS text[]
    LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT array_remove(
        CASE WHEN cohort IN ('assigned_response', 'led_resolution')
             THEN ARRAY['unit:' || unit]
             ELSE ARRAY['city', 'street:' || street, 'post:' || post, 'grid:' || grid,
                        'category:' || category, 'category:' || left(category, -2),
                        CASE WHEN cohort NOT IN ('response', 'resolution') THEN 'unit:' || unit END]
        END, NULL)
$$;

-- Times of nearly the same length. A root is rounded alike on every machine, a logarithm is not.
CREATE FUNCTION rates_bucket(seconds int) RETURNS int
    LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT floor(sqrt(greatest(seconds, 0) / 4))::int
$$;

CREATE FUNCTION rates_day(moment timestamptz) RETURNS date
    LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT (moment AT TIME ZONE 'Asia/Shanghai')::date
$$;

CREATE FUNCTION rates_month(day date) RETURNS date
    LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT date_trunc('month', day::timestamp)::date
$$;

-- The response time in natural time, and again in the units of the class.
CREATE FUNCTION rates_measures(sla_class text, seconds int, own_seconds int)
    RETURNS TABLE (measure text, took int)
    LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT 'natural', seconds WHERE seconds IS NOT NULL
     UNION ALL
    SELECT 'own_natural', seconds WHERE seconds IS NOT NULL AND sla_class IN ('E1', 'U2')
     UNION ALL
    SELECT 'own_working', own_seconds WHERE own_seconds IS NOT NULL
$$;

-- Known in whole months (the first of each), and the same again in days: a moment is answered by
-- the months before it and the days of its own.
CREATE TABLE rates_months (
    scope         text   NOT NULL,
    counted_month date   NOT NULL,  -- its first day
    grain         text   NOT NULL CHECK (grain IN ('month', 'day')),
    known         date   NOT NULL,
    cohort        text   NOT NULL,
    d             bigint NOT NULL,
    n1            bigint NOT NULL,
    n2            bigint NOT NULL,
    n3            bigint NOT NULL,
    n4            bigint NOT NULL,
    seconds       bigint NOT NULL,
    PRIMARY KEY (scope, counted_month, grain, known, cohort)
) WITH (fillfactor = 80);

INSERT INTO rates_months
SELECT scope, rates_month(counted_day), g.grain, g.known, cohort, sum(d), sum(n1), sum(n2),
       sum(n3), sum(n4), sum(seconds)
  FROM rates_days,
       LATERAL (VALUES ('month', rates_month(known_day)), ('day', known_day)) g(grain, known)
 GROUP BY 1, 2, 3, 4, 5;

-- Response times of a month: how many in each bucket, and their sum.
CREATE TABLE rates_spreads (
    scope         text   NOT NULL,
    counted_month date   NOT NULL,
    grain         text   NOT NULL CHECK (grain IN ('month', 'day')),
    known         date   NOT NULL,
    measure       text   NOT NULL,
    bucket        int    NOT NULL,
    times         bigint NOT NULL,
    seconds       bigint NOT NULL,
    PRIMARY KEY (scope, counted_month, grain, known, measure, bucket)
) WITH (fillfactor = 80);

-- The times of a bucket, each for itself.
CREATE TABLE rates_values (
    scope         text   NOT NULL,
    counted_month date   NOT NULL,
    measure       text   NOT NULL,
    bucket        int    NOT NULL,
    seconds       int    NOT NULL,
    known_day     date   NOT NULL,
    times         bigint NOT NULL,
    PRIMARY KEY (scope, counted_month, measure, bucket, seconds, known_day) INCLUDE (times)
);

INSERT INTO rates_values
SELECT s.scope, rates_month(f.counted_day), m.measure, rates_bucket(m.took), m.took,
       k.known_day, sum(k.sign)
  FROM rates_facts f,
       unnest(rates_scopes(cohort, unit, street, post, grid, category)) s(scope),
       rates_measures(f.sla_class, f.seconds, f.own_seconds) m,
       LATERAL (VALUES (1, rates_day(f.known_at)), (-1, rates_day(f.ended_at))) k(sign, known_day)
 WHERE f.cohort IN ('response', 'assigned_response') AND f.marks > 0 AND k.known_day IS NOT NULL
 GROUP BY 1, 2, 3, 4, 5, 6;

INSERT INTO rates_spreads
SELECT scope, counted_month, g.grain, g.known, measure, bucket, sum(times), sum(times * seconds)
  FROM rates_values,
       LATERAL (VALUES ('month', rates_month(known_day)), ('day', known_day)) g(grain, known)
 GROUP BY 1, 2, 3, 4, 5, 6;

-- Whether a position of the log has seen all of a sum; unknown of what was summed before.
ALTER TABLE rates_stock ADD COLUMN position bigint NOT NULL DEFAULT 9223372036854775807;
ALTER TABLE rates_stock ALTER COLUMN position DROP DEFAULT;

-- What was ever in force: most of what would be overdue is ended before it is due.
CREATE INDEX rates_facts_stock_due ON rates_facts (counted_at)
    WHERE cohort IN ('overdue', 'suspended') AND (ended_at IS NULL OR ended_at > counted_at);

-- A day's facts for a period: of most days only a few are counted in the period that is asked for.
DROP INDEX rates_facts_known, rates_facts_ended;
CREATE INDEX rates_facts_known ON rates_facts (known_at, counted_day);
CREATE INDEX rates_facts_ended ON rates_facts (ended_at, counted_day) WHERE ended_at IS NOT NULL;

DROP TABLE rates_times;
ALTER TABLE rates_facts DROP COLUMN bucket, DROP COLUMN own_bucket;
