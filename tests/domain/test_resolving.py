"""办结、核查、回访、返工、结案、重开."""

from datetime import datetime

import pytest

from tests.domain.city_time import MONDAY_TEN, POLICY, city, shown
from tests.domain.whistles import (
    CALLER,
    CATEGORIES,
    COMMANDER,
    DAY,
    DISPATCHER,
    HOUR,
    LITTER,
    MINUTE,
    RESIDENT,
    VERIFIER,
    WORKER,
    closed,
    dispatched,
    facts,
    handler,
    in_progress,
    quiet,
    said,
    submitted,
    triaged,
    verified,
)
from tracker.domain.actors import Actor, Role
from tracker.domain.whistle.assignment import AssignmentState
from tracker.domain.whistle.events import State
from tracker.domain.whistle.following_up import CallsInVain
from tracker.domain.whistle.refusals.lifecycle import NotInState, NotTheLead, SecondPersonNeeded
from tracker.domain.whistle.refusals.resolving import (
    AlreadyVerified,
    AnonymousHasNoRating,
    CoTasksOpen,
    NothingToClose,
    OnSiteOnly,
    SamePersonAgain,
    TooLateToReopen,
    TooManyReopens,
    VerdictNeeded,
)
from tracker.domain.whistle.refusals.triage import PhotosNeeded
from tracker.domain.whistle.states import Verdict

PHOTO = [said("photo")]


def submit(whistle, actor=None, at=MONDAY_TEN, words=PHOTO):
    doer = actor or handler()
    whistle.submit(CATEGORIES[LITTER], actor=doer, at=at, policy=POLICY, words=words)


def follow_up(whistle, resolved, rating=None, method="phone", actor=CALLER, at=MONDAY_TEN, **c):
    whistle.follow_up(resolved, rating, method=method, actor=actor, at=at, policy=POLICY, **c)


def test_a_submission_holds_the_resolve_clock_and_shows_no_card_while_it_is_checked():
    whistle = in_progress(category="E0304")

    submit(whistle, at=MONDAY_TEN + HOUR)

    assert (whistle.state, whistle.clocks["resolve"].held_at) == (
        State.SUBMITTED,
        MONDAY_TEN + HOUR,
    )


def test_the_lead_submits_when_every_co_handler_has_finished():
    whistle = in_progress(co=("U14",))

    with pytest.raises(CoTasksOpen) as refusal:
        submit(whistle)
    submit(whistle, handler("U14"))
    submit(whistle)

    assert refusal.value.facts["units"] == "U14"
    assert facts(whistle) == ["CoFinished", "Submitted"]


def test_a_category_that_asks_for_a_picture_gets_one():
    with pytest.raises(PhotosNeeded):
        submit(in_progress(), words=[])
    with pytest.raises(NotTheLead):
        submit(in_progress(), handler("U09"))


def test_verified_it_was_done_when_it_was_submitted():
    whistle = submitted(MONDAY_TEN)

    whistle.verify(True, actor=VERIFIER, at=MONDAY_TEN + DAY, policy=POLICY)

    assert (whistle.state, whistle.clocks["resolve"].stopped_at) == (State.VERIFIED, MONDAY_TEN)
    assert shown(whistle.clocks["follow_up"].due) == "03-05 17:30"


def test_a_failed_verification_goes_back_to_work_and_the_wait_is_not_charged():
    whistle = submitted(MONDAY_TEN, category="C0103")

    whistle.verify(False, actor=VERIFIER, at=MONDAY_TEN + DAY, policy=POLICY)

    assert (whistle.state, whistle.reworks) == (State.IN_PROGRESS, 1)
    assert shown(whistle.clocks["resolve"].due) == "03-10 17:30"
    assert whistle.clocks["resolve"].running


@pytest.mark.parametrize("actor", [handler(), Actor("other", Role.VERIFIER, unit="U01")])
def test_the_submitting_unit_never_verifies_itself(actor):
    with pytest.raises(SamePersonAgain):
        submitted().verify(True, actor=actor, at=MONDAY_TEN, policy=POLICY)


def waiting_for_a_check(sampled: bool, category="C0103"):
    while True:
        whistle = in_progress(category=category)
        if whistle.sampled("verify") is sampled:
            submit(whistle)
            return quiet(whistle)


