"""What people said and showed: kept beside the log, written in its transactions, erasable.

An event carries a `Said`: the id of the words in this table, and their salted digest. The salt is
stored with the words and erased with them, so nobody can guess erased words from their digest.
"""

import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid4

from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from tracker.domain.whistle.events import Said
from tracker.eventstore.connections import Connection

UNATTACHED_FOR = timedelta(days=1)


@dataclass(frozen=True)
class Content:
    """New words or a new picture, to be stored with the events that mention them.

    `body` is plain JSON: a text, or an object such as a reporter's name and phone. `whistle` None
    means the whistle of the transaction's first event.
    """

    id: UUID
    kind: str
    salt: bytes = field(repr=False)
    digest: str
    body: Any | None = field(default=None, repr=False)
    media: bytes | None = field(default=None, repr=False)
    thumb: bytes | None = field(default=None, repr=False)
    media_type: str | None = None
    whistle: UUID | None = None

    @classmethod
    def said(cls, kind: str, body: Any, *, whistle: UUID | None = None) -> "Content":
        """Words of one kind: text, title, address, reporter, note, reason, basis."""
        salt = secrets.token_bytes(16)
        digest = digest_of(salt, body, None)
        return cls(uuid4(), kind, salt, digest, body=body, whistle=whistle)

    @classmethod
    def photo(cls, media: bytes, thumb: bytes, media_type: str) -> "Content":
        """A picture that is already re-encoded. `save_photo` stores it until a whistle takes it."""
        salt = secrets.token_bytes(16)
        digest = digest_of(salt, None, media)
        return cls(uuid4(), "photo", salt, digest, None, media, thumb, media_type)

    @property
    def ref(self) -> Said:
        """What the event carries in place of the words."""
        return Said(self.id, self.kind, self.digest)


@dataclass(frozen=True)
class Attached:
    """A stored photo that this transaction's whistle takes, as `kind`: photo, photo_before, …"""

    id: UUID
    kind: str = "photo"
    whistle: UUID | None = None


@dataclass(frozen=True)
class Moved:
    """Stored words or a picture that go to another whistle with the person who said them."""

    id: UUID
    whistle: UUID


def digest_of(salt: bytes, body: Any | None, media: bytes | None) -> str:
    """sha256 in hex over the salt and the picture, or the body as JSON with sorted keys."""
    said = media if media is not None else _canonical(body)
    return hashlib.sha256(salt + said).hexdigest()


