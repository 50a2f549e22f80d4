"""落格、分类、自处置、合并: what a report is, where it is, and whether it is one of many."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from math import asin, cos, radians, sin, sqrt
from typing import TYPE_CHECKING, Any, ClassVar
from uuid import UUID

from tracker.domain.actors import Actor
from tracker.domain.clocks import Clock, ClockKind, Duration, SlaPolicy
from tracker.domain.errors import (
    CannotMerge,
    DowngradeNeedsReason,
    NotSelfResolvable,
    NotYourGrid,
    PhotosNeeded,
    TooLateToUnmerge,
)
from tracker.domain.events import Event, Place, Said, State
from tracker.domain.lifecycle import BEFORE_DISPATCH, DISPATCHED_STATES, Check, Lifecycle
from tracker.domain.states import MergeBar, Verdict

if TYPE_CHECKING:
    from tracker.domain.registers import Category

MERGE_METRES = 50
MERGE_DAYS = timedelta(days=30)
UNMERGE_DAYS = timedelta(days=15)
OBJECTION_WINDOW = Duration(24, "natural_hours")  # before an unaudited self-resolution closes
EARTH_METRES = 6_371_000
MERGEABLE = (
    State.TRIAGED,
    State.POOLED,
    *DISPATCHED_STATES,
    State.RESPONDED,
    State.IN_PROGRESS,
)


class Located(Event):
    """The place is found; the whistle belongs to this grid's post from now on."""

    TOPIC: ClassVar[str] = "whistle.located"
    place: Place

    def assign(self, whistle: Any) -> None:
        whistle.place = self.place


class Classified(Event):
    """A person fixed category and class; the class's limits run from the registration."""

    TOPIC: ClassVar[str] = "whistle.classified"
    category: str
    sla_class: str
    confidential: bool
    downgraded: bool

    def assign(self, whistle: Any) -> None:
        whistle.category, whistle.category_source = self.category, "chosen"
        whistle.sla_class, whistle.confidential = self.sla_class, self.confidential


class SelfResolved(Event):
    """The grid worker fixed it on the spot; one in ten is audited."""

    TOPIC: ClassVar[str] = "whistle.self_resolved"
    audit: bool

    def assign(self, whistle: Any) -> None:
        whistle.resolver, whistle.audited = self.by, self.audit
        whistle.check = None
        whistle.words.extend(self.words)


class SelfResolutionClosed(Event):
    """Nobody objected within the window, or the audit agreed."""

    TOPIC: ClassVar[str] = "whistle.self_resolution_closed"
    basis: str  # "audit" or "window"

    def assign(self, whistle: Any) -> None:
        whistle.closed_at = self.timestamp
        if self.basis == "audit":
            whistle.check = Check(self.by, Verdict.PASSED)


class SelfResolutionOverturned(Event):
    """The audit found it not solved: back to triage, the clocks as from the registration."""

    TOPIC: ClassVar[str] = "whistle.self_resolution_overturned"

    def assign(self, whistle: Any) -> None:
        whistle.check = Check(self.by, Verdict.FAILED)


class Merged(Event):
    """The same problem as `into`: this child follows its parent and is counted once, there."""

    TOPIC: ClassVar[str] = "whistle.merged"
    into: UUID
    into_number: str

    def assign(self, whistle: Any) -> None:
        whistle.merged_into, whistle.merged_into_number = self.into, self.into_number
        whistle.children = {}
        whistle._end_tasks()


class ChildJoined(Event):
    """A child follows this whistle; an older child brings its earlier registration with it."""

    TOPIC: ClassVar[str] = "whistle.child_joined"
    child: UUID
    child_number: str
    registered_at: datetime

    def assign(self, whistle: Any) -> None:
        whistle.children[self.child] = self.child_number
        if whistle.cycle == 1:
            whistle.cycle_started_at = min(whistle.cycle_started_at, self.registered_at)


class Unmerged(Event):
    """Not the same problem after all: on its own again, its clocks from its own registration."""

    TOPIC: ClassVar[str] = "whistle.unmerged"
    from_parent: UUID

    def assign(self, whistle: Any) -> None:
        whistle.merged_into = whistle.merged_into_number = None


class ChildLeft(Event):
    TOPIC: ClassVar[str] = "whistle.child_left"
    child: UUID

    def assign(self, whistle: Any) -> None:
        whistle.children.pop(self.child, None)


