"""吹哨: a report is registered, its clocks start; later words are added, never overwritten."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar
from uuid import UUID

from eventsourcing.domain import CanInitAggregate

from tracker.domain.actors import SYSTEM, Actor
from tracker.domain.promises.clocks import Clock, ClockKind, SlaPolicy
from tracker.domain.whistle.assignment import Part
from tracker.domain.whistle.dispatching import Dispatched
from tracker.domain.whistle.events import Event, Place, Said, State, Suggestion
from tracker.domain.whistle.lifecycle import Lifecycle
from tracker.domain.whistle.refusals.raising import NothingSaid, OccurredInTheFuture

EMERGENCY = "E1"
CLOCK_SKEW = timedelta(minutes=10)  # a phone's clock may be so far ahead of ours


class Raised(CanInitAggregate[UUID], Event):
    """A problem is registered; the respond and resolve clocks run from its timestamp.

    `occurred_at` is the phone's own time, kept as evidence: it moves no clock.
    """

    TOPIC: ClassVar[str] = "whistle.raised"
    originator_topic: str
    number: str
    place: Place
    category: str | None
    category_source: str | None  # "chosen" by a person, or "suggested" by keywords
    suggestion: Suggestion | None
    sla_class: str
    urgency: str | None
    confidential: bool
    source: str
    anonymous: bool
    reporter: str | None  # account, or None
    receipt: str | None  # keyed hash of the receipt code, for a reporter without an account
    occurred_at: datetime | None
    photos: int
    policy_version: int
    emergency: bool
    test: bool
    legacy_id: str | None  # number in an older system, for imported whistles

    def apply(self, aggregate: Any) -> None:
        aggregate.remember_raising(self)
        super().apply(aggregate)

    def assign(self, whistle: Any) -> None:
        whistle.words.extend(self.words)


class Amended(Event):
    """The reporter added words or pictures; nothing said before is overwritten."""

    TOPIC: ClassVar[str] = "whistle.amended"
    reporter: str | None
    photos: int

    def assign(self, whistle: Any) -> None:
        whistle.words.extend(self.words)
        whistle.photos += self.photos


class ReporterJoined(Event):
    """Another person has the same problem at the same place ("mine too")."""

    TOPIC: ClassVar[str] = "whistle.reporter_joined"
    reporter: str | None
    receipt: str | None

    def assign(self, whistle: Any) -> None:
        whistle.joined.extend(key for key in (self.reporter, self.receipt) if key)
        whistle.words.extend(self.words)
        whistle.photos += sum(word.kind == "photo" for word in self.words)


@dataclass(frozen=True)
class Report:
    """What a person reports, with place and category as routing found them."""

    number: str
    place: Place
    category: str | None
    category_source: str | None
    suggestion: Suggestion | None
    sla_class: str
    confidential: bool
    source: str
    urgency: str | None = None
    anonymous: bool = False
    reporter: str | None = None
    receipt: str | None = None
    occurred_at: datetime | None = None
    test: bool = False
    legacy_id: str | None = None

    @property
    def emergency(self) -> bool:
        return self.sla_class == EMERGENCY


class Raising(Lifecycle):
    """Raise, amend, join."""

    @classmethod
    def raise_(
        cls,
        report: Report,
        *,
        id: UUID,
        actor: Actor,
        policy: SlaPolicy,
        at: datetime,
        words: Sequence[Said] = (),
        emergency_units: Sequence[str] = (),
    ) -> Any:
        """Register a report. An emergency (E1) goes at once to `emergency_units`, the lead first.

        Raises NothingSaid without words or pictures, OccurredInTheFuture when the phone's time
        is later than `at` by more than clocks usually differ.
        """
        if not any(word.kind in ("text", "title", "photo") for word in words):
            raise NothingSaid()
        if report.occurred_at is not None and report.occurred_at > at + CLOCK_SKEW:
            raise OccurredInTheFuture(occurred_at=report.occurred_at.isoformat())
        whistle: Any = cls._create(
            Raised,
            id=id,
            timestamp=at,
            by=actor.account,
            role=actor.role,
            acting_post=actor.post,
            state=State.RAISED,
            clocks=promises(policy, report.sla_class, at),
            words=tuple(words),
            photos=sum(word.kind == "photo" for word in words),
            policy_version=policy.version,
            emergency=report.emergency,
            **vars(report),
        )
        if report.emergency and emergency_units:
            whistle.bypass(emergency_units, policy, at)
        return whistle

    def bypass(self, units: Sequence[str], policy: SlaPolicy, at: datetime) -> None:
        """Emergency bypass: every default unit is sent at once; triage goes on beside it."""
        tasks = [
            self._assign(unit, Part.CO if i else Part.LEAD, policy, at)
            for i, unit in enumerate(units)
        ]
        self._record(
            Dispatched,
            SYSTEM,
            at,
            to=State.DISPATCHED,
            clocks=[clock for _, clock in tasks],
            lead=tasks[0][0],
            co=tuple(task for task, _ in tasks[1:]),
            basis="emergency",
            rule=f"{EMERGENCY} bypass",
        )

    def may_amend(self, actor: Actor, at: datetime) -> None:
        self._must_be_open()

    def amend(self, *, actor: Actor, at: datetime, words: Sequence[Said]) -> None:
        """Add words or pictures. Raises NothingSaid when there is nothing to add."""
        self.may_amend(actor, at)
        if not words:
            raise NothingSaid()
        photos = sum(word.kind == "photo" for word in words)
        self._record(Amended, actor, at, words=words, reporter=actor.account, photos=photos)

    def may_join(self, actor: Actor, at: datetime) -> None:
        self._must_be_open()

    def join(
        self, *, actor: Actor, at: datetime, receipt: str | None = None, words: Sequence[Said] = ()
    ) -> None:
        """Join as another reporter of the same problem; each one is followed up."""
        self.may_join(actor, at)
        reporter = None if receipt else actor.account
        self._record(ReporterJoined, actor, at, words=words, reporter=reporter, receipt=receipt)

    def remember_raising(self, raised: Raised) -> None:
        """The first memory of a whistle (assigning only)."""
        self.number, self.place = raised.number, raised.place
        self.category, self.category_source = raised.category, raised.category_source
        self.suggestion, self.sla_class, self.urgency = (
            raised.suggestion,
            raised.sla_class,
            raised.urgency,
        )
        self.confidential, self.source, self.anonymous = (
            raised.confidential,
            raised.source,
            raised.anonymous,
        )
        self.reporter, self.receipt, self.occurred_at = (
            raised.reporter,
            raised.receipt,
            raised.occurred_at,
        )
        self.registered_at = self.cycle_started_at = raised.timestamp
        self.emergency, self.test, self.legacy_id = raised.emergency, raised.test, raised.legacy_id
        self.clocks, self.assignments, self.words, self.photos = {}, [], [], raised.photos
        self.level, self.levels, self.card = 1, [], "none"
        self.supervised = self.excluded = self.waited_for_reporter = self.designated = False
        self.cycle, self.reworks, self.reopens, self.extensions, self.hops = 1, 0, 0, 0, 0
        self.pauses, self.joined, self.attempts, self.returned_units = [], [], [], []
        self.children, self.proposals = {}, {}
        self.merged_into = self.merged_into_number = self.suggested_unit = None
        self.submitted_by = self.submitted_unit = self.submitted_at = self.verified_by = None
        self.check = None
        self.resolver, self.audited, self.extension_by, self.review_on = None, False, None, None
        self.pool_lead, self.pool_co = None, ()
        self.responded_at = self.closed_at = self.voided_at = None
        self.voided_by = ()


def promises(policy: SlaPolicy, sla_class: str, start: datetime) -> tuple[Clock, ...]:
    """The whistle's own clocks of a class from `start`: respond, resolve, and control for E1."""
    kinds = [ClockKind.RESPOND, ClockKind.RESOLVE]
    if policy.classes[sla_class].control is not None:
        kinds.insert(1, ClockKind.CONTROL)
    return tuple(policy.clock(kind, sla_class, start) for kind in kinds)
