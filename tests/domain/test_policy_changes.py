"""What was promised keeps the version that promised it, whatever the city decides afterwards."""

from dataclasses import replace
from datetime import date

from tests.domain.city_time import MONDAY_TEN, PACK, POLICY, city, shown
from tests.domain.test_where_commands_start import audited as audited_once
from tests.domain.test_where_commands_start import self_resolved
from tests.domain.whistles import (
    CATEGORIES,
    CITY,
    DAY,
    DISPATCHER,
    HOUR,
    INTAKE,
    RESIDENT,
    SEEN,
    VERIFIER,
    WORKER,
    closed,
    handler,
    in_progress,
    quiet,
    raised,
    said,
    submitted,
    suspended,
    triaged,
)
from tracker.domain.promises.clocks import Duration, SlaPolicy, WorkCalendar


def shortened() -> SlaPolicy:
    """The next version: a G4 has two working days instead of five, and no extension."""
    general = replace(
        POLICY.classes["G4"], resolve=Duration(2, "working_days"), extension_max=0,
        extension_each=None,
    )  # fmt: skip
    return replace(
        POLICY,
        version=8,
        classes={**POLICY.classes, "G4": general},
        former={7: POLICY},
    )


def due(whistle):
    clock = whistle.clocks["resolve"]
    return shown(clock.due), clock.policy_version


def test_what_is_resumed_after_a_change_is_due_as_it_was_promised():
    one, other = (suspended(date(2026, 3, 20), category="C0103") for _ in range(2))

    one.resume(actor=DISPATCHER, at=MONDAY_TEN + DAY, policy=POLICY)
    other.resume(actor=DISPATCHER, at=MONDAY_TEN + DAY, policy=shortened())

    assert due(other) == due(one) == ("03-10 17:30", 7)


def test_what_is_extended_after_a_change_is_extended_as_it_was_promised():
    whistle = in_progress(category="C0103")
    whistle.request_extension(actor=handler(), at=MONDAY_TEN, policy=shortened())

    quiet(whistle).decide_extension(True, actor=DISPATCHER, at=MONDAY_TEN, policy=shortened())

    assert due(whistle) == ("03-16 17:30", 7)


def test_work_that_failed_its_check_goes_on_under_its_own_promise():
    whistle = submitted(category="C0103")

    whistle.verify(False, words=SEEN, actor=VERIFIER, at=MONDAY_TEN + HOUR, policy=shortened())

    assert due(whistle)[1] == 7 and whistle.clocks["resolve"].due > city("2026-03-09T17:00")


def test_another_class_is_another_promise_and_comes_from_the_version_in_force():
    whistle = triaged()

    whistle.classify(CATEGORIES["C0103"], actor=INTAKE, at=MONDAY_TEN, policy=shortened())

    assert due(whistle)[1] == 8


def test_a_reopened_whistle_is_promised_anew():
    whistle = closed(category="C0103")

    whistle.reopen(actor=CITY, at=MONDAY_TEN + DAY, policy=shortened())

    assert due(whistle) == ("03-04 17:30", 8)


def test_a_calendar_that_arrives_moves_no_promise_to_another_version():
    december = city("2026-12-30T10:00")
    whistle = raised("C0103", december)
    known = WorkCalendar.from_pack(
        PACK | {"calendar": {"years": [2026, 2027], "exceptions": []}}, 2
    )
    former = {7: replace(POLICY, calendar=known)}

    whistle.recompute_deadlines(
        at=december, policy=replace(shortened(), calendar=known, former=former)
    )

    assert due(whistle) == ("01-06 17:30", 7)


def test_what_starts_again_starts_as_it_was_promised_whatever_the_city_promises_now():
    slower = replace(POLICY.classes["Q3"], respond=Duration(7, "working_hours"))
    now = replace(POLICY, version=8, classes={**POLICY.classes, "Q3": slower}, former={7: POLICY})
    child, parent = triaged(), triaged()
    audited = self_resolved()

    terms = {"same_family": True, "same_named_place": False}
    child.merge(parent, actor=DISPATCHER, at=MONDAY_TEN, policy=now, **terms)
    child.unmerge(parent, actor=DISPATCHER, at=MONDAY_TEN, policy=now)
    audited.verify(False, words=SEEN, actor=VERIFIER, at=MONDAY_TEN, policy=now)
    younger = triaged(at=MONDAY_TEN + HOUR)
    older = triaged(at=MONDAY_TEN)
    older.merge(younger, actor=DISPATCHER, at=MONDAY_TEN + HOUR, policy=now, **terms)

    promised = [w.clocks["respond"] for w in (child, audited, younger)]
    assert [(shown(clock.due), clock.policy_version, clock.cycle) for clock in promised] == [
        ("03-02 12:00", 7, 1)
    ] * 3


def test_solved_on_the_spot_in_a_second_cycle_it_goes_back_to_that_cycle_when_the_audit_fails():
    whistle = audited_once()
    whistle.reopen(actor=RESIDENT, at=MONDAY_TEN, policy=POLICY)
    photos = [said("photo_before"), said("photo_after")]
    whistle.self_resolve(
        CATEGORIES["E0101"], actor=WORKER, at=MONDAY_TEN, policy=POLICY, words=photos
    )

    whistle.verify(False, words=SEEN, actor=VERIFIER, at=MONDAY_TEN, policy=POLICY)

    assert whistle.clocks["respond"].cycle == 2
