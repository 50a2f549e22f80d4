"""控制险情: an emergency's second promise, that the danger is under control within two hours."""

import pytest

from tests.domain.city_time import MONDAY_TEN, POLICY, city, shown
from tests.domain.whistles import (
    HERE,
    HOUR,
    MINUTE,
    SEEN,
    dispatched,
    facts,
    handler,
    quiet,
    raised,
    responded,
)
from tracker.domain.whistle.events import State
from tracker.domain.whistle.refusals.lifecycle import NotInState, NotYourTask
from tracker.domain.whistle.refusals.resolving import FindingNeeded, HazardNotControlled
from tracker.domain.whistle.refusals.responding import NoHazardToControl, NotYetThere


def arrived(unit="U02"):
    """A gas leak with U02 in the lead and X01 beside it; one of them is there."""
    whistle = raised("E0401", units=("U02", "X01"))
    whistle.respond("arrival", actor=handler(unit), at=MONDAY_TEN + MINUTE, point=HERE)
    return quiet(whistle)


def at_work():
    whistle = arrived()
    whistle.start(actor=handler("U02"), at=MONDAY_TEN + MINUTE)
    return quiet(whistle)


def both_there():
    whistle = at_work()
    whistle.respond("arrival", actor=handler("X01"), at=MONDAY_TEN + MINUTE, point=HERE)
    return quiet(whistle)


def test_the_danger_under_control_stops_that_promise_and_no_other():
    whistle = arrived()

    whistle.control(words=SEEN, actor=handler("U02"), at=MONDAY_TEN + HOUR)

    [controlled] = whistle.collect_events()
    assert [(clock.key, clock.stopped_at) for clock in controlled.clocks] == [
        ("control", MONDAY_TEN + HOUR)
    ]
    assert (controlled.unit, controlled.state) == ("U02", State.RESPONDED)
    assert whistle.clocks["resolve"].running


@pytest.mark.parametrize(
    ("given", "unit", "state"),
    [
        (arrived, "U02", State.RESPONDED),
        (at_work, "U02", State.IN_PROGRESS),
        (both_there, "X01", State.IN_PROGRESS),
        (lambda: arrived("X01"), "X01", State.DISPATCHED),  # the co-handler was there first
    ],
)
def test_any_unit_that_was_sent_may_have_controlled_it_whoever_leads(given, unit, state):
    whistle = given()

    whistle.control(words=SEEN, actor=handler(unit), at=MONDAY_TEN + HOUR)

    assert (facts(whistle), whistle.state) == (["HazardControlled"], state)


def test_a_danger_is_controlled_once_and_only_by_those_who_were_sent():
    whistle = arrived()

    with pytest.raises(NotYourTask):
        whistle.control(words=SEEN, actor=handler("U09"), at=MONDAY_TEN + HOUR)
    whistle.control(words=SEEN, actor=handler("U02"), at=MONDAY_TEN + HOUR)
    with pytest.raises(NoHazardToControl):
        whistle.control(words=SEEN, actor=handler("U02"), at=MONDAY_TEN + HOUR)


def test_nothing_else_has_a_danger_to_control():
    with pytest.raises(NoHazardToControl):
        responded().control(words=SEEN, actor=handler(), at=MONDAY_TEN)
    with pytest.raises(NotInState):
        raised().control(words=SEEN, actor=handler(), at=MONDAY_TEN)
    assert "control" not in dispatched().clocks


def test_a_danger_not_under_control_after_two_hours_turns_the_card_red():
    whistle = arrived()

    whistle.elapse(city("2026-03-02T12:00:01"), POLICY)

    missed = [e for e in whistle.collect_events() if type(e).__name__ == "DeadlineMissed"]
    assert [(e.kind, e.unit, shown(e.at)) for e in missed if e.kind == "control"] == [
        ("control", None, "03-02 12:00")
    ]
    assert whistle.card == "red"


def test_who_is_not_there_yet_has_controlled_nothing_and_says_what_was_done():
    with pytest.raises(NotYetThere):
        arrived("X01").control(words=SEEN, actor=handler("U02"), at=MONDAY_TEN + HOUR)
    with pytest.raises(FindingNeeded):
        arrived().control(actor=handler("U02"), at=MONDAY_TEN + HOUR)


def test_an_emergency_is_not_done_before_its_danger_is_controlled():
    whistle = both_there()
    whistle.submit(None, actor=handler("X01"), at=MONDAY_TEN + HOUR, policy=POLICY)

    with pytest.raises(HazardNotControlled):
        whistle.submit(None, actor=handler("U02"), at=MONDAY_TEN + HOUR, policy=POLICY)
    whistle.control(words=SEEN, actor=handler("U02"), at=MONDAY_TEN + HOUR)
    whistle.submit(None, actor=handler("U02"), at=MONDAY_TEN + HOUR, policy=POLICY)

    assert whistle.state is State.SUBMITTED
