"""退单、裁定、指定管辖."""

from dataclasses import replace
from datetime import date, datetime

import pytest

from tests.domain.city_time import MONDAY_TEN, POLICY, city, shown
from tests.domain.whistles import (
    CITY,
    CITY_NOW,
    DISPATCHER,
    HERE,
    HOUR,
    MINUTE,
    UNITS,
    claimed,
    dispatched,
    facts,
    handler,
    in_progress,
    liaison,
    quiet,
    raised,
    responded,
    said,
    suspended,
)
from tracker.commands.whistle.commands import open_commands
from tracker.domain.whistle.assignment import AssignmentState
from tracker.domain.whistle.events import State
from tracker.domain.whistle.refusals.dispatching import NotOnDuty
from tracker.domain.whistle.refusals.lifecycle import NotInState, NotYourTask
from tracker.domain.whistle.refusals.responding import AlreadyResponded
from tracker.domain.whistle.refusals.returning import (
    AlreadyReturned,
    CityDecides,
    ClaimedByItself,
    Designated,
    EmergencyNotReturnable,
    NewLeadNeeded,
    NoReturnPending,
    ReturnPending,
    ReturnTooLate,
)
from tracker.domain.whistle.responding import CallRecord
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


def decide(whistle, upheld, lead=None, actor=CITY, at=MONDAY_TEN + MINUTE, unit=None):
    new_lead = UNITS[lead] if lead else None
    whistle.adjudicate(upheld, new_lead, actor=actor, at=at, policy=POLICY, unit=unit)


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
        (responded(), liaison(), AlreadyResponded),
        (claimed(), liaison(), ClaimedByItself),
        (dispatched(), liaison("U14"), NotYourTask),
        (suspended(date(2026, 3, 20), co=("U14",)), liaison("U14"), NotInState),
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


def test_who_responds_meanwhile_disputes_it_no_longer():
    whistle = returned(dispatched())

    whistle.respond("arrival", point=HERE, actor=handler(), at=MONDAY_TEN + MINUTE)

    withdrawn, responded_ = whistle.collect_events()
    assert (type(withdrawn).__name__, withdrawn.unit) == ("ReturnWithdrawn", "U01")
    assert whistle.clocks["adjudicate:U01"].stopped_at == MONDAY_TEN + MINUTE
    assert (whistle.state, whistle.pending_return) == (State.RESPONDED, None)
    assert whistle.assignments[0].state is AssignmentState.RESPONDED
    assert type(responded_).__name__ == "Responded"
    with pytest.raises(NoReturnPending):
        decide(whistle, True, "U14", at=MONDAY_TEN + HOUR)


def test_a_call_in_vain_is_no_response_and_the_dispute_goes_on():
    whistle = returned(dispatched())

    in_vain = CallRecord(MONDAY_TEN, reached=False)
    whistle.open_contact(actor=handler(), at=MONDAY_TEN)
    whistle.respond("call", call=in_vain, actor=handler(), at=MONDAY_TEN)

    assert whistle.pending_return is not None


def test_a_co_handler_returns_its_own_part_also_while_the_lead_is_at_work():
    whistle = in_progress(co=("U14", "X03"))

    returned(whistle, "U14")
    decide(whistle, True, actor=DISPATCHER)

    assert facts(whistle) == ["ReturnUpheld"]
    assert (whistle.state, whistle.lead, whistle.co) == (State.IN_PROGRESS, "U01", ["X03"])
    assert whistle.clocks["respond:U14"].stopped_at == MONDAY_TEN + MINUTE
    assert whistle.hops == 0


def test_two_units_return_their_parts_and_each_is_decided_by_itself():
    whistle = returned(returned(dispatched(co=("U14",))), "U14")

    decide(whistle, False, actor=DISPATCHER, unit="U14")

    assert [part.unit for part in whistle.pending_returns] == ["U01"]
    decide(whistle, True, "U02", actor=DISPATCHER, unit="U01")
    assert (whistle.lead, whistle.co) == ("U02", ["U14"])


def test_each_return_that_nobody_decides_ends_at_its_own_time():
    whistle = returned(returned(dispatched(co=("U14",))), "U14", at=MONDAY_TEN + HOUR)

    whistle.elapse(city("2026-03-02T17:30"), POLICY)

    ends = [(e.unit, shown(e.at)) for e in whistle.collect_events() if hasattr(e, "timed_out")]
    assert ends == [("U01", "03-02 16:00"), ("U14", "03-02 17:00")]


def test_a_lead_that_goes_takes_its_requests_along():
    whistle = in_progress(category="C0103")
    whistle.request_extension(actor=handler(), at=MONDAY_TEN, policy=POLICY)
    heir = CITY_NOW.with_unit("U01", ended_on=MONDAY_TEN.date(), successor="U02")
    whistle.draw(heir, at=MONDAY_TEN)
    whistle.request_extension(actor=handler("U02"), at=MONDAY_TEN, policy=POLICY)
    returned(whistle, "U02")

    decide(whistle, True, "U14")

    assert facts(whistle) == ["RequestsLapsed", "ReturnUpheld", "Dispatched"]
    assert whistle.state is State.DISPATCHED


def test_a_claimed_one_is_kept_by_who_claimed_it_but_not_by_who_helps():
    whistle = claimed()
    whistle.add_co(UNITS["U14"], actor=DISPATCHER, at=MONDAY_TEN, policy=POLICY)

    returned(whistle, "U14")

    assert whistle.pending_return is not None


def test_a_dispute_of_an_older_log_ends_for_a_unit_that_acted_meanwhile_as_for_any_other():
    whistle = returned(dispatched())
    part = whistle.assignments[0].respond(MONDAY_TEN + MINUTE, "arrival")
    whistle.assignments = [part]

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
