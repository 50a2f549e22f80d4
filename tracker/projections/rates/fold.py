"""The fold of the rates: which event changes what is remembered of a whistle (`life.py`)."""

from datetime import datetime

from tracker.domain.promises.clocks import ClockKind
from tracker.domain.promises.working_time import WorkCalendar
from tracker.domain.whistle.annulling import Annulled
from tracker.domain.whistle.asking import ReporterAnswered, ReporterAsked, WaitEnded
from tracker.domain.whistle.consequences import EmergencyBegan, PartEnded, PartsMoved
from tracker.domain.whistle.contradicting import VerdictContradicted
from tracker.domain.whistle.correcting import ClassRaised, Corrected
from tracker.domain.whistle.dispatching import Claimed, CoAdded, CoRemoved
from tracker.domain.whistle.ending import ExcludedFromScoring, TransferredOut, Voided, Withdrawn
from tracker.domain.whistle.events import Event
from tracker.domain.whistle.following_up import Closed, FollowedUp, ReworkOrdered
from tracker.domain.whistle.mending import Mended
from tracker.domain.whistle.merging import ChildJoined, ChildLeft, Merged, Unmerged
from tracker.domain.whistle.overseeing import Escalated, MissLifted, of_resolve
from tracker.domain.whistle.pausing import ExtensionGranted, Resumed, Suspended
from tracker.domain.whistle.raising import Raised
from tracker.domain.whistle.recomputing import DeadlinesRecomputed
from tracker.domain.whistle.reopening import Reopened, VoidOverturned
from tracker.domain.whistle.resolving import (
    Submitted,
    VerificationFailed,
    VerificationPassed,
    VerificationWaived,
)
from tracker.domain.whistle.responding import Responded
from tracker.domain.whistle.returning import ReturnRejected, ReturnRequested, ReturnUpheld
from tracker.domain.whistle.sending import Dispatched
from tracker.domain.whistle.triage import (
    Classified,
    Located,
    SelfResolutionClosed,
    SelfResolutionOverturned,
    SelfResolved,
)
from tracker.projections.rates.life import Cycle, Life, Return

IMPORT = "import"  # the account of `tracker import`


def opened(raised: Raised) -> Life:
    life = Life(
        raised.originator_id,
        raised.number,
        raised.timestamp,
        raised.timestamp,
        raised.test,
        raised.sla_class,
        raised.category,
        cycles=[Cycle()],
        anonymous=raised.anonymous,
    )
    life.place(raised.place)
    return life


