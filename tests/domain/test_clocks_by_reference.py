"""Due times against an independent reading that walks the city's time minute by minute."""

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.domain.city_time import PACK, POLICY, SHANGHAI
from tests.domain.minute_by_minute import HOURS_OF, after_working_days, after_working_hours
from tracker.domain.promises.clocks import ClockKind, Duration, Mark, SlaPolicy

KINDS = {date.fromisoformat(day["date"]): day["kind"] for day in PACK["calendar"]["exceptions"]}

minutes = st.integers(0, 40 * 1440).map(lambda n: timedelta(minutes=n))
starts = minutes.map(lambda offset: datetime(2026, 2, 1) + offset)
odd_days = st.dictionaries(
    st.dates(date(2026, 2, 1), date(2026, 4, 30)), st.sampled_from(sorted(HOURS_OF)), max_size=40
)
waits = st.lists(st.tuples(minutes, minutes), max_size=3)


def policy_of(kinds: dict[date, str]) -> SlaPolicy:
    exceptions = [{"date": day.isoformat(), "kind": kind} for day, kind in kinds.items()]
    calendar = {"years": [2026], "exceptions": exceptions}
    return SlaPolicy.from_pack(PACK | {"calendar": calendar}, version=1)


def pauses_after(start: datetime, waits: list[tuple[timedelta, timedelta]]):
    """Pauses of up to a week, each beginning within ten days of the start; they may overlap."""
    return [(start + wait / 4, start + wait / 4 + length / 6) for wait, length in waits]


def whole_minutes(pauses):
    return [
        (p.replace(second=0, microsecond=0), r.replace(second=0, microsecond=0)) for p, r in pauses
    ]


def in_city(pauses):
    return [(p.replace(tzinfo=SHANGHAI), r.replace(tzinfo=SHANGHAI)) for p, r in pauses]


@given(start=starts, hours=st.integers(1, 21), waits=waits, kinds=odd_days)
@settings(max_examples=60, deadline=None)
def test_working_hours_agree_with_counting_every_minute(start, hours, waits, kinds):
    pauses = whole_minutes(pauses_after(start, waits))

    due = policy_of(kinds).due(
        Duration(hours, "working_hours"), start.replace(tzinfo=SHANGHAI), in_city(pauses)
    )

    walked = after_working_hours(hours, start, pauses, kinds)
    assert due.at == walked.replace(tzinfo=SHANGHAI)


@given(start=starts, days=st.integers(1, 20), waits=waits, kinds=odd_days)
@settings(max_examples=100, deadline=None)
def test_working_days_agree_with_counting_every_day(start, days, waits, kinds):
    pauses = whole_minutes(pauses_after(start, waits))

    due = policy_of(kinds).due(
        Duration(days, "working_days"), start.replace(tzinfo=SHANGHAI), in_city(pauses)
    )

    walked = after_working_days(days, start, pauses, kinds)
    assert due.at == walked.replace(tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    "start",
    [
        datetime(2026, 2, 13, 16, 10),
        datetime(2026, 2, 18, 2, 0),
        datetime(2026, 9, 19, 9, 0),
        datetime(2026, 9, 30, 17, 0),
        datetime(2026, 10, 9, 12, 0),
    ],
)
@pytest.mark.parametrize("hours", [2, 4, 7, 14])
def test_the_citys_own_holidays_agree_too(start, hours):
    pauses = [(start + timedelta(hours=1), start + timedelta(hours=30))]

    due = POLICY.due(
        Duration(hours, "working_hours"), start.replace(tzinfo=SHANGHAI), in_city(pauses)
    )

    walked = after_working_hours(hours, start, pauses, KINDS)
    assert due.at == walked.replace(tzinfo=SHANGHAI)


@given(start=starts, waits=waits, sla_class=st.sampled_from(list(POLICY.classes)))
@settings(max_examples=100, deadline=None)
def test_a_pause_never_brings_a_deadline_forward(start, waits, sla_class):
    at = start.replace(tzinfo=SHANGHAI)

    paused = POLICY.clock(
        ClockKind.RESOLVE, sla_class, at, pauses=in_city(pauses_after(start, waits))
    )

    assert paused.due >= POLICY.clock(ClockKind.RESOLVE, sla_class, at).due


@given(start=starts, later=minutes, sla_class=st.sampled_from(list(POLICY.classes)))
@settings(max_examples=100, deadline=None)
def test_a_whistle_raised_later_is_never_due_earlier(start, later, sla_class):
    at = start.replace(tzinfo=SHANGHAI)

    for kind in (ClockKind.RESPOND, ClockKind.RESOLVE):
        first = POLICY.clock(kind, sla_class, at)
        second = POLICY.clock(kind, sla_class, at + later)
        assert first.due <= second.due


@given(start=starts, waits=waits, sla_class=st.sampled_from(["Q3", "G4", "X5"]))
@settings(max_examples=100, deadline=None)
def test_a_yellow_card_comes_when_three_quarters_of_the_working_time_are_gone(
    start, waits, sla_class
):
    pauses = in_city(pauses_after(start, waits))
    clock = POLICY.clock(
        ClockKind.RESOLVE, sla_class, start.replace(tzinfo=SHANGHAI), pauses=pauses
    )

    def gone(mark: Mark) -> timedelta:
        return POLICY.calendar.between(clock.started_at, clock.marks[mark], pauses)

    whole = gone(Mark.RED)
    assert gone(Mark.YELLOW) == whole * 0.75
    assert gone(Mark.OVER_200) == whole * 2
    assert list(clock.marks) == sorted(clock.marks, key=lambda mark: clock.marks[mark])
