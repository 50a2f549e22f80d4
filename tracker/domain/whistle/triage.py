"""落格、分类、自处置: what a report is, and where it is."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from tracker.domain.actors import SYSTEM, Actor
from tracker.domain.city.catalogue import Category
from tracker.domain.promises.clocks import EMERGENCY, SlaPolicy
from tracker.domain.promises.sla_classes import stricter
from tracker.domain.whistle.correcting import with_point_of
from tracker.domain.whistle.events import Event
from tracker.domain.whistle.lifecycle import Lifecycle
from tracker.domain.whistle.memory import Check, Memory
from tracker.domain.whistle.place import Place
from tracker.domain.whistle.refusals.resolving import SamePicture
from tracker.domain.whistle.refusals.triage import (
    DowngradeNeedsReason,
    NotSelfResolvable,
    NotYourGrid,
    PhotosNeeded,
    UseCorrect,
)
from tracker.domain.whistle.said import Said
from tracker.domain.whistle.states import BEFORE_DISPATCH, State, Verdict, from_to
from tracker.domain.whistle.windows import half


class Located(Event):
    """The place is found; the whistle belongs to this grid's post from now on."""

    TOPIC: ClassVar[str] = "whistle.located"
    place: Place

    def assign(self, whistle: Memory) -> None:
        whistle.place = self.place


class Classified(Event):
    """A person fixed category and class; the class's limits run from the registration."""

    TOPIC: ClassVar[str] = "whistle.classified"
    category: str
    sla_class: str
    confidential: bool
    downgraded: bool

    def assign(self, whistle: Memory) -> None:
        whistle.category, whistle.category_source = self.category, "chosen"
        whistle.sla_class, whistle.confidential = self.sla_class, self.confidential


class SelfResolved(Event):
    """The grid worker fixed it on the spot; one in ten is audited."""

    TOPIC: ClassVar[str] = "whistle.self_resolved"
    audit: bool

    def assign(self, whistle: Memory) -> None:
        whistle.resolver, whistle.audited = self.by, self.audit
        whistle.check = None
        whistle.took_part(self.by)
        whistle.words.extend(self.words)


class SelfResolutionClosed(Event):
    """The audit agreed, or there is none. In old logs: nobody objected within a window."""

    TOPIC: ClassVar[str] = "whistle.self_resolution_closed"
    basis: str  # audit, not_sampled, window

    def assign(self, whistle: Memory) -> None:
        whistle.closed_at = self.timestamp
        if self.basis == "audit":
            whistle.check = Check(self.by, Verdict.PASSED)


class SelfResolutionOverturned(Event):
    """The audit found it not solved: back to triage; the clocks run from the registration."""

    TOPIC: ClassVar[str] = "whistle.self_resolution_overturned"

    def assign(self, whistle: Memory) -> None:
        whistle.took_part(self.by)
        whistle.check = Check(self.by, Verdict.FAILED)


