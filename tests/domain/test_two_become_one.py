"""并案与解除: one promise for both, and afterwards each his own again (domain.md §4.2, §4.5)."""

import pytest

from tests.domain.city_time import MONDAY_TEN, POLICY, city, shown
from tests.domain.whistles import (
    CATEGORIES,
    CITY,
    DAY,
    DISPATCHER,
    HERE,
    HOUR,
    LITTER,
    MINUTE,
    SUPERVISOR,
    UNITS,
    WORKER,
    closed,
    dispatched,
    handler,
    in_progress,
    quiet,
    raised,
    responded,
    said,
    submitted,
    triaged,
)
from tracker.domain.actors import Actor, Role
from tracker.domain.promises.clocks import ClockKind, Mark
from tracker.domain.whistle.assignment import Part
from tracker.domain.whistle.events import State
from tracker.domain.whistle.refusals.merging import CannotMerge
from tracker.domain.whistle.states import MergeBar

NOON = MONDAY_TEN + 2 * HOUR
TERMS = {"same_family": True, "same_named_place": True}
ANN, BEN, CAT = (Actor(name, Role.RESIDENT) for name in ("ann", "ben", "cat"))


def follow(child, parent, at=NOON):
    for whistle in (child, parent):
        whistle.elapse(at, POLICY)
        quiet(whistle)
    child.merge(parent, actor=DISPATCHER, at=at, policy=POLICY, **TERMS)


def leave(child, parent, at=NOON + MINUTE):
    for whistle in (child, parent):
        whistle.elapse(at, POLICY)
        quiet(whistle)
    child.unmerge(parent, actor=DISPATCHER, at=at, policy=POLICY, words=[said("reason")])
    for whistle in (child, parent):
        whistle.elapse(at, POLICY)


def dues(whistle):
    return {
        key: shown(clock.due)
        for key, clock in whistle.clocks.items()
        if clock.stopped_at is None and clock.kind is not ClockKind.VERIFY
    }


def missed(whistle):
    events = whistle.collect_events()
    return [(e.kind, shown(e.due), e.at) for e in events if type(e).__name__ == "DeadlineMissed"]


# --- together ------------------------------------------------------------------------------------


def test_the_parent_takes_the_stricter_class_and_the_earlier_due():
    parent, child = dispatched(category="C0103"), triaged("E0101", at=MONDAY_TEN + HOUR)
    assert (parent.sla_class, child.sla_class) == ("G4", "Q3")

    follow(child, parent)

    assert parent.sla_class == "Q3"
    assert dues(parent)["respond"] == dues_of(child)["respond"]


def dues_of(child):
    """Those of a child before it followed."""
    return {c.key: shown(c.due) for c in child.clocks.values()}


def test_an_emergency_brings_its_class_its_control_and_its_units():
    parent = triaged("C0103")
    child = raised("E0401", at=MONDAY_TEN + HOUR, units=("U02", "X01"))
    child.classify_state = None
    child.state = State.DISPATCHED

    follow(child, parent, at=MONDAY_TEN + HOUR + 10 * MINUTE)

    assert (parent.sla_class, parent.state, parent.lead) == ("E1", State.DISPATCHED, "U02")
    assert parent.co == ["X01"]
    assert dues(parent)["control"] == "03-02 13:00"
    assert dues(parent)["respond:U02"] == "03-02 11:30"


def test_what_was_missed_on_either_is_missed():
    parent = dispatched(category="C0103", at=MONDAY_TEN + 3 * HOUR)
    child = triaged("E0101", at=MONDAY_TEN)

    follow(child, parent, at=MONDAY_TEN + 6 * HOUR)

    assert Mark.RED in parent.clocks["respond"].reached
    assert parent.card == "red"


