"""Who is refused reads which whistle it is about, what stands in the way, and what to do."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from tests.domain.city_time import MONDAY_TEN, POLICY, city
from tests.domain.whistles import (
    AUDITOR,
    CALLER,
    CATEGORIES,
    CITY,
    COMMANDER,
    DAY,
    DISPATCHER,
    HERE,
    HOUR,
    INTAKE,
    LITTER,
    MINUTE,
    RESIDENT,
    SUPERVISOR,
    UNITS,
    VERIFIER,
    WORKER,
    claimed,
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
from tracker.domain.actors import Actor, Role
from tracker.domain.errors import Refusal
from tracker.domain.whistle.events import State
from tracker.domain.whistle.pausing import SUSPEND_REASONS
from tracker.domain.whistle.refusals import (
    dispatching,
    ending,
    lifecycle,
    merging,
    pausing,
    resolving,
    responding,
    returning,
    triage,
)
from tracker.domain.whistle.states import MergeBar, Verdict
from tracker.domain.whistle.whistle import Whistle

LAMP = "C0103"  # G4, led by U01
BOTH_PHOTOS = [said("photo_before"), said("photo_after")]
HELD: dict[str, Any] = {"reason_code": "season", "words": [said()]}
WAITING = {"reason_code": "waiting_for_reporter"}
DUSK = city("2026-03-09T17:30:01")
FAR, NOWHERE = replace(HERE, lat=23.39), replace(HERE, lat=None, lon=None)
FOREIGN = Actor("gw", Role.GRID_WORKER, grid="53250300100101")
OTHER_SUPERVISOR = replace(SUPERVISOR, account="supervisor-2")
Command = Callable[[Whistle], None]
Case = tuple[Callable[[], Whistle], Command, type[Refusal], dict[str, Any]]


def do(command: str, *args: Any, by: Actor, at: Any = MONDAY_TEN, **terms: Any) -> Command:
    """The command with its policy; for the few that have none, `plain`."""
    return lambda w: getattr(w, command)(*args, actor=by, at=at, policy=POLICY, **terms)


def plain(command: str, *args: Any, by: Actor, at: Any = MONDAY_TEN, **terms: Any) -> Command:
    return lambda w: getattr(w, command)(*args, actor=by, at=at, **terms)


def after(whistle: Whistle, *commands: Command) -> Whistle:
    for command in commands:
        command(whistle)
    return quiet(whistle)


def give_back(unit: str = "U01", at: Any = MONDAY_TEN, suggested: str | None = None) -> Command:
    return do("return_", by=liaison(unit), at=at, reason_code=None, suggested_unit=suggested)


def void(by: Actor, reason: str = "test", at: Any = MONDAY_TEN) -> Command:
    return plain("void", reason, by=by, at=at)


def exclude(by: Actor, reason: str = "nobodys_duty", **terms: Any) -> Command:
    return plain("exclude", reason, by=by, **terms)


def suspend(by: Actor, day: int, **terms: Any) -> Command:
    return do("suspend", date(2026, 3, day), by=by, **HELD | terms)


def told(resolved: bool | None, method: str, by: Actor, rating: int | None = None) -> Command:
    terms = {"called_at": MONDAY_TEN, "declined": method == "phone" and rating is None}
    return do("follow_up", resolved, rating, by=by, method=method, **terms)


def merge_into(parent: Whistle, **same: bool) -> Command:
    terms = {"same_family": True, "same_named_place": False} | same
    return do("merge", parent, by=DISPATCHER, **terms)


def unmerge_from(parent: Whistle, at: Any) -> Command:
    return do("unmerge", parent, by=DISPATCHER, at=at)


def twice_disputed() -> Whistle:
    second = do("adjudicate", True, UNITS["U14"], by=CITY)
    third = do("adjudicate", True, UNITS["U02"], by=CITY)
    return after(dispatched(), give_back(), second, give_back("U14"), third)


def twice_reopened() -> Whistle:
    whistle = closed()
    for _ in range(2):
        work = plain("respond", "arrival", point=HERE, by=handler()), plain("start", by=handler())
        done = do("submit", None, by=handler(), words=[said("photo")])
        after(whistle, do("reopen", by=RESIDENT), *work, done, do("verify", True, by=VERIFIER))
        after(whistle, told(True, "phone", CALLER))
    return whistle


def extended() -> Whistle:
    return after(in_progress(category=LAMP), do("request_extension", by=handler()))


def waited() -> Whistle:
    waiting = suspend(handler(), 4, **WAITING), suspend(DISPATCHER, 4, **WAITING)
    return after(in_progress(category=LAMP), *waiting, do("resume", by=DISPATCHER))


def dead() -> Whistle:
    return after(triaged(), void(INTAKE), void(COMMANDER))


CASES: list[Case] = [
    # of any step
    (verified, plain("start", by=handler()), lifecycle.NotInState, {
        "state": State.VERIFIED, "wanted": (State.RESPONDED,), "lead": "U01"}),
    (closed, plain("urge", by=RESIDENT), lifecycle.AlreadyTerminal,
        {"state": State.CLOSED}),
    (closed, plain("start", by=handler()), lifecycle.AlreadyTerminal,
        {"state": State.CLOSED}),
    (lambda: responded(co=("U14",)), plain("start", by=handler("U14")), lifecycle.NotTheLead,
        {"lead": "U01", "unit": "U14"}),
    (dispatched, plain("acknowledge", by=liaison("U09")), lifecycle.NotYourTask,
        {"lead": "U01", "unit": "U09"}),
    (lambda: after(raised(), void(INTAKE)), void(INTAKE), lifecycle.SecondPersonNeeded,
        {"by": INTAKE.account, "command": "void"}),
    # triage
    (lambda: raised("E0404", category_source="suggested"),
        do("classify", CATEGORIES[LITTER], by=INTAKE),
        triage.DowngradeNeedsReason, {"sla_class": "Q3"}),
    (raised, do("self_resolve", CATEGORIES[LITTER], by=FOREIGN, words=BOTH_PHOTOS),
        triage.NotYourGrid, {"grid": HERE.grid, "own": "53250300100101"}),
    (lambda: raised("C0102"), do("self_resolve", CATEGORIES["C0102"], by=WORKER, words=BOTH_PHOTOS),
        triage.NotSelfResolvable, {"why": "U2"}),
    (lambda: raised("E0102"), do("self_resolve", CATEGORIES["E0102"], by=WORKER, words=BOTH_PHOTOS),
        triage.NotSelfResolvable, {"why": "E0102"}),
    (raised, do("self_resolve", CATEGORIES[LITTER], by=WORKER, words=[]),
        triage.PhotosNeeded, {}),
    # pool, claim, dispatch
    (lambda: triaged("C0102"), do("pool", CATEGORIES["C0102"], by=DISPATCHER),
        dispatching.NotPoolable, {"category": "C0102"}),
    (lambda: triaged(LAMP), do("pool", CATEGORIES[LAMP], by=DISPATCHER),
        dispatching.NotPoolable, {"category": LAMP}),
    (claimed, do("claim", "U02", by=liaison("U02"), capable=True),
        dispatching.AlreadyClaimed, {"lead": "U01"}),
    (triaged, do("claim", "U02", by=liaison("U02"), capable=True),
        dispatching.NotPooled, {"state": State.TRIAGED, "lead": None}),
    (closed, do("claim", "U02", by=liaison("U02"), capable=True),
        dispatching.NotPooled, {"state": State.CLOSED, "lead": "U01"}),
    (pooled, do("claim", "U09", by=liaison("U09"), capable=False),
        dispatching.NotCapable, {"unit": "U09", "category": LITTER}),
    (dispatched, do("dispatch", UNITS["U02"], by=DISPATCHER),
        dispatching.AlreadyAssigned, {"lead": "U01"}),
    (triaged, do("dispatch", UNITS["X03"], by=DISPATCHER),
        dispatching.NotOnDuty, {"unit": "X03"}),
    (triaged, do("dispatch", UNITS["U01"], [UNITS["U01"]], by=DISPATCHER),
        dispatching.UnitTwice, {}),
    (lambda: dispatched(co=("U14",)), do("add_co", UNITS["U14"], by=DISPATCHER),
        dispatching.AlreadyAssigned, {"lead": "U01", "unit": "U14"}),
    (dispatched, plain("remove_co", "U01", by=DISPATCHER),
        dispatching.LeadCannotBeRemoved, {"lead": "U01"}),
    # the unit reports for duty
    (responded, plain("respond", "arrival", point=HERE, by=handler()), responding.AlreadyResponded,
        {"unit": "U01"}),
    (dispatched, plain("respond", "arrival", by=handler()),
        responding.ArrivalNeedsPoint, {}),
    (dispatched, plain("respond", "arrival", by=handler(), point=NOWHERE),
        responding.ArrivalNeedsPoint, {}),
    (dispatched, plain("respond", "arrival", by=handler(), point=FAR),
        responding.TooFarAway, {"metres": 1056, "limit": 200}),
    (dispatched, plain("control", by=handler()), responding.NoHazardToControl, {}),
    # returns
    (lambda: raised("E0401", units=("U02",)), give_back("U02"),
        returning.EmergencyNotReturnable, {}),
    (lambda: after(dispatched(), give_back()), give_back(),
        returning.ReturnPending, {"unit": "U01"}),
    (twice_disputed, give_back("U02"), returning.Designated, {"unit": "U02"}),
    (lambda: after(dispatched(), give_back(), do("adjudicate", False, by=CITY)), give_back(),
        returning.AlreadyReturned, {"unit": "U01"}),
    (dispatched, give_back(at=city("2026-03-02T12:00:01")), returning.ReturnTooLate,
        {"closed_at": city("2026-03-02T12:00:00")}),
    (dispatched, do("adjudicate", True, by=CITY), returning.NoReturnPending,
        {"lead": "U01"}),
    (lambda: after(dispatched(), give_back(suggested="U14")), do("adjudicate", True, by=DISPATCHER),
        returning.CityDecides, {"suggested": "U14"}),
    (lambda: after(dispatched(), give_back()), do("adjudicate", True, by=CITY),
        returning.NewLeadNeeded, {"unit": "U01"}),
    (lambda: after(dispatched(), give_back()), do("adjudicate", True, UNITS["X03"], by=CITY),
        dispatching.NotOnDuty, {"unit": "X03"}),
    # more time
    (extended, do("request_extension", by=handler()), pausing.ExtensionPending, {}),
    (lambda: in_progress(category=LAMP), do("request_extension", by=handler(), at=DUSK),
        pausing.TooLateToExtend, {"due": city("2026-03-09T17:30:00")}),
    (lambda: in_progress(category="E0703"), do("request_extension", by=handler()),
        pausing.NoExtensionLeft, {"sla_class": "C6"}),
    (in_progress, do("decide_extension", True, by=DISPATCHER),
        pausing.NoExtensionPending, {}),
    (extended, do("decide_extension", True, by=Actor(handler().account, Role.DISPATCHER)),
        pausing.RequesterCannotDecide, {}),
    (extended, do("decide_extension", True, by=INTAKE), pausing.NotTheApprover,
        {"approver": "subdistrict_dispatcher"}),
    # on account
    (lambda: in_progress(category="C0102"), suspend(handler(), 20), pausing.NotPausable,
        {"sla_class": "U2"}),
    (in_progress, suspend(handler(), 2), pausing.ReviewTooSoon, {"review_on": date(2026, 3, 2)}),
    (lambda: after(in_progress(), suspend(handler(), 20)), suspend(INTAKE, 20),
        pausing.NotTheApprover, {"approver": "subdistrict_dispatcher"}),
    (in_progress, do("suspend", date(2026, 3, 4), by=handler(), reason_code="too hard"),
        pausing.NotASuspendReason,
        {"reason": "too hard", "known": ", ".join(SUSPEND_REASONS)}),
    (in_progress, suspend(handler(), 4, words=[]), pausing.SafetyMeasureNeeded, {}),
    (lambda: after(in_progress(), do("suspend", date(2026, 4, 2), by=handler(), **HELD)),
        do("suspend", date(2026, 4, 2), by=DISPATCHER), pausing.ReviewTooFar, {"days": 30}),
    (in_progress, suspend(handler(), 5, **WAITING), pausing.ReviewTooFar, {"days": 2}),
    (waited, suspend(handler(), 4, **WAITING), pausing.WaitedAlready, {}),
    # done, and checked by others
    (lambda: in_progress(co=("U14", "X03")), do("submit", None, by=handler()),
        resolving.CoTasksOpen, {"units": "U14, X03"}),
    (in_progress, do("submit", CATEGORIES[LITTER], by=handler()), triage.PhotosNeeded, {}),
    (verified, do("verify", True, by=WORKER), resolving.AlreadyVerified,
        {"by": VERIFIER.account, "verdict": Verdict.PASSED}),
    (submitted, do("verify", True, by=Actor("other", Role.VERIFIER, unit="U01")),
        resolving.SamePersonAgain, {"by": "U01"}),
    (submitted, do("verify", True, by=Actor(handler().account, Role.VERIFIER)),
        resolving.SamePersonAgain, {"by": handler().account}),
    (verified, told(True, "phone", VERIFIER), resolving.SamePersonAgain,
        {"by": VERIFIER.account}),
    (verified, told(True, "phone", WORKER), resolving.OnSiteOnly, {}),
    (lambda: verified(anonymous=True), told(True, "site", CALLER, 5),
        resolving.AnonymousHasNoRating, {}),
    (verified, told(None, "unreachable", CALLER, 5), resolving.VerdictNeeded,
        {"method": "unreachable"}),
    (verified, do("follow_up", True, 5, by=CALLER, method="phone"), resolving.CallTimeNeeded, {}),
    (verified, do("follow_up", None, by=CALLER, method="unreachable"),
        resolving.CallTimeNeeded, {}),
    (verified, do("follow_up", True, by=CALLER, method="phone", called_at=MONDAY_TEN),
        resolving.RatingNeeded, {}),
    (verified, do("follow_up", True, 5, by=CALLER, method="phone", called_at=MONDAY_TEN + HOUR),
        resolving.CallBeforeVerdict,
        {"called_at": MONDAY_TEN + HOUR, "verified_at": MONDAY_TEN}),
    (verified, plain("close", by=COMMANDER), resolving.NothingToClose, {}),
    (closed, do("reopen", by=RESIDENT, at=MONDAY_TEN + 15 * DAY + HOUR),
        resolving.TooLateToReopen, {"closed_at": MONDAY_TEN}),
    (twice_reopened, do("reopen", by=RESIDENT), resolving.TooManyReopens, {"limit": 2}),
    # the other ends
    (lambda: suspended(date(2026, 3, 20)), void(COMMANDER), ending.OnlyTheCityVoids,
        {"state": State.SUSPENDED}),
    (lambda: after(dispatched(), void(SUPERVISOR)), void(OTHER_SUPERVISOR), ending.OnlyTheCityVoids,
        {"state": State.DISPATCHED}),
    (raised, void(COMMANDER), ending.OnlyThePostVoids, {"state": State.RAISED}),
    (lambda: after(raised(), void(INTAKE)), void(CITY), ending.OnlyThePostVoids,
        {"state": State.RAISED}),
    (dead, do("reopen", by=RESIDENT), ending.OnlyTheCityOverturns, {}),
    (dead, do("reopen", by=replace(CITY, account=COMMANDER.account)),
        resolving.SamePersonAgain, {"by": COMMANDER.account}),
    (dead, do("reopen", by=CITY, at=MONDAY_TEN + 7 * DAY + MINUTE),
        ending.TooLateToAppeal, {}),
    (lambda: after(closed(), exclude(SUPERVISOR), exclude(AUDITOR)), exclude(SUPERVISOR),
        ending.AlreadyExcluded, {}),
    (closed, exclude(COMMANDER), ending.OnlyTheSupervisorExcludes, {}),
    (lambda: after(closed(), exclude(SUPERVISOR)), exclude(CITY), ending.OnlyTheAuditorConfirms,
        {}),
    (closed, exclude(SUPERVISOR, "overdue"), ending.NotAnExclusionReason,
        {"reason": "overdue", "known": "force_majeure, nobodys_duty"}),
    (closed, exclude(SUPERVISOR, frozen="2026-01"), ending.MonthIsFrozen, {"month": "2026-01"}),
]  # fmt: skip


@pytest.mark.parametrize(
    ("given", "command", "refusal", "facts"),
    [pytest.param(*case, id=f"{case[2].__name__}-{i}") for i, case in enumerate(CASES)],
)
def test_a_refusal_names_its_whistle_and_what_stands_in_the_way_in_whole_sentences(
    given: Callable[[], Whistle], command: Command, refusal: type[Refusal], facts: dict[str, Any]
) -> None:
    whistle = given()

    with pytest.raises(Refusal) as caught:
        command(whistle)

    assert type(caught.value) is refusal
    assert caught.value.facts == {"number": whistle.number, **facts}
    for sentence in (refusal.message, refusal.remedy):
        for language in ("zh", "en"):
            assert "—" not in sentence.say(language, caught.value.facts)
    assert whistle.collect_events() == []


@pytest.mark.parametrize(
    ("command", "refusal", "known", "asked"),
    [
        (void(INTAKE, "too hard"), ending.NotAVoidReason,
            "no_content, test, abuse, malicious_repeat, fabricated", {"reason": "too hard"}),
        (do("transfer_out", "the mayor", by=DISPATCHER), ending.NotATarget,
            "110, 119, 120, petition, discipline, litigation", {"target": "the mayor"}),
    ],
)  # fmt: skip
def test_who_chose_what_is_not_on_the_list_reads_the_list(
    command: Command, refusal: type[Refusal], known: str, asked: dict[str, str]
) -> None:
    with pytest.raises(refusal) as caught:
        command(triaged())

    assert caught.value.facts == {**asked, "known": known}


def test_whoever_acts_on_a_merged_whistle_is_sent_to_the_one_that_it_follows() -> None:
    parent = triaged()
    child = after(triaged(), merge_into(parent))

    for command in (plain("urge", by=RESIDENT), plain("start", by=handler())):
        with pytest.raises(lifecycle.AlreadyMerged) as caught:
            command(child)

        assert caught.value.facts == {"number": child.number, "into": parent.number}


def test_a_merge_that_may_not_be_names_both_and_the_rule_between_them() -> None:
    one, far = triaged(), triaged(place=FAR)

    for parent, why in ((one, MergeBar.ITSELF), (far, MergeBar.TOO_FAR)):
        with pytest.raises(merging.CannotMerge) as caught:
            merge_into(parent)(one)

        assert caught.value.facts == {"number": one.number, "into": parent.number, "why": why}


def test_who_parts_two_too_late_reads_which_one_was_closed_so_long() -> None:
    parent = in_progress()
    child = after(triaged(), merge_into(parent))
    done = do("submit", None, by=handler(), words=[said("photo")])
    after(parent, done, do("verify", True, by=VERIFIER), told(True, "phone", CALLER))

    with pytest.raises(merging.TooLateToUnmerge) as caught:
        unmerge_from(parent, MONDAY_TEN + 15 * DAY + MINUTE)(child)

    assert caught.value.facts == {"number": child.number, "into": parent.number}
