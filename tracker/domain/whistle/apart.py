"""解除并案: what each of two has again once they are parted, as if never merged.

Pure values. domain.md §4.2, row unmerge: each keeps its own registration, class and dues; units go
back to the whistle they came with; what happened meanwhile stays with whom it concerns.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from tracker.domain.promises.clocks import Clock, ClockKind, Mark, SlaPolicy
from tracker.domain.promises.sla_classes import stricter
from tracker.domain.whistle.assignment import Assignment, AssignmentState, Part
from tracker.domain.whistle.standing import Standing, earliest, promises_together, worst
from tracker.domain.whistle.states import State, from_to

AT_WORK = (*from_to(State.CLAIMED, State.IN_PROGRESS), State.SUSPENDED)
MOVING = (*from_to(State.TRIAGED, State.IN_PROGRESS), State.SUSPENDED)  # its state may change


@dataclass(frozen=True)
class Merger:
    """A parent with its children, at the moment at which one of them leaves.

    `now` is what it promises at present, `alone` what it promised before the first child, `since`
    when the last one joined or left; `leaving` what this child brought, `staying` the others.
    """

    now: Standing
    alone: Standing
    since: Standing
    leaving: Standing
    staying: Sequence[Standing]


@dataclass(frozen=True)
class Parting:
    """What the parent has afterwards, what the child takes along, and whose part ends there."""

    parent: Standing
    child: Standing
    ended: tuple[str, ...]


def part(merger: Merger, at: datetime, policy: SlaPolicy) -> Parting:
    """Part a child from its parent at `at`. `policy` computes dues that meanwhile were moved."""
    parts = _parts_that_stay(merger)
    ended = tuple(p.unit for p in merger.now.parts if p.unit not in {s.unit for s in parts})
    promised = _promises(merger, parts, at, policy)
    parts = _led(parts, merger.now)
    return Parting(
        parent=replace(
            promised,
            at=at,
            state=_state(merger.now, parts),
            parts=parts,
            clocks=(*promised.clocks, *_unit_clocks(merger, parts)),
        ),
        child=_taken_along(merger, at),
        ended=ended,
    )


# --- units ---------------------------------------------------------------------------------------


def _parts_that_stay(merger: Merger) -> tuple[Assignment, ...]:
    found = (_stays(one, merger) for one in merger.now.parts)
    return tuple(one for one in found if one is not None)


def _stays(one: Assignment, merger: Merger) -> Assignment | None:
    """The unit's part afterwards; None: it goes with the child, or nobody needs it any more."""
    own = _own_part(merger, one)
    if own is not None:
        if one.role is not Part.LEAD and own.leads and merger.leaving.part_of(one.unit) is None:
            own = replace(own, role=one.role)
        return _with_what_it_did(own, one)
    if any(other.part_of(one.unit) is not None for other in merger.staying):
        return one
    if merger.leaving.part_of(one.unit) is not None:
        return None
    return None if _sent_for_the_class(one, merger) else one


def _own_part(merger: Merger, one: Assignment) -> Assignment | None:
    """The part that this unit had before the first child; None: it had none, or was sent anew in a
    later cycle, and what it had is over."""
    own = merger.alone.part_of(one.unit)
    return own if own is not None and own.cycle == one.cycle else None


def _sent_for_the_class(one: Assignment, merger: Merger) -> bool:
    """Whether only the class that the child brought has sent it, and it has not responded."""
    others = (merger.alone, *merger.staying)
    only_theirs = all(stricter(merger.leaving.sla_class, other.sla_class) for other in others)
    sent_with_it = one.assigned_at == merger.leaving.at
    return only_theirs and sent_with_it and one.responded_at is None


def _with_what_it_did(own: Assignment, now: Assignment) -> Assignment:
    """The part as it was, with the answer and the state that it has now."""
    return replace(
        own,
        state=now.state,
        acknowledged_at=own.acknowledged_at or now.acknowledged_at,
        responded_at=earliest(own.responded_at, now.responded_at),
        response=own.response or now.response,
    )


