"""What-ifs in the background: put on a list, worked at one at a time, read when done.

Only the two tables of the what-ifs are written, so nothing that was promised changes. If a worker
dies, the next one starts its what-if again.
"""

import json
import logging
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from eventsourcing.persistence import StoredEvent
from psycopg.rows import class_row, dict_row

from tracker.city_zone import city_zone
from tracker.commands.tracker import Tracker
from tracker.directory import Directory
from tracker.domain.errors import Invalid, NotFound, Words
from tracker.eventstore.connections import Connection
from tracker.eventstore.mapper import PlainMapper
from tracker.metrics.asking import AsOf, Period, Question
from tracker.projections.engine.positions import wait_for
from tracker.projections.rates.answer import within_question
from tracker.reports.report_rows import city_at
from tracker.reports.what_if.alternative import alternative, own_routes, pack_of_class
from tracker.reports.what_if.comparing import Comparison
from tracker.reports.what_if.replay import replay

log = logging.getLogger(__name__)

AT_ONCE = 200  # whistles replayed between two updates of the progress
LONGEST_LIFE = timedelta(days=180)  # how long before the period a whistle can have been registered
LARGEST_PAGE = 200
PATIENCE = 5.0  # seconds to wait until the figures have all of the log; then the next run tries
Progress = Callable[[int, int], object]  # is called with: whistles replayed, of how many


class NoUnitView(Invalid):
    """A unit's due times begin with its assignments, which another policy would change."""

    code = "what_if.no_unit_view"
    field = "scope"
    message = Words(zh="不能按单位重算", en="A unit's promises are not replayed")
    remedy = Words(
        zh="写 city、street:、post:、category: 或 grid:",
        en="Ask for city, street:, post:, category: or grid:",
    )


class UnknownWhatIf(NotFound):
    code = "what_if.unknown"
    message = Words(zh="没有这一次重算", en="There is no such what-if")
    remedy = Words(zh="请核对编号", en="Check its id")


@dataclass(frozen=True)
class WhatIf:
    """A row of what_ifs."""

    id: UUID
    asked_by: str
    asked_at: datetime
    request: str
    name: str
    scope: str
    first_day: date
    until_day: date
    as_of: datetime
    position: int
    promised: dict[str, Any]
    alternative: dict[str, Any]
    status: str
    progress: int
    total: int | None
    figures: dict[str, Any] | None
    error: str | None
    finished_at: datetime | None

    @property
    def question(self) -> Question:
        period = Period(self.first_day, self.until_day)
        return Question(self.scope, period, AsOf(self.as_of, self.position))

    def shown(self) -> dict[str, Any]:
        """As HTTP gives it; `figures` once it is done."""
        return {
            "id": str(self.id),
            "name": self.name,
            "status": self.status,
            "progress": self.progress,
            "total": self.total,
            "scope": self.scope,
            "from": self.first_day.isoformat(),
            "to": self.until_day.isoformat(),
            "as_of": self.as_of.astimezone(city_zone()).isoformat(),
            "position": self.position,
            "asked_by": self.asked_by,
            "asked_at": self.asked_at.astimezone(city_zone()).isoformat(),
            "finished_at": self.finished_at
            and self.finished_at.astimezone(city_zone()).isoformat(),
            "promised_policy": self.promised,
            "other_policy": self.alternative,
            "figures": self.figures,
            "error": self.error,
        }


ASK = """
    INSERT INTO what_ifs (id, asked_by, asked_at, request, name, scope, first_day, until_day,
                          as_of, position, promised, alternative, status, progress)
    VALUES (%(id)s, %(by)s, %(now)s, %(request)s, %(name)s, %(scope)s, %(first)s, %(until)s,
            %(as_of)s, %(position)s, %(promised)s, %(alternative)s, 'waiting', 0)
    ON CONFLICT (id) DO NOTHING
"""


