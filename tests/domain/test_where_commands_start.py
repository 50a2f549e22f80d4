"""The table of transitions (domain.md §4.2): in which states a command may begin, in which not.

Each state is reached by real commands, and every command is tried there by everybody who might give
it. Where a further guard decides (whose part it is, what class), its own test says so.
"""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from tests.domain.city_time import MONDAY_TEN, POLICY
from tests.domain.whistles import (
    AUDITOR,
    CALLER,
    CATEGORIES,
    CITY,
    COMMANDER,
    DISPATCHER,
    INTAKE,
    LITTER,
    RESIDENT,
    SEEN,
    SUPERVISOR,
    VERIFIER,
    WORKER,
    claimed,
    closed,
    dispatched,
    handler,
    in_progress,
    liaison,
    open_to,
    pooled,
    quiet,
    raised,
    responded,
    said,
    submitted,
    suspended,
    triaged,
    verified,
)
from tracker.domain.whistle.whistle import Whistle

EVERYBODY = [
    RESIDENT,
    WORKER,
    INTAKE,
    DISPATCHER,
    COMMANDER,
    VERIFIER,
    CALLER,
    SUPERVISOR,
    CITY,
    handler(),
    liaison("U02"),
]


def self_resolved() -> Whistle:
    """One whose audit was drawn."""
    photos = [said("photo_before"), said("photo_after")]
    while not (whistle := raised()).sampled("audit"):
        pass
    whistle.self_resolve(
        CATEGORIES[LITTER], actor=WORKER, at=MONDAY_TEN, policy=POLICY, words=photos
    )
    return quiet(whistle)


def audited() -> Whistle:
    whistle = self_resolved()
    whistle.verify(True, actor=VERIFIER, at=MONDAY_TEN, policy=POLICY)
    return quiet(whistle)


def merged() -> Whistle:
    whistle, terms = triaged(), {"same_family": True, "same_named_place": False}
    whistle.merge(triaged(), actor=DISPATCHER, at=MONDAY_TEN, policy=POLICY, **terms)
    return quiet(whistle)


def void() -> Whistle:
    whistle = triaged()
    for person in (INTAKE, COMMANDER):
        whistle.void("test", actor=person, at=MONDAY_TEN)
    return quiet(whistle)


def withdrawn() -> Whistle:
    whistle = triaged()
    whistle.withdraw(actor=RESIDENT, at=MONDAY_TEN)
    return quiet(whistle)


def transferred_out() -> Whistle:
    whistle = triaged()
    whistle.transfer_out("110", actor=DISPATCHER, at=MONDAY_TEN, policy=POLICY)
    return quiet(whistle)


STATES: dict[str, Callable[[], Whistle]] = {
    "RAISED": raised,
    "TRIAGED": triaged,
    "POOLED": pooled,
    "CLAIMED": claimed,
    "DISPATCHED": dispatched,
    "RESPONDED": responded,
    "IN_PROGRESS": in_progress,
    "SUSPENDED": lambda: suspended(date(2026, 3, 20)),
    "SUBMITTED": submitted,
    "VERIFIED": verified,
    "SELF_RESOLVED": self_resolved,
    "CLOSED": closed,
    "SELF_RESOLVED_CLOSED": audited,
    "MERGED": merged,
    "VOID": void,
    "WITHDRAWN": withdrawn,
    "TRANSFERRED_OUT": transferred_out,
}
UNTRIAGED, DESK, SENT = {"RAISED"}, {"TRIAGED", "POOLED"}, {"CLAIMED", "DISPATCHED"}
AT_WORK = {"RESPONDED", "IN_PROGRESS"}
HELD, CHECKED = {"SUSPENDED"}, {"SUBMITTED", "VERIFIED", "SELF_RESOLVED"}
CLOSED = {"CLOSED", "SELF_RESOLVED_CLOSED"}
GONE = {"VOID", "WITHDRAWN", "TRANSFERRED_OUT"}
OVER = CLOSED | GONE | {"MERGED"}
BEFORE_DONE = UNTRIAGED | DESK | SENT | AT_WORK
OPEN = BEFORE_DONE | HELD | CHECKED
ALL = OPEN | OVER

