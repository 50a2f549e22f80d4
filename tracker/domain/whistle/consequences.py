"""后果随事实: what a fact brings about, by whatever command it became known (domain.md §4.5).

`Consequences.draw` runs after every decision and before the append. It looks at the whistle as it
stands now and records what follows from it; where nothing follows, it records nothing.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import ClassVar, Protocol

from tracker.domain.actors import SYSTEM, Actor
from tracker.domain.city.catalogue import Category
from tracker.domain.city.units import Unit
from tracker.domain.promises.clocks import EMERGENCY, Clock, ClockKind, SlaPolicy
from tracker.domain.promises.sla_classes import POOLABLE_CLASSES
from tracker.domain.whistle.assignment import Assignment, AssignmentState
from tracker.domain.whistle.class_clocks import cards_only
from tracker.domain.whistle.confiding import MarkedConfidential
from tracker.domain.whistle.events import Event
from tracker.domain.whistle.lifecycle import Lifecycle
from tracker.domain.whistle.memory import Memory
from tracker.domain.whistle.states import State, from_to

NOBODY_SENT = from_to(State.RAISED, State.POOLED)
AT_WORK = (*from_to(State.CLAIMED, State.IN_PROGRESS), State.SUSPENDED)
DONE = (State.SUBMITTED, State.VERIFIED)
WINDOW_OF = {"extension": ClockKind.DECIDE, "suspension": ClockKind.APPROVE}


class CityFacts(Protocol):
    """What the domain asks of the city's registers, as they are now."""

    @property
    def policy(self) -> SlaPolicy: ...
    @property
    def emergency_default(self) -> tuple[str, tuple[str, ...]]: ...  # lead, co units
    def category(self, code: str) -> Category: ...
    def unit(self, code: str) -> Unit: ...


class EmergencyBegan(Event):
    """It is an E1 now: its clocks are those of an emergency, and each unit must come.

    `parts` are those of the units that were sent before and have not come, as they stand now.
    """

    TOPIC: ClassVar[str] = "whistle.emergency_began"
    parts: tuple[Assignment, ...]

    def assign(self, whistle: Memory) -> None:
        whistle.emergency, whistle.controlled_at = True, None
        for part in self.parts:
            whistle.put(part)


class PartsMoved(Event):
    """The class has changed: the units that are at work answer for due times of the new one."""

    TOPIC: ClassVar[str] = "whistle.parts_moved"
    parts: tuple[Assignment, ...]

    def assign(self, whistle: Memory) -> None:
        for part in self.parts:
            whistle.put(part)


class PoolLeft(Event):
    """It may not lie in the pool any more. `basis`: class, category, confidential."""

    TOPIC: ClassVar[str] = "whistle.pool_left"
    basis: str


class PoolMoved(Event):
    """Its category has changed, or the category its units: at the window's end `lead` is sent."""

    TOPIC: ClassVar[str] = "whistle.pool_moved"
    lead: str
    co: tuple[str, ...]

    def assign(self, whistle: Memory) -> None:
        whistle.pool_lead, whistle.pool_co = self.lead, self.co


class PartEnded(Event):
    """A unit's part ends by a rule; `successor` takes it over. `basis`: confidential,
    unit_ended, dispatch (by a person: another unit leads).

    It is no breach of the unit what comes after this moment.
    """

    TOPIC: ClassVar[str] = "whistle.part_ended"
    unit: str
    basis: str
    successor: Assignment | None

    def assign(self, whistle: Memory) -> None:
        whistle.turn_part(self.unit, AssignmentState.REMOVED)
        if self.successor is not None:
            whistle.put(self.successor)


class RequestsLapsed(Event):
    """What was asked for may not be granted any more. `basis`: emergency, class, or why the
    lead's part ended."""

    TOPIC: ClassVar[str] = "whistle.requests_lapsed"
    requests: tuple[str, ...]  # extension, suspension
    basis: str

    def assign(self, whistle: Memory) -> None:
        if "extension" in self.requests:
            whistle.extension_by = None
        if "suspension" in self.requests:
            whistle.proposals.pop("suspend", None)


