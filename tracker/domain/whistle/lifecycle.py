"""What every theme of a whistle's life stands on: its memory, its guards, how facts are recorded.

The themes (`raising`, `triage`, `dispatching`, …) each hold their events, commands and guards in
one file; `whistle.py` puts them together. A command decides (guards first, then due times) and
records an event; the event's `assign` only assigns.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, ClassVar
from uuid import UUID

from tracker.domain.actors import Actor, Role
from tracker.domain.promises.clocks import Clock, ClockKind, Mark, SlaPolicy
from tracker.domain.whistle.assignment import Assignment, Duty, Part
from tracker.domain.whistle.events import TERMINAL, Event, Place, Said, State, Suggestion
from tracker.domain.whistle.refusals.lifecycle import (
    AlreadyMerged,
    AlreadyTerminal,
    NotInState,
    NotTheLead,
    NotYourTask,
    SecondPersonNeeded,
)
from tracker.domain.whistle.states import Verdict

if TYPE_CHECKING:
    from eventsourcing.domain import Aggregate as _Base
else:
    # The themes are plain classes: the library binds events in one class body only, `Whistle`'s.
    _Base = object

DISPATCHED_STATES = (State.CLAIMED, State.DISPATCHED)
WITH_LEAD = (
    *DISPATCHED_STATES,
    State.RESPONDED,
    State.IN_PROGRESS,
    State.SUSPENDED,
    State.SUBMITTED,
)
BEFORE_DISPATCH = (State.RAISED, State.TRIAGED)
NATURAL_CLASSES = frozenset({"E1", "U2"})
SAMPLE_SHARE = 10  # one in ten: self-resolved audits and follow-ups of enquiries


@dataclass(frozen=True)
class Proposal:
    """A command that one person asked for and another must confirm; `facts` are what was asked."""

    by: str
    at: datetime
    facts: dict[str, Any]


@dataclass(frozen=True)
class FollowUpAttempt:
    at: datetime
    method: str


@dataclass(frozen=True)
class Check:
    by: str
    verdict: Verdict


class Lifecycle(_Base):
    """The memory of one whistle. Only events change it."""

    number: str
    state: State
    place: Place
    category: str | None
    category_source: str | None
    suggestion: Suggestion | None
    sla_class: str
    urgency: str | None
    confidential: bool
    source: str
    anonymous: bool
    reporter: str | None
    receipt: str | None
    occurred_at: datetime | None
    registered_at: datetime
    cycle_started_at: datetime
    emergency: bool
    test: bool
    legacy_id: str | None
    clocks: dict[str, Clock]
    assignments: list[Assignment]
    level: int
    levels: list[int]
    card: str
    supervised: bool
    excluded: bool
    cycle: int
    reworks: int
    reopens: int
    extensions: int
    pauses: list[tuple[datetime, datetime]]
    waited_for_reporter: bool
    merged_into: UUID | None
    merged_into_number: str | None
    children: dict[UUID, str]
    joined: list[str]
    words: list[Said]
    photos: int
    proposals: dict[str, Proposal]
    attempts: list[FollowUpAttempt]
    submitted_by: str | None
    submitted_unit: str | None
    submitted_at: datetime | None
    verified_by: str | None
    check: Check | None  # of the last submission or self-resolution; None: nobody has checked it
    resolver: str | None
    audited: bool
    returned_units: list[str]
    suggested_unit: str | None
    hops: int
    designated: bool
    extension_by: str | None
    review_on: date | None
    pool_lead: str | None
    pool_co: tuple[str, ...]
    responded_at: datetime | None
    closed_at: datetime | None
    voided_at: datetime | None
    voided_by: tuple[str, ...]  # both accounts; empty: it is not void

    COMMANDS: ClassVar[tuple[str, ...]]

    # --- questions ---------------------------------------------------------------------------

    @property
    def lead(self) -> str | None:
        """The unit that answers for the outcome now, or None before dispatch."""
        return next((a.unit for a in self.assignments if a.leads), None)

    @property
    def co(self) -> list[str]:
        return [a.unit for a in self.assignments if a.current and a.role is Part.CO]

    @property
    def is_terminal(self) -> bool:
        return self.state in TERMINAL

    @property
    def is_emergency_class(self) -> bool:
        """E1 and U2: natural clocks, every whistle verified, no withdrawal once units are out."""
        return self.sla_class in NATURAL_CLASSES

    def assignment_of(self, unit: str | None) -> Assignment | None:
        return next((a for a in self.assignments if a.unit == unit and a.current), None)

    def sampled(self, salt: str) -> bool:
        """One in ten, the same ones at every asking: drawn from the whistle's own id."""
        return (self.id.int + sum(salt.encode())) % SAMPLE_SHARE == 0

    # --- guards shared by the themes -----------------------------------------------------------

    def _must_be_in(self, *states: State) -> None:
        if self.state is State.MERGED and State.MERGED not in states:
            raise AlreadyMerged(number=self.number, into=self.merged_into_number)
        if self.is_terminal and self.state not in states:
            raise AlreadyTerminal(number=self.number, state=self.state)
        if self.state not in states:
            raise NotInState(number=self.number, state=self.state, wanted=states, lead=self.lead)

    def _must_be_open(self) -> None:
        if self.state is State.MERGED:
            raise AlreadyMerged(number=self.number, into=self.merged_into_number)
        if self.is_terminal:
            raise AlreadyTerminal(number=self.number, state=self.state)

    def _must_lead(self, actor: Actor) -> Assignment:
        task = self.assignment_of(actor.unit)
        if task is None or not task.leads:
            raise NotTheLead(number=self.number, lead=self.lead, unit=actor.unit)
        return task

    def _must_be_assigned(self, actor: Actor) -> Assignment:
        task = self.assignment_of(actor.unit)
        if task is None:
            raise NotYourTask(number=self.number, lead=self.lead, unit=actor.unit)
        return task

    def _confirms(self, command: str, actor: Actor) -> Proposal | None:
        """The proposal that this call confirms, or None when it is the first to ask.

        Raises SecondPersonNeeded when the same account asks twice.
        """
        proposal = self.proposals.get(command)
        if proposal is not None and proposal.by == actor.account:
            raise SecondPersonNeeded(number=self.number, by=proposal.by, command=command)
        return proposal

    # --- recording -----------------------------------------------------------------------------

    def _record(
        self,
        event: type[Event],
        actor: Actor,
        at: datetime,
        *,
        to: State | None = None,
        clocks: Iterable[Clock] = (),
        words: Sequence[Said] = (),
        **facts: Any,
    ) -> None:
        """Record a fact. A stream never runs backwards, even when the machine's clock does."""
        self.trigger_event(
            event,
            timestamp=max(at, self.modified_on),
            by=actor.reporter_of or actor.account,
            role=actor.role,
            acting_post=actor.post,
            state=to or self.state,
            clocks=tuple(clocks),
            words=tuple(words),
            **facts,
        )

    # --- clocks ----------------------------------------------------------------------------------

    def _clock(self, kind: ClockKind, unit: str | None = None) -> Clock | None:
        return self.clocks.get(kind if unit is None else f"{kind}:{unit}")

    def _running(self, *kinds: ClockKind) -> list[Clock]:
        return [c for c in self.clocks.values() if c.stopped_at is None and c.kind in kinds]

    def _stopped(self, at: datetime, *kinds: ClockKind) -> list[Clock]:
        """The running clocks of these kinds (all kinds when none is named), stopped."""
        return [c.stop(at) for c in self._running(*(kinds or tuple(ClockKind)))]

    def _resolve_clock(self, policy: SlaPolicy, **changes: Any) -> Clock:
        """The whistle's resolve clock, computed again from its start with what has changed.

        Under the version that promised it, unless another class makes it another promise.
        """
        old = self._clock(ClockKind.RESOLVE)
        if old and old.cycle == self.cycle and "sla_class" not in changes:
            policy = policy.as_promised(old.policy_version)
        terms: dict[str, Any] = {
            "sla_class": self.sla_class,
            "start": self.cycle_started_at,
            "cycle": self.cycle,
            "pauses": tuple(self.pauses),
            "extensions": self.extensions,
            "reached": old.reached if old and old.cycle == self.cycle else (),
        } | changes
        return policy.clock(ClockKind.RESOLVE, terms.pop("sla_class"), terms.pop("start"), **terms)

    def _assign(
        self, unit: str, role: Part, policy: SlaPolicy, at: datetime, cycle: int | None = None
    ) -> tuple[Assignment, Clock]:
        """A unit's part and its own respond clock, both running from `at`."""
        turn = cycle or self.cycle
        respond = policy.clock(ClockKind.RESPOND, self.sla_class, at, unit=unit, cycle=turn)
        resolve = policy.clock(ClockKind.RESOLVE, self.sla_class, at, cycle=turn)
        return Assignment(unit, role, at, respond.due, resolve.due, turn), cards_only(respond)

    # --- assigning (called by events only) -------------------------------------------------------

    def _put_task(self, task: Assignment) -> None:
        """One current part for each unit: the newer replaces the older of the same unit."""
        kept = [a for a in self.assignments if not (a.unit == task.unit and a.current)]
        self.assignments = [*kept, task]

    def _change_task(self, unit: str, state: Duty) -> None:
        self.assignments = [
            a.become(state) if a.unit == unit and a.current else a for a in self.assignments
        ]

    def _settle_disputes(self) -> None:
        self.assignments = [a.settle() for a in self.assignments]

    def _end_tasks(self, state: Duty = Duty.REMOVED) -> None:
        self.assignments = [a.become(state) if a.current else a for a in self.assignments]


def cards_only(clock: Clock) -> Clock:
    """A unit's clock gives its cards; escalation is the whistle's own clock's affair."""
    cards: dict[Mark, datetime] = {
        mark: moment for mark, moment in clock.marks.items() if mark in (Mark.YELLOW, Mark.RED)
    }
    return replace(clock, marks=cards)


def is_city(actor: Actor) -> bool:
    return actor.role is Role.CITY_CENTRE
