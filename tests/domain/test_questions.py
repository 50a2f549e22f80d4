"""问与答: the lead asks the reporter, and what the wait for the answer does to the clock."""

from datetime import date

import pytest

from tests.domain.city_time import MONDAY_TEN, POLICY, city, shown
from tests.domain.whistles import (
    CITY,
    CITY_NOW,
    DAY,
    DISPATCHER,
    HOUR,
    RESIDENT,
    SEEN,
    UNITS,
    dispatched,
    drawn,
    facts,
    handler,
    in_progress,
    quiet,
    responded,
    said,
    submitted,
    suspended,
    triaged,
)
from tracker.domain.actors import Actor, Role
from tracker.domain.whistle.refusals.asking import (
    NobodyToAsk,
    NoQuestion,
    NotAsked,
    QuestionOpen,
    WordsMissing,
)
from tracker.domain.whistle.refusals.lifecycle import NotInState, NotTheLead
from tracker.domain.whistle.refusals.pausing import WaitedAlready
from tracker.domain.whistle.states import State

LAMP = "C0103"  # G4, due on Monday 03-09 at 17:30
TUESDAY = MONDAY_TEN + DAY


def at_work(category=LAMP, **told):
    return in_progress(category=category, reporter=RESIDENT.account, **told)


def ask(whistle, at=MONDAY_TEN, unit="U01", words=SEEN):
    whistle.ask(actor=handler(unit), at=at, policy=POLICY, words=words)


def answer(whistle, at=TUESDAY, actor=RESIDENT, words=None):
    words = [said("text")] if words is None else words
    whistle.answer(actor=actor, at=at, policy=POLICY, words=words)


def asked(category=LAMP, **told):
    whistle = at_work(category, **told)
    ask(whistle)
    return quiet(whistle)


def test_the_first_question_holds_the_resolve_clock_until_it_is_answered():
    whistle = at_work()

    ask(whistle)
    assert whistle.clocks["resolve"].held_at == MONDAY_TEN
    assert shown(whistle.clocks["answer"].due) == "03-04 17:30"
    answer(whistle)

    assert facts(whistle) == ["ReporterAsked", "ReporterAnswered"]
    assert whistle.state is State.IN_PROGRESS
    assert shown(whistle.clocks["resolve"].due) == "03-10 17:30"
    assert whistle.clocks["resolve"].running
    assert whistle.clocks["answer"].stopped_at == TUESDAY


def test_after_two_working_days_the_clock_runs_again_and_the_question_stays_open():
    whistle = asked()

    whistle.elapse(city("2026-03-05T10:00"), POLICY)

    [ended] = whistle.collect_events()
    assert (type(ended).__name__, ended.basis, shown(ended.at)) == (
        "WaitEnded",
        "time",
        "03-04 17:30",
    )
    assert shown(whistle.clocks["resolve"].due) == "03-12 17:30"
    with pytest.raises(QuestionOpen):
        ask(whistle, at=city("2026-03-05T10:00"))
    answer(whistle, at=city("2026-03-05T10:00"))
    assert shown(whistle.clocks["resolve"].due) == "03-12 17:30"


def test_it_waits_once_in_the_life_of_a_whistle():
    whistle = asked()
    answer(whistle)

    ask(whistle, at=TUESDAY)

    assert whistle.clocks["resolve"].running
    assert whistle.collect_events()[-1].waits is False
    with pytest.raises(WaitedAlready):
        whistle.suspend(
            date(2026, 3, 5),
            reason_code="waiting_for_reporter",
            words=SEEN,
            actor=handler(),
            at=TUESDAY,
            policy=POLICY,
        )


@pytest.mark.parametrize(
    ("category", "waits"), [("E0101", True), (LAMP, True), ("E0504", True), ("C0102", False)]
)
def test_only_a_class_that_may_be_paused_waits(category, waits):
    whistle = at_work(category)

    ask(whistle)

    assert (whistle.clocks["resolve"].held_at is not None) is waits


