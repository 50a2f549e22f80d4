"""The clocks that a class promises: started, computed again, carried into another class."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from tracker.domain.promises.clocks import (
    EMERGENCY,
    Clock,
    ClockKind,
    Mark,
    Pause,
    SlaPolicy,
    WorkCalendar,
)
from tracker.domain.promises.sla_classes import A_WORKING_DAY, PROMISES, stricter
from tracker.domain.whistle.assignment import Assignment
from tracker.domain.whistle.recording import Recording
from tracker.domain.whistle.states import BEFORE_DISPATCH, State


class ClassClocks(Recording):
    """The whistle's clocks of its class, computed from what was promised and has changed since."""

    def _resolve_clock(
        self,
        policy: SlaPolicy,
        *,
        sla_class: str | None = None,
        start: datetime | None = None,
        pauses: Sequence[Pause] | None = None,
        extensions: int | None = None,
        not_before: datetime | None = None,
    ) -> Clock:
        """The whistle's resolve clock, computed again from its start; None: as it stands.

        Under the version that promised it, unless another class makes it another promise.
        """
        old = self._clock(ClockKind.RESOLVE)
        if old is not None and old.cycle != self.cycle:
            old = None
        if old is not None and sla_class is None:
            policy = policy.as_promised(old.policy_version)
        promised_as = old.sla_class if old and sla_class is None else None
        begun = old.started_at if old else self.cycle_started_at
        clock = policy.clock(
            ClockKind.RESOLVE,
            sla_class or promised_as or self.sla_class,
            start or begun,
            cycle=self.cycle,
            pauses=self.pauses if pauses is None else pauses,
            extensions=self.extensions if extensions is None else extensions,
            reached=old.reached if old else (),
            not_before=not_before,
        )
        return replace(clock, sla_class=promised_as)

    def _back_from_waiting(self, policy: SlaPolicy, at: datetime) -> tuple[datetime | None, Clock]:
        """Since when it waited for a check or verdict, and the resolve clock, which runs again.

        The first wait of a cycle is a pause; later ones run on, and then it is None (domain.md §5,
        arithmetic 7).
        """
        if self.sent_back:
            return None, self._resolve_clock(policy)
        waited_from = self.submitted_at or at
        return waited_from, self._resolve_clock(policy, pauses=(*self.pauses, (waited_from, at)))

    def _resolve_into_class(
        self, policy: SlaPolicy, pauses: Sequence[Pause], at: datetime
    ) -> Clock:
        """The resolve clock that was held, in a class that may not pause (domain.md §4.5, §4.2
        classify).

        Its due is computed from the registration, but a shorter class gives its respond limit from
        `at`. E1 keeps the due that it had, of which `Consequences` takes the day from now.
        """
        held, part = self.clocks[ClockKind.RESOLVE], self.assignment_of(self.lead)
        before = held.sla_class or (part.sla_class if part else None) or self.sla_class
        if self.sla_class == EMERGENCY:
            promised = policy.as_promised(held.policy_version)
            return self._resolve_clock(promised, pauses=pauses, sla_class=before)
        shorter = stricter(self.sla_class, before)
        floor = policy.due(policy.classes[self.sla_class].respond, at).at if shorter else None
        return self._resolve_clock(policy, pauses=pauses, not_before=floor)

    def _computed_again(
        self, clock: Clock, policy: SlaPolicy, start: datetime | None = None
    ) -> Clock:
        """A clock of the class under the version that promised it; None: from its own start."""
        if clock.kind is ClockKind.RESOLVE:
            return self._resolve_clock(policy, start=start)
        again = policy.as_promised(clock.policy_version).clock(
            clock.kind,
            clock.sla_class or self.sla_class,
            start or clock.started_at,
            unit=clock.unit,
            cycle=clock.cycle,
            reached=clock.reached,
            limit=A_WORKING_DAY if self._is_audit(clock.kind) else None,
        )
        again = replace(again, sla_class=clock.sla_class)
        return again if clock.unit is None else cards_only(again)

    def _check_clock(self, policy: SlaPolicy, at: datetime) -> Clock:
        """verify-by, from `at`: the post owes a check. Of a self-resolution, in a working day."""
        limit = A_WORKING_DAY if self._is_audit(ClockKind.VERIFY) else None
        return policy.clock(ClockKind.VERIFY, self.sla_class, at, cycle=self.cycle, limit=limit)

    def _is_audit(self, kind: ClockKind) -> bool:
        return kind is ClockKind.VERIFY and self.state in (*BEFORE_DISPATCH, State.SELF_RESOLVED)

    def _clocks_of_class(self, policy: SlaPolicy, sla_class: str, at: datetime) -> list[Clock]:
        """The whistle's running clocks under another class; control stops where it has none.

        To a shorter class, no due time is earlier than its respond limit from `at`. What was
        missed stays missed. E1 is left out: its due times are set where units are sent
        (consequences.py).
        """
        if sla_class in (self.sla_class, EMERGENCY):
            return []
        shorter = stricter(sla_class, self.sla_class)
        wanted = policy.classes[sla_class]
        floor = policy.due(wanted.respond, at).at if shorter else None
        own = [c for c in self._running(ClockKind.RESPOND, ClockKind.RESOLVE) if c.unit is None]
        clocks = [
            self._own_clock_as(old, policy, sla_class, not_before=floor)
            for old in own
            if not old.missed_by(at)
        ]
        return [*clocks, *self._stopped(at, ClockKind.CONTROL)]

    def _own_clock_as(
        self,
        old: Clock,
        policy: SlaPolicy,
        sla_class: str,
        *,
        not_before: datetime | None = None,
        not_after: datetime | None = None,
    ) -> Clock:
        """The whistle's respond or resolve clock under another class, from its own start."""
        resolve = old.kind is ClockKind.RESOLVE
        clock = policy.clock(
            old.kind,
            sla_class,
            self.cycle_started_at if resolve else old.started_at,
            cycle=self.cycle,
            pauses=self.pauses if resolve else (),
            extensions=self.extensions if resolve else 0,
            reached=old.reached,
            not_before=not_before,
            not_after=not_after,
        )
        return replace(clock, held_at=old.held_at)

    def _part_of_class(
        self, part: Assignment, policy: SlaPolicy, at: datetime
    ) -> tuple[Assignment, list[Clock]]:
        """The part with due times of the whistle's class, and its clock, if that still runs.

        domain.md §4.5: the later of the whistle's own due and the limit from its assignment; in a
        shorter class never less than the respond limit from `at`. Stopped and missed ones stay.
        """
        sla = policy.classes[self.sla_class]
        shorter = part.sla_class is not None and stricter(self.sla_class, part.sla_class)
        floor = policy.due(sla.respond, at).at if shorter else None
        old = self._clock(ClockKind.RESPOND, part.unit)
        clocks = []
        respond_due, resolve_due = part.respond_due, part.resolve_due
        if old is not None and old.running and not old.missed_by(at):
            own = self.clocks[ClockKind.RESPOND].due
            again = policy.clock(
                ClockKind.RESPOND,
                self.sla_class,
                part.assigned_at,
                unit=part.unit,
                cycle=part.cycle,
                reached=old.reached,
                not_before=max(own, floor) if floor else own,
            )
            clocks = [cards_only(again)]
            respond_due = again.due
        if self.submitted_at is None and part.resolve_due >= at:
            resolve_due = policy.clock(
                ClockKind.RESOLVE, self.sla_class, part.assigned_at, cycle=part.cycle,
                not_before=floor,
            ).due  # fmt: skip
        moved = replace(
            part, respond_due=respond_due, resolve_due=resolve_due, sla_class=self.sla_class
        )
        return moved, clocks

    def _clocks_resumed(self, policy: SlaPolicy) -> list[Clock]:
        """Respond and resolve run again from the start of the cycle, as if never stopped."""
        respond = self._computed_again(
            self.clocks[ClockKind.RESPOND], policy, self.cycle_started_at
        )
        waiting = [] if self.responded_at else [respond]
        return [*waiting, self._resolve_clock(policy)]

    def _after_pause(
        self, clock: Clock, policy: SlaPolicy, begin: datetime, end: datetime
    ) -> Clock:
        """A clock that ran until `begin` and runs again from `end`; one on hold waits on.

        A pause outside a suspension stops every class, also those that cannot be suspended.
        """
        if clock.held_at is not None:
            return clock
        promised = policy.as_promised(clock.policy_version)
        sla = promised.sla_class(clock.sla_class or self.sla_class)
        limit = sla.limit(clock.kind, clock.cycle) if (clock.kind in PROMISES) else sla.respond
        whole_days = (clock.kind in PROMISES) and limit.unit == "working_days"

        def moved(moment: datetime) -> datetime:
            return paused(promised.calendar, limit.natural, moment, begin, end)

        marks = {mark: moved(moment) for mark, moment in clock.marks.items()}
        due = moved(clock.due)
        if whole_days:
            due = paused_by_days(promised.calendar, clock.due, begin, end)
        marks[Mark.RED] = due
        calendar = promised.calendar
        missing = calendar.missing_years(calendar.date_of(clock.started_at), calendar.date_of(due))
        years = () if limit.natural else missing
        return replace(clock, due=due, marks=marks, provisional=bool(years), missing_years=years)

    def _due_after_pause(
        self, due: datetime, policy: SlaPolicy, begin: datetime, end: datetime
    ) -> datetime:
        """The unit's own resolve due, as `_after_pause` moves a clock."""
        limit = policy.sla_class(self.sla_class).limit(ClockKind.RESOLVE, self.cycle)
        if limit.unit == "working_days":
            return paused_by_days(policy.calendar, due, begin, end)
        return paused(policy.calendar, limit.natural, due, begin, end)


