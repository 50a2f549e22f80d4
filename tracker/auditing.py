"""What an auditor asks of the log: events by number, account, time or position; a story, raw."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg import Connection
from psycopg.rows import class_row

from tracker.domain.months import MonthFrozen
from tracker.eventstore.contents import read_words

PAGE = 50

# Served by timeline_position, timeline_by, timeline_at or, for a number, the key of timeline after
# board_number. With the values known at planning (prepare=False) what was not asked is gone.
FOUND = """
    SELECT t.whistle, t.version, t.position, t.at, t.topic, t.by, t.role, t.state, t.post,
           t.facts, b.number
      FROM timeline t JOIN board b ON b.id = t.whistle
     WHERE (%(number)s::text IS NULL OR b.number = %(number)s)
       AND (%(by)s::text IS NULL OR t.by = %(by)s)
       AND (%(since)s::timestamptz IS NULL OR t.at >= %(since)s)
       AND (%(until)s::timestamptz IS NULL OR t.at < %(until)s)
       AND (%(position)s::bigint IS NULL OR t.position <= %(position)s)
     ORDER BY t.position DESC
     LIMIT %(limit)s
"""


@dataclass(frozen=True)
class Found:
    """An event of a whistle, as the timeline has it."""

    whistle: UUID
    version: int
    position: int
    at: datetime
    topic: str
    by: str
    role: str
    state: str
    post: str | None
    facts: dict[str, Any]
    number: str


def find(
    connection: Connection[Any],
    *,
    number: str | None = None,
    by: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    position: int | None = None,
    limit: int = PAGE,
) -> list[Found]:
    """The newest first, at `position` or below it; `until` is not included."""
    asked: dict[str, Any] = {"number": number, "by": by, "since": since, "until": until}
    asked |= {"position": position, "limit": limit}
    with connection.cursor(row_factory=class_row(Found)) as cursor:
        return cursor.execute(FOUND, asked, prepare=False).fetchall()


# Served by stored_events_pkey.
STREAM = """
    SELECT position, originator_version AS version, topic, state
      FROM stored_events
     WHERE originator_id = %(id)s
     ORDER BY originator_version
"""
OWN = ("timestamp", "by", "role", "acting_post", "state", "words", "receipt")


@dataclass(frozen=True)
class Word:
    """Something said or shown with an event; `body` None for a picture, and once erased."""

    id: UUID
    kind: str
    digest: str
    body: Any
    erased_at: datetime | None


@dataclass(frozen=True)
class Raw:
    """An event as it is stored; `facts` are its payload, the receipt's hash left out."""

    position: int
    version: int
    topic: str
    at: datetime
    by: str
    role: str
    post: str | None
    state: str
    facts: Mapping[str, Any]
    words: Sequence[Word]


def story(connection: Connection[Any], whistle: UUID) -> list[Raw]:
    """Every event of the stream, with what was said as it stands now."""
    rows = connection.execute(STREAM, {"id": whistle}).fetchall()
    told = [(*row[:3], _read(row[3])) for row in rows]
    ids = [UUID(word["id"]) for *_, state in told for word in state.get("words", ())]
    kept = read_words(connection, ids) if ids else {}
    return [_raw(position, version, topic, state, kept) for position, version, topic, state in told]


def _read(state: Any) -> dict[str, Any]:
    found: dict[str, Any] = state if isinstance(state, dict) else json.loads(bytes(state))
    return found


def _raw(
    position: int, version: int, topic: str, state: dict[str, Any], kept: Mapping[UUID, Any]
) -> Raw:
    words = []
    for word in state.get("words", ()):
        found = kept.get(UUID(word["id"]))
        body, erased = (found.body, found.erased_at) if found else (None, None)
        words.append(Word(UUID(word["id"]), word["kind"], word["digest"], body, erased))
    return Raw(
        position=position,
        version=version,
        topic=topic,
        at=datetime.fromisoformat(state["timestamp"]),
        by=state["by"],
        role=state["role"],
        post=state.get("acting_post"),
        state=state["state"],
        facts={name: value for name, value in state.items() if name not in OWN},
        words=words,
    )


# Served by no index: one row a month, and asked for by an auditor.
FROZEN = """
    SELECT position, state FROM stored_events WHERE topic = %(topic)s ORDER BY position DESC
"""


@dataclass(frozen=True)
class FrozenMonth:
    month: str
    at: datetime
    position: int
    digest: str


def frozen_months(connection: Connection[Any]) -> list[FrozenMonth]:
    """The newest first."""
    rows = connection.execute(FROZEN, {"topic": MonthFrozen.TOPIC}).fetchall()
    states = [(position, _read(state)) for position, state in rows]
    return [
        FrozenMonth(
            state["month"], datetime.fromisoformat(state["timestamp"]), position, state["digest"]
        )
        for position, state in states
    ]
