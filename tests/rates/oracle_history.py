"""A whistle's whole history, looked through anew for each question that the formulas ask of it."""

from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any


def kind(event: Any) -> str:
    return type(event).__name__


def promised(event: Any) -> Any:
    """What a whistle promises once it is merged with another, or no longer; else None."""
    mergers = ("ChildJoined", "ChildLeft", "Unmerged")
    return event.now if kind(event) in mergers else None


CHECKING = (
    "VerificationPassed",
    "VerificationFailed",
    "SelfResolutionClosed",
    "SelfResolutionOverturned",
)


def gives_back(event: Any) -> bool:
    """An overturned void that left everything as it was before it."""
    return kind(event) == "VoidOverturned" and event.voided_from is not None


class History:
    """What was known of one whistle; `events` in their order."""

    def __init__(self, events: list[Any]) -> None:
        self.events = events
        self.raised = events[0]
        begins = [i for i, e in enumerate(events) if kind(e) == "Reopened"]
        borders = [0, *begins, len(events)]
        self.cycles = [events[a:b] for a, b in pairwise(borders)]
        self.first = self.cycles[0]

    def of(self, *names: str, among: list[Any] | None = None) -> list[Any]:
        return [e for e in (self.events if among is None else among) if kind(e) in names]

    def contradicted(self, heard: Any) -> Any:
        """The reporter's own word against what was recorded there, or None."""
        own = [e for e in self.of("VerdictContradicted") if e.recorded_at == heard.timestamp]
        return own[-1] if own else None

    # --- what and where

    @property
    def place(self) -> Any:
        return self._places()[-1].place

    def place_at(self, moment: datetime) -> Any:
        """Where it was at that moment."""
        return [e.place for e in self._places() if e.timestamp <= moment][-1]

    def _places(self) -> list[Any]:
        return [e for e in self.of("Raised", "Located", "Corrected") if e.place is not None]

    @property
    def category(self) -> str | None:
        facts = self.of("Raised", "Classified", "Corrected")
        return next((e.category for e in reversed(facts) if e.category is not None), None)

    @property
    def sla_class(self) -> str:
        """As the latest fact has it, also what two promised together, or each afterwards."""
        told = [standing.sla_class for standing in self._standings(self.events)]
        facts = ("Raised", "Classified", "Corrected", "ClassRaised")
        latest = self.raised.sla_class
        for event in self.events:
            if kind(event) in facts:
                latest = event.sla_class or latest
            elif promised(event) is not None:
                latest = told.pop(0)
        return str(latest)

    def _standings(self, among: list[Any]) -> list[Any]:
        return [now for now in map(promised, among) if now is not None]

    @property
    def state(self) -> str:
        return str(self.events[-1].state)

    @property
    def is_test(self) -> bool:
        standing = self.of("Voided", "VoidOverturned")[-1:]
        void = [e for e in standing if kind(e) == "Voided"]
        return self.raised.test or any(e.reason_code == "test" for e in void)

    @property
    def self_resolved(self) -> bool:
        turns = self.of("SelfResolved", "SelfResolutionOverturned", among=self.first)
        return bool(turns) and kind(turns[-1]) == "SelfResolved"

    @property
    def merged(self) -> bool:
        turns = self.of("Merged", "Unmerged")
        return bool(turns) and kind(turns[-1]) == "Merged"

    @property
    def excluded(self) -> bool:
        gone = self.merged or self.state in ("VOID", "TRANSFERRED_OUT")
        return self.is_test or gone or bool(self.of("ExcludedFromScoring"))

    def left_by(self, cycle: int) -> datetime | None:
        """When it was transferred out, or resolved on the spot in that first cycle."""
        if self.is_test or self.merged or self.state == "VOID" or self.of("ExcludedFromScoring"):
            return None
        ways = []
        if self.state == "TRANSFERRED_OUT":
            ways += self.of("TransferredOut")[-1:]
        if self.self_resolved and cycle == 1:
            ways += self.of("SelfResolved", among=self.first)[-1:]
        if any(way.by == "import" for way in ways):
            return None
        return min((way.timestamp for way in ways), default=None)

    @property
    def out(self) -> bool:
        return self.excluded or self.self_resolved

    # --- promises

    def due(self, key: str, cycle: int) -> datetime | None:
        clocks = [c for e in self.events for c in e.clocks if c.key == key and c.cycle == cycle]
        return clocks[-1].due if clocks else None

    def withdrawn_by(self, due: datetime, done: datetime | None) -> bool:
        gone = self.of("Withdrawn")
        return bool(gone) and done is None and gone[0].timestamp <= due

    def start_by(self, moment: datetime) -> datetime:
        """Its registration, or an earlier one of a child that is with it still."""
        if told := self._standings(self.first):
            return told[-1].started_at
        left = {e.child for e in self.of("ChildLeft")}
        joined = [
            e.registered_at
            for e in self.of("ChildJoined", among=self.first)
            if e.timestamp <= moment and e.child not in left
        ]
        return min([self.raised.timestamp, *joined])

    # --- deeds

    @property
    def response(self) -> datetime | None:
        """The first of a lead; of two that are merged, the earlier."""
        found: datetime | None = None
        for event in self.first:
            if promised(event) is not None:
                found = promised(event).responded_at
            elif kind(event) == "Responded" and event.lead and found is None:
                found = event.timestamp
        return found

    @property
    def highest_level(self) -> int:
        """While it was open; what only a merger raised is taken back with it."""
        alone = found = in_time = 1
        merged = 0
        every = [event for cycle in self.cycles for event in cycle]
        never = set().union(*(e.versions for e in every if kind(e) == "Annulled"))
        for event in self.first:
            match kind(event):
                case _ if event.originator_version in never:
                    continue
                case "Closed":
                    return found
                case "Escalated":
                    found = max(found, event.level)
                    if not event.basis.startswith("resolve "):
                        in_time = max(in_time, event.level)
                case "MissLifted":
                    found = max(in_time, event.level)
                case "ChildJoined" if event.now is not None:
                    alone, merged = (alone if merged else found), merged + 1
                    found = max(found, event.now.level)
                case "ChildLeft" if event.now is not None:
                    found = max(alone, event.now.level)
        return found

    def passing(self, cycle: int) -> datetime | None:
        """The submission that passed, unless it was sent back since."""
        found = submitted = None
        for event in self.cycles[cycle - 1]:
            match kind(event):
                case "Submitted":
                    submitted = event.timestamp
                case "VerificationPassed" | "VerificationWaived":
                    found = submitted
                case "SelfResolved" if cycle > 1:
                    found = event.timestamp
                case "VerificationFailed" | "ReworkOrdered":
                    found = None
                case "SelfResolutionOverturned":
                    found = None
                case "VoidOverturned" if event.voided_from is None:
                    found = None
        return found

    def standing(self, cycle: int) -> datetime | None:
        """The submission that passed, or the one that nobody has checked yet."""
        done = self.passing(cycle)
        if done is not None:
            return done
        checks = ("VerificationPassed", "VerificationFailed", "VerificationWaived")
        back = ("ReworkOrdered", "VoidOverturned", "Closed")
        turns = self.of("Submitted", *checks, *back, among=self.cycles[cycle - 1])
        turns = [turn for turn in turns if not gives_back(turn)]
        waits = turns[-1:] if turns and kind(turns[-1]) == "Submitted" else []
        return next((turn.timestamp for turn in waits), None)

    @property
    def checks(self) -> list[tuple[datetime, datetime | None]]:
        """Each check that the post owed: due when, and done when. Others fell away."""
        found: list[list[Any]] = []
        waits = False
        for event in self.events:
            for clock in event.clocks:
                if clock.key != "verify" or set(map(str, clock.marks)) == {"red"}:
                    continue
                if clock.stopped_at is None:
                    found = found if waits else [*found, [None, None]]
                    found[-1][0], waits = clock.due, True
                elif waits and kind(event) in CHECKING:
                    found[-1], waits = [clock.due, event.timestamp], False
                elif waits:
                    found, waits = found[:-1], False
        return [(due, done) for due, done in found]

    def suspended(self, cycle: int) -> bool:
        return len(self.cycles) == cycle and self.paused_now

    @property
    def paused_now(self) -> bool:
        """Suspended, also when it ended so."""
        turns = self.of("Suspended", "Resumed", "VoidOverturned", among=self.cycles[-1])
        turns = [turn for turn in turns if not gives_back(turn)]
        if turns and kind(turns[-1]) == "Suspended":
            return True
        asked = self.of("ReporterAsked", "ReporterAnswered", "WaitEnded", among=self.cycles[-1])
        return bool(asked) and kind(asked[-1]) == "ReporterAsked" and asked[-1].waits

    @property
    def parts(self) -> list["Part"]:
        """Assignments of the first cycle, in the order in which they were given."""
        found: list[Part] = []
        for event in self.first:
            self._follow(found, event)
        return found

    def _follow(self, found: list["Part"], event: Any) -> None:
        name, at, unit = kind(event), event.timestamp, getattr(event, "unit", None)
        own = sitting(found, unit)
        given = {
            "Dispatched": lambda: [*event.co, event.lead],
            "Claimed": lambda: [event.assignment],
            "CoAdded": lambda: [event.assignment],
        }
        for task in given.get(name, list)():
            give(found, task, at)
        if promised(event) is not None:
            merge_parts(found, event)
        elif name in ("PartsMoved", "EmergencyBegan", "Mended", "VoidOverturned"):
            move_parts(found, event.parts)
        elif name == "DeadlinesRecomputed":
            for clock in event.clocks:
                there = sitting(found, clock.unit)
                if there is not None and clock.key == f"respond:{there.unit}" and clock.cycle == 1:
                    there.due = clock.due
            move_parts(found, event.parts)
        elif name == "PartEnded":
            if own is not None:
                own.removed_at = at
            if event.successor is not None:
                give(found, event.successor, at)
        elif own is None:
            return
        elif name == "Responded":
            own.responded_at = own.responded_at or at
        elif name == "ReturnRequested":
            own.asked_at = at
        elif name == "ReturnUpheld":
            own.returned = True
        elif name == "CoRemoved":
            own.removed_at = at

    @property
    def returns(self) -> list[tuple[str, datetime, str | None]]:
        """By whom, when, and what was decided: upheld, refused, or by_rule."""
        found = []
        for i, event in enumerate(self.first):
            if kind(event) == "ReturnRequested":
                decided = [
                    decision_of(e)
                    for e in self.first[i:]
                    if kind(e) in ("ReturnUpheld", "ReturnRejected") and e.unit == event.unit
                ]
                found.append((event.unit, event.timestamp, decided[0] if decided else None))
        return found

    def lead(self, cycle: int) -> str | None:
        found = self.lead(cycle - 1) if cycle > 1 else None
        for event in self.cycles[cycle - 1]:
            match kind(event):
                case "Dispatched":
                    found = event.lead.unit
                case "Claimed":
                    found = event.assignment.unit
                case "Reopened" if event.assignment is not None:
                    found = event.assignment.unit
                case "PartEnded" if event.unit == found:
                    found = event.successor.unit if event.successor else None
                case "ChildJoined" | "ChildLeft" | "Unmerged" if event.now is not None:
                    found = next((p.unit for p in event.now.parts if p.leads), None)
        return found


