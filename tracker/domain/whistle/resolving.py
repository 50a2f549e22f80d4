"""办结、核查: the unit reports the work done, and somebody else checks it."""

from collections.abc import Collection, Sequence
from datetime import datetime
from functools import partial
from typing import ClassVar
from uuid import UUID

from tracker.domain.actors import SYSTEM, Actor
from tracker.domain.city.catalogue import Category
from tracker.domain.promises.clocks import Clock, ClockKind, SlaPolicy
from tracker.domain.whistle.assignment import Assignment, AssignmentState, Part
from tracker.domain.whistle.events import Event
from tracker.domain.whistle.lifecycle import Lifecycle
from tracker.domain.whistle.memory import Check, Memory
from tracker.domain.whistle.refusals.resolving import (
    AlreadyVerified,
    CoTasksOpen,
    FindingNeeded,
    HazardNotControlled,
    NotRespondedYet,
    SamePersonAgain,
    SamePicture,
)
from tracker.domain.whistle.refusals.triage import PhotosNeeded
from tracker.domain.whistle.said import Said
from tracker.domain.whistle.states import State, Verdict

ALWAYS_VERIFIED = frozenset({"E1", "U2", "X5"})


class CoFinished(Event):
    """A co-handler's part is done."""

    TOPIC: ClassVar[str] = "whistle.co_finished"
    unit: str

    def assign(self, whistle: Memory) -> None:
        whistle.turn_part(self.unit, AssignmentState.FINISHED)
        whistle.took_part(self.by)


class Submitted(Event):
    """The lead reports it done. The resolve clock is held until somebody else has checked."""

    TOPIC: ClassVar[str] = "whistle.submitted"
    unit: str
    cycle: int

    def assign(self, whistle: Memory) -> None:
        whistle.submitted_by, whistle.submitted_unit = self.by, self.unit
        whistle.submitted_at, whistle.extension_by = self.timestamp, None
        whistle.question_of = None
        whistle.check = None
        whistle.took_part(self.by)
        whistle.proposals.pop("suspend", None)
        whistle.settle_returns()


class VerificationPassed(Event):
    """Somebody other than the unit found it done; it was done when it was submitted."""

    TOPIC: ClassVar[str] = "whistle.verification_passed"
    cycle: int

    def assign(self, whistle: Memory) -> None:
        whistle.verified_by, whistle.verified_at = self.by, self.timestamp
        whistle.took_part(self.by)
        whistle.check = Check(self.by, Verdict.PASSED)


class VerificationWaived(Event):
    """Not in the sample: passed by the system when a check would have been due."""

    TOPIC: ClassVar[str] = "whistle.verification_waived"
    cycle: int

    def assign(self, whistle: Memory) -> None:
        whistle.verified_at = self.timestamp


class VerificationFailed(Event):
    """Not done: back to work. `waited_from`: the wait since then is not charged; None: it is, as
    every wait after the first of a cycle."""

    TOPIC: ClassVar[str] = "whistle.verification_failed"
    cycle: int
    waited_from: datetime | None

    def assign(self, whistle: Memory) -> None:
        whistle.send_back(self.waited_from, self.timestamp)
        whistle.verified_by = None
        whistle.took_part(self.by)
        whistle.check = Check(self.by, Verdict.FAILED)


