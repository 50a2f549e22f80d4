"""How fast the log stores events, compared with a bare INSERT and the library's own recorder.

    python -m benchmarks.store [--json FILE]

DATABASE_URL names the server (databases are made on it and dropped again); unset: the embedded one
in a temporary folder, with fsync as everywhere. Contenders take turns within one run, because a
machine's noise between runs is larger than what is measured: trust the ratios.
"""

import json
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from multiprocessing import get_context
from multiprocessing.queues import Queue
from multiprocessing.synchronize import Barrier
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any
from uuid import uuid4

import psycopg
from eventsourcing.application import Application
from eventsourcing.domain import Aggregate, event
from eventsourcing.persistence import InfrastructureFactory, StoredEvent
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from tracker.eventstore.connections import connect
from tracker.eventstore.embedded import EmbeddedServer
from tracker.eventstore.migrations import migrate
from tracker.eventstore.recorder import library_env

PROCESSES, THREADS, SAVERS = 2, 16, 8
ROUNDS, SECONDS, WARM_UP = 5, 2.0, 8
TARGETS = {"insert_events / bare": 0.75, "insert_events / stock": 5.0, "save / stock": 3.0}

Do = Callable[[], object]
# The size of a whistle's average event, see docs/performance.md.
STATE = json.dumps({"by": "gw-53250300100101", "state": "RAISED", "words": "x" * 220}).encode()


@dataclass(frozen=True)
class Throughput:
    """One contender's events per second, the mean of all rounds; `rounds`: each round's figure."""

    what: str
    per_second: float
    rounds: tuple[float, ...]


def main(json_to: Path | None = None) -> dict[str, Any]:
    """Run, print the table as Markdown, and give the figures for a report of several benchmarks."""
    with (
        server() as dsn,
        database(dsn, "bench_ours") as ours,
        database(dsn, "bench_stock") as stock,
    ):
        migrate(ours)
        make_bare_table(ours)
        make_stock_tables(stock)
        figures = measure(ours, stock)
    result = summary(figures)
    print(as_markdown(result))
    if json_to is not None:
        json_to.write_text(json.dumps(result, indent=2))
    return result


def measure(ours: str, stock: str) -> list[Throughput]:
    inserting = PROCESSES, THREADS
    contenders = {
        "bare": (prepare_bare, ours, *inserting),
        "insert_events": (prepare_insert, ours, *inserting),
        "stock insert_events": (prepare_stock_insert, stock, *inserting),
        "save": (prepare_save, ours, 1, SAVERS),
        "stock save": (prepare_stock_save, stock, 1, SAVERS),
    }
    rounds: dict[str, list[float]] = {what: [] for what in contenders}
    for _ in range(ROUNDS):
        for what, (prepare, dsn, processes, threads) in contenders.items():
            rounds[what].append(rate(prepare, dsn, processes, threads))
    return [Throughput(what, sum(rs) / len(rs), tuple(rs)) for what, rs in rounds.items()]


def rate(prepare: Callable[[str], Do], dsn: str, processes: int, threads: int) -> float:
    """Calls a second that all threads of all processes did together."""
    spawn = get_context("spawn")
    start, counts = spawn.Barrier(processes * threads), spawn.Queue()
    workers = [
        spawn.Process(target=_process, args=(prepare, dsn, threads, start, counts))
        for _ in range(processes)
    ]
    for worker in workers:
        worker.start()
    total = sum(counts.get(timeout=60) for _ in range(processes * threads))
    for worker in workers:
        worker.join()
    return float(total / SECONDS)


