"""撤回、作废、转出、剔除、升级、督办、更正."""

from dataclasses import replace
from datetime import date

import pytest

from tests.domain.city_time import MONDAY_TEN, POLICY, city, shown
from tests.domain.whistles import (
    AUDITOR,
    CATEGORIES,
    CITY,
    COMMANDER,
    DAY,
    DISPATCHER,
    HERE,
    HOUR,
    INTAKE,
    MINUTE,
    RESIDENT,
    SUPERVISOR,
    VERIFIER,
    closed,
    dispatched,
    facts,
    handler,
    quiet,
    raised,
    responded,
    said,
    submitted,
    suspended,
    triaged,
    verified,
)
from tracker.domain.actors import Actor, Role
from tracker.domain.city.city import TransferTarget
from tracker.domain.promises.clocks import Mark, SlaPolicy
from tracker.domain.whistle.events import State
from tracker.domain.whistle.place import Place
from tracker.domain.whistle.refusals.correcting import (
    NotCorrectable,
    OccurredAfterRaised,
    OnlyAboveThePost,
    OnlyTheReceivingPost,
)
from tracker.domain.whistle.refusals.ending import (
    AlreadyExcluded,
    NotATarget,
    NotAVoidReason,
    OnlyTheCityOverturns,
    OnlyTheCityTransfers,
    OnlyTheCityVoids,
    OthersFollowIt,
    TooLateToAppeal,
)
from tracker.domain.whistle.refusals.lifecycle import (
    AlreadyTerminal,
    NotInState,
    SecondPersonNeeded,
)
from tracker.domain.whistle.refusals.overseeing import (
    AlreadySupervised,
    LowestLevel,
    NotSupervised,
    NotTheNextLevel,
    PrefectureNotYet,
)
from tracker.domain.whistle.refusals.raising import TakenBack
from tracker.domain.whistle.refusals.resolving import SamePersonAgain

REVIEW = date(2026, 3, 20)
OTHER = replace(CITY, account="city-2")


def running(whistle):
    return [clock for clock in whistle.clocks.values() if clock.running]


def test_a_reporter_withdraws_until_the_unit_says_done():
    whistle = dispatched()

    whistle.withdraw(actor=RESIDENT, at=MONDAY_TEN)

    assert (whistle.state, whistle.lead, running(whistle)) == (State.WITHDRAWN, None, [])
    with pytest.raises(NotInState):
        submitted().withdraw(actor=RESIDENT, at=MONDAY_TEN)


def test_a_hazard_that_units_were_sent_to_goes_on_without_its_reporter():
    whistle = raised("E0401", units=("U02",))

    whistle.withdraw(actor=RESIDENT, at=MONDAY_TEN)

    assert facts(whistle) == ["ReporterWithdrew"]
    assert (whistle.state, whistle.lead, whistle.parties) == (State.DISPATCHED, "U02", [])
    assert whistle.wants_site_check
    with pytest.raises(TakenBack):
        whistle.withdraw(actor=RESIDENT, at=MONDAY_TEN)
    raised("C0102").withdraw(actor=RESIDENT, at=MONDAY_TEN)


def test_voiding_takes_two_people_and_a_listed_reason():
    whistle = raised()
    with pytest.raises(NotAVoidReason):
        whistle.void("too hard", actor=INTAKE, at=MONDAY_TEN)

    whistle.void("test", actor=INTAKE, at=MONDAY_TEN)
    with pytest.raises(SecondPersonNeeded):
        whistle.void("test", actor=INTAKE, at=MONDAY_TEN)
    whistle.void("test", actor=COMMANDER, at=MONDAY_TEN)

    assert facts(whistle) == ["VoidProposed", "Voided"]
    assert (whistle.state, running(whistle)) == (State.VOID, [])


