"""Two months worked out by hand: every figure exact, through the importer."""

import json
from pathlib import Path

import psycopg
import pytest

from tests.made_of import SECRET
from tests.rates.asked import answer, imported, project
from tracker.commands.tracker import Tracker
from tracker.settings import Settings

FIXTURE = json.loads((Path(__file__).parents[1] / "data" / "metrics_fixture.json").read_text())
MONTHS = {
    "2026-09": ("2026-09-01", "2026-10-01"),
    "2026-10": ("2026-10-01", "2026-11-01"),
    "2026-09@later": ("2026-09-01", "2026-10-01"),
}
# The fixture's own names for what our identifiers say.
NAMES = {"assignment_on_time_response": "on_time_response_rate"}
ROWS = [
    (month, f"{kind}:{key}" if key else kind, expected)
    for month, report in FIXTURE["expected"].items()
    for kind, key, expected in (
        [("city", "", report["city"])]
        + [("post", post, figures) for post, figures in report.get("posts", {}).items()]
        + [("unit", unit, figures) for unit, figures in report.get("units", {}).items()]
    )
]


@pytest.fixture(scope="module")
def city(module_city, tmp_path_factory):
    settings = Settings(database_url=module_city, secret_key=SECRET)
    with (
        Tracker(settings, name="test") as tracker,
        psycopg.connect(module_city, autocommit=True) as connection,
    ):
        imported(tracker, FIXTURE["facts"], tmp_path_factory.mktemp("facts"))
        project(connection)
        yield connection, tracker.directory.refresh()


@pytest.mark.parametrize(("month", "scope", "expected"), ROWS, ids=lambda x: str(x)[:20])
def test_every_expected_figure_is_exact(city, month, scope, expected):
    connection, directory = city
    first, until = MONTHS[month]
    as_of = FIXTURE["expected"][month]["as_of"]

    found = answer(connection, directory, scope, first, until, as_of)

    assert shown_as_in_the_fixture(found, expected) == expected


def shown_as_in_the_fixture(found, expected):
    metrics = found["metrics"]
    return {name: _shown(name, found, metrics) for name in expected}


def _shown(name, found, metrics):
    match name:
        case "merged":
            return metrics["merge_rate"]["n"] if metrics["merge_rate"] else 0
        case "composite":
            composite = found["composite"]
            short = {"on_time_response_rate": "response"}
            parts = sorted(short.get(p, p.removesuffix("_rate")) for p in composite["parts"])
            score = f"{metrics['composite_score']:.2f}"
            return {"exact": composite["exact"], "score": score, "parts_used": parts}
        case "respond_minutes":
            return {
                "n": metrics["response_rate"]["n"],
                "mean": f"{metrics['mean_response_time']:.2f}",
                "median_nearest_rank": metrics["median_response_time"],
                "p90_nearest_rank": metrics["p90_response_time"],
            }
        case "handling_hours":
            count = metrics["reopen_rate"]["d"]
            return {"n": count, "mean": f"{metrics['mean_handling_time']:.2f}"}
    return metrics[NAMES.get(name, name)]
