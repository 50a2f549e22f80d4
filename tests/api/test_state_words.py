"""What pages say of states and clocks: what has happened, and nothing ahead of it."""

from collections.abc import Callable

import pytest

from api.pages.frame.present import chip_in
from api.pages.frame.speech import speech
from api.pages.parts.state_words import clock_chip, headline
from tests.domain.city_time import MONDAY_TEN, POLICY
from tests.domain.whistles import (
    DISPATCHER,
    HOUR,
    MINUTE,
    RESIDENT,
    claimed,
    closed,
    dispatched,
    liaison,
    responded,
    submitted,
    triaged,
)
from tracker.domain.whistle.whistle import Whistle

ZH, EN = speech("zh"), speech("en")
LATER = MONDAY_TEN + 10 * MINUTE


def withdrawn(whistle: Whistle) -> Whistle:
    whistle.withdraw(actor=RESIDENT, at=LATER)
    return whistle


def merged(whistle: Whistle) -> Whistle:
    parent = triaged(at=MONDAY_TEN + MINUTE)
    likeness = {"same_family": True, "same_named_place": True}
    whistle.merge(parent, actor=DISPATCHER, at=LATER, policy=POLICY, **likeness)
    return whistle


def transferred(whistle: Whistle) -> Whistle:
    whistle.transfer_out("110", actor=DISPATCHER, at=LATER, policy=POLICY)
    return whistle


def chips(whistle: Whistle) -> dict[str, str]:
    """The words of the whistle's own stopped promises."""
    return {
        clock.kind.value: clock_chip(ZH, whistle, clock, LATER + HOUR).words
        for clock in whistle.clocks.values()
        if clock.unit is None and clock.is_promise and clock.stopped_at is not None
    }


@pytest.mark.parametrize("ended", [withdrawn, merged, transferred])
def test_what_ended_with_the_whistle_is_cancelled_and_was_not_kept(
    ended: Callable[[Whistle], Whistle],
) -> None:
    assert chips(ended(triaged())) == {"respond": "已取消", "resolve": "已取消"}


def test_what_was_kept_before_the_whistle_ended_stays_kept() -> None:
    assert chips(withdrawn(responded())) == {"respond": "按时", "resolve": "已取消"}


def test_a_closed_whistle_kept_its_promises() -> None:
    assert set(chips(closed()).values()) == {"按时"}


def test_cancelled_is_said_in_english_too() -> None:
    whistle = withdrawn(triaged())

    assert clock_chip(EN, whistle, whistle.clocks["respond"], LATER).words == "Cancelled"


def test_who_was_only_told_is_not_said_to_be_on_the_way() -> None:
    assert headline(ZH, dispatched(), "城管局") == "已派给城管局，还没回应"
    assert headline(EN, dispatched(), "U01") == "U01 has been told and has not answered yet"
    assert headline(ZH, claimed(), "城管局") == "城管局认领了，还没到场或联系"


def test_while_a_return_is_pending_the_reporter_reads_so() -> None:
    whistle = dispatched()
    whistle.return_(actor=liaison(), at=LATER, policy=POLICY, reason_code=None)

    assert headline(ZH, whistle, "城管局") == "城管局说不归它管，正在裁定；裁定前仍由它负责"


def test_work_that_was_handed_in_waits_for_the_check_and_is_not_called_suspended() -> None:
    whistle = submitted()
    resolve = whistle.clocks["resolve"]

    assert resolve.held_at is not None
    assert clock_chip(ZH, whistle, resolve, resolve.held_at).words == "待核查"
    assert chip_in(ZH, resolve, resolve.held_at, whistle.state).words == "待核查"
