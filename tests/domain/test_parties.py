"""Several people report one problem: whose word decides, and nobody's is lost (domain.md §4.6)."""

import pytest

from tests.domain.city_time import MONDAY_TEN, POLICY, city
from tests.domain.whistles import (
    CALLER,
    COMMANDER,
    DAY,
    HERE,
    HOUR,
    INTAKE,
    WORKER,
    closed,
    dispatched,
    facts,
    handler,
    quiet,
    raised,
    said,
    submitted,
    suspended,
    verified,
)
from tracker.domain.actors import Actor, Role
from tracker.domain.whistle.events import State
from tracker.domain.whistle.refusals.lifecycle import NotInState
from tracker.domain.whistle.refusals.raising import (
    AlreadyReported,
    NotJoinable,
    TakenBack,
    TooLateToAmend,
)
from tracker.domain.whistle.refusals.resolving import (
    NothingToAnswer,
    UnknownParty,
    VerdictGiven,
)

ANN, BEN, CAT = (Actor(name, Role.RESIDENT) for name in ("ann", "ben", "cat"))
HOLDER = Actor("anonymous", Role.ANONYMOUS, reporter_of="hash")


def of_ann_and_ben(whistle):
    whistle.join(actor=BEN, at=MONDAY_TEN)
    return quiet(whistle)


def checked(*joining, **facts_of_it):
    """Verified, raised by Ann; the others joined her before."""
    whistle = dispatched(reporter="ann", **facts_of_it)
    for person in joining:
        whistle.join(actor=person, at=MONDAY_TEN + HOUR)
    lead = handler()
    whistle.respond("arrival", point=HERE, actor=lead, at=MONDAY_TEN)
    whistle.start(actor=lead, at=MONDAY_TEN)
    whistle.submit(None, actor=lead, at=MONDAY_TEN, policy=POLICY)
    whistle.verify(True, actor=COMMANDER, at=MONDAY_TEN, policy=POLICY)
    return quiet(whistle)


def says(whistle, resolved, actor, *, method="online", at=MONDAY_TEN + HOUR, **more):
    record = {"called_at": at, "declined": method == "phone"}
    whistle.follow_up(resolved, method=method, actor=actor, at=at, policy=POLICY, **record, **more)


def answer(whistle, party, **more):
    terms = {"actor": CALLER, "at": MONDAY_TEN + 2 * HOUR, "policy": POLICY}
    whistle.answer_party(party, words=[said()], **terms, **more)


def test_the_first_takes_her_report_back_and_the_next_is_the_first():
    whistle = of_ann_and_ben(dispatched(reporter="ann"))

    whistle.withdraw(actor=ANN, at=MONDAY_TEN, words=[said("reason")])

    [left] = whistle.collect_events()
    assert (type(left).__name__, left.party, len(left.words)) == ("ReporterWithdrew", 1, 1)
    assert (whistle.state, whistle.lead, whistle.first_party.key) == (
        State.DISPATCHED,
        "U01",
        "ben",
    )
    assert any(clock.running for clock in whistle.clocks.values())


def test_it_ends_with_the_last_of_all_and_then_alone():
    whistle = of_ann_and_ben(suspended(MONDAY_TEN.date() + 3 * DAY, reporter="ann"))

    whistle.withdraw(actor=BEN, at=MONDAY_TEN)
    whistle.withdraw(actor=ANN, at=MONDAY_TEN)

    assert facts(whistle) == ["ReporterWithdrew", "Withdrawn"]
    assert (whistle.state, whistle.parties) == (State.WITHDRAWN, [])
    assert not any(clock.running for clock in whistle.clocks.values())


def test_nobody_takes_back_twice_or_another_persons_report():
    whistle = of_ann_and_ben(raised(reporter="ann"))
    whistle.withdraw(actor=BEN, at=MONDAY_TEN)

    for nobody in (BEN, CAT):
        with pytest.raises(TakenBack):
            whistle.withdraw(actor=nobody, at=MONDAY_TEN)
    with pytest.raises(TakenBack):
        whistle.amend(actor=BEN, at=MONDAY_TEN, words=[said("text")])


def test_from_the_submission_on_nobody_takes_anything_back():
    with pytest.raises(NotInState):
        submitted(reporter="ann").withdraw(actor=ANN, at=MONDAY_TEN)


def test_nobody_joins_twice_and_a_receipt_is_somebody_new():
    whistle = of_ann_and_ben(raised(reporter="ann"))

    for person in (ANN, BEN):
        with pytest.raises(AlreadyReported):
            whistle.join(actor=person, at=MONDAY_TEN)
    whistle.join(actor=Actor("anonymous", Role.ANONYMOUS), receipt="hash", at=MONDAY_TEN)

    assert [party.key for party in whistle.in_line] == ["ann", "ben", "hash"]