def change(life: Life, event: Event, calendar: WorkCalendar | None) -> bool:
    """Change `life` by the event. False: no figure can have changed."""
    match event:
        case Raised():
            pass
        case Located(place=place, timestamp=at):
            life.relocate(place, at)
        case Classified(category=category, sla_class=sla_class):
            life.category, life.sla_class = category, sla_class
        case ClassRaised(sla_class=sla_class):
            life.sla_class = sla_class
        case Corrected(place=place, category=category, sla_class=sla_class, timestamp=at):
            life.category = category or life.category
            life.sla_class = sla_class or life.sla_class
            if place is not None:
                life.relocate(place, at)
        case Dispatched(lead=lead, co=co, timestamp=at):
            life.dispatched = True
            life.assign(*co, lead, at=at)
        case Claimed(assignment=task, timestamp=at):
            life.dispatched = True
            life.assign(task, at=at)
        case CoAdded(assignment=task, timestamp=at):
            life.assign(task, at=at)
        case EmergencyBegan(parts=parts) | PartsMoved(parts=parts) | Mended(parts=parts):
            life.move(parts)
        case PartEnded(unit=unit, successor=heir, timestamp=at):
            life.hand_over(unit, heir, at)
        case CoRemoved(unit=unit, timestamp=at) if life.cycle == 1:
            if (task_of := life.task_of(unit)) is not None:
                task_of.removed_at = at
        case Responded() if life.cycle == 1:
            life.respond(event, calendar)
        case ReturnRequested(unit=unit, timestamp=at) if life.cycle == 1:
            if (task_of := life.task_of(unit)) is not None:
                task_of.requested_at = at
            life.returns.append(Return(unit, at))
        case ReturnUpheld(unit=unit, timestamp=at) if life.cycle == 1:
            if (task_of := life.task_of(unit)) is not None:
                task_of.returned = True
            _decide(life, unit, at, upheld=True)
        case ReturnRejected(unit=unit, timestamp=at, timed_out=by_rule) if life.cycle == 1:
            _decide(life, unit, at, upheld=False, by_rule=by_rule)
        case ExtensionGranted() if life.cycle == 1:
            life.extensions += 1
        case Suspended(timestamp=at):
            life.now.suspended_at = at
        case Resumed(timestamp=at):
            life.resume(at)
        case ReporterAsked(waits=True, timestamp=at):
            life.now.asked_at = at
        case ReporterAnswered() | WaitEnded():
            life.now.asked_at = None
        case Submitted(cycle=cycle, timestamp=at):
            life.cycles[cycle - 1].submitted_at, life.cycles[cycle - 1].waiting = at, True
            if cycle == 1:
                life.submitted_at = life.submitted_at or at
        case VerificationPassed(cycle=cycle) | VerificationWaived(cycle=cycle):
            life.check(cycle, passed=True)
        case VerificationFailed(cycle=cycle) | ReworkOrdered(cycle=cycle):
            life.check(cycle, passed=False)
            life.reworks += cycle == 1
        case FollowedUp():
            life.hear(event)
        case VerdictContradicted():
            life.replace_word(event)
        case Closed():
            life.close(event)
        case Reopened(assignment=task):
            life.now.over = True
            life.cycles.append(Cycle(lead=task.unit if task else life.now.lead))
        case SelfResolved(timestamp=at, by=by):
            life.self_resolve(at)
            life.by_import = life.by_import or by == IMPORT
        case SelfResolutionOverturned():
            life.self_resolve(None)
        case Merged(timestamp=at):
            life.ended, life.ended_at = "merged", at
        case Unmerged(timestamp=at, now=now):
            life.ended = life.ended_at = None
            if now is not None:
                life.stand(now, at, calendar)
        case VoidOverturned(timestamp=at, voided_from=since, parts=parts):
            life.ended = life.ended_at = None
            if since is None:
                life.begin_triage_again(at)
            life.move(parts)
        case Voided(timestamp=at, reason_code=reason):
            life.ended, life.ended_at = ("test" if reason == "test" else "void"), at
        case TransferredOut(timestamp=at, by=by):
            life.ended, life.ended_at = "transferred_out", at
            life.by_import = life.by_import or by == IMPORT
        case Withdrawn(timestamp=at):
            life.withdrawn_at = at
        case ExcludedFromScoring(timestamp=at):
            life.excluded_at = at
        case ChildJoined():
            life.join(event, calendar)
        case ChildLeft():
            life.leave(event, calendar)
        case Escalated(level=level, basis=basis) if life.closed_at is None:
            life.climb(level, late=of_resolve(basis))
        case MissLifted(level=level) if life.closed_at is None:
            life.highest_level = max(life.highest_in_time, level)
        case Annulled(highest_level=level):
            life.highest_level, life.highest_in_time = level, min(life.highest_in_time, level)
        case DeadlinesRecomputed():
            _recompute(life, event)
        case _ if not event.clocks:
            return False
    before = life.respond_due, life.now.due
    for clock in event.clocks:
        life.take(clock)
        life.await_check(clock, event.timestamp, checked=isinstance(event, CHECKS))
    return not _only_marks(event) or before != (life.respond_due, life.now.due)


CHECKS = (
    VerificationPassed,
    VerificationFailed,
    SelfResolutionClosed,
    SelfResolutionOverturned,
)
MARKS = frozenset(
    {"whistle.deadline_neared", "whistle.deadline_missed", "whistle.deadline_overrun"}
)


def _only_marks(event: Event) -> bool:
    """Whether it is a warning: its clocks have one mark more, and no figure counts those."""
    return event.TOPIC in MARKS


def _decide(life: Life, unit: str, at: datetime, *, upheld: bool, by_rule: bool = False) -> None:
    asked = next((r for r in reversed(life.returns) if r.unit == unit and r.upheld is None), None)
    if asked is not None:
        asked.upheld, asked.decided_at, asked.by_rule = upheld, at, by_rule


def _recompute(life: Life, event: DeadlinesRecomputed) -> None:
    """Move the due times of assignments; no other event does. A calendar has come for them."""
    for clock in event.clocks:
        if clock.kind is ClockKind.RESPOND and clock.unit is not None and clock.cycle == 1:
            task = life.task_of(clock.unit)
            if task is not None:
                task.respond_due = clock.due
    life.move(event.parts)