class Triage(Lifecycle):
    """Locate, classify, self-resolve."""

    def may_locate(self, actor: Actor, at: datetime) -> None:
        if self.place.post is None:
            self._must_be_open()
        else:
            self._must_be_in_triage("place")

    def locate(self, place: Place, *, actor: Actor, at: datetime, policy: SlaPolicy) -> None:
        """Fix the place. Where a person chose the category before, that ends triage.

        Raises UseCorrect for another post once half of the respond limit has passed: by then the
        first post answers for it (domain.md §4.2).
        """
        self.may_locate(actor, at)
        moves = self.place.post not in (None, place.post)
        if moves and at > self._half_of_respond(policy):
            raise UseCorrect(number=self.number, field="place")
        triaged = self.state is State.RAISED and self.category_source == "chosen"
        found = with_point_of(place, self.place)
        self._record(Located, actor, at, to=State.TRIAGED if triaged else None, place=found)

    def _half_of_respond(self, policy: SlaPolicy) -> datetime:
        limit = policy.classes[self.sla_class].respond
        return policy.due(half(limit), self.cycle_started_at).at

    def _must_be_in_triage(self, field: str) -> None:
        """Raises UseCorrect once units are sent: then it takes two people."""
        if self.state not in from_to(State.RAISED, State.POOLED):
            self._must_be_open()
            raise UseCorrect(number=self.number, field=field)

    def may_classify(self, actor: Actor, at: datetime) -> None:
        if self.category_source == "chosen":
            self._must_be_in_triage("category")
        else:
            self._must_be_open()

    def classify(
        self,
        category: Category,
        *,
        actor: Actor,
        at: datetime,
        policy: SlaPolicy,
        sla_class: str | None = None,
        words: Sequence[Said] = (),
    ) -> None:
        """Fix category and class, before units are sent or while nobody has fixed it.

        The limits of the class run from the registration. A shorter class never gives less than
        its respond limit from now. Leaving E1 needs a reason among `words`. Raises UseCorrect for
        a class milder than the category's own, or than the E1 that the reporter chose.
        """
        self.may_classify(actor, at)
        chosen = sla_class or category.sla
        floors = [category.sla, *([EMERGENCY] if self.urgency == EMERGENCY else [])]
        if any(stricter(floor, chosen) for floor in floors):
            raise UseCorrect(number=self.number, field="sla_class")
        downgraded = self.sla_class == EMERGENCY and chosen != EMERGENCY
        if downgraded and not words:
            raise DowngradeNeedsReason(number=self.number, sla_class=chosen)
        self._record(
            Classified,
            actor,
            at,
            to=State.TRIAGED if self.state is State.RAISED else None,
            clocks=self._clocks_of_class(policy, chosen, at),
            words=words,
            category=category.code,
            sla_class=chosen,
            confidential=self.confidential,
            downgraded=downgraded,
        )

    def may_self_resolve(self, actor: Actor, at: datetime) -> None:
        self._must_be_in(*BEFORE_DISPATCH)
        if actor.grid is not None and not actor.holds(self.place.grid):
            raise NotYourGrid(number=self.number, grid=self.place.grid, own=actor.grid)
        if self.is_emergency_class:
            raise NotSelfResolvable(number=self.number, why=self.sla_class)

    def self_resolve(
        self,
        category: Category | None,
        *,
        actor: Actor,
        at: datetime,
        policy: SlaPolicy,
        words: Sequence[Said],
        repeated: Collection[UUID] = (),
    ) -> None:
        """The grid's own worker fixed it on the spot; one picture from before, one from after.

        `repeated`: those of the pictures of afterwards that show the same as one from before.
        """
        self.may_self_resolve(actor, at)
        if category is None or not category.self_resolvable:
            raise NotSelfResolvable(number=self.number, why=category.code if category else None)
        if not {"photo_before", "photo_after"} <= {word.kind for word in words}:
            raise PhotosNeeded(number=self.number)
        if all(word.id in repeated for word in words if word.kind == "photo_after"):
            raise SamePicture(number=self.number)
        audit = self.sampled("audit")
        check = [self._check_clock(policy, at)] if audit else []
        self._record(
            SelfResolved,
            actor,
            at,
            to=State.SELF_RESOLVED,
            clocks=[*self._stopped(at), *check],
            words=words,
            audit=audit,
        )
        if not audit:
            self._close_self_resolution(SYSTEM, at, "not_sampled")

    def _audit_self_resolution(
        self, actor: Actor, at: datetime, policy: SlaPolicy, passed: bool, words: Sequence[Said]
    ) -> None:
        if passed:
            self._close_self_resolution(actor, at, "audit")
            return
        self._record(
            SelfResolutionOverturned,
            actor,
            at,
            to=State.TRIAGED,
            clocks=[*self._stopped(at), *self._clocks_resumed(policy)],
            words=words,
        )

    def _overturn_self_resolution(self, at: datetime, policy: SlaPolicy) -> None:
        self._audit_self_resolution(SYSTEM, at, policy, passed=False, words=())

    def _end_audit_window(self, at: datetime, policy: SlaPolicy) -> None:
        self._close_self_resolution(SYSTEM, at, "window")

    def _close_self_resolution(self, actor: Actor, at: datetime, basis: str) -> None:
        self._record(
            SelfResolutionClosed,
            actor,
            at,
            to=State.SELF_RESOLVED_CLOSED,
            clocks=self._stopped(at),
            basis=basis,
        )
