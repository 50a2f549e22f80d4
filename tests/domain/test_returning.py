"""退单、裁定、指定管辖."""

from dataclasses import replace
from datetime import datetime

import pytest

from tests.domain.city_time import MONDAY_TEN, POLICY, city, shown
from tests.domain.whistles import (
    CITY,
    DISPATCHER,
    HERE,
    HOUR,
    MINUTE,
    UNITS,
    claimed,
    dispatched,
    facts,
    handler,
    liaison,
    quiet,
    raised,
    responded,
    said,
)
from tracker.commands.whistle.commands import open_commands
from tracker.domain.whistle.assignment import AssignmentState
from tracker.domain.whistle.events import State
from tracker.domain.whistle.refusals.dispatching import NotOnDuty
from tracker.domain.whistle.refusals.lifecycle import NotInState, NotTheLead
from tracker.domain.whistle.refusals.returning import (
    AlreadyReturned,
    CityDecides,
    Designated,
    EmergencyNotReturnable,
    NewLeadNeeded,
    NoReturnPending,
    ReturnPending,
    ReturnTooLate,
)
from tracker.domain.whistle.whistle import Whistle


def returned(whistle, unit="U01", at=MONDAY_TEN, suggested=None):
    whistle.return_(
        actor=liaison(unit),
        at=at,
        policy=POLICY,
        reason_code="not_our_duty",
        suggested_unit=suggested,
    )
    return quiet(whistle)


def decide(whistle, upheld, lead=None, actor=CITY, at=MONDAY_TEN + MINUTE):
    new_lead = UNITS[lead] if lead else None
    whistle.adjudicate(upheld, new_lead, actor=actor, at=at, policy=POLICY)


def test_until_a_return_is_decided_the_first_recipient_answers_and_no_clock_stops():
    whistle = dispatched()

    whistle.return_(
        actor=liaison(), at=MONDAY_TEN + HOUR, policy=POLICY, reason_code="not_our_duty"
    )

    [asked] = whistle.collect_events()
    assert [clock.key for clock in asked.clocks] == ["adjudicate:U01"]
    assert (whistle.lead, whistle.state) == ("U01", State.DISPATCHED)
    assert whistle.assignments[0].state is AssignmentState.RETURN_PENDING
    assert whistle.clocks["respond:U01"].running


@pytest.mark.parametrize(
    ("whistle", "actor", "refusal"),
    [
        (raised("E0401", units=("U02",)), liaison("U02"), EmergencyNotReturnable),
        (responded(), liaison(), NotInState),
        (claimed(), liaison(), NotInState),
        (dispatched(co=("U14",)), liaison("U14"), NotTheLead),
        (returned(dispatched()), liaison(), ReturnPending),
    ],
)
def test_what_may_not_be_returned(whistle, actor, refusal):
    with pytest.raises(refusal):
        whistle.return_(actor=actor, at=MONDAY_TEN, policy=POLICY, reason_code=None)

    assert whistle.collect_events() == []


def test_a_return_after_the_units_own_respond_limit_comes_too_late():
    whistle = dispatched()

    with pytest.raises(ReturnTooLate):
        returned(whistle, at=city("2026-03-02T12:00:01"))


def test_upheld_the_new_lead_has_a_clock_of_its_own_and_the_whistles_runs_on():
    whistle = returned(dispatched())

    decide(whistle, True, "U14", at=MONDAY_TEN + HOUR)

    assert facts(whistle) == ["ReturnUpheld", "Dispatched"]
    assert (whistle.lead, whistle.hops) == ("U14", 1)
    assert whistle.clocks["respond:U14"].started_at == MONDAY_TEN + HOUR
    assert shown(whistle.clocks["respond"].due) == "03-02 12:00"
    assert whistle.clocks["respond:U01"].stopped_at == MONDAY_TEN + HOUR


def test_rejected_the_same_lead_is_bound_and_may_not_return_again():
    whistle = returned(dispatched())

    decide(whistle, False)

    assert (whistle.lead, whistle.assignments[0].state) == ("U01", AssignmentState.ASSIGNED)
    with pytest.raises(AlreadyReturned):
        returned(whistle, at=MONDAY_TEN + HOUR)


def test_undecided_after_four_working_hours_a_return_is_rejected():
    whistle = returned(dispatched(), at=MONDAY_TEN)

    whistle.elapse(city("2026-03-02T16:00:01"), POLICY)

    rejections = [e for e in whistle.collect_events() if type(e).__name__ == "ReturnRejected"]
    assert [(e.timed_out, e.at) for e in rejections] == [(True, city("2026-03-02T16:00"))]


def test_the_street_decides_where_no_other_bureau_is_named_and_the_city_where_one_is():
    decide(returned(dispatched()), False, actor=DISPATCHER)
    with pytest.raises(CityDecides):
        decide(returned(dispatched(), suggested="U14"), False, actor=DISPATCHER)


def test_a_second_dispute_ends_with_a_designation_by_the_city():
    whistle = returned(dispatched())
    decide(whistle, True, "U14", actor=DISPATCHER)
    returned(whistle, "U14", at=MONDAY_TEN + 2 * MINUTE)

    with pytest.raises(CityDecides):
        decide(whistle, True, "U02", actor=DISPATCHER, at=MONDAY_TEN + 3 * MINUTE)
    decide(whistle, True, "U02", at=MONDAY_TEN + 3 * MINUTE)

    assert (whistle.lead, whistle.designated) == ("U02", True)
    with pytest.raises(Designated):
        returned(whistle, "U02", at=MONDAY_TEN + 4 * MINUTE)


