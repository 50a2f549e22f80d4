"""延期、挂账: who may move a deadline, and by how much."""

from datetime import date

import pytest

from tests.domain.city_time import MONDAY_TEN, POLICY, city, shown
from tests.domain.whistles import (
    CITY,
    DAY,
    DISPATCHER,
    HERE,
    HOUR,
    INTAKE,
    MINUTE,
    RESIDENT,
    SEEN,
    SUPERVISOR,
    UNITS,
    VERIFIER,
    closed,
    dispatched,
    facts,
    handler,
    in_progress,
    quiet,
    said,
    suspended,
)
from tracker.domain.actors import Actor, Role
from tracker.domain.promises.clocks import Mark
from tracker.domain.whistle.events import State
from tracker.domain.whistle.refusals.lifecycle import NotInState, NotTheLead, SecondPersonNeeded
from tracker.domain.whistle.refusals.pausing import (
    ExtensionPending,
    NoExtensionLeft,
    NoExtensionPending,
    NotASuspendReason,
    NotPausable,
    NotTheApprover,
    RequesterCannotDecide,
    ReviewTooFar,
    ReviewTooSoon,
    SafetyMeasureNeeded,
    TooLateToExtend,
    TooLateToSuspend,
    WaitedAlready,
)


def general():
    """A G4 whistle at work: due on Monday 03-09 at 17:30."""
    return in_progress(category="C0103")


def asked(whistle, at=MONDAY_TEN):
    whistle.request_extension(actor=handler(), at=at, policy=POLICY)
    return quiet(whistle)


def suspend(whistle, review_on, actor, at=MONDAY_TEN, **terms):
    terms = {"reason_code": "season", "words": SEEN} | terms
    whistle.suspend(review_on, actor=actor, at=at, policy=POLICY, **terms)


def test_a_granted_extension_counts_from_the_original_start():
    whistle = asked(general(), at=city("2026-03-06T10:00"))

    whistle.decide_extension(True, actor=DISPATCHER, at=city("2026-03-06T11:00"), policy=POLICY)

    assert (whistle.extensions, shown(whistle.clocks["resolve"].due)) == (1, "03-16 17:30")


def test_a_refused_extension_moves_nothing():
    whistle = asked(general())

    whistle.decide_extension(False, actor=DISPATCHER, at=MONDAY_TEN, policy=POLICY)

    [refusal] = whistle.collect_events()
    assert [clock.key for clock in refusal.clocks] == ["decide"]
    assert shown(whistle.clocks["resolve"].due) == "03-09 17:30"


def test_after_the_deadline_it_is_too_late_to_ask():
    whistle = general()

    with pytest.raises(TooLateToExtend):
        asked(whistle, at=city("2026-03-09T17:30:01"))
    asked(whistle, at=city("2026-03-09T17:30"))


def test_an_undecided_request_is_refused_at_the_deadline_or_after_four_working_hours():
    whistle = asked(general(), at=city("2026-03-09T17:00"))

    whistle.elapse(city("2026-03-11T10:00"), POLICY)

    names = {
        type(e).__name__: shown(e.at)
        for e in whistle.collect_events()
        if type(e).__name__ in ("ExtensionRefused", "DeadlineMissed")
    }
    assert names == {"DeadlineMissed": "03-09 17:30", "ExtensionRefused": "03-10 12:00"}


def test_a_class_grants_so_many_extensions_and_no_more():
    whistle = asked(general())
    whistle.decide_extension(True, actor=DISPATCHER, at=MONDAY_TEN, policy=POLICY)

    with pytest.raises(NoExtensionLeft):
        asked(whistle)
    with pytest.raises(NoExtensionLeft):
        asked(in_progress(category="E0703", lead="U01"))


def test_a_request_ends_with_the_whistle_that_it_was_for():
    parent, whistle = general(), asked(general())
    terms = {"same_family": True, "same_named_place": False}
    whistle.merge(parent, actor=DISPATCHER, at=MONDAY_TEN, policy=POLICY, **terms)

    with pytest.raises(NoExtensionPending):
        whistle.decide_extension(True, actor=DISPATCHER, at=MONDAY_TEN, policy=POLICY)


def test_one_request_at_a_time():
    with pytest.raises(ExtensionPending):
        asked(asked(general()))


