"""延期、挂账: a later deadline; a suspension of what cannot be done now."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import ClassVar

from tracker.domain.actors import SYSTEM, Actor, Role
from tracker.domain.promises.clocks import Clock, ClockKind, Duration, Mark, SlaPolicy
from tracker.domain.whistle.events import Event
from tracker.domain.whistle.guarding import is_city
from tracker.domain.whistle.lifecycle import Lifecycle
from tracker.domain.whistle.memory import Memory, Proposal
from tracker.domain.whistle.refusals.pausing import (
    CITYS,
    STREETS,
    ExtensionPending,
    NoExtensionLeft,
    NoExtensionPending,
    NotASuspendReason,
    NotPausable,
    NotTheApprover,
    RequesterCannotDecide,
    ReviewTooFar,
    ReviewTooSoon,
    SafetyMeasureNeeded,
    TooLateToExtend,
    TooLateToSuspend,
    WaitedAlready,
    approver_named,
)
from tracker.domain.whistle.said import Said
from tracker.domain.whistle.states import State

DECISION = Duration(4, "working_hours")
STREET_LIMIT = timedelta(days=30)
# As the classes of the policy say; the guard has no policy at hand.
NEVER_PAUSED = frozenset({"E1", "U2", "C6"})
WAIT_FOR_REPORTER = "waiting_for_reporter"
SUSPEND_REASONS = (
    *("season", "procurement", "litigation", "third_party_permission", "multi_year_project"),
    WAIT_FOR_REPORTER,
)
WAIT_LIMIT = Duration(2, "working_days")
APPROVERS = {
    STREETS: frozenset({Role.DISPATCHER, Role.COMMANDER, Role.DEPUTY_COMMANDER, Role.CITY_CENTRE}),
    CITYS: frozenset({Role.SUPERVISOR, Role.CITY_CENTRE}),
}


class ExtensionRequested(Event):
    """More time is asked for; the clock runs on until it is granted."""

    TOPIC: ClassVar[str] = "whistle.extension_requested"
    unit: str

    def assign(self, whistle: Memory) -> None:
        whistle.extension_by = self.by


class ExtensionGranted(Event):
    """The deadline moves, counted from the original start; the reporter is told.

    Granted after the due, it un-misses it: `MissLifted` follows.
    """

    TOPIC: ClassVar[str] = "whistle.extension_granted"
    count: int

    def assign(self, whistle: Memory) -> None:
        whistle.extension_by, whistle.extensions = None, self.count


class ExtensionRefused(Event):
    """The deadline stays. `timed_out`: nobody decided in time."""

    TOPIC: ClassVar[str] = "whistle.extension_refused"
    timed_out: bool

    def assign(self, whistle: Memory) -> None:
        whistle.extension_by = None


class SuspensionProposed(Event):
    """The lead asks to suspend it; somebody else approves, within four working hours."""

    TOPIC: ClassVar[str] = "whistle.suspension_proposed"
    review_on: date
    reason_code: str | None

    def assign(self, whistle: Memory) -> None:
        whistle.proposals["suspend"] = Proposal(
            self.by, self.timestamp, reason_code=self.reason_code, review_on=self.review_on
        )


class SuspensionRefused(Event):
    """It is not suspended: nobody approved it in time."""

    TOPIC: ClassVar[str] = "whistle.suspension_refused"
    timed_out: bool

    def assign(self, whistle: Memory) -> None:
        whistle.proposals.pop("suspend", None)


class Suspended(Event):
    """挂账: the resolve clock is held until the review date or an earlier resume."""

    TOPIC: ClassVar[str] = "whistle.suspended"
    review_on: date
    reason_code: str | None
    proposed_by: str

    def assign(self, whistle: Memory) -> None:
        whistle.proposals.pop("suspend", None)
        whistle.review_on = self.review_on
        if self.reason_code == WAIT_FOR_REPORTER:
            whistle.waited_for_reporter = True


class Resumed(Event):
    """Work goes on; the pause is not charged."""

    TOPIC: ClassVar[str] = "whistle.resumed"
    basis: str  # review (the date came), command, class, emergency; where the lead ended, why
    paused_from: datetime

    def assign(self, whistle: Memory) -> None:
        whistle.pauses.append((self.paused_from, self.timestamp))
        whistle.suspensions.append((self.paused_from, self.timestamp))
        whistle.review_on = None


class Pausing(Lifecycle):
    """Extensions and suspensions."""

    @property
    def extension_pending(self) -> bool:
        """Whether a request waits for its decision: its window runs, and stops with the whistle."""
        return bool(self._running(ClockKind.DECIDE))

    def may_request_extension(self, actor: Actor, at: datetime) -> None:
        self._must_be_in(State.RESPONDED, State.IN_PROGRESS)
        self._must_lead(actor)
        if self.extension_pending:
            raise ExtensionPending(number=self.number)
        due = self.clocks[ClockKind.RESOLVE].due
        if at > due:
            raise TooLateToExtend(number=self.number, due=due)

    def request_extension(
        self, *, actor: Actor, at: datetime, policy: SlaPolicy, words: Sequence[Said] = ()
    ) -> None:
        """Ask for more time before the deadline, as often as the class allows."""
        self.may_request_extension(actor, at)
        promise = self.clocks[ClockKind.RESOLVE]
        promised = policy.as_promised(promise.policy_version).classes[self.sla_class]
        if self.extensions >= promised.extension_max or self.cycle > 1:
            raise NoExtensionLeft(number=self.number, sla_class=self.sla_class)
        deadline = promise.due
        closes = max(deadline, policy.due(DECISION, at).at)
        self._record(
            ExtensionRequested,
            actor,
            at,
            clocks=[policy.until(ClockKind.DECIDE, closes, at)],
            words=words,
            unit=actor.unit,
        )

    def may_decide_extension(self, actor: Actor, at: datetime) -> None:
        if not self.extension_pending:
            raise NoExtensionPending(number=self.number)
        if self.extension_by == actor.account:
            raise RequesterCannotDecide(number=self.number)

    def decide_extension(
        self,
        granted: bool,
        *,
        actor: Actor,
        at: datetime,
        policy: SlaPolicy,
        words: Sequence[Said] = (),
    ) -> None:
        """Grant or refuse it: the approver of the class, who is not the requester."""
        self.may_decide_extension(actor, at)
        approver = policy.classes[self.sla_class].extension_approver or CITYS
        if actor.role not in APPROVERS[approver]:
            raise NotTheApprover(number=self.number, approver=approver_named(approver))
        decided = self._stopped(at, ClockKind.DECIDE)
        if not granted:
            self._record(ExtensionRefused, actor, at, clocks=decided, words=words, timed_out=False)
            return
        old, count = self.clocks[ClockKind.RESOLVE], self.extensions + 1
        late = old.missed_by(at)
        if late and decided[0].started_at > old.due:
            raise TooLateToExtend(number=self.number, due=old.due)
        moved = replace(self._resolve_clock(policy, extensions=count), held_at=old.held_at)
        if late:
            warned = (mark for mark in (Mark.HALF, Mark.YELLOW) if mark in old.reached)
            moved = replace(moved, reached=tuple(m for m in warned if moved.marks[m] <= at))
        self._record(
            ExtensionGranted, actor, at, clocks=[*decided, moved], words=words, count=count
        )
        if late:
            self._lift_miss(old, actor, at)

    def _end_decision_window(self, at: datetime, policy: SlaPolicy) -> None:
        decided = self._stopped(at, ClockKind.DECIDE)
        self._record(ExtensionRefused, SYSTEM, at, clocks=decided, timed_out=True)

    def may_suspend(self, actor: Actor, at: datetime) -> None:
        self._must_be_in(State.IN_PROGRESS)
        if self.sla_class in NEVER_PAUSED:
            raise NotPausable(number=self.number, sla_class=self.sla_class)
        resolve = self.clocks[ClockKind.RESOLVE]
        if resolve.missed_by(at):
            raise TooLateToSuspend(number=self.number, due=resolve.due)
        if actor.unit is not None or "suspend" not in self.proposals:
            self._must_lead(actor)
        self._confirms("suspend", actor)

    def suspend(
        self,
        review_on: date,
        reason_code: str | None = None,
        *,
        actor: Actor,
        at: datetime,
        policy: SlaPolicy,
        words: Sequence[Said] = (),
    ) -> None:
        """Suspend it until `review_on`: the lead asks, somebody above approves in time.

        `reason_code` is one of SUSPEND_REASONS, and the words name an interim safety measure. The
        street approves up to 30 days in all, the city centre longer. Waiting for the reporter is
        allowed once, for two working days at most (domain.md §4.2).
        """
        self.may_suspend(actor, at)
        proposal = self._confirms("suspend", actor)
        if proposal is None:
            self._propose_suspension(review_on, reason_code, actor, at, policy, words)
            return
        review_on = proposal.review_on or review_on
        reason_code = proposal.reason_code
        self._must_fit_review(review_on, reason_code, at, policy)
        self._must_fit_approver(review_on, actor, at, policy)
        self._end_wait(at, policy, "suspended")
        self._record(
            Suspended,
            actor,
            at,
            to=State.SUSPENDED,
            clocks=[
                *self._stopped(at, ClockKind.APPROVE),
                self.clocks[ClockKind.RESOLVE].hold(at),
                policy.until(ClockKind.REVIEW, opening(review_on, policy), at),
            ],
            words=words,
            review_on=review_on,
            reason_code=reason_code,
            proposed_by=proposal.by,
        )

    def _propose_suspension(
        self,
        review_on: date,
        reason_code: str | None,
        actor: Actor,
        at: datetime,
        policy: SlaPolicy,
        words: Sequence[Said],
    ) -> None:
        if reason_code not in SUSPEND_REASONS:
            raise NotASuspendReason(
                number=self.number, reason=reason_code, known=", ".join(SUSPEND_REASONS)
            )
        if not any(word.kind == "note" for word in words):
            raise SafetyMeasureNeeded(number=self.number)
        self._must_fit_review(review_on, reason_code, at, policy)
        closes = policy.due(DECISION, at).at
        self._record(
            SuspensionProposed,
            actor,
            at,
            clocks=[policy.until(ClockKind.APPROVE, closes, at)],
            words=words,
            review_on=review_on,
            reason_code=reason_code,
        )

    def _must_fit_approver(
        self, review_on: date, actor: Actor, at: datetime, policy: SlaPolicy
    ) -> None:
        if actor.role not in APPROVERS[STREETS]:
            raise NotTheApprover(number=self.number, approver=approver_named(STREETS))
        before = self.suspended_days(policy)
        if before + (review_on - policy.calendar.date_of(at)) > STREET_LIMIT and not is_city(actor):
            left = max(0, (STREET_LIMIT - before).days)
            raise ReviewTooFar(number=self.number, days=left)

    def suspended_days(self, policy: SlaPolicy) -> timedelta:
        """How long it was suspended so far: whole days of the city, all suspensions together."""
        day = policy.calendar.date_of
        return sum((day(end) - day(begin) for begin, end in self.suspensions), timedelta())

    def _end_approval_window(self, at: datetime, policy: SlaPolicy) -> None:
        silent = self._stopped(at, ClockKind.APPROVE)
        self._record(SuspensionRefused, SYSTEM, at, clocks=silent, timed_out=True)

    def _must_fit_review(
        self, review_on: date, reason_code: str | None, at: datetime, policy: SlaPolicy
    ) -> None:
        if review_on <= policy.calendar.date_of(at):
            raise ReviewTooSoon(number=self.number, review_on=review_on)
        if reason_code != WAIT_FOR_REPORTER:
            return
        if self.waited_for_reporter:
            raise WaitedAlready(number=self.number)
        if opening(review_on, policy) > policy.due(WAIT_LIMIT, at).at:
            raise ReviewTooFar(number=self.number, days=WAIT_LIMIT.value)

    def may_resume(self, actor: Actor, at: datetime) -> None:
        self._must_be_in(State.SUSPENDED)

    def resume(
        self, *, actor: Actor, at: datetime, policy: SlaPolicy, words: Sequence[Said] = ()
    ) -> None:
        """End the suspension before its review date."""
        self.may_resume(actor, at)
        self._resume(actor, at, policy, "command", words)

    def _resume_by_rule(self, at: datetime, policy: SlaPolicy, basis: str) -> None:
        self._resume(SYSTEM, at, policy, basis)

    def _resume_into_class(self, at: datetime, policy: SlaPolicy) -> None:
        """Go on in a class that may not pause."""
        since = self.clocks[ClockKind.RESOLVE].held_at or at
        moved = self._resolve_into_class(policy, (*self.pauses, (since, at)), at)
        self._resume(SYSTEM, at, policy, "class", moved=moved)

    def _end_review_window(self, at: datetime, policy: SlaPolicy) -> None:
        self._resume(SYSTEM, at, policy, "review")

    def _resume(
        self,
        actor: Actor,
        at: datetime,
        policy: SlaPolicy,
        basis: str,
        words: Sequence[Said] = (),
        *,
        moved: Clock | None = None,
    ) -> None:
        held = self.clocks[ClockKind.RESOLVE].held_at or at
        moved = moved or self._resolve_clock(policy, pauses=(*self.pauses, (held, at)))
        self._record(
            Resumed,
            actor,
            at,
            to=State.IN_PROGRESS,
            clocks=[*self._stopped(at, ClockKind.REVIEW), moved],
            words=words,
            basis=basis,
            paused_from=held,
        )


def opening(day: date, policy: SlaPolicy) -> datetime:
    """When the city's offices open on `day`; on a day off, as on a working day."""
    opens: time = policy.calendar.hours[0][0]
    return datetime.combine(day, opens, policy.calendar.timezone)
