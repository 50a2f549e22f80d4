"""The zone of the pack is the city's everywhere: deadlines, API, pages, exports and figures."""

import csv
import json
import subprocess
import sys
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from tests.made_of import SECRET
from tracker.city_zone import AnotherZone, note_zone
from tracker.domain.promises.working_time import WorkCalendar
from tracker.settings import PACKAGED_CITY

MARCH = ("--from", "2026-03-01", "--to", "2026-04-01", "--by", "day", "--json")


@pytest.fixture(scope="module")
def pack(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Mengzi as if it lay in Paris."""
    told = json.loads(PACKAGED_CITY.read_text(encoding="utf-8"))
    told["working_hours"]["timezone"] = "Europe/Paris"
    file = tmp_path_factory.mktemp("paris") / "paris.json"
    file.write_text(json.dumps(told), encoding="utf-8")
    return file


@pytest.fixture(scope="module")
def paris(module_database: str, pack: Path) -> dict[str, Any]:
    """What a server of that city says of a whistle of 31 March, 19:00 there."""
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "tests.city.city_in_paris",
            module_database,
            str(pack),
            str(pack.parent),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout.splitlines()[-1]))


def test_the_number_and_the_times_of_the_api_are_those_of_paris(paris: dict[str, Any]) -> None:
    respond = next(clock for clock in paris["api"]["clocks"] if clock["kind"] == "respond")

    assert paris["number"].startswith("W-260331-")
    assert paris["api"]["raised_at"] == "2026-03-31T19:00:00+02:00"
    assert respond["due"] == "2026-04-01T14:30:00+02:00"
    assert paris["deadline"] == "2026-04-01T12:30:00+00:00"


def test_the_page_shows_the_same_times(paris: dict[str, Any]) -> None:
    assert "03-31 19:00" in paris["page"]
    assert "04-01 14:30" in paris["page"]
    assert "04-01 01:00" not in paris["page"]


def test_figures_exports_and_acts_count_it_on_the_day_of_paris(paris: dict[str, Any]) -> None:
    rows = csv.reader(StringIO(paris["csv"].lstrip("\ufeff")))
    days = {item["key"]: item["metrics"]["raised_gross"] for item in paris["march"]["items"]}

    assert "2026-03-31" in paris["days"]
    assert paris["march"]["metrics"]["raised_gross"] == 1
    assert days["2026-03-31"] == 1
    assert any("2026-03-31" in row for row in rows)
    assert paris["acts"] == {"found": 1}
    assert paris["march"]["as_of"].endswith(("+01:00", "+02:00"))  # winter or summer


def test_a_command_line_in_a_process_of_its_own_says_the_same(
    module_database: str, paris: dict[str, Any]
) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tracker", "rates", *MARCH],
        env={"DATABASE_URL": module_database, "TRACKER_SECRET_KEY": SECRET, "PATH": "/usr/bin"},
        capture_output=True,
        text=True,
        check=True,
    )

    answer = json.loads(done.stdout)
    assert answer["metrics"] == paris["march"]["metrics"]
    assert [(one["key"], one["metrics"]) for one in answer["items"]] == [
        (one["key"], one["metrics"]) for one in paris["march"]["items"]
    ]


def test_a_process_serves_a_city_of_one_zone(pack: Path) -> None:
    paris = WorkCalendar.from_pack(json.loads(pack.read_text()), version=1).timezone

    with pytest.raises(AnotherZone):
        note_zone(paris)
