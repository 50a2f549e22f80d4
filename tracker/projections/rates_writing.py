"""Writing the rates: new facts by COPY; memories, ends and sums by COPY and one statement each.

Tens of thousands of rows cross in every batch of a rebuild: as lines of COPY they cost a third of
what they cost as arrays of parameters. The staging tables hold one batch of one connection.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from uuid import UUID

from psycopg import Connection

from tracker.projections.rates_tally import TIMED, Deltas, Sums, bucket_of, day_of

if TYPE_CHECKING:
    from tracker.projections.rates import Fact

STAGE = """
    CREATE TEMP TABLE IF NOT EXISTS batch_memories (
        whistle uuid, number text, memory bytea) ON COMMIT DELETE ROWS;
    CREATE TEMP TABLE IF NOT EXISTS batch_ends (
        whistle uuid, cohort text, item smallint, position bigint, ended_position bigint,
        ended_at timestamptz) ON COMMIT DELETE ROWS;
    CREATE TEMP TABLE IF NOT EXISTS batch_days (
        scope text, counted_day date, cohort text, known_day date, d bigint, n1 bigint,
        n2 bigint, n3 bigint, n4 bigint, seconds bigint) ON COMMIT DELETE ROWS;
    CREATE TEMP TABLE IF NOT EXISTS batch_times (
        scope text, counted_day date, measure text, bucket smallint, known_day date,
        times bigint, seconds bigint) ON COMMIT DELETE ROWS;
    CREATE TEMP TABLE IF NOT EXISTS batch_stock (
        scope text, day date, suspended bigint, overdue bigint) ON COMMIT DELETE ROWS;
    CREATE TEMP TABLE IF NOT EXISTS batch_touched (
        counted_day date, known_day date, position bigint) ON COMMIT DELETE ROWS;
    TRUNCATE batch_memories, batch_ends, batch_days, batch_times, batch_stock, batch_touched
"""

COPY_MEMORIES = "COPY batch_memories FROM STDIN"
COPY_ENDS = "COPY batch_ends FROM STDIN"
COPY_DAYS = "COPY batch_days FROM STDIN"
COPY_TIMES = "COPY batch_times FROM STDIN"
COPY_STOCK = "COPY batch_stock FROM STDIN"
COPY_TOUCHED = "COPY batch_touched FROM STDIN"
COPY_FACTS = """
    COPY rates_facts (
        whistle, cohort, item, position, known_at, ended_position, ended_at, counted_at,
        counted_day, marks, reason, decided_at, unit, seconds, own_seconds, bucket, own_bucket,
        grid, community, street, post, category, sla_class)
    FROM STDIN
"""

# Each served by the primary key of its table.
REMEMBER = """
    INSERT INTO rates_whistles (whistle, number, memory)
    SELECT whistle, number, memory FROM batch_memories
    ON CONFLICT (whistle) DO UPDATE SET memory = EXCLUDED.memory
"""
END = """
    UPDATE rates_facts f
       SET ended_position = e.ended_position, ended_at = e.ended_at
      FROM batch_ends e
     WHERE f.whistle = e.whistle AND f.cohort = e.cohort AND f.item = e.item
       AND f.position = e.position
"""
ADD_DAYS = """
    INSERT INTO rates_days AS r
           (scope, counted_day, cohort, known_day, d, n1, n2, n3, n4, seconds)
    SELECT scope, counted_day, cohort, known_day, d, n1, n2, n3, n4, seconds FROM batch_days
    ON CONFLICT (scope, counted_day, cohort, known_day) DO UPDATE
       SET d = r.d + EXCLUDED.d, n1 = r.n1 + EXCLUDED.n1, n2 = r.n2 + EXCLUDED.n2,
           n3 = r.n3 + EXCLUDED.n3, n4 = r.n4 + EXCLUDED.n4,
           seconds = r.seconds + EXCLUDED.seconds
"""
ADD_TIMES = """
    INSERT INTO rates_times AS r
           (scope, counted_day, measure, bucket, known_day, times, seconds)
    SELECT scope, counted_day, measure, bucket, known_day, times, seconds FROM batch_times
    ON CONFLICT (scope, counted_day, measure, bucket, known_day) DO UPDATE
       SET times = r.times + EXCLUDED.times, seconds = r.seconds + EXCLUDED.seconds
