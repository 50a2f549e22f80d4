"""Index of every event of the log: by account, time, position, and the record it belongs to.

A row holds only what is searched. The content of an event is read from the log itself, at the row's
position. So nothing is stored twice, and the trail cannot contradict the log.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from tracker.domain.city import entries
from tracker.domain.months import MonthFrozen
from tracker.domain.whistle.raising import Raised
from tracker.eventstore.connections import Connection
from tracker.projections.engine.reader import Recorded
from tracker.projections.engine.tables import Table
from tracker.projections.story.audiences import shown_account

KINDS = {"whistle": "whistle", "report": "month"}
"""Kinds of streams that are not called as the topics of their events begin."""


@dataclass(slots=True)
class TrailRow:
    """`kind` and `code` are the stream's name for people: whistle W-…, unit U01, account admin."""

    stream: UUID
    version: int
    position: int
    at: datetime
    by: str
    kind: str
    code: str


TABLE = Table("audit_trail", TrailRow, key=("stream", "version"), owner="stream")


@dataclass
class Trail:
    """New rows, and the codes of the streams that they belong to."""

    codes: dict[UUID, str]
    rows: list[TrailRow] = field(default_factory=list)


class AuditTrail:
    """Every event of every stream. A new kind of stream is included without a change here."""

    name = "audit_trail"
    version = 1
    topics = ""
    tables = (TABLE,)

    def __init__(self, codes: Mapping[str, Callable[[Any], str]]) -> None:
        """`codes`: for each context, a function that reads a stream's code from its first event."""
        self._codes = codes

    def load(self, connection: Connection, events: Sequence[Recorded]) -> Trail:
        """Load the codes of these streams, from the rows of their first events."""
        streams = {r.event.originator_id for r in events if r.event is not None}
        return Trail(dict(connection.execute(CODES, {"streams": list(streams)}).fetchall()))

    def fold(self, rows: Trail, recorded: Recorded) -> None:
        event = recorded.event
        stream = event.originator_id
        if stream not in rows.codes:
            rows.codes[stream] = self._code_of(event)
        rows.rows.append(
            TrailRow(
                stream=stream,
                version=event.originator_version,
                position=recorded.position,
                at=event.timestamp,
                by=shown_account(event.by, event.role),
                kind=kind_of(event.TOPIC),
                code=rows.codes[stream],
            )
        )

    def _code_of(self, event: Any) -> str:
        """The stream's code, read from its first event; its id if it has no code."""
        match event:
            case Raised():
                return event.number
            case entries.Event():
                return event.code
            case MonthFrozen():
                return event.month
        of_context = self._codes.get(event.TOPIC.partition(".")[0])
        return of_context(event) if of_context else str(event.originator_id)

    def write(self, connection: Connection, rows: Trail) -> None:
        TABLE.write(connection, rows.rows)


# Served by audit_trail_pkey.
CODES = "SELECT stream, code FROM audit_trail WHERE stream = ANY(%(streams)s) AND version = 1"


def kind_of(topic: str) -> str:
    """The kind of stream that an event of this topic belongs to."""
    room, _, what = topic.partition(".")
    return what.split("_")[0] if room == "city" else KINDS.get(room, room)
