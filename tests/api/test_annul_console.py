"""`tracker annul`: what a wrong clock has recorded is found by the database's own moments."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from click.testing import CliRunner, Result

from api.reading.reading import newest_position
from tests.api.transitions.stage import Story
from tests.api.web import Web
from tests.made_of import SECRET
from tests.waiting import until_folded
from tracker.operating.annul import Dated, annul
from tracker.schedule.sweep import sweep

MONTH = timedelta(days=30)


class Log:
    """A city in which one whistle was late in truth, and a host a month ahead swept then."""

    def __init__(self, web: Web, database: str, var: Path) -> None:
        self.web = web
        self.env = {
            "DATABASE_URL": database,
            "TRACKER_SECRET_KEY": SECRET,
            "TRACKER_VAR": str(var),
        }
        now = datetime.now(UTC)
        self.late = Story(web, now - 2 * MONTH).dispatched().time_passes()
        self.sent = [Story(web, now - timedelta(minutes=9)).dispatched() for _ in range(3)]
        self.first = self.newest() + 1
        with psycopg.connect(database, autocommit=True) as connection:
            until_folded(connection, self.newest(), "clocks")
            # Readers may not see the end of the log yet, while somebody else still writes.
            self.last = sweep(web.tracker, connection, now + MONTH).position

    def newest(self) -> int:
        """The last position that is committed; readers may not see it yet."""
        with self.web.tracker.connection() as connection:
            return newest_position(connection)

    def asks(self, *options: str, first: int = 0, last: int = 0) -> Result:
        bounds = ["--from", str(first or self.first), "--to", str(last or self.last)]
        return CliRunner().invoke(annul, [*bounds, *options], env=self.env)

    def found(self, *options: str, **bounds: int) -> dict[str, Any]:
        asked = self.asks("--json", *options, **bounds)
        assert asked.exit_code == 0, asked.output
        return {one["number"]: one for one in json.loads(asked.stdout)["found"]}


@pytest.fixture(scope="module")
def log(web: Web, module_city: str, tmp_path_factory: pytest.TempPathFactory) -> Log:
    return Log(web, module_city, tmp_path_factory.mktemp("console"))


def test_a_dry_run_finds_what_had_not_come_and_records_nothing(log: Log) -> None:
    before = log.newest()

    found = log.found("--dry-run")

    assert set(found) == {story.number for story in log.sent}
    assert all(len(one["events"]) > 10 and one["refused"] is None for one in found.values())
    assert log.newest() == before


def test_what_was_late_in_truth_is_not_found(log: Log) -> None:
    assert log.late.whistle.card == "red"
    assert log.found("--dry-run", first=1, last=log.first - 1) == {}
    assert log.late.number not in log.found("--dry-run", first=1)


def test_it_is_asked_for_in_the_name_of_the_city_centre_alone(log: Log) -> None:
    told = ("--reason", "乙机时钟快了一个月")

    nobody = log.asks(*told)
    other = log.asks("--by", "auditor", *told)

    assert nobody.exit_code == 2 and "--by" in nobody.output
    assert other.exit_code == 1 and "3 whistles refused" in other.output
    assert all(not story.whistle.proposals for story in log.sent)


def test_the_auditor_confirms_each_and_then_nothing_is_found(log: Log) -> None:
    asked = log.found("--by", "city", "--reason", "乙机时钟快了一个月")
    auditor = log.web.someone("auditor")

    for number, one in asked.items():
        body = {"events": one["events"], "reason": "核对过"}
        answer = auditor.give(number, "annul", body)
        assert answer.status_code == 200, answer.text

    assert {story.whistle.card for story in log.sent} == {"none"}
    assert log.found("--dry-run") == {}
    assert "0 events of 0 whistles" in log.asks("--dry-run").output


def test_a_later_request_dates_what_was_stored_before_it(module_database: str) -> None:
    now = datetime(2026, 9, 1, tzinfo=UTC)
    with psycopg.connect(module_database, autocommit=True) as connection:
        for position, hours in ((100, 1), (300, 3), (200, 4)):
            connection.execute(
                "INSERT INTO idempotency (actor, key, request_digest, status, position, created_at)"
                " VALUES ('a', %s, '', 200, %s, %s)",
                [str(position), position, now + timedelta(hours=hours)],
            )
        dated = Dated(connection, 100, now + MONTH)

    after = [dated.after(position) - now for position in (100, 101, 300, 301)]
    assert after == [timedelta(hours=1), timedelta(hours=3), timedelta(hours=3), MONTH]
