"""办结、核查、回访、返工、结案、重开."""

from datetime import date, datetime

import pytest

from tests.domain.city_time import MONDAY_TEN, POLICY, city, shown
from tests.domain.whistles import (
    CALLER,
    CATEGORIES,
    COMMANDER,
    DAY,
    DISPATCHER,
    HERE,
    HOUR,
    LITTER,
    MINUTE,
    RESIDENT,
    SEEN,
    VERIFIER,
    WORKER,
    closed,
    dispatched,
    facts,
    handler,
    in_progress,
    quiet,
    raised,
    responded,
    said,
    submitted,
    triaged,
    verified,
)
from tracker.domain.actors import Actor, Role
from tracker.domain.promises.clocks import ClockKind
from tracker.domain.whistle.assignment import AssignmentState
from tracker.domain.whistle.calls import CallsInVain
from tracker.domain.whistle.events import State
from tracker.domain.whistle.refusals.lifecycle import (
    AlreadyMerged,
    NotInState,
    NotTheLead,
    SecondPersonNeeded,
)
from tracker.domain.whistle.refusals.resolving import (
    AlreadyVerified,
    AnonymousHasNoRating,
    CallBeforeVerdict,
    CallTimeNeeded,
    CoTasksOpen,
    NothingToClose,
    NotRespondedYet,
    OnlineOnly,
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
    """By phone with the record of a call, of which the rating is declined unless there is one."""
    terms = {"called_at": at, "declined": method == "phone" and rating is None} | c
    whistle.follow_up(resolved, rating, method=method, actor=actor, at=at, policy=POLICY, **terms)


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
    with pytest.raises(NotRespondedYet):
        submit(whistle, handler("U14"))
    whistle.respond("arrival", point=HERE, actor=handler("U14"), at=MONDAY_TEN)
    submit(whistle, handler("U14"))
    submit(whistle)

    assert refusal.value.facts["units"] == "U14"
    assert facts(whistle) == ["Responded", "CoFinished", "Submitted"]


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

    whistle.verify(False, words=SEEN, actor=VERIFIER, at=MONDAY_TEN + DAY, policy=POLICY)

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


def test_what_is_not_in_the_sample_passes_by_itself_when_a_check_would_have_been_due():
    whistle = waiting_for_a_check(sampled=False)

    whistle.elapse(city("2026-03-03T17:30:01"), POLICY)

    [waived] = whistle.collect_events()
    assert (type(waived).__name__, shown(waived.at)) == ("VerificationWaived", "03-03 17:30")
    assert (whistle.state, whistle.card, whistle.level) == (State.VERIFIED, "none", 1)


def test_a_window_for_the_check_in_an_old_log_ends_when_it_was_to_end():
    whistle = waiting_for_a_check(sampled=False)
    until = city("2026-03-02T16:00")
    whistle.clocks["verify"] = POLICY.until(ClockKind.VERIFY, until, MONDAY_TEN)

    whistle.elapse(until + MINUTE, POLICY)

    [waived] = whistle.collect_events()
    assert (type(waived).__name__, waived.at) == ("VerificationWaived", until)


def test_the_sample_and_every_urgent_whistle_wait_for_a_real_check():
    for whistle in (waiting_for_a_check(sampled=True), waiting_for_a_check(False, "C0102")):
        whistle.elapse(MONDAY_TEN + 20 * DAY, POLICY)

        assert whistle.state is State.SUBMITTED


@pytest.mark.parametrize(
    ("category", "stages"),
    [
        ("C0103", ["03-03 09:15", "03-03 14:22", "03-03 17:30", "03-04 16:45", "03-05 16:00"]),
        ("C0102", ["03-02 11:00", "03-02 11:30", "03-02 12:00", "03-02 13:00", "03-02 14:00"]),
    ],
)
def test_a_check_that_nobody_makes_warns_the_post_and_climbs_and_leaves_the_units_card_alone(
    category, stages
):
    whistle = waiting_for_a_check(sampled=True, category=category)

    whistle.elapse(MONDAY_TEN + 20 * DAY, POLICY)

    told = whistle.collect_events()
    marked = [(e.kind, shown(e.at)) for e in told if type(e).__name__.startswith("Deadline")]
    assert marked == [("verify", at) for at in stages]
    climbed = [(e.level, e.basis) for e in told if type(e).__name__ == "Escalated"]
    assert climbed == [(2, "verify red"), (3, "verify over_150"), (4, "verify over_200")]
    assert (whistle.card, whistle.supervised) == ("none", True)


def test_an_enquiry_of_the_sample_is_owed_a_call_within_a_working_day():
    while not (whistle := in_progress(category="E0703")).sampled("call"):
        pass
    submit(whistle)

    whistle.verify(True, actor=VERIFIER, at=MONDAY_TEN, policy=POLICY)

    assert whistle.state is State.VERIFIED
    assert shown(whistle.clocks["follow_up"].due) == "03-03 17:30"


def test_a_solved_verdict_closes_it():
    whistle = verified()

    follow_up(whistle, True, 4)

    assert facts(whistle) == ["FollowedUp", "Closed"]
    assert (whistle.state, whistle.closed_at) == (State.CLOSED, MONDAY_TEN)
    assert not any(clock.running for clock in whistle.clocks.values())


def test_an_unsolved_verdict_is_rework_in_the_same_cycle_and_the_wait_is_not_charged():
    whistle = submitted(MONDAY_TEN, category="C0103")
    whistle.verify(True, actor=VERIFIER, at=MONDAY_TEN + DAY, policy=POLICY)
    quiet(whistle)

    follow_up(whistle, False, 1, at=MONDAY_TEN + 2 * DAY)

    heard, ordered = whistle.collect_events()
    assert (heard.resolved, ordered.waited_from) == (False, MONDAY_TEN)
    assert (whistle.state, whistle.cycle, whistle.reworks) == (State.IN_PROGRESS, 1, 1)
    assert shown(whistle.clocks["resolve"].due) == "03-11 17:30"
    assert whistle.clocks["resolve"].running


def fail(whistle, by, at):
    """Submit it at `at`; a day later the check, or the reporter's verdict, fails it."""
    submit(whistle, at=at)
    whistle.verify(by == "verdict", words=SEEN, actor=VERIFIER, at=at + DAY, policy=POLICY)
    if by == "verdict":
        follow_up(whistle, False, at=at + DAY)


@pytest.mark.parametrize("first", ["check", "verdict"])
@pytest.mark.parametrize("second", ["check", "verdict"])
def test_only_the_first_wait_of_a_cycle_is_not_charged(first, second):
    whistle = in_progress(category="C0103")

    fail(whistle, first, MONDAY_TEN)
    after_the_first = whistle.clocks["resolve"].due
    fail(whistle, second, MONDAY_TEN + DAY)

    assert whistle.clocks["resolve"].due == after_the_first == city("2026-03-10T17:30")
    assert whistle.collect_events()[-1].waited_from is None
    assert (whistle.clocks["resolve"].running, whistle.reworks) == (True, 2)


def test_a_reopened_whistle_has_a_first_wait_again():
    whistle = in_progress(category="C0103")
    fail(whistle, "verdict", MONDAY_TEN)
    submit(whistle)
    whistle.verify(True, actor=VERIFIER, at=MONDAY_TEN + DAY, policy=POLICY)
    follow_up(whistle, True, at=MONDAY_TEN + DAY)
    later = MONDAY_TEN + 7 * DAY
    whistle.reopen(actor=RESIDENT, at=later, policy=POLICY)
    whistle.respond("arrival", point=HERE, actor=handler(), at=later)
    whistle.start(actor=handler(), at=later)
    promised = whistle.clocks["resolve"].due

    fail(whistle, "check", later)

    moved = whistle.clocks["resolve"].due
    assert (shown(promised), shown(moved)) == ("03-12 17:30", "03-13 17:30")


def test_an_unreasonable_claim_is_closed_by_a_second_person():
    whistle = verified()
    follow_up(whistle, False, reasonable=False)

    with pytest.raises(SecondPersonNeeded):
        whistle.close(words=SEEN, actor=CALLER, at=MONDAY_TEN)
    whistle.close(words=SEEN, actor=COMMANDER, at=MONDAY_TEN)

    assert whistle.state is State.CLOSED


def test_nothing_is_closed_before_the_reporter_was_asked():
    with pytest.raises(NothingToClose):
        verified().close(words=SEEN, actor=COMMANDER, at=MONDAY_TEN)


@pytest.mark.parametrize(
    ("attempts", "state"),
    [
        (["2026-03-02T10:00", "2026-03-02T15:00", "2026-03-03T08:00"], State.CLOSED),
        (["2026-03-02T10:00", "2026-03-02T15:00", "2026-03-03T08:01"], State.VERIFIED),
        (["2026-03-02T10:00", "2026-03-02T12:00", "2026-03-02T17:00"], State.VERIFIED),
        (["2026-03-02T10:00", "2026-03-03T10:00", "2026-03-04T12:00"], State.VERIFIED),
        (["2026-03-02T10:00", "2026-03-03T15:00"], State.VERIFIED),
        (["2026-03-02T23:30", "2026-03-03T00:30", "2026-03-03T15:00"], State.VERIFIED),
        # The first is too near to the next two, and those make three with the last.
        (
            ["2026-03-02T10:00", "2026-03-03T08:30", "2026-03-03T11:30", "2026-03-04T14:00"],
            State.CLOSED,
        ),
    ],
)
def test_three_calls_on_two_days_two_hours_apart_by_the_clock_make_somebody_unreachable(
    attempts, state
):
    whistle = verified(city("2026-03-02T09:00"))

    for attempt in attempts:
        follow_up(whistle, None, method="unreachable", at=city(attempt))

    assert whistle.state is state


def urgent_and_checked(at):
    return verified(at, category="C0102")


def emergency_and_checked(at):
    whistle = raised("E0401", at, units=("U02",))
    whistle.respond("arrival", actor=handler("U02"), at=at, point=HERE)
    whistle.control(words=SEEN, actor=handler("U02"), at=at)
    whistle.start(actor=handler("U02"), at=at)
    submit(whistle, handler("U02"), at=at)
    whistle.verify(True, actor=VERIFIER, at=at, policy=POLICY)
    return quiet(whistle)


@pytest.mark.parametrize(
    ("attempts", "state"),
    [
        (["2026-03-02T10:00", "2026-03-02T12:00", "2026-03-02T14:00"], State.CLOSED),
        (["2026-03-02T10:00", "2026-03-02T12:00", "2026-03-02T13:59"], State.VERIFIED),
        (["2026-03-02T10:00", "2026-03-03T10:00", "2026-03-04T10:00"], State.CLOSED),
    ],
)
@pytest.mark.parametrize("given", [urgent_and_checked, emergency_and_checked])
def test_of_what_presses_three_calls_two_hours_apart_are_enough_on_any_day(attempts, state, given):
    whistle = given(city("2026-03-02T09:00"))

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


def test_a_merged_childs_reporter_is_heard_by_the_parent_and_not_counted():
    parent, child = in_progress(reporter="ann"), triaged(reporter="ben")
    child.merge(
        parent,
        actor=DISPATCHER,
        at=MONDAY_TEN,
        policy=POLICY,
        same_family=True,
        same_named_place=False,
    )
    submit(parent)
    parent.verify(True, actor=VERIFIER, at=MONDAY_TEN, policy=POLICY)
    quiet(parent)

    follow_up(parent, False, 1, method="online", actor=Actor("ben", Role.RESIDENT))

    [heard] = parent.collect_events()
    assert (heard.party, heard.counted, parent.state) == (2, False, State.VERIFIED)
    with pytest.raises(AlreadyMerged):
        follow_up(child, False, 1)


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
        whistle.respond("arrival", point=HERE, actor=handler(), at=MONDAY_TEN)
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
    whistle.verify(passed, words=SEEN, actor=VERIFIER, at=MONDAY_TEN, policy=POLICY)
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
    whistle.verify(False, words=SEEN, actor=VERIFIER, at=MONDAY_TEN, policy=POLICY)
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
    nine, ten, noon = (datetime(2026, 3, 2, hour) for hour in (9, 10, 12))
    tomorrow, afternoon = datetime(2026, 3, 3, 9), datetime(2026, 3, 3, 15)

    none, once, near = CallsInVain([]), CallsInVain([nine]), CallsInVain([nine, ten])
    twice, again = CallsInVain([nine, noon]), CallsInVain([nine, noon, tomorrow])
    enough = CallsInVain([nine, ten, noon, afternoon])

    found = [calls.more for calls in (none, once, near, twice, again, enough)]
    assert found == [3, 2, 2, 1, 1, 0]
    assert (near.counting, again.counting) == ((nine,), (noon, tomorrow))
    assert enough.counting == (nine, noon, afternoon)
    assert (twice.same_day, again.same_day, none.same_day) == (True, False, False)
    assert CallsInVain([nine, noon], urgent=True).same_day is False
    assert enough.enough and not again.enough


def back_at_work(whistle, at=MONDAY_TEN):
    submit(whistle, at=at)
    whistle.verify(False, words=SEEN, actor=VERIFIER, at=at, policy=POLICY)
    return quiet(whistle)


def test_every_failed_check_and_every_unsolved_verdict_is_one_rework_more():
    whistle = back_at_work(back_at_work(in_progress()))
    assert whistle.reworks == 2

    submit(whistle)
    whistle.verify(True, actor=VERIFIER, at=MONDAY_TEN, policy=POLICY)
    follow_up(whistle, False)

    assert whistle.reworks == 3


def test_the_wait_for_a_failed_check_stays_given_back_when_an_extension_is_granted():
    whistle = submitted(MONDAY_TEN, category="C0103")
    whistle.verify(False, words=SEEN, actor=VERIFIER, at=MONDAY_TEN + DAY, policy=POLICY)

    whistle.request_extension(actor=handler(), at=MONDAY_TEN + DAY, policy=POLICY)
    whistle.decide_extension(True, actor=DISPATCHER, at=MONDAY_TEN + DAY, policy=POLICY)

    assert shown(whistle.clocks["resolve"].due) == "03-17 17:30"


def test_calls_in_vain_before_a_rework_do_not_count_after_it():
    whistle = verified(city("2026-03-02T09:00"))
    for attempt in ("2026-03-02T10:00", "2026-03-03T15:00"):
        follow_up(whistle, None, method="unreachable", at=city(attempt))
    follow_up(whistle, False, at=city("2026-03-03T16:00"))
    submit(whistle, at=city("2026-03-03T16:00"))
    whistle.verify(True, actor=VERIFIER, at=city("2026-03-03T17:00"), policy=POLICY)
    quiet(whistle)

    follow_up(whistle, None, method="unreachable", at=city("2026-03-04T09:00"))

    [heard] = whistle.collect_events()
    assert (whistle.state, heard.attempt) == (State.VERIFIED, 1)


@pytest.mark.parametrize(
    ("attempts", "state"),
    [
        # One day of the city, although 08:00 is midnight in London.
        (["2026-03-02T07:00", "2026-03-02T09:00", "2026-03-02T11:00"], State.VERIFIED),
        # Two days of the city, although one in London.
        (["2026-03-02T23:00", "2026-03-03T01:00", "2026-03-03T03:00"], State.CLOSED),
    ],
)
def test_the_days_of_the_calls_are_the_citys_days(attempts, state):
    whistle = verified(city("2026-03-02T06:00"))

    for attempt in attempts:
        follow_up(whistle, None, method="unreachable", at=city(attempt))

    assert whistle.state is state


def test_an_unsolved_verdict_ends_the_follow_up_and_lets_the_deadline_run_again():
    whistle = verified(category="C0103")

    follow_up(whistle, False, at=MONDAY_TEN + DAY)

    ordered = whistle.collect_events()[-1]
    assert ordered.cycle == 1
    assert {c.key: (c.running, c.stopped_at) for c in ordered.clocks} == {
        "follow_up": (False, MONDAY_TEN + DAY),
        "resolve": (True, None),
    }


def test_how_it_was_closed_stands_in_the_fact():
    by_verdict, unreasonable = verified(), verified()
    unreachable = verified(city("2026-03-02T09:00"))

    follow_up(by_verdict, True)
    follow_up(unreasonable, False, reasonable=False)
    unreasonable.close(words=SEEN, actor=COMMANDER, at=MONDAY_TEN)
    for attempt in ("2026-03-02T10:00", "2026-03-02T15:00", "2026-03-03T08:00"):
        follow_up(unreachable, None, method="unreachable", at=city(attempt))

    ends = [w.collect_events()[-1] for w in (by_verdict, unreasonable, unreachable)]
    assert [(end.basis, end.by, end.cycle) for end in ends] == [
        ("verdict", CALLER.account, 1),
        ("adjudicated", COMMANDER.account, 1),
        ("unreachable", "system", 1),
    ]


def test_a_grid_worker_who_reported_it_herself_says_so_wherever_she_is():
    whistle = verified(reporter=WORKER.account)

    follow_up(whistle, True, 5, method="online", actor=WORKER)

    assert whistle.state is State.CLOSED


def test_who_only_joined_is_heard_and_the_first_reporters_word_counts():
    whistle = verified(reporter="resident")
    whistle.add_party("neighbour", MONDAY_TEN, staff=False)

    follow_up(whistle, True, 1, method="online", actor=Actor("neighbour", Role.RESIDENT))
    assert whistle.state is State.VERIFIED
    follow_up(whistle, True, 5, method="online", actor=RESIDENT)

    heard = [e.counted for e in whistle.collect_events() if type(e).__name__ == "FollowedUp"]
    assert (heard, whistle.state) == ([False, True], State.CLOSED)


def test_a_new_cycle_begins_with_a_clean_slate():
    whistle = in_progress(category="C0103")
    whistle.elapse(city("2026-03-10T09:00"), POLICY)
    now = city("2026-03-10T09:00")
    assert whistle.card == "red"
    submit(whistle, at=now)
    whistle.verify(True, actor=VERIFIER, at=now, policy=POLICY)
    follow_up(whistle, None, at=now)
    follow_up(whistle, True, at=now)

    whistle.reopen(actor=RESIDENT, at=now + DAY, policy=POLICY)

    assert (whistle.card, whistle.extensions, whistle.attempts, whistle.pauses) == (
        "none",
        0,
        [],
        [],
    )
    assert (whistle.responded_at, whistle.submitted_at, whistle.closed_at) == (None, None, None)
    assert (whistle.submitted_by, whistle.verified_by, whistle.check) == (None, None, None)
    assert (whistle.reopens, whistle.cycle_started_at) == (1, now + DAY)


def test_what_nobody_was_ever_sent_to_is_reopened_at_the_desk():
    whistle = triaged()
    photos = [said("photo_before"), said("photo_after")]
    whistle.self_resolve(
        CATEGORIES[LITTER], actor=WORKER, at=MONDAY_TEN, policy=POLICY, words=photos
    )
    whistle._close_self_resolution(CALLER, MONDAY_TEN, "window")
    quiet(whistle)

    whistle.reopen(actor=RESIDENT, at=MONDAY_TEN + DAY, policy=POLICY)

    [reopened] = whistle.collect_events()
    assert (whistle.state, reopened.assignment, whistle.lead) == (State.TRIAGED, None, None)
    assert {c.key for c in reopened.clocks} == {"respond", "resolve"}


def test_every_promise_and_part_of_a_new_cycle_is_of_that_cycle():
    whistle = closed(category="C0103")

    whistle.reopen(actor=RESIDENT, at=MONDAY_TEN + DAY, policy=POLICY)

    [reopened] = whistle.collect_events()
    assert {clock.key: clock.cycle for clock in reopened.clocks} == {
        "respond": 2,
        "resolve": 2,
        "respond:U01": 2,
    }
    assert (reopened.cycle, reopened.count, reopened.assignment.cycle) == (2, 1, 2)


def test_what_the_reporter_said_stands_in_the_fact_word_for_word():
    solved, unsolved = verified(), verified()

    follow_up(solved, True, 4)
    follow_up(unsolved, False, 1, method="online", actor=RESIDENT)

    heard = [whistle.collect_events()[0] for whistle in (solved, unsolved)]
    assert [(e.resolved, e.rating, e.method, e.attempt, e.counted, e.cycle) for e in heard] == [
        (True, 4, "phone", 1, True, 1),
        (False, 1, "online", 1, True, 1),
    ]


@pytest.mark.parametrize(
    ("method", "rating"), [("phone", 4), ("phone", None), ("unreachable", None)]
)
def test_a_call_has_its_record_with_the_time_and_a_rating_or_that_it_was_declined(method, rating):
    whistle, resolved = verified(), None if method == "unreachable" else True

    follow_up(whistle, resolved, rating, method=method, called_at=MONDAY_TEN, at=MONDAY_TEN + HOUR)

    heard = whistle.collect_events()[0]
    assert (heard.called_at, heard.rating) == (MONDAY_TEN, rating)
    assert heard.declined == (method == "phone" and rating is None)


@pytest.mark.parametrize("method", ["phone", "unreachable"])
@pytest.mark.parametrize("called_at", [None, MONDAY_TEN - 2 * MINUTE, MONDAY_TEN + HOUR + MINUTE])
def test_a_call_is_not_recorded_without_its_time_before_the_check_or_in_the_future(
    method, called_at
):
    whistle = verified()

    with pytest.raises(CallTimeNeeded if called_at is None else CallBeforeVerdict):
        follow_up(whistle, None, method=method, called_at=called_at, at=MONDAY_TEN + HOUR)

    assert facts(whistle) == []


def test_calls_in_vain_are_told_apart_by_the_time_of_the_call_not_of_its_entry():
    whistle = verified(city("2026-03-02T09:00"))
    calls = ["2026-03-02T10:00", "2026-03-02T15:00", "2026-03-03T08:00"]

    for call in calls:
        at = city("2026-03-03T09:00")
        follow_up(whistle, None, method="unreachable", called_at=city(call), at=at)

    assert whistle.state is State.CLOSED


@pytest.mark.parametrize("method", ["phone", "online"])
def test_the_rating_of_somebody_without_a_name_is_a_remark(method):
    whistle = verified(anonymous=True)

    follow_up(whistle, True, 5, method=method, actor=CALLER)

    heard = whistle.collect_events()[0]
    assert (heard.resolved, heard.rating, heard.remark) == (True, None, 5)


def test_a_request_to_suspend_lapses_when_the_unit_says_done():
    whistle = in_progress(category="C0103")
    terms = {"at": MONDAY_TEN, "policy": POLICY, "reason_code": "season", "words": SEEN}
    whistle.suspend(date(2026, 3, 20), actor=handler(), **terms)
    back_at_work(whistle)

    with pytest.raises(NotTheLead):
        whistle.suspend(date(2026, 3, 20), actor=DISPATCHER, **terms)

    assert (facts(whistle), whistle.state) == ([], State.IN_PROGRESS)


def test_what_is_checked_in_a_second_cycle_is_followed_up_in_that_cycle():
    whistle = closed(category="C0103")
    whistle.reopen(actor=RESIDENT, at=MONDAY_TEN, policy=POLICY)
    whistle.respond("arrival", point=HERE, actor=handler(), at=MONDAY_TEN)
    whistle.start(actor=handler(), at=MONDAY_TEN)
    submit(whistle)
    whistle.verify(True, actor=VERIFIER, at=MONDAY_TEN, policy=POLICY)

    submission, check = whistle.collect_events()[-2:]
    assert (submission.cycle, check.cycle) == (2, 2)
    assert whistle.clocks["follow_up"].cycle == 2


def test_a_question_outside_the_sample_says_why_nobody_is_called():
    while (whistle := in_progress(category="E0703")).sampled("call"):
        pass
    submit(whistle)

    whistle.verify(True, actor=VERIFIER, at=MONDAY_TEN, policy=POLICY)

    end = whistle.collect_events()[-1]
    assert (end.basis, end.by) == ("not_sampled", "system")


@pytest.mark.parametrize("given", [responded, in_progress], ids=["RESPONDED", "IN_PROGRESS"])
def test_a_co_handler_that_has_answered_finishes_its_part_before_or_while_the_lead_works(given):
    whistle = given(co=("U14",))
    whistle.respond("arrival", point=HERE, actor=handler("U14"), at=MONDAY_TEN)
    quiet(whistle)

    submit(whistle, handler("U14"))

    [finished] = whistle.collect_events()
    assert (finished.unit, finished.state) == ("U14", given().state)
    assert whistle.assignment_of("U14").state is AssignmentState.FINISHED


def test_a_failed_check_ends_the_waiting_for_it_and_nothing_else():
    whistle = waiting_for_a_check(sampled=False)

    whistle.verify(False, words=SEEN, actor=VERIFIER, at=MONDAY_TEN + HOUR, policy=POLICY)

    [failed] = whistle.collect_events()
    assert {clock.key: clock.stopped_at for clock in failed.clocks} == {
        "verify": MONDAY_TEN + HOUR,
        "resolve": None,
    }
    assert (failed.cycle, failed.waited_from) == (1, MONDAY_TEN)


def test_a_reporter_tells_his_verdict_online_and_is_never_unreachable_by_his_own_word():
    whistle = verified()

    for method in ("unreachable", "phone", "site"):
        with pytest.raises(OnlineOnly):
            whistle.follow_up(None, method=method, actor=RESIDENT, at=MONDAY_TEN, policy=POLICY)

    assert whistle.attempts == []


def test_one_wish_more_is_recorded_and_watched_and_what_comes_after_it_too():
    whistle, new = closed(), raised()
    whistle.reopens = 2

    whistle.refuse_reopening(actor=RESIDENT, at=MONDAY_TEN, words=[said("reason")])
    new.come_after(whistle, whistle, actor=RESIDENT, at=MONDAY_TEN)

    refused, watched = whistle.collect_events()[-2:]
    assert (refused.count, len(refused.words), watched.basis) == (2, 1, "reopened_twice")
    assert (whistle.state, whistle.supervised, new.supervised) == (State.CLOSED, True, True)
    assert new.earlier_number == whistle.number
    with pytest.raises(TooLateToReopen):
        whistle.refuse_reopening(actor=RESIDENT, at=MONDAY_TEN + 16 * DAY)


def test_after_one_that_may_be_reopened_nobody_watches():
    whistle, new = closed(), raised()

    new.come_after(whistle, whistle, actor=RESIDENT, at=MONDAY_TEN)

    assert (new.supervised, new.earlier_number) == (False, whistle.number)
