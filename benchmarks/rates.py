"""A month's rates with 10,000 and with 1,000,000 whistles, compared with plain SQL; and a rebuild.

    python -m benchmarks.rates [--json FILE]

DATABASE_URL names the server (a database is made on it and dropped again); unset: the embedded one
in a temporary folder. The small city is imported and folded; the large one is ninety-nine copies of
its tables beside it, each moved by some days, in the scopes and cohorts that the questions read.
"""

import json
import random
import statistics
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict

from benchmarks.store import database, server
from tests.rates.facts import facts
from tracker.city.pack import citypack
from tracker.city.pack.loading import load_city
from tracker.commands.tracker import Tracker
from tracker.directory import Directory
from tracker.eventstore.mapper import PlainMapper
from tracker.eventstore.migrations import migrate
from tracker.imports.command import import_file
from tracker.metrics.asking import ask
from tracker.projections.engine.log_moments import LogMoments
from tracker.projections.engine.rebuilding import Rebuilt, rebuild
from tracker.projections.rates.answer import rates, rows_of
from tracker.projections.rates.rates import Rates
from tracker.settings import PACKAGED_CITY, Settings

WHISTLES, COPIES, TIMES = 10_000, 99, 60
MONTH = ("2026-06-01", "2026-07-01")
FROZEN, NOON, NOW = "2026-07-07", "2026-07-06T12:00", datetime(2027, 4, 1, tzinfo=UTC)
LOADED = datetime(2026, 1, 1, tzinfo=UTC)
TARGETS = {"p95_ms": 30.0, "large / small": 1.3, "rebuild": 8_000}

# Ninety-nine copies of what a month's question reads, each moved by another number of days: daily
# sums and stocks of the city and its posts, and the facts of responses and of overdue whistles.
# Each response is some seconds longer or shorter, so that no two are equal.
MORE_DAYS = """
    INSERT INTO rates_days AS r
    SELECT scope, counted_day + s, cohort, known_day + s, sum(d), sum(n1), sum(n2), sum(n3),
           sum(n4), sum(seconds)
      FROM rates_days, LATERAL (SELECT k * 37 %% 241 - 120 AS s FROM generate_series(1, %s) k) m
     WHERE scope = 'city' OR scope LIKE 'post:%%'
     GROUP BY 1, 2, 3, 4
    ON CONFLICT (scope, counted_day, cohort, known_day) DO UPDATE
       SET d = r.d + EXCLUDED.d, n1 = r.n1 + EXCLUDED.n1, n2 = r.n2 + EXCLUDED.n2,
           n3 = r.n3 + EXCLUDED.n3, n4 = r.n4 + EXCLUDED.n4, seconds = r.seconds + EXCLUDED.seconds
"""
MORE_STOCK = """
    INSERT INTO rates_stock AS r
    SELECT scope, day + s, sum(suspended), sum(overdue), max(position)
      FROM rates_stock, LATERAL (SELECT k * 37 %% 241 - 120 AS s FROM generate_series(1, %s) k) m
     WHERE scope = 'city' OR scope LIKE 'post:%%'
     GROUP BY 1, 2
    ON CONFLICT (scope, day) DO UPDATE
       SET suspended = r.suspended + EXCLUDED.suspended, overdue = r.overdue + EXCLUDED.overdue
"""
MORE_FACTS = """
    INSERT INTO rates_facts
    SELECT md5(whistle::text || k)::uuid, cohort, item, position, known_at + s, ended_position,
           ended_at + s, counted_at + s, counted_day + (k * 37 %% 241 - 120), marks, reason,
           decided_at + s, unit, seconds + k * 17 %% 60, own_seconds + k * 17 %% 60, grid,
           community, street, post, category, sla_class
      FROM rates_facts, LATERAL (
           SELECT k, make_interval(days => k * 37 %% 241 - 120) AS s
             FROM generate_series(1, %s) k) m
     WHERE cohort = 'response' AND seconds IS NOT NULL OR cohort = 'overdue'
"""
# The monthly sums of these, computed as the projection does it.
EMPTY_MONTHS = "TRUNCATE rates_months, rates_spreads, rates_values"
MONTHS = """
    INSERT INTO rates_months
    SELECT scope, rates_month(counted_day), g.grain, g.known, cohort, sum(d), sum(n1), sum(n2),
           sum(n3), sum(n4), sum(seconds)
      FROM rates_days,
           LATERAL (VALUES ('month', rates_month(known_day)), ('day', known_day)) g(grain, known)
     GROUP BY 1, 2, 3, 4, 5
"""
VALUES = """
    INSERT INTO rates_values
    SELECT scope, rates_month(counted_day), measure, rates_bucket(took), took, known_day, sum(sign)
      FROM rates_facts f, unnest(ARRAY['city', 'post:' || post]) AS scope,
           rates_measures(sla_class, f.seconds, own_seconds),
           LATERAL (VALUES (1, rates_day(known_at)), (-1, rates_day(ended_at))) k(sign, known_day)
     WHERE cohort = 'response' AND marks > 0 AND known_day IS NOT NULL
     GROUP BY 1, 2, 3, 4, 5, 6
"""
SPREADS = """
    INSERT INTO rates_spreads
    SELECT scope, counted_month, g.grain, g.known, measure, bucket, sum(times),
           sum(times * seconds)
      FROM rates_values,
           LATERAL (VALUES ('month', rates_month(known_day)), ('day', known_day)) g(grain, known)
     GROUP BY 1, 2, 3, 4, 5, 6
"""
INDEXES = """
    SELECT indexdef, indexname FROM pg_indexes
     WHERE tablename = 'rates_facts' AND indexname <> 'rates_facts_pkey'
"""

