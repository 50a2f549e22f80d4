"""时钟: from when it runs, until when, and its warnings.

Rules: domain.md §5. One function, `SlaPolicy.due`, decides a due time.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from tracker.domain.promises.sla_classes import (
    CITY_AFTER_RED,
    EMERGENCY,
    HALF_OF_CLASS,
    OF_THE_POST,
    PROMISES,
    TO_CITY_AFTER_RED,
    ClockKind,
    Duration,
    Mark,
    PackObject,
    SlaClass,
    UnknownSlaClass,
)
from tracker.domain.promises.working_time import (
    DAY,
    NOTHING,
    Pause,
    Stretch,
    WorkCalendar,
    aware,
    natural,
    outside,
    reach,
    spent,
    union,
)

__all__ = [
    "EMERGENCY",
    "HALF_OF_CLASS",
    "Clock",
    "ClockKind",
    "Due",
    "Duration",
    "Mark",
    "Pause",
    "SlaClass",
    "SlaPolicy",
    "UnknownSlaClass",
    "WorkCalendar",
]


@dataclass(frozen=True)
class Clock:
    """One running promise or window; `unit` is None for the whistle's own clocks.

    `marks` gives the moment of each warning as promised when the clock was last set; `reached`
    the marks already recorded. `held_at` is set while the clock is paused. `missing_years` are
    the years without a calendar that the due time (then `provisional`) or a later mark (then
    left out of `marks`) would need: when one of them arrives, the clock is computed anew.
    """

    kind: ClockKind
    unit: str | None
    started_at: datetime
    due: datetime
    marks: Mapping[Mark, datetime]
    reached: tuple[Mark, ...]
    stopped_at: datetime | None
    held_at: datetime | None
    provisional: bool
    missing_years: tuple[int, ...]
    policy_version: int
    cycle: int
    sla_class: str | None = None  # by which it was computed, where a merger brought it from another

    @property
    def key(self) -> str:
        return str(self.kind) if self.unit is None else f"{self.kind}:{self.unit}"

    @property
    def running(self) -> bool:
        return self.stopped_at is None and self.held_at is None

    @property
    def climbs(self) -> bool:
        """Whether it warns, and escalates when it is late.

        A window promises its end alone, and so did a follow-up in the first logs.
        """
        return any(mark is not Mark.RED for mark in self.marks)

    @property
    def is_promise(self) -> bool:
        """Whether the city owes it. A check that is not in the sample has a window instead."""
        return self.kind in PROMISES and (self.kind is not ClockKind.VERIFY or self.climbs)

    @property
    def is_of_the_post(self) -> bool:
        """Whether its cards stand with the post and leave the whistle's card as it is."""
        return self.kind in OF_THE_POST and self.climbs

    def missed_by(self, at: datetime) -> bool:
        """Whether its due time has passed at `at` while it ran, or had before it was stopped."""
        ran_until = self.stopped_at or self.held_at or at
        return Mark.RED in self.reached or (not self.provisional and self.due < ran_until)

    def next_mark(self) -> tuple[Mark, datetime] | None:
        """The earliest mark not yet reached, or None; a provisional clock promises no mark."""
        if not self.running or self.provisional:
            return None
        waiting = [mark for mark in Mark if mark in self.marks and mark not in self.reached]
        if not waiting:
            return None
        # Of equal moments the first of Mark: E1's city before its 150 %, both 15 minutes late.
        first = min(waiting, key=self.marks.__getitem__)
        return first, self.marks[first]

    def reach(self, mark: Mark) -> "Clock":
        return replace(self, reached=(*self.reached, mark))

    def stop(self, at: datetime) -> "Clock":
        return replace(self, stopped_at=at, held_at=None)

    def hold(self, at: datetime) -> "Clock":
        return replace(self, held_at=at)


@dataclass(frozen=True)
class Due:
    """A due time. With `missing_years` it is provisional: weekdays there were taken as working."""

    at: datetime
    missing_years: tuple[int, ...] = ()

    @property
    def provisional(self) -> bool:
        return bool(self.missing_years)


