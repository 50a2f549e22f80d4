"""A whistle's story without some of its events: the one place that folds it so.

`Without.tell` folds the whistle's own events, those of `gone` left out, and refuses where a later
event rests on one of them. Rules: domain.md §4.2, row annul.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from tracker.domain.actors import Role
from tracker.domain.errors import Named, Words
from tracker.domain.promises.clocks import Clock, ClockKind, Mark
from tracker.domain.whistle.consequences import PartEnded
from tracker.domain.whistle.ending import VoidProposed
from tracker.domain.whistle.events import Event
from tracker.domain.whistle.following_up import Closed
from tracker.domain.whistle.memory import Memory
from tracker.domain.whistle.merging import ChildJoined, ChildLeft, Merged, Unmerged
from tracker.domain.whistle.overseeing import (
    CITY_LEVEL,
    PREFECTURE_LEVEL,
    STEPS,
    Deescalated,
    Escalated,
    MissLifted,
    SupervisionClosed,
    SupervisionOpened,
    of_resolve,
)
from tracker.domain.whistle.passing_time import DeadlineMissed, DeadlineNeared, DeadlineOverrun
from tracker.domain.whistle.refusals.annulling import ItsCauseStays, SomethingRestsOnIt
from tracker.domain.whistle.reopening import Reopened
from tracker.domain.whistle.states import State, from_to

Reached = tuple[str, int, Mark]  # key and cycle of a clock, and the mark that it reached
ORDER = {mark: place for place, mark in enumerate(Mark)}
BEFORE_UNITS = from_to(State.RAISED, State.POOLED)

ANOTHER_MARK = Words("同一时限更晚的提醒", "a later mark of the same clock")
BROUGHT_BY_IT = Words("由它带来", "it followed from it")
MERGER = Words("并案或解除并案", "a merger or its end")
ANOTHER_CLASS = Words("等级变更", "another class")
LATE_LEAD = Words("因超时改派", "another lead, because the first was late")
LATE_VOID = Words("因超时由督查作废", "voiding as late")
LEVEL_BY_HAND = Words("人工升降级", "a level that a person chose")
MORE_TIME = Words("超期后批准的延期", "more time that was granted after the due")
SUPERVISION_ENDED = Words("人工结束督办", "the end of the supervision by a person")


def mark_of(event: Event) -> Mark | None:
    """The mark that the event records; None: it records none."""
    match event:
        case DeadlineMissed():
            return Mark.RED
        case DeadlineNeared(mark=mark) | DeadlineOverrun(mark=mark):
            return mark
    return None


def reached_by(event: Event) -> Reached | None:
    mark = mark_of(event)
    if mark is None:
        return None
    clock = event.clocks[0]
    return clock.key, clock.cycle, mark


def cause_of(event: Event, story: Sequence[Event]) -> Event | None:
    """The mark by which a rule escalated or opened a supervision; None where there is none."""
    basis = event.basis if isinstance(event, Escalated | SupervisionOpened) else None
    earlier = reversed([one for one in story if one.originator_version < event.originator_version])
    return next((one for one in earlier if basis is not None and _basis(one) == basis), None)


def _basis(event: Event) -> str | None:
    reached = reached_by(event)
    return None if reached is None else f"{reached[0]} {reached[2]}"


def cleared(clock: Clock, never: set[Reached]) -> Clock:
    """The clock without the marks that it never reached."""
    left = tuple(mark for mark in clock.reached if (clock.key, clock.cycle, mark) not in never)
    return clock if left == clock.reached else replace(clock, reached=left)


@dataclass
class Without:
    """What a whistle would be. `annulled`: what earlier annulments named, by their own version.

    `highest_level` is what the rates count: the highest until it was closed first. `owed` are the
    marks that stay, and whose level and supervision another event had brought already.
    """

    number: str
    gone: frozenset[int]
    annulled: dict[int, frozenset[int]] = field(default_factory=dict)
    never: set[Reached] = field(default_factory=set)
    owed: list[tuple[Clock, Mark]] = field(default_factory=list)
    highest_level: int = 1
    _false: dict[int, Event] = field(default_factory=dict)  # those that later events could rest on
    _highest_alone: int | None = None
    _highest_in_time: int = 1
    _closed: bool = False

    def tell(self, story: Sequence[Event]) -> Memory:
        """The whistle as those events leave it. Raises ItsCauseStays, SomethingRestsOnIt."""
        every = self.gone.union(*self.annulled.values())
        self._must_go_with_their_causes(story, every)
        first, *later = story
        whistle = _begun(first)
        for event in later:
            version = event.originator_version
            if version in self.annulled:
                for annulled in self.annulled[version]:
                    self._false.pop(annulled, None)
            elif version in every:
                self._leave_out(event)
            else:
                self._must_not_rest(event, whistle)
                self._fold(whistle, event)
        return whistle

    def _must_go_with_their_causes(self, story: Sequence[Event], every: frozenset[int]) -> None:
        for event in story:
            if event.originator_version not in self.gone:
                continue
            cause = cause_of(event, story)
            if cause is not None and cause.originator_version not in every:
                raise ItsCauseStays(
                    number=self.number,
                    event=event.originator_version,
                    cause=cause.originator_version,
                )

    def _leave_out(self, event: Event) -> None:
        self._false[event.originator_version] = event
        reached = reached_by(event)
        if reached is not None:
            self.never.add(reached)

    def _fold(self, whistle: Memory, event: Event) -> None:
        reached = reached_by(event)
        if reached is not None:
            self.never.discard(reached)
        event.apply(whistle)
        for clock in event.clocks:
            whistle.clocks[clock.key] = cleared(clock, self.never)
        if whistle.had is not None:
            clocks = tuple(cleared(clock, self.never) for clock in whistle.had.clocks)
            whistle.had = replace(whistle.had, clocks=clocks)
        self._count_level(event)
        self._count_owed(event)

    def _count_level(self, event: Event) -> None:
        """As the rates count it (tracker/projections/rates/life.py)."""
        match event:
            case Closed(cycle=1):
                self._closed = True
            case Escalated(level=level, basis=basis) if not self._closed:
                self.highest_level = max(self.highest_level, level)
                if not of_resolve(basis):
                    self._highest_in_time = max(self._highest_in_time, level)
            case MissLifted(level=level) if not self._closed:
                self.highest_level = max(self._highest_in_time, level)
            case ChildJoined(now=now) if now is not None:
                if self._highest_alone is None:
                    self._highest_alone = self.highest_level
                if not self._closed:
                    self.highest_level = max(self.highest_level, now.level)
            case ChildLeft(now=now) if now is not None and self._highest_alone is not None:
                if not self._closed:
                    self.highest_level = max(self._highest_alone, now.level)

    def _count_owed(self, event: Event) -> None:
        mark = mark_of(event)
        if mark is not None and self._false:
            clock = event.clocks[0]
            if clock.unit is None and clock.climbs:
                self.owed.append((clock, mark))
                if not self._closed:
                    self.highest_level = step_of(mark, self.highest_level)
        elif isinstance(event, Deescalated | SupervisionClosed):
            self.owed = []

    # --- what rests on what ----------------------------------------------------------------------

    def _must_not_rest(self, event: Event, whistle: Memory) -> None:
        for version, what in self._grounds(event, whistle):
            raise SomethingRestsOnIt(
                number=self.number,
                event=version,
                later=event.originator_version,
                what=Named(event.TOPIC, what),
            )

    def _grounds(self, event: Event, whistle: Memory) -> Iterator[tuple[int, Words]]:
        """Those of the events that are left out on which this one rests, and how."""
        for version, false in self._false.items():
            what = self._how_it_rests(event, false, whistle)
            if what is not None:
                yield version, what

    def _how_it_rests(self, event: Event, false: Event, whistle: Memory) -> Words | None:
        match event:
            case Merged() | ChildJoined() | ChildLeft() | Unmerged():
                return MERGER
            case DeadlineNeared() | DeadlineMissed() | DeadlineOverrun():
                return ANOTHER_MARK if _comes_after(event, false) else None
            case Escalated(basis="command") | Deescalated():
                return LEVEL_BY_HAND if isinstance(false, Escalated) else None
            case Escalated(basis=basis) | SupervisionOpened(basis=basis):
                return BROUGHT_BY_IT if _basis(false) == basis else None
            case SupervisionClosed():
                return SUPERVISION_ENDED if isinstance(false, SupervisionOpened) else None
            case MissLifted(kind=kind):
                return MORE_TIME if mark_of(false) and false.clocks[0].kind is kind else None
            case Reopened():
                return None
        return self._how_it_rests_on_a_miss(event, false, whistle)

    def _how_it_rests_on_a_miss(self, event: Event, false: Event, whistle: Memory) -> Words | None:
        if not isinstance(false, DeadlineMissed) or false.clocks[0].cycle != whistle.cycle:
            return None
        match event:
            case PartEnded(basis="dispatch", unit=unit) if event.role != Role.CITY_CENTRE:
                late = false.kind is ClockKind.RESPOND and false.unit == unit
                return LATE_LEAD if late else None
            case VoidProposed(role=Role.SUPERVISOR) if whistle.state in BEFORE_UNITS:
                return LATE_VOID if false.unit is None else None
        known = getattr(event, "sla_class", None)
        return ANOTHER_CLASS if known not in (None, whistle.sla_class) else None


def step_of(mark: Mark, level: int) -> int:
    """The level to which the mark raises that level (domain.md §4.2, row escalate)."""
    if mark is Mark.OVER_200 and level == CITY_LEVEL:
        return PREFECTURE_LEVEL
    return max(level, STEPS.get(mark, level))


def _begun(first: Event) -> Memory:
    begun: Memory | None = first.mutate(None)
    assert begun is not None, "a story begins with the raising"
    return begun


def _comes_after(event: Event, false: Event) -> bool:
    """Whether it is a later mark of the same clock."""
    one, other = reached_by(event), reached_by(false)
    if one is None or other is None:
        return False
    return one[:2] == other[:2] and ORDER[one[2]] > ORDER[other[2]]


def stopped_late(clock: Clock | None, reached: Reached) -> datetime | None:
    """The moment of the mark, where the clock ran past it before it was stopped or held."""
    _, cycle, mark = reached
    moment = clock.marks.get(mark) if clock is not None and clock.cycle == cycle else None
    ended = (clock.stopped_at or clock.held_at) if clock is not None else None
    return moment if moment is not None and ended is not None and moment < ended else None
