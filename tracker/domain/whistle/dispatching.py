"""入池、认领、派单、协办: how a whistle comes to its units."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import ClassVar

from tracker.domain.actors import SYSTEM, Actor
from tracker.domain.city.catalogue import Category
from tracker.domain.city.units import Unit
from tracker.domain.promises.clocks import ClockKind, SlaPolicy
from tracker.domain.whistle.assignment import Assignment, AssignmentState, Part
from tracker.domain.whistle.events import Event
from tracker.domain.whistle.guarding import is_city
from tracker.domain.whistle.lifecycle import Lifecycle
from tracker.domain.whistle.memory import Memory
from tracker.domain.whistle.refusals.dispatching import (
    AlreadyAssigned,
    AlreadyClaimed,
    LeadCannotBeRemoved,
    NotCapable,
    NotClaimable,
    NotOnDuty,
    NotPoolable,
    NotPooled,
    UnitTwice,
)
from tracker.domain.whistle.refusals.responding import AlreadyResponded
from tracker.domain.whistle.said import Said
from tracker.domain.whistle.states import AWAITING_RESPONSE, State, from_to

AT_WORK = (*from_to(State.CLAIMED, State.IN_PROGRESS), State.SUSPENDED)


class Pooled(Event):
    """Any capable unit or member may take it until the window ends; then `lead` is sent."""

    TOPIC: ClassVar[str] = "whistle.pooled"
    lead: str
    co: tuple[str, ...]

    def assign(self, whistle: Memory) -> None:
        whistle.pool_lead, whistle.pool_co = self.lead, self.co


class Claimed(Event):
    """A unit took the whistle from the pool: it leads, and its own clock starts now."""

    TOPIC: ClassVar[str] = "whistle.claimed"
    assignment: Assignment

    @property
    def part(self) -> Assignment:
        """The part of the unit; older events do not say of it that it was claimed."""
        return replace(self.assignment, claimed=True)

    def assign(self, whistle: Memory) -> None:
        whistle.put(self.part)


class Acknowledged(Event):
    """Seen by the unit. It stops no clock."""

    TOPIC: ClassVar[str] = "whistle.acknowledged"
    unit: str

    def assign(self, whistle: Memory) -> None:
        whistle.assignments = [
            a.acknowledge(self.timestamp) if a.unit == self.unit and a.current else a
            for a in whistle.assignments
        ]


class CoRequested(Event):
    """The lead asks for a co-handler; the dispatcher decides."""

    TOPIC: ClassVar[str] = "whistle.co_requested"
    unit: str


class CoAdded(Event):
    """A co-handler is sent; its own respond clock starts."""

    TOPIC: ClassVar[str] = "whistle.co_added"
    assignment: Assignment

    def assign(self, whistle: Memory) -> None:
        whistle.put(self.assignment)


class CoRemoved(Event):
    """The co-handler's part is waived; its clock is cancelled."""

    TOPIC: ClassVar[str] = "whistle.co_removed"
    unit: str

    def assign(self, whistle: Memory) -> None:
        whistle.turn_part(self.unit, AssignmentState.REMOVED)


