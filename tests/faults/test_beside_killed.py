"""A projection catches up in a process of its own: whatever is killed, the board goes on."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
import psycopg
import pytest

from tests.faults.service import Part
from tests.projections.conftest import Log
from tests.projections.test_beside import long_log, standing
from tests.waiting import PATIENCE, until, until_folded
from tracker.operating.projecting import ALL

FACTS = "rates_facts"
# As an upgrade leaves it: the tables of an older version, or of nobody yet.
CHANGED = "UPDATE projection_positions SET version = 0 WHERE name = 'rates'"
NEW = """
    DELETE FROM projection_positions WHERE name = 'rates';
    TRUNCATE rates_facts, rates_whistles
"""


@pytest.fixture
def log(database: str) -> Iterator[Log]:
    log = Log(database)
    yield log
    log.close()


@contextmanager
def nobody_may_write_or_drop(log: Log, table: str) -> Iterator[None]:
    """While it lasts, no fold into the living table and no swap can come to its end."""
    with psycopg.connect(log.dsn) as holding:
        holding.execute(f"LOCK TABLE {table} IN SHARE MODE")
        yield
        holding.rollback()


def rebuild_of(projector: Part) -> psutil.Process | None:
    with suppress(psutil.Error):
        for child in psutil.Process(projector.process.pid).children():
            if "rebuild" in child.cmdline():
                return child
    return None


def all_current(log: Log) -> bool:
    return standing(log) == {one.name: (one.version, 0) for one in ALL}


@pytest.mark.parametrize("as_after_an_upgrade", [CHANGED, NEW], ids=["changed", "new"])
def test_the_board_keeps_up_while_another_catches_up_is_killed_and_begins_again(
    log: Log, tmp_path: Path, as_after_an_upgrade: str
) -> None:
    long_log(log)
    before = Part("project", log.dsn, tmp_path)
    until(lambda: all_current(log), before.said)
    before.stop()
    log.connection.execute(as_after_an_upgrade)

    with nobody_may_write_or_drop(log, FACTS):
        projector = Part("project", log.dsn, tmp_path)
        board_keeps_up_beside_a_rebuild(log, projector, 10_000)
        first = rebuild_of(projector)
        assert first is not None
        first.kill()
        until(lambda: rebuild_of(projector) not in (None, first), projector.said)
        board_keeps_up_beside_a_rebuild(log, projector, 20_000)

        orphan = rebuild_of(projector)
        projector.kill()
        assert orphan is not None
        psutil.wait_procs([orphan], timeout=PATIENCE)
        projector = Part("project", log.dsn, tmp_path)
        board_keeps_up_beside_a_rebuild(log, projector, 30_000)
    until(lambda: all_current(log), projector.said)
    long_log(log, first=40_000, steps=20)
    until(lambda: all_current(log), projector.said)
    projector.stop()

    swapped_in = facts(log)
    subprocess.run(
        [sys.executable, "-m", "tracker", "rebuild", "rates"],
        env={"DATABASE_URL": log.dsn, "PATH": ""},
        check=True,
    )
    assert swapped_in == facts(log)
    assert len(swapped_in) > 1000


def board_keeps_up_beside_a_rebuild(log: Log, projector: Part, first: int) -> None:
    until(lambda: rebuild_of(projector), projector.said)
    long_log(log, first=first, steps=20)
    newest = log.value("SELECT max(position) FROM stored_events")
    until_folded(log.connection, newest, "board", "clocks")
    assert standing(log)["rates"][0] == 0


def facts(log: Log) -> list[tuple[str, ...]]:
    return sorted(
        tuple(map(str, row))
        for row in log.connection.execute(
            "SELECT whistle, cohort, item, position, counted_at, ended_position FROM rates_facts"
        )
    )