def test_the_earlier_response_of_a_lead_counts():
    parent, child = dispatched(at=MONDAY_TEN), responded(lead="U02", at=MONDAY_TEN + HOUR)

    follow(child, parent)

    assert parent.responded_at == MONDAY_TEN + HOUR
    assert parent.clocks["respond"].stopped_at == MONDAY_TEN + HOUR
    assert (parent.state, parent.lead, parent.co) == (State.DISPATCHED, "U01", ["U02"])


def test_the_childs_units_keep_when_they_were_sent_and_until_when():
    parent = dispatched()
    child = dispatched(lead="U02", co=("U14",), at=MONDAY_TEN + HOUR)
    brought = {part.unit: part for part in child.assignments}

    follow(child, parent)

    for unit in ("U02", "U14"):
        joined = parent.assignment_of(unit)
        assert joined.role is Part.CO
        assert (joined.assigned_at, joined.respond_due) == (
            MONDAY_TEN + HOUR,
            brought[unit].respond_due,
        )
        assert parent.clocks[f"respond:{unit}"].running


def test_a_parent_without_a_lead_takes_the_childs_and_its_state():
    parent, child = triaged(), in_progress(lead="U02")

    follow(child, parent)

    assert (parent.state, parent.lead) == (State.IN_PROGRESS, "U02")


def test_a_unit_in_both_keeps_one_part_lead_before_co_and_the_earlier_answer():
    parent = dispatched(lead="U14", co=("U01",))
    child = responded(lead="U01", at=MONDAY_TEN + HOUR)

    follow(child, parent)

    assert [part.unit for part in parent.assignments if part.current].count("U01") == 1
    part = parent.assignment_of("U01")
    assert (part.role, part.responded_at) == (Part.CO, MONDAY_TEN + HOUR)
    assert part.assigned_at == MONDAY_TEN
    assert not parent.clocks["respond:U01"].running


def test_only_what_is_open_and_accepted_is_followed():
    for parent in (raised(), submitted(), closed()):
        with pytest.raises(CannotMerge) as refused:
            follow(triaged(), parent)
        assert refused.value.facts["why"] in (MergeBar.STATE, MergeBar.TERMINAL)


def test_the_childs_people_stand_in_the_parents_line_by_their_own_reports():
    parent = triaged(at=MONDAY_TEN + HOUR, reporter="ann")
    child = triaged(at=MONDAY_TEN, reporter="ben")

    follow(child, parent)

    assert [(p.key, p.child) for p in parent.in_line] == [("ben", child.id), ("ann", None)]


# --- apart again ---------------------------------------------------------------------------------


def test_unmerged_a_minute_later_the_parent_is_as_if_never_merged():
    parent = dispatched(at=city("2026-03-06T10:00"))
    child = triaged("E0101", at=MONDAY_TEN)
    own = dues(parent)
    follow(child, parent, at=city("2026-03-06T10:30"))
    parent.elapse(city("2026-03-06T10:31"), POLICY)
    assert (parent.card, parent.cycle_started_at) == ("red", MONDAY_TEN)

    leave(child, parent, at=city("2026-03-06T10:31"))

    assert dues(parent) == own
    assert (parent.card, parent.level, parent.supervised) == ("none", 1, False)
    assert parent.cycle_started_at == city("2026-03-06T10:00")
    assert not any(Mark.RED in clock.reached for clock in parent.clocks.values())
    assert parent.state is State.DISPATCHED


def test_what_the_child_missed_while_it_was_merged_is_missed_once_at_the_unmerging():
    parent, child = in_progress(at=MONDAY_TEN), triaged("E0101", at=MONDAY_TEN + HOUR)
    follow(child, parent)
    later = MONDAY_TEN + DAY + 2 * HOUR

    leave(child, parent, at=later)

    assert missed(child) == [
        ("respond", "03-02 15:00", later),
        ("resolve", "03-03 11:00", later),
    ]
    assert child.state is State.TRIAGED