def ask(
    tracker: Tracker,
    connection: Connection,
    question: Question,
    given: Mapping[str, Any],
    *,
    by: str,
    now: datetime,
    newest: int,
    id: UUID | None = None,
    request: str = "",
) -> WhatIf:
    """Put it on the list. It is replayed from the log up to `newest`, or up to the position that
    the question names. Asked again under the same `id`, the earlier one is returned.

    Raises NoUnitView, PolicyUnreadable.
    """
    if question.unit_view:
        raise NoUnitView
    position = newest if question.as_of.position is None else question.as_of.position
    other = alternative(tracker.city, given)
    key = id or uuid4()
    connection.execute(
        ASK,
        {
            "id": key,
            "by": by,
            "now": now,
            "request": request,
            "name": str(given.get("name") or other.digest[:12])[:200],
            "scope": question.scope,
            "first": question.period.first,
            "until": question.period.until,
            "as_of": question.as_of.at,
            "position": position,
            "promised": json.dumps(_version_of(tracker.city)),
            "alternative": json.dumps({"digest": other.digest, "given": _parts(given)}),
        },
    )
    return find(connection, key)


def _parts(given: Mapping[str, Any]) -> dict[str, Any]:
    """The parts of a city pack that a policy consists of."""
    kept = ("name", "sla_classes", "working_hours", "calendar", "categories")
    return {name: given[name] for name in kept if name in given}


def _version_of(city: Directory) -> dict[str, Any]:
    return {
        "policy_version": city.policy.version,
        "calendar_version": city.calendar_version,
        "catalogue_version": city.catalogue_version,
        "directory_position": city.version,
        "sla_classes": [pack_of_class(found) for found in city.sla_classes],
    }


# Served by the primary key.
FIND = "SELECT * FROM what_ifs WHERE id = %(id)s"


def find(connection: Connection, id: UUID) -> WhatIf:
    """Raises UnknownWhatIf."""
    with connection.cursor(row_factory=class_row(WhatIf)) as cursor:
        found = cursor.execute(FIND, {"id": id}).fetchone()
    if found is None:
        raise UnknownWhatIf
    return found


# Few rows: a what-if is asked for by hand. Read whole and sorted.
LATEST = "SELECT * FROM what_ifs ORDER BY asked_at DESC LIMIT %(limit)s"


def latest(connection: Connection, limit: int) -> list[WhatIf]:
    """The newest ones, whoever asked for them."""
    with connection.cursor(row_factory=class_row(WhatIf)) as cursor:
        return cursor.execute(LATEST, {"limit": limit}).fetchall()


# Served by the primary key (what_if, item).
CHANGES = """
    SELECT item, change FROM what_if_changes
     WHERE what_if = %(id)s AND item > %(after)s
     ORDER BY item LIMIT %(limit)s
"""


def changes(
    connection: Connection, id: UUID, after: int = -1, limit: int = LARGEST_PAGE
) -> tuple[list[dict[str, Any]], int | None]:
    """A page of the whistles that change sides, and where the next one begins."""
    parameters = {"id": id, "after": after, "limit": limit + 1}
    with connection.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(CHANGES, parameters).fetchall()
    page = rows[:limit]
    return [row["change"] for row in page], page[-1]["item"] if len(rows) > limit else None


# Served by what_ifs_waiting (asked_at). A worker holds a session lock on what it works at.
NEXT = """
    SELECT id FROM what_ifs
     WHERE status IN ('waiting', 'running')
     ORDER BY asked_at
"""
LOCK = "SELECT pg_try_advisory_lock(hashtextextended(%(key)s, 0))"
UNLOCK = "SELECT pg_advisory_unlock(hashtextextended(%(key)s, 0))"


def work(
    connection: Connection,
    *,
    only: UUID | None = None,
    progress: Progress = lambda replayed, total: None,
    go_on: Callable[[], bool] = lambda: True,
) -> list[UUID]:
    """Work at those that wait, the oldest first, or at `only` one. Returns which were finished."""
    waiting = [only] if only else [id for (id,) in connection.execute(NEXT).fetchall()]
    return [id for id in waiting if go_on() and _locked(connection, id, progress, go_on)]


def _locked(
    connection: Connection, id: UUID, progress: Progress, go_on: Callable[[], bool]
) -> bool:
    key = {"key": f"what-if {id}"}
    if connection.execute(LOCK, key).fetchone() != (True,):
        return False  # another worker is at it
    try:
        row = find(connection, id)
        return row.status in ("waiting", "running") and _finish(connection, row, progress, go_on)
    finally:
        connection.execute(UNLOCK, key)


