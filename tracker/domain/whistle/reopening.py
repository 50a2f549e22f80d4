"""重开: after closing, a new cycle of work; after voiding, as if it had never been void."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import ClassVar
from uuid import UUID

from tracker.domain.actors import SYSTEM, Actor, Role
from tracker.domain.promises.clocks import ClockKind, SlaPolicy
from tracker.domain.whistle.assignment import Assignment, AssignmentState, Part
from tracker.domain.whistle.events import Event
from tracker.domain.whistle.lifecycle import Lifecycle
from tracker.domain.whistle.memory import Memory
from tracker.domain.whistle.overseeing import SupervisionOpened
from tracker.domain.whistle.refusals.ending import OnlyTheCityOverturns, TooLateToAppeal
from tracker.domain.whistle.refusals.resolving import (
    SamePersonAgain,
    TooLateToReopen,
    TooManyReopens,
)
from tracker.domain.whistle.said import Said
from tracker.domain.whistle.states import State

REOPEN_DAYS = timedelta(days=15)
MAX_REOPENS = 2
APPEAL_DAYS = timedelta(days=7)
CLOSED = (State.CLOSED, State.SELF_RESOLVED_CLOSED)


class Reopened(Event):
    """After closing: a new cycle with the same lead and half of the class's resolve limit."""

    TOPIC: ClassVar[str] = "whistle.reopened"
    cycle: int
    count: int
    assignment: Assignment | None  # None when it had been self-resolved and no unit ever led

    def assign(self, whistle: Memory) -> None:
        whistle.cycle, whistle.reopens = self.cycle, self.count
        whistle.cycle_started_at, whistle.closed_at = self.timestamp, None
        whistle.pauses, whistle.attempts, whistle.extensions = [], [], 0
        whistle.sent_back = False
        whistle.submitted_by = whistle.verified_by = whistle.submitted_at = None
        whistle.check = None
        whistle.ask_again()
        whistle.recorded, whistle.calls = {}, {}
        whistle.arrived, whistle.doers, whistle.callers = [], [], []
        whistle.card, whistle.responded_at, whistle.controlled_at = "none", None, None
        whistle.end_parts(AssignmentState.PAST)
        if self.assignment is not None:
            whistle.assignments = [*whistle.assignments, self.assignment]


class ReopeningRefused(Event):
    """Somebody wished to reopen it after the last time that it may be: it stays closed.

    The words are why; the supervisor watches it from now on (domain.md §4.2, reopen).
    """

    TOPIC: ClassVar[str] = "whistle.reopening_refused"
    count: int  # how often it was reopened

    def assign(self, whistle: Memory) -> None:
        whistle.reopening_refused = True


class RaisedAgain(Event):
    """Its reporter raised it because `earlier`, which he reported too, is not solved."""

    TOPIC: ClassVar[str] = "whistle.raised_again"
    earlier: UUID
    earlier_number: str

    def assign(self, whistle: Memory) -> None:
        whistle.earlier_number = self.earlier_number


class VoidOverturned(Event):
    """It was valid: it has again the state and the units that it had; the time as void is a pause.

    `parts` are its units' parts. None of `voided_from`: recorded before this was kept; then it is
    back in triage, with clocks from the registration.
    """

    TOPIC: ClassVar[str] = "whistle.void_overturned"
    parts: tuple[Assignment, ...] = ()
    voided_from: datetime | None = None

    def assign(self, whistle: Memory) -> None:
        whistle.voided_at, whistle.voided_by, whistle.had = None, (), None
        whistle.reopening_refused = False
        if self.voided_from is None:
            whistle.extension_by = whistle.review_on = None
            return
        whistle.pauses.append((self.voided_from, self.timestamp))
        for part in self.parts:
            whistle.assignments = [one for one in whistle.assignments if not _same(one, part)]
            whistle.put(part)


def _same(one: Assignment, other: Assignment) -> bool:
    return (one.unit, one.assigned_at, one.cycle) == (other.unit, other.assigned_at, other.cycle)