def test_an_own_due_that_passed_meanwhile_stays_missed():
    parent, child = dispatched(at=MONDAY_TEN + HOUR), triaged(at=MONDAY_TEN)
    follow(child, parent)

    leave(child, parent, at=MONDAY_TEN + 7 * HOUR)

    assert parent.card == "red"
    assert Mark.RED in parent.clocks["respond"].reached


def test_a_response_that_was_late_for_the_childs_due_alone_is_in_time_for_the_parent():
    parent = dispatched(category="C0103", at=MONDAY_TEN)
    child = triaged("E0101", at=MONDAY_TEN)
    follow(child, parent, at=MONDAY_TEN + HOUR)
    answered_at = city("2026-03-02T14:30")
    parent.elapse(answered_at, POLICY)
    parent.respond("arrival", point=HERE, actor=handler(), at=answered_at)
    assert Mark.RED in parent.clocks["respond"].reached

    leave(child, parent, at=answered_at + MINUTE)

    respond = parent.clocks["respond"]
    assert (respond.stopped_at, Mark.RED in respond.reached) == (answered_at, False)
    assert (parent.card, parent.sla_class, parent.state) == ("none", "G4", State.RESPONDED)


def test_units_go_back_with_what_they_did_and_the_child_stands_where_its_lead_does():
    parent, child = in_progress(), dispatched(lead="U02", at=MONDAY_TEN + HOUR)
    follow(child, parent)
    parent.respond("arrival", point=HERE, actor=handler("U02"), at=NOON + MINUTE)

    leave(child, parent, at=NOON + 2 * MINUTE)

    assert (parent.lead, parent.co, parent.state) == ("U01", [], State.IN_PROGRESS)
    assert (child.lead, child.state) == ("U02", State.RESPONDED)
    assert child.responded_at == NOON + MINUTE
    assert not child.clocks["respond"].running
    assert not child.clocks["respond:U02"].running


def test_a_parent_whose_lead_goes_back_is_to_be_dispatched_again():
    parent, child = triaged(), dispatched(lead="U02")
    follow(child, parent)

    leave(child, parent)

    assert (parent.state, parent.lead, child.state, child.lead) == (
        State.TRIAGED,
        None,
        State.DISPATCHED,
        "U02",
    )
    assert parent.clocks["respond"].running


def test_who_was_sent_meanwhile_to_the_parent_stays_there():
    parent, child = triaged(), triaged()
    follow(child, parent)
    parent.dispatch(UNITS["U01"], actor=DISPATCHER, at=NOON, policy=POLICY)

    leave(child, parent)

    assert (parent.lead, parent.state, child.lead) == ("U01", State.DISPATCHED, None)


def test_of_two_children_one_leaves_and_the_others_due_stays():
    parent = dispatched(at=MONDAY_TEN + 2 * HOUR)
    one, other = triaged(at=MONDAY_TEN), triaged(at=MONDAY_TEN + HOUR)
    follow(one, parent)
    follow(other, parent)

    leave(one, parent)

    assert parent.cycle_started_at == MONDAY_TEN + HOUR
    assert shown(parent.clocks["resolve"].due) == "03-03 11:00"


def test_people_go_back_with_all_that_they_said_since_and_who_joined_later_stays():
    parent, child = triaged(reporter="ann"), triaged(reporter="ben")
    follow(child, parent)
    parent.join(actor=CAT, at=NOON)
    parent.amend(actor=BEN, at=NOON, words=[said("text"), said("photo")])

    leave(child, parent)

    assert [p.key for p in parent.parties] == ["ann", "cat"]
    assert [p.key for p in child.parties] == ["ben"]
    added = child.collect_events()[1]
    assert [word.kind for word in added.words] == ["text", "photo"]


def test_a_pause_of_meanwhile_is_the_parents_own():
    parent, child = in_progress(at=MONDAY_TEN), triaged(at=MONDAY_TEN)
    own = shown(parent.clocks["resolve"].due)
    follow(child, parent)
    parent.pauses.append((NOON, NOON + DAY))

    leave(child, parent, at=NOON + DAY)

    assert own == "03-03 10:00"
    assert shown(parent.clocks["resolve"].due) == "03-04 10:00"


