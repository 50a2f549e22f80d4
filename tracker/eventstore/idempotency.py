"""Idempotency keys: a client that asks twice under one key is answered once, for seven days.

The key is written in the transaction of the command's events, so either both are there or neither.
The answer is remembered afterwards; if the process died in between, the row has only the position.
"""

import hashlib
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from psycopg import Connection
from psycopg.rows import class_row

from tracker.eventstore.contents import as_json

KEPT_FOR = timedelta(days=7)


@dataclass(frozen=True)
class IdempotencyRecord:
    """A key as `actor` sent it, and what came of it as far as known.

    `answer` None with a `position`: the command was done, its answer is to be built anew.
    """

    actor: str
    key: str
    request_digest: str
    status: int | None = None
    answer: Any | None = field(default=None, repr=False)
    position: int | None = None
    created_at: datetime | None = None  # None: now, by the database's clock

    def asks_the_same(self, request_digest: str) -> bool:
        return self.request_digest == request_digest


class IdempotencyReplay(Exception):
    """Somebody used this key before, perhaps a moment ago; nothing was written this time."""

    def __init__(self, record: IdempotencyRecord) -> None:
        super().__init__(f"idempotency key {record.key!r} of {record.actor!r} was used before")
        self.record = record


def digest_of_request(*parts: bytes) -> str:
    """sha256 in hex over e.g. method, path and body; where one part ends makes a difference."""
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


def find(connection: Connection[Any], actor: str, key: str) -> IdempotencyRecord | None:
    """What came of this key, or None: it is new."""
    with connection.cursor(row_factory=class_row(IdempotencyRecord)) as cursor:
        return cursor.execute(FIND, {"actor": actor, "key": key}).fetchone()


# Served by idempotency_pkey.
KEEP = """
    INSERT INTO idempotency (actor, key, request_digest, status, answer, position, created_at)
    VALUES (%(actor)s, %(key)s, %(request_digest)s, %(status)s, %(answer)s, %(position)s,
            coalesce(%(created_at)s, now()))
    ON CONFLICT (actor, key) DO NOTHING
"""


def keep(connection: Connection[Any], record: IdempotencyRecord) -> None:
    """For requests that append no event, e.g. a photo. IdempotencyReplay if the key exists."""
    kept = connection.execute(KEEP, parameters(record)).rowcount
    if not kept:
        raise IdempotencyReplay(find(connection, record.actor, record.key) or record)


# Served by idempotency_created_at.
SWEEP = "DELETE FROM idempotency WHERE created_at < %(before)s"


def sweep(connection: Connection[Any], now: datetime) -> int:
    """Forget the keys older than seven days; says how many."""
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