def test_what_is_not_in_the_sample_passes_by_itself_after_the_classs_respond_limit():
    whistle = waiting_for_a_check(sampled=False)

    whistle.elapse(city("2026-03-02T16:00:01"), POLICY)

    assert facts(whistle) == ["VerificationWaived"]
    assert whistle.state is State.VERIFIED


def test_the_sample_and_every_urgent_whistle_wait_for_a_real_check():
    for whistle in (waiting_for_a_check(sampled=True), waiting_for_a_check(False, "C0102")):
        whistle.elapse(MONDAY_TEN + 2 * DAY, POLICY)

        assert whistle.state is State.SUBMITTED


def test_a_solved_verdict_closes_it():
    whistle = verified()

    follow_up(whistle, True, 4)

    assert facts(whistle) == ["FollowedUp", "Closed"]
    assert (whistle.state, whistle.closed_at) == (State.CLOSED, MONDAY_TEN)
    assert not any(clock.running for clock in whistle.clocks.values())


def test_an_unsolved_verdict_is_rework_in_the_same_cycle_with_the_wait_charged():
    whistle = verified(category="C0103")

    follow_up(whistle, False, 1, at=MONDAY_TEN + DAY)

    assert facts(whistle) == ["FollowedUp", "ReworkOrdered"]
    assert (whistle.state, whistle.cycle, whistle.reworks) == (State.IN_PROGRESS, 1, 1)
    assert shown(whistle.clocks["resolve"].due) == "03-09 17:30"


def test_an_unreasonable_claim_is_closed_by_a_second_person():
    whistle = verified()
    follow_up(whistle, False, reasonable=False)

    with pytest.raises(SecondPersonNeeded):
        whistle.close(actor=CALLER, at=MONDAY_TEN)
    whistle.close(actor=COMMANDER, at=MONDAY_TEN)

    assert whistle.state is State.CLOSED


def test_nothing_is_closed_before_the_reporter_was_asked():
    with pytest.raises(NothingToClose):
        verified().close(actor=COMMANDER, at=MONDAY_TEN)


@pytest.mark.parametrize(
    ("attempts", "state"),
    [
        (["2026-03-02T10:00", "2026-03-02T15:00", "2026-03-03T09:00"], State.CLOSED),
        (["2026-03-02T10:00", "2026-03-02T15:00", "2026-03-02T17:00"], State.VERIFIED),
        (["2026-03-02T10:00", "2026-03-03T10:00", "2026-03-04T10:30"], State.VERIFIED),
        (["2026-03-02T10:00", "2026-03-03T15:00"], State.VERIFIED),
    ],
)
def test_three_attempts_on_two_days_at_different_hours_make_somebody_unreachable(attempts, state):
    whistle = verified(city("2026-03-02T09:00"))

    for attempt in attempts:
        follow_up(whistle, None, method="unreachable", at=city(attempt))

    assert whistle.state is state


def test_who_was_not_reached_gave_no_verdict_and_nobody_rates_an_anonymous_site_check():
    with pytest.raises(VerdictNeeded):
        follow_up(verified(), True, method="unreachable")
    with pytest.raises(AnonymousHasNoRating):
        follow_up(verified(anonymous=True), True, 5, method="site")


def test_submitter_verifier_and_follow_up_agent_are_three_people():
    whistle = verified()

    with pytest.raises(SamePersonAgain):
        follow_up(whistle, True, actor=VERIFIER)
    follow_up(whistle, True, actor=RESIDENT, method="online")


def test_a_merged_childs_reporter_is_heard_but_not_counted():
    parent, child = triaged(), triaged()
    child.merge(
        parent,
        actor=DISPATCHER,
        at=MONDAY_TEN,
        policy=POLICY,
        same_family=True,
        same_named_place=False,
    )
    quiet(child)

    follow_up(child, False, 1)

    [heard] = child.collect_events()
    assert (heard.counted, child.state) == (False, State.MERGED)


def test_an_enquiry_outside_the_sample_closes_once_it_is_verified():
    while (whistle := in_progress(category="E0703")).sampled("call"):
        pass
    submit(whistle)

    whistle.verify(True, actor=VERIFIER, at=MONDAY_TEN, policy=POLICY)

    assert facts(whistle)[-2:] == ["VerificationPassed", "Closed"]


