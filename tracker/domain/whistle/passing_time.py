"""Time is an event: what falls due is recorded, dated at the moment at which it fell due.

Every command first lets time pass up to its own moment, so a stream is in order whether or not
the scheduler ran; the scheduler's sweep calls the same `elapse` and nothing else.
"""

from datetime import datetime

from tracker.domain.actors import SYSTEM
from tracker.domain.promises.clocks import Clock, ClockKind, Mark, SlaPolicy
from tracker.domain.whistle.overseeing import (
    CITY_LEVEL,
    PREFECTURE_LEVEL,
    DeadlineMissed,
    DeadlineNeared,
    DeadlineOverrun,
    Overseeing,
    SupervisionOpened,
)
from tracker.domain.whistle.pausing import Pausing
from tracker.domain.whistle.resolving import Resolving, VerificationWaived
from tracker.domain.whistle.returning import Returning

PROMISES = (ClockKind.RESPOND, ClockKind.CONTROL, ClockKind.RESOLVE, ClockKind.FOLLOW_UP)


class ClockStuck(Exception):
    """A defect: a window ended without an event, and would end again for ever."""


class PassingTime(Overseeing, Resolving, Returning, Pausing):
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
            if clock.kind in PROMISES:
                self._mark(clock, mark, moment)
            else:
                self._end_window(clock, moment, policy)
            if self.version == version:
                raise ClockStuck(f"{self.number}: {clock.key} fell due and nothing was recorded")

    def _mark(self, clock: Clock, mark: Mark, moment: datetime) -> None:
        reached = clock.reach(mark)
        if mark in (Mark.HALF, Mark.YELLOW):
            self._record(
                DeadlineNeared,
                SYSTEM,
                moment,
                clocks=[reached],
                kind=clock.kind,
                unit=clock.unit,
                mark=mark,
                due=clock.due,
            )
        elif mark is Mark.RED:
            self._record(
                DeadlineMissed,
                SYSTEM,
                moment,
                clocks=[reached],
                kind=clock.kind,
                unit=clock.unit,
                due=clock.due,
            )
        else:
            self._record(
                DeadlineOverrun,
                SYSTEM,
                moment,
                clocks=[reached],
                kind=clock.kind,
                unit=clock.unit,
                mark=mark,
                due=clock.due,
            )
        if clock.unit is None and clock.kind is not ClockKind.FOLLOW_UP:
            self._escalate_for(clock, mark, moment)

    def _escalate_for(self, clock: Clock, mark: Mark, moment: datetime) -> None:
        """Red and 150 %: one level up; E1 a quarter of an hour late, or 200 %: the city."""
        basis = f"{clock.kind} {mark}"
        if mark is Mark.RED and not self.supervised:
            self._record(SupervisionOpened, SYSTEM, moment, basis=basis)
        if mark in (Mark.RED, Mark.OVER_150):
            self._escalate_by_rule(min(self.level + 1, CITY_LEVEL), basis, moment)
        elif mark is Mark.CITY:
            self._escalate_by_rule(CITY_LEVEL, basis, moment)
        elif mark is Mark.OVER_200:
            above = PREFECTURE_LEVEL if self.level == CITY_LEVEL else CITY_LEVEL
            self._escalate_by_rule(above, basis, moment)

    def _end_window(self, clock: Clock, moment: datetime, policy: SlaPolicy) -> None:
        match clock.kind:
            case ClockKind.POOL:
                self._end_pool_window(moment, policy)
            case ClockKind.ADJUDICATE:
                self._time_out_return(moment)
            case ClockKind.REVIEW:
                self._resume(SYSTEM, moment, policy, "review")
            case ClockKind.VERIFY:
                self._pass_verification(VerificationWaived, SYSTEM, moment, policy)
            case ClockKind.DECIDE:
                self._time_out_extension(moment)
            case ClockKind.AUDIT:
                self._close_self_resolution(SYSTEM, moment, "window")
