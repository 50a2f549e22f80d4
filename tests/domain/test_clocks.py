"""Promises and windows: what stands in a clock, and when its warnings come."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from tests.domain.city_time import MONDAY_TEN, PACK, POLICY, city, marks, resolve, shown
from tracker.domain.promises.clocks import (
    Clock,
    ClockKind,
    Duration,
    Mark,
    SlaClass,
    UnknownSlaClass,
)


def test_a_promise_stands_whole_in_its_clock():
    clock = POLICY.clock(ClockKind.RESPOND, "Q3", city("2026-03-02T08:30"), unit="U01", cycle=2)

    def morning(hour: int, minute: int = 0) -> datetime:
        return datetime(2026, 3, 2, hour - 8, minute, tzinfo=UTC)

    assert clock == Clock(
        kind=ClockKind.RESPOND,
        unit="U01",
        started_at=morning(8, 30),
        due=morning(10, 30),
        marks={
            Mark.HALF: morning(9, 30),
            Mark.YELLOW: morning(10),
            Mark.RED: morning(10, 30),
            Mark.OVER_150: morning(11, 30),
            Mark.OVER_200: morning(14, 30),
        },
        reached=(),
        stopped_at=None,
        held_at=None,
        provisional=False,
        missing_years=(),
        policy_version=7,
        cycle=2,
    )
    assert clock.key == "respond:U01"


def test_the_warnings_of_working_days_come_at_shares_of_the_working_time():
    clock = resolve("G4", city("2026-03-02T08:30"))

    # Six working days of seven hours lie between, the day of the start among them: 42 hours.
    assert marks(clock) == {
        "half": "03-04 17:30",
        "yellow": "03-06 12:00",
        "red": "03-09 17:30",
        "over_150": "03-12 17:30",
        "over_200": "03-17 17:30",
    }


def test_an_emergency_turns_yellow_at_half_time_and_reaches_the_city_15_minutes_late():
    clock = POLICY.clock(ClockKind.RESPOND, "E1", city("2026-10-03T00:10"))

    assert marks(clock) == {
        "yellow": "10-03 00:25",
        "red": "10-03 00:40",
        "city": "10-03 00:55",
        "over_150": "10-03 00:55",
        "over_200": "10-03 01:10",
    }


def test_of_two_warnings_at_one_moment_the_city_is_told_first():
    late = POLICY.clock(
        ClockKind.RESPOND, "E1", city("2026-10-03T00:10"), reached=(Mark.YELLOW, Mark.RED)
    )

    told = late.next_mark()
    assert told is not None and told[0] is Mark.CITY
    after = late.reach(Mark.CITY).next_mark()
    assert after is not None and after[0] is Mark.OVER_150


def test_the_next_warning_is_the_earliest_not_yet_given():
    clock = resolve(reached=(Mark.HALF,))

    assert clock.next_mark() == (Mark.YELLOW, clock.marks[Mark.YELLOW])


def test_a_clock_that_stands_still_or_has_stopped_gives_no_warning():
    clock = resolve()

    assert clock.hold(MONDAY_TEN).next_mark() is None
    assert clock.stop(MONDAY_TEN).next_mark() is None


def test_a_clock_whose_warnings_have_all_been_given_has_no_next():
    assert resolve(reached=tuple(Mark)).next_mark() is None


def test_a_follow_up_warns_and_climbs_like_every_promise():
    clock = POLICY.clock(ClockKind.FOLLOW_UP, "G4", city("2026-03-09T16:00"))

    assert marks(clock) == {
        "half": "03-11 11:15",
        "yellow": "03-12 09:52",
        "red": "03-12 17:30",
        "over_150": "03-16 14:45",
        "over_200": "03-18 10:00",
    }


@pytest.mark.parametrize(
    ("sla_class", "due"),
    [
        *(("E1", "03-02 12:00"), ("U2", "03-02 12:00"), ("C6", "03-02 12:00")),
        *(("Q3", "03-03 17:30"), ("G4", "03-03 17:30"), ("X5", "03-03 17:30")),
    ],
)
def test_a_check_is_owed_in_two_hours_for_what_presses_and_for_questions_else_in_a_working_day(
    sla_class, due
):
    clock = POLICY.clock(ClockKind.VERIFY, sla_class, MONDAY_TEN)

    assert (shown(clock.due), clock.is_promise, clock.is_of_the_post) == (due, True, True)


def test_of_an_emergency_only_respond_and_control_reach_the_city_a_quarter_of_an_hour_late():
    kinds = (ClockKind.RESPOND, ClockKind.CONTROL, ClockKind.RESOLVE, ClockKind.VERIFY)

    to_the_city = [k for k in kinds if Mark.CITY in POLICY.clock(k, "E1", MONDAY_TEN).marks]

    assert to_the_city == [ClockKind.RESPOND, ClockKind.CONTROL]


def test_only_an_emergency_has_a_control_promise():
    assert shown(POLICY.clock(ClockKind.CONTROL, "E1", MONDAY_TEN).due) == "03-02 12:00"
    with pytest.raises(ValueError, match="class U2 has no control clock"):
        POLICY.clock(ClockKind.CONTROL, "U2", MONDAY_TEN)


def test_a_question_is_followed_up_by_sample_within_a_working_day():
    assert POLICY.sla_class("C6").follow_up is None
    assert POLICY.sla_class("C6").follow_up_sampling == 0.1
    assert shown(POLICY.clock(ClockKind.FOLLOW_UP, "C6", MONDAY_TEN).due) == "03-03 17:30"


def test_a_class_that_the_city_does_not_have_is_refused_with_those_it_has():
    with pytest.raises(UnknownSlaClass) as refusal:
        POLICY.clock(ClockKind.RESPOND, "Z9", MONDAY_TEN)

    assert refusal.value.facts == {"sla_class": "Z9", "known": "E1, U2, Q3, G4, X5, C6"}


def test_classes_rank_by_urgency():
    assert sorted(POLICY.classes, key=lambda code: POLICY.classes[code].rank) == list(
        POLICY.classes
    )
    assert POLICY.classes["E1"].rank == 0


def test_a_window_only_ends():
    window = POLICY.window(
        ClockKind.ADJUDICATE, Duration(4, "working_hours"), MONDAY_TEN, unit="U02", cycle=2
    )

    assert marks(window) == {"red": "03-02 16:00"}
    assert (window.key, window.cycle, window.policy_version) == ("adjudicate:U02", 2, 7)


def test_a_review_ends_at_the_date_that_was_set():
    review = POLICY.calendar.midnight(date(2027, 5, 1))

    clock = POLICY.until(ClockKind.REVIEW, review, MONDAY_TEN)

    assert clock.marks == {Mark.RED: review}
    assert not clock.provisional


@pytest.mark.parametrize(
    ("value", "unit"), [(0, "working_days"), (2.5, "natural_hours"), (1, "fortnights")]
)
def test_a_limit_that_cannot_be_counted_is_refused(value, unit):
    with pytest.raises(ValueError, match="a limit is"):
        Duration(value, unit)


def test_an_extension_must_be_in_the_unit_of_its_limit():
    with pytest.raises(ValueError, match="class G4: extensions are not in the unit"):
        replace(POLICY.classes["G4"], extension_each=Duration(7, "working_hours"))


def test_a_class_that_grants_extensions_says_how_long_they_are():
    entry = next(entry for entry in PACK["sla_classes"] if entry["code"] == "G4")

    with pytest.raises(ValueError, match="class G4: how long"):
        SlaClass.from_pack(entry | {"extension": {"max_times": 1}}, rank=3)


def test_a_clock_cannot_start_at_a_time_without_a_zone():
    with pytest.raises(ValueError, match="has no time zone"):
        POLICY.clock(ClockKind.RESPOND, "E1", datetime(2026, 3, 2, 10))
