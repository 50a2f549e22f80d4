-- Which position of the log has seen all of what was summed before that was kept: without it, a
-- position would be answered from sums that know more than it, or from facts where sums would do.
INSERT INTO rates_touched AS r
SELECT counted_day, k.known_day, max(k.event)
  FROM rates_facts,
       LATERAL (VALUES (position, rates_day(known_at)), (ended_position, rates_day(ended_at)))
         k(event, known_day)
 WHERE marks > 0 AND cohort NOT IN ('overdue', 'suspended') AND k.event IS NOT NULL
 GROUP BY 1, 2
ON CONFLICT (counted_day, known_day) DO UPDATE
   SET position = greatest(r.position, EXCLUDED.position);

UPDATE rates_stock s
   SET position = seen.position
  FROM (SELECT scope, rates_day(greatest(k.at, counted_at)) AS day, max(k.event) AS position
          FROM rates_facts,
               unnest(rates_scopes(cohort, unit, street, post, grid, category)) AS scope,
               LATERAL (VALUES (position, known_at), (ended_position, ended_at)) k(event, at)
         WHERE marks > 0 AND cohort IN ('overdue', 'suspended') AND k.event IS NOT NULL
         GROUP BY 1, 2) seen
 WHERE s.scope = seen.scope AND s.day = seen.day;
