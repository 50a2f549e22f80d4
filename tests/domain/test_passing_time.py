"""Time is an event: cards, escalation and the ends of windows, dated when they fell due."""

from tests.domain.city_time import MONDAY_TEN, POLICY, city, shown
from tests.domain.whistles import (
    DAY,
    HOUR,
    MINUTE,
    dispatched,
    facts,
    handler,
    pooled,
    raised,
    responded,
)


def story(whistle):
    return [(shown(event.at), type(event).__name__) for event in whistle.collect_events()]


def test_a_promise_warns_at_half_shows_yellow_at_three_quarters_and_red_when_it_is_missed():
    whistle = responded(at=MONDAY_TEN)

    whistle.elapse(city("2026-03-03T10:00:01"), POLICY)

    assert story(whistle) == [
        ("03-02 15:30", "DeadlineNeared"),
        ("03-02 17:15", "DeadlineNeared"),
        ("03-03 10:00", "DeadlineMissed"),
        ("03-03 10:00", "SupervisionOpened"),
        ("03-03 10:00", "Escalated"),
    ]
    assert (whistle.card, whistle.level, whistle.supervised) == ("red", 2, True)


def test_half_as_long_again_is_one_level_more_and_twice_as_long_the_city():
    whistle = responded(at=MONDAY_TEN)

    whistle.elapse(MONDAY_TEN + 3 * DAY, POLICY)

    levels = [(shown(e.at), e.level) for e in whistle.collect_events() if hasattr(e, "level")]
    assert levels == [("03-03 10:00", 2), ("03-03 15:30", 3), ("03-04 10:00", 4)]


def test_an_unanswered_emergency_reaches_the_city_a_quarter_of_an_hour_late_with_no_human():
    whistle = raised("E0401", units=("U02",))

    whistle.elapse(MONDAY_TEN + 46 * MINUTE, POLICY)

    cards = [(shown(e.at), e.mark) for e in whistle.collect_events() if hasattr(e, "mark")]
    assert ("03-02 10:15", "yellow") in cards
    assert whistle.level == 4


def test_a_units_own_clock_shows_cards_but_escalates_nothing():
    whistle = dispatched(at=MONDAY_TEN + HOUR)
    whistle.respond("call", actor=handler("U01"), at=city("2026-03-02T11:30"))

    assert whistle.level == 1


def test_a_day_switched_off_records_what_would_have_been_recorded_with_the_same_dates():
    watched, unwatched = pooled(), pooled()

    for minutes in range(0, 2 * 24 * 60, 7):
        watched.elapse(MONDAY_TEN + minutes * MINUTE, POLICY)
    watched.elapse(MONDAY_TEN + 2 * DAY, POLICY)
    unwatched.elapse(MONDAY_TEN + 2 * DAY, POLICY)

    assert story(watched) == story(unwatched) != []


def test_what_was_recorded_is_not_recorded_again():
    whistle = responded()
    whistle.elapse(MONDAY_TEN + 9 * DAY, POLICY)
    whistle.collect_events()

    whistle.elapse(MONDAY_TEN + 9 * DAY, POLICY)
    whistle.elapse(MONDAY_TEN, POLICY)

    assert facts(whistle) == []