def test_once_units_were_sent_only_the_city_voids():
    whistle = dispatched()

    with pytest.raises(OnlyTheCityVoids):
        whistle.void("fabricated", actor=COMMANDER, at=MONDAY_TEN)
    whistle.void("fabricated", actor=SUPERVISOR, at=MONDAY_TEN)
    whistle.void("fabricated", actor=CITY, at=MONDAY_TEN)

    assert whistle.state is State.VOID


def void(whistle, *people, at=MONDAY_TEN):
    for person in people:
        whistle.void("fabricated", actor=person, at=at)
    return quiet(whistle)


def test_within_a_week_somebody_above_finds_a_void_whistle_valid_after_all():
    whistle = void(triaged(), INTAKE, COMMANDER)
    left = {"respond": "03-02 12:00", "resolve": "03-03 10:00"}
    assert {k: shown(whistle.clocks[k].due) for k in left} == left

    whistle.reopen(actor=SUPERVISOR, at=MONDAY_TEN + 7 * DAY, policy=POLICY, words=[said()])

    assert facts(whistle) == ["VoidOverturned"]
    assert (whistle.state, whistle.cycle, whistle.lead) == (State.TRIAGED, 1, None)
    again = {clock.key: shown(clock.due) for clock in running(whistle)}
    assert again == {"respond": "03-09 12:00", "resolve": "03-10 10:00"}


def test_after_a_week_a_void_whistle_stays_void():
    whistle = void(triaged(), INTAKE, COMMANDER)

    with pytest.raises(TooLateToAppeal):
        whistle.reopen(actor=CITY, at=MONDAY_TEN + 7 * DAY + MINUTE, policy=POLICY)


def test_nobody_overturns_what_they_voided_and_only_those_above_overturn():
    whistle = void(dispatched(), SUPERVISOR, CITY)

    for person in (SUPERVISOR, CITY):
        with pytest.raises(SamePersonAgain):
            whistle.reopen(actor=person, at=MONDAY_TEN, policy=POLICY)
    for person in (RESIDENT, VERIFIER):
        with pytest.raises(OnlyTheCityOverturns):
            whistle.reopen(actor=person, at=MONDAY_TEN, policy=POLICY)
    whistle.reopen(actor=replace(CITY, account="city-2"), at=MONDAY_TEN, policy=POLICY)

    assert (whistle.state, whistle.lead) == (State.DISPATCHED, "U01")


def test_what_was_answered_before_it_was_void_is_not_to_be_answered_again():
    whistle = void(responded(), SUPERVISOR, CITY)

    whistle.reopen(actor=replace(CITY, account="city-2"), at=MONDAY_TEN + MINUTE, policy=POLICY)

    assert [clock.kind for clock in running(whistle)] == ["resolve"]
    assert whistle.state is State.RESPONDED


def test_what_belongs_to_others_is_transferred_to_a_listed_target():
    whistle = dispatched()

    with pytest.raises(NotATarget):
        whistle.transfer_out("the mayor", actor=DISPATCHER, at=MONDAY_TEN, policy=POLICY)
    whistle.transfer_out("petition", actor=DISPATCHER, at=MONDAY_TEN, policy=POLICY)

    assert (whistle.state, running(whistle)) == (State.TRANSFERRED_OUT, [])


def test_excluding_from_the_scores_takes_two_people_and_changes_no_state():
    whistle = closed()

    whistle.exclude("nobodys_duty", actor=SUPERVISOR, at=MONDAY_TEN)
    assert not whistle.excluded
    whistle.exclude("nobodys_duty", actor=AUDITOR, at=MONDAY_TEN)

    assert (whistle.excluded, whistle.state) == (True, State.CLOSED)
    with pytest.raises(AlreadyExcluded):
        whistle.exclude("nobodys_duty", actor=SUPERVISOR, at=MONDAY_TEN)


def test_escalation_goes_up_one_level_and_back_to_the_exact_one_it_came_from():
    whistle = dispatched()

    for _ in range(3):
        whistle.escalate(actor=COMMANDER, at=MONDAY_TEN)
    with pytest.raises(PrefectureNotYet):
        whistle.escalate(actor=COMMANDER, at=MONDAY_TEN)
    whistle.deescalate(actor=CITY, at=MONDAY_TEN)

    assert whistle.level == 3
    assert {event.state for event in whistle.collect_events()} == {State.DISPATCHED}


