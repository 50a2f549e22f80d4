"""The work on an imported whistle: extensions, suspensions, submissions, reworks, follow-ups."""

from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from tracker.domain.promises.clocks import Clock, ClockKind
from tracker.domain.whistle.events import State
from tracker.domain.whistle.following_up import ClosureProposed, FollowedUp, ReworkOrdered
from tracker.domain.whistle.pausing import ExtensionGranted, ExtensionRequested, Resumed, Suspended
from tracker.domain.whistle.resolving import Submitted, VerificationFailed, VerificationPassed
from tracker.domain.whistle.responding import Started
from tracker.imports.facts import Verdict
from tracker.imports.history_builder import IMPORT, HistoryBuilder

REVIEW_AFTER = timedelta(days=30)  # for a suspension without a review date in the facts


class Work(HistoryBuilder):
    """From the first extension to the last follow-up."""

    def _plan_work(self) -> None:
        facts = self.facts
        self._plan_extensions()
        for start, end in facts.suspensions:
            self.at(start, partial(self._suspended, end))
            if end is not None:
                self.at(end, partial(self._resumed, start))
        self._plan_submissions()

    def _plan_extensions(self) -> None:
        """The facts lack the time: the response, or the dispatch if the response was late."""
        lead = next((turn for turn in self.facts.turns if turn.lead), None)
        if lead is None:
            return
        due = self.facts.original_resolve_due
        at = self.facts.responded_at or lead.assigned_at
        at = lead.assigned_at if due is not None and at > due else at
        for count in range(1, self.facts.extensions + 1):
            self.at(at, partial(self._extended, count))

    def _extended(self, count: int, at: datetime) -> None:
        self.record(ExtensionRequested, at, unit=self.whistle.lead)
        moved = self._moved(extensions=count)
        self.record(ExtensionGranted, at, clocks=[moved], count=count)

    def _moved(self, **changes: Any) -> Clock:
        self.moves_left -= 1
        due = self.facts.resolve_due if self.moves_left == 0 else None
        return self._promised(self.whistle._resolve_clock(self.policy, **changes), due)

    def _begun(self, at: datetime) -> None:
        if self.whistle.state in (State.RESPONDED, State.DISPATCHED):
            self.record(Started, at, State.IN_PROGRESS, unit=self.whistle.lead)

    def _suspended(self, end: datetime | None, at: datetime) -> None:
        self._begun(at)
        self.record(
            Suspended,
            at,
            State.SUSPENDED,
            [self.whistle.clocks[ClockKind.RESOLVE].hold(at)],
            review_on=(end or at + REVIEW_AFTER).astimezone(self.policy.calendar.timezone).date(),
            reason_code=None,
            proposed_by=IMPORT.account,
        )

    def _resumed(self, start: datetime, at: datetime) -> None:
        moved = self._moved(pauses=(*self.whistle.pauses, (start, at)))
        self.record(Resumed, at, State.IN_PROGRESS, [moved], basis="command", paused_from=start)

    def _plan_submissions(self) -> None:
        """A submission between two reworks has no time in the facts: just before the second."""
        facts = self.facts
        submitted = facts.first_submitted_at or facts.resolved_at
        for rework in facts.reworks:
            self.at(submitted or rework, self._submitted)
            if facts.verdict is not None and facts.verdict.at == rework:
                self.at(submitted or rework, self._verified)
                self.at(rework, partial(self._record_verdict, facts.verdict))
                self.at(rework, self._rework_ordered)
            else:
                self.at(rework, self._failed)
            later = [time for time in facts.reworks if time > rework]
            submitted = later[0] if later else facts.resolved_at
        if submitted is not None:
            self.at(submitted, self._submitted)
        if facts.resolved_at is not None:
            self.at(facts.resolved_at, self._verified)
        if facts.verdict is not None and facts.verdict.at not in facts.reworks:
            self.at(facts.verdict.at, partial(self._record_verdict, facts.verdict))
            if facts.verdict.method == "unreachable_x3":
                self._plan_attempts(facts.verdict.at, facts.closed_at)

    def _plan_attempts(self, first: datetime, closed_at: datetime | None) -> None:
        """The second and third call; the last one just before the closing."""
        last = closed_at or first
        for moment in (first + (last - first) / 2, last):
            self.at(moment, self._record_call)

    def _submitted(self, at: datetime) -> None:
        self._begun(at)
        held = self.whistle.clocks[ClockKind.RESOLVE].hold(at)
        control = [c.stop(at) for c in self.whistle._running(ClockKind.CONTROL)]
        self.record(
            Submitted,
            at,
            State.SUBMITTED,
            [held, *control],
            unit=self.whistle.lead,
            cycle=self.whistle.cycle,
        )

    def _verified(self, at: datetime) -> None:
        done = self.whistle.clocks[ClockKind.RESOLVE].stop(self.whistle.submitted_at or at)
        clocks = [done]
        if self.policy.sla_class(self.facts.sla_class).follow_up is not None:
            clocks.append(self.policy.clock(ClockKind.FOLLOW_UP, self.facts.sla_class, at))
        self.record(VerificationPassed, at, State.VERIFIED, clocks, cycle=self.whistle.cycle)

    def _failed(self, at: datetime) -> None:
        self.record(
            VerificationFailed,
            at,
            State.IN_PROGRESS,
            [self._running_again()],
            cycle=self.whistle.cycle,
            waited_from=self._waited_from(at),
        )

    def _waited_from(self, at: datetime) -> datetime | None:
        """The first wait of a cycle is not charged."""
        return None if self.whistle.sent_back else self.whistle.submitted_at or at

    def _running_again(self) -> Clock:
        """The resolve clock runs on: its due time in the facts includes the waiting times."""
        return replace(self.whistle.clocks[ClockKind.RESOLVE], held_at=None, stopped_at=None)

    def _record_verdict(self, verdict: Verdict | None, at: datetime) -> None:
        assert verdict is not None
        method = "unreachable" if verdict.method == "unreachable_x3" else verdict.method
        self._followed_up(at, method, verdict.resolved, verdict.rating)
        closes = verdict.resolved is False and at not in self.facts.reworks
        if closes and self.facts.closed_at is not None:
            self.record(ClosureProposed, at)

    def _record_call(self, at: datetime) -> None:
        self._followed_up(at, "unreachable", None, None)

    def _followed_up(
        self, at: datetime, method: str, resolved: bool | None, rating: int | None
    ) -> None:
        self.record(
            FollowedUp,
            at,
            resolved=resolved,
            rating=None if self.facts.anonymous else rating,
            method=method,
            attempt=len(self.whistle.attempts) + 1,
            counted=True,
            cycle=self.whistle.cycle,
            called_at=None,
            declined=False,
            remark=rating if self.facts.anonymous else None,
        )

    def _rework_ordered(self, at: datetime) -> None:
        stopped = [c.stop(at) for c in self.whistle._running(ClockKind.FOLLOW_UP)]
        clocks = [*stopped, self._running_again()]
        self.record(
            ReworkOrdered,
            at,
            State.IN_PROGRESS,
            clocks,
            cycle=self.whistle.cycle,
            waited_from=self._waited_from(at),
        )
