"""吹哨: a report is registered, its clocks start; later words are added, never overwritten."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar, Self
from uuid import UUID

from eventsourcing.domain import CanInitAggregate

from tracker.domain.actors import SYSTEM, Actor
from tracker.domain.promises.clocks import EMERGENCY, SlaPolicy
from tracker.domain.whistle.class_clocks import clocks_from
from tracker.domain.whistle.events import Event
from tracker.domain.whistle.lifecycle import Lifecycle
from tracker.domain.whistle.memory import Memory, Suggestion
from tracker.domain.whistle.parties import is_reporter, key_of, works_for_the_city
from tracker.domain.whistle.place import Place
from tracker.domain.whistle.refusals.raising import (
    AlreadyReported,
    NothingSaid,
    NotJoinable,
    OccurredInTheFuture,
    TakenBack,
    TooLateToAmend,
)
from tracker.domain.whistle.said import Said
from tracker.domain.whistle.states import State, from_to

CLOCK_SKEW = timedelta(minutes=10)  # a phone's clock may be so far ahead of ours
AMEND_DAYS = timedelta(days=15)  # after closing


class Raised(CanInitAggregate[UUID], Event):
    """A problem is registered; the respond and resolve clocks run from its timestamp.

    `occurred_at` is the phone's own time, kept as evidence: it moves no clock.
    """

    TOPIC: ClassVar[str] = "whistle.raised"
    class_version: ClassVar[int] = 2
    originator_topic: str
    number: str
    place: Place
    category: str | None
    category_source: str | None  # "chosen" by a person, or "suggested" by keywords
    suggestion: Suggestion | None
    sla_class: str
    urgency: str | None
    confidential: bool
    confidential_basis: str | None  # category, words, or reporter, who asked for it
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

    @staticmethod
    def upcast_v1_v2(state: dict[str, Any]) -> None:
        state["confidential_basis"] = "category" if state["confidential"] else None

    def assign(self, whistle: Memory) -> None:
        whistle.number, whistle.place = self.number, self.place
        whistle.category, whistle.category_source = self.category, self.category_source
        whistle.suggestion = self.suggestion
        whistle.sla_class, whistle.urgency = self.sla_class, self.urgency
        whistle.confidential, whistle.source = self.confidential, self.source
        whistle.anonymous = self.anonymous
        whistle.reporter, whistle.receipt = self.reporter, self.receipt
        whistle.occurred_at = self.occurred_at
        whistle.registered_at = whistle.cycle_started_at = self.timestamp
        whistle.emergency, whistle.test = self.emergency, self.test
        whistle.legacy_id, whistle.photos = self.legacy_id, self.photos
        whistle.words.extend(self.words)
        key, staff = self.receipt or self.reporter, works_for_the_city(self.role, self.reporter)
        whistle.add_party(key, self.timestamp, staff=staff)


class Amended(Event):
    """The reporter added words or pictures; nothing said before is overwritten."""

    TOPIC: ClassVar[str] = "whistle.amended"
    reporter: str | None
    photos: int

    def assign(self, whistle: Memory) -> None:
        whistle.words.extend(self.words)
        whistle.photos += self.photos
        whistle.keep_for_child(self.by, self.words)


class ReporterJoined(Event):
    """Another person has the same problem at the same place ("mine too")."""

    TOPIC: ClassVar[str] = "whistle.reporter_joined"
    reporter: str | None
    receipt: str | None

    def assign(self, whistle: Memory) -> None:
        key, staff = self.receipt or self.reporter, works_for_the_city(self.role, self.reporter)
        whistle.add_party(key, self.timestamp, staff=staff)
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
    source: str
    confidential_basis: str | None = None  # why it is confidential; None: it is not
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

    @property
    def confidential(self) -> bool:
        return self.confidential_basis is not None


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
    ) -> Self:
        """Register a report. An emergency (E1) goes at once to `emergency_units`, the lead first.

        Raises NothingSaid without words or pictures, OccurredInTheFuture when the phone's time
        is later than `at` by more than clocks usually differ.
        """
        if not any(word.kind in ("text", "title", "photo") for word in words):
            raise NothingSaid()
        if report.occurred_at is not None and report.occurred_at > at + CLOCK_SKEW:
            raise OccurredInTheFuture(occurred_at=report.occurred_at)
        whistle = cls._create(
            Raised,
            id=id,
            timestamp=at,
            by=actor.account,
            role=actor.role,
            acting_post=actor.post,
            state=State.RAISED,
            clocks=clocks_from(policy, report.sla_class, at),
            words=tuple(words),
            photos=sum(word.kind == "photo" for word in words),
            policy_version=policy.version,
            emergency=report.emergency,
            confidential=report.confidential,
            **vars(report),
        )
        if report.emergency and emergency_units:
            rule = f"{EMERGENCY} bypass"
            whistle._send(emergency_units, "emergency", SYSTEM, at, policy, rule=rule)
        return whistle

    def may_amend(self, actor: Actor, at: datetime) -> None:
        if self.state is State.CLOSED and self.closed_at is not None:
            if at - self.closed_at > AMEND_DAYS:
                raise TooLateToAmend(number=self.number)
        else:
            self._must_be_open()
        self._must_not_have_left(actor)

    def _must_not_have_left(self, actor: Actor) -> None:
        if key_of(actor) in self.left and is_reporter(actor) and self.party_of(actor) is None:
            raise TakenBack(number=self.number)

    def amend(self, *, actor: Actor, at: datetime, words: Sequence[Said]) -> None:
        """Add words or pictures. Raises NothingSaid when there is nothing to add."""
        self.may_amend(actor, at)
        if not words:
            raise NothingSaid()
        photos = sum(word.kind == "photo" for word in words)
        self._record(Amended, actor, at, words=words, reporter=actor.account, photos=photos)

    def may_join(self, actor: Actor, at: datetime) -> None:
        self._must_be_in(*from_to(State.RAISED, State.IN_PROGRESS), State.SUSPENDED)
        if self.confidential:
            raise NotJoinable(number=self.number)

    def join(
        self, *, actor: Actor, at: datetime, receipt: str | None = None, words: Sequence[Said] = ()
    ) -> None:
        """Join as another reporter of the same problem; each one is followed up, nobody twice."""
        self.may_join(actor, at)
        if receipt is None and self.party_of(actor) is not None:
            raise AlreadyReported(number=self.number)
        reporter = None if receipt else actor.account
        self._record(ReporterJoined, actor, at, words=words, reporter=reporter, receipt=receipt)
