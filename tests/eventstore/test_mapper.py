"""Events to plain JSON and back."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from enum import StrEnum
from types import MappingProxyType
from typing import Any, ClassVar
from uuid import UUID, uuid4

import pytest
from eventsourcing.persistence import Notification, StoredEvent

from tracker.domain.promises.clocks import Clock, ClockKind, Mark
from tracker.domain.whistle.events import Event, Place, Said, State
from tracker.eventstore.mapper import NaiveTime, PlainMapper, UnknownTopic, UnreadableEvent

NINE = datetime(2026, 3, 6, 9, tzinfo=timezone(timedelta(hours=8)))
WHISTLE, WORDS = UUID(int=1), UUID(int=2)
mapper = PlainMapper()


class Colour(StrEnum):
    RED = "red"


@dataclass(frozen=True)
class Lamp:
    colour: Colour
    weight_g: float | None


class Sample(Event):
    """Fields of every kind that events have."""

    TOPIC: ClassVar[str] = "test.sample"
    place: Place
    lamps: tuple[Lamp, ...]
    marks: Mapping[Mark, datetime]
    day: date | None
    other: UUID | None
    count: int = 7


def sample(**changes: Any) -> Sample:
    fields: dict[str, Any] = {
        "originator_id": WHISTLE,
        "originator_version": 3,
        "timestamp": NINE,
        "by": "gw-1",
        "role": "grid_worker",
        "acting_post": None,
        "state": State.RAISED,
        "clocks": (a_clock(),),
        "words": (Said(WORDS, "text", "ab12"),),
        "place": Place(grid="g1", lat=23.5, lon=103.25),
        "lamps": (Lamp(Colour.RED, 1.5), Lamp(Colour.RED, None)),
        "marks": {Mark.RED: NINE},
        "day": date(2026, 3, 9),
        "other": WORDS,
        "count": 8,
    }
    return Sample(**{**fields, **changes})


def a_clock() -> Clock:
    return Clock(
        kind=ClockKind.RESPOND,
        unit="u01",
        started_at=NINE,
        due=NINE + timedelta(hours=1),
        marks={Mark.YELLOW: NINE + timedelta(minutes=45), Mark.RED: NINE + timedelta(hours=1)},
        reached=(Mark.YELLOW,),
        stopped_at=None,
        held_at=None,
        provisional=False,
        missing_years=(2027,),
        policy_version=1,
        cycle=1,
    )


def test_an_event_comes_back_as_it_went() -> None:
    event = sample()

    back = mapper.to_domain_event(mapper.to_stored_event(event))

    assert back == event
    assert type(back) is Sample
    assert type(back.lamps[0].colour) is Colour
    assert back.clocks[0].key == "respond:u01"


def test_what_is_stored_is_plain_json_under_a_stable_name() -> None:
    stored = mapper.to_stored_event(sample(clocks=(), lamps=()))

    assert (stored.originator_id, stored.originator_version) == (WHISTLE, 3)
    assert stored.topic == "test.sample"
    assert json.loads(stored.state) == {
        "timestamp": "2026-03-06T09:00:00+08:00",
        "by": "gw-1",
        "role": "grid_worker",
        "acting_post": None,
        "state": "RAISED",
        "clocks": [],
        "words": [{"id": str(WORDS), "kind": "text", "digest": "ab12"}],
        "place": {
            "grid": "g1",
            "community": None,
            "street": None,
            "post": None,
            "lat": 23.5,
            "lon": 103.25,
            "accuracy_m": None,
            "plan": None,
            "rule": None,
        },
        "lamps": [],
        "marks": {"red": "2026-03-06T09:00:00+08:00"},
        "day": "2026-03-09",
        "other": str(WORDS),
        "count": 8,
    }


def test_any_mapping_is_stored_as_an_object() -> None:
    stored = mapper.to_stored_event(sample(marks=MappingProxyType({Mark.RED: NINE})))

    assert mapper.to_domain_event(stored).marks == {Mark.RED: NINE}


def test_a_time_without_offset_is_refused() -> None:
    with pytest.raises(NaiveTime):
        mapper.to_stored_event(sample(timestamp=datetime(2026, 3, 6, 9)))


def test_a_field_added_later_with_a_default_needs_no_new_version() -> None:
    old = without(mapper.to_stored_event(sample()), "count")

    assert mapper.to_domain_event(old).count == 7


def test_a_field_that_has_gone_is_passed_over() -> None:
    old = changed(mapper.to_stored_event(sample()), weather="rain")

    assert mapper.to_domain_event(old) == sample()


class Renamed(Event):
    """Version 1 had `urgent: bool`, version 2 `urgency: str`; version 3 added a due time."""

    TOPIC: ClassVar[str] = "test.renamed"
    class_version: ClassVar[int] = 3
    urgency: str
    due: datetime

    @staticmethod
    def upcast_v1_v2(state: dict[str, Any]) -> None:
        state["urgency"] = "high" if state.pop("urgent") else "low"

    @staticmethod
    def upcast_v2_v3(state: dict[str, Any]) -> None:
        state["due"] = state["timestamp"]


BASE = {
    "timestamp": "2026-03-06T01:00:00Z",
    "by": "gw-1",
    "role": "grid_worker",
    "acting_post": None,
    "state": "RAISED",
    "clocks": [],
    "words": [],
}


@pytest.mark.parametrize(
    "written", [{"urgent": True}, {"urgency": "high", "class_version": 2}], ids=["v1", "v2"]
)
def test_old_versions_are_read_as_the_newest(written: dict[str, Any]) -> None:
    old = StoredEvent(WHISTLE, 1, "test.renamed", json.dumps({**BASE, **written}).encode())

    event = mapper.to_domain_event(old)

    assert (event.urgency, event.due) == ("high", datetime(2026, 3, 6, 1, tzinfo=UTC))
    assert not hasattr(event, "urgent")


def test_the_newest_version_is_written_with_its_number() -> None:
    base = {**BASE, "timestamp": NINE, "state": State.RAISED, "clocks": (), "words": ()}
    event = Renamed(originator_id=WHISTLE, originator_version=1, urgency="low", due=NINE, **base)

    stored = mapper.to_stored_event(event)

    assert json.loads(stored.state)["class_version"] == 3
    assert mapper.to_domain_event(stored) == event


def test_an_unknown_topic_is_named_with_its_position() -> None:
    strange = Notification(WHISTLE, 4, "whistle.never_heard_of", b"{}", 77)

    with pytest.raises(UnknownTopic) as refusal:
        mapper.to_domain_event(strange)

    assert (refusal.value.topic, refusal.value.position) == ("whistle.never_heard_of", 77)
    assert str(refusal.value) == (
        f"no event class has the topic 'whistle.never_heard_of' (position 77, {WHISTLE} version 4)"
    )


@pytest.mark.parametrize("topic", ["json", "json:dumps", "tests.eventstore.test_mapper:Sample"])
def test_a_topic_names_no_module_or_function(topic: str) -> None:
    with pytest.raises(UnknownTopic):
        mapper.to_domain_event(StoredEvent(uuid4(), 1, topic, b"{}"))


@pytest.mark.parametrize(
    ("spoiled", "reason"),
    [(b"{", "truncated"), (b"[]", "object"), (b"{}", "timestamp"), (b"\xff", "malformed")],
)
def test_a_spoiled_event_is_named_with_its_position(spoiled: bytes, reason: str) -> None:
    with pytest.raises(UnreadableEvent, match=f"test.sample.*position 78.*{reason}"):
        mapper.to_domain_event(Notification(WHISTLE, 4, "test.sample", spoiled, 78))


def test_the_log_takes_no_cipher() -> None:
    with pytest.raises(ValueError, match="plain JSON"):
        PlainMapper(cipher=object())  # type: ignore[arg-type]


def without(stored: StoredEvent, field: str) -> StoredEvent:
    state = json.loads(stored.state)
    del state[field]
    return _with_state(stored, state)


def changed(stored: StoredEvent, **fields: Any) -> StoredEvent:
    return _with_state(stored, {**json.loads(stored.state), **fields})


def _with_state(stored: StoredEvent, state: dict[str, Any]) -> StoredEvent:
    raw = json.dumps(state).encode()
    return StoredEvent(stored.originator_id, stored.originator_version, stored.topic, raw)
