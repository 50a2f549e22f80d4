"""入池、认领、派单、协办、报到."""

from dataclasses import replace

import pytest

from tests.domain.city_time import MONDAY_TEN, POLICY, city, shown
from tests.domain.whistles import (
    CATEGORIES,
    DISPATCHER,
    HERE,
    HOUR,
    INTAKE,
    LITTER,
    MINUTE,
    UNITS,
    claimed,
    dispatched,
    facts,
    handler,
    in_progress,
    liaison,
    open_to,
    pooled,
    quiet,
    raised,
    responded,
    said,
    triaged,
)
from tracker.domain.promises.clocks import Duration
from tracker.domain.whistle.events import Place, State
from tracker.domain.whistle.refusals.dispatching import (
    AlreadyAssigned,
    AlreadyClaimed,
    LeadCannotBeRemoved,
    NotCapable,
    NotClaimable,
    NotOnDuty,
    NotPoolable,
    NotPooled,
    UnitTwice,
)
from tracker.domain.whistle.refusals.lifecycle import NotInState, NotTheLead, NotYourTask
from tracker.domain.whistle.refusals.responding import (
    AlreadyResponded,
    ArrivalNeedsPoint,
    TooFarAway,
)
from tracker.domain.whistle.responding import CallRecord
from tracker.domain.whistle.windows import half


def test_a_pooled_whistle_waits_for_half_of_its_respond_limit():
    whistle = triaged()

    whistle.pool(CATEGORIES[LITTER], actor=DISPATCHER, at=MONDAY_TEN, policy=POLICY)

    assert (whistle.state, shown(whistle.clocks["pool"].due)) == (State.POOLED, "03-02 11:00")


@pytest.mark.parametrize("category", ["C0103", "E0401", "E0803"])
def test_only_what_is_poolable_not_urgent_and_not_confidential_is_pooled(category):
    whistle = triaged(category)

    with pytest.raises(NotPoolable):
        whistle.pool(CATEGORIES[category], actor=DISPATCHER, at=MONDAY_TEN, policy=POLICY)


def test_the_first_to_claim_leads_and_its_own_clock_starts_at_the_claim():
    whistle = pooled()

    at = MONDAY_TEN + 30 * MINUTE
    whistle.claim("U01", capable=True, actor=liaison(), at=at, policy=POLICY)

    assert (whistle.state, whistle.lead) == (State.CLAIMED, "U01")
    assert shown(whistle.clocks["respond:U01"].due) == "03-02 14:30"
    assert shown(whistle.clocks["respond"].due) == "03-02 12:00"
    assert whistle.clocks["pool"].stopped_at == at


def test_a_second_claim_is_refused_and_names_the_first():
    whistle = claimed("U01")

    with pytest.raises(AlreadyClaimed) as refusal:
        whistle.claim("U02", capable=True, actor=liaison("U02"), at=MONDAY_TEN, policy=POLICY)

    assert refusal.value.facts["lead"] == "U01"
    assert whistle.collect_events() == []


def test_a_claim_outside_the_pool_or_beyond_the_capability_is_refused():
    with pytest.raises(NotPooled):
        triaged().claim("U01", capable=True, actor=liaison(), at=MONDAY_TEN, policy=POLICY)
    with pytest.raises(NotCapable):
        pooled().claim("U09", capable=False, actor=liaison("U09"), at=MONDAY_TEN, policy=POLICY)


def test_unclaimed_at_the_end_of_the_window_it_goes_to_the_default_lead():
    whistle = pooled()

    whistle.elapse(MONDAY_TEN + HOUR + MINUTE, POLICY)

    dispatch = whistle.collect_events()[-1]
    assert (dispatch.at, dispatch.basis, whistle.lead) == (
        MONDAY_TEN + HOUR,
        "pool_window",
        "U01",
    )


def test_a_dispatch_orders_one_lead_and_its_co_handlers_each_with_a_clock():
    whistle = triaged()

    co = [UNITS["X03"], UNITS["U14"]]
    whistle.dispatch(UNITS["U01"], co, actor=DISPATCHER, at=MONDAY_TEN, policy=POLICY)

    assert (whistle.state, whistle.lead, whistle.co) == (State.DISPATCHED, "U01", ["X03", "U14"])
    assert {"respond:U01", "respond:X03", "respond:U14"} <= set(whistle.clocks)


