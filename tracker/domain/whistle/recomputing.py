"""补历重算: the calendar of a missing year arrives, and provisional due times become certain."""

from datetime import datetime
from typing import ClassVar

from tracker.domain.actors import SYSTEM
from tracker.domain.promises.clocks import Clock, ClockKind, SlaPolicy
from tracker.domain.whistle.events import Event
from tracker.domain.whistle.lifecycle import Lifecycle
from tracker.domain.whistle.refusals.overseeing import NothingToRecompute


class DeadlinesRecomputed(Event):
    """A missing year's calendar arrived: provisional due times became certain."""

    TOPIC: ClassVar[str] = "whistle.deadlines_recomputed"
    years: tuple[int, ...]


class Recomputing(Lifecycle):
    """Recompute deadlines."""

    @property
    def provisional_clocks(self) -> list[Clock]:
        """The clocks that count on a year whose calendar is not known, warnings included."""
        return [c for c in self._running(*ClockKind) if c.missing_years and c.held_at is None]

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
        self._record(DeadlinesRecomputed, SYSTEM, at, clocks=clocks, years=tuple(sorted(years)))

    def _again(self, clock: Clock, policy: SlaPolicy) -> Clock:
        if clock.is_promise:
            return self._computed_again(clock, policy)
        promised = policy.as_promised(clock.policy_version)
        return promised.window(
            clock.kind,
            self._window_limit(clock.kind, promised),
            clock.started_at,
            unit=clock.unit,
            cycle=clock.cycle,
        )
