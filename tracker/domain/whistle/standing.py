"""并案前后: what one whistle promises by itself, and what two promise together.

Pure values. domain.md §4.2, rows merge and unmerge: the stricter class, the earlier due, a miss of
either, the earlier response of a lead, one part for each unit.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from tracker.domain.promises.clocks import Clock, ClockKind, Mark, Pause
from tracker.domain.promises.sla_classes import stricter
from tracker.domain.whistle.assignment import Assignment, Part
from tracker.domain.whistle.states import AWAITING_RESPONSE, State

CARDS = ("none", "yellow", "red")


@dataclass(frozen=True)
class Standing:
    """What a whistle promises at the moment `at`, and who works on it.

    `clocks` are its own promises and those of its units; `parts` its current assignments;
    `started_at` the start of the cycle. `extended_by` is who has asked for more time.
    """

    at: datetime
    state: State
    cycle: int
    started_at: datetime
    sla_class: str
    urgency: str | None
    level: int
    levels: tuple[int, ...]
    card: str
    supervised: bool
    responded_at: datetime | None
    controlled_at: datetime | None
    pauses: tuple[Pause, ...]
    extensions: int
    clocks: tuple[Clock, ...]
    parts: tuple[Assignment, ...]

    @property
    def lead(self) -> Assignment | None:
        return next((part for part in self.parts if part.leads), None)

    def clock(self, kind: ClockKind, unit: str | None = None) -> Clock | None:
        found = (c for c in self.clocks if c.kind is kind and c.unit == unit)
        return next(found, None)

    def part_of(self, unit: str) -> Assignment | None:
        return next((part for part in self.parts if part.unit == unit), None)


def together(own: Standing, brought: Standing, at: datetime) -> Standing:
    """What a parent promises once a child has joined it at `at`. The parent's cycle goes on."""
    parts = parts_together(own.parts, brought.parts, own.clocks, brought.clocks, own.cycle)
    joined = promises_together(own, brought, at)
    return replace(
        joined,
        at=at,
        state=_state_together(own, brought, parts),
        parts=parts,
        clocks=(*joined.clocks, *_unit_clocks(own, brought, parts)),
    )


def _state_together(own: Standing, brought: Standing, parts: Sequence[Assignment]) -> State:
    """The parent's state, or that of the child whose lead it takes.

    A lead that has answered for the child has answered: else it could neither respond nor start.
    """
    if own.lead is None:
        return own.state if brought.lead is None else brought.state
    lead = next(part for part in parts if part.leads)
    answered = own.state in AWAITING_RESPONSE and not lead.awaits_response
    return State.RESPONDED if answered else own.state


def promises_together(own: Standing, brought: Standing, at: datetime) -> Standing:
    """Class, dues, level and card of both; the units' own clocks are left out."""
    strict = stricter(brought.sla_class, own.sla_class)
    sla_class = brought.sla_class if strict else own.sla_class
    responded_at = earliest(own.responded_at, brought.responded_at)
    respond = sooner(own.clock(ClockKind.RESPOND), brought.clock(ClockKind.RESPOND))
    if respond is not None and responded_at is not None:
        respond = respond.stop(responded_at)
    control = _control(own.clock(ClockKind.CONTROL), brought.clock(ClockKind.CONTROL))
    mine, theirs = own.clock(ClockKind.RESOLVE), brought.clock(ClockKind.RESOLVE)
    resolve = sooner(mine, theirs)
    taken = resolve is not None and _taken_from(resolve, theirs, mine)
    if resolve is not None and mine is not None and taken:
        held = at if mine.held_at is not None else None
        resolve = replace(resolve, held_at=held, stopped_at=mine.stopped_at)
    clocks = [
        _of_its_class(clock, own, brought, sla_class)
        for clock in (respond, control, resolve)
        if clock is not None
    ]
    higher = brought.level > own.level
    return replace(
        own,
        started_at=min(own.started_at, brought.started_at) if own.cycle == 1 else own.started_at,
        sla_class=sla_class,
        urgency=_stricter_urgency(own.urgency, brought.urgency),
        level=max(own.level, brought.level),
        levels=(*own.levels, own.level) if higher else own.levels,
        card=worst(own.card, brought.card),
        supervised=own.supervised or brought.supervised,
        responded_at=responded_at,
        controlled_at=own.controlled_at or brought.controlled_at,
        pauses=brought.pauses if taken else own.pauses,
        extensions=brought.extensions if taken else own.extensions,
        clocks=tuple(clocks),
    )


