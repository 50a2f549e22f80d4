"""Replays one whistle under another policy: the same events, other due times.

A due time moves where the domain moves it: at a change of class, after a pause, at an extension,
when an older child is merged in.
Replayed under the policy in force, every due time comes out as promised.
"""

from collections.abc import Iterable, Mapping
from copy import copy
from dataclasses import dataclass, field
from datetime import datetime

from tracker.domain.promises.clocks import Clock, ClockKind
from tracker.domain.promises.working_time import Pause
from tracker.domain.whistle.events import Event
from tracker.domain.whistle.pausing import ExtensionGranted, Resumed
from tracker.domain.whistle.raising import Raised
from tracker.domain.whistle.reopening import Reopened
from tracker.domain.whistle.resolving import VerificationFailed
from tracker.metrics.cohorts import Cohort
from tracker.projections.rates.fold import MARKS, change, opened
from tracker.projections.rates.life import Cycle, Life
from tracker.projections.rates.placing import Placing, places
from tracker.reports.what_if.alternative import Alternative, Route

COHORTS = (Cohort.RESPONSE, Cohort.RESOLUTION)
Placings = Mapping[Cohort, Placing]


@dataclass(frozen=True)
class Replayed:
    """Its places in the cohorts of response and resolution, as promised and under the other policy.

    `leads`: the units that the two tables name for its category, where they differ.
    """

    life: Life
    promised: Placings
    other: Placings
    leads: tuple[str, str] | None


@dataclass
class OtherPromises:
    """The due times of the first cycle so far, under the other policy."""

    alternative: Alternative
    sla_class: str
    respond_due: datetime | None = None
    resolve_due: datetime | None = None
    pauses: list[Pause] = field(default_factory=list)
    extensions: int = 0
    over: bool = False  # reopened: what follows belongs to another cycle

    def follow(self, life: Life, event: Event, sla_class: str) -> None:
        """Take in an event that `life` already has. `sla_class`: under the other policy."""
        match event:
            case Resumed(paused_from=since) | VerificationFailed(waited_from=since):
                self.pauses.append((since, event.timestamp))
            case ExtensionGranted(count=count):
                self.extensions = count
        floor = self._floor(sla_class, event.timestamp)
        another_class, self.sla_class = sla_class != self.sla_class, sla_class
        if event.TOPIC in MARKS:
            return
        moved = {clock.kind for clock in event.clocks if _runs_on(clock)}
        if ClockKind.RESPOND in moved or (another_class and life.responded_at is None):
            self.respond_due = self._due(ClockKind.RESPOND, life, floor)
        if ClockKind.RESOLVE in moved or (another_class and life.cycles[0].resolved_at is None):
            self.resolve_due = self._due(ClockKind.RESOLVE, life, floor)

    def _floor(self, sla_class: str, at: datetime) -> datetime | None:
        """From a change to a stricter class on there is always its respond limit left."""
        classes = self.alternative.policy.classes
        if sla_class == self.sla_class or classes[sla_class].rank >= classes[self.sla_class].rank:
            return None
        return self.alternative.policy.due(classes[sla_class].respond, at).at

    def _due(self, kind: ClockKind, life: Life, floor: datetime | None) -> datetime:
        return self.alternative.policy.clock(
            kind,
            self.sla_class,
            life.started_at,
            pauses=tuple(self.pauses),
            extensions=self.extensions,
            not_before=floor,
        ).due


def _runs_on(clock: Clock) -> bool:
    """Whether it is a running clock of the whistle itself, of the first cycle."""
    return clock.unit is None and clock.cycle == 1 and clock.running


def replay(
    events: Iterable[Event], alternative: Alternative, promised: Mapping[str, Route]
) -> Replayed | None:
    """None for a stream without a `Raised`: nothing was known of the whistle yet."""
    life: Life | None = None
    other: OtherPromises | None = None
    for event in events:
        if isinstance(event, Raised):
            life = opened(event)
            other = OtherPromises(alternative, _class_of(life, alternative, promised))
        if life is None or other is None:
            return None
        change(life, event, None)
        other.over = other.over or isinstance(event, Reopened)
        if not other.over:
            other.follow(life, event, _class_of(life, alternative, promised))
    if life is None or other is None:
        return None
    return Replayed(
        life, _placings(life), _placings(_under(life, other)), _leads(life, alternative, promised)
    )


def _class_of(life: Life, alternative: Alternative, promised: Mapping[str, Route]) -> str:
    return alternative.class_of(life.category, life.sla_class, promised)


def _under(life: Life, other: OtherPromises) -> Life:
    """The same whistle with the other due times."""
    changed = copy(life)
    first: Cycle = copy(life.cycles[0])
    first.due = other.resolve_due
    changed.cycles = [first, *life.cycles[1:]]
    changed.respond_due, changed.sla_class = other.respond_due, other.sla_class
    return changed


def _placings(life: Life) -> Placings:
    found = places(life)
    return {cohort: found[cohort, 0] for cohort in COHORTS if (cohort, 0) in found}


def _leads(
    life: Life, alternative: Alternative, promised: Mapping[str, Route]
) -> tuple[str, str] | None:
    own = promised.get(life.category or "")
    new = alternative.routes.get(life.category or "")
    return (own.lead, new.lead) if own and new and own.lead != new.lead else None