def test_reopened_it_starts_a_new_cycle_with_the_same_lead_and_half_the_time():
    whistle = closed(category="C0103")

    whistle.reopen(actor=RESIDENT, at=MONDAY_TEN + 15 * DAY, policy=POLICY)

    assert (whistle.state, whistle.cycle, whistle.lead) == (State.DISPATCHED, 2, "U01")
    assert shown(whistle.clocks["respond"].due) == "03-17 16:00"
    assert shown(whistle.clocks["resolve"].due) == "03-20 17:30"
    assert [a.state for a in whistle.assignments] == [
        AssignmentState.PAST,
        AssignmentState.ASSIGNED,
    ]


def test_after_fifteen_days_it_is_a_new_whistle():
    with pytest.raises(TooLateToReopen):
        closed().reopen(actor=RESIDENT, at=MONDAY_TEN + 15 * DAY + MINUTE, policy=POLICY)


def test_it_is_reopened_twice_at_most():
    whistle = closed()
    for _ in range(2):
        whistle.reopen(actor=RESIDENT, at=MONDAY_TEN, policy=POLICY)
        whistle.respond("call", actor=handler(), at=MONDAY_TEN)
        whistle.start(actor=handler(), at=MONDAY_TEN)
        submit(whistle)
        whistle.verify(True, actor=VERIFIER, at=MONDAY_TEN, policy=POLICY)
        follow_up(whistle, True)

    with pytest.raises(TooManyReopens):
        whistle.reopen(actor=RESIDENT, at=MONDAY_TEN, policy=POLICY)


def test_only_what_is_closed_is_reopened_and_only_what_is_at_work_is_submitted():
    with pytest.raises(NotInState):
        dispatched().reopen(actor=RESIDENT, at=MONDAY_TEN, policy=POLICY)
    with pytest.raises(NotInState):
        submit(dispatched())


@pytest.mark.parametrize("passed", [True, False])
def test_who_checks_second_is_told_who_checked_first_and_what_he_found(passed):
    whistle = submitted()
    whistle.verify(passed, actor=VERIFIER, at=MONDAY_TEN, policy=POLICY)
    quiet(whistle)

    with pytest.raises(AlreadyVerified) as refusal:
        whistle.verify(True, actor=WORKER, at=MONDAY_TEN + HOUR, policy=POLICY)

    verdict = Verdict.PASSED if passed else Verdict.FAILED
    assert refusal.value.facts == {
        "number": whistle.number,
        "by": VERIFIER.account,
        "verdict": verdict,
    }
    assert facts(whistle) == []


def test_a_new_submission_may_be_checked_anew():
    whistle = submitted()
    whistle.verify(False, actor=VERIFIER, at=MONDAY_TEN, policy=POLICY)
    submit(whistle)
    quiet(whistle)

    whistle.verify(True, actor=WORKER, at=MONDAY_TEN + HOUR, policy=POLICY)

    assert facts(whistle) == ["VerificationPassed"]


def test_a_grid_worker_follows_up_on_site_only():
    whistle = verified(anonymous=True)

    with pytest.raises(OnSiteOnly):
        follow_up(whistle, True, 5, method="phone", actor=WORKER)
    follow_up(whistle, True, method="site", actor=WORKER)

    assert facts(whistle) == ["FollowedUp", "Closed"]


def test_what_the_next_call_must_be_is_known_from_those_in_vain() -> None:
    nine, ten = datetime(2026, 3, 2, 9), datetime(2026, 3, 2, 10)
    tomorrow = datetime(2026, 3, 3, 9)

    once, twice = CallsInVain([nine]), CallsInVain([nine, ten])
    same_hour = CallsInVain([nine, tomorrow])
    stubborn, enough = CallsInVain([nine, ten, ten]), CallsInVain([nine, ten, tomorrow])

    assert (once.more, twice.more, same_hour.more, stubborn.more, enough.more) == (2, 1, 1, 1, 0)
    assert (twice.same_day, twice.same_hour) == (True, False)
    assert (same_hour.same_day, same_hour.same_hour) == (False, True)
    assert enough.enough and not stubborn.enough