def test_an_emergency_goes_to_any_level_and_everything_else_to_the_next():
    whistle, ordinary = raised("E0401", units=("U02",)), dispatched()

    for one, level in ((ordinary, 3), (ordinary, 1), (whistle, 1)):
        with pytest.raises(NotTheNextLevel):
            one.escalate(level, actor=COMMANDER, at=MONDAY_TEN)
    with pytest.raises(PrefectureNotYet):
        whistle.escalate(5, actor=COMMANDER, at=MONDAY_TEN)
    ordinary.escalate(2, actor=COMMANDER, at=MONDAY_TEN)
    assert ordinary.level == 2
    whistle.escalate(4, actor=COMMANDER, at=MONDAY_TEN)
    assert whistle.level == 4
    whistle.deescalate(actor=CITY, at=MONDAY_TEN)

    assert whistle.level == 1
    with pytest.raises(LowestLevel):
        whistle.deescalate(actor=CITY, at=MONDAY_TEN)


def test_supervision_is_opened_once_and_closed_again():
    whistle = dispatched()

    with pytest.raises(NotSupervised):
        whistle.end_supervision(actor=SUPERVISOR, at=MONDAY_TEN)
    whistle.supervise(actor=SUPERVISOR, at=MONDAY_TEN)
    with pytest.raises(AlreadySupervised):
        whistle.supervise(actor=SUPERVISOR, at=MONDAY_TEN)
    whistle.end_supervision(actor=SUPERVISOR, at=MONDAY_TEN)

    assert not whistle.supervised


def test_urging_moves_no_clock_and_no_ended_whistle_is_urged():
    whistle = dispatched()

    whistle.urge(actor=RESIDENT, at=MONDAY_TEN)

    [urged] = whistle.collect_events()
    assert urged.clocks == ()
    with pytest.raises(AlreadyTerminal):
        closed().urge(actor=RESIDENT, at=MONDAY_TEN)


def correct(whistle, actor, field="category", value="C0102", **found):
    whistle.correct(field, value, actor=actor, at=MONDAY_TEN, policy=POLICY, **found)


def test_a_correction_takes_two_people_who_say_the_same():
    whistle = triaged()

    correct(whistle, INTAKE, "grid", "a", place=replace(HERE, post="CP05"))
    correct(whistle, COMMANDER, "grid", "b", place=replace(HERE, post="CP06"))
    with pytest.raises(OnlyTheReceivingPost):
        correct(whistle, INTAKE, "grid", "b", place=replace(HERE, post="CP06"))
    receiving = Actor("dispatcher-cp06", Role.DISPATCHER, post="CP06")
    correct(whistle, receiving, "grid", "b", place=replace(HERE, post="CP06"))

    assert facts(whistle) == ["CorrectionProposed", "CorrectionProposed", "Corrected"]
    assert whistle.place.post == "CP06"


def test_a_grid_that_is_named_keeps_the_point_that_was_reported():
    whistle = triaged()

    for actor in (INTAKE, COMMANDER):
        correct(whistle, actor, "grid", "a", place=Place("other", post=HERE.post))

    assert (whistle.place.grid, whistle.place.lat) == ("other", HERE.lat)


def test_only_somebody_above_the_post_gives_it_a_milder_class():
    whistle = dispatched()  # Q3

    correct(whistle, INTAKE, "sla_class", "X5", sla_class="X5")
    with pytest.raises(OnlyAboveThePost):
        correct(whistle, COMMANDER, "sla_class", "X5", sla_class="X5")
    correct(whistle, CITY, "sla_class", "X5", sla_class="X5")

    assert whistle.sla_class == "X5"


