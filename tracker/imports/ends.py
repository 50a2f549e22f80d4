"""How an imported whistle ends, or begins again."""

from datetime import datetime
from functools import partial

from tracker.domain.promises.clocks import ClockKind
from tracker.domain.whistle.assignment import Part
from tracker.domain.whistle.ending import (
    TARGETS,
    VOID_REASONS,
    ExcludedFromScoring,
    ExclusionProposed,
    TransferredOut,
    Voided,
    VoidProposed,
)
from tracker.domain.whistle.events import State
from tracker.domain.whistle.following_up import Closed
from tracker.domain.whistle.merging import ChildJoined, Merged
from tracker.domain.whistle.reopening import Reopened
from tracker.domain.whistle.triage import SelfResolutionClosed, SelfResolved
from tracker.domain.whistle.whistle import Whistle, whistle_id
from tracker.imports.facts import Exclusion, Facts
from tracker.imports.telling import IMPORT, Telling


class Child:
    """A duplicate that follows this whistle: known before its parent is written."""

    def __init__(self, facts: Facts) -> None:
        assert facts.excluded is not None
        self.id, self.number = whistle_id(facts.number), facts.number
        self.registered_at, self.at = facts.registered_at, facts.excluded.at


class Ends(Telling):
    """Closing, reopening, self-resolution, merging, leaving."""

    def _closed(self, at: datetime) -> None:
        verdict = self.facts.verdict
        basis = "verdict"
        if verdict is None:
            basis = "not_sampled"
        elif verdict.method == "unreachable_x3":
            basis = "unreachable"
        elif verdict.resolved is False and verdict.at not in self.facts.reworks:
            basis = "adjudicated"
        self._end(Closed, State.CLOSED, at, basis=basis, cycle=self.whistle.cycle)

    def _reopened(self, count: int, at: datetime) -> None:
        """A new cycle, open: nothing more is told of it."""
        lead, cycle = self.whistle.lead, self.whistle.cycle + 1
        kinds = (ClockKind.RESPOND, ClockKind.RESOLVE)
        clocks = [self.policy.clock(k, self.facts.sla_class, at, cycle=cycle) for k in kinds]
        task = None
        if lead is not None:
            task, own = self.whistle._new_part(lead, Part.LEAD, self.policy, at, cycle)
            clocks.append(own)
        to = State.DISPATCHED if task else State.TRIAGED
        self.record(Reopened, at, to, clocks, cycle=cycle, count=count, assignment=task)

    def _self_resolved(self, at: datetime) -> None:
        self._end(SelfResolved, State.SELF_RESOLVED, at, audit=False)
        if self.facts.closed_at is not None:
            self.record(SelfResolutionClosed, at, State.SELF_RESOLVED_CLOSED, basis="window")

    def _adopt(self, child: Child, at: datetime) -> None:
        adopt(self.whistle, child, at)

    def _plan_exclusion(self, excluded: Exclusion) -> None:
        match excluded.kind:
            case "merged_child":
                self.at(excluded.at, partial(self._merged, f"I-{excluded.into}"))
            case "void":
                self.at(excluded.at, partial(self._voided, void_reason(excluded.reason)))
            case "test":
                self.at(excluded.at, partial(self._voided, "test"))
            case "transferred_out":
                target = excluded.target if excluded.target in TARGETS else "petition"
                self.at(
                    excluded.at,
                    partial(self._end, TransferredOut, State.TRANSFERRED_OUT, target=target),
                )
            case "scoring":
                self.at(excluded.at, self._excluded)

    def _merged(self, number: str, at: datetime) -> None:
        self._end(Merged, State.MERGED, at, into=whistle_id(number), into_number=number)

    def _voided(self, reason: str, at: datetime) -> None:
        self.record(VoidProposed, at, reason_code=reason)
        self._end(Voided, State.VOID, at, reason_code=reason, proposed_by=IMPORT.account)

    def _excluded(self, at: datetime) -> None:
        self.record(ExclusionProposed, at)
        self.record(ExcludedFromScoring, at, proposed_by=IMPORT.account)


def void_reason(told: str | None) -> str:
    """The first of our reasons that is named; "no content" where none is."""
    words = (told or "").replace(" ", "_").lower()
    named = [code for code, zh in VOID_REASONS.items() if code in words or zh in (told or "")]
    return named[0] if named else "no_content"


def adopt(parent: Whistle, child: Child, at: datetime) -> None:
    """The parent's due times stay as told, also where the child is the older one."""
    parent._record(
        ChildJoined,
        IMPORT,
        at,
        child=child.id,
        child_number=child.number,
        registered_at=child.registered_at,
    )
