"""更正回访: a reporter's own word replaces what was recorded for him (domain.md §4.2, followUp)."""

import pytest

from tests.domain.city_time import MONDAY_TEN, POLICY
from tests.domain.test_parties import ANN, BEN, CAT, checked, says
from tests.domain.whistles import (
    CALLER,
    CITY,
    COMMANDER,
    DAY,
    HERE,
    HOUR,
    MINUTE,
    SEEN,
    closed,
    facts,
    handler,
    quiet,
    said,
)
from tracker.domain.actors import Actor, Role
from tracker.domain.promises.clocks import ClockKind
from tracker.domain.whistle.events import State
from tracker.domain.whistle.refusals.lifecycle import AlreadyTerminal
from tracker.domain.whistle.refusals.resolving import NothingToContradict, TooLateToContradict

HEARD = MONDAY_TEN + HOUR
LATER = HEARD + DAY


def contradicts(whistle, resolved, actor=ANN, rating=None, at=LATER):
    whistle.contradict(resolved, rating, actor=actor, at=at, policy=POLICY, words=[said()])


def recorded(resolved, *joining, **facts_of_it):
    """Somebody called Ann, and wrote down what she is to have said."""
    whistle = checked(*joining, **facts_of_it)
    says(whistle, resolved, CALLER, method="phone", at=HEARD)
    return quiet(whistle)


def test_not_solved_by_her_own_word_reopens_what_a_recorded_solved_closed():
    whistle = recorded(True)
    assert whistle.state is State.CLOSED

    contradicts(whistle, False, rating=1)

    said_so, reopened = whistle.collect_events()
    assert (said_so.resolved, said_so.rating, said_so.counted) == (False, 1, True)
    assert (said_so.recorded_at, said_so.cycle, len(said_so.words)) == (HEARD, 1, 1)
    assert (type(reopened).__name__, reopened.cycle, reopened.by) == ("Reopened", 2, ANN.account)
    assert (whistle.state, whistle.lead) == (State.DISPATCHED, "U01")


def test_solved_by_her_own_word_leaves_it_closed_and_her_rating_replaces_the_other():
    whistle = recorded(True)

    contradicts(whistle, True, rating=2)

    assert facts(whistle) == ["VerdictContradicted"]
    assert whistle.state is State.CLOSED


def test_not_solved_sends_it_back_to_work_while_it_waits_for_an_answer_to_another():
    whistle = checked(BEN)
    says(whistle, False, BEN)
    says(whistle, True, CALLER, method="phone", at=HEARD)
    assert whistle.state is State.VERIFIED
    quiet(whistle)

    contradicts(whistle, False)

    assert facts(whistle) == ["VerdictContradicted", "ReworkOrdered"]
    assert whistle.state is State.IN_PROGRESS


def test_not_solved_of_one_who_does_not_decide_waits_for_an_answer():
    whistle = checked(BEN)
    says(whistle, True, CALLER, method="phone", party=2, at=HEARD)

    contradicts(whistle, False, actor=BEN)
    says(whistle, True, ANN, at=LATER)

    assert [one.number for one in whistle.unanswered] == [2]
    assert whistle.state is State.VERIFIED


def test_not_solved_of_one_who_does_not_decide_reopens_it_once_it_is_closed():
    whistle = checked(BEN)
    says(whistle, True, CALLER, method="phone", party=2, at=HEARD)
    says(whistle, True, ANN, at=HEARD)
    quiet(whistle)

    contradicts(whistle, False, actor=BEN)

    assert facts(whistle) == ["VerdictContradicted", "Reopened"]


def test_solved_by_her_own_word_closes_what_was_proposed_as_unreasonable():
    whistle = checked()
    says(whistle, False, CALLER, method="phone", at=HEARD, reasonable=False)
    quiet(whistle)

    contradicts(whistle, True)

    assert facts(whistle) == ["VerdictContradicted", "Closed"]


def test_the_same_verdict_again_changes_her_rating_and_nothing_else():
    whistle = checked()
    says(whistle, False, CALLER, method="phone", at=HEARD, reasonable=False)
    whistle.close(words=SEEN, actor=CITY, at=HEARD)
    quiet(whistle)

    contradicts(whistle, False, rating=1)

    assert facts(whistle) == ["VerdictContradicted"]
    assert whistle.state is State.CLOSED


def test_at_work_already_after_a_recorded_not_solved_it_stays_at_work():
    whistle = recorded(False)

    contradicts(whistle, True)

    assert facts(whistle) == ["VerdictContradicted"]
    assert (whistle.state, whistle.verdicts) == (State.IN_PROGRESS, {})
    assert whistle.clocks[ClockKind.RESOLVE].running


@pytest.mark.parametrize("late", [False, True])
def test_a_recorded_verdict_is_contradicted_for_seven_days(late):
    whistle, last = recorded(True), HEARD + 7 * DAY

    if late:
        with pytest.raises(TooLateToContradict):
            contradicts(whistle, False, at=last + MINUTE)
    else:
        contradicts(whistle, False, at=last)

    assert whistle.state is (State.CLOSED if late else State.DISPATCHED)


def test_nobody_contradicts_his_own_word_anothers_or_what_was_never_recorded():
    own, whistle = checked(), recorded(True, BEN)
    says(own, True, ANN)

    for given, actor in ((own, ANN), (whistle, BEN), (whistle, CAT), (checked(), ANN)):
        with pytest.raises(NothingToContradict):
            contradicts(given, False, actor=actor)
    contradicts(whistle, True)
    with pytest.raises(NothingToContradict):
        contradicts(whistle, False)


def test_what_was_recorded_in_an_earlier_cycle_is_past():
    whistle = recorded(True)
    whistle.reopen(actor=ANN, at=LATER, policy=POLICY)

    with pytest.raises(NothingToContradict):
        contradicts(whistle, False)


def test_after_two_reopenings_her_word_is_kept_and_a_new_whistle_is_the_way():
    whistle = recorded(True)
    for _ in range(2):
        contradicts(whistle, False, at=LATER)
        whistle.respond("arrival", point=HERE, actor=handler(), at=LATER)
        whistle.start(actor=handler(), at=LATER)
        whistle.submit(None, actor=handler(), at=LATER, policy=POLICY)
        whistle.verify(True, actor=COMMANDER, at=LATER, policy=POLICY)
        says(whistle, True, CALLER, method="phone", at=LATER)
    quiet(whistle)

    contradicts(whistle, False)

    assert facts(whistle) == ["VerdictContradicted"]
    assert whistle.state is State.CLOSED


def test_the_holder_of_a_receipt_contradicts_and_an_anonymous_rating_is_a_remark():
    holder = Actor("anonymous", Role.ANONYMOUS, reporter_of="hash")
    whistle = closed(receipt="hash", anonymous=True)

    contradicts(whistle, True, actor=holder, rating=4)

    [said_so] = whistle.collect_events()
    assert (said_so.rating, said_so.remark, said_so.by) == (None, 4, "hash")


def test_what_is_over_otherwise_is_not_contradicted():
    whistle = recorded(False)
    whistle.void("fabricated", actor=Actor("supervisor", Role.SUPERVISOR), at=LATER)
    whistle.void("fabricated", actor=Actor("city", Role.CITY_CENTRE), at=LATER)

    with pytest.raises(AlreadyTerminal):
        contradicts(whistle, True)