@dataclass(frozen=True)
class SlaPolicy:
    """The limits that the city promises at one version of its registers, and the arithmetic of §5.

    `former` are the versions before it, with the same holidays: a clock that one of them started
    is computed again under that one.
    """

    version: int
    classes: Mapping[str, SlaClass]
    calendar: WorkCalendar
    former: Mapping[int, "SlaPolicy"] = field(default_factory=dict)

    @classmethod
    def from_pack(cls, pack: PackObject, version: int) -> "SlaPolicy":
        """From `sla_classes`, `working_hours` and `calendar` of a city pack."""
        classes = [
            SlaClass.from_pack(entry, rank) for rank, entry in enumerate(pack["sla_classes"])
        ]
        return cls(
            version=version,
            classes={sla.code: sla for sla in classes},
            calendar=WorkCalendar.from_pack(pack, version),
        )

    def as_promised(self, version: int) -> "SlaPolicy":
        """The policy of that version; this one, where the city does not know it."""
        return self.former.get(version, self)

    def sla_class(self, code: str) -> SlaClass:
        found = self.classes.get(code)
        if found is None:
            raise UnknownSlaClass(sla_class=code, known=", ".join(self.classes))
        return found

    def clock(
        self,
        kind: ClockKind,
        sla_class: str,
        start: datetime,
        *,
        unit: str | None = None,
        cycle: int = 1,
        pauses: Sequence[Pause] = (),
        extensions: int = 0,
        reached: tuple[Mark, ...] = (),
        not_before: datetime | None = None,
        limit: Duration | None = None,
        not_after: datetime | None = None,
    ) -> Clock:
        """A clock of the class, with its warnings, after pauses and extensions.

        Both move the resolve clock alone, and only in a class that has them: what was granted
        under another class is lost in a class without pauses or extensions.
        `not_before` is the least due time after a change to a shorter class; `not_after` the last
        that another rule allows, and goes first. `limit` None: that of the class.
        """
        sla = self.sla_class(sla_class)
        limit = limit or sla.limit(kind, cycle)
        held: tuple[Pause, ...] = ()
        if kind is ClockKind.RESOLVE:
            limit = limit.extended(extensions if sla.extension_each else 0, sla.extension_each)
            held = union(pauses, aware(start)) if sla.pausable else ()
        due = self.due(limit, start, held)
        if not_before is not None and not_before > due.at:
            due = self._moved(limit, start, aware(not_before))
        if not_after is not None and not_after < due.at:
            due = self._moved(limit, start, aware(not_after))
        clock = self._started(kind, start, due, unit, cycle)
        return replace(self._warned(clock, sla, limit, held), reached=reached)

    def window(
        self,
        kind: ClockKind,
        duration: Duration,
        start: datetime,
        *,
        unit: str | None = None,
        cycle: int = 1,
    ) -> Clock:
        """A window in which somebody may act; nothing is recorded before its end."""
        return self._started(kind, start, self.due(duration, start), unit, cycle)

    def until(
        self,
        kind: ClockKind,
        due: datetime,
        start: datetime,
        *,
        unit: str | None = None,
        cycle: int = 1,
    ) -> Clock:
        """A window that ends at a moment which a person or a rule has set."""
        return self._started(kind, start, Due(aware(due)), unit, cycle)

    def due(
        self,
        duration: Duration,
        start: datetime,
        pauses: Sequence[Pause] = (),
        extensions: int = 0,
        each: Duration | None = None,
    ) -> Due:
        """The one place where a due time is decided: domain.md §5, "Arithmetic" 1, 2, 3, 5, 6."""
        start = aware(start)
        held = union(pauses, start)
        whole = duration.extended(extensions, each)
        if whole.natural:
            return Due(start + whole.amount + sum((end - begin for begin, end in held), NOTHING))
        if whole.unit == "working_hours":
            at = self.calendar.advance(start, whole.amount, held)
            return Due(at, self._missing(start, at))
        return self._due_in_days(whole.value, start, held)

    def _due_in_days(self, days: int, start: datetime, pauses: tuple[Pause, ...]) -> Due:
        """The day of the start is not counted; each close of business in a pause adds a day."""
        days += sum(self.calendar.closings(begin, end) for begin, end in pauses)
        calendar = self.calendar
        start_day = calendar.date_of(start)
        due_day = calendar.working_day(days, after=start_day)
        first = min([start_day + DAY, *(calendar.date_of(begin) for begin, _ in pauses)])
        last = max([due_day, *(calendar.date_of(end) for _, end in pauses)])
        return Due(calendar.close(due_day), calendar.missing_years(first, last))

    def _moved(self, limit: Duration, start: datetime, at: datetime) -> Due:
        return Due(at, () if limit.natural else self._missing(aware(start), at))

    def _missing(self, first: datetime, last: datetime) -> tuple[int, ...]:
        calendar = self.calendar
        return calendar.missing_years(calendar.date_of(first), calendar.date_of(last))

    def _started(
        self, kind: ClockKind, start: datetime, due: Due, unit: str | None, cycle: int
    ) -> Clock:
        return Clock(
            kind=kind,
            unit=unit,
            started_at=aware(start),
            due=due.at,
            marks={Mark.RED: due.at},
            reached=(),
            stopped_at=None,
            held_at=None,
            provisional=due.provisional,
            missing_years=due.missing_years,
            policy_version=self.version,
            cycle=cycle,
        )

    def _warned(
        self, clock: Clock, sla: SlaClass, limit: Duration, pauses: tuple[Pause, ...]
    ) -> Clock:
        """The clock with the warnings of its class, each at its share of the time that counts.

        One that comes after a certain due time, in a year without a calendar, is not promised.
        """
        shares = sla.shares

        def counting() -> Iterator[Stretch]:
            start = clock.started_at
            whole = natural(start) if limit.natural else self.calendar.stretches(start)
            return outside(whole, pauses)

        total = spent(counting(), until=clock.due)
        moments = reach(counting(), [total * share for share in shares.values()])
        marks = dict(clock.marks) | dict(zip(shares, moments, strict=True))
        if sla.code == EMERGENCY and clock.kind in TO_CITY_AFTER_RED:
            marks[Mark.CITY] = clock.due + CITY_AFTER_RED
        return self._promising(clock, marks, limit)

    def _promising(self, clock: Clock, marks: Mapping[Mark, datetime], limit: Duration) -> Clock:
        in_order = {mark: marks[mark] for mark in Mark if mark in marks}
        if limit.natural or clock.provisional:
            return replace(clock, marks=in_order)
        missing = self._missing(clock.due, max(marks.values()))
        certain = {
            mark: at
            for mark, at in in_order.items()
            if at <= clock.due or not self._missing(clock.due, at)
        }
        return replace(clock, marks=certain, missing_years=missing)
