"""Where a whistle counts: each of its places in each cohort, or why it is left out there.

`places` is a pure function of what is known of the whistle, as domain.md §6.1 and §6.2 define it.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from msgspec.structs import replace

from tracker.domain.promises.sla_classes import NATURAL_CLASSES
from tracker.metrics import cohorts
from tracker.metrics.cohorts import SPARED, Cohort, Marks
from tracker.metrics.definitions import LOWEST_LEVELS, SATISFIED_FROM
from tracker.projections.rates.life import SECOND, Check, Life, Return, Task

INSTANT = timedelta(microseconds=1)
# As plain numbers: to combine IntFlags takes seven times as long, and it is done for each event.
OUT, IN = int(Marks.OUT), int(Marks.IN)
VALID = int(cohorts.VALID)
SELF_RESOLVED = int(cohorts.SELF_RESOLVED)
MERGED = int(cohorts.MERGED)
RESPONDED = int(cohorts.RESPONDED)
IN_TIME = int(cohorts.IN_TIME)
DONE_IN_TIME = int(cohorts.DONE_IN_TIME)
EXTENDED = int(cohorts.EXTENDED)
HAS_VERDICT = int(cohorts.HAS_VERDICT)
SOLVED = int(cohorts.SOLVED)
RATED = int(cohorts.RATED)
SATISFIED = int(cohorts.SATISFIED)
REWORKED = int(cohorts.REWORKED)
REOPENED = int(cohorts.REOPENED)
LOW = int(cohorts.LOW)
RETURNED = int(cohorts.RETURNED)
REJECTED = int(cohorts.REJECTED)
CHECKED_IN_TIME = int(cohorts.CHECKED_IN_TIME)
UNHEARD = int(cohorts.UNHEARD)


class Placing(NamedTuple):
    """One place in one cohort. `marks` 0: left out, and `reason` says why.

    `decided_at` is when that happened which decided the reason, for instance the response.
    """

    counted_at: datetime
    marks: int
    reason: str
    decided_at: datetime | None
    unit: str | None
    seconds: int | None
    own_seconds: int | None  # in the units of the class, where they are not natural time
    grid: str | None
    community: str | None
    street: str | None
    post: str | None
    category: str | None
    sla_class: str


# The last six fields of a Placing: grid, community, street, post, category, sla_class.
Where = tuple[str | None, str | None, str | None, str | None, str | None, str]
Key = tuple[str, int]  # cohort, and which of the whistle's assignments, returns, cycles it is


def places(life: Life) -> dict[Key, Placing]:
    """All places of the whistle, as known now; of one that is excluded from scoring also those
    that it would have."""
    found = _places(life)
    if life.excluded_at is not None and left_out(life) == "excluded":
        found.update(_as_if_not_excluded(life, found))
    return found


def _as_if_not_excluded(life: Life, found: dict[Key, Placing]) -> Iterator[tuple[Key, Placing]]:
    """What it would add to each cohort to what it has there."""
    for (cohort, item), placing in _places(replace(life, excluded_at=None)).items():
        has = found[cohort, item].marks if (cohort, item) in found else OUT
        added = placing.marks & ~has
        if added and cohort in SPARED:
            yield (SPARED[Cohort(cohort)], item), placing._replace(marks=added)


def _places(life: Life) -> dict[Key, Placing]:
    where = (life.grid, life.community, life.street, life.post, life.category, life.sla_class)
    out = left_out(life)
    lead = life.cycles[0].lead
    found: dict[Key, Placing] = {(Cohort.RAISED, 0): _raised(life, out, lead, where)}
    if (response := _response(life, out, where)) is not None:
        found[Cohort.RESPONSE, 0] = response
    for i, task in enumerate(life.tasks):
        if task.gone:
            continue
        found[Cohort.ASSIGNMENT, i] = _assignment(task, out, where)
        found[Cohort.ASSIGNED_RESPONSE, i] = _assigned_response(life, task, out, where)
    for i, asked in enumerate(life.returns):
        reason = _decision(asked)
        counted = IN | (REJECTED if reason == "rejected" else 0)
        found[Cohort.RETURN, i] = Placing(
            asked.requested_at,
            OUT if out or reason == "undecided" else counted,
            out or reason,
            asked.decided_at,
            asked.unit,
            None,
            None,
            *where,
        )
    for i, check in enumerate(life.checks):
        if not check.ended:
            found[Cohort.VERIFICATION, i] = _verification(life, check, out, where)
    found.update(_resolutions(life, out, where))
    found.update(_first_facts(life, out, lead, where))
    found.update(_stocks(life, out, where))
    return found


def _decision(asked: Return) -> str:
    """What became of a return; only one that a person refused was improper (domain.md §4.2)."""
    if asked.upheld is None:
        return "undecided"
    refused = "by_rule" if asked.by_rule else "rejected"
    return "upheld" if asked.upheld else refused


def left_out(life: Life) -> str | None:
    """Why it is left out of every rate; None: it is not."""
    if life.test:
        return "test"
    if life.ended is not None:
        return life.ended
    if life.excluded_at is not None:
        return "excluded"
    return "self_resolved" if life.self_resolved else None


def _missed_before_it_left(
    life: Life, due: datetime, done: datetime | None, cycle: int = 1
) -> bool:
    """Whether the due had passed unanswered before the whistle was transferred out or resolved on
    the spot: that breach stays (domain.md §6.2)."""
    left_at = life.left_at(cycle)
    return left_at is not None and due < left_at and (done is None or done > due)


def _withdrawn_in_time(life: Life, due: datetime, done: datetime | None) -> bool:
    """Withdrawn at or before the due, which is inclusive, while nothing was done."""
    return done is None and life.withdrawn_at is not None and life.withdrawn_at <= due


def _where_missed(life: Life, due: datetime, where: Where) -> Where:
    """Who held it at the due: a missed due counts there, wherever the whistle is moved later."""
    for former in life.former_places:
        if due < former.until:
            return (former.grid, former.community, former.street, former.post, *where[4:])
    return where


def _raised(life: Life, out: str | None, lead: str | None, where: Where) -> Placing:
    if out == "test":
        marks = OUT
    elif out is None:
        marks = IN | VALID
    elif out == "self_resolved":
        marks = IN | VALID | SELF_RESOLVED
    else:
        marks = IN | (MERGED if life.ended == "merged" else 0)
    decided = life.ended_at or (life.excluded_at if out == "excluded" else None)
    return Placing(life.registered_at, marks, out or "valid", decided, lead, None, None, *where)


def _response(life: Life, out: str | None, where: Where) -> Placing | None:
    due, answered = life.respond_due, life.responded_at
    if due is None:
        return None
    seconds, own = None, None
    if out is not None and not _missed_before_it_left(life, due, answered):
        marks, reason, decided = OUT, out, life.ended_at
    elif _withdrawn_in_time(life, due, answered):
        marks, reason, decided = OUT, "withdrawn", life.withdrawn_at
    else:
        (marks, reason), decided = answered_by(due, answered), answered
        if answered is not None:
            seconds = life.seconds
            own = None if life.sla_class in NATURAL_CLASSES else life.working_seconds
        elif not life.dispatched:
            reason = "not_dispatched"
        if not marks & IN_TIME:
            where = _where_missed(life, due, where)
    return Placing(due, marks, reason, decided, None, seconds, own, *where)


def answered_by(due: datetime, answered: datetime | None) -> tuple[int, str]:
    """The marks and the reason of a response, or of none."""
    if answered is None:
        return IN, "unanswered"
    if answered <= due:
        return IN | RESPONDED | IN_TIME, "on_time"
    return IN | RESPONDED, "late"


def _assignment(task: Task, out: str | None, where: Where) -> Placing:
    marks = OUT if out else IN | (RETURNED if task.returned else 0)
    reason = out or ("returned" if task.returned else "kept")
    return Placing(
        task.assigned_at, marks, reason, task.requested_at, task.unit, None, None, *where
    )


def _assigned_response(life: Life, task: Task, out: str | None, where: Where) -> Placing:
    """A return removes it if it was asked for in time and upheld; so does a waiver in time."""
    due, answered = task.respond_due, task.responded_at
    asked, removed = task.requested_at, task.removed_at
    seconds, own = None, None
    if out is not None and not _missed_before_it_left(life, due, answered):
        marks, reason, decided = OUT, out, None
    elif task.returned and asked is not None and asked <= due:
        marks, reason, decided = OUT, "returned_in_time", asked
    elif removed is not None and removed <= due and answered is None:
        marks, reason, decided = OUT, "waived", removed
    else:
        (marks, reason), decided = answered_by(due, answered), answered
        if answered is not None:
            seconds = (answered - task.assigned_at) // SECOND
            own = None if where[5] in NATURAL_CLASSES else task.working_seconds
        if not marks & IN_TIME:
            where = _where_missed(life, due, where)
    return Placing(due, marks, reason, decided, task.unit, seconds, own, *where)


def _resolutions(life: Life, out: str | None, where: Where) -> Iterator[tuple[Key, Placing]]:
    """The first cycle for the city and for its lead; each later cycle as rework."""
    first = life.cycles[0]
    if first.due is not None:
        yield (Cohort.RESOLUTION, 0), _resolution(life, 1, first.due, out, None, where)
        own = next((t for t in reversed(life.tasks) if t.leads and t.unit == first.lead), None)
        if own is not None:
            due = max(first.due, own.resolve_due)
            yield (Cohort.LED_RESOLUTION, 0), _resolution(life, 1, due, out, own.unit, where)
    if out == "self_resolved":
        out = None  # reopened after all: the later cycles are work like any other
    for number, later in enumerate(life.cycles[1:], start=2):
        if later.due is not None:
            yield (
                (Cohort.REWORK, number),
                _resolution(life, number, later.due, out, later.lead, where),
            )


def _resolution(
    life: Life, number: int, due: datetime, out: str | None, unit: str | None, where: Where
) -> Placing:
    """The cycle of that number; extensions are counted in the first alone."""
    cycle = life.cycles[number - 1]
    checked = cycle.resolved_at
    # Submitted and not checked yet counts as passing, by the due that it had at the submission.
    done = cycle.submitted_at if checked is None and cycle.waiting else checked
    missed = cycle.paused_at is None and _missed_before_it_left(life, due, done, number)
    if out is not None and not missed:
        marks, reason, decided = OUT, out, life.ended_at
    elif _withdrawn_in_time(life, due, done):
        marks, reason, decided = OUT, "withdrawn", life.withdrawn_at
    elif cycle.paused_at is not None:
        reason = "suspended" if cycle.suspended_at is not None else "waiting"
        marks, decided = OUT, cycle.paused_at
    else:
        marks, reason = _done(due, done, checked is not None)
        decided = done
        if not marks & DONE_IN_TIME:
            where = _where_missed(life, due, where)
    if marks and number == 1 and life.extensions:
        marks |= EXTENDED
    return Placing(due, marks, reason, decided, unit, None, None, *where)


def _done(due: datetime, done: datetime | None, checked: bool) -> tuple[int, str]:
    if done is None:
        return IN, "unresolved"
    in_time = done <= due
    marks = IN | (DONE_IN_TIME if in_time else 0)
    if checked:
        return marks, "on_time" if in_time else "late"
    return marks, "unchecked" if in_time else "unchecked_late"


def _verification(life: Life, check: Check, out: str | None, where: Where) -> Placing:
    """The post owes it; what was resolved on the spot is checked too."""
    due, checked = check.due, check.checked_at
    if out not in (None, "self_resolved"):
        return Placing(due, OUT, out or "", life.ended_at, None, None, None, *where)
    in_time = checked is not None and checked <= due
    reason = "on_time" if in_time else "unchecked" if checked is None else "late"
    marks = IN | (CHECKED_IN_TIME if in_time else 0)
    return Placing(due, marks, reason, checked, None, None, None, *where)


def _first_facts(
    life: Life, out: str | None, lead: str | None, where: Where
) -> Iterator[tuple[Key, Placing]]:
    """Cohorts of something that happens once: the first follow-up, submission, closing."""
    if life.word is not None:
        word = life.word
        marks = IN
        if word.resolved is not None:
            marks |= HAS_VERDICT | (SOLVED if word.resolved else 0)
        if word.rating is not None:
            satisfied = word.rating >= SATISFIED_FROM
            marks |= RATED | (SATISFIED if satisfied else 0)
        reason = {True: "solved", False: "unsolved", None: "no_verdict"}[word.resolved]
        yield (
            (Cohort.FOLLOW_UP, 0),
            Placing(word.at, OUT if out else marks, out or reason, None, lead, None, None, *where),
        )
        yield (Cohort.CONTACT, 0), _contact(word.at, word.declined, out, lead, where)
    elif life.attempted_at is not None:
        if life.unreachable:
            yield (Cohort.CONTACT, 0), _contact(life.attempted_at, None, out, lead, where)
        yield (
            (Cohort.FOLLOW_UP, 0),
            Placing(life.attempted_at, OUT, out or "no_verdict", None, lead, None, None, *where),
        )
    if life.submitted_at is not None:
        marks = IN | (REWORKED if life.reworks else 0)
        reason = "reworked" if life.reworks else "first_time_right"
        yield (
            (Cohort.SUBMISSION, 0),
            Placing(
                life.submitted_at,
                OUT if out else marks,
                out or reason,
                None,
                lead,
                None,
                None,
                *where,
            ),
        )
    if life.closed_at is not None:
        reopened = life.cycle > 1
        low = life.highest_level <= LOWEST_LEVELS
        marks = IN | (REOPENED if reopened else 0) | (LOW if low else 0)
        seconds = None if out else life.handling_seconds
        yield (
            (Cohort.CLOSED, 0),
            Placing(
                life.closed_at,
                OUT if out else marks,
                out or ("reopened" if reopened else "closed"),
                None,
                lead,
                seconds,
                None,
                *where,
            ),
        )


def _contact(
    at: datetime, declined: bool | None, out: str | None, lead: str | None, where: Where
) -> Placing:
    """Whether the reporter was heard. `declined` None: he could not be reached."""
    reason = "unreachable" if declined is None else "declined" if declined else "heard"
    marks = IN | (0 if declined is False else UNHEARD)
    return Placing(at, OUT if out else marks, out or reason, None, lead, None, None, *where)


def _stocks(life: Life, out: str | None, where: Where) -> Iterator[tuple[Key, Placing]]:
    """What is open now: suspended from that moment on; overdue from just after its due time."""
    cycle = life.now
    open_ = not cycle.over and life.withdrawn_at is None and cycle.resolved_at is None
    if out == "self_resolved" and life.cycle > 1:
        out = None
    if out is not None or not open_:
        return
    if cycle.suspended_at is not None:
        yield (
            (Cohort.SUSPENDED, 0),
            Placing(cycle.suspended_at, IN, "suspended", None, cycle.lead, None, None, *where),
        )
    elif cycle.due is not None:
        sent_in_time = (
            cycle.waiting and cycle.submitted_at is not None and cycle.submitted_at <= cycle.due
        )
        if not sent_in_time:
            yield (
                (Cohort.OVERDUE, 0),
                Placing(
                    cycle.due + INSTANT, IN, "unresolved", None, cycle.lead, None, None, *where
                ),
            )