@pytest.mark.parametrize(
    ("lead", "co", "refusal"),
    [("X03", [], NotOnDuty), ("AM001", [], NotOnDuty), ("U01", ["U01"], UnitTwice)],
)
def test_whom_a_dispatch_may_not_name(lead, co, refusal):
    whistle = triaged()

    others = [UNITS[unit] for unit in co]
    with pytest.raises(refusal):
        whistle.dispatch(UNITS[lead], others, actor=DISPATCHER, at=MONDAY_TEN, policy=POLICY)


def test_a_whistle_is_dispatched_after_triage_and_once():
    with pytest.raises(NotInState):
        raised().dispatch(UNITS["U01"], actor=DISPATCHER, at=MONDAY_TEN, policy=POLICY)
    with pytest.raises(AlreadyAssigned):
        dispatched().dispatch(UNITS["U02"], actor=DISPATCHER, at=MONDAY_TEN, policy=POLICY)


def test_acknowledging_stops_no_clock():
    whistle = dispatched()

    whistle.acknowledge(actor=liaison(), at=MONDAY_TEN + MINUTE)

    [seen] = whistle.collect_events()
    assert seen.clocks == ()
    assert whistle.assignments[0].acknowledged_at == MONDAY_TEN + MINUTE


def test_the_leads_response_stops_its_own_clock_and_the_whistles():
    whistle = dispatched(co=("U14",))

    whistle.respond("arrival", point=HERE, actor=handler(), at=MONDAY_TEN + HOUR)

    stopped = {k for k, clock in whistle.clocks.items() if clock.stopped_at}
    assert (whistle.state, stopped) == (State.RESPONDED, {"respond", "respond:U01"})


def test_a_co_handlers_response_stops_only_its_own():
    whistle = dispatched(co=("U14",))

    whistle.respond("arrival", point=HERE, actor=handler("U14"), at=MONDAY_TEN + HOUR)

    stopped = {k for k, clock in whistle.clocks.items() if clock.stopped_at}
    assert (whistle.state, stopped) == (State.DISPATCHED, {"respond:U14"})


def test_an_arrival_is_believed_within_two_hundred_metres():
    whistle = dispatched()

    whistle.respond("arrival", actor=handler(), at=MONDAY_TEN, point=replace(HERE, lat=23.3820))

    [arrival] = whistle.collect_events()
    assert 150 < arrival.distance_m < 200


def test_an_arrival_from_afar_or_without_a_point_is_refused():
    whistle = dispatched()

    with pytest.raises(TooFarAway):
        far = replace(HERE, lat=23.3900)
        whistle.respond("arrival", actor=handler(), at=MONDAY_TEN, point=far)
    with pytest.raises(ArrivalNeedsPoint):
        whistle.respond("arrival", actor=handler(), at=MONDAY_TEN)

    assert whistle.state is State.DISPATCHED


def test_a_unit_responds_once_and_only_to_its_own_tasks():
    whistle = responded()

    with pytest.raises(AlreadyResponded):
        whistle.respond("arrival", point=HERE, actor=handler(), at=MONDAY_TEN)
    with pytest.raises(NotYourTask):
        whistle.respond("arrival", point=HERE, actor=handler("U09"), at=MONDAY_TEN)


def test_only_the_lead_starts_the_work():
    whistle = responded(co=("U14",))

    with pytest.raises(NotTheLead):
        whistle.start(actor=handler("U14"), at=MONDAY_TEN)


def test_the_lead_asks_for_a_co_handler_and_the_dispatcher_adds_it():
    whistle = in_progress()

    whistle.add_co(UNITS["U14"], actor=handler(), at=MONDAY_TEN, policy=POLICY)
    whistle.add_co(UNITS["U14"], actor=DISPATCHER, at=MONDAY_TEN + MINUTE, policy=POLICY)

    assert facts(whistle) == ["CoRequested", "CoAdded"]
    assert whistle.co == ["U14"]


