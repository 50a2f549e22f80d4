"""吹哨报到: who is called, who came with what evidence, and when an absence is a fact."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from tracker.contexts.summons.record import (
    AlreadyArrived,
    ArrivalLimit,
    ArrivalNeedsEvidence,
    Attendance,
    MeetingTime,
    NobodySummoned,
    NotMetYet,
    NotOnSite,
    NotSummoned,
    Summons,
    SummonsOver,
    TooEarly,
    TooLateToCancel,
    UnitMissing,
)
from tracker.domain.actors import Actor, Role
from tracker.domain.whistle.events import Place, Said

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
MEET = NOW + timedelta(hours=1)
LIMIT = MEET + timedelta(minutes=30)
HERE = Place(lat=23.3757, lon=103.3786)
NEAR, FAR = Place(lat=23.3767, lon=103.3786), Place(lat=23.3786, lon=103.3786)  # 111 m, 322 m
POST = Actor("dispatcher-cp01", Role.DISPATCHER, post="CP01")
PHOTO = Said(UUID(int=1), "photo", "digest")
MINUTE = timedelta(minutes=1)


def unit(code: str) -> Actor:
    return Actor(f"handler-{code.lower()}", Role.HANDLER, unit=code)


def called(units: tuple[str, ...] = ("U01", "U02"), **facts: Any) -> Summons:
    facts = {"place": HERE, "meet_at": MEET, "minutes": 30, "actor": POST, "at": NOW, **facts}
    summons = Summons.call("S-260302-0001", units, post="CP01", street="532503001", **facts)
    summons.collect_events()
    return summons


def test_a_unit_called_twice_is_called_once():
    summons = called(("U02", "U01", "U02"))

    assert list(summons.attendance.values()) == [Attendance("U02"), Attendance("U01")]


@pytest.mark.parametrize(
    ("wrong", "refusal"),
    [
        ({"units": ()}, NobodySummoned),
        ({"meet_at": NOW - timedelta(minutes=11)}, MeetingTime),
        ({"meet_at": NOW + timedelta(days=15)}, MeetingTime),
        ({"minutes": 4}, ArrivalLimit),
    ],
)
def test_nobody_is_called_to_what_cannot_be(wrong, refusal):
    with pytest.raises(refusal):
        called(**wrong)


def test_a_point_within_two_hundred_metres_is_an_arrival():
    summons = called()

    summons.arrive(actor=unit("U01"), at=LIMIT, point=NEAR)

    assert summons.attendance["U01"] == Attendance("U01", LIMIT, 111.2, late=False)


def test_a_point_further_off_is_none_even_with_a_photo():
    summons = called()

    with pytest.raises(NotOnSite) as refusal:
        summons.arrive(actor=unit("U01"), at=MEET, point=FAR, words=[PHOTO])

    assert refusal.value.facts == {"metres": 322, "limit": 200}
    assert summons.collect_events() == []


def test_without_a_point_a_photo_is_the_evidence_and_words_are_not():
    summons = called()
    with pytest.raises(ArrivalNeedsEvidence):
        summons.arrive(actor=unit("U01"), at=MEET)

    summons.arrive(actor=unit("U01"), at=MEET, words=[PHOTO])

    assert not summons.attendance["U01"].absent


def test_only_who_was_called_arrives_once_and_not_the_day_before():
    summons = called(meet_at=NOW + timedelta(days=1))
    with pytest.raises(NotSummoned):
        summons.arrive(actor=unit("U03"), at=NOW, point=HERE)
    with pytest.raises(TooEarly):
        summons.arrive(actor=unit("U01"), at=NOW, point=HERE)
    summons.arrive(actor=unit("U01"), at=NOW + timedelta(days=1), point=HERE)

    with pytest.raises(AlreadyArrived):
        summons.arrive(actor=unit("U01"), at=NOW + timedelta(days=1), point=HERE)


def test_who_is_not_there_at_the_limit_is_told_to_the_street_and_then_to_the_city():
    summons = called()
    summons.arrive(actor=unit("U01"), at=LIMIT, point=HERE)
    summons.elapse(LIMIT)
    assert not [e for e in summons.collect_events() if isinstance(e, UnitMissing)]

    summons.elapse(LIMIT + timedelta(days=1))

    missing = [e for e in summons.collect_events() if isinstance(e, UnitMissing)]
    assert [(e.unit, e.at, e.level, e.by) for e in missing] == [
        ("U02", LIMIT, 3, "system"),
        ("U02", LIMIT + timedelta(minutes=30), 4, "system"),
    ]
    assert summons.next_moment() is None


def test_a_late_arrival_does_not_take_the_absence_away():
    summons = called()
    summons.elapse(LIMIT + MINUTE)

    summons.arrive(actor=unit("U02"), at=LIMIT + MINUTE, point=HERE)

    held = summons.attendance["U02"]
    assert (held.late, held.missed_at, held.level) == (True, LIMIT, 3)
    assert summons.next_moment() == (LIMIT + timedelta(minutes=30), "U01", 4)


def test_once_ended_nobody_is_awaited_and_nothing_is_said_any_more():
    summons = called()
    with pytest.raises(NotMetYet):
        summons.end(actor=POST, at=NOW)
    summons.end(actor=POST, at=MEET)

    assert summons.next_moment() is None
    with pytest.raises(SummonsOver):
        summons.arrive(actor=unit("U01"), at=LIMIT, point=HERE)
    with pytest.raises(SummonsOver):
        summons.end(actor=POST, at=LIMIT)


def test_it_is_called_off_before_they_meet_and_not_after():
    summons = called()
    with pytest.raises(TooLateToCancel):
        summons.cancel(actor=POST, at=MEET)

    summons.cancel(actor=POST, at=NOW)

    assert summons.next_moment() is None
