"""What the rates remember of a whistle: no more than the figures need.

Its fold: `fold.py`.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from tracker.domain.promises.clocks import Clock, ClockKind
from tracker.domain.promises.working_time import WorkCalendar
from tracker.domain.whistle.assignment import Assignment, Part
from tracker.domain.whistle.contradicting import VerdictContradicted
from tracker.domain.whistle.events import Place
from tracker.domain.whistle.following_up import Closed, FollowedUp
from tracker.domain.whistle.merging import ChildJoined, ChildLeft
from tracker.domain.whistle.responding import Responded
from tracker.domain.whistle.standing import Standing

SECOND = timedelta(seconds=1)


class Task(msgspec.Struct, array_like=True):
    """An assignment of the first cycle. `returned`: a return of it was upheld."""

    unit: str
    leads: bool
    assigned_at: datetime
    respond_due: datetime
    resolve_due: datetime
    responded_at: datetime | None = None
    working_seconds: int | None = None  # from assignment to response
    requested_at: datetime | None = None
    returned: bool = False
    removed_at: datetime | None = None
    child: UUID | None = None  # the merged whistle with which the unit came
    gone: bool = False  # it left with that whistle, as if it had never been here

    @property
    def stands(self) -> bool:
        return not self.returned and self.removed_at is None and not self.gone


class Return(msgspec.Struct, array_like=True):
    """`upheld` None: not decided yet. `by_rule`: refused by silence or as an emergency, which says
    nothing against the unit."""

    unit: str
    requested_at: datetime
    upheld: bool | None = None
    decided_at: datetime | None = None
    by_rule: bool = False


class Cycle(msgspec.Struct, array_like=True):
    """From raising or a reopening to closing. `resolved_at`: the submission that has passed."""

    due: datetime | None = None
    lead: str | None = None
    submitted_at: datetime | None = None
    resolved_at: datetime | None = None
    waiting: bool = False  # submitted, and nobody has checked yet
    suspended_at: datetime | None = None
    over: bool = False
    asked_at: datetime | None = None  # since when its due waits for an answer of the reporter

    @property
    def paused_at(self) -> datetime | None:
        """Since when its due is not known, because its clock is held; None: it runs."""
        return self.suspended_at or self.asked_at


class FormerPlace(msgspec.Struct, array_like=True):
    """Where the whistle was until `until`, when another place became known."""

    until: datetime
    grid: str | None
    community: str | None
    street: str | None
    post: str | None


class Word(msgspec.Struct, array_like=True):
    """The first follow-up with a verdict or a rating. `declined`: asked, and would not rate."""

    at: datetime
    resolved: bool | None
    rating: int | None
    declined: bool = False


class Check(msgspec.Struct, array_like=True):
    """A check that is due (verify-by). `ended`: it fell away before anybody had checked."""

    due: datetime
    checked_at: datetime | None = None
    ended: bool = False


class Life(msgspec.Struct, array_like=True):
    """A whistle so far. Fields without a cycle in their name belong to the first cycle."""

    whistle: UUID
    number: str
    registered_at: datetime
    started_at: datetime  # earlier than registered_at when an older child was merged into it
    test: bool
    sla_class: str
    category: str | None = None
    grid: str | None = None
    community: str | None = None
    street: str | None = None
    post: str | None = None
    respond_due: datetime | None = None
    dispatched: bool = False
    responded_at: datetime | None = None
    seconds: int = 0  # from the start to the response
    working_seconds: int | None = None
    tasks: list[Task] = []
    returns: list[Return] = []
    cycles: list[Cycle] = []
    extensions: int = 0
    suspended_seconds: int = 0
    submitted_at: datetime | None = None
    reworks: int = 0
    attempted_at: datetime | None = None  # a first follow-up that heard nobody
    word: Word | None = None
    highest_level: int = 1
    closed_at: datetime | None = None
    handling_seconds: int = 0
    self_resolved: bool = False
    ended: str | None = None  # test, void, merged, transferred_out
    ended_at: datetime | None = None
    withdrawn_at: datetime | None = None
    excluded_at: datetime | None = None
    self_resolved_at: datetime | None = None
    by_import: bool = False  # another system says how it ended: nothing of it counts
    former_places: list[FormerPlace] = []
    children: dict[UUID, datetime] = {}  # by child, its own start
    checks: list[Check] = []
    unreachable: bool = False  # closed after calls in vain
    anonymous: bool = False
    highest_alone: int | None = None  # the highest level before a child joined
    highest_in_time: int = 1  # the highest that the resolve due did not bring

    @property
    def cycle(self) -> int:
        return len(self.cycles)

    @property
    def now(self) -> Cycle:
        return self.cycles[-1]

    def left_at(self, cycle: int) -> datetime | None:
        """When it was transferred out or, in its first cycle, resolved on the spot.

        A due that had passed before stays missed (domain.md §6.2). None: it did not leave so, or
        nothing of it counts.
        """
        if self.test or self.by_import or self.excluded_at is not None:
            return None
        if self.ended not in (None, "transferred_out"):
            return None
        resolved_at = self.self_resolved_at if self.self_resolved and cycle == 1 else None
        return min((at for at in (resolved_at, self.ended_at) if at is not None), default=None)

    def place(self, place: Place) -> None:
        self.grid, self.community = place.grid, place.community
        self.street, self.post = place.street, place.post

    def relocate(self, place: Place, at: datetime) -> None:
        """Remember the former place: a due that it missed counts there (domain.md §6.0)."""
        here = (self.grid, self.community, self.street, self.post)
        self.place(place)
        if here != (self.grid, self.community, self.street, self.post):
            self.former_places.append(FormerPlace(at, *here))

    def take(self, clock: Clock) -> None:
        """Take the due time of one of the whistle's own clocks; a unit's is in its assignment."""
        if clock.unit is not None or clock.cycle > self.cycle:
            return
        if clock.kind is ClockKind.RESOLVE:
            self.cycles[clock.cycle - 1].due = clock.due
        elif clock.kind is ClockKind.RESPOND and clock.cycle == 1:
            self.respond_due = clock.due

    def task_of(self, unit: str) -> Task | None:
        return next((t for t in reversed(self.tasks) if t.unit == unit and t.stands), None)

    def assign(self, *given: Assignment, at: datetime) -> None:
        for new in given:
            if new.role is Part.LEAD:
                self.now.lead = new.unit
            if self.cycle > 1:
                continue
            if (older := self.task_of(new.unit)) is not None:
                older.removed_at = at
            self.tasks.append(
                Task(
                    new.unit,
                    new.role is Part.LEAD,
                    new.assigned_at,
                    new.respond_due,
                    new.resolve_due,
                )
            )

    def move(self, parts: Iterable[Assignment]) -> None:
        """The class has changed: units that are at work answer for other due times."""
        for part in parts if self.cycle == 1 else ():
            if (task := self.task_of(part.unit)) is not None:
                task.respond_due, task.resolve_due = part.respond_due, part.resolve_due

    def hand_over(self, unit: str, heir: Assignment | None, at: datetime) -> None:
        """A part ends by a rule: nothing after this moment is a breach of the unit."""
        if self.cycle == 1 and (task := self.task_of(unit)) is not None:
            task.removed_at = at
        if heir is not None:
            self.assign(heir, at=at)
        elif self.now.lead == unit:
            self.now.lead = None

    def respond(self, event: Responded, calendar: WorkCalendar | None) -> None:
        at = event.timestamp
        if (task := self.task_of(event.unit)) is not None and task.responded_at is None:
            task.responded_at = at
            task.working_seconds = working(calendar, task.assigned_at, at)
        if event.lead and self.responded_at is None:
            self.responded_at = at
            self.count_response_time(calendar)

    def count_response_time(self, calendar: WorkCalendar | None) -> None:
        if self.responded_at is not None:
            self.seconds = (self.responded_at - self.started_at) // SECOND
            self.working_seconds = working(calendar, self.started_at, self.responded_at)

    def stand(
        self, now: Standing, at: datetime, calendar: WorkCalendar | None, child: UUID | None = None
    ) -> None:
        """Promise what `now` says, after a merger or its end (domain.md §4.2).

        `child` joins or leaves: units that are new come with it, and go with it.
        """
        self.sla_class = now.sla_class
        self.now.lead = now.lead.unit if now.lead is not None else None
        if self.cycle > 1:
            return
        self.dispatched = self.dispatched or bool(now.parts)
        self.started_at, self.responded_at = now.started_at, now.responded_at
        self.count_response_time(calendar)
        staying = {part.unit for part in now.parts}
        for task in [task for task in self.tasks if task.stands and task.unit not in staying]:
            if child is not None and task.child == child:
                task.gone = True
            else:
                task.removed_at = at
        for part in now.parts:
            self._stand_part(part, calendar, child)

    def _stand_part(
        self, part: Assignment, calendar: WorkCalendar | None, child: UUID | None
    ) -> None:
        task = self.task_of(part.unit)
        if task is None:
            task = Task(part.unit, False, part.assigned_at, part.respond_due, part.resolve_due)
            task.child = child
            self.tasks.append(task)
        task.leads, task.assigned_at = part.leads, part.assigned_at
        task.respond_due, task.resolve_due = part.respond_due, part.resolve_due
        task.responded_at, task.working_seconds = part.responded_at, None
        if part.responded_at is not None:
            task.working_seconds = working(calendar, part.assigned_at, part.responded_at)

    def join(self, event: ChildJoined, calendar: WorkCalendar | None) -> None:
        if event.now is not None:
            if self.highest_alone is None:
                self.highest_alone = self.highest_level
            if self.closed_at is None:
                self.highest_level = max(self.highest_level, event.now.level)
            self.stand(event.now, event.timestamp, calendar, event.child)
        elif self.cycle == 1:
            self.children[event.child] = event.registered_at
            self.started_at = min(self.started_at, event.registered_at)

    def leave(self, event: ChildLeft, calendar: WorkCalendar | None) -> None:
        if event.now is None:
            self.lose_child(event.child, calendar)
            return
        if self.closed_at is None and self.highest_alone is not None:
            self.highest_level = max(self.highest_alone, event.now.level)
        self.stand(event.now, event.timestamp, calendar, event.child)

    def lose_child(self, child: UUID, calendar: WorkCalendar | None) -> None:
        """Count from its own start again, as if the two had never been merged."""
        if self.children.pop(child, None) is None:
            return
        starts = [self.registered_at, *self.children.values()]
        if self.cycle == 1 and min(starts) != self.started_at:
            self.started_at = min(starts)
            self.count_response_time(calendar)

    def resume(self, at: datetime) -> None:
        since = self.now.suspended_at
        if since is not None and self.cycle == 1:
            self.suspended_seconds += (at - since) // SECOND
        self.now.suspended_at = None

    def hear(self, event: FollowedUp) -> None:
        if not event.counted or event.cycle > 1 or self.word is not None:
            return
        if event.resolved is None and event.rating is None:
            self.attempted_at = self.attempted_at or event.timestamp
        else:
            # Nobody knows whose rating it is: it is a remark (domain.md §4.2, row followUp).
            rating = None if self.anonymous else event.rating
            declined = event.method == "phone" and event.rating is None and not self.anonymous
            self.word = Word(event.timestamp, event.resolved, rating, declined)

    def replace_word(self, event: VerdictContradicted) -> None:
        """Its reporter says what he really thinks: it counts where the recorded word counted."""
        if self.word is not None and self.word.at == event.recorded_at:
            rating = None if self.anonymous else event.rating
            self.word = Word(event.recorded_at, event.resolved, rating, False)

    def await_check(self, clock: Clock, at: datetime, *, checked: bool) -> None:
        """Take the clock of verify-by; the window of one that is not sampled is no promise."""
        if clock.kind is not ClockKind.VERIFY or not clock.is_promise:
            return
        last = self.checks[-1] if self.checks else None
        is_open = last is not None and last.checked_at is None and not last.ended
        if clock.stopped_at is None and (last is None or not is_open):
            self.checks.append(Check(clock.due))
        elif last is not None and is_open:
            last.due = clock.due
            last.checked_at = at if clock.stopped_at is not None and checked else None
            last.ended = clock.stopped_at is not None and not checked

    def climb(self, level: int, *, late: bool) -> None:
        """`late`: because its resolve due had passed, which more time may still take back."""
        self.highest_level = max(self.highest_level, level)
        if not late:
            self.highest_in_time = max(self.highest_in_time, level)

    def check(self, cycle: int, passed: bool) -> None:
        turn = self.cycles[cycle - 1]
        turn.waiting = False
        turn.resolved_at = turn.submitted_at if passed else None

    def self_resolve(self, at: datetime | None) -> None:
        """`at` None: it was not after all. After a reopening it resolves the current cycle."""
        if self.cycle == 1:
            self.self_resolved, self.self_resolved_at = at is not None, at
        else:
            self.now.resolved_at = at

    def begin_triage_again(self, at: datetime) -> None:
        """A void was overturned: whatever state it was in, it is in triage now."""
        self.resume(at)
        self.now.waiting, self.now.resolved_at = False, None

    def close(self, event: Closed) -> None:
        turn = self.cycles[event.cycle - 1]
        turn.over = True
        turn.resolved_at = turn.resolved_at or turn.submitted_at
        turn.waiting = False
        if event.cycle == 1:
            self.unreachable = event.basis == "unreachable"
            self.closed_at = event.timestamp
            passed = (event.timestamp - self.started_at) // SECOND
            self.handling_seconds = passed - self.suspended_seconds


def working(calendar: WorkCalendar | None, start: datetime, end: datetime) -> int | None:
    """Working seconds between the two; None before the city has a calendar."""
    return None if calendar is None else calendar.between(start, end) // SECOND
