"""Which clocks each event may start, move, hold or stop: the last column of domain.md §4.2.

"unit" stands for the respond clock of an assignment. Endings may stop any clock.
"""

from tracker.domain.promises.clocks import Clock, ClockKind
from tracker.domain.whistle.events import Event

RESPOND, RESOLVE, CONTROL = "respond", "resolve", "control"
MOVES = {
    "Raised": {RESPOND, RESOLVE, CONTROL},
    "Classified": {RESPOND, RESOLVE, CONTROL},
    "Corrected": {RESPOND, RESOLVE, CONTROL},
    "ClassRaised": {RESPOND, RESOLVE, CONTROL},
    "ChildJoined": {RESPOND, RESOLVE, CONTROL, "unit", "pool"},
    "ChildLeft": {RESPOND, RESOLVE, CONTROL, "unit", "adjudicate", "review"},
    "Unmerged": {RESPOND, RESOLVE, CONTROL, "unit"},
    "SelfResolutionOverturned": {RESPOND, RESOLVE, "verify"},
    "EmergencyBegan": {RESPOND, RESOLVE, CONTROL, "unit", "verify", "follow_up"},
    "PartsMoved": {"unit"},
    "PartEnded": {"unit", "adjudicate"},
    "PoolLeft": {"pool"},
    "RequestsLapsed": {"decide", "approve"},
    "DeadlinesRecomputed": {
        *(RESPOND, RESOLVE, CONTROL, "unit", "follow_up"),
        *("pool", "decide", "review", "verify", "adjudicate"),
    },
    "Pooled": {"pool"},
    "Claimed": {"pool", "unit"},
    "Dispatched": {"pool", "unit"},
    "CoAdded": {"unit"},
    "CoRemoved": {"unit", "adjudicate"},
    "CoFinished": {"unit"},
    "Responded": {RESPOND, "unit"},
    "HazardControlled": {CONTROL},
    "ReturnRequested": {"adjudicate"},
    "ReturnUpheld": {"adjudicate", "unit"},
    "ReturnRejected": {"adjudicate"},
    "ReturnWithdrawn": {"adjudicate"},
    "ExtensionRequested": {"decide"},
    "ExtensionGranted": {"decide", RESOLVE},
    "ExtensionRefused": {"decide"},
    "SuspensionProposed": {"approve"},
    "SuspensionRefused": {"approve"},
    "Suspended": {RESOLVE, "review", "approve"},
    "Resumed": {RESOLVE, "review"},
    "ReporterAsked": {RESOLVE, "answer"},
    "ReporterAnswered": {RESOLVE, "answer"},
    "WaitEnded": {RESOLVE, "answer"},
    "Submitted": {RESOLVE, CONTROL, "decide", "approve", "verify", "adjudicate"},
    "VerificationPassed": {RESOLVE, "verify", "follow_up"},
    "VerificationWaived": {RESOLVE, "verify", "follow_up"},
    "VerificationFailed": {RESOLVE, "verify"},
    "ReworkOrdered": {RESOLVE, "follow_up"},
    "Reopened": {RESPOND, RESOLVE, CONTROL, "unit"},
    "Annulled": {RESPOND, RESOLVE, CONTROL, "unit", "verify", "follow_up"},
    "VoidOverturned": {
        *(RESPOND, RESOLVE, CONTROL, "unit", "follow_up"),
        *("pool", "decide", "approve", "answer", "review", "verify", "adjudicate"),
    },
}
ENDINGS = {"SelfResolved", "SelfResolutionClosed", "Merged", "Closed", "Withdrawn", "Voided"}
ENDINGS |= {"TransferredOut"}
MARKS = {"DeadlineNeared", "DeadlineMissed", "DeadlineOverrun"}


def may_not_move(event: Event) -> None:
    """Fails where the event moves a clock that its row does not name."""
    name, moved = type(event).__name__, {kind_of(clock) for clock in event.clocks}
    if name in ENDINGS:
        assert all(c.stopped_at for c in event.clocks if kind_of(c) != "verify")
    elif name in MARKS:
        assert len(event.clocks) == 1
    else:
        assert moved <= MOVES.get(name, set()), (name, moved)


def kind_of(clock: Clock) -> str:
    of_a_unit = clock.unit is not None and clock.kind is ClockKind.RESPOND
    return "unit" if of_a_unit else str(clock.kind)
