"""The rows of a month's report: one for the city, each street, post, unit and category.

Which rows there are is read from the city as it was at the report's position of the log: what is
added to the directory later adds no row to the report of an earlier month.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from eventsourcing.persistence import StoredEvent

import tracker.domain.city.registers  # noqa: F401  (makes the topics of the city's events known)
from tracker.directory import Directory
from tracker.domain.city.areas import Level
from tracker.domain.city.units import UnitKind
from tracker.eventstore.connections import Connection
from tracker.eventstore.mapper import PlainMapper
from tracker.metrics.asking import CITY, Question
from tracker.metrics.report import ReportRow
from tracker.projections.rates.answer import Majors, every_scope

# Served by stored_events_city (position) WHERE topic LIKE 'city.%'.
CITY_UP_TO = """
    SELECT position, originator_id, originator_version, topic, state
      FROM stored_events
     WHERE topic LIKE 'city.%%' AND position <= %(position)s
     ORDER BY position
"""


@dataclass(frozen=True)
class RowName:
    """Which row, and its name. `always`: it is in the report even if nothing happened there."""

    scope: str
    kind: str
    name: str
    always: bool = True


def city_at(connection: Connection, position: int) -> Directory:
    """The city as the log has it up to the position."""
    with connection.cursor(binary=True) as cursor:
        rows = cursor.execute(CITY_UP_TO, {"position": position}).fetchall()
    mapper = PlainMapper()
    return Directory().fold(
        (at, mapper.to_domain_event(StoredEvent(entry, version, topic, state)))
        for at, entry, version, topic, state in rows
    )


def report_rows(
    connection: Connection,
    city: Directory,
    question: Question,
    *,
    by_facts: bool = False,
    majors: Majors | None = None,
) -> list[ReportRow]:
    """The figures of every row of the city, for the question's period and moment."""
    names = row_names(city)
    scopes = [one.scope for one in names]
    found = every_scope(connection, question, scopes, by_facts=by_facts, majors=majors)
    rows = [
        ReportRow(one.scope, one.kind, one.name, row.metrics)
        for one, row in zip(names, found, strict=True)
    ]
    return [r for r, one in zip(rows, names, strict=True) if one.always or not r.is_empty]


@lru_cache(maxsize=2)  # a `Directory` never changes
def row_names(city: Directory) -> tuple[RowName, ...]:
    """Ended entries and responders too: they are shown where something counted for them."""
    return (
        RowName(CITY, "city", city.city.name),
        *(
            RowName(f"street:{area.code}", "street", area.name, area.ended_on is None)
            for area in _register(city, "area")
            if area.level is Level.STREET
        ),
        *(
            RowName(f"post:{post.code}", str(post.kind), post.name, post.ended_on is None)
            for post in _register(city, "post")
        ),
        *(
            RowName(f"unit:{unit.code}", str(unit.kind), unit.name, _has_duty(unit))
            for unit in _register(city, "unit")
        ),
        *(
            RowName(f"category:{major.code}", "major", major.name, major.ended_on is None)
            for major in _register(city, "major")
        ),
        *(
            RowName(f"category:{category.code}", "minor", category.name, category.ended_on is None)
            for category in _register(city, "category")
        ),
    )


def _register(city: Directory, kind: str) -> list[Any]:
    register = city.registers[kind]
    return [register[code] for code in sorted(register)]


def _has_duty(unit: Any) -> bool:
    return unit.kind is UnitKind.UNIT and unit.whistle_duty and unit.ended_on is None