def _process(
    prepare: Callable[[str], Do], dsn: str, threads: int, start: Barrier, counts: "Queue[int]"
) -> None:
    do = prepare(dsn)
    workers = [threading.Thread(target=_thread, args=(do, start, counts)) for _ in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()


def _thread(do: Do, start: Barrier, counts: "Queue[int]") -> None:
    for _ in range(WARM_UP):
        do()  # connects, prepares its statements
    start.wait(timeout=30)
    stop_at, count = time.monotonic() + SECONDS, 0
    while time.monotonic() < stop_at:
        do()
        count += 1
    counts.put(count)


def an_event() -> StoredEvent:
    return StoredEvent(uuid4(), 1, "whistle.raised", STATE)


# The same columns, keys and indexes as stored_events, with the cheapest possible position.
BARE_TABLE = """
    CREATE TABLE bare_events (
        position           bigserial NOT NULL,
        originator_id      uuid      NOT NULL,
        originator_version bigint    NOT NULL,
        topic              text      NOT NULL,
        state              bytea     NOT NULL,
        PRIMARY KEY (originator_id, originator_version)
    );
    CREATE UNIQUE INDEX bare_events_position ON bare_events (position);
    CREATE INDEX bare_events_city ON bare_events (position) WHERE topic LIKE 'city.%';
"""

BARE = """
    INSERT INTO bare_events (originator_id, originator_version, topic, state)
    VALUES (%b, %b, %b, %b)
"""


def make_bare_table(dsn: str) -> None:
    with connect(dsn, name="bench") as connection:
        connection.execute(BARE_TABLE)


def make_stock_tables(dsn: str) -> None:
    # Only once, here: the recorder's CREATE statements fail if two processes run them together.
    env = {**stock_env(dsn), "CREATE_TABLE": "yes"}
    factory(env).application_recorder()
    Application[Any](env=env)


def prepare_bare(dsn: str) -> Do:
    own = threading.local()

    def insert() -> None:
        if not hasattr(own, "connection"):
            own.connection = connect(dsn, name="bench")
        new = an_event()
        values = (new.originator_id, new.originator_version, new.topic, new.state)
        own.connection.execute(BARE, values, prepare=True)

    return insert


def prepare_insert(dsn: str) -> Do:
    recorder = factory(library_env(dsn, name="bench")).application_recorder()
    return lambda: recorder.insert_events([an_event()])


def prepare_stock_insert(dsn: str) -> Do:
    recorder = factory(stock_env(dsn)).application_recorder()
    return lambda: recorder.insert_events([an_event()])


def prepare_save(dsn: str) -> Do:
    application = Application[Any](env=library_env(dsn, name="bench"))
    return lambda: application.save(Report(by="gw-53250300100101", words="x" * 220))


def prepare_stock_save(dsn: str) -> Do:
    application = Application[Any](env=stock_env(dsn))
    return lambda: application.save(Report(by="gw-53250300100101", words="x" * 220))


class Report(Aggregate):
    """An aggregate with one event, about as large as a whistle's."""

    @event("Made")
    def __init__(self, by: str, words: str) -> None:
        self.by = by
        self.words = words


def factory(env: dict[str, str]) -> InfrastructureFactory[Any]:
    made: InfrastructureFactory[Any] = InfrastructureFactory.construct(env)
    return made


def stock_env(dsn: str) -> dict[str, str]:
    """The library's own PostgreSQL module, with as large a pool as ours."""
    parts = conninfo_to_dict(dsn)
    return {
        "PERSISTENCE_MODULE": "eventsourcing.postgres",
        "POSTGRES_DBNAME": str(parts["dbname"]),
        "POSTGRES_HOST": str(parts.get("host") or "127.0.0.1"),
        "POSTGRES_PORT": str(parts.get("port") or "5432"),
        "POSTGRES_USER": str(parts.get("user") or "postgres"),
        "POSTGRES_PASSWORD": str(parts.get("password") or ""),
        "POSTGRES_POOL_SIZE": str(THREADS),
        "CREATE_TABLE": "no",
    }


@contextmanager
def server() -> Iterator[str]:
    if given := os.environ.get("DATABASE_URL"):
        yield given
        return
    with TemporaryDirectory(prefix="shaodao-bench-", ignore_cleanup_errors=True) as folder:
        embedded = EmbeddedServer(Path(folder))
        try:
            yield embedded.start()
        finally:
            embedded.stop()


@contextmanager
def database(dsn: str, name: str) -> Iterator[str]:
    drop = f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"
    with psycopg.connect(dsn, autocommit=True) as administrator:
        administrator.execute(drop.encode())
        administrator.execute(f"CREATE DATABASE {name}".encode())
        try:
            yield make_conninfo(dsn, dbname=name)
        finally:
            administrator.execute(drop.encode())


def summary(figures: list[Throughput]) -> dict[str, Any]:
    rounds = {figure.what: figure.rounds for figure in figures}
    ratios = {
        "insert_events / bare": ratio(rounds["insert_events"], rounds["bare"]),
        "insert_events / stock": ratio(rounds["insert_events"], rounds["stock insert_events"]),
        "save / stock": ratio(rounds["save"], rounds["stock save"]),
    }
    return {
        "name": "store",
        "figures": [asdict(figure) for figure in figures],
        "ratios": [
            {"what": what, "ratio": found, "target": TARGETS[what], "met": found >= TARGETS[what]}
            for what, found in ratios.items()
        ],
    }


def ratio(ours: tuple[float, ...], theirs: tuple[float, ...]) -> float:
    """The median of the rounds' ratios: within a round both ran under the same load."""
    return median(one / other for one, other in zip(ours, theirs, strict=True))


def as_markdown(result: dict[str, Any]) -> str:
    shape = f"{PROCESSES} processes × {THREADS} threads; save: 1 × {SAVERS}"
    lines = [f"## The log ({shape})", "", "| | events/s | each round |", "|---|---:|---|"]
    for figure in result["figures"]:
        rounds = ", ".join(f"{one:,.0f}" for one in figure["rounds"])
        lines.append(f"| {figure['what']} | {figure['per_second']:,.0f} | {rounds} |")
    lines += ["", "| ratio | measured | target | |", "|---|---:|---:|---|"]
    for row in result["ratios"]:
        verdict = "met" if row["met"] else "**missed**"
        lines.append(f"| {row['what']} | {row['ratio']:.2f} | ≥ {row['target']} | {verdict} |")
    return "\n".join(lines)


if __name__ == "__main__":
    main(Path(sys.argv[2]) if sys.argv[1:2] == ["--json"] else None)
