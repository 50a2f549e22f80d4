"""入池、认领、派单、协办: how a whistle comes to its units."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar

from tracker.domain.actors import SYSTEM, Actor
from tracker.domain.promises.clocks import HALF_OF_CLASS, ClockKind, Duration, SlaPolicy
from tracker.domain.whistle.assignment import Assignment, Duty, Part
from tracker.domain.whistle.events import Event, Said, State
from tracker.domain.whistle.lifecycle import DISPATCHED_STATES, Lifecycle
from tracker.domain.whistle.refusals.dispatching import (
    AlreadyAssigned,
    AlreadyClaimed,
    LeadCannotBeRemoved,
    NotCapable,
    NotOnDuty,
    NotPoolable,
    NotPooled,
    UnitTwice,
)

if TYPE_CHECKING:
    from tracker.domain.city.registers import Category, Unit

WORKING_HOURS_A_DAY = 7


class Pooled(Event):
    """Any capable unit or member may take it until the window ends; then `lead` is sent."""

    TOPIC: ClassVar[str] = "whistle.pooled"
    lead: str
    co: tuple[str, ...]

    def assign(self, whistle: Any) -> None:
        whistle.pool_lead, whistle.pool_co = self.lead, self.co


class Claimed(Event):
    """A unit took the whistle from the pool: it leads, and its own clock starts now."""

    TOPIC: ClassVar[str] = "whistle.claimed"
    assignment: Assignment

    def assign(self, whistle: Any) -> None:
        whistle._put_task(self.assignment)


class Dispatched(Event):
    """One lead and any co-handlers are ordered; `basis` says by what."""

    TOPIC: ClassVar[str] = "whistle.dispatched"
    lead: Assignment
    co: tuple[Assignment, ...]
    basis: str  # command, emergency, pool_window, return_upheld, designation
    rule: str | None

    def assign(self, whistle: Any) -> None:
        for task in (*self.co, self.lead):
            whistle._put_task(task)
        whistle.words.extend(self.words)
        whistle.designated = whistle.designated or self.basis == "designation"


class Acknowledged(Event):
    """Seen by the unit. It stops no clock."""

    TOPIC: ClassVar[str] = "whistle.acknowledged"
    unit: str

    def assign(self, whistle: Any) -> None:
        whistle.assignments = [
            a.acknowledge(self.timestamp) if a.unit == self.unit and a.current else a
            for a in whistle.assignments
        ]


class CoRequested(Event):
    """The lead asks for a co-handler; the dispatcher decides."""

    TOPIC: ClassVar[str] = "whistle.co_requested"
    unit: str


class CoAdded(Event):
    TOPIC: ClassVar[str] = "whistle.co_added"
    assignment: Assignment

    def assign(self, whistle: Any) -> None:
        whistle._put_task(self.assignment)


class CoRemoved(Event):
    """The co-handler's part is waived; its clock is cancelled."""

    TOPIC: ClassVar[str] = "whistle.co_removed"
    unit: str

    def assign(self, whistle: Any) -> None:
        whistle._change_task(self.unit, Duty.REMOVED)


