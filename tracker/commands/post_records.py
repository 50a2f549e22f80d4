"""How a record of a post's duty becomes events: load, decide, append; again if one was first."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from eventsourcing.application import AggregateNotFoundError
from eventsourcing.persistence import RecordConflictError

from tracker.commands.deciding import Deciding
from tracker.commands.spoken import Spoken
from tracker.domain.errors import Conflict, NotFound, Words
from tracker.domain.post_record import DutyRecord
from tracker.eventstore.idempotency import IdempotencyRecord

ATTEMPTS = 8

R = TypeVar("R", bound=DutyRecord)


class StillBusy(Conflict):
    """The same record changed under every attempt; nothing was written."""

    code = "duty.still_busy"
    message = Words(zh="正被多人同时办理", en="It is being changed by many at once")
    remedy = Words(zh="稍等一下再试", en="Wait a moment and try again")


def load(tracker: Deciding, kind: type[R], id: UUID, missing: NotFound) -> R:
    """The record from its stream, never stale. Raises `missing`."""
    try:
        found: Any = tracker.repository.get(id)
    except AggregateNotFoundError:
        raise missing from None
    if not isinstance(found, kind):
        raise missing
    return found


def append(
    tracker: Deciding, record: DutyRecord, said: Spoken, idempotency: IdempotencyRecord | None
) -> int:
    """The position reached; 0: nothing happened."""
    recordings = tracker.save(record, contents=tuple(said.rows), idempotency=idempotency)
    return max((recording.notification.id for recording in recordings), default=0)


def change(
    tracker: Deciding,
    find: Callable[[], R],
    decide: Callable[[R, datetime], None],
    *,
    at: datetime,
    said: Spoken,
    idempotency: IdempotencyRecord | None = None,
) -> tuple[R, int]:
    """Let `decide` change the record at `at`, or when it last changed if that was later."""
    for _ in range(ATTEMPTS):
        record = find()
        decide(record, max(at, record.modified_on))
        try:
            return record, append(tracker, record, said, idempotency)
        except RecordConflictError:
            continue
    raise StillBusy
