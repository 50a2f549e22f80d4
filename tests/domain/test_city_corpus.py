"""City events as they were once stored are read today as they were meant.

`tests/data/city_events.jsonl` is frozen: a line is added for each new event class or class version,
and none is ever changed.
"""

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

from eventsourcing.persistence import StoredEvent

import tracker.domain.city.registers  # noqa: F401 - registers the topics
from tracker.directory import Directory
from tracker.domain.city.catalogue import Claimable
from tracker.domain.city.entries import Event
from tracker.eventstore.mapper import PlainMapper

CORPUS = Path(__file__).parent.parent / "data" / "city_events.jsonl"
LINES: list[dict[str, Any]] = [
    json.loads(line) for line in CORPUS.read_text(encoding="utf-8").splitlines()
]
MAPPER = PlainMapper()


def stored(line: dict[str, Any]) -> StoredEvent:
    return StoredEvent(
        originator_id=UUID(line["originator_id"]),
        originator_version=line["originator_version"],
        topic=line["topic"],
        state=json.dumps(line["state"]).encode(),
    )


def event_classes(base: type[Event] = Event) -> Iterator[type[Event]]:
    for kind in base.__subclasses__():
        if "TOPIC" in kind.__dict__:
            yield kind
        yield from event_classes(kind)


def test_every_event_of_the_city_ever_shipped_is_in_the_corpus() -> None:
    topics = {kind.TOPIC for kind in event_classes()}

    assert topics == {line["topic"] for line in LINES}


def test_every_stored_event_is_read_and_written_again_without_loss() -> None:
    for line in LINES:
        event = MAPPER.to_domain_event(stored(line))

        again = MAPPER.to_stored_event(event)

        assert again.topic == line["topic"]
        assert MAPPER.to_domain_event(again) == event


def test_folded_together_they_are_the_city_that_they_were() -> None:
    events = [(n, MAPPER.to_domain_event(stored(line))) for n, line in enumerate(LINES, start=1)]

    city = Directory().fold(events)

    assert city.emergency_default == ("U12", ("U04",))
    assert city.grid("53250300100101").workers == 3
    assert city.plan(date(2022, 6, 1)) is not None
    assert city.plan(date(2023, 1, 1)) is None
    assert city.unit("U01").accepts_emergency_24x7 is False
    assert city.post("CP01").grids(date(2026, 3, 1)) == ("53250300100101", "53250300100102")
    assert city.post("CP01").grids(date(2026, 3, 2)) == ("53250300100102",)
    assert city.post("CP01").ended_on is None
    assert city.acting_commander("CP01", date(2026, 3, 2)).holder == "SK001"  # type: ignore[union-attr]
    assert city.acting_commander("CP01", date(2026, 3, 7)).holder == "secretary-532503001001"  # type: ignore[union-attr]
    assert city.acting_commander("CP01", date(2026, 3, 9)).holder == "secretary-532503001001"  # type: ignore[union-attr]
    assert (city.majors[0].name, city.category("C0105").sla) == ("施工", "Q3")
    assert city.category("C0105").claimable_by == Claimable(anyone=True)
    assert city.service_items[0].limit_working_days == 3
    assert (city.policy.version, list(city.policy.classes)) == (2, ["X5"])
    assert city.policy.calendar.is_working(date(2026, 10, 10))
    assert not city.policy.calendar.is_working(date(2026, 1, 1))
    assert city.account("dispatcher-cp01").actor().unit == "U01"
    assert city.account("dispatcher-cp01").active
    assert city.registers["answer"]["U01-1"].text == "{地点}已冲洗干净。"
    assert city.registers["answer"]["U01-1"].ended_on is None
