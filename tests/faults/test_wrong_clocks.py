"""A machine whose clock is wrong: it records nothing, leads nothing, and says why.

The processes are real and run under libfaketime, which shifts the clock of one process; the
database server keeps the true time.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest

from tests.faults.service import Part, parts
from tests.faults.test_schedulers import (
    a_day_before_the_outage,
    as_if_it_had_run,
    caught_up,
    leads,
    recorded,
)
from tests.faults.wire import IN_CP02, LITTER, Caller
from tests.waiting import until
from tracker.commands.tracker import Tracker
from tracker.eventstore.connections import connect
from tracker.schedule.heartbeat import heartbeat
from tracker.settings import Settings

DAY = 86_400
ITS_LIBRARY = "libfaketime.so.1"
WHISTLE = {"text": "垃圾没人扫", "location": IN_CP02, "category": LITTER}
EVENTS = "SELECT count(*), max(position) FROM stored_events"


@pytest.fixture
def tracker(city_settings: Settings) -> Iterator[Tracker]:
    with Tracker(city_settings) as tracker:
        yield tracker


@pytest.fixture
def connection(city_database: str) -> Iterator[psycopg.Connection[Any]]:
    with connect(city_database, name="test") as connection:
        yield connection


def library() -> str:
    found = next(Path("/usr/lib").glob(f"*/faketime/{ITS_LIBRARY}"), None)
    assert found is not None, "libfaketime is missing: apt-get install libfaketime"
    return str(found)


def clock_shifted_by(seconds: int) -> dict[str, str]:
    return {**faked(), "FAKETIME": f"{seconds:+d}"}


def clock_as_in(file: Path) -> dict[str, str]:
    """The clock is shifted by what the file says, and again when the file says something else."""
    return {**faked(), "FAKETIME_TIMESTAMP_FILE": str(file), "FAKETIME_NO_CACHE": "1"}


def faked() -> dict[str, str]:
    # Nobody can set the monotonic clock of a real machine either.
    return {"LD_PRELOAD": library(), "FAKETIME_DONT_FAKE_MONOTONIC": "1"}


def readiness(web: Part) -> httpx.Response:
    return httpx.get(f"{web.url}/readyz", timeout=10)


def events(connection: psycopg.Connection[Any]) -> tuple[int, int] | None:
    return connection.execute(EVENTS).fetchone()


@pytest.mark.parametrize(
    ("shift", "direction"), [(DAY, "ahead of"), (40 * DAY, "ahead of"), (-DAY, "behind")]
)
def test_a_wrong_clock_writes_nothing_and_a_right_one_takes_over(
    tracker: Tracker,
    city_database: str,
    connection: psycopg.Connection[Any],
    tmp_path: Path,
    shift: int,
    direction: str,
) -> None:
    numbers = a_day_before_the_outage(tracker, 10)
    written = events(connection)
    wrong = clock_shifted_by(shift)

    with (
        parts(["project"], city_database, tmp_path),
        parts(["web", "schedule"], city_database, tmp_path, wrong) as (web, schedule),
        Caller(web.url) as resident,
    ):
        until(lambda: heartbeat(connection).refused, schedule.said)
        until(lambda: caught_up(connection))

        ready = readiness(web)
        refused = [
            resident.client.post(
                "/api/v1/whistles", json=WHISTLE, headers={"Accept-Language": language}
            )
            for language in ("zh", "en")
        ]
        signed_in = resident.post("/sessions", {"username": "city", "password": "wrong"})
        page = resident.client.get("/")

        assert_says_why(ready.json(), shift, direction)
        assert ready.status_code == 503
        assert_refused(refused, shift)
        assert signed_in.status_code == 503
        assert page.status_code == 200
        for process in (web, schedule):
            assert_logged(process, shift, direction)
        assert heartbeat(connection).leader is None
        assert events(connection) == written

        before = datetime.now(UTC)
        due = as_if_it_had_run(tracker, numbers, before)
        with parts(["web", "schedule"], city_database, tmp_path) as (right_web, right_schedule):
            until(lambda: leads(connection, right_schedule), right_schedule.said)
            until(lambda: len(recorded(tracker, numbers)) >= len(due), right_schedule.said)
            with Caller(right_web.url) as caller:
                caller.raises()
            until(lambda: readiness(right_web).json()["status"] == "ready", right_web.said)
            assert readiness(web).status_code == 503
            assert schedule.process.pid not in whose(heartbeat(connection).leader)

    log = [fact for fact in recorded(tracker, numbers) if fact.at < before]
    assert Counter(log) == Counter(due)
    assert max(fact.at for fact in recorded(tracker, numbers)) <= datetime.now(UTC)


def whose(leader: str | None) -> list[int]:
    return [int(word) for word in (leader or "").split()[-1:]]


def assert_says_why(said: Mapping[str, Any], shift: int, direction: str) -> None:
    assert (said["status"], said["database"]) == ("unavailable", "ok")
    assert abs(said["clock"]["offset"] - shift) < 60
    assert direction in said["clock"]["error"]


def assert_logged(process: Part, shift: int, direction: str) -> None:
    found = re.search(rf"clock is ([0-9.]+) s {direction} the database's", process.said())
    assert found is not None, process.said()
    assert abs(float(found[1]) - abs(shift)) < 60


def assert_refused(answers: list[httpx.Response], shift: int) -> None:
    chinese, english = (answer.json() for answer in answers)
    assert {answer.status_code for answer in answers} == {503}
    assert all(int(answer.headers["Retry-After"]) > 0 for answer in answers)
    assert (chinese["code"], english["code"]) == ("clock.wrong", "clock.wrong")
    assert "时钟" in chinese["detail"] and "校准" in chinese["remedy"]
    assert "clock" in english["detail"] and "try again later" in english["remedy"]
    assert abs(english["facts"]["offset"] - shift) < 60


def test_a_leader_whose_clock_is_set_forward_gives_up_and_another_takes_over(
    tracker: Tracker,
    city_database: str,
    connection: psycopg.Connection[Any],
    tmp_path: Path,
) -> None:
    numbers = a_day_before_the_outage(tracker, 5)
    clock = tmp_path / "clock"
    clock.write_text("+0")
    names = ["schedule"]

    with (
        parts(["project"], city_database, tmp_path),
        parts(names, city_database, tmp_path, clock_as_in(clock)) as (first,),
    ):
        until(lambda: leads(connection, first), first.said)
        with parts(names, city_database, tmp_path) as (second,):
            clock.write_text(f"+{DAY}")
            until(lambda: leads(connection, second), first.said)
            until(lambda: "ahead of" in (heartbeat(connection).refused or ""), first.said)

            clock.write_text("+0")
            until(lambda: "agrees with the database's again" in first.said(), first.said)

    recorded_at = [fact.at for fact in recorded(tracker, numbers)]
    assert max(recorded_at) <= datetime.now(UTC)


def test_a_clock_a_little_ahead_leads_and_sweeps_no_further_than_the_databases_now(
    tracker: Tracker,
    city_database: str,
    connection: psycopg.Connection[Any],
    tmp_path: Path,
) -> None:
    numbers = a_day_before_the_outage(tracker, 5)
    beyond = "SELECT swept_to > clock_timestamp() FROM scheduler"

    with parts(["web", "schedule", "project"], city_database, tmp_path, clock_shifted_by(3)) as (
        web,
        schedule,
        _,
    ):
        until(lambda: leads(connection, schedule), schedule.said)
        until(lambda: recorded(tracker, numbers), schedule.said)
        until(lambda: heartbeat(connection).swept_to, schedule.said)
        with Caller(web.url) as caller:
            raised = tracker.whistle(caller.raises())
        now = connection.execute("SELECT clock_timestamp()").fetchone()

        assert connection.execute(beyond).fetchone() == (False,)
        assert now is not None and raised.registered_at <= now[0]
