"""What moves a deadline, and what does not: extensions, pauses, reopening, the calendar."""

from datetime import timedelta

import pytest

from tests.domain.city_time import MONDAY_TEN, PACK, POLICY, city, marks, resolve, shown
from tracker.domain.promises.clocks import HALF_OF_CLASS, ClockKind, Duration, Mark, SlaPolicy


@pytest.mark.parametrize(
    ("sla_class", "due"),
    [("Q3", "03-04 10:00"), ("G4", "03-16 17:30"), ("X5", "04-14 17:30"), ("U2", "03-04 10:00")],
)
def test_an_extension_adds_to_the_limit_from_the_original_start(sla_class, due):
    assert shown(resolve(sla_class, extensions=1).due) == due


def test_a_second_extension_adds_as_much_again():
    assert shown(resolve("X5", extensions=2).due) == "05-08 17:30"


def test_an_extension_moves_only_the_resolve_promise():
    plain = POLICY.clock(ClockKind.RESPOND, "G4", MONDAY_TEN)

    assert POLICY.clock(ClockKind.RESPOND, "G4", MONDAY_TEN, extensions=1) == plain


def test_an_extension_granted_under_another_class_ends_where_there_is_none():
    assert resolve("E1", extensions=1) == resolve("E1")


@pytest.mark.parametrize(
    ("sla_class", "due"),
    [
        ("E1", "03-02 22:00"),
        ("Q3", "03-02 16:00"),
        ("G4", "03-05 17:30"),
        ("X5", "03-12 17:30"),
        ("C6", "03-03 17:30"),
    ],
)
def test_a_reopened_whistle_has_half_its_limit_rounded_up(sla_class, due):
    assert shown(resolve(sla_class, cycle=2).due) == due


def test_a_reopened_whistle_is_responded_to_as_its_class_says():
    second = POLICY.clock(ClockKind.RESPOND, "G4", MONDAY_TEN, cycle=2)

    assert second.due == POLICY.clock(ClockKind.RESPOND, "G4", MONDAY_TEN).due


def test_half_of_seven_working_hours_is_four():
    half = Duration(7, "working_hours").part(HALF_OF_CLASS)

    assert half == Duration(4, "working_hours")


@pytest.mark.parametrize(
    ("pauses", "due"),
    [
        ([("2026-03-03T09:00", "2026-03-03T17:29")], "03-09 17:30"),
        ([("2026-03-03T09:00", "2026-03-03T17:30")], "03-10 17:30"),
        ([("2026-03-03T17:30", "2026-03-04T17:29")], "03-09 17:30"),
        ([("2026-03-02T11:00", "2026-03-02T18:00")], "03-10 17:30"),
        (
            [("2026-03-03T09:00", "2026-03-04T18:00"), ("2026-03-03T08:00", "2026-03-03T18:00")],
            "03-11 17:30",
        ),
        (
            [("2026-03-03T09:00", "2026-03-03T17:30"), ("2026-03-03T17:30", "2026-03-04T18:00")],
            "03-11 17:30",
        ),
        ([("2026-02-26T09:00", "2026-03-02T10:00")], "03-09 17:30"),
    ],
    ids=[
        "ends before the close",
        "ends at the close",
        "starts at the close",
        "on the day of the start",
        "two over the same day count it once",
        "two that meet at the close",
        "before the start",
    ],
)
def test_each_close_of_business_in_a_pause_adds_a_working_day(pauses, due):
    held = [(city(start), city(end)) for start, end in pauses]

    assert shown(resolve("G4", pauses=held).due) == due


@pytest.mark.parametrize("sla_class", ["E1", "U2", "C6"])
def test_a_class_that_may_not_be_paused_runs_on(sla_class):
    pause = (city("2026-03-02T11:00"), city("2026-03-04T11:00"))

    assert resolve(sla_class, pauses=[pause]) == resolve(sla_class)


@pytest.mark.parametrize("kind", [ClockKind.RESPOND, ClockKind.FOLLOW_UP])
def test_a_pause_moves_only_the_resolve_promise(kind):
    pause = (city("2026-03-02T10:30"), city("2026-03-04T11:00"))

    paused = POLICY.clock(kind, "G4", MONDAY_TEN, pauses=[pause])

    assert paused == POLICY.clock(kind, "G4", MONDAY_TEN)


def test_natural_time_that_may_be_paused_gets_the_pause_back_whole():
    pause = (city("2026-03-07T00:00"), city("2026-03-08T12:00"))

    due = POLICY.due(Duration(48, "natural_hours"), city("2026-03-06T12:00"), [pause])

    assert due.at == city("2026-03-10T00:00")


def test_warnings_wait_while_a_clock_is_paused():
    pause = (city("2026-03-02T10:00"), city("2026-03-03T10:00"))

    clock = resolve("Q3", city("2026-03-02T08:30"), pauses=[pause])

    assert marks(clock) == {
        "half": "03-03 12:00",
        "yellow": "03-03 15:45",
        "red": "03-03 17:30",
        "over_150": "03-04 12:00",
        "over_200": "03-04 17:30",
    }


