"""Time is an event: cards, escalation and the ends of windows, dated when they fell due."""

from dataclasses import replace

from tests.domain.city_time import MONDAY_TEN, POLICY, city, shown
from tests.domain.whistles import (
    COMMANDER,
    DAY,
    DISPATCHER,
    HERE,
    HOUR,
    MINUTE,
    SUPERVISOR,
    UNITS,
    closed,
    dispatched,
    facts,
    handler,
    pooled,
    raised,
    responded,
    verified,
)
from tracker.domain.promises.clocks import Mark


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
    whistle.respond("arrival", point=HERE, actor=handler("U01"), at=city("2026-03-02T11:30"))

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


def test_every_warning_says_of_which_clock_whose_and_when_it_falls_due():
    whistle = dispatched(at=MONDAY_TEN)

    whistle.elapse(city("2026-03-02T15:00:01"), POLICY)

    told = [
        (e.kind, e.unit, e.mark, shown(e.at), shown(e.due))
        for e in whistle.collect_events()
        if type(e).__name__ in ("DeadlineNeared", "DeadlineOverrun") and e.kind == "respond"
    ]
    assert told == [
        ("respond", None, "half", "03-02 11:00", "03-02 12:00"),
        ("respond", None, "yellow", "03-02 11:30", "03-02 12:00"),
        ("respond", "U01", "yellow", "03-02 11:30", "03-02 12:00"),
        ("respond", None, "over_150", "03-02 15:00", "03-02 12:00"),
    ]


def test_what_the_system_does_by_itself_says_by_which_rule():
    whistle = responded(at=MONDAY_TEN)

    whistle.elapse(MONDAY_TEN + 3 * DAY, POLICY)

    by_rule = [(e.by, e.basis) for e in whistle.collect_events() if hasattr(e, "basis")]
    assert by_rule == [
        ("system", "resolve red"),
        ("system", "resolve red"),
        ("system", "resolve over_150"),
        ("system", "resolve over_200"),
    ]


def test_only_the_units_own_promise_was_missed_so_the_card_is_red_and_nobody_above_is_told():
    whistle = dispatched(at=MONDAY_TEN)
    whistle.add_co(UNITS["U14"], actor=DISPATCHER, at=MONDAY_TEN, policy=POLICY)
    whistle.respond("arrival", point=HERE, actor=handler("U01"), at=MONDAY_TEN)
    whistle.collect_events()

    whistle.elapse(city("2026-03-02T12:00:01"), POLICY)

    missed = [e for e in whistle.collect_events() if type(e).__name__ == "DeadlineMissed"]
    assert [(e.kind, e.unit, shown(e.due)) for e in missed] == [("respond", "U14", "03-02 12:00")]
    assert (whistle.card, whistle.level, whistle.supervised) == ("red", 1, False)


def test_a_late_follow_up_warns_and_climbs_and_its_card_stands_with_the_post():
    whistle = verified(at=MONDAY_TEN)

    whistle.elapse(MONDAY_TEN + 30 * DAY, POLICY)

    assert story(whistle) == [
        ("03-03 14:45", "DeadlineNeared"),
        ("03-04 10:37", "DeadlineNeared"),
        ("03-04 17:30", "DeadlineMissed"),
        ("03-04 17:30", "SupervisionOpened"),
        ("03-04 17:30", "Escalated"),
        ("03-06 11:15", "DeadlineOverrun"),
        ("03-06 11:15", "Escalated"),
        ("03-09 16:00", "DeadlineOverrun"),
        ("03-09 16:00", "Escalated"),
    ]
    assert (whistle.card, whistle.level, whistle.supervised) == ("none", 4, True)


def test_a_follow_up_of_an_old_log_ends_as_it_was_promised():
    whistle = verified(at=MONDAY_TEN)
    promised = whistle.clocks["follow_up"]
    whistle.clocks["follow_up"] = replace(promised, marks={Mark.RED: promised.due})

    whistle.elapse(MONDAY_TEN + 30 * DAY, POLICY)

    assert story(whistle) == [("03-04 17:30", "DeadlineMissed")]
    assert (whistle.card, whistle.level, whistle.supervised) == ("red", 1, False)


def test_each_mark_raises_the_level_to_its_own_step_and_a_deescalation_holds_until_the_next():
    whistle = responded(at=MONDAY_TEN)
    whistle.escalate(actor=COMMANDER, at=MONDAY_TEN)
    whistle.escalate(actor=COMMANDER, at=MONDAY_TEN)

    whistle.elapse(city("2026-03-03T15:00"), POLICY)
    assert whistle.level == 3
    whistle.deescalate(actor=COMMANDER, at=city("2026-03-03T15:00"))
    whistle.elapse(city("2026-03-03T15:30"), POLICY)
    assert whistle.level == 2
    whistle.elapse(city("2026-03-03T15:31"), POLICY)
    assert whistle.level == 3


def test_supervision_opens_once_and_a_whistle_already_at_the_city_goes_to_the_prefecture_at_twice():
    whistle = responded(at=MONDAY_TEN)
    for _ in range(3):
        whistle.escalate(actor=COMMANDER, at=MONDAY_TEN)
    whistle.supervise(actor=SUPERVISOR, at=MONDAY_TEN)
    whistle.collect_events()

    whistle.elapse(MONDAY_TEN + 3 * DAY, POLICY)

    names = [type(e).__name__ for e in whistle.collect_events()]
    assert "SupervisionOpened" not in names
    assert (whistle.level, whistle.levels) == (5, [1, 2, 3, 4])


def test_an_emergency_is_the_citys_a_quarter_of_an_hour_late_and_not_a_second_sooner():
    whistle = raised("E0401", units=("U02",))

    whistle.elapse(MONDAY_TEN + 45 * MINUTE, POLICY)
    assert whistle.level == 2
    whistle.elapse(MONDAY_TEN + 46 * MINUTE, POLICY)

    reached = [(e.level, e.basis) for e in whistle.collect_events() if hasattr(e, "level")]
    assert reached == [(2, "respond red"), (4, "respond city")]


def test_nothing_waits_for_a_whistle_that_has_ended():
    assert closed().next_moment() is None


def test_the_next_moment_is_the_earliest_of_all_clocks():
    whistle = dispatched(at=MONDAY_TEN)

    found = whistle.next_moment()

    assert found is not None
    moment, clock, mark = found
    assert (shown(moment), clock.key, mark) == ("03-02 11:00", "respond", "half")