def paused(
    calendar: WorkCalendar, natural: bool, moment: datetime, begin: datetime, end: datetime
) -> datetime:
    """The moment, later by what of the pause counts; one before the pause stays."""
    if moment <= begin:
        return moment
    if natural:
        return moment + (end - begin)
    return calendar.advance(end, calendar.between(begin, moment))


def paused_by_days(
    calendar: WorkCalendar, due: datetime, begin: datetime, end: datetime
) -> datetime:
    """A due at a close of business, later by the closes of business in the pause (§5, rule 5)."""
    days = calendar.closings(begin, end) if due > begin else 0
    return calendar.close(calendar.working_day(days, after=calendar.date_of(due))) if days else due


def clocks_from(policy: SlaPolicy, sla_class: str, start: datetime) -> tuple[Clock, ...]:
    """The whistle's own clocks of a class from `start`: respond, resolve, and control for E1."""
    kinds = [ClockKind.RESPOND, ClockKind.RESOLVE]
    if policy.classes[sla_class].control is not None:
        kinds.insert(1, ClockKind.CONTROL)
    return tuple(policy.clock(kind, sla_class, start) for kind in kinds)


def cards_only(clock: Clock) -> Clock:
    """A unit's clock gives cards alone: it is the whistle's own clock that escalates."""
    cards: Mapping[Mark, datetime] = {
        mark: moment for mark, moment in clock.marks.items() if mark in (Mark.YELLOW, Mark.RED)
    }
    return replace(clock, marks=cards)
