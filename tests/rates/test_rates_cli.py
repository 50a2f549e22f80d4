"""`tracker rates`: waits for the projection, folds it if nobody does, prints what HTTP gives."""

import json
import os
import subprocess
import sys

import pytest

from tests.made_of import SECRET
from tests.rates.asked import imported
from tests.rates.test_golden import FIXTURE
from tracker.commands.tracker import Tracker
from tracker.settings import Settings

SEPTEMBER = ("--from", "2026-09-01", "--to", "2026-10-01", "--as-of", "2026-10-13T00:00:00")


@pytest.fixture(scope="module")
def tracker(module_city, tmp_path_factory):
    """The command, on a city with the golden facts in its log and no projector."""
    with Tracker(Settings(database_url=module_city, secret_key=SECRET), name="test") as deciding:
        imported(deciding, FIXTURE["facts"], tmp_path_factory.mktemp("facts"))

    def run(*words):
        return subprocess.run(
            [sys.executable, "-m", "tracker", "rates", *words],
            env={"DATABASE_URL": module_city, "TRACKER_SECRET_KEY": SECRET, "PATH": "/usr/bin"},
            capture_output=True,
            text=True,
            check=False,
        )

    return run


def test_the_golden_month_comes_out_of_the_command(tracker):
    done = tracker(*SEPTEMBER, "--json")

    answer = json.loads(done.stdout)
    expected = FIXTURE["expected"]["2026-09"]["city"]
    assert done.returncode == 0
    assert answer["metrics"]["on_time_response_rate"] == expected["on_time_response_rate"]
    assert answer["metrics"]["composite_score"] == 78.13
    assert answer["composite"]["exact"] == "36565/468"
    assert answer["as_of"] == "2026-10-13T00:00:00+08:00"
    assert answer["position"] > 0


def test_rows_by_post_name_every_post(tracker):
    answer = json.loads(tracker(*SEPTEMBER, "--by", "post", "--json").stdout)

    rows = {row["key"]: row["metrics"] for row in answer["items"]}
    assert len(rows) == 28
    assert rows["CP01"]["composite_score"] == 82.17
    assert rows["CP02"]["composite_score"] == 75.48
    assert rows["CP03"]["response_rate"] is None


def test_a_table_names_every_metric(tracker):
    done = tracker("--scope", "unit:U01", *SEPTEMBER)

    assert done.returncode == 0
    assert "on_time_response_rate" in done.stdout
    assert "5/7 71.43%" in done.stdout


@pytest.mark.parametrize(
    ("option", "words"),
    [
        ("--scope", ("--scope", "post:CP99", *SEPTEMBER)),
        ("--to", ("--from", "2026-09-01", "--to", "2026-08-01")),
        ("--as-of", ("--from", "2026-09-01", "--to", "2026-10-01", "--as-of", "2999-01-01")),
    ],
)
def test_nonsense_names_the_option_and_exits_with_2(tracker, option, words):
    done = tracker(*words)

    assert done.returncode == 2
    assert option in done.stderr
    assert done.stdout == ""


@pytest.mark.parametrize(
    "command",
    [("rates", *SEPTEMBER), ("rankings", "--month", "2026-09"), ("positions",), ("verify",)],
)
def test_in_a_folder_without_a_city_it_says_so_and_makes_none(command, tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "tracker", *command],
        cwd=tmp_path,
        env={"TRACKER_SECRET_KEY": SECRET, "PATH": "/usr/bin", "PYTHONPATH": os.getcwd()},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 2
    assert f"there is no data folder {tmp_path / 'var'}" in done.stderr
    assert list(tmp_path.iterdir()) == []
