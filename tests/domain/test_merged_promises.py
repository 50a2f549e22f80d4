"""并案: which promises move when two become one, and what becomes of a child's own children."""

from datetime import date

from tests.domain.city_time import MONDAY_TEN, POLICY, shown
from tests.domain.whistles import (
    CATEGORIES,
    DISPATCHER,
    HERE,
    HOUR,
    INTAKE,
    LITTER,
    MINUTE,
    dispatched,
    facts,
    handler,
    in_progress,
    liaison,
    quiet,
    raised,
    responded,
    said,
    suspended,
    triaged,
)
from tracker.domain.whistle.events import Place, State
from tracker.domain.whistle.merging import metres_between

NOON = MONDAY_TEN + 2 * HOUR
TERMS = {"same_family": True, "same_named_place": True}


def follow(child, parent, at=NOON):
    return child.merge(parent, actor=DISPATCHER, at=at, policy=POLICY, **TERMS)


def moved(parent):
    """The clocks that the last fact of the parent has moved, and until when."""
    joined = parent.collect_events()[-1]
    return {clock.key: shown(clock.due) for clock in joined.clocks}


def test_an_older_child_brings_both_promises_forward_and_the_unit_keeps_its_own():
    parent, child = dispatched(at=MONDAY_TEN + HOUR), triaged(at=MONDAY_TEN)

    follow(child, parent)

    assert moved(parent) == {"respond": "03-02 12:00", "resolve": "03-03 10:00"}
    assert parent.clocks["respond:U01"].started_at == MONDAY_TEN + HOUR


def test_a_younger_child_moves_no_promise_of_its_parent():
    parent, child = dispatched(at=MONDAY_TEN), triaged(at=MONDAY_TEN + HOUR)

    follow(child, parent)

    assert moved(parent) == {}
    assert parent.cycle_started_at == MONDAY_TEN


def test_an_answered_parent_is_not_to_be_answered_again_for_an_older_child():
    parent, child = responded(at=MONDAY_TEN + HOUR), triaged(at=MONDAY_TEN)

    follow(child, parent)

    assert moved(parent) == {"respond": "03-02 12:00", "resolve": "03-03 10:00"}
    assert parent.clocks["respond"].stopped_at == MONDAY_TEN + HOUR


def test_a_lead_that_answered_for_the_child_may_start():
    parent, child = dispatched(at=MONDAY_TEN), responded(at=MONDAY_TEN)

    follow(child, parent)

    assert (parent.state, parent.responded_at) == (State.RESPONDED, MONDAY_TEN)
    parent.start(actor=handler(), at=NOON)


def test_a_lead_that_only_helped_at_the_child_and_came_may_start():
    parent, child = dispatched(at=MONDAY_TEN), dispatched("U04", co=("U01",), at=MONDAY_TEN)
    child.respond("arrival", point=HERE, actor=handler(), at=MONDAY_TEN)

    follow(child, parent)

    assert (parent.state, parent.lead) == (State.RESPONDED, "U01")


def test_what_is_on_account_stays_on_account_and_the_earlier_due_waits_with_it():
    parent = suspended(date(2026, 3, 20), at=MONDAY_TEN + HOUR)

    follow(triaged(at=MONDAY_TEN), parent)

    assert moved(parent)["resolve"] == "03-03 10:00"
    assert (parent.state, parent.clocks["resolve"].held_at) == (State.SUSPENDED, NOON)


def test_a_warning_that_was_given_is_not_given_again_after_a_merge():
    parent, child = dispatched(at=MONDAY_TEN + HOUR), triaged(at=MONDAY_TEN)
    for whistle in (parent, child):
        whistle.elapse(NOON + HOUR, POLICY)
    given = child.clocks["respond"].reached

    follow(child, parent, at=NOON + 2 * HOUR)

    assert given and parent.clocks["respond"].reached == given


def test_an_inherited_start_computes_no_due_again():
    parent = raised("E0401", at=MONDAY_TEN + HOUR, units=("U02",))
    quiet(parent)

    follow(triaged(at=MONDAY_TEN), parent)

    assert "control" not in moved(parent)
    assert parent.clocks["control"].started_at == MONDAY_TEN + HOUR


def test_a_reopened_parent_keeps_the_start_of_its_new_cycle():
    parent, older = in_progress(at=MONDAY_TEN + HOUR), triaged(at=MONDAY_TEN)
    parent.cycle = 2

    follow(older, parent)

    assert parent.cycle_started_at == MONDAY_TEN + HOUR
    assert {clock.cycle for clock in parent.clocks.values() if clock.running} >= {2}