class Resolving(Lifecycle):
    """Submit, verify."""

    def may_submit(self, actor: Actor, at: datetime) -> None:
        part = self.assignment_of(actor.unit)
        if part is not None and not part.leads:
            self._must_be_in(State.RESPONDED, State.IN_PROGRESS)
            return
        self._must_be_in(State.IN_PROGRESS)
        self._must_lead(actor)

    def submit(
        self,
        category: Category | None,
        *,
        actor: Actor,
        at: datetime,
        policy: SlaPolicy,
        words: Sequence[Said] = (),
        repeated: Collection[UUID] = (),
    ) -> None:
        """Report it done: the lead, when every co-handler has finished; a co-handler, its own part.

        `repeated`: those of its photos that show the same picture as one from before; they are no
        after-photo, which some categories ask for.
        """
        self.may_submit(actor, at)
        part = self._must_be_assigned(actor)
        if not part.leads:
            if part.awaits_response:
                raise NotRespondedYet(number=self.number, unit=part.unit)
            self._record(CoFinished, actor, at, words=words, unit=part.unit)
            return
        open_co = [a.unit for a in self.assignments if a.current and self._co_open(a)]
        if open_co:
            raise CoTasksOpen(number=self.number, units=", ".join(open_co))
        if self._running(ClockKind.CONTROL):
            raise HazardNotControlled(number=self.number)
        self._must_show_what_is_new(category, words, repeated)
        self._end_wait(at, policy, "submitted")
        self._record(
            Submitted,
            actor,
            at,
            to=State.SUBMITTED,
            clocks=self._clocks_at_submission(policy, at),
            words=words,
            unit=part.unit,
            cycle=self.cycle,
        )

    def _must_show_what_is_new(
        self, category: Category | None, words: Sequence[Said], repeated: Collection[UUID]
    ) -> None:
        shown = [word for word in words if word.kind == "photo"]
        if shown and all(word.id in repeated for word in shown):
            raise SamePicture(number=self.number)
        if category and category.photo_required and not shown:
            raise PhotosNeeded(number=self.number)

    @staticmethod
    def _co_open(part: Assignment) -> bool:
        return part.role is Part.CO and part.state is not AssignmentState.FINISHED

    def _clocks_at_submission(self, policy: SlaPolicy, at: datetime) -> list[Clock]:
        held = self.clocks[ClockKind.RESOLVE].hold(at)
        ended = (ClockKind.CONTROL, ClockKind.DECIDE, ClockKind.APPROVE, ClockKind.ADJUDICATE)
        clocks = [held, *self._stopped(at, *ended)]
        to_check = self.sla_class in ALWAYS_VERIFIED or self.sampled("verify")
        unsampled = partial(self._window, ClockKind.VERIFY)
        return [*clocks, (self._check_clock if to_check else unsampled)(policy, at)]

    def may_verify(self, actor: Actor, at: datetime) -> None:
        waiting = (State.SUBMITTED, State.SELF_RESOLVED)
        if self.check is not None and self.state not in waiting:
            raise AlreadyVerified(number=self.number, by=self.check.by, verdict=self.check.verdict)
        self._must_be_in(*waiting)
        if actor.unit is not None and actor.unit == self.submitted_unit:
            raise SamePersonAgain(number=self.number, by=actor.unit)
        doer = self.resolver if self.state is State.SELF_RESOLVED else self.submitted_by
        if actor.account == doer:
            raise SamePersonAgain(number=self.number, by=actor.account)

    def verify(
        self,
        passed: bool,
        *,
        actor: Actor,
        at: datetime,
        policy: SlaPolicy,
        words: Sequence[Said] = (),
    ) -> None:
        """Check somebody else's work; for a self-resolved whistle this is its audit."""
        self.may_verify(actor, at)
        if not passed and not words:
            raise FindingNeeded(number=self.number)
        if self.state is State.SELF_RESOLVED:
            self._audit_self_resolution(actor, at, policy, passed, words)
        elif passed:
            self._pass_verification(VerificationPassed, actor, at, policy, words)
        else:
            waited_from, resumed = self._back_from_waiting(policy, at)
            self._record(
                VerificationFailed,
                actor,
                at,
                to=self.back_to_work,
                clocks=[*self._stopped(at, ClockKind.VERIFY), resumed],
                words=words,
                cycle=self.cycle,
                waited_from=waited_from,
            )

    def _end_verify_window(self, at: datetime, policy: SlaPolicy) -> None:
        self._pass_verification(VerificationWaived, SYSTEM, at, policy)

    def _pass_verification(
        self,
        event: type[Event],
        actor: Actor,
        at: datetime,
        policy: SlaPolicy,
        words: Sequence[Said] = (),
    ) -> None:
        """It was done when it was submitted; the follow-up clock starts. Enquiries are sampled."""
        done = self.clocks[ClockKind.RESOLVE].stop(self.submitted_at or at)
        clocks = [done, *self._stopped(at, ClockKind.VERIFY)]
        asks = policy.classes[self.sla_class].follow_up is not None or self.sampled("call")
        if asks:
            clocks.append(policy.clock(ClockKind.FOLLOW_UP, self.sla_class, at, cycle=self.cycle))
        self._record(
            event, actor, at, to=State.VERIFIED, clocks=clocks, words=words, cycle=self.cycle
        )
        if not asks:
            self._close(SYSTEM, at, "not_sampled")