def test_what_is_confidential_or_submitted_is_joined_by_nobody():
    with pytest.raises(NotJoinable):
        raised("E0802").join(actor=BEN, at=MONDAY_TEN)
    with pytest.raises(NotInState):
        submitted().join(actor=BEN, at=MONDAY_TEN)


def test_staff_stand_behind_everybody_else_and_their_verdict_counts_nowhere():
    whistle = checked(INTAKE, BEN)
    assert [party.key for party in whistle.in_line] == ["ann", "ben", INTAKE.account]
    whistle.parties = [party for party in whistle.parties if party.staff]

    says(whistle, True, INTAKE)
    assert (whistle.state, whistle.wants_site_check) == (State.VERIFIED, True)
    says(whistle, True, WORKER, method="site")

    heard = [(e.party, e.counted) for e in whistle.collect_events() if hasattr(e, "counted")]
    assert (heard, whistle.state) == ([(2, False), (0, True)], State.CLOSED)


def test_resolved_does_not_close_while_anothers_not_solved_is_unanswered():
    whistle = checked(BEN)
    says(whistle, False, BEN)

    says(whistle, True, ANN)
    assert (whistle.state, [p.key for p in whistle.unanswered]) == (State.VERIFIED, ["ben"])
    answer(whistle, 2)

    assert facts(whistle) == ["FollowedUp", "FollowedUp", "PartyAnswered", "Closed"]


def test_an_answer_may_be_more_work_and_then_everybody_is_asked_again():
    whistle = checked(BEN)
    says(whistle, False, BEN)
    says(whistle, True, ANN)

    answer(whistle, 2, rework=True)

    assert facts(whistle)[-2:] == ["PartyAnswered", "ReworkOrdered"]
    assert (whistle.state, whistle.verdicts, whistle.unanswered) == (State.IN_PROGRESS, {}, [])


def test_answered_before_the_first_spoke_it_waits_for_her():
    whistle = checked(BEN)
    says(whistle, False, BEN)

    answer(whistle, 2)
    assert whistle.state is State.VERIFIED
    says(whistle, True, ANN)

    assert whistle.state is State.CLOSED


def test_each_is_asked_once_after_a_check():
    whistle = checked(BEN)
    says(whistle, False, BEN)

    for again in (True, False):
        with pytest.raises(VerdictGiven):
            says(whistle, again, BEN)
    with pytest.raises(VerdictGiven):
        says(whistle, True, CALLER, method="phone", party=2)


def test_the_city_asks_whom_it_names_and_else_the_first():
    whistle = checked(BEN)

    says(whistle, True, CALLER, method="phone", party=2)
    assert whistle.state is State.VERIFIED
    with pytest.raises(UnknownParty):
        says(whistle, True, CALLER, method="phone", party=3)
    says(whistle, True, CALLER, method="phone")

    assert whistle.state is State.CLOSED


def test_without_the_first_it_closes_only_when_the_others_are_answered():
    whistle = checked(BEN)
    says(whistle, False, BEN)
    for call in ("2026-03-02T13:00", "2026-03-02T15:30", "2026-03-03T09:00"):
        says(whistle, None, CALLER, method="unreachable", at=city(call))
    assert whistle.state is State.VERIFIED

    whistle.answer_party(
        2, actor=CALLER, at=city("2026-03-03T10:00"), policy=POLICY, words=[said()]
    )

    assert whistle.collect_events()[-1].basis == "unreachable"


def test_only_who_waits_is_answered():
    whistle = checked(BEN)
    with pytest.raises(NothingToAnswer):
        answer(whistle, 2)

    says(whistle, False, BEN)

    with pytest.raises(UnknownParty):
        answer(whistle, 1)


def test_a_reporter_adds_words_until_the_fifteenth_day_after_closing():
    whistle = closed(reporter="ann")

    whistle.amend(actor=ANN, at=MONDAY_TEN + 15 * DAY, words=[said("text")])
    assert whistle.state is State.CLOSED
    with pytest.raises(TooLateToAmend):
        whistle.amend(actor=ANN, at=MONDAY_TEN + 15 * DAY + HOUR, words=[said("text")])


def test_a_new_cycle_asks_everybody_again():
    whistle = checked(BEN)
    says(whistle, True, BEN)
    says(whistle, True, ANN)

    whistle.reopen(actor=BEN, at=MONDAY_TEN + DAY, policy=POLICY)

    assert (whistle.verdicts, whistle.answered) == ({}, set())


def test_a_receipt_holder_speaks_for_himself():
    whistle = verified(receipt="hash")

    says(whistle, True, HOLDER)

    assert whistle.state is State.CLOSED