def test_a_removed_co_handlers_clock_is_cancelled_but_never_the_leads():
    whistle = dispatched(co=("U14",))

    whistle.remove_co("U14", actor=DISPATCHER, at=MONDAY_TEN)

    assert (whistle.co, whistle.clocks["respond:U14"].stopped_at) == ([], MONDAY_TEN)
    with pytest.raises(LeadCannotBeRemoved):
        whistle.remove_co("U01", actor=DISPATCHER, at=MONDAY_TEN)


def test_a_response_at_the_very_second_of_the_deadline_is_in_time():
    whistle = dispatched()
    due = city("2026-03-02T12:00")

    whistle.elapse(due, POLICY)
    whistle.respond("arrival", point=HERE, actor=handler(), at=due)

    assert whistle.card == "yellow"


def test_what_became_confidential_in_the_pool_is_nobodys_to_claim_whatever_its_category_is_now():
    whistle = pooled()
    whistle.mark_confidential(actor=INTAKE, at=MONDAY_TEN)
    quiet(whistle)

    with pytest.raises(NotClaimable) as refusal:
        whistle.claim("U01", capable=True, actor=liaison(), at=MONDAY_TEN, policy=POLICY)

    assert refusal.value.facts == {"number": whistle.number}
    assert (whistle.state, whistle.lead, whistle.collect_events()) == (State.POOLED, None, [])
    assert "claim" not in open_to(whistle, liaison())


LIMITS = [(2, "working_hours"), (3, "working_hours"), (1, "working_days"), (2, "working_days")]


def test_the_window_of_a_claim_is_half_of_the_respond_limit_and_of_a_day_four_hours():
    assert [half(Duration(value, unit)) for value, unit in LIMITS] == [
        Duration(1, "working_hours"),
        Duration(2, "working_hours"),
        Duration(4, "working_hours"),
        Duration(7, "working_hours"),
    ]


def test_unclaimed_its_co_handlers_are_sent_with_the_lead_each_once_and_by_that_rule():
    category = replace(CATEGORIES[LITTER], lead_unit="U01", co_units=("U14", "U01"))
    whistle = triaged()
    whistle.pool(category, actor=DISPATCHER, at=MONDAY_TEN, policy=POLICY)

    whistle.elapse(MONDAY_TEN + HOUR + MINUTE, POLICY)

    sent = whistle.collect_events()[-1]
    assert (whistle.lead, whistle.co) == ("U01", ["U14"])
    assert (sent.by, sent.basis, sent.rule) == ("system", "pool_window", "pool window")
    assert whistle.clocks["pool"].stopped_at == MONDAY_TEN + HOUR


def test_the_waiting_of_a_pool_ends_when_the_post_sends_somebody():
    whistle = pooled()

    whistle.dispatch(
        UNITS["U02"], actor=DISPATCHER, at=MONDAY_TEN + MINUTE, policy=POLICY, rule="by hand"
    )

    [sent] = whistle.collect_events()
    assert (sent.basis, sent.rule, sent.lead.unit, sent.co) == ("command", "by hand", "U02", ())
    assert whistle.clocks["pool"].stopped_at == MONDAY_TEN + MINUTE
    assert (sent.lead.assigned_at, sent.lead.role) == (MONDAY_TEN + MINUTE, "lead")


def test_one_unit_has_seen_it_and_the_other_has_not():
    whistle = dispatched(co=("U14",))

    whistle.acknowledge(actor=liaison("U14"), at=MONDAY_TEN + MINUTE)

    seen = {task.unit: task.acknowledged_at for task in whistle.assignments}
    assert seen == {"U01": None, "U14": MONDAY_TEN + MINUTE}


def test_a_waived_part_that_was_answered_keeps_the_moment_of_its_answer():
    whistle = dispatched(co=("U14",))
    whistle.respond("arrival", point=HERE, actor=handler("U14"), at=MONDAY_TEN + MINUTE)
    quiet(whistle)

    whistle.remove_co("U14", actor=DISPATCHER, at=MONDAY_TEN + HOUR)

    [waived] = whistle.collect_events()
    assert (waived.unit, waived.clocks) == ("U14", ())
    assert whistle.clocks["respond:U14"].stopped_at == MONDAY_TEN + MINUTE


