"""Batches of the log, in order; each event is decoded once for all projections."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol
from uuid import UUID

from eventsourcing.persistence import StoredEvent

from tracker.context_names import PASSED_OVER
from tracker.eventstore.connections import Connection
from tracker.eventstore.recorder import SELECT_NOTIFICATIONS


class Mapper(Protocol):
    """The application's mapper: turns stored bytes into the event."""

    def to_domain_event(self, stored_event: StoredEvent, /) -> Any: ...


@dataclass(frozen=True, slots=True)
class Recorded:
    """An event with its position in the log. `flaw` is the error if it could not be decoded.

    An event that no projection wants is not decoded: `event` is None then too.
    """

    position: int
    topic: str
    event: Any
    flaw: Exception | None = None


@dataclass(frozen=True, slots=True)
class Batch:
    """`end` is the position of the last event that was read, also where nobody here wants it.

    `full`: there may be more after it.
    """

    events: Sequence[Recorded]
    end: int
    full: bool


class LogReader:
    """`topics` are the prefixes of the topics that are wanted."""

    def __init__(self, mapper: Mapper, topics: Iterable[str]) -> None:
        self._mapper = mapper
        self._topics = tuple(topics)

    def read(
        self, connection: Connection, after: int, limit: int, upto: int | None = None
    ) -> Batch:
        """Up to `limit` events after a position, and not beyond `upto`.

        Events of contexts that are not in this installation are skipped.
        """
        parameters = {"after": after, "stop": upto, "topics": None, "limit": limit}
        with connection.cursor(binary=True) as cursor:
            rows = cursor.execute(SELECT_NOTIFICATIONS, parameters).fetchall()
        end = rows[-1][0] if rows else after
        here = (row for row in rows if not row[3].startswith(PASSED_OVER))
        return Batch([self._decoded(*row) for row in here], end, full=len(rows) == limit)

    def _decoded(
        self, position: int, whistle: UUID, version: int, topic: str, state: bytes
    ) -> Recorded:
        if not topic.startswith(self._topics):
            return Recorded(position, topic, None)
        try:
            event = self._mapper.to_domain_event(StoredEvent(whistle, version, topic, state))
        except Exception as flaw:  # raised only by a projection that wants this event
            return Recorded(position, topic, None, flaw)
        return Recorded(position, topic, event)
