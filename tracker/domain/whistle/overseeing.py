"""升级、督办、催办、移交: what never changes the state."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import ClassVar

from tracker.domain.actors import SYSTEM, Actor
from tracker.domain.promises.clocks import EMERGENCY, Clock, ClockKind, Mark
from tracker.domain.whistle.events import Event
from tracker.domain.whistle.lifecycle import Lifecycle
from tracker.domain.whistle.memory import Memory
from tracker.domain.whistle.refusals.overseeing import (
    AlreadySupervised,
    AlreadyThere,
    HighestLevel,
    LowestLevel,
    NotSupervised,
    NotTheNextLevel,
    PrefectureNotYet,
)
from tracker.domain.whistle.said import Said

CITY_LEVEL, PREFECTURE_LEVEL = 4, 5
STEPS = {Mark.RED: 2, Mark.OVER_150: 3, Mark.CITY: CITY_LEVEL, Mark.OVER_200: CITY_LEVEL}


def of_resolve(basis: str) -> bool:
    """Whether a rule that looks at the resolve clock raised the level, or opened a supervision."""
    return basis.startswith(f"{ClockKind.RESOLVE} ")


class Escalated(Event):
    """A higher level is responsible."""

    TOPIC: ClassVar[str] = "whistle.escalated"
    of_time: ClassVar[bool] = True
    level: int
    basis: str  # "command", or "respond red", "resolve over_150", … for a rule

    def assign(self, whistle: Memory) -> None:
        whistle.levels.append(whistle.level)
        whistle.level = self.level
        whistle.late_levels.discard(self.level)
        if of_resolve(self.basis):
            whistle.late_levels.add(self.level)
        if self.basis == "command":
            whistle.note_by_hand()


class Deescalated(Event):
    """Sent back to exactly the level from which it came."""

    TOPIC: ClassVar[str] = "whistle.deescalated"
    level: int

    def assign(self, whistle: Memory) -> None:
        whistle.late_levels.discard(whistle.level)
        whistle.levels.pop()
        whistle.level = self.level
        whistle.note_by_hand()


class SupervisionOpened(Event):
    """The supervisor watches it; `basis` as of `Escalated`."""

    TOPIC: ClassVar[str] = "whistle.supervision_opened"
    of_time: ClassVar[bool] = True
    basis: str

    def assign(self, whistle: Memory) -> None:
        whistle.supervised, whistle.supervised_late = True, of_resolve(self.basis)
        if self.basis == "command":
            whistle.note_by_hand()


class SupervisionClosed(Event):
    """The supervisor watches it no longer."""

    TOPIC: ClassVar[str] = "whistle.supervision_closed"

    def assign(self, whistle: Memory) -> None:
        whistle.supervised = False
        whistle.note_by_hand()


class MissLifted(Event):
    """More time, asked for before the due and granted after it, makes that due one that was kept.

    What the due brought is as if it had not been: `card`, `level` and `supervised` are those
    afterwards, `levels` those from which it was escalated (domain.md §4.2, decideExtension).
    """

    TOPIC: ClassVar[str] = "whistle.miss_lifted"
    kind: ClockKind
    due: datetime
    card: str
    level: int
    levels: tuple[int, ...]
    supervised: bool

    def assign(self, whistle: Memory) -> None:
        whistle.card, whistle.level, whistle.levels = self.card, self.level, list(self.levels)
        whistle.supervised, whistle.supervised_late = self.supervised, False
        whistle.late_levels = set()


class Urged(Event):
    """A reminder. It moves no clock."""

    TOPIC: ClassVar[str] = "whistle.urged"


class HandedOver(Event):
    """The grids were redrawn, and `post` handles it from now on. No due time moves.

    Figures keep the post of the day on which it was registered (domain.md §6.1).
    """

    TOPIC: ClassVar[str] = "whistle.handed_over"
    post: str
    from_post: str | None

    def assign(self, whistle: Memory) -> None:
        whistle.place = replace(whistle.place, post=self.post)


class Overseeing(Lifecycle):
    """Escalate, de-escalate, supervise, urge, hand over."""

    def may_escalate(self, actor: Actor, at: datetime) -> None:
        self._must_be_open()
        if self.level >= PREFECTURE_LEVEL:
            raise HighestLevel(number=self.number, level=self.level)
        if self.level == CITY_LEVEL:
            self._must_be_twice_overdue()

    def _must_be_twice_overdue(self) -> None:
        if not self._twice_overdue:
            raise PrefectureNotYet(number=self.number)

    @property
    def _twice_overdue(self) -> bool:
        return any(Mark.OVER_200 in clock.reached for clock in self.clocks.values())

    def escalate(
        self, level: int | None = None, *, actor: Actor, at: datetime, words: Sequence[Said] = ()
    ) -> None:
        """By hand to the next level only, an emergency to any higher one; None: the next."""
        self.may_escalate(actor, at)
        following = self.level + 1
        level = following if level is None else level
        if level < following or (level > following and self.sla_class != EMERGENCY):
            raise NotTheNextLevel(number=self.number, level=level, following=following)
        if level >= PREFECTURE_LEVEL:
            self._must_be_twice_overdue()
        self._record(Escalated, actor, at, words=words, level=level, basis="command")

    def _escalate_by_rule(self, level: int, basis: str, at: datetime) -> None:
        if self.level < level <= PREFECTURE_LEVEL:
            self._record(Escalated, SYSTEM, at, level=level, basis=basis)

    def _escalate_for(self, clock: Clock, mark: Mark, at: datetime) -> None:
        """Each mark raises the level to its own step, if it is not there yet (domain.md §4.2)."""
        basis = f"{clock.kind} {mark}"
        if mark is Mark.RED and not self.supervised:
            self._record(SupervisionOpened, SYSTEM, at, basis=basis)
        if mark is Mark.OVER_200 and self.level == CITY_LEVEL:
            self._escalate_by_rule(PREFECTURE_LEVEL, basis, at)
        elif mark in STEPS:
            self._escalate_by_rule(STEPS[mark], basis, at)

    def _lift_miss(self, missed: Clock, actor: Actor, at: datetime) -> None:
        """Take back the card, the steps and the supervision that the whistle's due brought.

        What another late clock brought, or a person decided, stays.
        """
        others = [c for c in self.clocks.values() if c.key != missed.key and not c.is_of_the_post]
        red = any(Mark.RED in clock.reached for clock in others)
        promised = self.clocks[missed.key]
        yellow = any(Mark.YELLOW in clock.reached for clock in (promised, *others))
        climbing = [clock for clock in others if clock.unit is None and clock.climbs]
        owed = max((STEPS.get(mark, 1) for c in climbing for mark in c.reached), default=1)
        steps = [one for one in (*self.levels, self.level) if one not in self.late_levels]
        steps += [owed] if steps[-1] < owed <= self.level else []
        self._record(
            MissLifted,
            actor,
            at,
            kind=missed.kind,
            due=missed.due,
            card="red" if red else "yellow" if yellow else "none",
            level=steps[-1],
            levels=tuple(steps[:-1]),
            supervised=self.supervised and not self.supervised_late,
        )

    def may_deescalate(self, actor: Actor, at: datetime) -> None:
        self._must_be_open()
        if not self.levels:
            raise LowestLevel(number=self.number, level=self.level)

    def deescalate(self, *, actor: Actor, at: datetime, words: Sequence[Said] = ()) -> None:
        """Back to the exact level from which it came."""
        self.may_deescalate(actor, at)
        self._record(Deescalated, actor, at, words=words, level=self.levels[-1])

    def may_supervise(self, actor: Actor, at: datetime) -> None:
        self._must_be_open()
        if self.supervised:
            raise AlreadySupervised(number=self.number)

    def supervise(self, *, actor: Actor, at: datetime, words: Sequence[Said] = ()) -> None:
        self.may_supervise(actor, at)
        self._record(SupervisionOpened, actor, at, words=words, basis="command")

    def may_end_supervision(self, actor: Actor, at: datetime) -> None:
        if not self.supervised:
            raise NotSupervised(number=self.number)

    def end_supervision(self, *, actor: Actor, at: datetime, words: Sequence[Said] = ()) -> None:
        self.may_end_supervision(actor, at)
        self._record(SupervisionClosed, actor, at, words=words)

    def may_urge(self, actor: Actor, at: datetime) -> None:
        self._must_be_open()

    def urge(self, *, actor: Actor, at: datetime, words: Sequence[Said] = ()) -> None:
        self.may_urge(actor, at)
        self._record(Urged, actor, at, words=words)

    def hand_over(self, post: str, *, actor: Actor, at: datetime) -> None:
        """Hand it to another post, to which its grid belongs now."""
        self._must_be_open()
        if self.place.post == post:
            raise AlreadyThere(number=self.number, post=post)
        self._record(HandedOver, actor, at, post=post, from_post=self.place.post)
