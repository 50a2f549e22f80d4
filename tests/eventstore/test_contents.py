"""People's words and pictures: kept, shown, held against the log, erased."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from psycopg import Connection

from tests.eventstore.factories import recorder_on, stored
from tracker.domain.whistle.events import Said
from tracker.eventstore.contents import (
    Attached,
    Content,
    Integrity,
    StoredPhoto,
    erase,
    read_photo,
    read_words,
    save_photo,
    sweep_unattached,
    unattached_photos,
    verify,
)

NINE = datetime(2026, 3, 6, 9, tzinfo=UTC)


@pytest.fixture
def connection(database: str) -> Iterator[Connection[Any]]:
    with psycopg.connect(database, autocommit=True) as connection:
        yield connection


@pytest.fixture
def text(database: str) -> Content:
    """Words stored with an event."""
    said = Content.said("text", {"zh": "井盖没了", "n": [1, 2.5, None]})
    with recorder_on(database) as recorder:
        recorder.insert_events([stored()], contents=[said])
    return said


def test_the_same_words_never_have_the_same_digest() -> None:
    assert Content.said("note", "yes").digest != Content.said("note", "yes").digest


def test_words_and_their_salt_stay_out_of_logs() -> None:
    shown = repr(Content.said("text", "13800000000"))

    assert "13800000000" not in shown
    assert "salt" not in shown


def test_what_was_said_stands_as_its_event_says(connection: Connection[Any], text: Content) -> None:
    assert verify(connection, [text.ref]) == {text.id: Integrity.INTACT}


def test_a_changed_word_is_noticed(connection: Connection[Any], text: Content) -> None:
    connection.execute("""UPDATE contents SET body = '"all is well"'""")

    assert verify(connection, [text.ref]) == {text.id: Integrity.ALTERED}


def test_words_exchanged_together_with_their_digest_are_noticed_by_the_log(
    connection: Connection[Any], text: Content
) -> None:
    forged = Content.said("text", "all is well")
    connection.execute(
        "UPDATE contents SET salt = %s, digest = %s, body = %s::jsonb",
        (forged.salt, forged.digest, '"all is well"'),
    )

    assert verify(connection, [text.ref]) == {text.id: Integrity.ALTERED}


def test_a_row_that_vanished_is_noticed(connection: Connection[Any], text: Content) -> None:
    connection.execute("DELETE FROM contents")

    assert verify(connection, [text.ref]) == {text.id: Integrity.MISSING}


def test_an_erasure_leaves_when_and_by_whom_and_nothing_else(
    connection: Connection[Any], text: Content
) -> None:
    assert erase(connection, text.id, by="admin", at=NINE)

    kept = read_words(connection, [text.id])[text.id]
    assert (kept.body, kept.erased_by, kept.erased_at) == (None, "admin", NINE)
    assert verify(connection, [text.ref]) == {text.id: Integrity.ERASED}
    left = connection.execute("SELECT body, bytes, thumb, salt FROM contents").fetchone()
    assert left == (None, None, None, None)


def test_an_erasure_cannot_be_done_or_dated_twice(
    connection: Connection[Any], text: Content
) -> None:
    erase(connection, text.id, by="admin", at=NINE)

    assert not erase(connection, text.id, by="leader", at=NINE + timedelta(days=1))
    assert not erase(connection, uuid4(), by="leader", at=NINE)
    assert read_words(connection, [text.id])[text.id].erased_by == "admin"


def test_a_photo_is_shown_large_and_small_and_not_after_its_erasure(
    connection: Connection[Any],
) -> None:
    photo = Content.photo(b"large", b"small", "image/webp")
    save_photo(connection, photo, NINE)

    assert read_photo(connection, photo.id) == StoredPhoto(None, "image/webp", b"large")
    assert read_photo(connection, photo.id, thumb=True) == StoredPhoto(None, "image/webp", b"small")
    assert verify(connection, [photo.ref]) == {photo.id: Integrity.INTACT}
    erase(connection, photo.id, by="admin", at=NINE)
    assert read_photo(connection, photo.id) == StoredPhoto(None, "image/webp", None)
    assert read_photo(connection, uuid4()) is None
    assert unattached_photos(connection, [photo.id]) == {}


def test_photos_that_no_whistle_took_are_deleted_after_a_day(
    connection: Connection[Any], database: str
) -> None:
    old, taken, young = (Content.photo(b"large", b"small", "image/webp") for _ in range(3))
    save_photo(connection, old, NINE)
    save_photo(connection, taken, NINE)
    save_photo(connection, young, NINE + timedelta(minutes=2))
    with recorder_on(database) as recorder:
        recorder.insert_events([stored()], contents=[Attached(taken.id)])

    assert sweep_unattached(connection, NINE + timedelta(days=1, minutes=1)) == 1

    assert set(read_words(connection, [old.id, taken.id, young.id])) == {taken.id, young.id}


def test_a_digest_of_another_event_does_not_fit(connection: Connection[Any], text: Content) -> None:
    other = replace(text.ref, digest="0" * 64)

    assert verify(connection, [other, Said(uuid4(), "text", "0")])[text.id] is Integrity.ALTERED