# Command, the states in which it may begin, and those in which it never does. In a state that
# stands in neither the product does not follow the table yet.
TABLE = [
    ("amend", OPEN | {"CLOSED"}, GONE | {"SELF_RESOLVED_CLOSED", "MERGED"}),
    ("join", BEFORE_DONE | HELD, CHECKED | OVER),
    ("locate", UNTRIAGED | DESK, OVER),
    ("classify", UNTRIAGED | DESK, HELD | CHECKED | OVER),
    ("self_resolve", {"RAISED", "TRIAGED"}, ALL - {"RAISED", "TRIAGED"}),
    ("merge", DESK | SENT | AT_WORK, UNTRIAGED | HELD | CHECKED | OVER),
    ("unmerge", {"MERGED"}, ALL - {"MERGED"}),
    ("pool", {"TRIAGED"}, ALL - {"TRIAGED"}),
    ("claim", {"POOLED"}, ALL - {"POOLED"}),
    ("dispatch", DESK, UNTRIAGED | CHECKED | OVER),
    ("acknowledge", SENT, UNTRIAGED | DESK | CHECKED | OVER),
    ("respond", SENT, UNTRIAGED | DESK | CHECKED | OVER),
    ("start", {"RESPONDED"}, ALL - {"RESPONDED"}),
    ("return", {"DISPATCHED"}, ALL - {"DISPATCHED"}),
    ("add_co", SENT | AT_WORK, UNTRIAGED | DESK | CHECKED | OVER),
    ("remove_co", SENT | AT_WORK, UNTRIAGED | DESK | CHECKED | OVER),
    ("request_extension", AT_WORK, ALL - AT_WORK),
    ("ask", AT_WORK, ALL - AT_WORK),
    ("suspend", {"IN_PROGRESS"}, ALL - {"IN_PROGRESS"}),
    ("resume", HELD, ALL - HELD),
    ("submit", {"IN_PROGRESS"}, ALL - {"IN_PROGRESS"}),
    ("verify", {"SUBMITTED", "SELF_RESOLVED"}, ALL - {"SUBMITTED", "SELF_RESOLVED"}),
    ("follow_up", {"VERIFIED"}, ALL - {"VERIFIED"}),
    ("reopen", CLOSED | {"VOID"}, OPEN | {"MERGED", "WITHDRAWN", "TRANSFERRED_OUT"}),
    ("withdraw", BEFORE_DONE | HELD, CHECKED | OVER),
    ("void", OPEN | CLOSED, GONE | {"MERGED"}),
    ("transfer_out", BEFORE_DONE | HELD, CHECKED | OVER),
    ("escalate", OPEN, OVER),
    ("supervise", OPEN, OVER),
    ("urge", OPEN, OVER),
]


@pytest.mark.parametrize("state", STATES)
def test_every_state_is_reached_by_real_commands(state: str) -> None:
    assert STATES[state]().state == state


def test_a_command_begins_in_its_states_and_in_no_other() -> None:
    found: dict[str, set[str]] = {command: set() for command, _, _ in TABLE}
    for state, given in STATES.items():
        whistle = given()
        for person in EVERYBODY:
            for command in open_to(whistle, person):
                found.get(command, set()).add(state)

    missing = {command: begins - found[command] for command, begins, _ in TABLE}
    too_many = {command: never & found[command] for command, _, never in TABLE}

    assert {command: states for command, states in missing.items() if states} == {}
    assert {command: states for command, states in too_many.items() if states} == {}


@pytest.mark.parametrize("command", ["void", "exclude", "suspend", "correct"])
def test_who_proposed_is_not_offered_to_confirm_and_a_colleague_is(command: str) -> None:
    whistle = in_progress() if command == "suspend" else raised()
    match command:
        case "void":
            whistle.void("test", actor=INTAKE, at=MONDAY_TEN)
        case "exclude":
            whistle.exclude("nobodys_duty", actor=SUPERVISOR, at=MONDAY_TEN)
        case "suspend":
            why: dict[str, Any] = {"reason_code": "season", "words": SEEN}
            whistle.suspend(date(2026, 3, 20), actor=handler(), at=MONDAY_TEN, policy=POLICY, **why)
        case "correct":
            whistle.correct("category", LITTER, actor=INTAKE, at=MONDAY_TEN, policy=POLICY)

    asked = {"suspend": handler(), "exclude": SUPERVISOR}.get(command, INTAKE)
    assert command not in open_to(whistle, asked)
    colleague = {"void": COMMANDER, "exclude": AUDITOR}.get(command, DISPATCHER)
    assert command in open_to(whistle, colleague)


def test_a_whistle_is_reopened_or_its_voiding_overturned_only_while_the_time_runs() -> None:
    for given, days in ((closed, 15), (void, 7)):
        last = MONDAY_TEN.replace(day=MONDAY_TEN.day + days)

        assert "reopen" in open_to(given(), CITY, last)
        assert "reopen" not in open_to(given(), CITY, last.replace(minute=1))


def test_those_who_voided_it_are_not_offered_to_overturn_it() -> None:
    assert "reopen" not in open_to(void(), COMMANDER, MONDAY_TEN)
    assert "reopen" not in open_to(void(), RESIDENT, MONDAY_TEN)
