"""联系: a number is opened before it is called; the reporter says who called (§4.2, respond)."""

import pytest

from tests.domain.city_time import MONDAY_TEN, POLICY
from tests.domain.whistles import (
    CALLER,
    DAY,
    HOUR,
    dispatched,
    facts,
    handler,
    liaison,
    quiet,
    said,
)
from tracker.domain.actors import Actor, Role
from tracker.domain.whistle.events import State
from tracker.domain.whistle.refusals.lifecycle import AlreadyTerminal
from tracker.domain.whistle.refusals.responding import NoCallToJudge, NumberNotOpened
from tracker.domain.whistle.responding import CallRecord

ANN, BEN = (Actor(name, Role.RESIDENT) for name in ("ann", "ben"))
LATER = MONDAY_TEN + HOUR


def opens(whistle, actor, at=MONDAY_TEN):
    whistle.open_contact(actor=actor, at=at, words=[said("reason")])


def calls(whistle, reached=True, actor=None, at=LATER):
    whistle.respond("call", call=CallRecord(at, reached), actor=actor or handler(), at=at)


def called(co=()):
    """The lead says that it spoke to Ann; Ben joined her."""
    whistle = dispatched(reporter="ann", co=co)
    whistle.join(actor=BEN, at=MONDAY_TEN)
    opens(whistle, handler())
    calls(whistle)
    return quiet(whistle)


def test_who_was_shown_a_number_stands_in_the_log_with_the_unit_and_the_reason():
    whistle = dispatched()

    opens(whistle, handler())

    [opened] = whistle.collect_events()
    assert (opened.by, opened.unit, len(opened.words)) == (handler().account, "U01", 1)
    assert opened.state is State.DISPATCHED


@pytest.mark.parametrize("reached", [True, False])
@pytest.mark.parametrize("by", [None, handler("U02"), CALLER])
def test_a_call_counts_only_to_a_number_that_the_own_unit_opened(reached, by):
    whistle = dispatched()
    if by is not None:
        opens(whistle, by)

    with pytest.raises(NumberNotOpened) as refusal:
        calls(whistle, reached)

    assert refusal.value.facts["unit"] == "U01"
    assert whistle.clocks["respond"].running


def test_a_colleague_of_the_unit_may_have_opened_it():
    whistle = dispatched()
    opens(whistle, liaison())

    calls(whistle)

    assert whistle.state is State.RESPONDED


def test_what_was_opened_for_an_earlier_part_counts_no_longer():
    whistle = dispatched()
    opens(whistle, handler())
    assert whistle.opened_for_its_part(handler()) and not whistle.opened_for_its_part(liaison())

    whistle.return_(
        actor=liaison(), at=LATER, policy=POLICY, reason_code="not_our_duty",
        suggested_unit=None, words=[said("basis")],
    )  # fmt: skip
    part = whistle.assignment_of("U01")
    later = MONDAY_TEN + DAY
    clock = POLICY.clock(whistle.clocks["respond"].kind, "Q3", later, unit="U01")
    whistle.put(type(part)("U01", part.role, later, clock.due, clock.due))

    assert not whistle.opened_for_its_part(handler())


def test_the_first_reporter_is_asked_whether_they_spoke_and_nobody_else():
    whistle = called()

    assert list(whistle.calls_to(ANN)) == ["U01"]
    assert not whistle.calls_to(BEN) and not whistle.calls_to(CALLER)


def test_yes_is_the_reporters_word_and_opens_nothing():
    whistle = called()

    whistle.confirm_call(actor=ANN, at=LATER, words=[said()])

    [word] = whistle.collect_events()
    assert (type(word).__name__, word.unit, word.called_at) == ("CallConfirmed", "U01", LATER)
    assert not whistle.supervised


def test_no_opens_a_supervision_and_the_response_stands():
    whistle = called()

    whistle.deny_call(actor=ANN, at=LATER, words=[said()])

    denied, opened = whistle.collect_events()
    assert (type(denied).__name__, denied.unit, denied.by) == ("CallDenied", "U01", "ann")
    assert (type(opened).__name__, opened.basis) == ("SupervisionOpened", "call denied")
    assert (whistle.supervised, whistle.state) == (True, State.RESPONDED)


def test_a_supervision_that_is_open_is_not_opened_again():
    whistle = called()
    whistle.supervise(actor=Actor("supervisor", Role.SUPERVISOR), at=LATER, words=[said()])
    quiet(whistle)

    whistle.deny_call(actor=ANN, at=LATER)

    assert facts(whistle) == ["CallDenied"]


def test_each_units_call_is_judged_by_itself_and_once():
    whistle = called(co=("U14",))
    opens(whistle, handler("U14"))
    calls(whistle, actor=handler("U14"))

    whistle.deny_call("U01", actor=ANN, at=LATER)
    whistle.confirm_call(actor=ANN, at=LATER)

    assert facts(whistle)[-3:] == ["CallDenied", "SupervisionOpened", "CallConfirmed"]
    with pytest.raises(NoCallToJudge):
        whistle.deny_call(actor=ANN, at=LATER)


def test_nobody_judges_a_call_that_was_not_to_him_or_reached_nobody():
    whistle, in_vain = called(), dispatched(reporter="ann")
    opens(in_vain, handler())
    calls(in_vain, reached=False)

    for given, actor in ((whistle, BEN), (whistle, handler()), (in_vain, ANN)):
        with pytest.raises(NoCallToJudge):
            given.confirm_call(actor=actor, at=LATER)


def test_when_it_is_over_nobody_is_asked_any_more():
    whistle = called()
    whistle.void("fabricated", actor=Actor("supervisor", Role.SUPERVISOR), at=LATER)
    whistle.void("fabricated", actor=Actor("city", Role.CITY_CENTRE), at=LATER)

    with pytest.raises(AlreadyTerminal):
        whistle.deny_call(actor=ANN, at=LATER)
