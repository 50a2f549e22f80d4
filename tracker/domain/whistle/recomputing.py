"""补历重算: the calendar of a missing year arrives, and provisional due times become certain."""

from dataclasses import replace
from datetime import datetime
from typing import ClassVar

from tracker.domain.actors import SYSTEM
from tracker.domain.promises.clocks import Clock, ClockKind, SlaPolicy
from tracker.domain.whistle.assignment import Assignment
from tracker.domain.whistle.events import Event
from tracker.domain.whistle.lifecycle import Lifecycle
from tracker.domain.whistle.memory import Memory
from tracker.domain.whistle.refusals.overseeing import NothingToRecompute


class DeadlinesRecomputed(Event):
    """A missing year's calendar arrived: provisional due times became certain.

    Those of stopped clocks too: whether it was on time is decided again. `parts` are the units'
    parts whose due times have moved.
    """

    TOPIC: ClassVar[str] = "whistle.deadlines_recomputed"
    years: tuple[int, ...]
    parts: tuple[Assignment, ...] = ()

    def assign(self, whistle: Memory) -> None:
        for part in self.parts:
            whistle.put(part)


class Recomputing(Lifecycle):
    """Recompute deadlines."""

    @property
    def provisional_clocks(self) -> list[Clock]:
        """The clocks that count on a year whose calendar is not known, warnings included.

        One that is held is computed anyway when it goes on, or when it is stopped.
        """
        return [c for c in self.clocks.values() if c.missing_years and c.held_at is None]

    def recompute_deadlines(self, *, at: datetime, policy: SlaPolicy) -> None:
        """Compute provisional due times again under `policy`, whose calendar has grown.

        Raises NothingToRecompute when none of the missing years is known to it.
        """
        clocks, years = [], set[int]()
        for clock in self.provisional_clocks:
            known = set(clock.missing_years) & set(policy.calendar.years)
            if known:
                years |= known
                clocks.append(self._again(clock, policy))
        if not clocks:
            raise NothingToRecompute(number=self.number)
        self._record(
            DeadlinesRecomputed,
            SYSTEM,
            at,
            clocks=clocks,
            years=tuple(sorted(years)),
            parts=self._parts_again(policy),
        )

    def _again(self, clock: Clock, policy: SlaPolicy) -> Clock:
        if clock.is_promise:
            again = self._computed_again(clock, policy)
        else:
            promised = policy.as_promised(clock.policy_version)
            again = promised.window(
                clock.kind,
                self._window_limit(clock.kind, promised),
                clock.started_at,
                unit=clock.unit,
                cycle=clock.cycle,
            )
        return replace(again, stopped_at=clock.stopped_at)

    def _parts_again(self, policy: SlaPolicy) -> tuple[Assignment, ...]:
        """The current parts whose due times differ under the calendar that has grown."""
        again = [(part, self._part_again(part, policy)) for part in self.assignments]
        return tuple(new for part, new in again if part.current and new != part)

    def _part_again(self, part: Assignment, policy: SlaPolicy) -> Assignment:
        sla_class, cycle = part.sla_class or self.sla_class, part.cycle
        respond = self._clock(ClockKind.RESPOND, part.unit)
        if respond is None or not (respond.missing_years or self._resolves_in_doubt):
            return part
        due = self._again(respond, policy).due if respond.missing_years else part.respond_due
        promised = policy.as_promised(respond.policy_version)
        resolve = promised.clock(ClockKind.RESOLVE, sla_class, part.assigned_at, cycle=cycle)
        return replace(part, respond_due=due, resolve_due=resolve.due)

    @property
    def _resolves_in_doubt(self) -> bool:
        return any(c.missing_years for c in self.clocks.values() if c.kind is ClockKind.RESOLVE)
