"""Every fact says who, in which role, for which post and when, and keeps what was said with it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from tests.domain.city_time import MONDAY_TEN, POLICY
from tests.domain.test_where_commands_start import audited, self_resolved, void
from tests.domain.whistles import (
    AUDITOR,
    CALLER,
    CATEGORIES,
    CITY,
    COMMANDER,
    DISPATCHER,
    HERE,
    INTAKE,
    LITTER,
    MINUTE,
    RESIDENT,
    SEEN,
    SUPERVISOR,
    UNITS,
    VERIFIER,
    WORKER,
    by_phone,
    closed,
    dispatched,
    handler,
    in_progress,
    liaison,
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
from tracker.domain.actors import Actor
from tracker.domain.whistle.events import Event
from tracker.domain.whistle.responding import CallRecord
from tracker.domain.whistle.whistle import Whistle

LATER = MONDAY_TEN + MINUTE
REVIEW = date(2026, 3, 20)
WHY = {"reason_code": "season"}
WITHOUT_WORDS = {"Located", "Pooled", "Claimed", "Acknowledged", "Started", "Merged"}
WITHOUT_POLICY = frozenset(
    "amend join acknowledge open_contact respond start control remove_co close withdraw void "
    "exclude escalate deescalate supervise end_supervision urge".split()
)


def give(whistle: Whistle, command: str, *args: Any, by: Actor, **terms: Any) -> Whistle:
    if command not in WITHOUT_POLICY:
        terms["policy"] = POLICY
    getattr(whistle, command)(*args, actor=by, at=LATER, **terms)
    return whistle


def after(whistle: Whistle, command: str, *args: Any, by: Actor, **terms: Any) -> Whistle:
    return quiet(give(whistle, command, *args, by=by, **terms))


def returned() -> Whistle:
    return after(dispatched(), "return_", by=liaison(), reason_code=None)


def extended() -> Whistle:
    return after(in_progress(), "request_extension", by=handler())


def escalated() -> Whistle:
    return after(dispatched(), "escalate", by=COMMANDER)


def arrived() -> Whistle:
    whistle = raised("E0401", units=("U02", "X01"))
    return after(whistle, "respond", "arrival", by=handler("U02"), point=HERE)


# the fact, what was there before, by whom, and the command with what it wants
Case = tuple[str, Callable[[], Whistle], Actor, str, tuple[Any, ...], dict[str, Any]]
ABOVE = replace(CITY, account="city-2", post="CP01")
CASES: list[Case] = [
    ("Amended", raised, RESIDENT, "amend", (), {}),
    ("ReporterJoined", raised, RESIDENT, "join", (), {"receipt": "hash"}),
    ("Located", raised, INTAKE, "locate", (HERE,), {}),
    ("Classified", raised, INTAKE, "classify", (CATEGORIES[LITTER],), {}),
    ("SelfResolved", raised, WORKER, "self_resolve", (CATEGORIES[LITTER],), {}),
    ("Pooled", triaged, DISPATCHER, "pool", (CATEGORIES[LITTER],), {}),
    ("Claimed", pooled, liaison(), "claim", ("U01",), {"capable": True}),
    ("Dispatched", triaged, DISPATCHER, "dispatch", (UNITS["U01"],), {}),
    ("Acknowledged", dispatched, liaison(), "acknowledge", (), {}),
    ("Responded", dispatched, handler(), "respond", ("arrival",), {"point": HERE}),
    ("Started", responded, handler(), "start", (), {}),
    ("HazardControlled", arrived, handler("U02"), "control", (), {}),
    ("CoRequested", in_progress, handler(), "add_co", (UNITS["U14"],), {}),
    ("CoAdded", in_progress, DISPATCHER, "add_co", (UNITS["U14"],), {}),
    ("CoRemoved", lambda: dispatched(co=("U14",)), DISPATCHER, "remove_co", ("U14",), {}),
    ("ReturnRequested", dispatched, liaison(), "return_", (), {"reason_code": "not_ours"}),
    ("ReturnUpheld", returned, CITY, "adjudicate", (True, UNITS["U14"]), {}),
    ("ReturnRejected", returned, CITY, "adjudicate", (False,), {}),
    ("ExtensionRequested", in_progress, handler(), "request_extension", (), {}),
    ("ExtensionGranted", extended, DISPATCHER, "decide_extension", (True,), {}),
    ("ExtensionRefused", extended, DISPATCHER, "decide_extension", (False,), {}),
    ("SuspensionProposed", in_progress, handler(), "suspend", (REVIEW,), WHY),
    ("Suspended", lambda: after(in_progress(), "suspend", REVIEW, by=handler(), words=SEEN, **WHY),
        DISPATCHER, "suspend", (REVIEW,), {}),
    ("Resumed", lambda: suspended(REVIEW), DISPATCHER, "resume", (), {}),
    ("ContactOpened", dispatched, handler(), "open_contact", (), {}),
    ("CallAttempted", lambda: after(dispatched(), "open_contact", by=handler()), handler(),
        "respond", ("call",),
        {"call": CallRecord(MONDAY_TEN, reached=False)}),
    ("CoFinished", lambda: after(in_progress(co=("U14",)), "respond", "arrival", point=HERE,
        by=handler("U14")), handler("U14"), "submit", (None,), {}),
    ("Submitted", in_progress, handler(), "submit", (None,), {}),
    ("VerificationPassed", submitted, VERIFIER, "verify", (True,), {}),
    ("VerificationFailed", submitted, VERIFIER, "verify", (False,), {}),
    ("SelfResolutionOverturned", self_resolved, VERIFIER, "verify", (False,), {}),
    ("FollowedUp", verified, CALLER, "follow_up", (None,), by_phone(declined=True)),
    ("Closed", lambda: after(verified(), "follow_up", False, by=CALLER, **by_phone(declined=True),
        reasonable=False), COMMANDER, "close", (), {}),
    ("Reopened", closed, VERIFIER, "reopen", (), {}),
    ("Reopened", audited, VERIFIER, "reopen", (), {}),
    ("VoidOverturned", void, ABOVE, "reopen", (), {}),
    ("Withdrawn", dispatched, RESIDENT, "withdraw", (), {}),
    ("VoidProposed", raised, INTAKE, "void", ("test",), {}),
    ("Voided", lambda: after(raised(), "void", "test", by=INTAKE), COMMANDER, "void",
        ("test",), {}),
    ("TransferredOut", dispatched, DISPATCHER, "transfer_out", ("110",), {}),
    ("TransferProposed", lambda: dispatched(at=MONDAY_TEN - 90 * MINUTE), DISPATCHER,
        "transfer_out", ("110",), {}),
    ("ExclusionProposed", closed, SUPERVISOR, "exclude", ("nobodys_duty",), {}),
    ("ExcludedFromScoring", lambda: after(closed(), "exclude", "nobodys_duty", by=SUPERVISOR),
        AUDITOR, "exclude", ("nobodys_duty",), {}),
    ("Escalated", dispatched, COMMANDER, "escalate", (), {}),
    ("Deescalated", escalated, COMMANDER, "deescalate", (), {}),
    ("SupervisionOpened", dispatched, SUPERVISOR, "supervise", (), {}),
    ("SupervisionClosed", lambda: after(dispatched(), "supervise", by=SUPERVISOR), SUPERVISOR,
        "end_supervision", (), {}),
    ("Urged", dispatched, RESIDENT, "urge", (), {}),
    ("CorrectionProposed", triaged, INTAKE, "correct", ("category", LITTER), {}),
    ("Corrected", lambda: after(triaged(), "correct", "category", LITTER, by=INTAKE), COMMANDER,
        "correct", ("category", LITTER), {}),
]  # fmt: skip


@pytest.mark.parametrize(
    ("fact", "given", "by", "command", "args", "terms"),
    CASES,
    ids=[f"{case[0]} by {case[2].role}" for case in CASES],
)
def test_every_fact_says_who_for_which_post_and_when_and_keeps_what_was_said_with_it(
    fact: str,
    given: Callable[[], Whistle],
    by: Actor,
    command: str,
    args: tuple[Any, ...],
    terms: dict[str, Any],
) -> None:
    whistle = given()
    words = [said("note"), said("photo_before"), said("photo_after")]
    if fact not in WITHOUT_WORDS:
        terms = {**terms, "words": words}

    give(whistle, command, *args, by=by, **terms)

    first = whistle.collect_events()[0]
    assert isinstance(first, Event)
    assert (type(first).__name__, first.at) == (fact, LATER)
    assert (first.by, first.role, first.acting_post) == (by.account, by.role, by.post)
    assert first.words == (() if fact in WITHOUT_WORDS else tuple(words))


def test_of_a_merge_both_keep_who_did_it_and_when_and_so_of_its_undoing() -> None:
    child, parent = triaged(), triaged()

    give(child, "merge", parent, by=DISPATCHER, same_family=True, same_named_place=False)
    give(child, "unmerge", parent, by=INTAKE, words=[reason := said("reason")])

    events = [*child.collect_events(), *parent.collect_events()]
    assert [(type(e).__name__, e.by, e.at, e.words) for e in events] == [
        ("Merged", DISPATCHER.account, LATER, ()),
        ("Unmerged", INTAKE.account, LATER, (reason,)),
        ("ChildJoined", DISPATCHER.account, LATER, ()),
        ("ChildLeft", INTAKE.account, LATER, ()),
    ]
