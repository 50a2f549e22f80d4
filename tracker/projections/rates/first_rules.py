"""The rules of the definitions 0.1.0: to count again a month that was frozen by them.

A frozen month keeps the definitions by which it was counted (docs/decisions/17-frozen-months.md).
What differs from `placing.py`: a whistle that nobody was sent to is in no response cohort; a missed
due counts for the place known at the moment; nothing is kept of what left; a submission that is not
checked yet is not on time; a return that a rule refused is improper too; a category belongs to the
major in its code.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any
from uuid import UUID

from eventsourcing.persistence import StoredEvent

from tracker.domain.promises.sla_classes import NATURAL_CLASSES
from tracker.domain.whistle.merging import ChildLeft
from tracker.domain.whistle.raising import Raised
from tracker.eventstore.connections import Connection
from tracker.eventstore.mapper import PlainMapper
from tracker.metrics.asking import AsOf
from tracker.metrics.cohorts import Cohort
from tracker.projections.rates.calendar import Calendars
from tracker.projections.rates.fold import change, opened
from tracker.projections.rates.life import SECOND, Cycle, Life, Task
from tracker.projections.rates.majors import Majors, majors_at
from tracker.projections.rates.placing import (
    DONE_IN_TIME,
    EXTENDED,
    IN,
    OUT,
    REJECTED,
    Key,
    Placing,
    answered_by,
    left_out,
    places,
)
from tracker.projections.rates.rows import Fact, Placed
from tracker.projections.rates.writing import copy_facts

AT_ONCE = 1_000  # whistles folded before their facts are written

# The temporary table hides the projection's own from every statement of this connection.
HIDE = """
    CREATE TEMP TABLE rates_facts (LIKE rates_facts INCLUDING INDEXES) ON COMMIT PRESERVE ROWS
"""
SHOW = "DROP TABLE pg_temp.rates_facts"

# Served by the primary key.
WHISTLES = "SELECT whistle FROM rates_whistles ORDER BY whistle"

# Served by the primary key (originator_id, originator_version).
STREAMS = """
    SELECT position, originator_id, originator_version, topic, state FROM stored_events
     WHERE originator_id = ANY(%(whistles)s) AND position <= %(position)s
     ORDER BY originator_id, originator_version
"""


@contextmanager
def counted_by_first_rules(connection: Connection, as_of: AsOf) -> Iterator[None]:
    """Within it `rates_facts` holds what these rules count, as known at a position of the log."""
    connection.execute(HIDE)
    try:
        whistles = [one for (one,) in connection.execute(WHISTLES).fetchall()]
        for begin in range(0, len(whistles), AT_ONCE):
            lives = _lives(connection, whistles[begin : begin + AT_ONCE], as_of)
            copy_facts(connection, [fact for life in lives for fact in _facts(life)])
        yield
    finally:
        connection.execute(SHOW)


def majors_by_code(connection: Connection, as_of: AsOf) -> Majors:
    """A major's code is the beginning of its categories' codes."""
    found: dict[str, list[str]] = {}
    for minors in majors_at(connection, as_of).values():
        for minor in minors:
            found.setdefault(minor[:-2], []).append(minor)
    return found


def _lives(connection: Connection, whistles: Sequence[UUID], as_of: AsOf) -> list[Life]:
    mapper, lives = PlainMapper(), dict[UUID, Life]()
    assert as_of.position is not None
    calendars = Calendars.before(connection, as_of.position)
    asked = {"whistles": list(whistles), "position": as_of.position}
    with connection.cursor(binary=True) as cursor:
        for position, whistle, version, topic, state in cursor.execute(STREAMS, asked):
            event: Any = mapper.to_domain_event(StoredEvent(whistle, version, topic, state))
            if event.timestamp > as_of.at:
                continue
            if isinstance(event, Raised):
                lives[whistle] = opened(event)
            # A child that left kept its earlier registration with the parent.
            if not isinstance(event, ChildLeft):
                change(lives[whistle], event, calendars.at(position))
    return list(lives.values())


def _facts(life: Life) -> list[Fact]:
    return [
        Fact(life.whistle, Placed(cohort, item, 0, life.registered_at, placing))
        for (cohort, item), placing in first_places(life).items()
    ]


def first_places(life: Life) -> Mapping[Key, Placing]:
    """All places of the whistle by these rules."""
    found, out = places(life), left_out(life)
    for (cohort, item), placing in list(found.items()):
        here = placing._replace(
            grid=life.grid, community=life.community, street=life.street, post=life.post
        )
        match cohort:
            case Cohort.RESPONSE:
                here = _response(life, out, here)
            case Cohort.ASSIGNED_RESPONSE:
                here = _assigned(life.tasks[item], life.sla_class, out, here)
            case Cohort.RESOLUTION | Cohort.LED_RESOLUTION:
                here = _resolution(life, life.cycles[0], out, here)
                if here.marks and life.extensions:
                    here = here._replace(marks=here.marks | EXTENDED)
            case Cohort.RETURN if here.reason == "by_rule":
                here = here._replace(marks=IN | REJECTED, reason="rejected")
            case Cohort.REWORK:
                kept = None if out == "self_resolved" else out
                here = _resolution(life, life.cycles[item - 1], kept, here)
        found[cohort, item] = here
    return found


def _without(placing: Placing, reason: str) -> Placing:
    return placing._replace(marks=OUT, reason=reason, seconds=None, own_seconds=None)


def _withdrawn_first(life: Life, due: datetime, done: datetime | None) -> bool:
    return life.withdrawn_at is not None and life.withdrawn_at < min(due, done or due)


def _response(life: Life, out: str | None, placing: Placing) -> Placing:
    due, answered = placing.counted_at, life.responded_at
    if out is not None:
        return _without(placing, out)
    if _withdrawn_first(life, due, answered):
        return _without(placing, "withdrawn")
    if not life.dispatched:
        return _without(placing, "not_dispatched")
    marks, reason = answered_by(due, answered)
    if answered is None:
        return placing._replace(marks=marks, reason=reason, seconds=None, own_seconds=None)
    own = None if life.sla_class in NATURAL_CLASSES else life.working_seconds
    return placing._replace(marks=marks, reason=reason, seconds=life.seconds, own_seconds=own)


def _assigned(task: Task, sla_class: str, out: str | None, placing: Placing) -> Placing:
    due, answered = task.respond_due, task.responded_at
    if out is not None:
        return _without(placing, out)
    if task.returned and task.requested_at is not None and task.requested_at <= due:
        return _without(placing, "returned_in_time")
    if task.removed_at is not None and task.removed_at <= due and answered is None:
        return _without(placing, "waived")
    marks, reason = answered_by(due, answered)
    if answered is None:
        return placing._replace(marks=marks, reason=reason, seconds=None, own_seconds=None)
    own = None if sla_class in NATURAL_CLASSES else task.working_seconds
    seconds = (answered - task.assigned_at) // SECOND
    return placing._replace(marks=marks, reason=reason, seconds=seconds, own_seconds=own)


def _resolution(life: Life, cycle: Cycle, out: str | None, placing: Placing) -> Placing:
    due, done = placing.counted_at, cycle.resolved_at
    if out is not None:
        return _without(placing, out)
    if cycle.suspended_at is not None:
        return _without(placing, "suspended")
    if _withdrawn_first(life, due, done):
        return _without(placing, "withdrawn")
    in_time = done is not None and done <= due
    return placing._replace(marks=IN | (DONE_IN_TIME if in_time else 0), reason="counted")