class Consequences(Lifecycle):
    """Draw what follows from a fact."""

    def draw(self, city: CityFacts, *, at: datetime) -> None:
        """Record what the facts bring about, at `at`; what is in order already brings nothing."""
        self._draw_confidentiality(city, at)
        if self.is_terminal:
            return
        self._draw_ended_units(city, at)
        self._draw_pool(city, at)
        self._draw_class(city, at)
        self._draw_emergency(city, at)

    # --- confidential ----------------------------------------------------------------------------

    def _draw_confidentiality(self, city: CityFacts, at: datetime) -> None:
        category = self._category_in(city)
        if category is not None and category.confidential and not self.confidential:
            self._record(MarkedConfidential, SYSTEM, at, basis="category")
        if self.became_confidential and category is not None and not self.is_terminal:
            self._end_strangers(category, city.policy, at)

    @property
    def became_confidential(self) -> bool:
        """Whether it did in what is being recorded now."""
        return any(isinstance(event, MarkedConfidential) for event in self.pending_events)

    def _end_strangers(self, category: Category, policy: SlaPolicy, at: datetime) -> None:
        """Units that are neither lead nor co of the category as it is now need not know."""
        known = {category.lead_unit, *category.co_units}
        strangers = [a for a in self.assignments if a.current and a.unit not in known]
        for part in sorted(strangers, key=lambda a: a.leads):
            heir = category.lead_unit if part.leads else None
            self._end_part(part, "confidential", heir, policy, at, afresh=True)

    # --- units -----------------------------------------------------------------------------------

    def _draw_ended_units(self, city: CityFacts, at: datetime) -> None:
        for part in [a for a in self.assignments if a.current]:
            unit = city.unit(part.unit)
            if unit.ended_on is None:
                continue
            heir = current_successor(city, unit)
            self._end_part(part, "unit_ended", heir, city.policy, at, afresh=False)

    def _end_part(
        self,
        part: Assignment,
        basis: str,
        heir: str | None,
        policy: SlaPolicy,
        at: datetime,
        *,
        afresh: bool,
    ) -> None:
        """End the part; `heir` takes it over from now. `afresh`: an heir that leads begins anew.

        Without an heir of the lead the whistle goes back to triage, and its own clocks run.
        """
        if part.leads:
            self._lapse_requests(basis, at)
            if afresh or heir is None:
                self._go_on(at, policy, basis)
        sitting = self.assignment_of(heir) if heir else None
        clocks = self._stopped_of(part.unit, at, ClockKind.RESPOND, ClockKind.ADJUDICATE)
        successor = None
        if heir is not None and (sitting is None or part.leads):
            if sitting is not None:
                clocks += self._stopped_of(sitting.unit, at, ClockKind.RESPOND)
            successor, clock = self._new_part(heir, part.role, policy, at)
            if self.state in (*AT_WORK, *NOBODY_SENT):
                clocks = [c for c in clocks if c.key != clock.key] + [clock]
        to = self.state
        if part.leads and self.state in AT_WORK and (afresh or heir is None):
            to = State.DISPATCHED if heir else State.TRIAGED
        self._record(
            PartEnded,
            SYSTEM,
            at,
            to=to,
            clocks=clocks,
            unit=part.unit,
            basis=basis,
            successor=successor,
        )

    def _end_lead(self, actor: Actor, at: datetime, policy: SlaPolicy) -> None:
        """The lead's part ends by a dispatch; what it asked for lapses, a suspension is over."""
        part = next(one for one in self.assignments if one.leads)
        self._lapse_requests("dispatch", at)
        self._go_on(at, policy, "dispatch")
        clocks = self._stopped_of(part.unit, at, ClockKind.RESPOND, ClockKind.ADJUDICATE)
        self._record(
            PartEnded, actor, at, clocks=clocks, unit=part.unit, basis="dispatch", successor=None
        )

    def _go_on(self, at: datetime, policy: SlaPolicy, basis: str) -> None:
        """Neither suspended nor waiting for the reporter any more."""
        self._end_wait(at, policy, basis)
        if self.state is State.SUSPENDED:
            self._resume_by_rule(at, policy, basis)

    # --- the pool --------------------------------------------------------------------------------

    def _draw_pool(self, city: CityFacts, at: datetime) -> None:
        if self.state is not State.POOLED:
            return
        category = self._category_in(city)
        basis = self._bar_to_pool(category)
        if basis is not None:
            clocks = self._stopped(at, ClockKind.POOL)
            self._record(PoolLeft, SYSTEM, at, to=State.TRIAGED, clocks=clocks, basis=basis)
            return
        assert category is not None
        lead, *co = default_units(city, category)
        if (lead, tuple(co)) != (self.pool_lead, self.pool_co):
            self._record(PoolMoved, SYSTEM, at, lead=lead, co=tuple(co))

    def _bar_to_pool(self, category: Category | None) -> str | None:
        """Why it may not lie in the pool; None: it may."""
        if self.confidential:
            return "confidential"
        if self.sla_class not in POOLABLE_CLASSES:
            return "class"
        return None if category is not None and category.poolable else "category"

    # --- another class ---------------------------------------------------------------------------

    def _draw_class(self, city: CityFacts, at: datetime) -> None:
        policy = city.policy
        sla = policy.classes[self.sla_class]
        if not sla.pausable:
            self._end_wait(at, policy, "class")
        if self.state is State.SUSPENDED and not sla.pausable:
            self._resume_into_class(at, policy)
        refused = []
        if not sla.extension_max:
            refused.append("extension")
        if not sla.pausable:
            refused.append("suspension")
        basis = "emergency" if self.sla_class == EMERGENCY else "class"
        self._lapse([one for one in refused if one in self._pending_requests], basis, at)
        old = [a for a in self.assignments if a.current and a.sla_class not in (None, sla.code)]
        called_out = self.sla_class == EMERGENCY and self.state not in DONE
        if not old or called_out:
            return
        self._move_parts(old, policy, at)

    def _move_parts(self, old: Sequence[Assignment], policy: SlaPolicy, at: datetime) -> None:
        parts, clocks = list[Assignment](), list[Clock]()
        for part in old:
            moved, own = self._part_of_class(part, policy, at)
            if part.owes_arrival:
                moved = replace(moved, owes_arrival=False)
                if part.responded_at is not None:
                    own = self._stopped_of(part.unit, at, ClockKind.RESPOND)
            parts.append(moved)
            clocks += own
        self._record(PartsMoved, SYSTEM, at, clocks=clocks, parts=tuple(parts))

    @property
    def _pending_requests(self) -> list[str]:
        pending = ["extension"] if self._running(ClockKind.DECIDE) else []
        return [*pending, *(["suspension"] if "suspend" in self.proposals else [])]

    def _lapse_requests(self, basis: str, at: datetime) -> None:
        self._lapse(self._pending_requests, basis, at)

    def _lapse(self, requests: Sequence[str], basis: str, at: datetime) -> None:
        if requests:
            windows = [WINDOW_OF[request] for request in requests]
            clocks = self._stopped(at, *windows)
            self._record(
                RequestsLapsed, SYSTEM, at, clocks=clocks, requests=tuple(requests), basis=basis
            )

    # --- emergency -------------------------------------------------------------------------------

    def _draw_emergency(self, city: CityFacts, at: datetime) -> None:
        if self.sla_class != EMERGENCY:
            return
        if self.state is State.SELF_RESOLVED:
            self._overturn_self_resolution(at, city.policy)
        if self.state in DONE:
            self._check_as_an_emergency(city.policy, at)
        elif not self._emergency_stands:
            self._begin_emergency(city, at)
        else:
            self._hurry_latecomers(city.policy, at)

    def _hurry_latecomers(self, policy: SlaPolicy, at: datetime) -> None:
        """Units that came from a whistle of another class answer as in an emergency too."""
        late = [a for a in self.assignments if a.current and a.sla_class not in (None, EMERGENCY)]
        if late:
            moved = [self._part_of_emergency(part, policy, at) for part in late]
            clocks = [clock for _, own in moved for clock in own]
            parts = tuple(part for part, _ in moved)
            self._record(PartsMoved, SYSTEM, at, clocks=clocks, parts=parts)

    @property
    def _emergency_stands(self) -> bool:
        """Units are sent, and control runs in this cycle or the hazard is controlled."""
        control = self._clock(ClockKind.CONTROL)
        runs = control is not None and control.running and control.cycle == self.cycle
        controlled = runs or self.controlled_at is not None
        return controlled and self.lead is not None and self.state not in NOBODY_SENT

    def _begin_emergency(self, city: CityFacts, at: datetime) -> None:
        policy = city.policy
        for part in self.assignments:
            if part.return_pending:
                self._reject_return_by_rule(part, at)
        self._lapse_requests("emergency", at)
        if self.state is State.SUSPENDED:
            self._resume_by_rule(at, policy, "emergency")
        sent = [a for a in self.assignments if a.current and a.response != "arrival"]
        moved = [self._part_of_emergency(part, policy, at) for part in sent]
        clocks = [*self._emergency_clocks(policy, at), *(c for _, own in moved for c in own)]
        self._record(
            EmergencyBegan, SYSTEM, at, clocks=clocks, parts=tuple(part for part, _ in moved)
        )
        units = default_units(city, self._category_in(city))
        if self.lead is None:
            self._send(units, "emergency", SYSTEM, at, policy, rule=f"{EMERGENCY} bypass")
            return
        self.send_help(units, at=at, policy=policy)

    def _part_of_emergency(
        self, part: Assignment, policy: SlaPolicy, at: datetime
    ) -> tuple[Assignment, list[Clock]]:
        """A unit that has not come must come within the respond limit from `at`.

        One that has only called owes the arrival besides; a limit that it missed stays missed.
        """
        if part.response == "arrival":
            return replace(part, sla_class=EMERGENCY), []
        called = part.responded_at is not None
        clock = policy.clock(ClockKind.RESPOND, EMERGENCY, at, unit=part.unit, cycle=part.cycle)
        resolve = policy.clock(ClockKind.RESOLVE, EMERGENCY, at, cycle=part.cycle)
        old = self._clock(ClockKind.RESPOND, part.unit)
        missed = not called and old is not None and old.missed_by(at)
        owed = replace(
            part,
            sla_class=EMERGENCY,
            owes_arrival=called,
            respond_due=part.respond_due if called or missed else clock.due,
            resolve_due=part.resolve_due if part.resolve_due < at else resolve.due,
        )
        return owed, [] if missed else [cards_only(clock)]

    def _emergency_clocks(self, policy: SlaPolicy, at: datetime) -> list[Clock]:
        """Control, and what is left of respond and resolve: never later than they were."""
        sla = policy.classes[EMERGENCY]
        control = policy.clock(ClockKind.CONTROL, EMERGENCY, at, cycle=self.cycle)
        clocks = [control]
        respond, resolve = self.clocks[ClockKind.RESPOND], self.clocks[ClockKind.RESOLVE]
        if respond.running and not respond.missed_by(at):
            due = min(respond.due, policy.due(sla.respond, at).at)
            clocks.append(self._own_clock_at(respond, policy, due))
        if resolve.stopped_at is None and not resolve.missed_by(at):
            due = max(control.due, min(resolve.due, policy.due(sla.resolve, at).at))
            clocks.append(self._own_clock_at(resolve, policy, due))
        return clocks

    def _own_clock_at(self, old: Clock, policy: SlaPolicy, due: datetime) -> Clock:
        return self._own_clock_as(old, policy, EMERGENCY, not_before=due, not_after=due)

    def _check_as_an_emergency(self, policy: SlaPolicy, at: datetime) -> None:
        """Nobody is sent to what is done; it is checked and followed up as an emergency."""
        if self.state is State.SUBMITTED:
            new = self._check_clock(policy, at)
        else:
            new = policy.clock(ClockKind.FOLLOW_UP, EMERGENCY, at, cycle=self.cycle)
        old = self._clock(new.kind)
        if old is None or not old.running or old.due > new.due:
            self._record(EmergencyBegan, SYSTEM, at, clocks=[new], parts=())

    def _category_in(self, city: CityFacts) -> Category | None:
        return city.category(self.category) if self.category else None


def default_units(city: CityFacts, category: Category | None) -> list[str]:
    """The units that are sent by a rule, the lead first, each as its successor stands today.

    Without a category, or where its lead has ended without a successor, those of an emergency.
    """
    emergency = city.emergency_default
    lead, co = emergency if category is None else (category.lead_unit, category.co_units)
    found = [current_successor(city, city.unit(unit)) for unit in (lead, *co)]
    if found[0] is None:
        of_emergency = (emergency[0], *emergency[1])
        found = [*(current_successor(city, city.unit(unit)) for unit in of_emergency), *found]
    standing = [unit for unit in found if unit is not None]
    return list(dict.fromkeys(standing or [emergency[0]]))


def current_successor(city: CityFacts, unit: Unit) -> str | None:
    """The unit itself, or who took it over when it ended; None where nobody did."""
    seen = {unit.code}
    while unit.ended_on is not None:
        if not unit.successor or unit.successor in seen:
            return None
        unit = city.unit(unit.successor)
        seen.add(unit.code)
    return unit.code
