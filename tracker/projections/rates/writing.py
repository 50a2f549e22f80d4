"""Writes the rates: facts and memories, and every sum that they change.

A turn writes a few rows in four statements. A rebuild copies tens of thousands of facts at a time
without sums, and makes the sums at the end, some days at a time, as an index is built after a load.
Both use the same statement for the sums, so both come to the same rows.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from uuid import UUID

import msgspec

from tracker.eventstore.connections import Connection
from tracker.metrics.asking import day_of
from tracker.metrics.cohorts import SPARED, Cohort
from tracker.projections.rates.rows import Fact, FactRow, fact_row

Memories = Sequence[tuple[UUID, str, bytes]]  # whistle, number, memory


# Served by the primary key.
REMEMBER = """
    INSERT INTO rates_whistles (whistle, number, memory)
    SELECT whistle, number, memory
      FROM unnest(%(whistles)s::uuid[], %(numbers)s::text[], %(memories)s::bytea[])
        AS m (whistle, number, memory)
    ON CONFLICT (whistle) DO UPDATE SET memory = EXCLUDED.memory
"""
BEGIN = "INSERT INTO rates_facts SELECT * FROM json_populate_recordset(NULL::rates_facts, %s)"

# Served by the primary key.
END = """
    UPDATE rates_facts f
       SET ended_position = e.ended_position, ended_at = e.ended_at
      FROM json_populate_recordset(NULL::rates_facts, %s) e
     WHERE f.whistle = e.whistle AND f.cohort = e.cohort AND f.item = e.item
       AND f.position = e.position
"""

# Adds to every sum what the facts in `begun` and `ended` change; for a rebuild, what the stored
# facts of `cohorts` on the days from `first` to before `until` make (served by
# rates_facts_counted). Each sum is served by its primary key. A change of nothing is written too:
# the rows must be the same whatever the batches were.
ADD = """
    WITH begun AS (
        SELECT * FROM json_populate_recordset(NULL::rates_facts, %(begun)s)
         UNION ALL
        SELECT * FROM rates_facts
         WHERE cohort = ANY(%(cohorts)s) AND counted_day >= %(first)s AND counted_day < %(until)s
    ),
    ended AS (
        SELECT * FROM begun WHERE ended_at IS NOT NULL
         UNION ALL
        SELECT * FROM json_populate_recordset(NULL::rates_facts, %(ended)s)
    ),
    changes AS MATERIALIZED (
        SELECT 1 AS sign, position AS event, known_at AS at, rates_day(known_at) AS known_day,
               cohort, counted_at, counted_day, marks, seconds, own_seconds, sla_class,
               rates_scopes(cohort, unit, street, post, grid, category) AS scopes
          FROM begun WHERE marks > 0
         UNION ALL
        SELECT -1, ended_position, ended_at, rates_day(ended_at),
               cohort, counted_at, counted_day, marks, seconds, own_seconds, sla_class,
               rates_scopes(cohort, unit, street, post, grid, category)
          FROM ended WHERE marks > 0
    ),
    days AS MATERIALIZED (
        SELECT scope, counted_day, cohort, known_day,
               sum(sign * (marks & 1)) AS d, sum(sign * (marks >> 1 & 1)) AS n1,
               sum(sign * (marks >> 2 & 1)) AS n2, sum(sign * (marks >> 3 & 1)) AS n3,
               sum(sign * (marks >> 4 & 1)) AS n4, sum(sign * coalesce(seconds, 0)) AS seconds
          FROM changes, unnest(scopes) AS scope
         WHERE cohort NOT IN ('overdue', 'suspended')
         GROUP BY 1, 2, 3, 4
    ),
    put_days AS (
        INSERT INTO rates_days AS r
        SELECT * FROM days ORDER BY 1, 2, 3, 4
        ON CONFLICT (scope, counted_day, cohort, known_day) DO UPDATE
           SET d = r.d + EXCLUDED.d, n1 = r.n1 + EXCLUDED.n1, n2 = r.n2 + EXCLUDED.n2,
               n3 = r.n3 + EXCLUDED.n3, n4 = r.n4 + EXCLUDED.n4,
               seconds = r.seconds + EXCLUDED.seconds
    ),
    put_months AS (
        INSERT INTO rates_months AS r
        SELECT scope, rates_month(counted_day), g.grain, g.known, cohort, sum(d), sum(n1),
               sum(n2), sum(n3), sum(n4), sum(seconds)
          FROM days,
               LATERAL (VALUES ('month', rates_month(known_day)), ('day', known_day))
                 g(grain, known)
         GROUP BY 1, 2, 3, 4, 5
         ORDER BY 1, 2, 3, 4, 5
        ON CONFLICT (scope, counted_month, grain, known, cohort) DO UPDATE
           SET d = r.d + EXCLUDED.d, n1 = r.n1 + EXCLUDED.n1, n2 = r.n2 + EXCLUDED.n2,
               n3 = r.n3 + EXCLUDED.n3, n4 = r.n4 + EXCLUDED.n4,
               seconds = r.seconds + EXCLUDED.seconds
    ),
    times AS MATERIALIZED (
        SELECT scope, rates_month(counted_day) AS counted_month, measure,
               rates_bucket(took) AS bucket, took, known_day, sum(sign) AS times
          FROM changes, unnest(scopes) AS scope,
               rates_measures(sla_class, changes.seconds, own_seconds)
         WHERE cohort IN ('response', 'assigned_response')
         GROUP BY 1, 2, 3, 4, 5, 6
    ),
    put_values AS (
        INSERT INTO rates_values AS r
        SELECT * FROM times ORDER BY 1, 2, 3, 4, 5, 6
        ON CONFLICT (scope, counted_month, measure, bucket, seconds, known_day) DO UPDATE
           SET times = r.times + EXCLUDED.times
    ),
    put_spreads AS (
        INSERT INTO rates_spreads AS r
        SELECT scope, counted_month, g.grain, g.known, measure, bucket, sum(times),
               sum(times * took)
          FROM times,
               LATERAL (VALUES ('month', rates_month(known_day)), ('day', known_day))
                 g(grain, known)
         GROUP BY 1, 2, 3, 4, 5, 6
         ORDER BY 1, 2, 3, 4, 5, 6
        ON CONFLICT (scope, counted_month, grain, known, measure, bucket) DO UPDATE
           SET times = r.times + EXCLUDED.times, seconds = r.seconds + EXCLUDED.seconds
    ),
    put_stock AS (
        -- From the later of the two moments: what is open is overdue only once it is due.
        INSERT INTO rates_stock AS r (scope, day, suspended, overdue, position)
        SELECT scope, rates_day(greatest(at, counted_at)),
               coalesce(sum(sign) FILTER (WHERE cohort = 'suspended'), 0),
               coalesce(sum(sign) FILTER (WHERE cohort = 'overdue'), 0), max(event)
          FROM changes, unnest(scopes) AS scope
         WHERE cohort IN ('overdue', 'suspended')
         GROUP BY 1, 2
         ORDER BY 1, 2
        ON CONFLICT (scope, day) DO UPDATE
           SET suspended = r.suspended + EXCLUDED.suspended,
               overdue = r.overdue + EXCLUDED.overdue,
               position = greatest(r.position, EXCLUDED.position)
    )
    INSERT INTO rates_touched AS r (counted_day, known_day, position)
    SELECT counted_day, known_day, max(event)
      FROM changes
     WHERE cohort NOT IN ('overdue', 'suspended')
     GROUP BY 1, 2
     ORDER BY 1, 2
    ON CONFLICT (counted_day, known_day) DO UPDATE
       SET position = greatest(r.position, EXCLUDED.position)