def test_a_corrected_category_brings_its_class_and_the_old_event_stays():
    whistle = triaged()

    correct(whistle, INTAKE, category=CATEGORIES["C0102"])
    correct(whistle, COMMANDER, category=CATEGORIES["C0102"])

    assert (whistle.category, whistle.sla_class) == ("C0102", "U2")
    assert shown(whistle.clocks["respond"].due) == "03-02 12:00"


def test_a_corrected_time_is_not_later_than_the_registration():
    whistle = triaged()
    told = MONDAY_TEN + MINUTE

    with pytest.raises(OccurredAfterRaised) as refusal:
        correct(whistle, INTAKE, "occurred_at", told.isoformat(), occurred_at=told)

    assert refusal.value.facts["occurred_at"] == told
    assert whistle.collect_events() == []


def test_a_time_before_the_registration_is_corrected_by_two_people():
    whistle = triaged()
    told = MONDAY_TEN - HOUR

    for who in (INTAKE, COMMANDER):
        correct(whistle, who, "occurred_at", told.isoformat(), occurred_at=told)

    assert whistle.occurred_at == told


def test_not_every_fact_can_be_corrected():
    with pytest.raises(NotCorrectable):
        correct(triaged(), INTAKE, "registered_at", "yesterday")


def test_a_stream_never_runs_backwards_when_the_clock_leaps():
    whistle = quiet(dispatched())

    whistle.urge(actor=RESIDENT, at=MONDAY_TEN - DAY)

    [urged] = whistle.collect_events()
    assert urged.at == MONDAY_TEN


def test_a_calendar_that_arrives_makes_provisional_deadlines_certain():
    whistle = triaged("C0103", at=city("2026-12-28T10:00"))
    assert whistle.clocks["resolve"].provisional

    calendar = replace(
        POLICY.calendar, years=POLICY.calendar.years | {2027}, exceptions=POLICY.calendar.exceptions
    )
    whistle.recompute_deadlines(
        at=city("2026-12-29T09:00"), policy=replace(POLICY, calendar=calendar)
    )

    [recomputed] = whistle.collect_events()
    assert recomputed.years == (2027,)
    assert not whistle.clocks["resolve"].provisional


def with_new_years_day_off() -> SlaPolicy:
    calendar = replace(
        POLICY.calendar,
        years=POLICY.calendar.years | {2027},
        exceptions={**POLICY.calendar.exceptions, date(2027, 1, 1): ()},
    )
    return replace(POLICY, calendar=calendar)


def test_a_calendar_that_arrives_decides_again_what_was_answered_before_it_came():
    """Raised on the last afternoon of a year; the first of January turns out to be a holiday."""
    whistle = dispatched(at=city("2026-12-31T17:00"))  # Q3
    assert shown(whistle.clocks["respond"].due) == "01-01 10:00"
    whistle.respond("arrival", actor=handler(), at=city("2027-01-04T09:30"), point=HERE)
    whistle.start(actor=handler(), at=city("2027-01-04T09:30"))
    done = city("2027-01-04T16:00")
    whistle.submit(None, actor=handler(), at=done, policy=POLICY, words=[said("photo")])
    whistle.verify(True, actor=VERIFIER, at=done, policy=POLICY)
    assert whistle.clocks["respond"].stopped_at and whistle.clocks["resolve"].stopped_at

    whistle.recompute_deadlines(at=city("2027-01-05T09:00"), policy=with_new_years_day_off())

    part = whistle.assignment_of("U01")
    assert part is not None
    assert shown(whistle.clocks["respond"].due) == shown(part.respond_due) == "01-04 10:00"
    assert shown(whistle.clocks["resolve"].due) == shown(part.resolve_due) == "01-04 17:00"
    assert whistle.clocks["respond"].stopped_at == city("2027-01-04T09:30")
    assert not any(clock.missing_years for clock in whistle.clocks.values())