def test_a_level_that_a_person_chose_meanwhile_stays():
    parent, child = dispatched(at=MONDAY_TEN + HOUR), triaged(at=MONDAY_TEN)
    follow(child, parent)
    parent.escalate(actor=DISPATCHER, at=NOON)

    leave(child, parent)

    assert parent.level == 2


def test_the_parent_that_is_closed_gets_its_own_dues_and_stays_closed():
    parent, child = in_progress(at=MONDAY_TEN + HOUR), triaged(at=MONDAY_TEN)
    own = shown(parent.clocks["resolve"].due)
    follow(child, parent)
    parent.submit(None, actor=handler(), at=NOON, policy=POLICY)
    parent.verify(True, actor=DISPATCHER, at=NOON, policy=POLICY)
    parent.follow_up(True, method="online", actor=ANN, at=NOON, policy=POLICY)
    assert parent.state is State.CLOSED

    leave(child, parent)

    assert (parent.state, parent.lead) == (State.CLOSED, "U01")
    assert shown(parent.clocks["resolve"].due) == own
    assert not any(clock.running for clock in parent.clocks.values())
    assert child.state is State.TRIAGED


def test_a_lead_that_was_sent_again_after_a_reopening_still_has_to_come():
    child, parent = triaged(), in_progress()
    follow(child, parent)
    parent.submit(None, actor=handler(), at=NOON, policy=POLICY)
    parent.verify(True, actor=DISPATCHER, at=NOON, policy=POLICY)
    parent.follow_up(True, method="online", actor=ANN, at=NOON, policy=POLICY)
    parent.reopen(actor=SUPERVISOR, at=NOON, policy=POLICY, words=[said("reason")])
    assert parent.state is State.DISPATCHED

    leave(child, parent)

    lead = next(part for part in parent.assignments if part.current and part.leads)
    assert (lead.cycle, lead.responded_at, parent.clocks["respond:U01"].cycle) == (2, None, 2)
    parent.respond("arrival", point=HERE, actor=handler(), at=NOON + 2 * MINUTE)
    assert parent.state is State.RESPONDED


def test_who_was_designated_leads_alone_though_the_old_lead_is_there_again_by_a_child():
    parent, first = dispatched(), triaged()
    follow(first, parent)
    parent.dispatch(UNITS["U02"], actor=CITY, at=NOON, policy=POLICY)
    second = dispatched()
    follow(second, parent)
    assert (parent.lead, parent.co) == ("U02", ["U01"])

    leave(second, parent)

    assert parent.lead == "U02"
    assert [part.unit for part in parent.assignments if part.leads] == ["U02"]


def test_one_of_two_leaves_a_parent_that_was_resolved_on_the_spot_and_no_clock_runs_again():
    parent, one, other = (triaged(at=MONDAY_TEN + i * MINUTE) for i in range(3))
    follow(one, parent)
    follow(other, parent)
    pictures = [said("photo_before"), said("photo_after")]
    parent.self_resolve(CATEGORIES[LITTER], actor=WORKER, at=NOON, policy=POLICY, words=pictures)
    answered = {key: clock.stopped_at for key, clock in parent.clocks.items()}

    leave(one, parent)

    assert {key: clock.stopped_at for key, clock in parent.clocks.items()} == answered
    assert one.state is State.TRIAGED and one.clocks["respond"].running


def test_a_class_that_was_found_at_a_child_goes_with_it():
    parent, child = dispatched(category="C0103"), triaged("C0103")
    follow(child, parent)
    parent.raise_class("U2", child.id, actor=DISPATCHER, at=NOON, policy=POLICY)
    assert parent.sla_class == "U2"

    leave(child, parent)

    assert (parent.sla_class, child.sla_class) == ("G4", "U2")