def _canonical(body: Any) -> bytes:
    return json.dumps(body, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


SAVE_PHOTO = """
    INSERT INTO contents (id, kind, bytes, thumb, media_type, salt, digest, created_at)
    VALUES (%(id)s, %(kind)s, %(bytes)s, %(thumb)s, %(media_type)s, %(salt)s, %(digest)s, %(at)s)
"""


def save_photo(connection: Connection, photo: Content, at: datetime) -> None:
    """Keep an uploaded photo that no whistle has taken yet; after a day the sweep deletes it."""
    connection.execute(
        SAVE_PHOTO,
        {
            "id": photo.id,
            "kind": photo.kind,
            "bytes": photo.media,
            "thumb": photo.thumb,
            "media_type": photo.media_type,
            "salt": photo.salt,
            "digest": photo.digest,
            "at": at,
        },
    )


# Served by contents_pkey.
UNATTACHED = """
    SELECT id, kind, digest
      FROM contents
     WHERE id = ANY(%(ids)s) AND attached_at IS NULL AND erased_at IS NULL AND bytes IS NOT NULL
"""


# Served by contents_pkey and contents_whistle.
REPEATED_PHOTOS = """
    SELECT new.id
      FROM contents new
     WHERE new.id = ANY(%(new)s)
       AND EXISTS (SELECT FROM contents old
                    WHERE (old.whistle = %(whistle)s OR old.id = ANY(%(beside)s))
                      AND old.id <> ALL(%(new)s)
                      AND octet_length(old.bytes) = octet_length(new.bytes)
                      AND old.bytes = new.bytes)
"""


def repeated_photos(
    connection: Connection, whistle: UUID, new: Sequence[UUID], beside: Sequence[UUID] = ()
) -> frozenset[UUID]:
    """Those of the `new` photos that show the same picture as another of the whistle, or as one of
    those `beside` them."""
    parameters = {"whistle": whistle, "new": list(new), "beside": list(beside)}
    return frozenset(id for (id,) in connection.execute(REPEATED_PHOTOS, parameters))


def unattached_photos(connection: Connection, ids: Sequence[UUID]) -> dict[UUID, Said]:
    """The photos among `ids` that a whistle may still take, with the `Said` for its event."""
    with connection.cursor(row_factory=class_row(Said)) as cursor:
        found = cursor.execute(UNATTACHED, {"ids": list(ids)}).fetchall()
    return {said.id: said for said in found}


@dataclass(frozen=True)
class StoredWords:
    """One row of `contents` without its picture. After an erasure `body` is None."""

    id: UUID
    whistle: UUID | None
    kind: str
    body: Any | None = field(repr=False)
    media_type: str | None
    created_at: datetime
    erased_at: datetime | None
    erased_by: str | None


# Served by contents_pkey.
WORDS = """
    SELECT id, whistle, kind, body, media_type, created_at, erased_at, erased_by
      FROM contents
     WHERE id = ANY(%(ids)s)
"""


def read_words(connection: Connection, ids: Sequence[UUID]) -> dict[UUID, StoredWords]:
    """The stored words by id. An id that was never stored is not in the result."""
    with connection.cursor(row_factory=class_row(StoredWords)) as cursor:
        found = cursor.execute(WORDS, {"ids": list(ids)}).fetchall()
    return {kept.id: kept for kept in found}


@dataclass(frozen=True)
class StoredPhoto:
    """A stored photo; `media` is None once it has been erased."""

    whistle: UUID | None
    media_type: str
    media: bytes | None = field(repr=False)


# Served by contents_pkey; of picture and thumbnail only the one asked for is read.
PICTURE = """
    SELECT whistle, media_type, CASE WHEN %(thumb)s THEN thumb ELSE bytes END AS media
      FROM contents
     WHERE id = %(id)s AND media_type IS NOT NULL
"""


def read_photo(connection: Connection, id: UUID, *, thumb: bool = False) -> StoredPhoto | None:
    """The photo, or None if there never was one of this id."""
    with connection.cursor(row_factory=class_row(StoredPhoto), binary=True) as cursor:
        return cursor.execute(PICTURE, {"id": id, "thumb": thumb}).fetchone()


# Served by contents_pkey.
ERASE = """
    UPDATE contents
       SET body = NULL, bytes = NULL, thumb = NULL, salt = NULL,
           erased_at = %(at)s, erased_by = %(by)s
     WHERE id = %(id)s AND erased_at IS NULL
"""


def erase(connection: Connection, id: UUID, by: str, at: datetime) -> bool:
    """Delete the words or picture for good. False: there was nothing left to delete.

    The row stays, with the time and who ordered it; `verify` then reports it as erased.
    """
    return connection.execute(ERASE, {"id": id, "by": by, "at": at}).rowcount == 1


class Integrity(StrEnum):
    """Whether a row of `contents` still matches the digest in its event."""

    INTACT = "intact"
    ERASED = "erased"
    ALTERED = "altered"
    MISSING = "missing"


# Served by contents_pkey.
EVIDENCE = """
    SELECT id, body, bytes AS media, salt, digest, erased_at IS NOT NULL AS erased
      FROM contents
     WHERE id = ANY(%(ids)s)
"""


def verify(connection: Connection, said: Sequence[Said]) -> dict[UUID, Integrity]:
    """Compare the stored words and photos with the digests in their events.

    Photos are read whole, so call it in batches.
    """
    with connection.cursor(row_factory=class_row(_Evidence), binary=True) as cursor:
        rows = cursor.execute(EVIDENCE, {"ids": [one.id for one in said]}).fetchall()
    found = {row.id: row for row in rows}
    return {one.id: _standing(one, found) for one in said}


@dataclass(frozen=True)
class _Evidence:
    id: UUID
    body: Any | None
    media: bytes | None
    salt: bytes | None
    digest: str
    erased: bool


def _standing(said: Said, found: Mapping[UUID, _Evidence]) -> Integrity:
    row = found.get(said.id)
    if row is None:
        return Integrity.MISSING
    if row.digest != said.digest:
        return Integrity.ALTERED
    if row.erased:
        return Integrity.ERASED
    computed = digest_of(row.salt or b"", row.body, row.media)
    return Integrity.INTACT if hmac.compare_digest(computed, said.digest) else Integrity.ALTERED


# Served by contents_unattached.
SWEEP_UNATTACHED = """
    DELETE FROM contents
     WHERE created_at < %(before)s AND attached_at IS NULL AND erased_at IS NULL
"""


def sweep_unattached(connection: Connection, now: datetime) -> int:
    """Delete the photos that no whistle took within a day. Returns how many."""
    return connection.execute(SWEEP_UNATTACHED, {"before": now - UNATTACHED_FOR}).rowcount


def as_json(body: Any | None) -> Jsonb | None:
    """NULL for no body at all, JSON for everything else."""
    return None if body is None else Jsonb(body)