def test_a_provisional_deadline_shows_no_card():
    whistle = triaged("C0103", at=city("2026-12-28T10:00"))

    whistle.elapse(city("2027-02-01T10:00"), POLICY)

    kinds = {e.kind for e in whistle.collect_events() if hasattr(e, "kind")}
    assert "resolve" not in kinds


@pytest.mark.parametrize("sla_class", ["E1", "U2"])
def test_danger_and_a_cut_supply_go_on_without_a_reporter_once_a_unit_was_sent(sla_class):
    whistle = dispatched(category="C0103")
    for actor in (INTAKE, COMMANDER):
        correct(whistle, actor, "sla_class", sla_class, sla_class=sla_class)
    quiet(whistle)

    whistle.withdraw(actor=RESIDENT, at=MONDAY_TEN)

    assert (whistle.state, facts(whistle)) == (State.DISPATCHED, ["ReporterWithdrew"])


def test_a_cut_supply_is_taken_back_while_nobody_was_sent():
    whistle = triaged("C0102")

    whistle.withdraw(actor=RESIDENT, at=MONDAY_TEN)

    assert whistle.state is State.WITHDRAWN


def test_the_supervisor_proposes_and_the_city_centre_confirms_and_not_the_other_way():
    whistle = dispatched()

    with pytest.raises(OnlyTheCityVoids):
        whistle.void("fabricated", actor=CITY, at=MONDAY_TEN)
    whistle.void("fabricated", actor=SUPERVISOR, at=MONDAY_TEN)
    with pytest.raises(OnlyTheCityVoids):
        whistle.void("test", actor=replace(SUPERVISOR, account="other"), at=MONDAY_TEN)
    whistle.void("test", actor=CITY, at=MONDAY_TEN)

    voided = whistle.collect_events()[-1]
    assert (voided.reason_code, voided.proposed_by) == ("fabricated", SUPERVISOR.account)
    assert whistle.state is State.VOID


def test_what_was_proposed_at_the_post_counts_no_longer_once_a_due_has_passed():
    whistle = raised()
    whistle.void("test", actor=INTAKE, at=MONDAY_TEN)
    whistle.elapse(MONDAY_TEN + 5 * HOUR, POLICY)

    with pytest.raises(OnlyTheCityVoids):
        whistle.void("test", actor=COMMANDER, at=MONDAY_TEN + 5 * HOUR)
    void(whistle, SUPERVISOR, CITY, at=MONDAY_TEN + 5 * HOUR)

    assert whistle.state is State.VOID


def test_what_is_closed_is_voided_for_a_week_and_closed_again_if_that_was_wrong():
    whistle = closed()
    with pytest.raises(AlreadyTerminal):
        void(whistle, SUPERVISOR, at=MONDAY_TEN + 7 * DAY + MINUTE)
    void(whistle, SUPERVISOR, CITY, at=MONDAY_TEN + 7 * DAY)
    assert (whistle.state, whistle.lead) == (State.VOID, None)

    whistle.reopen(actor=OTHER, at=MONDAY_TEN + 8 * DAY, policy=POLICY)

    assert (whistle.state, whistle.lead, running(whistle)) == (State.CLOSED, "U01", [])


def test_overturned_it_has_the_units_that_it_had_and_the_time_as_void_is_a_pause():
    whistle = void(dispatched(co=("U14",)), SUPERVISOR, CITY)

    whistle.reopen(actor=OTHER, at=MONDAY_TEN + DAY, policy=POLICY)

    assert (whistle.state, whistle.lead, whistle.co) == (State.DISPATCHED, "U01", ["U14"])
    assert {clock.key: shown(clock.due) for clock in running(whistle)} == {
        "respond": "03-03 12:00",
        "resolve": "03-04 10:00",
        "respond:U01": "03-03 12:00",
        "respond:U14": "03-03 12:00",
    }
    assert shown(whistle.assignment_of("U01").respond_due) == "03-03 12:00"
    assert sorted(part.unit for part in whistle.assignments) == ["U01", "U14"]


