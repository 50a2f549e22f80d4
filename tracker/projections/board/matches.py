"""Which rows of the board a query finds: the condition that all of its statements share."""

# The card of the most urgent promise, as the pages show it: running clocks before paused ones, then
# the earliest due; `paused` if none runs. Computed from the row's own clocks, which are few.
CARD = """
           coalesce(
               (SELECT CASE WHEN c->>'held_at' IS NOT NULL THEN 'paused'
                            WHEN (c->>'due')::timestamptz < %(now)s THEN 'red'
                            WHEN c->>'card' = 'yellow' THEN 'yellow'
                            ELSE 'none' END
                  FROM jsonb_each(clocks) AS clock (key, c)
                 WHERE c->>'stopped_at' IS NULL AND c->>'kind' = ANY(%(promises)s)
                   AND (c->>'kind' <> 'verify' OR (c->>'owed')::boolean)
                   AND (%(seen_by)s::text IS NULL OR c->>'unit' = %(seen_by)s
                        OR c->>'unit' IS NULL AND c->>'kind' <> ALL(%(of_the_post)s))
                 ORDER BY c->>'held_at' IS NOT NULL, (c->>'due')::timestamptz, key
                 LIMIT 1), 'paused')
"""

# Who reads a parent by office reads what was merged into it; the parent's reporters do not.
PARENT_IN_SCOPE = """
           (%(city)s OR parent.post = ANY(%(posts)s) OR parent.street = ANY(%(streets)s)
            OR parent.grid = ANY(%(grids)s) OR parent.units && %(units)s
            OR (%(unplaced)s AND parent.post IS NULL AND NOT parent.confidential))
       AND (NOT parent.confidential OR %(confidential)s
            OR parent.lead = ANY(%(units)s) OR parent.co && %(units)s)
"""

# A merged whistle is found by its own number, by the right to its parent.
# Served by board_post, board_street, board_grid, board_units, board_pool, board_unplaced or
# board_reporters, depending on scope and filters; the whole city's lists by the index of their
# order; `acted` by the key of timeline. The planner must know the values (prepare=False): it then
# drops the filters that are NULL.
MATCHES = f"""
           ((%(city)s
             OR post = ANY(%(posts)s) OR street = ANY(%(streets)s) OR grid = ANY(%(grids)s)
             OR units && %(units)s OR reporters && %(reporters)s
             OR (%(unplaced)s AND post IS NULL AND NOT confidential)
             OR (state = 'POOLED' AND category = ANY(%(claimable)s)))
            AND (NOT confidential OR %(confidential)s
                 OR lead = ANY(%(units)s) OR co && %(units)s OR reporters && %(reporters)s)
            OR (%(like)s::text IS NOT NULL AND id = %(numbered)s
                AND EXISTS (SELECT FROM board parent
                             WHERE parent.id = board.merged_into AND {PARENT_IN_SCOPE})))
       AND (%(states)s::text[] IS NULL OR state = ANY(%(states)s))
       AND (%(open)s::boolean IS NULL OR (state <> ALL(%(terminal)s)) = %(open)s)
       AND (%(post)s::text IS NULL OR post = %(post)s)
       AND (%(street)s::text IS NULL OR street = %(street)s)
       AND (%(grid)s::text IS NULL OR grid = %(grid)s)
       AND (%(unit)s::text IS NULL
            OR (units @> ARRAY[%(unit)s::text] AND (lead = %(unit)s OR %(unit)s = ANY(co))))
       AND (%(part)s::text IS NULL
            OR CASE %(part)s WHEN 'lead' THEN lead = %(unit)s ELSE %(unit)s = ANY(co) END)
       AND (%(categories)s::text[] IS NULL OR category = ANY(%(categories)s))
       AND (%(sla_class)s::text IS NULL OR sla_class = %(sla_class)s)
       AND (%(card)s::text IS NULL OR {CARD} = %(card)s)
       AND (%(acted)s::text IS NULL
            OR EXISTS (SELECT FROM timeline t WHERE t.whistle = board.id AND t.by = %(acted)s))
       AND (%(numbers)s::text[] IS NULL OR number = ANY(%(numbers)s))
       AND (%(level)s::int IS NULL OR level = %(level)s)
       AND (%(overdue)s::boolean IS NULL
            OR coalesce(next_due < %(now)s, false) = %(overdue)s)
       AND (%(due_before)s::timestamptz IS NULL OR next_due < %(due_before)s)
       AND (%(raised_from)s::timestamptz IS NULL OR registered_at >= %(raised_from)s)
       AND (%(raised_to)s::timestamptz IS NULL OR registered_at < %(raised_to)s)
       AND (%(like)s::text IS NULL OR number ILIKE %(like)s
            OR id = %(numbered)s
            OR (NOT confidential OR %(words_of_confidential)s
                OR lead = ANY(%(units)s) OR co && %(units)s)
               AND EXISTS (SELECT FROM contents c
                        WHERE c.id IN (text_id, title_id, address_id)
                          AND c.erased_at IS NULL AND c.body #>> '{{}}' ILIKE %(like)s))
"""
