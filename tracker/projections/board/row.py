"""A whistle's row on the board, and the changes that events make to it."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from msgspec import UNSET, UnsetType

from tracker.domain.actors import Role
from tracker.domain.promises.clocks import Clock, Mark
from tracker.domain.promises.sla_classes import PROMISES, ClockKind
from tracker.domain.whistle.assignment import Assignment, AssignmentState, Part
from tracker.domain.whistle.events import Event, Place, Said
from tracker.domain.whistle.standing import Standing


@dataclass(slots=True)
class ShownClock:
    """A clock without its marks, as a list shows it."""

    kind: str
    unit: str | None
    due: datetime
    started_at: datetime
    stopped_at: datetime | None
    held_at: datetime | None
    provisional: bool
    card: str
    # Whether a check is owed. Unset: another clock, or a check that is not in the sample.
    owed: bool | UnsetType = UNSET

    @property
    def is_promise(self) -> bool:
        return self.kind in PROMISES and (self.kind != ClockKind.VERIFY or self.owed is True)

    @property
    def is_running_promise(self) -> bool:
        return self.stopped_at is None and self.held_at is None and self.is_promise

    @classmethod
    def of(cls, clock: Clock) -> "ShownClock":
        reached = clock.reached
        card = "red" if Mark.RED in reached else "yellow" if Mark.YELLOW in reached else "none"
        return cls(
            clock.kind,
            clock.unit,
            clock.due,
            clock.started_at,
            clock.stopped_at,
            clock.held_at,
            clock.provisional,
            card,
            True if clock.kind is ClockKind.VERIFY and clock.is_promise else UNSET,
        )


@dataclass(slots=True)
class BoardRow:
    """A whistle. `next_due` is the earliest promise still running, late ones included."""

    id: UUID
    number: str
    state: str
    category: str | None
    sla_class: str
    urgency: str | None
    confidential: bool
    source: str
    anonymous: bool
    test: bool
    reporters: list[str]
    registered_at: datetime
    updated_at: datetime
    photos: int
    occurred_at: datetime | None = None
    grid: str | None = None
    community: str | None = None
    street: str | None = None
    post: str | None = None
    lat: float | None = None
    lon: float | None = None
    lead: str | None = None
    co: list[str] = field(default_factory=list)
    units: list[str] = field(default_factory=list)
    assignments: list[Assignment] = field(default_factory=list)
    clocks: dict[str, ShownClock] = field(default_factory=dict)
    level: int = 1
    card: str = "none"
    cycle: int = 1
    reworks: int = 0
    supervised: bool = False
    excluded: bool = False
    respond_due: datetime | None = None
    resolve_due: datetime | None = None
    next_due: datetime | None = None
    next_due_kind: str | None = None
    next_due_unit: str | None = None
    missed: list[str] = field(default_factory=list)
    responded_at: datetime | None = None
    closed_at: datetime | None = None
    text_id: UUID | None = None
    title_id: UUID | None = None
    address_id: UUID | None = None
    children: int = 0
    merged_into: UUID | None = None
    merged_into_number: str | None = None
    version: int = 0
    position: int = 0

    def apply_common(self, event: Event, position: int) -> None:
        """Apply what every event has: its state, its time and position, the clocks it changed."""
        self.state = event.state
        self.version, self.position = event.originator_version, position
        self.updated_at = event.timestamp
        if event.clocks:
            for clock in event.clocks:
                self.clocks[clock.key] = ShownClock.of(clock)
            self.find_next_due()

    def find_next_due(self) -> None:
        respond, resolve = self.clocks.get("respond"), self.clocks.get("resolve")
        self.respond_due = respond.due if respond else None
        self.resolve_due = resolve.due if resolve else None
        promised = [(c.due, key, c) for key, c in self.clocks.items() if c.is_running_promise]
        # With equal times the first key wins. PostgreSQL changes the order of keys in a jsonb, so
        # without this rule the result would depend on where a batch ended.
        _, _, first = min(promised, default=(None, None, None))
        self.next_due = first.due if first else None
        self.next_due_kind = first.kind if first else None
        self.next_due_unit = first.unit if first else None

    def place(self, place: Place | None) -> None:
        if place is not None:
            self.grid, self.community, self.street = place.grid, place.community, place.street
            self.post, self.lat, self.lon = place.post, place.lat, place.lon

    def set_words(self, words: Iterable[Said]) -> None:
        said = {word.kind: word.id for word in words}
        self.text_id, self.title_id = said.get("text"), said.get("title")
        self.address_id = said.get("address")

    def classify(self, category: str | None, sla_class: str | None) -> None:
        """None leaves a value as it was."""
        self.category = category or self.category
        self.sla_class = sla_class or self.sla_class

    def assign(self, *tasks: Assignment) -> None:
        """A unit has one current assignment: the new one replaces the old."""
        for new in tasks:
            kept = [a for a in self.assignments if not (a.unit == new.unit and a.current)]
            self.assignments = [*kept, new]
            if new.unit not in self.units:
                self.units.append(new.unit)
        self.update_units()

    def change_assignment(self, unit: str, become: Callable[[Assignment], Assignment]) -> None:
        self.assignments = [
            become(task) if task.unit == unit and task.current else task
            for task in self.assignments
        ]
        self.update_units()

    def set_assignment_state(self, unit: str, state: AssignmentState) -> None:
        self.change_assignment(unit, lambda task: task.become(state))

    def end_assignments(self, state: AssignmentState = AssignmentState.REMOVED) -> None:
        """End all current assignments."""
        self.assignments = [
            task.become(state) if task.current else task for task in self.assignments
        ]
        self.update_units()

    def take_back(self, parts: Sequence[Assignment]) -> None:
        """The units have the parts again that ended when it was voided."""
        again = {(task.unit, task.assigned_at) for task in parts}
        others = [a for a in self.assignments if (a.unit, a.assigned_at) not in again]
        self.assignments = [*others, *parts]
        self.update_units()

    def stand_as(self, now: Standing | None, clocks: Sequence[Clock]) -> None:
        """What it promises once another has joined or left it; None: of an earlier merger."""
        if now is None:
            return
        self.sla_class, self.urgency = now.sla_class, now.urgency
        self.level, self.card, self.supervised = now.level, now.card, now.supervised
        self.responded_at = now.responded_at
        past = [task for task in self.assignments if not task.current]
        self.assignments = [*past, *now.parts]
        self.units += [task.unit for task in now.parts if task.unit not in self.units]
        self.update_units()
        self.unmiss(clocks)

    def unmiss(self, clocks: Sequence[Clock]) -> None:
        """Of these clocks, only those have missed their due time that say so now."""
        moved = {clock.key for clock in clocks}
        red = [clock.key for clock in clocks if Mark.RED in clock.reached]
        self.missed = [*(key for key in self.missed if key not in moved), *red]

    def update_units(self) -> None:
        self.lead = next((task.unit for task in self.assignments if task.leads), None)
        self.co = [task.unit for task in self.assignments if task.current and task.role is Part.CO]

    def start_cycle(self, cycle: int, task: Assignment | None) -> None:
        self.cycle, self.card, self.missed = cycle, "none", []
        self.responded_at = self.closed_at = None
        self.end_assignments(AssignmentState.PAST)
        if task is not None:
            self.assignments = [*self.assignments, task]
        self.update_units()


def keys_of(reporter: str | None, receipt: str | None) -> list[str]:
    """What identifies a reporter: an account, the keyed hash of a receipt, or nothing."""
    return [key for key in (reporter, receipt) if key and key != Role.ANONYMOUS]