def test_a_shorter_class_leaves_at_least_its_respond_limit_from_now():
    floor = city("2026-03-06T16:00")

    clock = resolve("Q3", not_before=floor)

    assert clock.due == floor
    assert clock.marks[Mark.RED] == floor
    assert shown(clock.marks[Mark.HALF]) == "03-04 12:00"


def test_a_floor_that_lies_before_the_deadline_changes_nothing():
    assert resolve("G4", not_before=MONDAY_TEN) == resolve("G4")


def test_a_deadline_in_a_year_without_a_calendar_is_provisional_and_warns_nobody():
    clock = resolve("G4", city("2026-12-28T10:00"))

    assert (clock.provisional, clock.missing_years) == (True, (2027,))
    assert shown(clock.due) == "01-04 17:30"
    assert clock.next_mark() is None


def test_a_deadline_before_that_year_is_sure_but_its_later_warnings_wait_for_the_calendar():
    clock = resolve("G4", city("2026-12-23T10:00"))

    assert (clock.provisional, clock.missing_years) == (False, (2027,))
    assert marks(clock) == {"half": "12-28 09:15", "yellow": "12-29 14:22", "red": "12-30 17:30"}


def test_natural_time_needs_no_calendar():
    clock = resolve("E1", city("2026-12-31T20:00"))

    assert (clock.provisional, clock.missing_years) == (False, ())
    assert shown(clock.due) == "01-01 20:00"


def test_a_floor_in_a_year_without_a_calendar_is_provisional_too():
    clock = resolve("Q3", city("2026-12-30T10:00"), not_before=city("2027-01-04T10:30"))

    assert (clock.provisional, clock.missing_years) == (True, (2027,))


def test_a_pause_that_reaches_into_such_a_year_makes_the_deadline_provisional():
    pause = (city("2026-12-24T10:00"), city("2027-01-05T10:00"))

    assert resolve("G4", city("2026-12-21T10:00"), pauses=[pause]).missing_years == (2027,)


def test_the_arrival_of_the_calendar_makes_the_deadline_sure():
    published = {
        "years": [2025, 2026, 2027],
        "exceptions": [{"date": "2027-01-01", "kind": "holiday_weekday_off"}],
    }
    policy = SlaPolicy.from_pack(PACK | {"calendar": published}, version=8)

    clock = policy.clock(ClockKind.RESOLVE, "G4", city("2026-12-28T10:00"))

    assert (shown(clock.due), clock.missing_years) == ("01-05 17:30", ())


def test_a_half_day_closes_early_and_counts_as_a_working_day():
    half_day = {"date": "2026-03-09", "kind": "half_day", "intervals": [["08:30", "12:00"]]}
    policy = SlaPolicy.from_pack(
        PACK | {"calendar": {"years": [2026], "exceptions": [half_day]}}, version=8
    )

    assert shown(policy.clock(ClockKind.RESOLVE, "G4", MONDAY_TEN).due) == "03-09 12:00"


def test_a_pause_over_the_early_close_of_a_half_day_adds_that_day():
    half_day = {"date": "2026-03-03", "kind": "half_day_morning"}
    policy = SlaPolicy.from_pack(
        PACK | {"calendar": {"years": [2026], "exceptions": [half_day]}}, version=8
    )
    pause = (city("2026-03-03T11:00"), city("2026-03-03T13:00"))

    paused = policy.clock(ClockKind.RESOLVE, "G4", MONDAY_TEN, pauses=[pause])

    assert shown(paused.due) == "03-10 17:30"


def test_five_hundred_days_of_pause_are_only_more_days():
    pause = (city("2025-01-02T10:00"), city("2025-01-02T10:00") + timedelta(days=500))

    clock = resolve("G4", city("2025-01-02T09:00"), pauses=[pause])

    assert shown(clock.due) == "05-25 17:30"


def test_a_pause_on_a_saturday_of_such_a_year_might_hide_a_makeup_day():
    saturday = (city("2027-01-02T08:00"), city("2027-01-02T18:00"))

    assert resolve("G4", city("2026-12-21T10:00"), pauses=[saturday]).missing_years == (2027,)


def test_the_day_of_the_start_is_not_counted_and_its_calendar_not_needed():
    clock = resolve("G4", city("2024-12-31T10:00"))

    assert (shown(clock.due), clock.missing_years) == ("01-08 17:30", ())


def test_a_floor_of_natural_time_needs_no_calendar():
    clock = resolve("U2", city("2026-12-30T10:00"), not_before=city("2027-01-04T10:30"))

    assert (clock.provisional, clock.missing_years) == (False, ())
    assert clock.due == city("2027-01-04T10:30")