def test_upholding_needs_another_lead_from_the_duty_list():
    whistle = returned(dispatched())

    with pytest.raises(NewLeadNeeded):
        decide(whistle, True)
    with pytest.raises(NewLeadNeeded):
        decide(whistle, True, "U01")
    with pytest.raises(NotOnDuty):
        decide(whistle, True, "X03")

    assert whistle.collect_events() == []


def test_without_a_return_there_is_nothing_to_decide():
    with pytest.raises(NoReturnPending):
        decide(dispatched(), True, "U14")


def test_who_disputes_a_whistle_may_still_act_and_the_dispute_goes_on():
    whistle = returned(dispatched())

    whistle.respond("arrival", point=HERE, actor=handler(), at=MONDAY_TEN + MINUTE)
    assert (whistle.state, whistle.pending_return is not None) == (State.RESPONDED, True)
    decide(whistle, True, "U14", at=MONDAY_TEN + HOUR)

    assert (whistle.state, whistle.lead) == (State.DISPATCHED, "U14")


def test_undecided_it_ends_for_a_unit_that_acted_meanwhile_as_for_any_other():
    whistle = returned(dispatched())
    whistle.respond("arrival", point=HERE, actor=handler(), at=MONDAY_TEN + MINUTE)

    whistle.elapse(city("2026-03-05T10:00"), POLICY)

    assert (whistle.pending_return, whistle.assignments[0].state) == (
        None,
        AssignmentState.RESPONDED,
    )


def test_who_says_done_disputes_no_longer():
    whistle = returned(dispatched())
    for step in ("respond", "start", "submit"):
        act(whistle, step)

    whistle.elapse(city("2026-03-05T10:00"), POLICY)

    assert whistle.pending_return is None
    assert "ReturnRejected" not in facts(whistle)


def act(whistle, step):
    match step:
        case "respond":
            whistle.respond("arrival", point=HERE, actor=handler(), at=MONDAY_TEN)
        case "start":
            whistle.start(actor=handler(), at=MONDAY_TEN)
        case "submit":
            whistle.submit(
                None, actor=handler(), at=MONDAY_TEN, policy=POLICY, words=[said("photo")]
            )


def test_a_return_says_whose_it_should_be_and_its_decision_whose_it_is_and_ends_the_waiting():
    asked, upheld, rejected = dispatched(), returned(dispatched()), returned(dispatched())

    asked.return_(
        actor=liaison(), at=MONDAY_TEN, policy=POLICY, reason_code="not_ours", suggested_unit="U14"
    )
    decide(upheld, True, "U14")
    decide(rejected, False)

    [request] = asked.collect_events()
    assert (request.unit, request.reason_code, request.suggested_unit, asked.suggested_unit) == (
        "U01",
        "not_ours",
        "U14",
        "U14",
    )
    agreed, sent = upheld.collect_events()
    assert (agreed.unit, agreed.late, sent.basis, sent.lead.unit, sent.co) == (
        "U01",
        False,
        "return_upheld",
        "U14",
        (),
    )
    assert {c.key for c in agreed.clocks} == {"adjudicate:U01", "respond:U01"}
    [refused] = rejected.collect_events()
    assert (refused.unit, refused.timed_out) == ("U01", False)
    assert [(c.key, c.stopped_at) for c in refused.clocks] == [
        ("adjudicate:U01", MONDAY_TEN + MINUTE)
    ]
    assert rejected.clocks["respond:U01"].running


def test_at_the_very_second_of_its_own_deadline_a_unit_may_still_give_it_back():
    whistle = returned(dispatched(), at=city("2026-03-02T12:00"))

    assert whistle.pending_return is not None


def test_a_class_of_long_answers_leaves_one_working_day_to_give_it_back():
    whistle = dispatched(category="E0505")

    with pytest.raises(ReturnTooLate):
        returned(whistle, at=city("2026-03-03T17:30:01"))
    returned(whistle, at=city("2026-03-03T17:30"))


def test_a_return_is_offered_only_while_its_window_is_open():
    short, long = dispatched(), dispatched(category="E0505")

    assert offers_return(short, city("2026-03-02T12:00"))
    assert not offers_return(short, city("2026-03-02T12:00:01"))
    assert offers_return(long, city("2026-03-03T17:30"))
    assert not offers_return(long, city("2026-03-03T17:30:01"))


def test_a_part_recorded_before_its_window_was_kept_has_the_same_window():
    whistle = dispatched(category="E0505")
    whistle.assignments = [replace(one, return_by=None) for one in whistle.assignments]

    with pytest.raises(ReturnTooLate):
        returned(whistle, at=city("2026-03-03T17:30:01"))


def offers_return(whistle: Whistle, at: datetime) -> bool:
    return "return" in {one.name for one in open_commands(whistle, liaison("U01"), at)}


def test_whose_return_was_refused_has_only_one_and_another_unit_has_its_own():
    whistle = returned(dispatched())
    decide(whistle, True, "U14")

    returned(whistle, "U14", at=MONDAY_TEN + 2 * MINUTE)

    assert whistle.returned_units == ["U01", "U14"]


def test_the_whistle_was_answered_by_the_first_lead_that_did_whoever_leads_afterwards():
    whistle = returned(dispatched())
    whistle.respond("arrival", point=HERE, actor=handler(), at=MONDAY_TEN + MINUTE)
    decide(whistle, True, "U14", at=MONDAY_TEN + HOUR)

    whistle.respond("arrival", point=HERE, actor=handler("U14"), at=MONDAY_TEN + 2 * HOUR)

    assert whistle.responded_at == MONDAY_TEN + MINUTE
    assert whistle.clocks["respond"].stopped_at == MONDAY_TEN + MINUTE
