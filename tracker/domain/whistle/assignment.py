"""承办任务: a unit's part in a whistle, as lead or co-handler, with a respond clock of its own."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Self


class Part(StrEnum):
    """The lead answers for the outcome; a co-handler answers for its own response."""

    LEAD = "lead"
    CO = "co"


class AssignmentState(StrEnum):
    """How far a unit is with its part. RETURN_PENDING: it says "not mine", and still answers."""

    ASSIGNED = "assigned"
    RESPONDED = "responded"
    RETURN_PENDING = "return_pending"
    RETURNED = "returned"
    FINISHED = "finished"
    REMOVED = "removed"
    PAST = "past"  # of a cycle before a reopening


OVER = frozenset({AssignmentState.RETURNED, AssignmentState.REMOVED, AssignmentState.PAST})


@dataclass(frozen=True)
class Assignment:
    """`respond_due` and `resolve_due` run from `assigned_at` and score the unit (domain.md §5).

    `sla_class` is the class by which they were computed; None in a part that was recorded before
    this was kept. `response` is how it responded first: "arrival" or "call". A unit that
    `owes_arrival` must come although it has called: the whistle became an emergency. Until
    `return_by` it may be returned; None in a part that was recorded before this was kept. Who
    `claimed` it from the pool does not return it.
    """

    unit: str
    role: Part
    assigned_at: datetime
    respond_due: datetime
    resolve_due: datetime
    cycle: int = 1
    state: AssignmentState = AssignmentState.ASSIGNED
    acknowledged_at: datetime | None = None
    responded_at: datetime | None = None
    sla_class: str | None = None
    response: str | None = None
    owes_arrival: bool = False
    return_by: datetime | None = None
    claimed: bool = False

    @property
    def current(self) -> bool:
        return self.state not in OVER

    @property
    def leads(self) -> bool:
        return self.current and self.role is Part.LEAD

    @property
    def awaits_response(self) -> bool:
        """Whether it has not responded, or has called where it must come."""
        return self.current and (self.responded_at is None or self.owes_arrival)

    @property
    def return_closes(self) -> datetime:
        """Until when the unit may say that it is not its own: within its respond limit, and within
        one working day (domain.md §4.2, return)."""
        return min(self.respond_due, self.return_by or self.respond_due)

    @property
    def return_pending(self) -> bool:
        return self.state is AssignmentState.RETURN_PENDING

    def become(self, state: AssignmentState) -> Self:
        return replace(self, state=state)

    def acknowledge(self, at: datetime) -> Self:
        return replace(self, acknowledged_at=at)

    def respond(self, at: datetime, kind: str | None = None) -> Self:
        """A dispute that still goes on stays one: its withdrawal is an event of its own.

        The first response is the one that is judged; an arrival that was owed changes it not.
        """
        state = self.state if self.return_pending else AssignmentState.RESPONDED
        owed = self.owes_arrival and kind != "arrival"
        first = self.responded_at is None
        return replace(
            self,
            state=state,
            responded_at=at if first else self.responded_at,
            response=kind if first else self.response,
            owes_arrival=owed,
        )

    def settle(self) -> Self:
        """If a return was pending it is over, and the part stays with the unit."""
        if not self.return_pending:
            return self
        responded = self.responded_at is not None
        return self.become(AssignmentState.RESPONDED if responded else AssignmentState.ASSIGNED)
