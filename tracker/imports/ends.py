"""How an imported whistle ends, or is reopened."""

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
from tracker.imports.history_builder import IMPORT, HistoryBuilder


class Child:
    """A duplicate that follows this whistle; it is read before its parent is written."""

    def __init__(self, facts: Facts) -> None:
        assert facts.excluded is not None
        self.id, self.number = whistle_id(facts.number), facts.number
        self.registered_at, self.at = facts.registered_at, facts.excluded.at


class Endings(HistoryBuilder):
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
        """Begins a new, open cycle. The format has no facts about what follows."""
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


def void_reason(text: str | None) -> str:
    """The first of our reasons that the text names; "no content" if it names none."""
    words = (text or "").replace(" ", "_").lower()
    named = [code for code, zh in VOID_REASONS.items() if code in words or zh in (text or "")]
    return named[0] if named else "no_content"


def adopt(parent: Whistle, child: Child, at: datetime) -> None:
    """The parent keeps the imported due times, also if the child is older."""
    parent._record(
        ChildJoined,
        IMPORT,
        at,
        child=child.id,
        child_number=child.number,
        registered_at=child.registered_at,
        before=None,
        brought=None,
        now=None,
        parties=(),
    )
