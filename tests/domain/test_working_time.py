"""The working calendar: what is working time in Mengzi, and how it is used up."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.domain.city_time import PACK, SHANGHAI, city
from tracker.domain.promises.working_time import HoursTangled, WorkCalendar, hours_of, union

MENGZI = WorkCalendar.from_pack(PACK, version=1)
HOUR = timedelta(hours=1)

moments = st.datetimes(
    min_value=datetime(2025, 1, 1), max_value=datetime(2026, 11, 30), timezones=st.just(SHANGHAI)
)
lengths = st.timedeltas(min_value=timedelta(seconds=1), max_value=timedelta(days=5))


def calendar_with(*exceptions: dict[str, object]) -> WorkCalendar:
    return WorkCalendar.from_pack(
        {
            "working_hours": PACK["working_hours"],
            "calendar": {"years": [2026], "exceptions": exceptions},
        },
        version=1,
    )


def hours(calendar: WorkCalendar, day: str) -> list[str]:
    """The day's stretches as a notice at the door would give them."""
    return [
        f"{start.astimezone(SHANGHAI):%H:%M}-{end.astimezone(SHANGHAI):%H:%M}"
        for start, end in calendar.intervals(date.fromisoformat(day))
    ]


def test_an_ordinary_weekday_has_a_morning_and_an_afternoon():
    assert hours(MENGZI, "2026-03-02") == ["08:30-12:00", "14:00-17:30"]


@pytest.mark.parametrize(
    ("day", "why"),
    [
        ("2026-03-07", "a Saturday"),
        ("2026-02-17", "the Spring Festival, on a Tuesday"),
        ("2026-10-04", "the National Day holiday, on a Sunday"),
    ],
)
def test_nobody_works_on_a_day_off(day, why):
    assert hours(MENGZI, day) == [], why


@pytest.mark.parametrize(
    "day",
    ["2026-01-04", "2026-02-14", "2026-02-28", "2026-05-09", "2026-09-20", "2026-10-10"],
)
def test_a_makeup_day_at_the_weekend_is_a_working_day(day):
    assert date.fromisoformat(day).isoweekday() > 5
    assert hours(MENGZI, day) == ["08:30-12:00", "14:00-17:30"]


@pytest.mark.parametrize("year", [2025, 2026])
def test_each_published_year_has_its_248_working_days(year):
    first = date(year, 1, 1)
    days = [first + timedelta(days=n) for n in range(365)]

    assert sum(MENGZI.is_working(day) for day in days) == 248


@pytest.mark.parametrize(
    ("exception", "open_hours"),
    [
        ({"kind": "half_day"}, ["08:30-12:00"]),
        ({"kind": "half_day_morning"}, ["08:30-12:00"]),
        ({"kind": "half_day_afternoon"}, ["14:00-17:30"]),
        ({"kind": "half_day", "intervals": [["09:00", "11:30"]]}, ["09:00-11:30"]),
    ],
)
def test_a_half_day_has_hours_of_its_own_and_closes_at_their_end(exception, open_hours):
    calendar = calendar_with({"date": "2026-02-13", **exception})

    assert hours(calendar, "2026-02-13") == open_hours
    closes = calendar.close(date(2026, 2, 13)).astimezone(SHANGHAI)
    assert f"{closes:%H:%M}" == open_hours[-1].split("-")[1]


def test_a_half_day_is_cut_at_noon_where_nobody_has_a_lunch_break():
    through = {"timezone": "Asia/Shanghai", "intervals": [["09:00", "17:00"]]}
    days = [
        {"date": "2026-02-12", "kind": "half_day_morning"},
        {"date": "2026-02-13", "kind": "half_day_afternoon"},
    ]
    pack = {"working_hours": through, "calendar": {"years": [2026], "exceptions": days}}

    calendar = WorkCalendar.from_pack(pack, version=1)

    assert hours(calendar, "2026-02-12") == ["09:00-12:00"]
    assert hours(calendar, "2026-02-13") == ["12:00-17:00"]


def test_a_day_without_hours_of_its_own_has_those_of_its_kind():
    calendar = calendar_with({"date": "2026-03-07", "kind": "makeup_workday", "intervals": []})

    assert hours(calendar, "2026-03-07") == ["08:30-12:00", "14:00-17:30"]


def test_a_day_off_has_no_close_of_business():
    with pytest.raises(ValueError, match="2026-03-07 is not a working day"):
        MENGZI.close(date(2026, 3, 7))


@pytest.mark.parametrize(
    ("start", "amount", "end"),
    [
        ("2026-03-02T10:00", 2 * HOUR, "2026-03-02T12:00"),
        ("2026-03-02T11:00", 2 * HOUR, "2026-03-02T15:00"),
        ("2026-03-02T12:30", HOUR, "2026-03-02T15:00"),
        ("2026-03-06T17:00", HOUR, "2026-03-09T09:00"),
        ("2026-03-06T17:30", 7 * HOUR, "2026-03-09T17:30"),
        ("2026-03-02T06:00", HOUR, "2026-03-02T09:30"),
        ("2026-03-02T12:00", timedelta(seconds=1), "2026-03-02T14:00:01"),
        ("2026-02-14T16:00", 2 * HOUR, "2026-02-24T09:00"),
    ],
)
def test_working_time_is_used_up_in_working_hours_only(start, amount, end):
    assert MENGZI.advance(city(start), amount) == city(end)


def test_time_used_up_at_noon_exactly_ends_at_noon_and_not_after_lunch():
    assert MENGZI.advance(city("2026-03-02T08:30"), 3.5 * HOUR) == city("2026-03-02T12:00")


