"""Replays one whistle under another policy: the same events, other due times.

A due time moves where the domain moves it: at a change of class, after a pause, at an extension,
when an older child is merged in. What was missed by then stays missed.
Replayed under the policy in force, every due time comes out as promised.
"""

from collections.abc import Iterable, Mapping
from copy import copy
from dataclasses import dataclass, field
from datetime import datetime

from tracker.domain.promises.clocks import Clock, ClockKind
from tracker.domain.promises.sla_classes import EMERGENCY, stricter
from tracker.domain.promises.working_time import Pause
from tracker.domain.whistle.class_clocks import paused, paused_by_days
from tracker.domain.whistle.events import Event
from tracker.domain.whistle.following_up import ReworkOrdered
from tracker.domain.whistle.pausing import ExtensionGranted, Resumed
from tracker.domain.whistle.raising import Raised
from tracker.domain.whistle.reopening import Reopened, VoidOverturned
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
            case (
                Resumed(paused_from=since)
                | VerificationFailed(waited_from=since)
                | ReworkOrdered(waited_from=since)
            ) if since is not None:
                self.pauses.append((since, event.timestamp))
            case ExtensionGranted(count=count):
                self.extensions = count
        before, self.sla_class = self.sla_class, sla_class
        if isinstance(event, VoidOverturned):
            self._stand_still(life, event)
        elif sla_class != before:
            self._change_class(life, before, event.timestamp)
        elif event.TOPIC not in MARKS:
            self._follow_clocks(life, event)

    def _follow_clocks(self, life: Life, event: Event) -> None:
        moved = {clock.kind for clock in event.clocks if _runs_on(clock)}
        if ClockKind.RESPOND in moved:
            self.respond_due = self._due(ClockKind.RESPOND, life)
        if ClockKind.RESOLVE in moved:
            self.resolve_due = self._due(ClockKind.RESOLVE, life)

    def _change_class(self, life: Life, before: str, at: datetime) -> None:
        """What was missed or done stays; to a stricter class there is its respond limit left."""
        policy, first = self.alternative.policy, life.cycles[0]
        limit = policy.due(policy.classes[self.sla_class].respond, at).at
        floor = limit if stricter(self.sla_class, before) else None
        answers = life.responded_at is None and _still_runs(self.respond_due, at)
        works = (
            first.resolved_at is None and not first.waiting and _still_runs(self.resolve_due, at)
        )
        if self.sla_class == EMERGENCY:
            self._begin_emergency(at, answers=answers, works=works)
            return
        if answers:
            self.respond_due = self._due(ClockKind.RESPOND, life, floor)
        if works:
            self.resolve_due = self._due(ClockKind.RESOLVE, life, floor)

    def _begin_emergency(self, at: datetime, *, answers: bool, works: bool) -> None:
        """From now on as an E1, and never later than it was (domain.md §4.5)."""
        policy = self.alternative.policy
        sla = policy.classes[EMERGENCY]
        if answers and self.respond_due is not None:
            self.respond_due = min(self.respond_due, policy.due(sla.respond, at).at)
        if works and self.resolve_due is not None:
            due = min(self.resolve_due, policy.due(sla.resolve, at).at)
            self.resolve_due = max(due, policy.due(sla.control, at).at) if sla.control else due

    def _stand_still(self, life: Life, event: VoidOverturned) -> None:
        """The time as void is a pause of every class; what was missed before stays missed."""
        begin, end = event.voided_from, event.timestamp
        if begin is None:
            self._follow_clocks(life, event)
            return
        if life.responded_at is None and self.respond_due is not None:
            self.respond_due = self._paused(ClockKind.RESPOND, self.respond_due, begin, end)
        if life.cycles[0].resolved_at is None and self.resolve_due is not None:
            self.resolve_due = self._paused(ClockKind.RESOLVE, self.resolve_due, begin, end)
        self.pauses.append((begin, end))

    def _paused(self, kind: ClockKind, due: datetime, begin: datetime, end: datetime) -> datetime:
        policy = self.alternative.policy
        limit = policy.classes[self.sla_class].limit(kind)
        if limit.unit == "working_days":
            return paused_by_days(policy.calendar, due, begin, end)
        return paused(policy.calendar, limit.natural, due, begin, end)

    def _due(self, kind: ClockKind, life: Life, floor: datetime | None = None) -> datetime:
        return self.alternative.policy.clock(
            kind,
            self.sla_class,
            life.started_at,
            pauses=tuple(self.pauses),
            extensions=self.extensions,
            not_before=floor,
        ).due


def _still_runs(due: datetime | None, at: datetime) -> bool:
    """Whether that due has not passed at the moment."""
    return due is None or due >= at


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