def test_the_approver_of_the_class_decides_and_never_the_requester():
    complex_one = asked(in_progress(category="E0504"))
    with pytest.raises(NotTheApprover):
        complex_one.decide_extension(True, actor=DISPATCHER, at=MONDAY_TEN, policy=POLICY)
    complex_one.decide_extension(True, actor=SUPERVISOR, at=MONDAY_TEN, policy=POLICY)

    whistle = asked(general())
    with pytest.raises(RequesterCannotDecide):
        requester = Actor(handler().account, Role.DISPATCHER)
        whistle.decide_extension(True, actor=requester, at=MONDAY_TEN, policy=POLICY)


def granted_late(whistle, asked_at="2026-03-09T17:00", at="2026-03-10T09:00"):
    """More time is asked for before the due, and granted the next morning."""
    asked(whistle, at=city(asked_at))
    whistle.elapse(city(at), POLICY)
    quiet(whistle)
    whistle.decide_extension(True, actor=DISPATCHER, at=city(at), policy=POLICY)


def test_more_time_that_is_granted_after_the_due_lifts_what_the_due_brought():
    whistle = general()

    granted_late(whistle)

    lifted = whistle.collect_events()[-1]
    assert (shown(whistle.clocks["resolve"].due), whistle.clocks["resolve"].reached) == (
        "03-16 17:30",
        (Mark.HALF,),
    )
    assert (lifted.kind, shown(lifted.due), lifted.by) == (
        "resolve",
        "03-09 17:30",
        DISPATCHER.account,
    )
    assert (whistle.card, whistle.level, whistle.levels) == ("none", 1, [])
    assert not whistle.supervised


def test_the_new_due_that_passes_is_missed_like_any_other():
    whistle = general()
    granted_late(whistle)
    quiet(whistle)

    whistle.elapse(city("2026-03-16T17:30:01"), POLICY)

    assert facts(whistle)[-3:] == ["DeadlineMissed", "SupervisionOpened", "Escalated"]
    assert (whistle.card, whistle.level) == ("red", 2)


def test_what_another_clock_or_a_person_brought_stays():
    late_in_answering = dispatched(category="C0103", at=MONDAY_TEN)
    at = city("2026-03-04T10:00")
    late_in_answering.elapse(at, POLICY)
    late_in_answering.respond("arrival", point=HERE, actor=handler(), at=at)

    granted_late(late_in_answering)
    by_hand = general()
    by_hand.escalate(actor=DISPATCHER, at=MONDAY_TEN)
    by_hand.supervise(actor=SUPERVISOR, at=MONDAY_TEN)
    granted_late(by_hand)

    assert (late_in_answering.card, late_in_answering.level) == ("red", 4)
    assert late_in_answering.supervised
    assert (by_hand.card, by_hand.level, by_hand.supervised) == ("none", 2, True)


def test_more_time_within_the_time_takes_no_card_away():
    whistle = asked(general(), at=city("2026-03-09T10:00"))
    whistle.elapse(city("2026-03-09T11:00"), POLICY)
    quiet(whistle)

    whistle.decide_extension(True, actor=DISPATCHER, at=city("2026-03-09T11:00"), policy=POLICY)

    assert (facts(whistle), whistle.card) == (["ExtensionGranted"], "yellow")


def test_suspending_takes_two_people_and_holds_the_resolve_clock():
    whistle = general()

    suspend(whistle, date(2026, 3, 20), handler())
    assert (whistle.state, facts(whistle)) == (State.IN_PROGRESS, ["SuspensionProposed"])
    suspend(whistle, date(2026, 3, 20), DISPATCHER, at=MONDAY_TEN + HOUR)

    assert whistle.state is State.SUSPENDED
    assert whistle.clocks["resolve"].held_at == MONDAY_TEN + HOUR
    assert shown(whistle.clocks["review"].due) == "03-20 08:30"


def test_nobody_approves_their_own_suspension():
    whistle = general()
    suspend(whistle, date(2026, 3, 20), handler())

    with pytest.raises(SecondPersonNeeded):
        suspend(whistle, date(2026, 3, 20), handler())
    with pytest.raises(NotTheApprover):
        suspend(whistle, date(2026, 3, 20), INTAKE)


def test_more_than_thirty_days_are_the_citys_to_approve():
    whistle = general()
    suspend(whistle, date(2026, 4, 2), handler())

    with pytest.raises(ReviewTooFar):
        suspend(whistle, date(2026, 4, 2), DISPATCHER)
    suspend(whistle, date(2026, 4, 2), CITY)

    assert whistle.state is State.SUSPENDED