class Dispatching(Lifecycle):
    """Pool, claim, dispatch, acknowledge, add and remove co-handlers."""

    def may_pool(self, actor: Actor, at: datetime) -> None:
        self._must_be_in(State.TRIAGED)
        if self.is_emergency_class or self.confidential:
            raise NotPoolable(number=self.number, category=self.category)

    def pool(
        self, category: "Category | None", *, actor: Actor, at: datetime, policy: SlaPolicy
    ) -> None:
        """Open it to claims for half of the respond limit; then the default lead is sent."""
        self.may_pool(actor, at)
        if category is None or not category.poolable:
            raise NotPoolable(number=self.number, category=self.category)
        window = half(policy.classes[self.sla_class].respond)
        self._record(
            Pooled,
            actor,
            at,
            to=State.POOLED,
            clocks=[policy.window(ClockKind.POOL, window, at)],
            lead=category.lead_unit,
            co=tuple(category.co_units),
        )

    def may_claim(self, actor: Actor, at: datetime) -> None:
        if self.lead is not None and not self.is_terminal:
            raise AlreadyClaimed(number=self.number, lead=self.lead)
        if self.state is not State.POOLED:
            raise NotPooled(number=self.number, state=self.state, lead=self.lead)

    def claim(
        self, unit: str, *, capable: bool, actor: Actor, at: datetime, policy: SlaPolicy
    ) -> None:
        """Take it from the pool: `unit` becomes the lead. The first to arrive wins."""
        self.may_claim(actor, at)
        if not capable:
            raise NotCapable(number=self.number, unit=unit, category=self.category)
        task, clock = self._assign(unit, Part.LEAD, policy, at)
        self._record(
            Claimed,
            actor,
            at,
            to=State.CLAIMED,
            clocks=[*self._stopped(at, ClockKind.POOL), clock],
            assignment=task,
        )

    def may_dispatch(self, actor: Actor, at: datetime) -> None:
        if self.state in DISPATCHED_STATES:
            raise AlreadyAssigned(number=self.number, lead=self.lead)
        self._must_be_in(State.TRIAGED, State.POOLED)

    def dispatch(
        self,
        lead: "Unit",
        co: "Sequence[Unit]" = (),
        *,
        actor: Actor,
        at: datetime,
        policy: SlaPolicy,
        rule: str | None = None,
        words: Sequence[Said] = (),
    ) -> None:
        """Order exactly one lead, from the duty list, and any co-handlers."""
        self.may_dispatch(actor, at)
        if not lead.whistle_duty:
            raise NotOnDuty(number=self.number, unit=lead.code)
        codes = [lead.code, *(unit.code for unit in co)]
        if len(set(codes)) < len(codes):
            raise UnitTwice(number=self.number)
        self._send(codes, "command", actor, at, policy, rule=rule, words=words)

    def _send(
        self,
        units: Sequence[str],
        basis: str,
        actor: Actor,
        at: datetime,
        policy: SlaPolicy,
        rule: str | None = None,
        words: Sequence[Said] = (),
    ) -> None:
        """Send `units`, the lead first; their own clocks run from `at`."""
        tasks = [
            self._assign(unit, Part.CO if i else Part.LEAD, policy, at)
            for i, unit in enumerate(units)
        ]
        self._record(
            Dispatched,
            actor,
            at,
            to=State.DISPATCHED,
            clocks=[*self._stopped(at, ClockKind.POOL), *(clock for _, clock in tasks)],
            words=words,
            lead=tasks[0][0],
            co=tuple(task for task, _ in tasks[1:]),
            basis=basis,
            rule=rule,
        )

    def _end_pool_window(self, at: datetime, policy: SlaPolicy) -> None:
        units = [self.pool_lead, *(u for u in self.pool_co if u != self.pool_lead)]
        self._send([u for u in units if u], "pool_window", SYSTEM, at, policy, rule="pool window")

    def may_acknowledge(self, actor: Actor, at: datetime) -> None:
        self._must_be_in(*DISPATCHED_STATES)
        self._must_be_assigned(actor)

    def acknowledge(self, *, actor: Actor, at: datetime) -> None:
        """Seen. Stops no clock."""
        self.may_acknowledge(actor, at)
        self._record(Acknowledged, actor, at, unit=actor.unit)

    def may_add_co(self, actor: Actor, at: datetime) -> None:
        self._must_be_in(*DISPATCHED_STATES, State.RESPONDED, State.IN_PROGRESS)
        if actor.unit is not None:
            self._must_lead(actor)

    def add_co(
        self,
        unit: "Unit",
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
        task, clock = self._assign(unit.code, Part.CO, policy, at)
        self._record(CoAdded, actor, at, clocks=[clock], words=words, assignment=task)

    def may_remove_co(self, actor: Actor, at: datetime) -> None:
        self._must_be_in(*DISPATCHED_STATES, State.RESPONDED, State.IN_PROGRESS)

    def remove_co(
        self, unit: str, *, actor: Actor, at: datetime, words: Sequence[Said] = ()
    ) -> None:
        """Waive a co-handler's part; its clock is cancelled."""
        self.may_remove_co(actor, at)
        task = self._must_be_assigned(Actor(actor.account, actor.role, unit=unit))
        if task.leads:
            raise LeadCannotBeRemoved(number=self.number, lead=unit)
        own = self._clock(ClockKind.RESPOND, unit)
        clocks = [own.stop(at)] if own and own.stopped_at is None else []
        self._record(CoRemoved, actor, at, clocks=clocks, words=words, unit=unit)


def half(limit: Duration) -> Duration:
    """Half of a limit, rounded up to a whole of its unit; of a working day, in working hours."""
    if limit.unit == "working_days":
        limit = Duration(limit.value * WORKING_HOURS_A_DAY, "working_hours")
    return limit.part(HALF_OF_CLASS)