# The same whistles in one plain table, with an index for each date column.
WHISTLES_TABLE = """
    CREATE TABLE whistles AS
    SELECT f.whistle, f.post, f.counted_at + s AS respond_due, f.decided_at + s AS responded_at,
           f.seconds, f.marks > 0 AS counts, v.due + s AS resolve_due, v.done + s AS resolved_at
      FROM rates_facts f
      LEFT JOIN LATERAL (
           SELECT counted_at AS due, decided_at AS done FROM rates_facts g
            WHERE g.whistle = f.whistle AND g.cohort = 'resolution' AND g.ended_at IS NULL) v
             ON true,
           LATERAL (SELECT make_interval(days => k * 37 %% 241 - 120) AS s
                      FROM generate_series(1, %s) k) m
     WHERE f.cohort = 'response' AND f.ended_at IS NULL
"""
PLAIN = """
    SELECT count(*), count(*) FILTER (WHERE responded_at <= %(at)s),
           count(*) FILTER (WHERE responded_at <= respond_due AND responded_at <= %(at)s),
           avg(seconds), percentile_disc(0.5) WITHIN GROUP (ORDER BY seconds),
           percentile_disc(0.9) WITHIN GROUP (ORDER BY seconds)
      FROM whistles
     WHERE counts AND respond_due >= %(first)s AND respond_due < %(until)s
     UNION ALL
    SELECT count(*), count(*) FILTER (WHERE resolved_at <= resolve_due), 0, 0, 0, 0
      FROM whistles
     WHERE counts AND resolve_due >= %(first)s AND resolve_due < %(until)s
"""


def main(json_to: Path | None = None) -> dict[str, Any]:
    """Run, print the table as Markdown, and give the figures for a report of several benchmarks."""
    with server() as dsn, database(dsn, "bench_rates") as few:
        migrate(few)
        city = filled(few)
        rebuilt = folded(few)
        with twin(dsn, few, "bench_rates_many") as many:
            with psycopg.connect(many, autocommit=True) as connection:
                enlarge(connection)
            small, large = compared(few, many, city)
    result = {"rebuild": rebuilt.events / rebuilt.seconds, "small": small, "large": large}
    print(as_markdown(result))
    if json_to is not None:
        json_to.write_text(json.dumps(result, indent=2))
    return result


@contextmanager
def twin(dsn: str, original: str, name: str) -> Iterator[str]:
    """A database like the original, dropped afterwards."""
    with database(dsn, name) as url, psycopg.connect(dsn, autocommit=True) as administrator:
        administrator.execute(f"DROP DATABASE {name}".encode())
        of = conninfo_to_dict(original)["dbname"]
        administrator.execute(f"CREATE DATABASE {name} TEMPLATE {of}".encode())
        yield url


def filled(url: str) -> Directory:
    """Mengzi with WHISTLES imported whistles in its log."""
    with (
        Tracker(Settings(database_url=url, secret_key="bench"), name="bench") as tracker,
        TemporaryDirectory() as folder,
    ):
        load_city(tracker, citypack.read(PACKAGED_CITY), False, LOADED)
        city = tracker.directory.refresh()
        lines = facts(random.Random(1), WHISTLES, [c.code for c in city.categories])
        file = Path(folder) / "facts.jsonl"
        file.write_text("".join(json.dumps(line) + "\n" for line in lines))
        import_file(tracker, file)
    return city


def folded(url: str) -> Rebuilt:
    with psycopg.connect(url, autocommit=True) as connection:
        return rebuild(connection, Rates(), PlainMapper())


def enlarge(connection: psycopg.Connection) -> None:
    indexes = connection.execute(INDEXES).fetchall()
    for _, name in indexes:
        connection.execute(f"DROP INDEX {name}")
    for statement in (MORE_DAYS, MORE_STOCK, MORE_FACTS):
        connection.execute(statement, [COPIES])
    for statement in (EMPTY_MONTHS, MONTHS, VALUES, SPREADS):
        connection.execute(statement)
    for definition, _ in indexes:
        connection.execute(definition)
    settle(connection)


