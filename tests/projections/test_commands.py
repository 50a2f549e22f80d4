"""`tracker project` and `tracker rebuild`, as an operator starts them."""

import os
import signal
import subprocess
import sys

from tests.projections.conftest import Log
from tests.projections.test_folding import a_week
from tests.waiting import PATIENCE
from tracker.operating.projecting import ALL
from tracker.projections.engine.positions import caught_up, positions, wait_for


def tracker(log: Log, *words: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", "tracker", *words],
        env={**os.environ, "DATABASE_URL": log.dsn},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def test_the_projector_folds_until_it_is_told_to_stop_and_then_stops_cleanly(log: Log):
    end = log.append(a_week())
    names = [one.name for one in ALL]
    before = caught_up(log.connection, names)
    projector = tracker(log, "project")

    folded = all([wait_for(log.connection, name, end, timeout=PATIENCE) for name in names])
    after = caught_up(log.connection, names)
    projector.send_signal(signal.SIGTERM)
    said, _ = projector.communicate(timeout=PATIENCE)

    assert folded
    assert (before, after) == (False, True)
    assert (projector.returncode, "Traceback" in said) == (0, False)


def test_a_second_projector_takes_over_when_the_first_is_killed(log: Log):
    both = [tracker(log, "project") for _ in range(2)]
    end = log.append(a_week())
    wait_for(log.connection, "board", end, timeout=PATIENCE)

    leader = log.value(
        "SELECT count(*)::int FROM pg_locks WHERE locktype = 'advisory' AND granted "
        "AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
    )
    both[0].kill()
    both[0].communicate()
    took_over = wait_for(log.connection, "board", log.append(a_week(first=50)), timeout=PATIENCE)
    both[1].terminate()
    both[1].communicate(timeout=PATIENCE)

    assert (leader, took_over) == (1, True)


def test_the_projector_finds_the_database_again_after_losing_it(log: Log):
    projector = tracker(log, "project")
    wait_for(log.connection, "board", log.append(a_week()), timeout=PATIENCE)

    log.connection.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        "WHERE application_name IN ('shaodao projector', 'shaodao listener') "
        "AND datname = current_database()"
    )
    again = wait_for(log.connection, "board", log.append(a_week(first=50)), timeout=PATIENCE)
    projector.terminate()
    projector.communicate(timeout=PATIENCE)

    assert again


def test_rebuild_says_what_it_did_and_refuses_a_name_that_is_none(log: Log):
    end = log.append(a_week())

    everything = tracker(log, "rebuild")
    said, _ = everything.communicate(timeout=PATIENCE)
    nothing = tracker(log, "rebuild", "nothing")
    nothing.communicate(timeout=PATIENCE)

    assert [line.split(":")[0] for line in said.splitlines()] == [one.name for one in ALL]
    assert (everything.returncode, nothing.returncode) == (0, 2)
    assert {one.position for one in positions(log.connection)} == {end}