@pytest.mark.parametrize(("more", "approves"), [(10, True), (11, False)])
def test_the_street_approves_thirty_days_in_all_and_the_city_the_rest(more, approves):
    whistle = in_progress(category="E0504")  # X5
    for actor in (handler(whistle.lead), DISPATCHER):
        suspend(whistle, date(2026, 3, 22), actor)  # for 20 days
    at = city("2026-03-23T09:00")
    whistle.elapse(at, POLICY)
    until = date(2026, 3, 23) + more * DAY
    suspend(whistle, until, handler(whistle.lead), at=at)

    if approves:
        suspend(whistle, until, DISPATCHER, at=at)
    else:
        with pytest.raises(ReviewTooFar) as refusal:
            suspend(whistle, until, DISPATCHER, at=at)
        assert refusal.value.facts["days"] == 10
        suspend(whistle, until, CITY, at=at)

    assert whistle.state is State.SUSPENDED


def test_what_is_red_is_neither_asked_nor_approved_to_be_suspended():
    red, asked_before = general(), general()
    suspend(asked_before, date(2026, 3, 20), handler(), at=city("2026-03-09T17:00"))

    for whistle, actor in ((red, handler()), (asked_before, DISPATCHER)):
        with pytest.raises(TooLateToSuspend):
            suspend(whistle, date(2026, 3, 20), actor, at=city("2026-03-09T17:30:01"))
    suspend(asked_before, date(2026, 3, 20), DISPATCHER, at=city("2026-03-09T17:30"))

    assert asked_before.state is State.SUSPENDED


def test_a_suspension_that_nobody_approves_within_four_working_hours_is_refused_by_the_system():
    whistle = general()
    suspend(whistle, date(2026, 3, 20), handler())
    quiet(whistle)

    whistle.elapse(city("2026-03-02T16:00:01"), POLICY)

    [refused] = [e for e in whistle.collect_events() if type(e).__name__ == "SuspensionRefused"]
    assert (refused.by, refused.timed_out, shown(refused.at)) == ("system", True, "03-02 16:00")
    assert "suspend" not in whistle.proposals
    with pytest.raises(NotTheLead):
        suspend(whistle, date(2026, 3, 20), DISPATCHER, at=city("2026-03-02T16:30"))
    suspend(whistle, date(2026, 3, 20), handler(), at=city("2026-03-02T16:30"))


@pytest.mark.parametrize("reason", [None, "too hard", "who would do that"])
def test_only_a_listed_reason_suspends(reason):
    with pytest.raises(NotASuspendReason):
        suspend(general(), date(2026, 3, 20), handler(), reason_code=reason)


def test_who_asks_to_suspend_says_what_keeps_people_safe():
    with pytest.raises(SafetyMeasureNeeded):
        suspend(general(), date(2026, 3, 20), handler(), words=[said("reason")])


def test_once_handed_in_or_lapsed_nobody_approves_a_suspension_any_more():
    whistle = general()
    suspend(whistle, date(2026, 3, 20), handler())
    whistle.submit(None, actor=handler(), at=MONDAY_TEN, policy=POLICY)

    assert whistle.clocks["approve"].stopped_at == MONDAY_TEN
    whistle.verify(False, actor=VERIFIER, at=MONDAY_TEN + HOUR, policy=POLICY, words=SEEN)
    with pytest.raises(NotTheLead):
        suspend(whistle, date(2026, 3, 20), DISPATCHER, at=MONDAY_TEN + HOUR)


def test_an_extension_that_is_granted_meanwhile_leaves_the_clock_on_hold():
    whistle = asked(general())
    for actor in (handler(), DISPATCHER):
        suspend(whistle, date(2026, 3, 20), actor)

    whistle.decide_extension(True, actor=DISPATCHER, at=MONDAY_TEN + HOUR, policy=POLICY)
    assert whistle.clocks["resolve"].held_at == MONDAY_TEN
    whistle.resume(actor=DISPATCHER, at=MONDAY_TEN + DAY, policy=POLICY)

    assert shown(whistle.clocks["resolve"].due) == "03-17 17:30"


def test_the_pause_stays_given_back_when_another_unit_is_designated_meanwhile():
    whistle = suspended(date(2026, 3, 20), category="C0103")
    at = MONDAY_TEN + DAY
    whistle.dispatch(UNITS["U02"], actor=CITY, at=at, policy=POLICY)
    assert shown(whistle.clocks["resolve"].due) == "03-10 17:30"

    whistle.respond("arrival", point=HERE, actor=handler("U02"), at=at)
    whistle.request_extension(actor=handler("U02"), at=at, policy=POLICY)
    whistle.decide_extension(True, actor=DISPATCHER, at=at, policy=POLICY)

    assert shown(whistle.clocks["resolve"].due) == "03-17 17:30"


