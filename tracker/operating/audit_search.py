"""An auditor's search in the log: events by record, account, time or position; unmasked stories.

Whistles, the city's registers with its accounts, summonses, handovers and frozen months are all
streams of one log and are searched in the same way. No secret is in the result: passwords and
sessions are not events, and the receipt's hash in a whistle's events is left out here.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from tracker.contexts.registry import CONTEXTS
from tracker.domain.city.entries import entry_id
from tracker.domain.city.registers import OF_PEOPLE, REGISTERS
from tracker.domain.errors import NotFound, Words
from tracker.domain.months import MonthFrozen, month_id
from tracker.domain.whistle.whistle import whistle_id
from tracker.eventstore.connections import Connection
from tracker.eventstore.contents import read_words
from tracker.projections.story.audiences import shown_account
from tracker.projections.story.trail import kind_of
from tracker.words.masking import masked_facts

PAGE = 50

OF_THE_CITY = tuple(one.kind for one in REGISTERS if one not in OF_PEOPLE)
STREAMS: Mapping[str, Callable[[str], UUID]] = {
    "whistle": whistle_id,
    "month": month_id,
    **{context.name: context.stream_of for context in CONTEXTS},
}
"""The streams beside the registers: how each is found by the number or name that people use."""
KINDS = (*STREAMS, *(one.kind for one in OF_PEOPLE), *OF_THE_CITY)
"""Every kind of stream: each whistle is one, each unit, each account."""


class NoSuchStream(NotFound):
    """Nothing in the log is about that."""

    code = "audit.no_such_stream"
    message = Words(zh="日志里没有 {kind}/{name}", en="The log holds nothing about {kind}/{name}")
    remedy = Words(zh="请核对种类和编号", en="Check the kind and the code")


# Served by audit_trail_code, _by, _kind or _position. For a past period, audit_trail_at first finds
# the period's last position: a scan from the newest event would read all later ones, and without
# OFFSET 0 the planner does that. The planner must know the values (prepare=False): it then
# drops the conditions that are NULL. The events' content: stored_events_position.
FOUND = """
    SELECT t.kind, t.code, s.position, s.originator_version, s.topic, s.state
      FROM (SELECT *
              FROM audit_trail
             WHERE (%(code)s::text IS NULL OR lower(code) = lower(%(code)s))
               AND (%(kinds)s::text[] IS NULL OR kind = ANY(%(kinds)s))
               AND (%(by)s::text IS NULL OR by = %(by)s)
               AND (%(since)s::timestamptz IS NULL OR at >= %(since)s)
               AND (%(until)s::timestamptz IS NULL OR at < %(until)s)
               AND (%(until)s::timestamptz IS NULL
                    OR %(code)s::text IS NOT NULL OR %(by)s::text IS NOT NULL
                    OR position <= (SELECT CASE WHEN %(until)s < now() THEN
                                           (SELECT max(position)
                                              FROM (SELECT position
                                                      FROM audit_trail
                                                     WHERE at < %(until)s
                                                       AND at >= coalesce(%(since)s, '-infinity')
                                                    OFFSET 0) AS in_time)
                                           ELSE (SELECT max(position) FROM audit_trail) END))
               AND (%(position)s::bigint IS NULL OR position <= %(position)s)
             ORDER BY position DESC
             LIMIT %(limit)s) AS t
      JOIN stored_events s USING (position)
     ORDER BY t.position DESC
"""


@dataclass(frozen=True)
class FoundEvent:
    """An event, with the kind and code of its stream."""

    kind: str
    code: str
    event: "RawEvent"


def find(
    connection: Connection,
    *,
    code: str | None = None,
    kinds: Sequence[str] | None = None,
    by: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    position: int | None = None,
    limit: int = PAGE,
) -> list[FoundEvent]:
    """The newest first, from `position` downwards. `until` is not included. `kinds` None: all."""
    parameters: dict[str, Any] = {"code": code, "by": by, "since": since, "until": until}
    parameters |= {"kinds": kinds and list(kinds), "position": position, "limit": limit}
    rows = connection.execute(FOUND, parameters, prepare=False).fetchall()
    return [
        FoundEvent(kind, which, _raw(place, version, topic, state, {}))
        for kind, which, place, version, topic, state in rows
    ]


# Served by stored_events_pkey.
STREAM = """
    SELECT position, originator_version AS version, topic, state
      FROM stored_events
     WHERE originator_id = %(id)s
     ORDER BY originator_version
