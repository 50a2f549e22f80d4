"""交接班: signed by who goes, received by somebody else of the same post, once."""

from datetime import UTC, datetime, timedelta

import pytest

from tracker.contexts.handover.record import (
    AlreadyReceived,
    Handover,
    HandoverReceived,
    OtherPost,
    OwnHandover,
    ShiftLength,
)
from tracker.domain.actors import Actor, Role

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
GOING = Actor("dispatcher-cp01", Role.DISPATCHER, post="CP01")
COMING = Actor("commander-cp01", Role.COMMANDER, post="CP01")
ELSEWHERE = Actor("dispatcher-cp02", Role.DISPATCHER, post="CP02")


def signed(hours: int = 8, by: Actor = GOING) -> Handover:
    note = Handover.sign(
        post="CP01",
        began_at=NOW - timedelta(hours=hours),
        open_by_state={"RAISED": 2, "IN_PROGRESS": 5},
        open_by_card={"red": 1, "none": 6},
        turned_red=["W-260302-000001"],
        done={"whistle.dispatched": 3},
        actor=by,
        at=NOW,
    )
    note.collect_events()
    return note


def test_a_note_is_received_by_a_colleague_of_the_post():
    note = signed()

    note.receive(actor=COMING, at=NOW + timedelta(minutes=5))

    events = note.collect_events()
    assert [(type(e), e.by) for e in events] == [(HandoverReceived, "commander-cp01")]


@pytest.mark.parametrize(("who", "refusal"), [(GOING, OwnHandover), (ELSEWHERE, OtherPost)])
def test_nobody_receives_his_own_or_another_posts(who, refusal):
    with pytest.raises(refusal):
        signed().receive(actor=who, at=NOW)


def test_nobody_signs_for_another_post():
    with pytest.raises(OtherPost):
        signed(by=ELSEWHERE)


def test_it_is_received_once():
    note = signed()
    note.receive(actor=COMING, at=NOW)

    with pytest.raises(AlreadyReceived):
        note.receive(actor=COMING, at=NOW)


@pytest.mark.parametrize("hours", [0, 73])
def test_a_shift_has_a_length_that_somebody_can_stand(hours):
    with pytest.raises(ShiftLength):
        signed(hours)
