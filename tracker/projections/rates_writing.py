"""Writing the rates: new facts by COPY, ends and memories by one statement each, sums added to."""

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any
from uuid import UUID

from psycopg import Connection

from tracker.projections.rates_tally import TIMED, Deltas, Sums, bucket_of, day_of

if TYPE_CHECKING:
    from tracker.projections.rates import Fact

REMEMBER = """
    INSERT INTO rates_whistles (whistle, number, memory)
    SELECT * FROM unnest(%s::uuid[], %s::text[], %s::bytea[])
    ON CONFLICT (whistle) DO UPDATE SET memory = EXCLUDED.memory
"""

COPY_FACTS = """
    COPY rates_facts (
        whistle, cohort, item, position, known_at, ended_position, ended_at, counted_at,
        counted_day, marks, reason, decided_at, unit, seconds, own_seconds, bucket, own_bucket,
        grid, community, street, post, category, sla_class)
    FROM STDIN
"""

# Served by the primary key.
END = """
    UPDATE rates_facts f
       SET ended_position = e.ended_position, ended_at = e.ended_at
      FROM unnest(%s::uuid[], %s::text[], %s::smallint[], %s::bigint[], %s::bigint[],
                  %s::timestamptz[])
           AS e (whistle, cohort, item, position, ended_position, ended_at)
     WHERE f.whistle = e.whistle AND f.cohort = e.cohort AND f.item = e.item
       AND f.position = e.position
"""

ADD_DAYS = """
    INSERT INTO rates_days AS r
           (scope, counted_day, cohort, known_day, d, n1, n2, n3, n4, seconds)
    SELECT * FROM unnest(%s::text[], %s::date[], %s::text[], %s::date[], %s::bigint[],
                         %s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[])
    ON CONFLICT (scope, counted_day, cohort, known_day) DO UPDATE
       SET d = r.d + EXCLUDED.d, n1 = r.n1 + EXCLUDED.n1, n2 = r.n2 + EXCLUDED.n2,
           n3 = r.n3 + EXCLUDED.n3, n4 = r.n4 + EXCLUDED.n4,
           seconds = r.seconds + EXCLUDED.seconds
"""

ADD_TIMES = """
    INSERT INTO rates_times AS r
           (scope, counted_day, measure, bucket, known_day, times, seconds)
    SELECT * FROM unnest(%s::text[], %s::date[], %s::text[], %s::smallint[], %s::date[],
                         %s::bigint[], %s::bigint[])
    ON CONFLICT (scope, counted_day, measure, bucket, known_day) DO UPDATE
       SET times = r.times + EXCLUDED.times, seconds = r.seconds + EXCLUDED.seconds
"""

ADD_STOCK = """
    INSERT INTO rates_stock AS r (scope, day, suspended, overdue)
    SELECT * FROM unnest(%s::text[], %s::date[], %s::bigint[], %s::bigint[])
    ON CONFLICT (scope, day) DO UPDATE
       SET suspended = r.suspended + EXCLUDED.suspended, overdue = r.overdue + EXCLUDED.overdue
"""


def write(
    connection: Connection[Any],
    memories: Sequence[tuple[UUID, str, bytes]],
    facts: Sequence["Fact"],
    deltas: Deltas,
) -> None:
    _execute(connection, REMEMBER, memories)
    with connection.cursor() as cursor, cursor.copy(COPY_FACTS) as copy:
        for fact in facts:
            if fact.new:
                copy.write_row(_row(fact))
    ends = [
        (f.whistle, f.placed.cohort, f.placed.item, f.placed.position, f.ended_position, f.ended_at)
        for f in facts
        if not f.new
    ]
    _execute(connection, END, ends)
    _execute(connection, ADD_DAYS, _changes(deltas.days))
    _execute(connection, ADD_TIMES, _changes(deltas.times))
    _execute(connection, ADD_STOCK, _changes(deltas.stock))


def _row(fact: "Fact") -> tuple[Any, ...]:
    placed, placing = fact.placed, fact.placed.placing
    timed = placing.seconds is not None and placed.cohort in TIMED
    own = placing.own_seconds
    return (
        fact.whistle,
        placed.cohort,
        placed.item,
        placed.position,
        placed.known_at,
        fact.ended_position,
        fact.ended_at,
        placing.counted_at,
        day_of(placing.counted_at),
        placing.marks,
        placing.reason,
        placing.decided_at,
        placing.unit,
        placing.seconds,
        placing.own_seconds,
        bucket_of(placing.seconds) if timed and placing.seconds is not None else None,
        bucket_of(own) if timed and own is not None else None,
        placing.grid,
        placing.community,
        placing.street,
        placing.post,
        placing.category,
        placing.sla_class,
    )


def _changes(sums: Mapping[tuple[Any, ...], Sums]) -> Iterable[tuple[Any, ...]]:
    """Also where it came to nothing: the rows must not tell in what batches they were folded."""
    return [(*key, *amounts) for key, amounts in sums.items()]


def _execute(connection: Connection[Any], statement: str, rows: Iterable[Sequence[Any]]) -> None:
    """One array a column."""
    columns = [list(column) for column in zip(*rows, strict=True)]
    if columns:
        connection.execute(statement, columns)
