"""Time is an event: what falls due is recorded, dated at the moment at which it fell due.

Every command first lets time pass up to its own moment, so a stream is in order whether or not
the scheduler ran; the scheduler's sweep calls the same `elapse` and nothing else.
"""

from datetime import datetime
from typing import ClassVar

from tracker.domain.actors import SYSTEM
from tracker.domain.promises.clocks import Clock, ClockKind, Mark, SlaPolicy
from tracker.domain.whistle.events import Event
from tracker.domain.whistle.lifecycle import Lifecycle
from tracker.domain.whistle.memory import Memory


class DeadlineNeared(Event):
    """Half, or the yellow share, of a clock is used up."""

    TOPIC: ClassVar[str] = "whistle.deadline_neared"
    of_time: ClassVar[bool] = True
    kind: ClockKind
    unit: str | None
    mark: Mark
    due: datetime

    @property
    def shows_yellow(self) -> bool:
        """Whether the whistle's own card turns yellow, if it shows none."""
        return self.mark is Mark.YELLOW and not of_the_post(self)

    def assign(self, whistle: Memory) -> None:
        if self.shows_yellow and whistle.card == "none":
            whistle.card = "yellow"


class DeadlineMissed(Event):
    """A due time passed. Late completion does not take the card away."""

    TOPIC: ClassVar[str] = "whistle.deadline_missed"
    of_time: ClassVar[bool] = True
    kind: ClockKind
    unit: str | None
    due: datetime

    @property
    def shows_red(self) -> bool:
        """Whether the whistle's own card turns red."""
        return not of_the_post(self)

    def assign(self, whistle: Memory) -> None:
        if self.shows_red:
            whistle.card = "red"


class DeadlineOverrun(Event):
    """Half as long again (150 %), or twice as long (200 %), as was promised."""

    TOPIC: ClassVar[str] = "whistle.deadline_overrun"
    of_time: ClassVar[bool] = True
    kind: ClockKind
    unit: str | None
    mark: Mark
    due: datetime


def of_the_post(event: Event) -> bool:
    """Whether the clock is the post's: its cards leave the whistle's card as it is."""
    return any(clock.is_of_the_post for clock in event.clocks)


class ClockStuck(Exception):
    """A defect: a window ended without an event, and would end again for ever."""


class PassingTime(Lifecycle):
    """Cards, escalation, and the ends of windows."""

    def next_moment(self) -> tuple[datetime, Clock, Mark] | None:
        """The earliest mark of any clock that has not been recorded."""
        waiting = [(clock, found) for clock in self.clocks.values() if (found := clock.next_mark())]
        if not waiting:
            return None
        clock, (mark, moment) = min(waiting, key=lambda pair: pair[1][1])
        return moment, clock, mark

    def elapse(self, at: datetime, policy: SlaPolicy) -> None:
        """Record everything that fell due before `at`, in order, each at its own moment.

        A deadline is kept at its very second, so what is due at `at` itself has not passed yet.
        """
        while (found := self.next_moment()) is not None and found[0] < at:
            moment, clock, mark = found
            version = self.version
            if clock.is_promise:
                self._mark(clock, mark, moment)
            else:
                self._end_window(clock, moment, policy)
            if self.version == version:
                raise ClockStuck(f"{self.number}: {clock.key} fell due and nothing was recorded")

    def _mark(self, clock: Clock, mark: Mark, moment: datetime) -> None:
        reached, unit, due = [clock.reach(mark)], clock.unit, clock.due
        if mark is Mark.RED:
            self._record(
                DeadlineMissed, SYSTEM, moment, clocks=reached, kind=clock.kind, unit=unit, due=due
            )
        else:
            self._record(
                DeadlineNeared if mark in (Mark.HALF, Mark.YELLOW) else DeadlineOverrun,
                SYSTEM,
                moment,
                clocks=reached,
                kind=clock.kind,
                unit=unit,
                mark=mark,
                due=due,
            )
        if clock.unit is None and clock.climbs:
            self._escalate_for(clock, mark, moment)

    def _end_window(self, clock: Clock, moment: datetime, policy: SlaPolicy) -> None:
        match clock.kind:
            case ClockKind.POOL:
                self._end_pool_window(moment, policy)
            case ClockKind.ADJUDICATE:
                self._end_adjudication_window(clock, moment)
            case ClockKind.DECIDE:
                self._end_decision_window(moment, policy)
            case ClockKind.APPROVE:
                self._end_approval_window(moment, policy)
            case ClockKind.ANSWER:
                self._end_answer_window(moment, policy)
            case ClockKind.REVIEW:
                self._end_review_window(moment, policy)
            case ClockKind.VERIFY:
                self._end_verify_window(moment, policy)
            case ClockKind.AUDIT:
                self._end_audit_window(moment, policy)