class Reopening(Lifecycle):
    """Reopen what is closed, or overturn what is void."""

    def may_reopen(self, actor: Actor, at: datetime) -> None:
        if self.state is State.VOID:
            self._may_overturn(actor, at)
            return
        self._must_be_closed_lately(at)
        if self.reopens >= MAX_REOPENS:
            raise TooManyReopens(number=self.number, limit=MAX_REOPENS)

    def _must_be_closed_lately(self, at: datetime) -> None:
        self._must_be_in(*CLOSED)
        assert self.closed_at is not None
        if at - self.closed_at > REOPEN_DAYS:
            raise TooLateToReopen(number=self.number, closed_at=self.closed_at)

    @property
    def is_closed_for_good(self) -> bool:
        """Whether it was reopened as often as it may be: what is not solved is a new whistle."""
        return self.state in CLOSED and self.reopens >= MAX_REOPENS

    def refuse_reopening(self, *, actor: Actor, at: datetime, words: Sequence[Said] = ()) -> None:
        """One wish more: it stays closed, and somebody looks at it. Raises TooLateToReopen."""
        self._must_be_closed_lately(at)
        self._record(ReopeningRefused, actor, at, words=words, count=self.reopens)
        self._watch(at)

    def _watch(self, at: datetime) -> None:
        if not self.supervised:
            self._record(SupervisionOpened, SYSTEM, at, basis="reopened_twice")

    def come_after(
        self, earlier: "Reopening", unsolved: "Reopening", *, actor: Actor, at: datetime
    ) -> None:
        """It was raised because `earlier` is not solved; `unsolved`: that, or what it follows.

        After one that was reopened as often as it may be, it is watched.
        """
        self._record(RaisedAgain, actor, at, earlier=earlier.id, earlier_number=earlier.number)
        if unsolved.is_closed_for_good:
            self._watch(at)

    def _may_overturn(self, actor: Actor, at: datetime) -> None:
        if actor.role not in (Role.SUPERVISOR, Role.CITY_CENTRE):
            raise OnlyTheCityOverturns(number=self.number)
        if actor.account in self.voided_by:
            raise SamePersonAgain(number=self.number, by=actor.account)
        if self.voided_at is None or at - self.voided_at > APPEAL_DAYS:
            raise TooLateToAppeal(number=self.number)

    def reopen(
        self, *, actor: Actor, at: datetime, policy: SlaPolicy, words: Sequence[Said] = ()
    ) -> None:
        """Closed: a new cycle within 15 days of closing, two times at most, with the same lead.

        Void: valid again within 7 days, by a third person of the supervisor or the city centre.
        """
        self.may_reopen(actor, at)
        if self.state is State.VOID:
            self._overturn(actor, at, policy, words)
        else:
            self._begin_cycle(actor, at, policy, words)

    def _overturn(
        self, actor: Actor, at: datetime, policy: SlaPolicy, words: Sequence[Said]
    ) -> None:
        had, since = self.had, self.voided_at
        if had is None or since is None:
            resumed = self._clocks_resumed(policy)
            self._record(VoidOverturned, actor, at, to=State.TRIAGED, clocks=resumed, words=words)
            return
        clocks = [self._after_pause(clock, policy, since, at) for clock in had.clocks]
        dues = {c.unit: c.due for c in clocks if c.kind is ClockKind.RESPOND and c.unit}
        self._record(
            VoidOverturned,
            actor,
            at,
            to=had.state,
            clocks=clocks,
            words=words,
            parts=tuple(
                replace(
                    part,
                    respond_due=dues.get(part.unit, part.respond_due),
                    resolve_due=self._due_after_pause(part.resolve_due, policy, since, at),
                )
                for part in had.parts
            ),
            voided_from=since,
        )

    def _begin_cycle(
        self, actor: Actor, at: datetime, policy: SlaPolicy, words: Sequence[Said]
    ) -> None:
        cycle, lead = self.cycle + 1, self.lead
        clocks = [
            policy.clock(ClockKind.RESPOND, self.sla_class, at, cycle=cycle),
            policy.clock(ClockKind.RESOLVE, self.sla_class, at, cycle=cycle),
        ]
        if policy.classes[self.sla_class].control is not None:
            clocks.append(policy.clock(ClockKind.CONTROL, self.sla_class, at, cycle=cycle))
        part = None
        if lead is not None:
            part, own = self._new_part(lead, Part.LEAD, policy, at, cycle)
            clocks.append(own)
        self._record(
            Reopened,
            actor,
            at,
            to=State.DISPATCHED if part else State.TRIAGED,
            clocks=clocks,
            words=words,
            cycle=cycle,
            count=self.reopens + 1,
            assignment=part,
        )