def test_what_was_on_account_or_checked_is_so_again():
    for given, state in ((suspended(REVIEW), State.SUSPENDED), (verified(), State.VERIFIED)):
        void(given, SUPERVISOR, CITY)

        given.reopen(actor=OTHER, at=MONDAY_TEN + DAY, policy=POLICY)

        assert given.state is state


def test_what_was_missed_before_it_was_void_stays_missed():
    whistle = triaged()
    whistle.elapse(MONDAY_TEN + 5 * HOUR, POLICY)
    due = whistle.clocks["respond"].due
    void(whistle, SUPERVISOR, CITY, at=MONDAY_TEN + 5 * HOUR)

    whistle.reopen(actor=OTHER, at=MONDAY_TEN + DAY, policy=POLICY)

    respond = whistle.clocks["respond"]
    assert (respond.due, Mark.RED in respond.reached) == (due, True)


def test_after_half_of_the_respond_limit_the_city_centre_confirms_a_transfer():
    whistle, late = dispatched(), MONDAY_TEN + HOUR + MINUTE
    terms = {"at": late, "policy": POLICY}

    whistle.transfer_out("110", actor=INTAKE, **terms)
    assert (facts(whistle), whistle.state) == (["TransferProposed"], State.DISPATCHED)
    with pytest.raises(SecondPersonNeeded):
        whistle.transfer_out("110", actor=INTAKE, **terms)
    with pytest.raises(OnlyTheCityTransfers):
        whistle.transfer_out("110", actor=DISPATCHER, **terms)
    whistle.transfer_out("110", actor=CITY, **terms)

    [gone] = whistle.collect_events()
    assert (gone.proposed_by, whistle.state) == (INTAKE.account, State.TRANSFERRED_OUT)


def test_what_is_on_account_is_transferred_too_and_says_how_to_reach_whom():
    whistle = suspended(REVIEW)
    reach = TransferTarget(code="110", name="公安", phone="110")

    whistle.transfer_out("110", actor=INTAKE, at=MONDAY_TEN, policy=POLICY, reach=reach)

    assert (whistle.state, whistle.collect_events()[0].reach) == (State.TRANSFERRED_OUT, reach)


def test_children_go_along_with_a_transfer_and_are_no_ground_to_void_it_while_they_follow():
    parent, child = triaged(), triaged()
    terms = {"same_family": True, "same_named_place": True}
    child.merge(parent, actor=DISPATCHER, at=MONDAY_TEN, policy=POLICY, **terms)
    parent.void("test", actor=INTAKE, at=MONDAY_TEN)
    with pytest.raises(OthersFollowIt):
        parent.void("test", actor=COMMANDER, at=MONDAY_TEN)
    quiet(child)

    parent.transfer_out("110", actor=INTAKE, at=MONDAY_TEN, policy=POLICY, children=[child])

    assert (parent.state, child.state) == (State.TRANSFERRED_OUT, State.TRANSFERRED_OUT)
    assert facts(child) == ["TransferredOut"]


def test_valid_after_all_it_is_voided_again_only_by_two():
    whistle = void(triaged(), INTAKE, COMMANDER)
    whistle.reopen(actor=CITY, at=MONDAY_TEN, policy=POLICY)

    whistle.void("fabricated", actor=INTAKE, at=MONDAY_TEN)

    assert whistle.state is State.TRIAGED


def test_who_is_told_of_an_exclusion_or_a_transfer_reads_who_asked_and_where_it_went():
    excluded, gone = closed(), dispatched()

    excluded.exclude("nobodys_duty", actor=SUPERVISOR, at=MONDAY_TEN)
    excluded.exclude("nobodys_duty", actor=AUDITOR, at=MONDAY_TEN)
    gone.transfer_out("petition", actor=DISPATCHER, at=MONDAY_TEN, policy=POLICY)

    assert excluded.collect_events()[-1].proposed_by == SUPERVISOR.account
    assert (gone.collect_events()[-1].target, gone.lead) == ("petition", None)
    assert "exclude" not in excluded.proposals