def sooner(one: Clock | None, other: Clock | None) -> Clock | None:
    """The clock that is due first, missed where either was missed."""
    if one is None or other is None:
        return one or other
    first, second = (other, one) if other.due < one.due else (one, other)
    missed = Mark.RED in second.reached and Mark.RED not in first.reached
    return first.reach(Mark.RED) if missed else first


def _taken_from(clock: Clock, theirs: Clock | None, mine: Clock | None) -> bool:
    """Whether the clock is the child's: its start and due are not the parent's."""
    if theirs is None or mine is None:
        return mine is None
    return (clock.due, clock.started_at) != (mine.due, mine.started_at)


def _control(mine: Clock | None, theirs: Clock | None) -> Clock | None:
    """A danger that is not controlled yet goes before one that is."""
    running = [clock for clock in (mine, theirs) if clock is not None and clock.stopped_at is None]
    if len(running) == 1:
        return running[0]
    return sooner(mine, theirs)


def _of_its_class(clock: Clock, own: Standing, brought: Standing, sla_class: str) -> Clock:
    """The clock, which remembers the class by which it was computed where that is another."""
    theirs = brought.clock(clock.kind)
    mine = own.clock(clock.kind)
    of = brought if _taken_from(clock, theirs, mine) else own
    computed_as = clock.sla_class or of.sla_class
    kept = None if computed_as == sla_class else computed_as
    return replace(clock, sla_class=kept, cycle=own.cycle)


def parts_together(
    own: Sequence[Assignment],
    brought: Sequence[Assignment],
    own_clocks: Iterable[Clock],
    their_clocks: Iterable[Clock],
    cycle: int,
) -> tuple[Assignment, ...]:
    """One part for each unit; the child's lead helps where the parent has a lead."""
    led = any(part.leads for part in own)
    missed = {c.unit for c in their_clocks if Mark.RED in c.reached}
    mine = {part.unit: part for part in own}
    for theirs in brought:
        theirs = replace(theirs.settle(), cycle=cycle)
        if led and theirs.role is Part.LEAD:
            theirs = replace(theirs, role=Part.CO)
        there = mine.get(theirs.unit)
        mine[theirs.unit] = (
            theirs if there is None else _one_part(there, theirs, theirs.unit in missed)
        )
    return tuple(mine.values())


def _one_part(one: Assignment, other: Assignment, other_missed: bool) -> Assignment:
    """Of a unit that has a part in both: lead before co, the earlier answer, a miss of either."""
    base = other if other_missed and other.respond_due < one.respond_due else one
    further = one if one.responded_at is not None or other.responded_at is None else other
    return replace(
        base,
        role=Part.LEAD if Part.LEAD in (one.role, other.role) else Part.CO,
        state=one.state if one.return_pending else further.state,
        assigned_at=min(one.assigned_at, other.assigned_at),
        respond_due=min(one.respond_due, other.respond_due),
        resolve_due=min(one.resolve_due, other.resolve_due),
        acknowledged_at=earliest(one.acknowledged_at, other.acknowledged_at),
        responded_at=earliest(one.responded_at, other.responded_at),
    )


def _unit_clocks(
    own: Standing, brought: Standing, parts: Sequence[Assignment]
) -> tuple[Clock, ...]:
    """Each unit's respond clock: the child's joins, and of a unit in both the one due first."""
    clocks = []
    for part in parts:
        mine = own.clock(ClockKind.RESPOND, part.unit)
        theirs = brought.clock(ClockKind.RESPOND, part.unit)
        if theirs is None or brought.part_of(part.unit) is None:
            continue
        clock = sooner(mine if own.part_of(part.unit) else None, theirs)
        assert clock is not None
        if part.responded_at is not None and not part.owes_arrival:
            clock = clock.stop(part.responded_at)
        clocks.append(replace(clock, cycle=own.cycle))
    return tuple(clocks)


def earliest(*moments: datetime | None) -> datetime | None:
    return min((moment for moment in moments if moment is not None), default=None)


def worst(*cards: str) -> str:
    return max(cards, key=CARDS.index)


def _stricter_urgency(one: str | None, other: str | None) -> str | None:
    if one is None or other is None:
        return one or other
    return other if stricter(other, one) else one