def test_an_arrival_at_exactly_two_hundred_metres_is_one_and_is_told_to_a_tenth():
    whistle = dispatched()
    edge = replace(HERE, lat=HERE.lat + 200 / 111_194.93)

    whistle.respond("arrival", actor=handler(), at=MONDAY_TEN, point=edge)

    [arrival] = whistle.collect_events()
    assert (arrival.kind, arrival.distance_m) == ("arrival", 200.0)


def test_where_the_place_is_unknown_any_point_is_an_arrival_and_a_call_has_no_distance():
    nowhere = dispatched(place=Place())

    shown = [said("photo")]
    nowhere.respond("arrival", actor=handler(), at=MONDAY_TEN, point=HERE, words=shown)
    called = dispatched()
    spoken = CallRecord(MONDAY_TEN, reached=True)
    called.open_contact(actor=handler(), at=MONDAY_TEN)
    quiet(called)
    called.respond("call", call=spoken, actor=handler(), at=MONDAY_TEN)

    for whistle, kind in ((nowhere, "arrival"), (called, "call")):
        [answer] = whistle.collect_events()
        assert (answer.kind, answer.distance_m, answer.lead) == (kind, None, True)


def test_a_co_handler_that_is_asked_for_is_named_and_one_that_is_added_has_a_promise_of_its_own():
    whistle = in_progress()

    whistle.add_co(UNITS["U14"], actor=handler(), at=MONDAY_TEN, policy=POLICY)
    whistle.add_co(UNITS["U14"], actor=DISPATCHER, at=MONDAY_TEN + HOUR, policy=POLICY)

    asked, added = whistle.collect_events()
    assert (asked.unit, asked.clocks) == ("U14", ())
    assert (added.assignment.unit, added.assignment.role) == ("U14", "co")
    assert [(clock.key, shown(clock.due)) for clock in added.clocks] == [
        ("respond:U14", "03-02 15:00")
    ]


def test_a_claim_ends_the_waiting_of_the_pool_and_no_promise():
    whistle = pooled()

    whistle.claim("U01", capable=True, actor=liaison(), at=MONDAY_TEN + MINUTE, policy=POLICY)

    [claim] = whistle.collect_events()
    assert {clock.key: clock.running for clock in claim.clocks} == {
        "pool": False,
        "respond:U01": True,
    }
    assert whistle.clocks["respond"].running and whistle.clocks["resolve"].running


def test_how_far_away_an_arrival_was_is_told_to_a_tenth_of_a_metre():
    whistle = dispatched()

    whistle.respond("arrival", actor=handler(), at=MONDAY_TEN, point=replace(HERE, lat=23.3820))

    [arrival] = whistle.collect_events()
    assert arrival.distance_m == 166.8


@pytest.mark.parametrize("sla_class", ["E1", "U2"])
def test_a_category_for_everybody_is_not_pooled_where_it_is_urgent_or_confidential(sla_class):
    urgent, hidden = triaged(), triaged(confidential_basis="reporter")
    urgent.classify(
        CATEGORIES[LITTER], actor=INTAKE, at=MONDAY_TEN, policy=POLICY, sla_class=sla_class
    )

    for whistle in (urgent, hidden):
        with pytest.raises(NotPoolable):
            whistle.pool(CATEGORIES[LITTER], actor=DISPATCHER, at=MONDAY_TEN, policy=POLICY)
        assert "pool" not in open_to(whistle, DISPATCHER)


def test_the_whistle_is_answered_when_its_lead_answers_and_not_when_a_co_handler_does():
    whistle = dispatched(co=("U14",))

    whistle.respond("arrival", point=HERE, actor=handler("U14"), at=MONDAY_TEN + MINUTE)
    assert whistle.responded_at is None
    whistle.respond("arrival", point=HERE, actor=handler(), at=MONDAY_TEN + HOUR)
    whistle.start(actor=handler(), at=MONDAY_TEN + HOUR)

    assert whistle.responded_at == MONDAY_TEN + HOUR
    assert whistle.collect_events()[-1].unit == "U01"
