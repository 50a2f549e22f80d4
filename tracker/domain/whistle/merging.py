"""并案、拆分: several whistles of one problem go on as one, and apart again.

What two promise together stands in `standing.py`, what each has again afterwards in `apart.py`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, ClassVar
from uuid import UUID

from tracker.domain.actors import Actor, Role
from tracker.domain.promises.clocks import Clock, ClockKind, SlaPolicy
from tracker.domain.whistle.apart import Merger, Parting, part
from tracker.domain.whistle.assignment import AssignmentState
from tracker.domain.whistle.events import Event
from tracker.domain.whistle.lifecycle import Lifecycle
from tracker.domain.whistle.memory import Memory
from tracker.domain.whistle.parties import Party, arriving
from tracker.domain.whistle.place import metres_between
from tracker.domain.whistle.raising import Amended
from tracker.domain.whistle.refusals.merging import CannotMerge, ParentIsAChild, TooLateToUnmerge
from tracker.domain.whistle.said import Said
from tracker.domain.whistle.standing import Standing, together
from tracker.domain.whistle.states import MergeBar, State, from_to

MERGE_METRES = 50
MERGE_DAYS = timedelta(days=30)
UNMERGE_DAYS = timedelta(days=15)
SOLVED = frozenset({State.SELF_RESOLVED, State.VERIFIED})
MERGED_CLOCKS = frozenset({ClockKind.RESPOND, ClockKind.CONTROL, ClockKind.RESOLVE})


class Merged(Event):
    """It is the same problem as `into`: the child follows this parent, which alone is counted."""

    TOPIC: ClassVar[str] = "whistle.merged"
    into: UUID
    into_number: str

    def assign(self, whistle: Memory) -> None:
        whistle.merged_into, whistle.merged_into_number = self.into, self.into_number
        whistle.parties = [party for party in whistle.parties if party.child is None]
        whistle.children, whistle.brought = {}, {}
        whistle.alone = whistle.merged_as = None
        whistle.proposals, whistle.extension_by, whistle.question_of = {}, None, None
        whistle.end_parts()


class ChildJoined(Event):
    """A child follows this whistle, which promises from now on what both promised.

    `before` is what the parent promised, `brought` what the child did, `now` what the parent does;
    the clocks of `now` are those of the event. `parties` are the people who come with the child.
    Recorded before version 2: the registration of an older child alone was taken over.
    """

    TOPIC: ClassVar[str] = "whistle.child_joined"
    class_version: ClassVar[int] = 2
    child: UUID
    child_number: str
    registered_at: datetime
    before: Standing | None
    brought: Standing | None
    now: Standing | None
    parties: tuple[Party, ...]

    @staticmethod
    def upcast_v1_v2(state: dict[str, Any]) -> None:
        state |= {"before": None, "brought": None, "now": None, "parties": []}

    def assign(self, whistle: Memory) -> None:
        whistle.children[self.child] = self.child_number
        whistle.add_parties(self.parties)
        if self.now is None or self.brought is None:
            if whistle.cycle == 1:
                whistle.cycle_started_at = min(whistle.cycle_started_at, self.registered_at)
            return
        whistle.alone = whistle.alone or self.before
        whistle.brought[self.child] = self.brought
        take(whistle, self.now)


class Unmerged(Event):
    """It is another problem after all: its clocks run again from its own registration.

    `now` is what it promises again, with the units that came back with it.
    """

    TOPIC: ClassVar[str] = "whistle.unmerged"
    from_parent: UUID
    now: Standing | None = None

    def assign(self, whistle: Memory) -> None:
        whistle.merged_into = whistle.merged_into_number = None
        if self.now is not None:
            take(whistle, self.now)
            whistle.merged_as = None


class ChildLeft(Event):
    """A child was unmerged and follows this whistle no longer.

    `now` is what the parent promises again: its own registration, class and dues; a card, a level
    or a supervision that only the merger caused is lifted by it. The units of `ended` go.
    """

    TOPIC: ClassVar[str] = "whistle.child_left"
    class_version: ClassVar[int] = 2
    child: UUID
    now: Standing | None
    ended: tuple[str, ...]

    @staticmethod
    def upcast_v1_v2(state: dict[str, Any]) -> None:
        state |= {"now": None, "ended": []}

    def assign(self, whistle: Memory) -> None:
        whistle.children.pop(self.child, None)
        whistle.brought.pop(self.child, None)
        whistle.said_here.pop(self.child, None)
        whistle.parties = [party for party in whistle.parties if party.child != self.child]
        for unit in self.ended:
            whistle.turn_part(unit, AssignmentState.REMOVED)
        if self.now is not None:
            take(whistle, self.now)
        if not whistle.brought:
            whistle.alone = whistle.merged_as = None


def take(whistle: Memory, now: Standing) -> None:
    """The whistle promises what `now` says; its clocks come with the event."""
    whistle.cycle_started_at = now.started_at
    whistle.sla_class, whistle.urgency = now.sla_class, now.urgency
    whistle.level, whistle.levels = now.level, list(now.levels)
    whistle.card, whistle.supervised = now.card, now.supervised
    whistle.responded_at, whistle.controlled_at = now.responded_at, now.controlled_at
    whistle.pauses, whistle.extensions = list(now.pauses), now.extensions
    past = [one for one in whistle.assignments if not one.current]
    whistle.assignments = [*past, *now.parts]
    whistle.merged_as = now


def standing_of(whistle: Memory, at: datetime) -> Standing:
    """What the whistle promises at `at`."""
    parts = tuple(one for one in whistle.assignments if one.current)
    units = {one.unit for one in parts}
    clocks = (c for c in whistle.clocks.values() if c.kind in MERGED_CLOCKS)
    return Standing(
        at=at,
        state=whistle.state,
        cycle=whistle.cycle,
        started_at=whistle.cycle_started_at,
        sla_class=whistle.sla_class,
        urgency=whistle.urgency,
        level=whistle.level,
        levels=tuple(whistle.levels),
        card=whistle.card,
        supervised=whistle.supervised,
        responded_at=whistle.responded_at,
        controlled_at=whistle.controlled_at,
        pauses=tuple(whistle.pauses),
        extensions=whistle.extensions,
        clocks=tuple(c for c in clocks if c.unit is None or c.unit in units),
        parts=parts,
    )


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
    ) -> Mapping[UUID, Standing | None]:
        """Follow `parent`: same family of category, ≤ 50 m or same named place, ≤ 30 days apart.

        Its own children leave it, to follow the new parent with what is returned for each. Both
        whistles record an event. Raises CannotMerge, which names the rule.
        """
        self.may_merge_into(
            parent, actor, at, same_family=same_family, same_named_place=same_named_place
        )
        self._end_wait(at, policy, "merged")
        own = list(self.children)
        released = {child: self._release(child, actor, at, policy) for child in own}
        brought = standing_of(self, at)
        self._follow(parent, actor, at)
        parent.adopt(self, actor=actor, at=at, policy=policy, brought=brought)
        return released

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
            raise ParentIsAChild(
                number=self.number,
                into=parent.number,
                why=MergeBar.CHAIN,
                parent=parent.merged_into_number,
            )
        if parent.is_terminal:
            raise bars(MergeBar.TERMINAL)
        if parent.state not in (*from_to(State.TRIAGED, State.IN_PROGRESS), State.SUSPENDED):
            raise bars(MergeBar.STATE)
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

    def adopt(
        self,
        child: "Merging",
        *,
        actor: Actor,
        at: datetime,
        policy: SlaPolicy,
        brought: Standing | None,
    ) -> None:
        """Take `child`, which follows, with what it promised, its units and its people.

        `brought` None: a child of an earlier merger, of which nothing was recorded.
        """
        before = standing_of(self, at)
        now = None
        clocks: tuple[Clock, ...] = ()
        if brought is not None:
            brought = replace(brought, at=at)
            now = together(before, brought, at)
            clocks = tuple(c for c in now.clocks if self.clocks.get(c.key) != c)
            now = replace(now, clocks=())
        unpooled = now is not None and now.state is not self.state
        pool = self._stopped(at, ClockKind.POOL) if unpooled else []
        self._record(
            ChildJoined,
            actor,
            at,
            to=now.state if now else None,
            clocks=[*pool, *clocks],
            child=child.id,
            child_number=child.number,
            registered_at=child.cycle_started_at,
            before=before,
            brought=brought,
            now=now,
            parties=arriving(child.parties, child.id, self.parties_ever),
        )

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
        """Separate it from its parent, which is open or was closed at most 15 days ago.

        Each promises again what it did by itself; units and people go back with whom they came,
        with all that they have said since.
        """
        self.may_unmerge(actor, at)
        if parent.closed_at is not None and at - parent.closed_at > UNMERGE_DAYS:
            raise TooLateToUnmerge(number=self.number, into=parent.number)
        said = list(parent.said_here.get(self.id, ()))
        now = parent._release(self.id, actor, at, policy)
        clocks = self._clocks_resumed(policy) if now is None else now.clocks
        self._record(
            Unmerged,
            actor,
            at,
            to=now.state if now else State.TRIAGED,
            clocks=[replace(clock, cycle=self.cycle) for clock in clocks],
            words=words,
            from_parent=parent.id,
            now=replace(now, clocks=()) if now else None,
        )
        for key in dict.fromkeys(key for key, _ in said):
            own = [word for whose, word in said if whose == key]
            photos = sum(word.kind == "photo" for word in own)
            speaker = Actor("anonymous", Role.ANONYMOUS, reporter_of=key)
            self._record(Amended, speaker, at, words=own, reporter=None, photos=photos)

    def _release(
        self, child: UUID, actor: Actor, at: datetime, policy: SlaPolicy
    ) -> Standing | None:
        """Let a child go. Returns what it takes along; None: of an earlier merger."""
        parting = self._parting(child, at, policy)
        if parting is None:
            self._record(ChildLeft, actor, at, child=child, now=None, ended=())
            return None
        now = parting.parent
        self._record(
            ChildLeft,
            actor,
            at,
            to=now.state,
            clocks=self._clocks_of_parting(parting, at),
            child=child,
            now=replace(now, clocks=()),
            ended=parting.ended,
        )
        return parting.child

    def _parting(self, child: UUID, at: datetime, policy: SlaPolicy) -> Parting | None:
        if self.alone is None or self.merged_as is None or child not in self.brought:
            return None
        merger = Merger(
            now=standing_of(self, at),
            alone=self.alone,
            since=self.merged_as,
            leaving=self.brought[child],
            staying=[other for id, other in self.brought.items() if id != child],
        )
        return part(merger, at, policy)

    def _clocks_of_parting(self, parting: Parting, at: datetime) -> list[Clock]:
        ended = [
            clock
            for unit in parting.ended
            for clock in self._stopped_of(unit, at, ClockKind.RESPOND, ClockKind.ADJUDICATE)
        ]
        left = parting.parent.state is not State.SUSPENDED and self.state is State.SUSPENDED
        review = self._stopped(at, ClockKind.REVIEW) if left else []
        return [*ended, *review, *(self._as_it_stands(one, at) for one in parting.parent.clocks)]

    def _as_it_stands(self, clock: Clock, at: datetime) -> Clock:
        """What is solved or over starts no clock again because a child leaves it."""
        present = self._clock(clock.kind, clock.unit)
        if clock.stopped_at is not None or not (self.is_terminal or self.state in SOLVED):
            return clock
        stopped = present.stopped_at if present is not None else None
        if stopped is None:
            return clock.stop(at) if self.is_terminal else clock
        return clock.stop(stopped)
