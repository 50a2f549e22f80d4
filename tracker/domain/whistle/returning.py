"""退单、裁定: a unit returns a whistle as not its own, and somebody decides.

Until it is decided the first recipient stays the lead (首接负责), and the whistle's clocks run on.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import ClassVar

from tracker.domain.actors import SYSTEM, Actor
from tracker.domain.city.units import Unit
from tracker.domain.promises.clocks import EMERGENCY, Clock, ClockKind, SlaPolicy
from tracker.domain.whistle.assignment import Assignment, AssignmentState
from tracker.domain.whistle.events import Event
from tracker.domain.whistle.guarding import is_city
from tracker.domain.whistle.lifecycle import Lifecycle
from tracker.domain.whistle.memory import Memory
from tracker.domain.whistle.refusals.dispatching import NotOnDuty
from tracker.domain.whistle.refusals.responding import AlreadyResponded
from tracker.domain.whistle.refusals.returning import (
    AlreadyReturned,
    CityDecides,
    ClaimedByItself,
    Designated,
    EmergencyNotReturnable,
    NewLeadNeeded,
    NoReturnPending,
    ReturnPending,
    ReturnTooLate,
)
from tracker.domain.whistle.said import Said
from tracker.domain.whistle.states import State, from_to
from tracker.domain.whistle.windows import RETURN_LIMIT


class ReturnRequested(Event):
    """A unit says that its part is not its own. Until that is decided it answers for it."""

    TOPIC: ClassVar[str] = "whistle.return_requested"
    unit: str
    reason_code: str | None
    suggested_unit: str | None

    def assign(self, whistle: Memory) -> None:
        whistle.turn_part(self.unit, AssignmentState.RETURN_PENDING)
        whistle.returned_units.append(self.unit)
        whistle.suggested_unit = whistle.suggested_by[self.unit] = self.suggested_unit


class ReturnUpheld(Event):
    """The unit was right: its part ends, and a lead is followed by another one.

    `late`: it asked after its own deadline, which stays missed.
    """

    TOPIC: ClassVar[str] = "whistle.return_upheld"
    unit: str
    late: bool

    def assign(self, whistle: Memory) -> None:
        part = whistle.assignment_of(self.unit)
        whistle.hops += part is not None and part.leads
        whistle.turn_part(self.unit, AssignmentState.RETURNED)


class ReturnRejected(Event):
    """The part stays with the unit, finally. `timed_out`: by a rule, and no judgement of the unit:
    nobody decided in time, or it became an emergency."""

    TOPIC: ClassVar[str] = "whistle.return_rejected"
    unit: str
    timed_out: bool

    def assign(self, whistle: Memory) -> None:
        whistle.settle_return(self.unit)


class ReturnWithdrawn(Event):
    """The unit responded before it was decided: it disputes its part no longer."""

    TOPIC: ClassVar[str] = "whistle.return_withdrawn"
    unit: str

    def assign(self, whistle: Memory) -> None:
        whistle.settle_return(self.unit)


class Returning(Lifecycle):
    """Return, adjudicate."""

    @property
    def pending_returns(self) -> list[Assignment]:
        """The parts whose units have returned them and wait for a decision, the lead's first."""
        pending = [a for a in self.assignments if a.current and a.return_pending]
        return sorted(pending, key=lambda part: not part.leads)

    @property
    def pending_return(self) -> Assignment | None:
        return next(iter(self.pending_returns), None)

    def may_return(self, actor: Actor, at: datetime) -> None:
        self._must_be_in(*from_to(State.CLAIMED, State.IN_PROGRESS))
        part = self._must_be_assigned(actor)
        if self.sla_class == EMERGENCY:
            raise EmergencyNotReturnable(number=self.number)
        if part.return_pending:
            raise ReturnPending(number=self.number, unit=part.unit)
        if part.responded_at is not None:
            raise AlreadyResponded(number=self.number, unit=part.unit)
        if part.claimed:
            raise ClaimedByItself(number=self.number, unit=part.unit)
        if self.designated and part.leads:
            raise Designated(number=self.number, unit=part.unit)
        if part.unit in self.returned_units:
            raise AlreadyReturned(number=self.number, unit=part.unit)
        self._must_be_in_time(part.return_closes, at)

    def _must_be_in_time(self, closes: datetime, at: datetime) -> None:
        if at > closes:
            raise ReturnTooLate(number=self.number, closed_at=closes)

    def return_(
        self,
        *,
        actor: Actor,
        at: datetime,
        policy: SlaPolicy,
        reason_code: str | None,
        suggested_unit: str | None = None,
        words: Sequence[Said] = (),
    ) -> None:
        """Ask within the respond limit of the class, and within one working day: the lead or a
        co-handler, for its own part."""
        self.may_return(actor, at)
        part = self._must_be_assigned(actor)
        if part.return_by is None:
            limit = policy.due(RETURN_LIMIT, part.assigned_at).at
            self._must_be_in_time(min(part.respond_due, limit), at)
        self._record(
            ReturnRequested,
            actor,
            at,
            clocks=[self._window(ClockKind.ADJUDICATE, policy, at, part.unit)],
            words=words,
            unit=part.unit,
            reason_code=reason_code,
            suggested_unit=suggested_unit,
        )

    def may_adjudicate(self, actor: Actor, at: datetime) -> None:
        pending = self.pending_returns
        if not pending:
            raise NoReturnPending(number=self.number, lead=self.lead)
        if not any(self._may_decide(part, actor) for part in pending):
            self._must_decide(pending[0], actor)

    def _may_decide(self, part: Assignment, actor: Actor) -> bool:
        return is_city(actor) or not self.decided_by_city(self.suggested_by.get(part.unit))

    def _must_decide(self, part: Assignment, actor: Actor) -> None:
        if not self._may_decide(part, actor):
            raise CityDecides(number=self.number, suggested=self.suggested_by.get(part.unit))

    def decided_by_city(self, suggested_unit: str | None) -> bool:
        """Two bureaux or a second dispute: the city centre decides; otherwise the street."""
        return self.hops > 0 or suggested_unit is not None

    def adjudicate(
        self,
        upheld: bool,
        new_lead: Unit | None = None,
        *,
        actor: Actor,
        at: datetime,
        policy: SlaPolicy,
        unit: str | None = None,
        words: Sequence[Said] = (),
    ) -> None:
        """Decide the return of `unit`; None: of the lead, else of the first.

        Upheld, a co-handler's part ends. After a lead's `new_lead` is compulsory and sent, and
        after a second dispute designated.
        """
        self.may_adjudicate(actor, at)
        part = self._returned_by(unit)
        self._must_decide(part, actor)
        if not upheld:
            self._reject_return(part, actor, at, words, timed_out=False)
        elif part.leads:
            self._replace_lead(part, new_lead, actor, at, policy, words)
        else:
            self._uphold_return(part, actor, at, words)

    def _returned_by(self, unit: str | None) -> Assignment:
        found = [part for part in self.pending_returns if unit in (None, part.unit)]
        if not found:
            raise NoReturnPending(number=self.number, lead=self.lead, unit=unit)
        return found[0]

    def _replace_lead(
        self,
        part: Assignment,
        new_lead: Unit | None,
        actor: Actor,
        at: datetime,
        policy: SlaPolicy,
        words: Sequence[Said],
    ) -> None:
        if new_lead is None or new_lead.code == part.unit:
            raise NewLeadNeeded(number=self.number, unit=part.unit)
        if not new_lead.whistle_duty:
            raise NotOnDuty(number=self.number, unit=new_lead.code)
        self._lapse_requests("return_upheld", at)
        self._end_wait(at, policy, "return_upheld")
        if self.state is State.SUSPENDED:
            self._resume_by_rule(at, policy, "return_upheld")
        self._uphold_return(part, actor, at, words)
        basis = "designation" if self.hops > 1 else "return_upheld"
        self._send([new_lead.code], basis, actor, at, policy)

    def _uphold_return(
        self, part: Assignment, actor: Actor, at: datetime, words: Sequence[Said]
    ) -> None:
        window = self._clock(ClockKind.ADJUDICATE, part.unit)
        asked_late = window is not None and window.started_at > part.respond_due
        self._record(
            ReturnUpheld,
            actor,
            at,
            clocks=self._stopped_of(part.unit, at, ClockKind.ADJUDICATE, ClockKind.RESPOND),
            words=words,
            unit=part.unit,
            late=asked_late,
        )

    def _reject_return(
        self,
        part: Assignment,
        actor: Actor,
        at: datetime,
        words: Sequence[Said] = (),
        *,
        timed_out: bool,
    ) -> None:
        self._record(
            ReturnRejected,
            actor,
            at,
            clocks=self._stopped_of(part.unit, at, ClockKind.ADJUDICATE),
            words=words,
            unit=part.unit,
            timed_out=timed_out,
        )

    def _reject_return_by_rule(self, part: Assignment, at: datetime) -> None:
        self._reject_return(part, SYSTEM, at, timed_out=True)

    def _withdraw_return(self, part: Assignment, actor: Actor, at: datetime) -> None:
        if part.return_pending:
            stopped = self._stopped_of(part.unit, at, ClockKind.ADJUDICATE)
            self._record(ReturnWithdrawn, actor, at, clocks=stopped, unit=part.unit)

    def _end_adjudication_window(self, clock: Clock, at: datetime) -> None:
        waiting = next((p for p in self.pending_returns if p.unit == clock.unit), None)
        if waiting is not None:
            self._reject_return(waiting, SYSTEM, at, timed_out=True)