def test_what_is_late_already_does_not_wait():
    whistle = at_work()
    at = city("2026-03-09T17:31")
    whistle.elapse(at, POLICY)

    ask(whistle, at=at)

    assert whistle.clocks["resolve"].running


def test_no_card_is_shown_while_it_waits():
    whistle = at_work()
    almost = city("2026-03-09T17:00")
    whistle.elapse(almost, POLICY)
    ask(whistle, at=almost)
    quiet(whistle)

    whistle.elapse(city("2026-03-10T17:00"), POLICY)

    assert facts(whistle) == []


@pytest.mark.parametrize(
    ("whistle", "unit", "refusal"),
    [
        (dispatched(), "U01", NotInState),
        (submitted(), "U01", NotInState),
        (suspended(date(2026, 3, 20)), "U01", NotInState),
        (responded(co=("U14",)), "U14", NotTheLead),
        (asked(), "U01", QuestionOpen),
    ],
)
def test_who_may_not_ask(whistle, unit, refusal):
    with pytest.raises(refusal):
        ask(whistle, unit=unit)


def test_a_question_and_an_answer_have_words_and_somebody_to_hear_them():
    nobody = in_progress()
    nobody.parties = []

    with pytest.raises(WordsMissing):
        ask(in_progress(), words=[])
    with pytest.raises(NobodyToAsk):
        ask(nobody)
    with pytest.raises(WordsMissing):
        answer(asked(), words=[])
    with pytest.raises(NoQuestion):
        answer(in_progress())
    with pytest.raises(NotAsked):
        answer(asked(), actor=Actor("stranger", Role.RESIDENT))


def test_who_is_done_waits_no_longer_and_the_wait_is_not_charged():
    whistle = asked()

    whistle.submit(None, actor=handler(), at=TUESDAY, policy=POLICY, words=[said("photo")])

    assert facts(whistle) == ["WaitEnded", "Submitted"]
    assert shown(whistle.clocks["resolve"].due) == "03-10 17:30"
    with pytest.raises(NotInState):
        answer(whistle)


def test_a_suspension_follows_the_wait():
    whistle = asked()
    for actor in (handler(), DISPATCHER):
        whistle.suspend(
            date(2026, 3, 20),
            reason_code="season",
            actor=actor,
            at=TUESDAY,
            policy=POLICY,
            words=SEEN,
        )

    assert facts(whistle) == ["SuspensionProposed", "WaitEnded", "Suspended"]
    whistle.resume(actor=DISPATCHER, at=TUESDAY + DAY, policy=POLICY)
    assert shown(whistle.clocks["resolve"].due) == "03-11 17:30"


def test_more_time_that_is_granted_meanwhile_leaves_the_clock_on_hold():
    whistle = asked()
    whistle.request_extension(actor=handler(), at=MONDAY_TEN, policy=POLICY)

    whistle.decide_extension(True, actor=DISPATCHER, at=MONDAY_TEN + HOUR, policy=POLICY)
    assert whistle.clocks["resolve"].held_at == MONDAY_TEN
    answer(whistle)

    assert shown(whistle.clocks["resolve"].due) == "03-17 17:30"


def test_a_class_that_may_not_pause_another_lead_or_a_merger_ends_the_wait():
    urgent, another, child = asked(), asked(), asked()
    urgent.sla_class = "U2"

    drawn(urgent, at=TUESDAY, city=CITY_NOW)
    another.dispatch(UNITS["U02"], actor=CITY, at=TUESDAY, policy=POLICY)
    terms = {"same_family": True, "same_named_place": False}
    child.merge(triaged(LAMP), actor=DISPATCHER, at=TUESDAY, policy=POLICY, **terms)

    for whistle, basis in ((urgent, "class"), (another, "dispatch"), (child, "merged")):
        [ended] = [e for e in whistle.collect_events() if type(e).__name__ == "WaitEnded"]
        assert (ended.basis, ended.paused_from) == (basis, MONDAY_TEN)
