"""The units of an imported whistle: assigned, responding, returning; each has its own clock."""

from dataclasses import replace
from datetime import datetime
from functools import partial

from tracker.domain.promises.clocks import Clock, ClockKind
from tracker.domain.whistle.assignment import Assignment, Part
from tracker.domain.whistle.dispatching import CoAdded
from tracker.domain.whistle.events import State
from tracker.domain.whistle.responding import Responded
from tracker.domain.whistle.returning import ReturnRejected, ReturnRequested, ReturnUpheld
from tracker.domain.whistle.sending import Dispatched
from tracker.imports.facts import Turn
from tracker.imports.history_builder import HistoryBuilder


class Units(HistoryBuilder):
    """Assignments, responses and returns."""

    def _plan_turn(self, turn: Turn) -> None:
        first = next((t for t in self.facts.turns if t.lead), None)
        together = first is not None and not turn.lead and turn.assigned_at == first.assigned_at
        if turn.lead:
            self.at(turn.assigned_at, partial(self._sent, turn))
        elif not together:
            self.at(turn.assigned_at, partial(self._joined, turn))
        if turn.responded_at is not None:
            self.at(turn.responded_at, partial(self._responded, turn))
        if turn.returned_at is not None:
            self.at(turn.returned_at, partial(self._returned, turn))
        if turn.decided_at is not None:
            self.at(turn.decided_at, partial(self._decided, turn))

    def _task(self, turn: Turn) -> tuple[Assignment, Clock]:
        part = Part.LEAD if turn.lead else Part.CO
        task, clock = self.whistle._new_part(turn.unit, part, self.policy, turn.assigned_at)
        clock = self._promised(clock, turn.respond_due)
        return replace(task, respond_due=clock.due), clock

    def _sent(self, turn: Turn, at: datetime) -> None:
        helpers = [t for t in self.facts.turns if not t.lead and t.assigned_at == at]
        again = any(task.role is Part.LEAD for task in self.whistle.assignments)
        tasks = [self._task(t) for t in (turn, *([] if again else helpers))]
        self.record(
            Dispatched,
            at,
            State.DISPATCHED,
            [clock for _, clock in tasks],
            lead=tasks[0][0],
            co=tuple(task for task, _ in tasks[1:]),
            basis="return_upheld" if again else "command",
            rule="import",
        )

    def _joined(self, turn: Turn, at: datetime) -> None:
        task, clock = self._task(turn)
        self.record(CoAdded, at, clocks=[clock], assignment=task)

    def _responded(self, turn: Turn, at: datetime) -> None:
        waiting = self.whistle._running(ClockKind.RESPOND)
        mine = [c for c in waiting if c.unit == turn.unit or (c.unit is None and turn.lead)]
        first = turn.lead and self.whistle.state is State.DISPATCHED
        self.record(
            Responded,
            at,
            State.RESPONDED if first else None,
            [clock.stop(at) for clock in mine],
            unit=turn.unit,
            kind="call",
            lead=turn.lead,
            distance_m=None,
        )

    def _returned(self, turn: Turn, at: datetime) -> None:
        self.record(ReturnRequested, at, unit=turn.unit, reason_code=None, suggested_unit=None)

    def _decided(self, turn: Turn, at: datetime) -> None:
        assert turn.returned_at is not None
        if not turn.upheld:
            self.record(ReturnRejected, at, unit=turn.unit, timed_out=False)
            return
        task = self.whistle.assignment_of(turn.unit)
        late = task is not None and turn.returned_at > task.respond_due
        waiting = [c for c in self.whistle._running(ClockKind.RESPOND) if c.unit == turn.unit]
        to = State.TRIAGED if turn.lead else None
        stopped = [clock.stop(at) for clock in waiting]
        self.record(ReturnUpheld, at, to, stopped, unit=turn.unit, late=late)
