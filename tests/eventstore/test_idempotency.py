"""Idempotency keys: once asked, once done, remembered for seven days."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
from psycopg import Connection

from tests.eventstore.factories import recorder_on, stored
from tracker.eventstore.idempotency import (
    IdempotencyRecord,
    IdempotencyReplay,
    digest_of_request,
    find,
    keep,
    sweep,
)

NINE = datetime(2026, 3, 6, 9, tzinfo=UTC)


@pytest.fixture
def connection(database: str) -> Iterator[Connection[Any]]:
    with psycopg.connect(database, autocommit=True) as connection:
        yield connection


def test_the_key_remembers_how_far_the_log_came(connection: Connection[Any], database: str) -> None:
    digest = digest_of_request(b"POST", b"/whistles", b"{}")
    with recorder_on(database) as recorder:
        positions = recorder.insert_events(
            [stored(), stored()], idempotency=IdempotencyRecord("gw", "k", digest, created_at=NINE)
        )

    found = find(connection, "gw", "k")

    assert found == IdempotencyRecord("gw", "k", digest, None, None, positions[1], NINE)


def test_a_key_belongs_to_the_one_who_sent_it(connection: Connection[Any]) -> None:
    keep(connection, IdempotencyRecord("gw", "k", "digest"))

    assert find(connection, "somebody else", "k") is None


def test_another_body_under_the_same_key_is_another_request() -> None:
    kept = IdempotencyRecord("gw", "k", digest_of_request(b"POST", b"/whistles", b"{}"))

    assert kept.is_same_request(digest_of_request(b"POST", b"/whistles", b"{}"))
    assert not kept.is_same_request(digest_of_request(b"POST", b"/whistles", b"{ }"))
    assert not kept.is_same_request(digest_of_request(b"POST", b"/whistles{", b"}"))


def test_of_two_requests_without_events_the_second_is_told_of_the_first(
    connection: Connection[Any],
) -> None:
    keep(connection, IdempotencyRecord("gw", "k", "first", status=201, answer={"id": 1}))

    with pytest.raises(IdempotencyReplay) as replay:
        keep(connection, IdempotencyRecord("gw", "k", "second"))

    assert (replay.value.record.request_digest, replay.value.record.answer) == ("first", {"id": 1})


def test_keys_are_forgotten_after_seven_days(connection: Connection[Any]) -> None:
    keep(connection, IdempotencyRecord("gw", "old", "digest", created_at=NINE))
    keep(connection, IdempotencyRecord("gw", "new", "digest", created_at=NINE + timedelta(hours=2)))

    assert sweep(connection, NINE + timedelta(days=7, hours=1)) == 1

    assert find(connection, "gw", "old") is None
    assert find(connection, "gw", "new") is not None
