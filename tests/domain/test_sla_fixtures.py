"""The city's fourteen worked examples, each with every class that it names."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.domain.city_time import POLICY, SHANGHAI, city
from tracker.domain.promises.clocks import ClockKind

FIXTURES = Path(__file__).parent.parent / "data" / "sla_fixtures.json"
CASES = json.loads(FIXTURES.read_text())["cases"]


def promise(case: dict[str, Any], sla_class: str, kind: str) -> str:
    """The deadline in the form of the fixtures."""
    clock = POLICY.clock(
        ClockKind(kind),
        sla_class,
        city(case["raised_at"]),
        pauses=[(city(start), city(end)) for start, end in case["pauses"]],
    )
    if clock.provisional:
        return f"ERROR calendar missing for {', '.join(map(str, clock.missing_years))}"
    return f"{clock.due.astimezone(SHANGHAI):%Y-%m-%dT%H:%M}"


def test_there_are_fourteen_examples():
    assert len(CASES) == 14


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_every_class_falls_due_as_the_city_worked_it_out(case):
    found = {
        sla_class: {kind: promise(case, sla_class, kind) for kind in expected}
        for sla_class, expected in case["deadlines"].items()
    }

    assert found == case["deadlines"]
