"""退单、裁定: a unit returns a whistle as not its own, and somebody decides.

Until it is decided the first recipient stays the lead (首接负责), and the whistle's clocks run on.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import ClassVar

from tracker.domain.actors import SYSTEM, Actor
from tracker.domain.city.units import Unit
from tracker.domain.promises.clocks import EMERGENCY, ClockKind, SlaPolicy
from tracker.domain.whistle.assignment import Assignment, AssignmentState
from tracker.domain.whistle.events import Event
from tracker.domain.whistle.guarding import is_city
from tracker.domain.whistle.lifecycle import Lifecycle
from tracker.domain.whistle.memory import Memory
from tracker.domain.whistle.refusals.dispatching import NotOnDuty
from tracker.domain.whistle.refusals.returning import (
    AlreadyReturned,
    CityDecides,
    Designated,
    EmergencyNotReturnable,
    NewLeadNeeded,
    NoReturnPending,
    ReturnPending,
    ReturnTooLate,
)
from tracker.domain.whistle.said import Said
from tracker.domain.whistle.states import State
from tracker.domain.whistle.windows import RETURN_LIMIT


class ReturnRequested(Event):
    """The lead says that it is not its own. Until that is decided it stays the lead."""

    TOPIC: ClassVar[str] = "whistle.return_requested"
    unit: str
    reason_code: str | None
    suggested_unit: str | None

    def assign(self, whistle: Memory) -> None:
        whistle.turn_part(self.unit, AssignmentState.RETURN_PENDING)
        whistle.returned_units.append(self.unit)
        whistle.suggested_unit = self.suggested_unit


class ReturnUpheld(Event):
    """The unit was right. `late`: it asked after its own deadline, which stays missed."""

    TOPIC: ClassVar[str] = "whistle.return_upheld"
    unit: str
    late: bool

    def assign(self, whistle: Memory) -> None:
        whistle.turn_part(self.unit, AssignmentState.RETURNED)
        whistle.hops += 1


class ReturnRejected(Event):
    """The part stays with the unit, finally. `timed_out`: by a rule, and no judgement of the unit:
    nobody decided in time, or it became an emergency."""

    TOPIC: ClassVar[str] = "whistle.return_rejected"
    unit: str
    timed_out: bool

    def assign(self, whistle: Memory) -> None:
        whistle.settle_returns()


class Returning(Lifecycle):
    """Return, adjudicate."""

    @property
    def pending_return(self) -> Assignment | None:
        return next(
            (a for a in self.assignments if a.state is AssignmentState.RETURN_PENDING), None
        )

    def may_return(self, actor: Actor, at: datetime) -> None:
        self._must_be_in(State.DISPATCHED)
        part = self._must_lead(actor)
        if self.sla_class == EMERGENCY:
            raise EmergencyNotReturnable(number=self.number)
        if self.pending_return is not None:
            raise ReturnPending(number=self.number, unit=part.unit)
        if self.designated:
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
        """Ask within the respond limit of the class, and within one working day."""
        self.may_return(actor, at)
        part = self._must_lead(actor)
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
        if self.pending_return is None:
            raise NoReturnPending(number=self.number, lead=self.lead)
        if self._city_decides and not is_city(actor):
            raise CityDecides(number=self.number, suggested=self.suggested_unit)

    @property
    def _city_decides(self) -> bool:
        return self.decided_by_city(self.suggested_unit)

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
        words: Sequence[Said] = (),
    ) -> None:
        """Decide a return. Upheld: `new_lead` is sent, and after a second dispute designated."""
        self.may_adjudicate(actor, at)
        part = self.pending_return
        assert part is not None
        if not upheld:
            self._reject_return(part, actor, at, words, timed_out=False)
            return
        if new_lead is None or new_lead.code == part.unit:
            raise NewLeadNeeded(number=self.number, unit=part.unit)
        if not new_lead.whistle_duty:
            raise NotOnDuty(number=self.number, unit=new_lead.code)
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
        basis = "designation" if self.hops > 1 else "return_upheld"
        self._send([new_lead.code], basis, actor, at, policy)

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

    def _end_adjudication_window(self, at: datetime, policy: SlaPolicy) -> None:
        part = self.pending_return
        if part is not None:
            self._reject_return(part, SYSTEM, at, timed_out=True)
