-- What is excluded from scoring is kept in cohorts of its own, as if it were not: the rate without
-- the exclusion is the sum of both. Such a cohort belongs to the scopes of the one that it is like.
CREATE OR REPLACE FUNCTION rates_scopes(
    cohort text, unit text, street text, post text, grid text, category text) RETURNS text[]
    LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT array_remove(
        CASE WHEN cohort IN ('assigned_response', 'led_resolution',
                             'excluded_assigned_response', 'excluded_led_resolution')
             THEN ARRAY['unit:' || unit]
             ELSE ARRAY['city', 'street:' || street, 'post:' || post, 'grid:' || grid,
                        'category:' || category, 'category:' || left(category, -2),
                        CASE WHEN cohort NOT IN ('response', 'resolution',
                                                 'excluded_response', 'excluded_resolution')
                             THEN 'unit:' || unit END]
        END, NULL)
$$;