class Triage(Lifecycle):
    """Locate, classify, self-resolve, merge, unmerge."""

    def may_locate(self, actor: Actor, at: datetime) -> None:
        self._must_be_open()

    def locate(self, place: Place, *, actor: Actor, at: datetime) -> None:
        """Put it on the map. With a category a person chose, that ends triage."""
        self.may_locate(actor, at)
        triaged = self.state is State.RAISED and self.category_source == "chosen"
        self._record(Located, actor, at, to=State.TRIAGED if triaged else None, place=place)

    def may_classify(self, actor: Actor, at: datetime) -> None:
        self._must_be_in(
            *BEFORE_DISPATCH, State.POOLED, *DISPATCHED_STATES, State.RESPONDED, State.IN_PROGRESS
        )

    def classify(
        self,
        category: "Category",
        *,
        actor: Actor,
        at: datetime,
        policy: SlaPolicy,
        sla_class: str | None = None,
        words: Sequence[Said] = (),
    ) -> None:
        """Fix category and class; again while open.

        The limits of the class run from the registration. A shorter class never gives less than
        its respond limit from now. Leaving E1 needs a reason among `words`.
        """
        self.may_classify(actor, at)
        chosen = sla_class or category.sla
        downgraded = self.sla_class == "E1" and chosen != "E1"
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
            confidential=self.confidential or category.confidential,
            downgraded=downgraded,
        )

    def _clocks_of_class(self, policy: SlaPolicy, sla_class: str, at: datetime) -> list[Clock]:
        """The running promises under another class, and the end of a control promise it lacks."""
        if sla_class == self.sla_class:
            return []
        floor = None
        if policy.classes[sla_class].rank < policy.classes[self.sla_class].rank:
            respond = policy.classes[sla_class].respond
            floor = policy.due(respond, at).at
        clocks = []
        for old in self._running(ClockKind.RESPOND, ClockKind.RESOLVE):
            if old.unit is None and old.kind is ClockKind.RESPOND:
                clocks.append(
                    policy.clock(
                        old.kind,
                        sla_class,
                        old.started_at,
                        cycle=self.cycle,
                        reached=old.reached,
                        not_before=floor,
                    )
                )
            elif old.unit is None:
                clocks.append(self._resolve_clock(policy, sla_class=sla_class, not_before=floor))
        if policy.classes[sla_class].control is None:
            clocks.extend(self._stopped(at, ClockKind.CONTROL))
        return clocks

    def may_self_resolve(self, actor: Actor, at: datetime) -> None:
        self._must_be_in(*BEFORE_DISPATCH)
        if actor.grid is not None and not actor.holds(self.place.grid):
            raise NotYourGrid(number=self.number, grid=self.place.grid, own=actor.grid)
        if self.is_emergency_class:
            raise NotSelfResolvable(number=self.number, why=self.sla_class)

    def self_resolve(
        self,
        category: "Category | None",
        *,
        actor: Actor,
        at: datetime,
        policy: SlaPolicy,
        words: Sequence[Said],
    ) -> None:
        """Fixed on the spot by the grid's own worker, with a picture from before and after."""
        self.may_self_resolve(actor, at)
        if category is None or not category.self_resolvable:
            raise NotSelfResolvable(number=self.number, why=category.code if category else None)
        if not {"photo_before", "photo_after"} <= {word.kind for word in words}:
            raise PhotosNeeded(number=self.number)
        audit = self.sampled("audit")
        window = [] if audit else [policy.window(ClockKind.AUDIT, OBJECTION_WINDOW, at)]
        self._record(
            SelfResolved,
            actor,
            at,
            to=State.SELF_RESOLVED,
            clocks=[*self._stopped(at), *window],
            words=words,
            audit=audit,
        )

    def _close_self_resolution(self, actor: Actor, at: datetime, basis: str) -> None:
        self._record(
            SelfResolutionClosed,
            actor,
            at,
            to=State.SELF_RESOLVED_CLOSED,
            clocks=self._stopped(at),
            basis=basis,
        )

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

    def _clocks_resumed(self, policy: SlaPolicy) -> list[Clock]:
        """The whistle's promises set running again from their start, as if never stopped."""
        respond = policy.clock(
            ClockKind.RESPOND,
            self.sla_class,
            self.cycle_started_at,
            cycle=self.cycle,
            reached=self.clocks[ClockKind.RESPOND].reached,
        )
        waiting = [] if self.responded_at else [respond]
        return [*waiting, self._resolve_clock(policy)]

    def may_merge(self, actor: Actor, at: datetime) -> None:
        self._must_be_in(*MERGEABLE)

    def merge(
        self,
        parent: "Triage",
        *,
        actor: Actor,
        at: datetime,
        same_family: bool,
        same_named_place: bool,
        policy: SlaPolicy,
    ) -> None:
        """Follow `parent`: same family of category, ≤ 50 m or same named place, ≤ 30 days apart.

        Raises CannotMerge with the rule that stands in the way. Both streams get their fact.
        """
        self.may_merge_into(
            parent, actor, at, same_family=same_family, same_named_place=same_named_place
        )
        self._follow(parent, actor, at)
        parent._adopt(self, actor, at, policy)

    def may_merge_into(self, parent: "Triage", actor: Actor, at: datetime, **same: bool) -> None:
        """Whether it may follow just this parent; refuses as `merge` would."""
        self.may_merge(actor, at)
        self._must_fit(parent, **same)

    def _must_fit(self, parent: "Triage", *, same_family: bool, same_named_place: bool) -> None:
        def bars(why: MergeBar) -> CannotMerge:
            return CannotMerge(number=self.number, into=parent.number, why=why)

        if parent.id == self.id:
            raise bars(MergeBar.ITSELF)
        if parent.state is State.MERGED:
            raise bars(MergeBar.CHAIN)
        if parent.is_terminal:
            raise bars(MergeBar.TERMINAL)
        if self.confidential != parent.confidential:
            raise bars(MergeBar.CONFIDENTIAL)
        if not same_family:
            raise bars(MergeBar.CATEGORY)
        if abs(self.registered_at - parent.registered_at) > MERGE_DAYS:
            raise bars(MergeBar.TOO_OLD)
        if not same_named_place and metres_between(self.place, parent.place) > MERGE_METRES:
            raise bars(MergeBar.TOO_FAR)

    def _follow(self, parent: "Triage", actor: Actor, at: datetime) -> None:
        self._record(
            Merged,
            actor,
            at,
            to=State.MERGED,
            clocks=self._stopped(at),
            into=parent.id,
            into_number=parent.number,
        )

    def _adopt(self, child: "Triage", actor: Actor, at: datetime, policy: SlaPolicy) -> None:
        started = min(self.cycle_started_at, child.cycle_started_at)
        clocks: list[Clock] = []
        if self.cycle == 1 and started < self.cycle_started_at:
            clocks = [self._restarted(clock, policy, started) for clock in self._own_promises()]
        self._record(
            ChildJoined,
            actor,
            at,
            clocks=clocks,
            child=child.id,
            child_number=child.number,
            registered_at=child.cycle_started_at,
        )

    def _own_promises(self) -> list[Clock]:
        running = self._running(ClockKind.RESPOND, ClockKind.CONTROL, ClockKind.RESOLVE)
        return [clock for clock in running if clock.unit is None and clock.held_at is None]

    def _restarted(self, clock: Clock, policy: SlaPolicy, start: datetime) -> Clock:
        if clock.kind is ClockKind.RESOLVE:
            return self._resolve_clock(policy, start=start)
        return policy.clock(
            clock.kind, self.sla_class, start, cycle=self.cycle, reached=clock.reached
        )

    def follow_new_parent(self, parent: "Triage", *, actor: Actor, at: datetime) -> None:
        """A child of a child re-points to the new parent, so that the forest stays one deep."""
        self._follow(parent, actor, at)

    def adopt(self, child: "Triage", *, actor: Actor, at: datetime, policy: SlaPolicy) -> None:
        self._adopt(child, actor, at, policy)

    def may_unmerge(self, actor: Actor, at: datetime) -> None:
        self._must_be_in(State.MERGED)

    def unmerge(
        self,
        parent: "Triage",
        *,
        actor: Actor,
        at: datetime,
        policy: SlaPolicy,
        words: Sequence[Said] = (),
    ) -> None:
        """On its own again, while the parent is open or at most 15 days closed."""
        self.may_unmerge(actor, at)
        if parent.closed_at is not None and at - parent.closed_at > UNMERGE_DAYS:
            raise TooLateToUnmerge(number=self.number, into=parent.number)
        self._record(
            Unmerged,
            actor,
            at,
            to=State.TRIAGED,
            clocks=self._clocks_resumed(policy),
            words=words,
            from_parent=parent.id,
        )
        parent._record(ChildLeft, actor, at, child=self.id)


def metres_between(one: Place, other: Place) -> float:
    """Great-circle metres; infinite when either point is unknown."""
    if one.lat is None or one.lon is None or other.lat is None or other.lon is None:
        return float("inf")
    lat1, lat2 = radians(one.lat), radians(other.lat)
    half_lat, half_lon = (lat2 - lat1) / 2, radians(other.lon - one.lon) / 2
    chord = sin(half_lat) ** 2 + cos(lat1) * cos(lat2) * sin(half_lon) ** 2
    return 2 * EARTH_METRES * asin(sqrt(chord))
