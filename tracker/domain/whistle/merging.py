"""并案、拆分: several whistles of one problem go on as one, and apart again."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import ClassVar
from uuid import UUID

from tracker.domain.actors import Actor
from tracker.domain.promises.clocks import Clock, ClockKind, SlaPolicy
from tracker.domain.whistle.events import Event
from tracker.domain.whistle.lifecycle import Lifecycle
from tracker.domain.whistle.memory import Memory
from tracker.domain.whistle.place import metres_between
from tracker.domain.whistle.refusals.merging import CannotMerge, TooLateToUnmerge
from tracker.domain.whistle.said import Said
from tracker.domain.whistle.states import MergeBar, State, from_to

MERGE_METRES = 50
MERGE_DAYS = timedelta(days=30)
UNMERGE_DAYS = timedelta(days=15)


class Merged(Event):
    """It is the same problem as `into`: the child follows this parent, which alone is counted."""

    TOPIC: ClassVar[str] = "whistle.merged"
    into: UUID
    into_number: str

    def assign(self, whistle: Memory) -> None:
        whistle.merged_into, whistle.merged_into_number = self.into, self.into_number
        whistle.children = {}
        whistle.end_parts()


class ChildJoined(Event):
    """A child follows this whistle; an older child brings its earlier registration with it."""

    TOPIC: ClassVar[str] = "whistle.child_joined"
    child: UUID
    child_number: str
    registered_at: datetime

    def assign(self, whistle: Memory) -> None:
        whistle.children[self.child] = self.child_number
        if whistle.cycle == 1:
            whistle.cycle_started_at = min(whistle.cycle_started_at, self.registered_at)


class Unmerged(Event):
    """It is another problem after all: its clocks run again from its own registration."""

    TOPIC: ClassVar[str] = "whistle.unmerged"
    from_parent: UUID

    def assign(self, whistle: Memory) -> None:
        whistle.merged_into = whistle.merged_into_number = None


class ChildLeft(Event):
    """A child was unmerged and follows this whistle no longer."""

    TOPIC: ClassVar[str] = "whistle.child_left"
    child: UUID

    def assign(self, whistle: Memory) -> None:
        whistle.children.pop(self.child, None)


class Merging(Lifecycle):
    """Merge, unmerge."""

    def may_merge(self, actor: Actor, at: datetime) -> None:
        self._must_be_in(*from_to(State.TRIAGED, State.IN_PROGRESS))

    def merge(
        self,
        parent: "Merging",
        *,
        actor: Actor,
        at: datetime,
        same_family: bool,
        same_named_place: bool,
        policy: SlaPolicy,
    ) -> None:
        """Follow `parent`: same family of category, ≤ 50 m or same named place, ≤ 30 days apart.

        Raises CannotMerge, which names the rule. Both whistles record an event.
        """
        self.may_merge_into(
            parent, actor, at, same_family=same_family, same_named_place=same_named_place
        )
        self._follow(parent, actor, at)
        parent.adopt(self, actor=actor, at=at, policy=policy)

    def may_merge_into(self, parent: "Merging", actor: Actor, at: datetime, **same: bool) -> None:
        """Whether it may follow this parent; raises what `merge` would raise."""
        self.may_merge(actor, at)
        self._must_fit(parent, **same)

    def _must_fit(self, parent: "Merging", *, same_family: bool, same_named_place: bool) -> None:
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

    def _follow(self, parent: "Merging", actor: Actor, at: datetime) -> None:
        self._record(
            Merged,
            actor,
            at,
            to=State.MERGED,
            clocks=self._stopped(at),
            into=parent.id,
            into_number=parent.number,
        )

    def adopt(self, child: "Merging", *, actor: Actor, at: datetime, policy: SlaPolicy) -> None:
        """Take `child`, which follows; in the first cycle with its registration, if earlier."""
        started = min(self.cycle_started_at, child.cycle_started_at)
        clocks: list[Clock] = []
        if self.cycle == 1 and started < self.cycle_started_at:
            clocks = [self._computed_again(own, policy, started) for own in self._own_clocks()]
        self._record(
            ChildJoined,
            actor,
            at,
            clocks=clocks,
            child=child.id,
            child_number=child.number,
            registered_at=child.cycle_started_at,
        )

    def _own_clocks(self) -> list[Clock]:
        running = self._running(ClockKind.RESPOND, ClockKind.CONTROL, ClockKind.RESOLVE)
        return [clock for clock in running if clock.unit is None and clock.held_at is None]

    def follow_new_parent(self, parent: "Merging", *, actor: Actor, at: datetime) -> None:
        """Its parent was merged itself: follow the new parent, so that no child has children."""
        self._follow(parent, actor, at)

    def may_unmerge(self, actor: Actor, at: datetime) -> None:
        self._must_be_in(State.MERGED)

    def unmerge(
        self,
        parent: "Merging",
        *,
        actor: Actor,
        at: datetime,
        policy: SlaPolicy,
        words: Sequence[Said] = (),
    ) -> None:
        """Separate it from its parent, which is open or was closed at most 15 days ago."""
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