"""
ADD_STOCK = """
    INSERT INTO rates_stock AS r (scope, day, suspended, overdue)
    SELECT scope, day, suspended, overdue FROM batch_stock
    ON CONFLICT (scope, day) DO UPDATE
       SET suspended = r.suspended + EXCLUDED.suspended, overdue = r.overdue + EXCLUDED.overdue
"""
TOUCH = """
    INSERT INTO rates_touched AS r (counted_day, known_day, position)
    SELECT counted_day, known_day, position FROM batch_touched
    ON CONFLICT (counted_day, known_day) DO UPDATE SET position = EXCLUDED.position
"""


def write(
    connection: Connection[Any],
    memories: Iterable[tuple[UUID, str, bytes]],
    facts: Sequence["Fact"],
    deltas: Deltas,
) -> None:
    connection.execute(STAGE)
    remembered = (f"{w}\t{told(number)}\t\\\\x{m.hex()}\n" for w, number, m in memories)
    _copy(connection, COPY_MEMORIES, remembered)
    connection.execute(REMEMBER)
    _copy(connection, COPY_FACTS, (_fact(fact) for fact in facts if fact.new))
    _copy(connection, COPY_ENDS, (_end(fact) for fact in facts if not fact.new))
    connection.execute(END)
    _copy(connection, COPY_DAYS, _sums(deltas.days))
    connection.execute(ADD_DAYS)
    _copy(connection, COPY_TIMES, _sums(deltas.times))
    connection.execute(ADD_TIMES)
    _copy(connection, COPY_STOCK, _sums(deltas.stock))
    connection.execute(ADD_STOCK)
    _copy(connection, COPY_TOUCHED, _sums(deltas.touched))
    connection.execute(TOUCH)


def _copy(connection: Connection[Any], statement: str, lines: Iterable[str]) -> None:
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        copy.write("".join(lines))


@lru_cache(maxsize=65_536)
def told(value: str | int | date | None) -> str:
    """A value in COPY's text form."""
    if value is None:
        return "\\N"
    text = str(value)
    if "\\" in text or "\t" in text or "\n" in text or "\r" in text:
        text = text.replace("\\", "\\\\").replace("\t", "\\t")
        text = text.replace("\n", "\\n").replace("\r", "\\r")
    return text


def moment(at: datetime | None) -> str:
    return "\\N" if at is None else at.isoformat()


def _fact(fact: "Fact") -> str:
    placed, p = fact.placed, fact.placed.placing
    timed = placed.cohort in TIMED
    bucket = bucket_of(p.seconds) if timed and p.seconds is not None else None
    own_bucket = bucket_of(p.own_seconds) if timed and p.own_seconds is not None else None
    return (
        f"{fact.whistle}\t{placed.cohort}\t{placed.item}\t{placed.position}\t"
        f"{moment(placed.known_at)}\t{told(fact.ended_position)}\t{moment(fact.ended_at)}\t"
        f"{moment(p.counted_at)}\t{told(day_of(p.counted_at))}\t{p.marks}\t{p.reason}\t"
        f"{moment(p.decided_at)}\t{told(p.unit)}\t{told(p.seconds)}\t{told(p.own_seconds)}\t"
        f"{told(bucket)}\t{told(own_bucket)}\t{told(p.grid)}\t{told(p.community)}\t"
        f"{told(p.street)}\t{told(p.post)}\t{told(p.category)}\t{told(p.sla_class)}\n"
    )


def _end(fact: "Fact") -> str:
    placed = fact.placed
    return (
        f"{fact.whistle}\t{placed.cohort}\t{placed.item}\t{placed.position}\t"
        f"{fact.ended_position}\t{moment(fact.ended_at)}\n"
    )


def _sums(sums: Mapping[tuple[Any, ...], Sums]) -> Iterable[str]:
    """Also where it came to nothing: the rows must not tell in what batches they were folded."""
    for key, amounts in sums.items():
        yield "\t".join(map(told, key)) + "\t" + "\t".join(map(str, amounts)) + "\n"
