"""One append: its events, words and idempotency key, stored together or not at all."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from eventsourcing.persistence import StoredEvent

from tracker.domain.errors import Conflict, Words
from tracker.eventstore.connections import Connection
from tracker.eventstore.contents import Attached, Content, Moved, as_json
from tracker.eventstore.idempotency import IdempotencyRecord, parameters


@dataclass(frozen=True)
class Append:
    """What goes into one transaction."""

    events: Sequence[StoredEvent]
    contents: Sequence[Content | Attached | Moved] = ()
    idempotency: IdempotencyRecord | None = None

    @property
    def photos(self) -> list[Attached]:
        return [content for content in self.contents if isinstance(content, Attached)]

    @property
    def said(self) -> list[Content]:
        return [content for content in self.contents if isinstance(content, Content)]

    @property
    def moved(self) -> list[Moved]:
        return [content for content in self.contents if isinstance(content, Moved)]

    @property
    def whistle(self) -> UUID | str:
        """The whistle that the words belong to, unless a content names another."""
        return self.events[0].originator_id


class PhotoGone(Conflict):
    """A photo that was never uploaded, was deleted after a day, or belongs to another whistle."""

    code = "photo.gone"
    message = Words(zh="照片不存在、已过期或已用于其他哨", en="The photo is gone or in use already")
    remedy = Words(zh="请重新上传照片", en="Upload the photo again")


def append(connection: Connection, append: Append) -> list[int]:
    """Store it and return the events' positions.

    The connection must autocommit: one statement is then one transaction.
    """
    if not append.contents and append.idempotency is None:
        if len(append.events) == 1:
            return _append_one(connection, append.events[0])
        return _positions(connection, APPEND, _events(append.events))
    if not append.photos and not append.moved:
        return _append_with_contents(connection, append)
    with connection.transaction():
        _take(connection, append)
        _move(connection, append.moved)
        return _append_with_contents(connection, append)


# One statement, one round trip, one transaction. Reading log_base here also locks it until the
# commit, so a transaction that raises the base waits for this one.
APPEND_ONE = """
    INSERT INTO stored_events (position, originator_id, originator_version, topic, state)
    SELECT (base + pg_current_xact_id()::text::bigint) << 12,
           %b::uuid, %b::bigint, %b::text, %b::bytea
      FROM log_base
    RETURNING position
"""


def _append_one(connection: Connection, event: StoredEvent) -> list[int]:
    # Most appends have one event. An array of one costs half as much again, here and on the server.
    values = (event.originator_id, event.originator_version, event.topic, event.state)
    with connection.cursor(binary=True) as cursor:
        cursor.execute(APPEND_ONE, values, prepare=True)
        return [position for (position,) in cursor]


# As APPEND_ONE. WITH ORDINALITY counts from 1.
APPEND = """
    INSERT INTO stored_events (position, originator_id, originator_version, topic, state)
    SELECT ((base + pg_current_xact_id()::text::bigint) << 12) | (n - 1),
           originator_id, originator_version, topic, state
      FROM log_base,
           unnest(%(ids)b::uuid[], %(versions)b::bigint[], %(topics)b::text[], %(states)b::bytea[])
               WITH ORDINALITY AS new (originator_id, originator_version, topic, state, n)
    RETURNING position
