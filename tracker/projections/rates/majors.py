"""Which categories a major has, as known at a moment: a category can be moved to another major.

Sums are kept by minor category alone. A figure of a major adds up those that belong to it at the
question's moment (domain.md §6.0), so that moving one touches no sum. A category that the catalogue
did not have yet belongs to the major under which it was added.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

from eventsourcing.persistence import StoredEvent

from tracker.domain.city.catalogue import CategoryAdded, CategoryChanged
from tracker.eventstore.connections import Connection
from tracker.eventstore.mapper import PlainMapper
from tracker.metrics.asking import AsOf, Question

CATEGORY = "category:"

# Served by stored_events_city (position) WHERE topic LIKE 'city.%'.
NAMED = """
    SELECT position, originator_id, originator_version, topic, state
      FROM stored_events
     WHERE topic LIKE 'city.%%' AND topic = ANY(%(topics)s)
     ORDER BY position
"""
TOPICS = [CategoryAdded.TOPIC, CategoryChanged.TOPIC]

Majors = Mapping[str, Sequence[str]]  # codes of minor categories by their major's
Move = tuple[int, datetime, str, str]  # position, moment, category, its major from then on


def majors_at(connection: Connection, as_of: AsOf) -> Majors:
    """Every major that ever had a category, with those that it has then."""
    with connection.cursor(binary=True) as cursor:
        rows = cursor.execute(NAMED, {"topics": TOPICS}).fetchall()
    moves = _moves(tuple(rows))
    found: dict[str, list[str]] = {major: [] for *_, major in moves}
    for minor, major in sorted(_known(moves, as_of).items()):
        found[major].append(minor)
    return found


def _known(moves: Sequence[Move], as_of: AsOf) -> dict[str, str]:
    found: dict[str, str] = {}
    for position, at, minor, major in moves:
        late = as_of.position is not None and position > as_of.position
        if minor not in found or (at <= as_of.at and not late):
            found[minor] = major
    return found


@lru_cache(maxsize=4)  # the catalogue rarely changes, and a page asks many times
def _moves(rows: tuple[tuple[Any, ...], ...]) -> tuple[Move, ...]:
    mapper, moves = PlainMapper(), []
    for position, entry, version, topic, state in rows:
        event: Any = mapper.to_domain_event(StoredEvent(entry, version, topic, state))
        major = event.entry.major if isinstance(event, CategoryAdded) else event.major
        if major is not None:
            moves.append((position, event.timestamp, event.code, major))
    return tuple(moves)


def categories_of(connection: Connection, code: str, as_of: AsOf) -> list[str]:
    """The minor categories of a major as known then; the code alone if it is no major."""
    return list(majors_at(connection, as_of).get(code, [code]))


def members_of(scope: str, majors: Majors) -> list[str]:
    """The scopes whose sums make up a scope: those of its categories for a major, else itself."""
    minors = majors.get(scope.removeprefix(CATEGORY)) if scope.startswith(CATEGORY) else None
    return [scope] if minors is None else [f"{CATEGORY}{minor}" for minor in minors]


def within_question(connection: Connection, question: Question) -> dict[str, Any]:
    """The question's parameters, and as `categories` the codes that it is limited to, if any."""
    asked = question.parameters()
    code = asked["category"]
    named = None if code is None else categories_of(connection, code, question.as_of)
    return asked | {"categories": named}