def _led(parts: tuple[Assignment, ...], now: Standing) -> tuple[Assignment, ...]:
    """Exactly one leads while units are at work: else the first that has come, or nobody at all."""
    leads = [one for one in parts if one.leads]
    if len(leads) > 1:  # another was designated meanwhile, and an old lead is here by the child
        first = next((one for one in leads if now.lead and one.unit == now.lead.unit), leads[0])
        helps = [one for one in leads if one is not first]
        return tuple(replace(one, role=Part.CO) if one in helps else one for one in parts)
    if now.state not in AT_WORK or leads:
        return parts
    came = [one for one in parts if one.responded_at is not None]
    if not came:
        return ()
    heir = min(came, key=lambda one: one.assigned_at)
    return tuple(replace(one, role=Part.LEAD) if one is heir else one for one in parts)


def _state(now: Standing, parts: Sequence[Assignment]) -> State:
    lead = next((one for one in parts if one.leads), None)
    if now.state not in MOVING or (lead and now.lead and lead.unit == now.lead.unit):
        return now.state
    if lead is None:
        return State.POOLED if now.state is State.POOLED else State.TRIAGED
    return State.DISPATCHED if lead.responded_at is None else State.RESPONDED


def _unit_clocks(merger: Merger, parts: Sequence[Assignment]) -> tuple[Clock, ...]:
    """The clocks of the parent's own units, as they were, with the answers of meanwhile."""
    clocks = []
    for one in parts:
        own = merger.alone.clock(ClockKind.RESPOND, one.unit)
        if own is not None and _own_part(merger, one) is not None:
            clocks.append(answered(own, one.responded_at))
    return tuple(clocks)


def answered(clock: Clock, at: datetime | None) -> Clock:
    """The clock, stopped at `at` if somebody answered then; missed if that was too late."""
    if at is None or clock.stopped_at is not None:
        return clock
    late = at > clock.due and Mark.RED not in clock.reached and not clock.provisional
    return (clock.reach(Mark.RED) if late else clock).stop(at)


# --- the parent's promises -----------------------------------------------------------------------


def _promises(
    merger: Merger, parts: Sequence[Assignment], at: datetime, policy: SlaPolicy
) -> Standing:
    """The parent's own promises with what happened meanwhile, and those of the other children."""
    now, alone = merger.now, merger.alone
    if now.cycle != alone.cycle:
        return replace(now, clocks=())  # reopened since: what was promised before is over
    decided = now.sla_class != merger.since.sla_class  # somebody changed the class meanwhile
    own = replace(
        alone,
        sla_class=now.sla_class if decided else alone.sla_class,
        urgency=alone.urgency if now.urgency == merger.since.urgency else now.urgency,
        responded_at=_responded(merger, parts),
        controlled_at=alone.controlled_at or (now.controlled_at if _controls(alone) else None),
        pauses=(*alone.pauses, *now.pauses[len(merger.since.pauses) :]),
        extensions=alone.extensions + max(0, now.extensions - merger.since.extensions),
    )
    own = replace(own, clocks=_own_clocks(own, merger, at, policy))
    for other in merger.staying:
        own = promises_together(own, other, at)
    own = replace(own, card=worst(own.card, *map(_card, own.clocks)), cycle=now.cycle)
    control = now.clock(ClockKind.CONTROL)
    if own.clock(ClockKind.CONTROL) is None and control and control.stopped_at is None:
        own = replace(own, clocks=(*own.clocks, control.stop(at)))
    return own


def _controls(alone: Standing) -> bool:
    return alone.clock(ClockKind.CONTROL) is not None


def _responded(merger: Merger, parts: Sequence[Assignment]) -> datetime | None:
    """The first response of a lead that does not leave with the child."""
    gone = {one.responded_at for one in merger.leaving.parts} | {merger.leaving.responded_at}
    staying = {one.unit for one in parts}
    gone |= {one.responded_at for one in merger.now.parts if one.unit not in staying}
    if merger.now.responded_at not in gone:
        return merger.now.responded_at
    lead = next((one.responded_at for one in parts if one.leads), None)
    return earliest(merger.alone.responded_at, lead, *(o.responded_at for o in merger.staying))


