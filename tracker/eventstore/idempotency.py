"""Idempotency keys: a request that is repeated with its key has no second effect, for seven days.

The key is written in the transaction of the command's events, so either both are there or neither.
The answer is added afterwards; if the process died in between, the row has only the position.
"""

import hashlib
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from psycopg.rows import class_row

from tracker.eventstore.connections import Connection
from tracker.eventstore.contents import as_json

KEPT_FOR = timedelta(days=7)


@dataclass(frozen=True)
class IdempotencyRecord:
    """A key that `actor` sent, and the result of its request as far as it is known.

    `answer` None with a `position`: the command was done, and its answer must be built again.
    """

    actor: str
    key: str
    request_digest: str
    status: int | None = None
    answer: Any | None = field(default=None, repr=False)
    position: int | None = None
    created_at: datetime | None = None  # None: now, by the database's clock

    def is_same_request(self, request_digest: str) -> bool:
        return self.request_digest == request_digest


class IdempotencyReplay(Exception):
    """This key was used before, perhaps a moment ago. Nothing was written this time."""

    def __init__(self, record: IdempotencyRecord) -> None:
        super().__init__(f"idempotency key {record.key!r} of {record.actor!r} was used before")
        self.record = record


def digest_of_request(*parts: bytes) -> str:
    """sha256 in hex over e.g. method, path and body. (ab, c) and (a, bc) give different digests."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(len(part).to_bytes(8, "big") + part)
    return digest.hexdigest()


# Served by idempotency_pkey.
FIND = """
    SELECT actor, key, request_digest, status, answer, position, created_at
      FROM idempotency
     WHERE actor = %(actor)s AND key = %(key)s
"""


def find(connection: Connection, actor: str, key: str) -> IdempotencyRecord | None:
    """The record of this key, or None if the key is new."""
    with connection.cursor(row_factory=class_row(IdempotencyRecord)) as cursor:
        return cursor.execute(FIND, {"actor": actor, "key": key}).fetchone()


# Served by idempotency_pkey.
KEEP = """
    INSERT INTO idempotency (actor, key, request_digest, status, answer, position, created_at)
    VALUES (%(actor)s, %(key)s, %(request_digest)s, %(status)s, %(answer)s, %(position)s,
            coalesce(%(created_at)s, now()))
    ON CONFLICT (actor, key) DO NOTHING
"""


def keep(connection: Connection, record: IdempotencyRecord) -> None:
    """Store a key whose request appends no event, e.g. a photo. Raises IdempotencyReplay."""
    kept = connection.execute(KEEP, parameters(record)).rowcount
    if not kept:
        raise IdempotencyReplay(find(connection, record.actor, record.key) or record)


# Served by idempotency_created_at.
SWEEP = "DELETE FROM idempotency WHERE created_at < %(before)s"


def sweep(connection: Connection, now: datetime) -> int:
    """Delete the keys older than seven days. Returns how many."""
    return connection.execute(SWEEP, {"before": now - KEPT_FOR}).rowcount


def parameters(record: IdempotencyRecord) -> dict[str, Any]:
    return {
        "actor": record.actor,
        "key": record.key,
        "request_digest": record.request_digest,
        "status": record.status,
        "answer": as_json(record.answer),
        "position": record.position,
        "created_at": record.created_at,
    }
