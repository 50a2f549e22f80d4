"""后果随事实: what follows from a fact, by whatever command it became known (domain.md §4.5)."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest

from tests.domain.city_time import MONDAY_TEN, POLICY, city, shown
from tests.domain.whistles import (
    CATEGORIES,
    CITY,
    CITY_NOW,
    DISPATCHER,
    HOUR,
    INTAKE,
    MINUTE,
    SEEN,
    UNITS,
    VERIFIER,
    Registers,
    dispatched,
    drawn,
    facts,
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
from tracker.domain.city.catalogue import Category
from tracker.domain.promises.clocks import Mark
from tracker.domain.whistle.assignment import Part
from tracker.domain.whistle.refusals.dispatching import AlreadyAssigned
from tracker.domain.whistle.responding import CallRecord
from tracker.domain.whistle.soundness import broken_rules
from tracker.domain.whistle.states import State
from tracker.domain.whistle.whistle import Whistle

GAS = "C0202"  # 燃气设施: E1
FIRE = "E0402"  # 火情: E1
VIOLENCE = "E0802"  # 家庭暴力: confidential
AT = MONDAY_TEN + HOUR
REVIEW = date(2026, 3, 20)


def becomes(whistle: Whistle, category: str, at=AT, registers: Registers = CITY_NOW) -> Whistle:
    """Corrected by two people, which is open in every state."""
    found = CATEGORIES[category]
    for actor in (INTAKE, CITY):
        whistle.correct(
            "category", category, actor=actor, at=at, policy=POLICY, category=found,
            words=[said("reason")],
        )  # fmt: skip
    whistle.draw(registers, at=at)
    assert broken_rules(whistle, registers) == []
    return whistle


@pytest.mark.parametrize("start", [lambda: raised(None), triaged, pooled])
def test_what_becomes_an_emergency_before_anybody_was_sent_goes_to_every_default_unit(
    start: Callable[[], Whistle],
) -> None:
    whistle = becomes(start(), GAS)

    gas = CATEGORIES[GAS]
    assert whistle.state is State.DISPATCHED
    assert {a.unit for a in whistle.assignments} == {gas.lead_unit, *gas.co_units}
    assert whistle.lead == gas.lead_unit
    assert shown(whistle.clocks["control"].due) == "03-02 13:00"
    assert shown(whistle.clocks["respond"].due) == "03-02 11:30"
    assert shown(whistle.clocks["resolve"].due) <= "03-03 11:00"


def test_a_present_lead_stays_and_the_default_units_join_it() -> None:
    whistle = becomes(in_progress(), GAS)

    gas = CATEGORIES[GAS]
    assert (whistle.lead, whistle.state) == ("U01", State.IN_PROGRESS)
    assert set(whistle.co) == {gas.lead_unit, *gas.co_units} - {"U01"}


def test_a_lead_that_had_only_called_owes_an_arrival_in_half_an_hour() -> None:
    whistle = dispatched()
    spoken = CallRecord(MONDAY_TEN, reached=True)
    whistle.open_contact(actor=handler(), at=MONDAY_TEN)
    whistle.respond("call", call=spoken, actor=handler(), at=MONDAY_TEN)
    becomes(whistle, GAS)

    part = whistle.assignment_of("U01")
    assert part is not None and part.owes_arrival and part.awaits_response
    assert part.responded_at == MONDAY_TEN
    assert shown(whistle.clocks["respond:U01"].due) == "03-02 11:30"
    assert whistle.clocks["respond"].stopped_at == MONDAY_TEN


def test_a_due_time_of_the_whistle_that_was_missed_is_not_given_back_by_an_emergency() -> None:
    whistle = dispatched()
    late = MONDAY_TEN + 4 * HOUR
    whistle.elapse(late, POLICY)

    becomes(whistle, GAS, at=late)

    assert shown(whistle.clocks["respond"].due) == "03-02 12:00"
    assert whistle.assignment_of("U01").respond_due == city("2026-03-02T12:00")


def test_an_emergency_ends_a_suspension_and_every_request() -> None:
    whistle = becomes(suspended(date(2026, 3, 20)), GAS)

    assert whistle.state is State.IN_PROGRESS
    assert whistle.clocks["review"].stopped_at == AT
    assert whistle.clocks["resolve"].running

    other = in_progress()
    other.request_extension(actor=handler(), at=MONDAY_TEN, policy=POLICY)
    other.suspend(
        date(2026, 3, 20), "season", actor=handler(), at=MONDAY_TEN, policy=POLICY, words=SEEN
    )
    becomes(other, GAS)

    assert not other.extension_pending and "suspend" not in other.proposals


def test_a_return_is_refused_by_an_emergency() -> None:
    whistle = dispatched()
    whistle.return_(actor=liaison(), at=MONDAY_TEN, policy=POLICY, reason_code=None)

    becomes(whistle, GAS)

    assert whistle.pending_return is None and whistle.lead == "U01"
    assert whistle.clocks["adjudicate:U01"].stopped_at == AT


@pytest.mark.parametrize("start", [submitted, verified])
def test_nobody_is_sent_to_what_is_done_until_a_check_or_verdict_fails(
    start: Callable[[], Whistle],
) -> None:
    whistle = start()
    state = whistle.state

    becomes(whistle, GAS)

    assert (whistle.state, whistle.co) == (state, [])
    if state is State.SUBMITTED:
        whistle.verify(False, actor=VERIFIER, at=AT + HOUR, policy=POLICY, words=[said()])
    else:
        whistle.follow_up(
            False, method="online", actor=replace(CITY, account="other"), at=AT + HOUR,
            policy=POLICY,
        )  # fmt: skip
    whistle.draw(CITY_NOW, at=AT + HOUR)
    assert whistle.state is State.IN_PROGRESS
    assert whistle.clocks["control"].running and whistle.co


def test_an_emergency_without_a_category_goes_to_the_units_that_the_city_chose() -> None:
    whistle = drawn(raised(None, sla_class="E1"))

    assert (whistle.lead, whistle.co) == ("U25", ["U01"])


def test_nothing_follows_twice() -> None:
    whistle = becomes(triaged(), GAS)
    quiet(whistle)

    drawn(whistle, AT + MINUTE)

    assert facts(whistle) == []


def test_a_new_category_in_the_pool_keeps_the_window_and_takes_its_own_units() -> None:
    whistle = pooled("E0101")
    window = whistle.clocks["pool"].due

    becomes(whistle, "E0102")

    other = CATEGORIES["E0102"]
    if other.poolable:
        assert (whistle.state, whistle.pool_lead) == (State.POOLED, other.lead_unit)
        assert whistle.clocks["pool"].due == window
    else:
        assert whistle.state is State.TRIAGED


@pytest.mark.parametrize("category", [c.code for c in CATEGORIES.values()])
def test_no_category_leaves_a_pooled_whistle_unsound(category: str) -> None:
    whistle = becomes(pooled(), category)

    found: Category = CATEGORIES[category]
    assert (whistle.state is State.POOLED) == (
        found.poolable and not found.confidential and found.sla not in ("E1", "U2")
    )


@pytest.mark.parametrize("start", [triaged, pooled, dispatched, in_progress, submitted, verified])
def test_a_confidential_category_closes_it_in_every_state(start: Callable[[], Whistle]) -> None:
    whistle = becomes(start(), VIOLENCE)

    known = {CATEGORIES[VIOLENCE].lead_unit, *CATEGORIES[VIOLENCE].co_units}
    assert whistle.confidential
    assert {a.unit for a in whistle.assignments if a.current} <= known
    assert whistle.state is not State.POOLED


def test_where_a_stranger_led_the_lead_of_the_confidential_category_is_sent() -> None:
    whistle = becomes(in_progress(), VIOLENCE)

    lead = whistle.assignment_of(CATEGORIES[VIOLENCE].lead_unit)
    assert lead is not None and (lead.role, lead.assigned_at) == (Part.LEAD, AT)
    assert whistle.state is State.DISPATCHED
    assert whistle.clocks["respond:U01"].stopped_at is not None


def test_units_at_work_answer_for_the_due_times_of_a_milder_class() -> None:
    whistle = dispatched()  # Q3

    becomes(whistle, "E0701")  # X5

    part = whistle.assignment_of("U01")
    assert part is not None and part.sla_class == whistle.sla_class == "X5"
    assert shown(part.respond_due) == shown(whistle.clocks["respond:U01"].due) == "03-03 17:30"


def test_units_at_work_get_their_respond_limit_from_now_in_a_stricter_class() -> None:
    whistle = dispatched(category="E0701", at=MONDAY_TEN)  # X5, due the next day

    becomes(whistle, "E0101", at=MONDAY_TEN + 5 * HOUR)  # Q3 at 15:00

    assert shown(whistle.clocks["respond:U01"].due) == "03-02 17:00"
    assert shown(whistle.clocks["respond"].due) == "03-02 17:00"


def test_a_class_that_may_not_pause_ends_a_suspension() -> None:
    whistle = becomes(suspended(date(2026, 3, 20)), "E0502")  # U2

    assert whistle.state is State.IN_PROGRESS and whistle.clocks["resolve"].running


def suspended_late() -> Whistle:
    """X5, at work for thirty hours before it was suspended: longer than U2 or E1 have."""
    whistle = in_progress(category="E0701")
    asked_at = MONDAY_TEN + 30 * HOUR
    for actor in (handler(), DISPATCHER):
        whistle.suspend(
            REVIEW, actor=actor, at=asked_at, policy=POLICY, reason_code="season", words=SEEN
        )
    return quiet(whistle)


def test_an_urgent_class_gives_its_respond_limit_to_what_was_suspended() -> None:
    whistle = becomes(suspended_late(), "E0502", at=MONDAY_TEN + 78 * HOUR)  # U2

    assert whistle.clocks["resolve"].due == MONDAY_TEN + 80 * HOUR
    assert not whistle.clocks["resolve"].missed_by(MONDAY_TEN + 79 * HOUR)


def test_an_emergency_gives_a_day_to_what_was_suspended() -> None:
    whistle = becomes(suspended_late(), GAS, at=MONDAY_TEN + 78 * HOUR)

    assert whistle.clocks["resolve"].due == MONDAY_TEN + 102 * HOUR


def test_the_successor_of_a_unit_that_ends_takes_over_as_it_stands() -> None:
    whistle = in_progress()
    registers = CITY_NOW.with_unit("U01", ended_on=date(2026, 3, 2), successor="U02")

    whistle.draw(registers, at=AT)

    part = whistle.assignment_of("U02")
    assert part is not None and part.leads and part.assigned_at == AT
    assert whistle.state is State.IN_PROGRESS
    assert broken_rules(whistle, registers) == []


def test_without_a_successor_it_goes_back_to_triage_and_its_clocks_run() -> None:
    whistle = suspended(date(2026, 3, 20))
    registers = CITY_NOW.with_unit("U01", ended_on=date(2026, 3, 2))

    whistle.draw(registers, at=AT)

    assert (whistle.state, whistle.lead) == (State.TRIAGED, None)
    assert whistle.clocks["resolve"].running and whistle.clocks["review"].stopped_at == AT


def test_an_emergency_whose_unit_ends_is_sent_to_the_units_that_the_city_chose() -> None:
    whistle = raised("E0404", units=("U07",))
    registers = CITY_NOW.with_unit("U07", ended_on=date(2026, 3, 2))

    whistle.draw(registers, at=AT)

    assert whistle.lead == "U25" and whistle.state is State.DISPATCHED
    assert broken_rules(whistle, registers) == []


def test_where_the_lead_of_emergencies_has_ended_too_its_successor_or_the_next_unit_goes() -> None:
    gone = CITY_NOW.with_unit("U07", ended_on=date(2026, 3, 2))
    followed = gone.with_unit("U25", ended_on=date(2026, 3, 2), successor="U05")
    alone = gone.with_unit("U25", ended_on=date(2026, 3, 2))
    leads = []
    for registers in (followed, alone):
        whistle = raised("E0404", units=("U07",))
        whistle.draw(registers, at=AT)
        assert broken_rules(whistle, registers) == []
        leads.append(whistle.lead)

    assert leads == ["U05", "U01"]


def test_a_successor_that_submits_before_it_answers_is_judged_by_the_class_as_it_is() -> None:
    whistle = in_progress()
    registers = CITY_NOW.with_unit("U01", ended_on=date(2026, 3, 2), successor="U02")
    whistle.draw(registers, at=AT)
    whistle.submit(None, actor=handler("U02"), at=AT, policy=POLICY, words=[said("photo")])

    becomes(whistle, GAS, at=AT + MINUTE, registers=registers)

    assert whistle.state is State.SUBMITTED
    assert broken_rules(whistle, registers) == []


def test_what_is_submitted_finishes_without_its_unit_or_goes_back_to_triage() -> None:
    whistle = submitted()
    registers = CITY_NOW.with_unit("U01", ended_on=date(2026, 3, 2))
    whistle.draw(registers, at=AT)

    assert (whistle.state, whistle.lead) == (State.SUBMITTED, None)

    whistle.verify(False, actor=VERIFIER, at=AT + HOUR, policy=POLICY, words=[said()])
    assert whistle.state is State.TRIAGED


def test_the_pool_forgets_a_unit_that_has_ended() -> None:
    whistle = pooled()
    registers = CITY_NOW.with_unit("U01", ended_on=date(2026, 3, 2), successor="U02")

    whistle.draw(registers, at=AT)

    assert whistle.pool_lead == "U02"


def test_leaving_the_emergency_class_cancels_control_and_the_arrivals_that_were_owed() -> None:
    whistle = becomes(responded(), GAS)

    becomes(whistle, "E0101", at=AT + MINUTE)

    assert whistle.clocks["control"].stopped_at == AT + MINUTE
    assert not any(part.owes_arrival for part in whistle.assignments)
    assert whistle.lead == "U01" and set(whistle.co) == {
        *CATEGORIES[GAS].co_units, CATEGORIES[GAS].lead_unit
    } - {"U01"}  # fmt: skip


def test_the_catalogue_makes_a_category_confidential_at_once() -> None:
    whistle = dispatched()
    registers = CITY_NOW.with_category("E0101", confidential=True)

    whistle.draw(registers, at=AT)

    assert whistle.confidential


@pytest.mark.parametrize("start", [submitted, verified])
def test_what_is_done_is_checked_and_followed_up_as_an_emergency(
    start: Callable[[], Whistle],
) -> None:
    whistle = becomes(start(), GAS)

    kind, due = ("verify", "03-02 13:00") if start is submitted else ("follow_up", "03-03 11:00")
    assert shown(whistle.clocks[kind].due) == due


def test_a_lead_that_let_its_due_pass_is_replaced_and_its_breach_stays() -> None:
    late, early = dispatched(), dispatched()
    at = MONDAY_TEN + 4 * HOUR
    late.elapse(at, POLICY)

    with pytest.raises(AlreadyAssigned):
        early.dispatch(UNITS["U02"], actor=DISPATCHER, at=MONDAY_TEN + HOUR, policy=POLICY)
    late.dispatch(UNITS["U02"], actor=DISPATCHER, at=at, policy=POLICY)

    assert (late.lead, late.state) == ("U02", State.DISPATCHED)
    assert Mark.RED in late.clocks["respond:U01"].reached
    assert broken_rules(late, CITY_NOW) == []


@pytest.mark.parametrize("start", [dispatched, responded, in_progress, lambda: suspended(REVIEW)])
def test_the_city_designates_another_lead_also_at_work_and_that_is_final(
    start: Callable[[], Whistle],
) -> None:
    whistle = start()

    whistle.dispatch(UNITS["U02"], actor=CITY, at=AT, policy=POLICY)

    assert (whistle.lead, whistle.state, whistle.designated) == ("U02", State.DISPATCHED, True)
    assert whistle.clocks["resolve"].running
    assert broken_rules(whistle, CITY_NOW) == []


def test_the_unit_of_a_merged_whistle_must_come_to_the_emergency_too() -> None:
    parent, child = becomes(dispatched("U02"), GAS), dispatched()
    child.merge(
        parent, actor=DISPATCHER, at=AT, policy=POLICY, same_family=True, same_named_place=True
    )

    parent.draw(CITY_NOW, at=AT)

    part = parent.assignment_of("U01")
    assert part is not None and part.sla_class == "E1"
    assert shown(part.respond_due) == shown(parent.clocks["respond:U01"].due) == "03-02 11:30"
    assert broken_rules(parent, CITY_NOW) == []