def test_a_review_date_lies_in_the_future_and_urgent_classes_are_never_suspended():
    with pytest.raises(ReviewTooSoon):
        suspend(general(), date(2026, 3, 2), handler())
    with pytest.raises(NotPausable):
        suspend(in_progress(category="C0102"), date(2026, 3, 20), handler())
    with pytest.raises(NotInState):
        suspend(dispatched(), date(2026, 3, 20), handler())


def test_at_the_review_date_work_goes_on_by_itself_and_the_pause_is_not_charged():
    whistle = suspended(date(2026, 3, 5), at=city("2026-03-03T09:00"), category="C0103")

    whistle.elapse(city("2026-03-06T10:00"), POLICY)

    resumed = whistle.collect_events()[0]
    assert (resumed.basis, shown(resumed.at)) == ("review", "03-05 08:30")
    assert whistle.state is State.IN_PROGRESS
    assert shown(whistle.clocks["resolve"].due) == "03-12 17:30"


def test_resumed_early_the_pause_is_as_long_as_it_was():
    whistle = suspended(date(2026, 3, 20), category="C0103")

    whistle.resume(actor=DISPATCHER, at=MONDAY_TEN + DAY, policy=POLICY)

    assert shown(whistle.clocks["resolve"].due) == "03-10 17:30"
    assert whistle.clocks["review"].stopped_at == MONDAY_TEN + DAY


def test_no_card_is_shown_while_the_clock_is_held():
    whistle = suspended(date(2026, 4, 1), category="C0103")

    whistle.elapse(city("2026-03-31T10:00"), POLICY)

    assert (facts(whistle), whistle.card) == ([], "none")


def test_waiting_for_the_reporter_is_allowed_once_for_two_working_days():
    whistle = general()
    waiting = {"reason_code": "waiting_for_reporter"}
    with pytest.raises(ReviewTooFar):
        suspend(whistle, date(2026, 3, 5), handler(), **waiting)
    for actor in (handler(), DISPATCHER):
        suspend(whistle, date(2026, 3, 4), actor, **waiting)
    whistle.resume(actor=DISPATCHER, at=MONDAY_TEN + MINUTE, policy=POLICY)

    with pytest.raises(WaitedAlready):
        suspend(whistle, date(2026, 3, 4), handler(), **waiting)


def test_on_account_it_says_until_when_and_back_at_work_who_took_it_off_and_since_when_it_was():
    whistle = general()
    suspend(whistle, date(2026, 3, 20), handler(), reason_code="season")
    suspend(whistle, date(2026, 4, 30), DISPATCHER, at=MONDAY_TEN + HOUR, reason_code="litigation")

    held = whistle.collect_events()[-1]
    assert (held.review_on, held.reason_code, held.proposed_by) == (
        date(2026, 3, 20),
        "season",
        handler().account,
    )
    assert whistle.review_on == date(2026, 3, 20)
    whistle.resume(actor=DISPATCHER, at=MONDAY_TEN + DAY, policy=POLICY)

    [resumed] = whistle.collect_events()
    assert (resumed.basis, resumed.paused_from) == ("command", MONDAY_TEN + HOUR)
    assert whistle.review_on is None


def test_each_suspension_takes_two_people_and_each_pause_is_given_back():
    whistle = suspended(date(2026, 3, 20), category="C0103")
    whistle.resume(actor=DISPATCHER, at=MONDAY_TEN + DAY, policy=POLICY)

    with pytest.raises(NotTheLead):
        suspend(whistle, date(2026, 3, 25), DISPATCHER, at=MONDAY_TEN + DAY)
    suspend(whistle, date(2026, 3, 25), handler(), at=MONDAY_TEN + DAY)
    assert whistle.state is State.IN_PROGRESS
    suspend(whistle, date(2026, 3, 25), CITY, at=MONDAY_TEN + DAY)
    whistle.resume(actor=DISPATCHER, at=MONDAY_TEN + 2 * DAY, policy=POLICY)

    assert shown(whistle.clocks["resolve"].due) == "03-11 17:30"


def test_a_pause_stays_given_back_when_an_extension_moves_the_deadline_too():
    whistle = suspended(date(2026, 3, 20), category="C0103")
    whistle.resume(actor=DISPATCHER, at=MONDAY_TEN + DAY, policy=POLICY)

    asked(whistle, at=MONDAY_TEN + DAY)
    whistle.decide_extension(True, actor=DISPATCHER, at=MONDAY_TEN + DAY, policy=POLICY)

    [granted] = whistle.collect_events()
    assert (granted.count, shown(whistle.clocks["resolve"].due)) == (1, "03-17 17:30")