def test_no_time_at_all_ends_where_it_starts_even_at_night():
    assert MENGZI.advance(city("2026-03-02T23:00"), 0 * HOUR) == city("2026-03-02T23:00")


def test_working_time_stands_still_in_a_pause():
    pause = (city("2026-03-02T11:00"), city("2026-03-02T15:00"))

    due = MENGZI.advance(city("2026-03-02T10:00"), 2 * HOUR, [pause])

    assert due == city("2026-03-02T16:00")


def test_a_pause_in_the_lunch_break_costs_nothing():
    pause = (city("2026-03-02T12:00"), city("2026-03-02T14:00"))

    due = MENGZI.advance(city("2026-03-02T10:00"), 3 * HOUR, [pause])

    assert due == city("2026-03-02T15:00")


def test_pauses_that_meet_or_overlap_count_once():
    nine, ten, eleven, noon = (city(f"2026-03-02T{hour:02}:00") for hour in (9, 10, 11, 12))

    assert union([(ten, noon), (nine, ten)], nine) == ((nine, noon),)
    assert union([(ten, noon), (nine, eleven)], nine) == ((nine, noon),)
    assert union([(nine, noon), (ten, eleven)], nine) == ((nine, noon),)


def test_what_was_paused_before_a_clock_started_does_not_move_it():
    nine, ten, eleven, noon = (city(f"2026-03-02T{hour:02}:00") for hour in (9, 10, 11, 12))

    assert union([(nine, ten), (ten, noon)], eleven) == ((eleven, noon),)


def test_results_are_in_utc_whatever_zone_was_asked():
    due = MENGZI.advance(city("2026-03-02T10:00"), HOUR)

    assert (due, due.tzinfo) == (datetime(2026, 3, 2, 3, tzinfo=UTC), UTC)


def test_the_citys_day_begins_at_its_own_midnight():
    assert MENGZI.date_of(datetime(2026, 3, 1, 16, tzinfo=UTC)) == date(2026, 3, 2)
    assert MENGZI.midnight(date(2026, 3, 2)) == datetime(2026, 3, 1, 16, tzinfo=UTC)


def test_a_time_without_a_zone_is_refused():
    with pytest.raises(ValueError, match="has no time zone"):
        MENGZI.advance(datetime(2026, 3, 2, 10), HOUR)


def test_the_calendar_knows_which_years_it_lacks():
    assert 2026 in MENGZI.years
    assert 2027 not in MENGZI.years
    assert MENGZI.missing_years(date(2024, 12, 31), date(2028, 1, 1)) == (2024, 2027, 2028)


@pytest.mark.parametrize(
    ("exception", "complaint"),
    [
        ({"kind": "siesta"}, "2026-02-13: unknown kind 'siesta'"),
        (
            {"kind": "half_day", "intervals": [["12:00", "09:00"]]},
            "2026-02-13 12:00–09:00: intervals must",
        ),
        (
            {"kind": "half_day", "intervals": [["09:00", "12:00"], ["11:00", "13:00"]]},
            "2026-02-13 11:00–13:00: intervals must",
        ),
    ],
)
def test_a_day_that_makes_no_sense_is_refused_by_its_date(exception, complaint):
    with pytest.raises(ValueError, match=complaint):
        calendar_with({"date": "2026-02-13", **exception})


def test_a_city_without_working_hours_is_refused():
    pack = {"working_hours": {"timezone": "Asia/Shanghai", "intervals": []}}

    with pytest.raises(ValueError, match="no deadlines"):
        WorkCalendar.from_pack(pack, version=1)


@given(start=moments, amount=lengths)
@settings(max_examples=100, deadline=None)
def test_the_working_time_until_a_deadline_is_what_was_granted(start, amount):
    assert MENGZI.between(start, MENGZI.advance(start, amount)) == amount


@given(start=moments, later=lengths, amount=lengths)
@settings(max_examples=100, deadline=None)
def test_who_starts_later_is_never_due_earlier(start, later, amount):
    assert MENGZI.advance(start, amount) <= MENGZI.advance(start + later, amount)


@given(start=moments, amount=lengths, wait=lengths, length=lengths)
@settings(max_examples=100, deadline=None)
def test_a_pause_gives_back_its_own_working_time_and_no_more(start, amount, wait, length):
    pause = (start + wait, start + wait + length)

    paused = MENGZI.advance(start, amount, [pause])

    assert MENGZI.between(start, paused, [pause]) == amount
    assert MENGZI.advance(start, amount) <= paused
    assert paused <= MENGZI.advance(start, amount + MENGZI.between(*pause))


def test_every_working_moment_lies_inside_the_hours_of_its_day():
    stretches = [s for n in range(365) for s in MENGZI.intervals(date(2026, 1, 1) + timedelta(n))]

    edges = {
        (start.astimezone(SHANGHAI).time(), end.astimezone(SHANGHAI).time())
        for start, end in stretches
    }
    assert edges == {(time(8, 30), time(12)), (time(14), time(17, 30))}


@pytest.mark.parametrize(
    ("intervals", "nth"),
    [
        ([["08:30", "08:30"]], 1),  # no time at all
        ([["12:00", "08:30"]], 1),  # backwards
        ([["08:30", "12:00"], ["12:00", "17:30"]], 2),  # without a break between
        ([["14:00", "17:30"], ["08:30", "12:00"]], 2),  # the afternoon first
    ],
)
def test_hours_that_do_not_follow_each_other_are_refused_by_their_number(intervals, nth):
    with pytest.raises(HoursTangled) as refusal:
        hours_of(intervals, "working_hours.intervals")

    start, end = intervals[nth - 1]
    assert refusal.value.facts == {
        "where": "working_hours.intervals",
        "nth": nth,
        "start": start,
        "end": end,
    }