"""

NOTHING = "[]"
NO_DAYS = {"cohorts": [], "first": date.min, "until": date.min}
COHORTS = [*(str(cohort) for cohort in Cohort), *SPARED.values()]


def write(connection: Connection, memories: Memories, facts: Iterable[Fact]) -> None:
    """Write a batch and all its sums."""
    begun = [fact_row(fact) for fact in facts if fact.new]
    ended = [fact_row(fact) for fact in facts if not fact.new]
    _remember(connection, memories)
    if not begun and not ended:
        return
    began, over = _json(begun), _json(ended)
    if begun:
        connection.execute(BEGIN, [began])
    if ended:
        connection.execute(END, [over])
    connection.execute(ADD, {"begun": began, "ended": over} | NO_DAYS)


def _remember(connection: Connection, memories: Memories) -> None:
    whistles, numbers, remembered = zip(*memories, strict=True) if memories else ((), (), ())
    connection.execute(
        REMEMBER,
        {"whistles": list(whistles), "numbers": list(numbers), "memories": list(remembered)},
    )


def _json(rows: Sequence[FactRow]) -> str:
    return msgspec.json.encode(rows).decode()


STAGE = """
    CREATE TEMP TABLE IF NOT EXISTS batch_memories (
        whistle uuid, number text, memory bytea) ON COMMIT DELETE ROWS;
    CREATE TEMP TABLE IF NOT EXISTS batch_ends (
        whistle uuid, cohort text, item smallint, position bigint, ended_position bigint,
        ended_at timestamptz) ON COMMIT DELETE ROWS;
    TRUNCATE batch_memories, batch_ends
"""
COPY_MEMORIES = "COPY batch_memories FROM STDIN"
COPY_ENDS = "COPY batch_ends FROM STDIN"
COPY_FACTS = """
    COPY rates_facts (
        whistle, cohort, item, position, known_at, ended_position, ended_at, counted_at,
        counted_day, marks, reason, decided_at, unit, seconds, own_seconds, grid, community,
        street, post, category, sla_class)
    FROM STDIN