class Dispatching(Lifecycle):
    """Pool, claim, dispatch, acknowledge, add and remove co-handlers."""

    def may_pool(self, actor: Actor, at: datetime) -> None:
        self._must_be_in(State.TRIAGED)
        if self.is_emergency_class or self.confidential:
            raise NotPoolable(number=self.number, category=self.category)

    def pool(
        self, category: Category | None, *, actor: Actor, at: datetime, policy: SlaPolicy
    ) -> None:
        """Open it to claims for half of the respond limit; then the default lead is sent."""
        self.may_pool(actor, at)
        if category is None or not category.poolable:
            raise NotPoolable(number=self.number, category=self.category)
        self._record(
            Pooled,
            actor,
            at,
            to=State.POOLED,
            clocks=[self._window(ClockKind.POOL, policy, at)],
            lead=category.lead_unit,
            co=tuple(category.co_units),
        )

    def may_claim(self, actor: Actor, at: datetime) -> None:
        if self.lead is not None and not self.is_terminal:
            raise AlreadyClaimed(number=self.number, lead=self.lead)
        if self.state is not State.POOLED:
            raise NotPooled(number=self.number, state=self.state, lead=self.lead)
        if self.confidential:
            raise NotClaimable(number=self.number)

    def claim(
        self, unit: str, *, capable: bool, actor: Actor, at: datetime, policy: SlaPolicy
    ) -> None:
        """Take it from the pool: `unit` becomes the lead. The first claim wins."""
        self.may_claim(actor, at)
        if not capable:
            raise NotCapable(number=self.number, unit=unit, category=self.category)
        part, clock = self._new_part(unit, Part.LEAD, policy, at)
        self._record(
            Claimed,
            actor,
            at,
            to=State.CLAIMED,
            clocks=[*self._stopped(at, ClockKind.POOL), clock],
            assignment=part,
        )

    def may_dispatch(self, actor: Actor, at: datetime) -> None:
        """To triage and pool; again where the lead let its due pass; by the city also at work."""
        if is_city(actor) and self.state in AT_WORK:
            return
        if self.state in AWAITING_RESPONSE:
            if not self._lead_is_late(at):
                raise AlreadyAssigned(number=self.number, lead=self.lead)
            return
        self._must_be_in(State.TRIAGED, State.POOLED)

    def _lead_is_late(self, at: datetime) -> bool:
        clock = self._clock(ClockKind.RESPOND, self.lead)
        return clock is not None and clock.stopped_at is None and clock.missed_by(at)

    def dispatch(
        self,
        lead: Unit,
        co: Sequence[Unit] = (),
        *,
        actor: Actor,
        at: datetime,
        policy: SlaPolicy,
        rule: str | None = None,
        words: Sequence[Said] = (),
    ) -> None:
        """Order exactly one lead, from the duty list, and any co-handlers.

        A present lead's part ends, and its breach stays. The city centre's word is final: who it
        designates may not return it (domain.md §4.2, "second dispute").
        """
        self.may_dispatch(actor, at)
        if not lead.whistle_duty:
            raise NotOnDuty(number=self.number, unit=lead.code)
        codes = [lead.code, *(unit.code for unit in co)]
        if len(set(codes)) < len(codes):
            raise UnitTwice(number=self.number)
        basis = "command"
        if self.lead is not None:
            if self.lead == lead.code:
                raise AlreadyAssigned(number=self.number, lead=self.lead, unit=lead.code)
            basis = "designation" if is_city(actor) else basis
            self._end_lead(actor, at, policy)
        self._send(codes, basis, actor, at, policy, rule=rule, words=words)

    def _end_pool_window(self, at: datetime, policy: SlaPolicy) -> None:
        units = [self.pool_lead, *(u for u in self.pool_co if u != self.pool_lead)]
        self._send([u for u in units if u], "pool_window", SYSTEM, at, policy, rule="pool window")

    def may_acknowledge(self, actor: Actor, at: datetime) -> None:
        self._must_be_in(*AT_WORK)
        part = self._must_be_assigned(actor)
        if not part.awaits_response:
            raise AlreadyResponded(number=self.number, unit=part.unit)

    def acknowledge(self, *, actor: Actor, at: datetime) -> None:
        """The unit has seen it. It stops no clock."""
        self.may_acknowledge(actor, at)
        self._record(Acknowledged, actor, at, unit=actor.unit)

    def may_add_co(self, actor: Actor, at: datetime) -> None:
        self._must_be_in(*AT_WORK)
        if actor.unit is not None:
            self._must_lead(actor)

    def add_co(
        self,
        unit: Unit,
        *,
        actor: Actor,
        at: datetime,
        policy: SlaPolicy,
        words: Sequence[Said] = (),
    ) -> None:
        """The lead asks for a co-handler; anybody else with the right to add one decides it."""
        self.may_add_co(actor, at)
        if self.assignment_of(unit.code) is not None:
            raise AlreadyAssigned(number=self.number, lead=self.lead, unit=unit.code)
        if actor.unit is not None:
            self._record(CoRequested, actor, at, words=words, unit=unit.code)
            return
        part, clock = self._new_part(unit.code, Part.CO, policy, at)
        self._record(CoAdded, actor, at, clocks=[clock], words=words, assignment=part)

    def send_help(self, units: Sequence[str], *, at: datetime, policy: SlaPolicy) -> None:
        """Each of these units that has no part yet helps from now: an emergency wants it."""
        for unit in units:
            if self.assignment_of(unit) is None:
                part, clock = self._new_part(unit, Part.CO, policy, at)
                self._record(CoAdded, SYSTEM, at, clocks=[clock], assignment=part)

    def may_remove_co(self, actor: Actor, at: datetime) -> None:
        self._must_be_in(*AT_WORK)

    def remove_co(
        self, unit: str, *, actor: Actor, at: datetime, words: Sequence[Said] = ()
    ) -> None:
        """Waive a co-handler's part; its clock is cancelled."""
        self.may_remove_co(actor, at)
        part = self._must_be_assigned(Actor(actor.account, actor.role, unit=unit))
        if part.leads:
            raise LeadCannotBeRemoved(number=self.number, lead=unit)
        clocks = self._stopped_of(unit, at, ClockKind.RESPOND, ClockKind.ADJUDICATE)
        self._record(CoRemoved, actor, at, clocks=clocks, words=words, unit=unit)