def _finish(
    connection: Connection, row: WhatIf, progress: Progress, go_on: Callable[[], bool]
) -> bool:
    try:
        comparison = _replayed(connection, row, progress, go_on)
    except Exception as error:  # shown to the person who asked; the next what-if is worked at
        log.exception("what-if %s", row.id)
        connection.execute(FAILED, {"id": row.id, "error": repr(error)})
        return True
    if comparison is None:
        return False
    with connection.transaction():
        connection.execute(FORGET, {"id": row.id})
        connection.execute(KEEP, {"id": row.id, "changes": json.dumps(comparison.in_order())})
        figures = json.dumps(comparison.figures())
        connection.execute(DONE, {"id": row.id, "figures": figures})
    return True


FAILED = """
    UPDATE what_ifs SET status = 'failed', error = %(error)s, finished_at = now()
     WHERE id = %(id)s
"""
FORGET = "DELETE FROM what_if_changes WHERE what_if = %(id)s"
KEEP = """
    INSERT INTO what_if_changes (what_if, item, change)
    SELECT %(id)s, found.item - 1, found.change
      FROM json_array_elements(%(changes)s::json) WITH ORDINALITY AS found (change, item)
"""
DONE = """
    UPDATE what_ifs
       SET status = 'done', figures = %(figures)s, progress = total, finished_at = now()
     WHERE id = %(id)s
"""
PROGRESS = """
    UPDATE what_ifs SET status = 'running', progress = %(progress)s, total = %(total)s
     WHERE id = %(id)s
"""


def _replayed(
    connection: Connection, row: WhatIf, progress: Progress, go_on: Callable[[], bool]
) -> Comparison | None:
    """None if it has to wait: the figures are behind the log, or the worker has to stop."""
    question = row.question
    if not wait_for(connection, "rates", row.position, timeout=PATIENCE):
        return None
    city = city_at(connection, row.promised["directory_position"])
    other, promised = alternative(city, row.alternative["given"]), own_routes(city)
    categories = within_question(connection, question)["categories"] or ()
    comparison = Comparison(row.scope, question.period, categories)
    whistles = _candidates(connection, question)
    for done in range(0, len(whistles), AT_ONCE):
        if not go_on():
            return None
        state = {"id": row.id, "progress": done, "total": len(whistles)}
        connection.execute(PROGRESS, state)
        some = whistles[done : done + AT_ONCE]
        for events in _streams(connection, some, question.as_of):
            if (one := replay(events, other, promised)) is not None:
                comparison.add(one)
        progress(done + len(some), len(whistles))
    connection.execute(PROGRESS, {"id": row.id, "progress": len(whistles), "total": len(whistles)})
    return comparison


# Served by rates_facts_counted (cohort, counted_day, …): what falls due in the period, and what was
# registered before its end and might fall due in it under another policy.
CANDIDATES = """
    SELECT whistle FROM rates_facts
     WHERE cohort IN ('response', 'resolution')
       AND counted_day >= %(first)s AND counted_day < %(until)s
       AND known_at <= %(at)s AND position <= %(position)s
     UNION
    SELECT whistle FROM rates_facts
     WHERE cohort = 'raised' AND counted_day >= %(since)s AND counted_day < %(until)s
       AND known_at <= %(at)s AND position <= %(position)s
     ORDER BY whistle
"""


def _candidates(connection: Connection, question: Question) -> list[UUID]:
    parameters = question.parameters() | {"since": question.period.first - LONGEST_LIFE}
    return [whistle for (whistle,) in connection.execute(CANDIDATES, parameters)]


# Served by the primary key (originator_id, originator_version).
STREAMS = """
    SELECT originator_id, originator_version, topic, state FROM stored_events
     WHERE originator_id = ANY(%(whistles)s) AND position <= %(position)s
     ORDER BY originator_id, originator_version
"""


def _streams(connection: Connection, whistles: list[UUID], as_of: AsOf) -> Iterator[list[Any]]:
    """The events of each whistle that were known at the moment."""
    mapper = PlainMapper()
    streams: dict[UUID, list[Any]] = {whistle: [] for whistle in whistles}
    parameters = {"whistles": whistles, "position": as_of.position}
    with connection.cursor(binary=True) as cursor:
        for whistle, version, topic, state in cursor.execute(STREAMS, parameters):
            event: Any = mapper.to_domain_event(StoredEvent(whistle, version, topic, state))
            if event.timestamp <= as_of.at:
                streams[whistle].append(event)
    return iter(streams.values())