def _own_clocks(
    own: Standing, merger: Merger, at: datetime, policy: SlaPolicy
) -> tuple[Clock, ...]:
    now, found = merger.now, []
    for kind in (ClockKind.RESPOND, ClockKind.CONTROL, ClockKind.RESOLVE):
        clock, present = merger.alone.clock(kind), now.clock(kind)
        if clock is None or present is None:
            continue
        if own.sla_class != merger.alone.sla_class or kind is ClockKind.RESOLVE:
            clock = _computed(clock, own, merger.alone, policy)
        if clock is None:
            continue
        if kind is ClockKind.RESPOND:
            clock = answered(clock, own.responded_at)
        elif kind is ClockKind.CONTROL:
            clock = answered(clock, own.controlled_at)
        elif present.held_at is not None and present.stopped_at is None:
            clock = clock.hold(clock.held_at or present.held_at)
        if present.stopped_at is not None and kind is not ClockKind.CONTROL:
            clock = answered(clock, present.stopped_at if _over(kind, now) else None)
        found.append(clock)
    return tuple(found)


def _over(kind: ClockKind, now: Standing) -> bool:
    """Whether a clock that stands still stood still for the parent itself too."""
    return kind is ClockKind.RESOLVE or now.state not in MOVING


def _computed(clock: Clock, own: Standing, alone: Standing, policy: SlaPolicy) -> Clock | None:
    """The clock after pauses, extensions or another class of meanwhile; else as it was."""
    same_class = own.sla_class == alone.sla_class
    moved = (own.pauses, own.extensions) != (alone.pauses, alone.extensions)
    if same_class and not moved:
        return clock
    promised = policy.as_promised(clock.policy_version) if same_class else policy
    sla_class = clock.sla_class if same_class and clock.sla_class else own.sla_class
    if clock.kind is ClockKind.CONTROL and policy.classes[sla_class].control is None:
        return None
    again = promised.clock(
        clock.kind,
        sla_class,
        clock.started_at,
        cycle=clock.cycle,
        pauses=own.pauses,
        extensions=own.extensions,
        reached=clock.reached,
    )
    return replace(again, stopped_at=clock.stopped_at)


def _card(clock: Clock) -> str:
    if Mark.RED in clock.reached:
        return "red"
    return "yellow" if Mark.YELLOW in clock.reached else "none"


# --- the child -----------------------------------------------------------------------------------


def _taken_along(merger: Merger, at: datetime) -> Standing:
    """The child with its units, which have done meanwhile what they did for the parent."""
    brought, now = merger.leaving, merger.now
    parts = tuple(_home_again(one, now) for one in brought.parts if now.part_of(one.unit))
    lead = next((one for one in parts if one.leads), None)
    if lead is None:
        parts = ()
    responded_at = earliest(brought.responded_at, lead.responded_at if lead else None)
    controlled_at = brought.controlled_at or now.controlled_at
    clocks = []
    for clock in brought.clocks:
        if clock.unit is not None:
            here = next((one for one in parts if one.unit == clock.unit), None)
            if here is not None:
                clocks.append(answered(clock, here.responded_at))
        elif clock.kind is ClockKind.RESPOND:
            clocks.append(answered(clock, responded_at))
        elif clock.kind is ClockKind.CONTROL:
            clocks.append(answered(clock, controlled_at))
        else:
            clocks.append(clock)
    return replace(
        brought,
        at=at,
        state=_childs_state(brought, now, lead),
        responded_at=responded_at,
        controlled_at=controlled_at,
        clocks=tuple(clocks),
        parts=parts,
    )


def _home_again(one: Assignment, now: Standing) -> Assignment:
    here = now.part_of(one.unit)
    assert here is not None
    back = _with_what_it_did(one.settle(), here)
    done = back.responded_at is not None
    if back.leads or back.state is not AssignmentState.FINISHED:
        back = back.become(AssignmentState.RESPONDED if done else AssignmentState.ASSIGNED)
    return back


def _childs_state(brought: Standing, now: Standing, lead: Assignment | None) -> State:
    if lead is None:
        return State.TRIAGED
    if lead.responded_at is None:
        return State.CLAIMED if brought.state is State.CLAIMED else State.DISPATCHED
    led_both = now.lead is not None and now.lead.unit == lead.unit
    started = led_both and now.state not in from_to(State.TRIAGED, State.RESPONDED)
    return State.IN_PROGRESS if started or brought.state is State.IN_PROGRESS else State.RESPONDED
