"""kill -9 under load, of each process in turn: what was acknowledged is kept, and kept once."""

import time
from collections import Counter
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from tests.faults.load import EVENT_OF, Acknowledged, Load
from tests.faults.service import Service, is_ready, serving
from tests.faults.wire import token_of
from tests.waiting import until
from tracker.eventstore.connections import connect
from tracker.eventstore.embedded import running_dsn
from tracker.eventstore.mapper import PlainMapper
from tracker.operating.projecting import ALL
from tracker.projections.engine.positions import positions
from tracker.projections.engine.rebuilding import rebuild

VICTIMS = ("web", "project", "schedule", "postgres")
AT_WORK = 40  # commands acknowledged on both sides of a kill


@pytest.fixture
def service() -> Iterator[Service]:
    with serving() as service:
        yield service


@pytest.fixture
def load(service: Service) -> Iterator[Load]:
    tokens = {name: token_of(service.url, name) for name in ("city", "liaison-u01")}
    load = Load(service.url, tokens)
    yield load
    load.close()


def test_each_is_killed_once_and_every_acknowledged_command_is_in_the_log_once(
    service: Service, load: Load
) -> None:
    for victim in VICTIMS:
        kill_under_load(victim, service, load)

    assert_the_ledger_is_the_log(service, load)


@pytest.mark.soak
def test_the_same_for_twenty_rounds(service: Service, load: Load) -> None:
    for one in range(20):
        victim = VICTIMS[one % len(VICTIMS)]
        seconds = kill_under_load(victim, service, load)
        print(
            f"{one + 1:2}  {victim:<9} back in {seconds:.1f} s, {len(load.ledger):,} acknowledged, "
            f"{load.unheard:,} asked again",
            flush=True,
        )

    assert_the_ledger_is_the_log(service, load)


def kill_under_load(victim: str, service: Service, load: Load) -> float:
    """Seconds until the service was whole again, under the same load all the while."""
    with load:
        until_at_work(service, load)
        process = service.children()[victim]
        process.kill()
        killed = time.monotonic()
        until(
            lambda: is_whole(service, victim, process.pid) and load.raised_since(killed),
            service.said,
        )
        back = time.monotonic() - killed
        until_at_work(service, load)
    assert load.troubles == []
    return back


def until_at_work(service: Service, load: Load) -> None:
    enough = len(load.ledger) + AT_WORK
    until(lambda: len(load.ledger) >= enough, service.said)


def is_whole(service: Service, victim: str, killed: int) -> bool:
    """Another process stands in the place of the killed one, and all are ready."""
    child = service.children().get(victim)
    return child is not None and child.pid != killed and is_ready(service.url, timeout=2)


def assert_the_ledger_is_the_log(service: Service, load: Load) -> None:
    dsn = running_dsn(service.folder / "var" / "postgres")
    assert dsn is not None
    with connect(dsn, name="test") as connection:
        assert in_the_log(connection) == Counter(map(as_logged, load.ledger))
        assert keys_of(connection) == {line.key: line.position for line in load.ledger}
        assert_rebuilt_is_live(connection, dsn)
    assert load.troubles == []
    assert load.unheard > 0, "nobody noticed that anything was killed"


def as_logged(line: Acknowledged) -> tuple[str, str, int]:
    return line.number, EVENT_OF[line.command], line.position


# What clients did; what the tracker did by itself is nobody's command.
LOGGED = """
    SELECT raised.state ->> 'number', log.topic, log.position
      FROM log
      JOIN log raised ON raised.originator_id = log.originator_id AND raised.originator_version = 1
     WHERE log.topic LIKE 'whistle.%' AND log.state ->> 'role' <> 'system'
"""


def in_the_log(connection: psycopg.Connection[Any]) -> Counter[tuple[str, str, int]]:
    return Counter(connection.execute(LOGGED).fetchall())


def keys_of(connection: psycopg.Connection[Any]) -> dict[str, int]:
    return dict(connection.execute("SELECT key, position FROM idempotency").fetchall())


def assert_rebuilt_is_live(connection: psycopg.Connection[Any], dsn: str) -> None:
    until(lambda: all(standing.lag == 0 for standing in positions(connection)))
    live = tables(connection)
    for projection in ALL:
        with connect(dsn, name="rebuild") as own:
            rebuild(own, projection, PlainMapper())

    assert all(rows for rows in live.values())
    assert tables(connection) == live


def tables(connection: psycopg.Connection[Any]) -> dict[str, list[Any]]:
    return {
        name: connection.execute(f"SELECT * FROM {name} ORDER BY 1, 2").fetchall()
        for name in ("board", "clocks", "timeline")
    }
