"""Idempotency keys at the edge: the same key and body get the same answer, another body none.

The key goes into the transaction of the command's events. Nothing of the answer is kept: it is
built again from the log as it stood at the position which that transaction reached, and a receipt
code is derived again, so no words and no code lie about in a table of keys.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, TypeVar

from fastapi import Depends, Request
from psycopg import Connection

from api.door.access import Person
from api.door.refusals import BadKey
from tracker.commands.application import Tracker
from tracker.domain.errors import Invalid, Refusal, Words
from tracker.eventstore import idempotency
from tracker.eventstore.idempotency import IdempotencyRecord, IdempotencyReplay, digest_of_request

KEY_LENGTH = 200
Answer = TypeVar("Answer")


class KeyReused(Invalid):
    code = "idempotency.key_reused"
    message = Words(
        zh="这个 Idempotency-Key 已用于另一个请求",
        en="This Idempotency-Key was used for another request",
    )
    remedy = Words(zh="换一个新的键再发", en="Send it again under a new key")


@dataclass(frozen=True)
class Once:
    """One request under its key; `key` None: the client asked for no such care."""

    key: str | None
    digest: str

    def record(self, actor: str) -> IdempotencyRecord | None:
        return None if self.key is None else IdempotencyRecord(actor, self.key, self.digest)

    def earlier(self, connection: Connection[Any], actor: str) -> IdempotencyRecord | None:
        """What this key did before, or None. Raises KeyReused if it was for something else."""
        if self.key is None:
            return None
        found = idempotency.find(connection, actor, self.key)
        return None if found is None else self.same(found)

    def same(self, found: IdempotencyRecord) -> IdempotencyRecord:
        if not found.asks_the_same(self.digest):
            raise KeyReused(key=self.key)
        return found

    def do(
        self,
        tracker: Tracker,
        actor: str,
        act: Callable[[], Answer],
        again: Callable[[IdempotencyRecord], Answer],
    ) -> Answer:
        """`act`; or `again`, when this key was used before, be it a moment ago.

        A request that is sent twice at once can be refused because of itself: what it asks for
        has just been done. So the key is looked at once more before a refusal is believed.
        """
        earlier = self._found(tracker, actor)
        if earlier is not None:
            return again(earlier)
        try:
            return act()
        except IdempotencyReplay as replay:
            return again(self.same(replay.record))
        except Refusal:
            earlier = self._found(tracker, actor)
            if earlier is None:
                raise
            return again(earlier)

    def _found(self, tracker: Tracker, actor: str) -> IdempotencyRecord | None:
        if self.key is None:
            return None
        with tracker.connection() as connection:
            return self.earlier(connection, actor)


def actor_key(person: Person) -> str:
    """Under whose name a key is kept: keys of two reporters or accounts never meet."""
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
    """The digest is of the body's meaning: spaces and the order of fields make no difference."""
    body = await request.body()
    said = json.dumps(json.loads(body), sort_keys=True).encode() if body else b""
    parts = (request.method.encode(), request.url.path.encode(), said)
    return Once(key_of(request), digest_of_request(*parts))


TheOnce = Annotated[Once, Depends(once_of)]