def test_a_childs_children_follow_the_new_parent_and_are_counted_there():
    parent, middle, child = triaged(), triaged(), triaged()
    follow(child, middle)
    quiet(child)

    brought = follow(middle, parent)[child.id]
    child.follow_new_parent(parent, actor=DISPATCHER, at=NOON)
    parent.adopt(child, actor=DISPATCHER, at=NOON, policy=POLICY, brought=brought)

    [merged] = child.collect_events()
    assert (child.state, child.merged_into, merged.into_number) == (
        State.MERGED,
        parent.id,
        parent.number,
    )
    assert (merged.at, merged.by) == (NOON, DISPATCHER.account)
    assert parent.children == {middle.id: middle.number, child.id: child.number}
    assert middle.children == {}


def test_a_childs_child_that_is_older_brings_its_own_registration():
    oldest = triaged(at=MONDAY_TEN)
    parent, middle = triaged(at=MONDAY_TEN + 2 * HOUR), triaged(at=MONDAY_TEN + HOUR)
    follow(oldest, middle)
    quiet(oldest)

    brought = follow(middle, parent)[oldest.id]
    assert shown(parent.clocks["resolve"].due) == "03-03 11:00"
    oldest.follow_new_parent(parent, actor=DISPATCHER, at=NOON)
    parent.adopt(oldest, actor=DISPATCHER, at=NOON, policy=POLICY, brought=brought)

    assert moved(parent)["resolve"] == "03-03 10:00"
    assert parent.cycle_started_at == MONDAY_TEN


def test_unmerged_both_say_so_and_the_childs_promises_count_from_its_own_registration():
    parent, child = triaged(), triaged(at=MONDAY_TEN + HOUR)
    follow(child, parent)
    quiet(child), quiet(parent)

    child.unmerge(parent, actor=INTAKE, at=NOON + HOUR, policy=POLICY, words=[said("reason")])

    assert (facts(child), facts(parent)) == (["Unmerged"], ["ChildLeft"])
    assert shown(child.clocks["resolve"].due) == "03-03 11:00"
    assert (child.merged_into, child.merged_into_number) == (None, None)


def test_a_claimed_childs_unit_helps_where_the_parent_has_a_lead():
    parent = dispatched("U02")
    child = triaged()
    child.pool(CATEGORIES[LITTER], actor=DISPATCHER, at=MONDAY_TEN, policy=POLICY)
    child.claim("U01", capable=True, actor=liaison(), at=MONDAY_TEN, policy=POLICY)

    follow(child, parent)

    assert (child.lead, parent.lead) == (None, "U02")
    assert not any(clock.running for clock in child.clocks.values())
    assert (parent.co, parent.state) == (["U01"], State.DISPATCHED)


def test_a_whistle_without_a_point_is_near_nothing():
    assert metres_between(HERE, Place()) == float("inf") == metres_between(Place(), HERE)
    halves = Place(lat=HERE.lat), Place(lon=HERE.lon)
    assert {metres_between(half, HERE) for half in halves} == {float("inf")}
    assert {metres_between(HERE, half) for half in halves} == {float("inf")}
    assert metres_between(HERE, HERE) == 0
    there = Place(lat=HERE.lat, lon=103.4025)
    assert round(metres_between(HERE, there)) == 102 == round(metres_between(there, HERE))
    north = Place(lat=23.3815, lon=HERE.lon)
    assert round(metres_between(HERE, north)) == 111


def test_at_fifty_metres_and_thirty_days_two_are_still_one_problem():
    near = Place(**{**vars(HERE), "lat": 23.3805 + 49.9 / 111_195})
    parent = triaged(at=MONDAY_TEN, place=near)
    child = triaged(at=MONDAY_TEN + 30 * 24 * HOUR)

    child.merge(
        parent,
        actor=DISPATCHER,
        at=MONDAY_TEN + 30 * 24 * HOUR + MINUTE,
        policy=POLICY,
        same_family=True,
        same_named_place=False,
    )

    assert child.state is State.MERGED


def test_two_are_parted_until_the_fifteenth_day_after_the_parent_closed_and_it_says_from_whom():
    parent, child = triaged(), triaged()
    follow(child, parent)
    parent.closed_at = MONDAY_TEN
    quiet(child)

    last = MONDAY_TEN + 15 * 24 * HOUR
    child.unmerge(parent, actor=DISPATCHER, at=last, policy=POLICY)

    [parted] = child.collect_events()
    assert (parted.from_parent, parted.at) == (parent.id, last)