"""
OWN = ("timestamp", "by", "role", "acting_post", "state", "words", "receipt")


@dataclass(frozen=True)
class EventWords:
    """Words or a picture of an event; `body` is None for a picture and for erased words."""

    id: UUID
    kind: str
    digest: str
    body: Any
    erased_at: datetime | None


@dataclass(frozen=True)
class RawEvent:
    """An event as it is stored; `facts` are its payload without the receipt's hash.

    `state` is None except for whistles. `masked` are the facts with names and phones masked, for
    an auditor who gave no reason to see them.
    """

    position: int
    version: int
    topic: str
    at: datetime
    by: str
    role: str
    post: str | None
    state: str | None
    facts: Mapping[str, Any]
    words: Sequence[EventWords]

    @property
    def masked(self) -> Mapping[str, Any]:
        # Only the city's registers have names and phones in their facts.
        found: Mapping[str, Any] = self.facts
        return masked_facts(found) if self.topic.startswith("city.") else found


def stream_of(kind: str, code: str) -> UUID:
    """The stream's id. Raises NoSuchStream if kind or code cannot be one."""
    try:
        if kind in STREAMS:
            return STREAMS[kind](code)
        if kind in KINDS:
            return entry_id(kind, code)
    except ValueError:
        pass  # the kind's code is an id, and this text is not one
    raise NoSuchStream(kind=kind, name=code)


def story_of(connection: Connection, kind: str, code: str) -> list[RawEvent]:
    """Every event of the stream. Raises NoSuchStream, also if the id is of another kind."""
    events = story(connection, stream_of(kind, code))
    if not events or kind_of(events[0].topic) != kind:
        raise NoSuchStream(kind=kind, name=code)
    return events


def story(connection: Connection, stream: UUID) -> list[RawEvent]:
    """Every event of the stream, with its words as they are stored now."""
    rows = connection.execute(STREAM, {"id": stream}).fetchall()
    events = [(*row[:3], _read(row[3])) for row in rows]
    ids = [UUID(word["id"]) for *_, state in events for word in state.get("words", ())]
    kept = read_words(connection, ids) if ids else {}
    return [
        _raw(position, version, topic, state, kept) for position, version, topic, state in events
    ]


def _read(state: Any) -> dict[str, Any]:
    found: dict[str, Any] = state if isinstance(state, dict) else json.loads(bytes(state))
    return found


def _raw(
    position: int, version: int, topic: str, stored: Any, kept: Mapping[UUID, Any]
) -> RawEvent:
    words, state = [], _read(stored)
    for word in state.get("words", ()):
        found = kept.get(UUID(word["id"]))
        body, erased = (found.body, found.erased_at) if found else (None, None)
        words.append(EventWords(UUID(word["id"]), word["kind"], word["digest"], body, erased))
    return RawEvent(
        position=position,
        version=version,
        topic=topic,
        at=datetime.fromisoformat(state["timestamp"]),
        by=shown_account(state["by"], state["role"]),
        role=state["role"],
        post=state.get("acting_post"),
        state=state.get("state"),
        facts={name: value for name, value in state.items() if name not in OWN},
        words=words,
    )


# Served by no index: one row per month, and only auditors ask.
FROZEN = """
    SELECT position, state FROM stored_events WHERE topic = %(topic)s ORDER BY position DESC
"""


@dataclass(frozen=True)
class FrozenMonth:
    month: str
    at: datetime
    position: int
    digest: str


def frozen_months(connection: Connection) -> list[FrozenMonth]:
    """The newest first."""
    rows = connection.execute(FROZEN, {"topic": MonthFrozen.TOPIC}).fetchall()
    states = [(position, _read(state)) for position, state in rows]
    return [
        FrozenMonth(
            state["month"], datetime.fromisoformat(state["timestamp"]), position, state["digest"]
        )
        for position, state in states
    ]
