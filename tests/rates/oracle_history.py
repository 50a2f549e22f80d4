"""A whistle's whole history, looked through anew for each question that the formulas ask of it."""

from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any


def kind(event: Any) -> str:
    return type(event).__name__


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

    # --- what and where

    @property
    def place(self) -> Any:
        return self._places()[-1].place

    def place_at(self, moment: datetime) -> Any:
        """Where it was at that moment."""
        return [e.place for e in self._places() if e.timestamp <= moment][-1]

    def _places(self) -> list[Any]:
        return [e for e in self.of("Raised", "Located", "Corrected") if e.place is not None]

    def latest(self, name: str) -> Any:
        facts = self.of("Raised", "Classified", "Corrected", "ClassRaised")
        told = [getattr(e, name, None) for e in facts]
        return [value for value in told if value is not None][-1:]

    @property
    def category(self) -> str | None:
        return next(iter(self.latest("category")), None)

    @property
    def sla_class(self) -> str:
        return self.latest("sla_class")[0]

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
        left = {e.child for e in self.of("ChildLeft")}
        joined = [
            e.registered_at
            for e in self.of("ChildJoined", among=self.first)
            if e.timestamp <= moment and e.child not in left
        ]
        return min([self.raised.timestamp, *joined])

    # --- deeds

    @property
    def response(self) -> Any:
        return next((e for e in self.of("Responded", among=self.first) if e.lead), None)

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
                case "SelfResolutionOverturned" | "VoidOverturned":
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
        waits = turns[-1:] if turns and kind(turns[-1]) == "Submitted" else []
        return next((turn.timestamp for turn in waits), None)

    def suspended(self, cycle: int) -> bool:
        return len(self.cycles) == cycle and self.paused_now

    @property
    def paused_now(self) -> bool:
        """Suspended, also when it ended so."""
        turns = self.of("Suspended", "Resumed", "VoidOverturned", among=self.cycles[-1])
        return bool(turns) and kind(turns[-1]) == "Suspended"

    @property
    def parts(self) -> list["Part"]:
        """Assignments of the first cycle, in the order in which they were given."""
        given: list[tuple[int, Any]] = []
        for i, event in enumerate(self.first):
            match kind(event):
                case "Dispatched":
                    given += [(i, task) for task in (*event.co, event.lead)]
                case "Claimed" | "CoAdded":
                    given.append((i, event.assignment))
                case "PartEnded" if event.successor is not None:
                    given.append((i, event.successor))
        return [self._part(i, task, given) for i, task in given]

    def _part(self, given_at: int, task: Any, given: list[tuple[int, Any]]) -> "Part":
        part = Part(task.unit, str(task.role) == "lead", task.assigned_at, task.respond_due)
        part.resolve_due = task.resolve_due
        again = [i for i, other in given if i > given_at and other.unit == task.unit]
        for i, event in enumerate(self.first[given_at + 1 :], start=given_at + 1):
            if i in again:
                part.removed_at = event.timestamp
                break
            if kind(event) == "DeadlinesRecomputed":
                recomputed = [c.due for c in event.clocks if c.key == f"respond:{task.unit}"]
                part.due = recomputed[0] if recomputed else part.due
            if kind(event) in ("PartsMoved", "EmergencyBegan", "DeadlinesRecomputed", "Mended"):
                for moved in [p for p in event.parts if p.unit == task.unit]:
                    part.due, part.resolve_due = moved.respond_due, moved.resolve_due
            if getattr(event, "unit", None) != task.unit:
                continue
            match kind(event):
                case "PartEnded":
                    part.removed_at = event.timestamp
                    break
                case "Responded":
                    part.responded_at = part.responded_at or event.timestamp
                case "ReturnRequested":
                    part.asked_at = event.timestamp
                case "ReturnUpheld":
                    part.returned = True
                    break
                case "CoRemoved":
                    part.removed_at = event.timestamp
                    break
        return part

    @property
    def returns(self) -> list[tuple[str, datetime, bool | None]]:
        found = []
        for i, event in enumerate(self.first):
            if kind(event) == "ReturnRequested":
                decided = [
                    kind(e) == "ReturnUpheld"
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
