"""Summonses and handovers as they were once stored are read today as they were meant.

`tests/data/post_record_events.jsonl` is frozen: a line is added for each new event class or class
version, and none is ever changed.
"""

import json
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Any
from uuid import UUID

from eventsourcing.persistence import StoredEvent

from tracker.contexts.handover.record import Handover
from tracker.contexts.summons.record import Attendance, Call, Summons
from tracker.domain.post_record import PostRecordEvent, PostRecordOpened
from tracker.eventstore.mapper import PlainMapper

CORPUS = Path(__file__).parents[1] / "data" / "post_record_events.jsonl"
LINES: list[dict[str, Any]] = [
    json.loads(line) for line in CORPUS.read_text(encoding="utf-8").splitlines()
]
MAPPER = PlainMapper()


def event_of(line: dict[str, Any]) -> Any:
    return MAPPER.to_domain_event(
        StoredEvent(
            UUID(line["originator_id"]),
            line["originator_version"],
            line["topic"],
            json.dumps(line["state"]).encode(),
        )
    )


def event_classes(base: type[PostRecordEvent] = PostRecordEvent) -> Iterator[type[PostRecordEvent]]:
    for kind in base.__subclasses__():
        if "TOPIC" in kind.__dict__:
            yield kind
        yield from event_classes(kind)


def folded() -> list[Any]:
    records = []
    for _, lines in groupby(LINES, key=lambda line: line["originator_id"]):
        record = None
        for line in lines:
            record = event_of(line).mutate(record)
        records.append(record)
    return records


def test_every_event_of_a_duty_ever_shipped_is_in_the_corpus():
    topics = {kind.TOPIC for kind in event_classes() if kind is not PostRecordOpened}

    assert topics == {line["topic"] for line in LINES}


def test_every_stored_event_is_read_and_written_again_without_loss():
    for line in LINES:
        event = event_of(line)

        again = MAPPER.to_stored_event(event)

        assert json.loads(again.state) == line["state"]
        assert MAPPER.to_domain_event(again) == event


def test_folded_they_are_the_records_that_they_were():
    ended, cancelled, handover = folded()

    assert isinstance(ended, Summons) and isinstance(handover, Handover)
    assert (ended.number, ended.state) == ("S-260302-0001", Call.ENDED)
    late, missing = ended.attendance.values()
    assert (late.unit, late.late, late.level) == ("U01", True, 3)
    assert (missing.unit, missing.arrived_at, missing.level) == ("U02", None, 4)
    assert cancelled.state is Call.CANCELLED
    assert list(cancelled.attendance.values()) == [Attendance("U03")]
    assert (handover.post, handover.signed_by, handover.received_by) == (
        "CP01",
        "dispatcher-cp01",
        "commander-cp01",
    )