"""


def _events(events: Sequence[StoredEvent]) -> dict[str, Any]:
    return {
        "ids": [event.originator_id for event in events],
        "versions": [event.originator_version for event in events],
        "topics": [event.topic for event in events],
        "states": [event.state for event in events],
    }


def _positions(connection: Connection, statement: str, values: dict[str, Any]) -> list[int]:
    with connection.cursor(binary=True) as cursor:
        cursor.execute(statement, values, prepare=True)
        return sorted(position for (position,) in cursor.fetchall())


# As APPEND, with the words and the key. A WITH that writes runs even if its result is not read.
APPEND_WITH_CONTENTS = """
    WITH appended AS (
        INSERT INTO stored_events (position, originator_id, originator_version, topic, state)
        SELECT ((base + pg_current_xact_id()::text::bigint) << 12) | (n - 1),
               originator_id, originator_version, topic, state
          FROM log_base,
               unnest(%(ids)b::uuid[], %(versions)b::bigint[], %(topics)b::text[],
                      %(states)b::bytea[])
                   WITH ORDINALITY AS new (originator_id, originator_version, topic, state, n)
        RETURNING position
    ), said AS (
        INSERT INTO contents (id, whistle, kind, body, bytes, thumb, media_type, salt, digest,
                              attached_at)
        SELECT id, whistle, kind, body, bytes, thumb, media_type, salt, digest, now()
          FROM unnest(%(content_ids)s::uuid[], %(whistles)s::uuid[], %(kinds)s::text[],
                      %(bodies)s::jsonb[], %(pictures)s::bytea[], %(thumbs)s::bytea[],
                      %(media_types)s::text[], %(salts)s::bytea[], %(digests)s::text[])
                   AS new (id, whistle, kind, body, bytes, thumb, media_type, salt, digest)
    ), remembered AS (
        INSERT INTO idempotency (actor, key, request_digest, status, answer, position, created_at)
        SELECT %(actor)s, %(key)s, %(request_digest)s, %(status)s::int, %(answer)s::jsonb,
               (SELECT max(position) FROM appended), coalesce(%(created_at)s, now())
         WHERE %(key)s::text IS NOT NULL
    )
    SELECT position FROM appended
"""

NO_KEY = IdempotencyRecord(actor="", key="", request_digest="")


def _append_with_contents(connection: Connection, append: Append) -> list[int]:
    key = parameters(append.idempotency or NO_KEY)
    if append.idempotency is None:
        key["key"] = None
    values = {**_events(append.events), **_contents(append), **key}
    return _positions(connection, APPEND_WITH_CONTENTS, values)


def _contents(append: Append) -> dict[str, Any]:
    said = append.said
    return {
        "content_ids": [content.id for content in said],
        "whistles": [content.whistle or append.whistle for content in said],
        "kinds": [content.kind for content in said],
        "bodies": [as_json(content.body) for content in said],
        "pictures": [content.media for content in said],
        "thumbs": [content.thumb for content in said],
        "media_types": [content.media_type for content in said],
        "salts": [content.salt for content in said],
        "digests": [content.digest for content in said],
    }


# Served by contents_pkey.
TAKE = """
    UPDATE contents
       SET whistle = taken.whistle, kind = taken.kind, attached_at = now()
      FROM unnest(%(ids)s::uuid[], %(kinds)s::text[], %(whistles)s::uuid[])
               AS taken (id, kind, whistle)
     WHERE contents.id = taken.id
       AND attached_at IS NULL AND erased_at IS NULL AND bytes IS NOT NULL
    RETURNING contents.id
"""


def _take(connection: Connection, append: Append) -> None:
    photos = append.photos
    taken = connection.execute(
        TAKE,
        {
            "ids": [photo.id for photo in photos],
            "kinds": [photo.kind for photo in photos],
            "whistles": [photo.whistle or append.whistle for photo in photos],
        },
    ).fetchall()
    gone = {photo.id for photo in photos} - {id for (id,) in taken}
    if gone:
        raise PhotoGone(photos=sorted(str(id) for id in gone))


# Served by contents_pkey.
MOVE = """
    UPDATE contents
       SET whistle = moved.whistle
      FROM unnest(%(ids)s::uuid[], %(whistles)s::uuid[]) AS moved (id, whistle)
     WHERE contents.id = moved.id
"""


def _move(connection: Connection, moved: Sequence[Moved]) -> None:
    if moved:
        there = {"ids": [one.id for one in moved], "whistles": [one.whistle for one in moved]}
        connection.execute(MOVE, there)


# Served by stored_events_pkey.
STORED_POSITIONS = """
    SELECT position, originator_id, originator_version, topic, state
      FROM stored_events
      JOIN unnest(%(ids)b::uuid[], %(versions)b::bigint[])
               AS ours (originator_id, originator_version)
     USING (originator_id, originator_version)
     ORDER BY position
"""


def stored_positions(connection: Connection, append: Append) -> list[int] | None:
    """The positions of exactly these events if they are stored.

    None if they are not, or if other events have taken their versions.
    """
    values = _events(append.events)
    with connection.cursor(binary=True) as cursor:
        rows = cursor.execute(
            STORED_POSITIONS, {"ids": values["ids"], "versions": values["versions"]}
        ).fetchall()
    ours = [(e.originator_id, e.originator_version, e.topic, e.state) for e in append.events]
    return [row[0] for row in rows] if [tuple(row[1:]) for row in rows] == ours else None
