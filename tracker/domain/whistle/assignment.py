"""A unit's part in a whistle: lead or co-handler, with a respond clock of its own."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Self


class Part(StrEnum):
    """The lead answers for the outcome; a co-handler answers for its own response."""

    LEAD = "lead"
    CO = "co"


class Duty(StrEnum):
    """How far a unit is with its part. RETURN_PENDING: it says "not mine", and still answers."""

    ASSIGNED = "assigned"
    RESPONDED = "responded"
    RETURN_PENDING = "return_pending"
    RETURNED = "returned"
    FINISHED = "finished"
    REMOVED = "removed"
    PAST = "past"  # of a cycle before a reopening


OVER = frozenset({Duty.RETURNED, Duty.REMOVED, Duty.PAST})


@dataclass(frozen=True)
class Assignment:
    """`respond_due` and `resolve_due` run from `assigned_at` and score the unit (domain.md §5)."""

    unit: str
    role: Part
    assigned_at: datetime
    respond_due: datetime
    resolve_due: datetime
    cycle: int = 1
    state: Duty = Duty.ASSIGNED
    acknowledged_at: datetime | None = None
    responded_at: datetime | None = None

    @property
    def current(self) -> bool:
        return self.state not in OVER

    @property
    def leads(self) -> bool:
        return self.current and self.role is Part.LEAD

    @property
    def awaits_response(self) -> bool:
        return self.current and self.responded_at is None

    def become(self, state: Duty) -> Self:
        return replace(self, state=state)

    def acknowledge(self, at: datetime) -> Self:
        return replace(self, acknowledged_at=at)

    def respond(self, at: datetime) -> Self:
        """A unit that disputes its part acts all the same; the dispute goes on (首接负责)."""
        disputed = self.state is Duty.RETURN_PENDING
        return replace(self, state=self.state if disputed else Duty.RESPONDED, responded_at=at)

    def settle(self) -> Self:
        """If there was a dispute it is over, and the part stays with the unit."""
        if self.state is not Duty.RETURN_PENDING:
            return self
        return replace(self, state=Duty.RESPONDED if self.responded_at else Duty.ASSIGNED)
