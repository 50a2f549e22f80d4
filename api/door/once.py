"""Idempotency keys as clients send them. `Tracker.answered_before` uses them."""

import json
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from api.door.access import Person
from api.door.refusals import BadKey
from tracker.eventstore.idempotency import IdempotencyRecord, digest_of_request

KEY_LENGTH = 200


@dataclass(frozen=True)
class Once:
    """One request and its key. `key` None: the client sent no Idempotency-Key."""

    key: str | None
    digest: str

    def record(self, actor: str) -> IdempotencyRecord | None:
        return None if self.key is None else IdempotencyRecord(actor, self.key, self.digest)


def actor_key(person: Person) -> str:
    """The owner of a key: keys of two reporters or accounts never collide."""
    receipt = person.actor.reporter_of
    return f"receipt:{receipt}" if receipt else person.actor.account


def key_of(request: Request) -> str | None:
    key = request.headers.get("idempotency-key")
    if key is None:
        return None
    key = key.strip()
    if not (0 < len(key) <= KEY_LENGTH and key.isascii() and key.isprintable()):
        raise BadKey
    return key


async def once_of(request: Request) -> Once:
    """The digest is of the parsed body, so spaces and the order of fields do not matter."""
    body = await request.body()
    said = json.dumps(json.loads(body), sort_keys=True).encode() if body else b""
    parts = (request.method.encode(), request.url.path.encode(), said)
    return Once(key_of(request), digest_of_request(*parts))


TheOnce = Annotated[Once, Depends(once_of)]