def test_silence_refuses_a_request_and_says_that_nobody_decided():
    by_silence, by_hand = asked(general()), asked(general())

    by_silence.elapse(city("2026-03-09T17:30:01"), POLICY)
    by_hand.decide_extension(False, actor=DISPATCHER, at=MONDAY_TEN, policy=POLICY)

    for whistle, by, silent in (
        (by_silence, "system", True),
        (by_hand, DISPATCHER.account, False),
    ):
        [refused] = [e for e in whistle.collect_events() if type(e).__name__ == "ExtensionRefused"]
        assert (refused.by, refused.timed_out) == (by, silent)
        assert [clock.key for clock in refused.clocks] == ["decide"]
        assert not whistle.extension_pending
    asked(by_hand)  # refused is not granted: it may be asked for again


def test_a_request_waits_for_four_working_hours_or_until_the_deadline_whichever_is_later():
    early, late = asked(general()), asked(general(), at=city("2026-03-09T17:00"))

    assert shown(early.clocks["decide"].due) == "03-09 17:30"
    assert shown(late.clocks["decide"].due) == "03-10 12:00"
    assert (late.extension_by, early.lead) == (handler().account, "U01")


@pytest.mark.parametrize("role", [Role.DISPATCHER, Role.COMMANDER, Role.DEPUTY_COMMANDER])
def test_the_street_approves_a_suspension_of_thirty_days_and_no_day_more(role):
    person = Actor("somebody", role, post="CP04")
    whistle, too_long = general(), general()
    suspend(whistle, date(2026, 4, 1), handler())
    suspend(too_long, date(2026, 4, 2), handler())

    suspend(whistle, date(2026, 4, 1), person)
    with pytest.raises(ReviewTooFar):
        suspend(too_long, date(2026, 4, 2), person)

    assert (whistle.state, too_long.state) == (State.SUSPENDED, State.IN_PROGRESS)


def test_a_co_handler_neither_extends_nor_suspends():
    whistle = in_progress(category="C0103", co=("U14",))

    with pytest.raises(NotTheLead):
        suspend(whistle, date(2026, 3, 20), handler("U14"))
    with pytest.raises(NotTheLead):
        whistle.request_extension(actor=handler("U14"), at=MONDAY_TEN, policy=POLICY)


def test_in_a_second_cycle_there_is_no_more_time():
    whistle = closed(category="C0103")
    whistle.reopen(actor=RESIDENT, at=MONDAY_TEN, policy=POLICY)
    whistle.respond("arrival", point=HERE, actor=handler(), at=MONDAY_TEN)

    with pytest.raises(NoExtensionLeft):
        asked(whistle)


def test_a_co_handler_that_has_not_answered_owes_its_answer_after_a_suspension_as_before():
    whistle = suspended(date(2026, 3, 20), category="C0103", co=("U14",))

    whistle.resume(actor=DISPATCHER, at=MONDAY_TEN + HOUR, policy=POLICY)

    [resumed] = whistle.collect_events()
    assert {clock.key for clock in resumed.clocks} == {"review", "resolve"}
    assert whistle.clocks["respond:U14"].running


def test_whose_request_it_is_stands_in_it():
    whistle = general()

    whistle.request_extension(actor=handler(), at=MONDAY_TEN, policy=POLICY)

    assert whistle.collect_events()[-1].unit == "U01"


@pytest.mark.parametrize("sla_class", ["E1", "U2", "C6"])
def test_danger_a_cut_supply_and_a_question_are_never_put_on_account(sla_class):
    whistle = general()
    for actor in (DISPATCHER, CITY):
        whistle.correct(
            "sla_class", sla_class, actor=actor, at=MONDAY_TEN, policy=POLICY, sla_class=sla_class
        )

    with pytest.raises(NotPausable) as refusal:
        suspend(whistle, date(2026, 3, 20), handler())

    assert refusal.value.facts == {"number": whistle.number, "sla_class": sla_class}


def test_a_review_is_on_a_later_day_of_the_city_also_before_eight_in_the_morning():
    at = city("2026-03-03T07:00")  # still the second of March in London

    with pytest.raises(ReviewTooSoon):
        suspend(general(), date(2026, 3, 3), handler(), at=at)
    suspend(general(), date(2026, 3, 4), handler(), at=at)