@dataclass
class Part:
    unit: str
    leads: bool
    assigned_at: datetime
    due: datetime
    resolve_due: datetime | None = None
    responded_at: datetime | None = None
    asked_at: datetime | None = None
    returned: bool = False
    removed_at: datetime | None = None
    came_with: Any = None


def sitting(found: list[Part], unit: str | None) -> Part | None:
    mine = [p for p in found if p.unit == unit and not p.returned and p.removed_at is None]
    return mine[-1] if mine else None


def give(found: list[Part], task: Any, at: datetime) -> None:
    """A new part; one that the unit had already ends with it."""
    if (older := sitting(found, task.unit)) is not None:
        older.removed_at = at
    part = Part(task.unit, task.leads, task.assigned_at, task.respond_due, task.resolve_due)
    found.append(part)


def move_parts(found: list[Part], parts: Any) -> None:
    for moved in parts:
        if (own := sitting(found, moved.unit)) is not None:
            own.due, own.resolve_due = moved.respond_due, moved.resolve_due


def merge_parts(found: list[Part], event: Any) -> None:
    """Units come with a child and go with it, as if they had never been here."""
    child, staying = getattr(event, "child", None), {p.unit: p for p in event.now.parts}
    for part in list(found):
        if part is sitting(found, part.unit) and part.unit not in staying:
            if child is not None and part.came_with == child:
                found.remove(part)
            else:
                part.removed_at = event.timestamp
    for task in event.now.parts:
        own = sitting(found, task.unit)
        if own is None:
            own = Part(task.unit, task.leads, task.assigned_at, task.respond_due, came_with=child)
            found.append(own)
        own.leads, own.assigned_at, own.due = task.leads, task.assigned_at, task.respond_due
        own.resolve_due, own.responded_at = task.resolve_due, task.responded_at


def decision_of(event: Any) -> str:
    if kind(event) == "ReturnUpheld":
        return "upheld"
    return "by_rule" if event.timed_out else "refused"
