"""An uploaded photo: re-encoded, and stored until a whistle uses it."""

import hashlib
from typing import Any

from api.door.access import Person
from api.door.callers import now
from api.door.once import actor_key
from tracker.commands.earlier import KeyReused
from tracker.commands.tracker import Tracker
from tracker.eventstore import idempotency
from tracker.eventstore.contents import Content, save_photo
from tracker.eventstore.idempotency import (
    IdempotencyRecord,
    IdempotencyReplay,
    digest_of_request,
)
from tracker.words.photos import take

MEDIA_TYPE = "image/jpeg"


def keep(tracker: Tracker, data: bytes, caller: Person, key: str | None) -> dict[str, Any]:
    """Store a photo, once per key. Refuses what is no picture."""
    digest = digest_of_request(b"photo", hashlib.sha256(data).digest())
    if key is not None:
        with tracker.connection() as connection:
            earlier = idempotency.find(connection, actor_key(caller), key)
        if earlier is not None:
            return _answered(earlier, digest)
    picture = take(data)
    photo = Content.photo(picture.full, picture.thumb, MEDIA_TYPE)
    answer = {
        "id": str(photo.id),
        "width": picture.width,
        "height": picture.height,
        "sha256": picture.sha256,
    }
    try:
        with tracker.connection() as connection, connection.transaction():
            if key is not None:
                record = IdempotencyRecord(actor_key(caller), key, digest, 201, answer)
                idempotency.keep(connection, record)
            save_photo(connection, photo, now())
    except IdempotencyReplay as replay:
        return _answered(replay.record, digest)
    return answer


def _answered(record: IdempotencyRecord, digest: str) -> dict[str, Any]:
    if not record.is_same_request(digest):
        raise KeyReused(key=record.key)
    return dict(record.answer or {})