"""

# Each served by the primary key of its table.
REMEMBER_STAGED = """
    INSERT INTO rates_whistles (whistle, number, memory)
    SELECT whistle, number, memory FROM batch_memories
    ON CONFLICT (whistle) DO UPDATE SET memory = EXCLUDED.memory
"""
END_STAGED = """
    UPDATE rates_facts f
       SET ended_position = e.ended_position, ended_at = e.ended_at
      FROM batch_ends e
     WHERE f.whistle = e.whistle AND f.cohort = e.cohort AND f.item = e.item
       AND f.position = e.position
"""


def copy(connection: Connection, memories: Memories, facts: Sequence[Fact]) -> None:
    """A large batch without its sums, by COPY, which takes a third of the time of parameters."""
    connection.execute(STAGE)
    remembered = (f"{w}\t{copy_text(number)}\t\\\\x{m.hex()}\n" for w, number, m in memories)
    _copy(connection, COPY_MEMORIES, remembered)
    connection.execute(REMEMBER_STAGED)
    copy_facts(connection, (fact for fact in facts if fact.new))
    _copy(connection, COPY_ENDS, (_end(fact) for fact in facts if not fact.new))
    connection.execute(END_STAGED)


def copy_facts(connection: Connection, facts: Iterable[Fact]) -> None:
    """Add these facts, and nothing to any sum."""
    _copy(connection, COPY_FACTS, (_fact(fact) for fact in facts))


def _copy(connection: Connection, statement: str, lines: Iterable[str]) -> None:
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        copy.write("".join(lines))


@lru_cache(maxsize=65_536)
def copy_text(value: str | int | date | None) -> str:
    """A value in the text format of COPY."""
    if value is None:
        return "\\N"
    text = str(value)
    if "\\" in text or "\t" in text or "\n" in text or "\r" in text:
        text = text.replace("\\", "\\\\").replace("\t", "\\t")
        text = text.replace("\n", "\\n").replace("\r", "\\r")
    return text


def copy_moment(at: datetime | None) -> str:
    """A moment in the text format of COPY."""
    return "\\N" if at is None else at.isoformat()


def _fact(fact: Fact) -> str:
    placed, p = fact.placed, fact.placed.placing
    return (
        f"{fact.whistle}\t{placed.cohort}\t{placed.item}\t{placed.position}\t"
        f"{copy_moment(placed.known_at)}\t"
        f"{copy_text(fact.ended_position)}\t{copy_moment(fact.ended_at)}\t"
        f"{copy_moment(p.counted_at)}\t{copy_text(day_of(p.counted_at))}\t{p.marks}\t{p.reason}\t"
        f"{copy_moment(p.decided_at)}\t"
        f"{copy_text(p.unit)}\t{copy_text(p.seconds)}\t{copy_text(p.own_seconds)}\t"
        f"{copy_text(p.grid)}\t{copy_text(p.community)}\t{copy_text(p.street)}\t"
        f"{copy_text(p.post)}\t{copy_text(p.category)}\t{copy_text(p.sla_class)}\n"
    )


def _end(fact: Fact) -> str:
    placed = fact.placed
    return (
        f"{fact.whistle}\t{placed.cohort}\t{placed.item}\t{placed.position}\t"
        f"{fact.ended_position}\t{copy_moment(fact.ended_at)}\n"
    )


# One pass over rates_facts_counted (cohort, counted_day, …).
FACTS_A_DAY = "SELECT counted_day, count(*) FROM rates_facts GROUP BY 1 ORDER BY 1"
SLICE = 50_000  # facts summed in one transaction; a long one would delay all readers of the log
ANALYZE = """
    ANALYZE rates_days, rates_months, rates_spreads, rates_values, rates_stock, rates_touched
"""
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Slice:
    """The days from `first` to before `until`."""

    first: date
    until: date


def sum_up(connection: Connection) -> None:
    """Make all sums from the facts that `copy` has written."""
    for part in _slices(connection.execute(FACTS_A_DAY).fetchall()):
        days = {"cohorts": COHORTS, "first": part.first, "until": part.until}
        connection.execute(ADD, {"begun": NOTHING, "ended": NOTHING} | days, prepare=False)
    connection.execute(ANALYZE)


def _slices(counts: Sequence[tuple[date, int]]) -> Iterator[Slice]:
    first, facts = None, 0
    for day, count in counts:
        if first is not None and facts + count > SLICE:
            yield Slice(first, day)
            first, facts = None, 0
        first, facts = first or day, facts + count
    if first is not None:
        yield Slice(first, counts[-1][0] + DAY)