def settle(connection: psycopg.Connection) -> None:
    """Vacuum and analyse, as autovacuum would."""
    connection.execute(
        "VACUUM ANALYZE rates_days, rates_months, rates_spreads, rates_values, rates_stock, "
        "rates_facts, rates_touched"
    )


def plain_of(connection: psycopg.Connection, copies: int) -> Callable[[], object]:
    connection.execute("DROP TABLE IF EXISTS whistles")
    # Each copy once more than in the facts, so that both tables hold as many whistles.
    source = WHISTLES_TABLE.replace(
        "f.cohort = 'response'",
        "f.cohort = 'response' AND EXISTS ("
        "SELECT FROM rates_whistles w WHERE w.whistle = f.whistle)",
    )
    connection.execute(source, [copies])
    connection.execute("CREATE INDEX ON whistles (respond_due)")
    connection.execute("CREATE INDEX ON whistles (resolve_due)")
    connection.execute("VACUUM ANALYZE whistles")
    terms = {"first": MONTH[0], "until": MONTH[1], "at": FROZEN}
    return lambda: connection.execute(PLAIN, terms).fetchall()


Question = Callable[[], object]
Milliseconds = dict[str, dict[str, float]]


def compared(few: str, many: str, city: Directory) -> tuple[Milliseconds, Milliseconds]:
    """Milliseconds of each question. Contenders take turns, so a busy moment affects both."""
    with (
        psycopg.connect(few, autocommit=True) as small,
        psycopg.connect(many, autocommit=True) as large,
    ):
        settle(small)
        contenders = [
            questions(small, city, plain_of(small, 1)),
            questions(large, city, plain_of(large, COPIES + 1)),
        ]
        taken: list[dict[str, list[float]]] = [defaultdict(list), defaultdict(list)]
        for turn in range(TIMES + 5):
            for name in contenders[0]:
                for asked, times in zip(contenders, taken, strict=True):
                    began = time.perf_counter()
                    asked[name]()
                    if turn >= 5:
                        times[name].append(1000 * (time.perf_counter() - began))
    milliseconds = [
        {
            name: {"median": statistics.median(t), "p95": statistics.quantiles(t, n=20)[18]}
            for name, t in times.items()
        }
        for times in taken
    ]
    return milliseconds[0], milliseconds[1]


def questions(
    connection: psycopg.Connection, city: Directory, plain: Question
) -> dict[str, Question]:
    log = LogMoments(connection)
    position = str(log.newest())

    def question(scope: str, as_of: str | None, by: str | None = None) -> Any:
        first, until = MONTH
        return ask(city, log, NOW, scope=scope, from_=first, to=until, as_of=as_of, by=by)

    return {
        "rates of the city, now": lambda: rates(connection, question("city", None)),
        "rates of the city, as frozen": lambda: rates(connection, question("city", FROZEN)),
        "the same, at noon that day": lambda: rates(connection, question("city", NOON)),
        "the same, at a position": lambda: rates(connection, question("city", position)),
        "rates of a post, as frozen": lambda: rates(connection, question("post:CP03", FROZEN)),
        "rates of a post, now": lambda: rates(connection, question("post:CP03", None)),
        "ranking of posts, as frozen": lambda: rows_of(
            connection, question("city", FROZEN, "post")
        ),
        "ranking of posts, now": lambda: rows_of(connection, question("city", None, "post")),
        "plain SQL over the whistles": plain,
    }


def as_markdown(result: dict[str, Any]) -> str:
    small, large = result["small"], result["large"]
    lines = [
        "\n## Rates\n",
        f"A month of a year, among {WHISTLES:,} and among {WHISTLES * (COPIES + 1):,} whistles;",
        f"in turn, nothing remembered; milliseconds over {TIMES} turns.",
        f"Targets: p95 < {TARGETS['p95_ms']:.0f} ms, large ≤ {TARGETS['large / small']} × small.\n",
        "| question | small: median | p95 | large: median | p95 | large / small |",
        "|---|--:|--:|--:|--:|--:|",
    ]
    for name, few in small.items():
        many = large[name]
        lines.append(
            f"| {name} | {few['median']:.1f} | {few['p95']:.1f} | {many['median']:.1f} | "
            f"{many['p95']:.1f} | {many['median'] / few['median']:.2f} |"
        )
    lines.append(
        f"\nA rebuild of the rates folds {result['rebuild']:,.0f} events/s "
        f"(target {TARGETS['rebuild']:,})."
    )
    return "\n".join(lines)


if __name__ == "__main__":
    arguments = sys.argv[1:]
    main(Path(arguments[1]) if arguments[:1] == ["--json"] else None)
