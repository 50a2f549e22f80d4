"""Appending to the log and reading it."""

from collections.abc import Iterator
from datetime import UTC, datetime
from uuid import uuid4

import psycopg
import pytest
from eventsourcing.application import Application
from eventsourcing.domain import Aggregate, event
from eventsourcing.persistence import IntegrityError, Notification, StoredEvent

from tests.eventstore.factories import KILL_ALL_OTHERS, recorder_on, stored
from tracker.eventstore import appending
from tracker.eventstore.appending import Append, PhotoGone
from tracker.eventstore.contents import (
    Attached,
    Content,
    read_words,
    save_photo,
    unattached_photos,
)
from tracker.eventstore.idempotency import IdempotencyRecord, IdempotencyReplay, find
from tracker.eventstore.recorder import ShaodaoRecorder, TooManyEvents, library_env

NINE = datetime(2026, 3, 6, 9, tzinfo=UTC)


@pytest.fixture
def recorder(database: str) -> Iterator[ShaodaoRecorder]:
    with recorder_on(database) as recorder:
        yield recorder


def test_events_of_one_transaction_have_neighbouring_positions_in_their_order(
    recorder: ShaodaoRecorder,
) -> None:
    events = [stored(version=1), stored(version=1), stored(version=1)]

    positions = recorder.insert_events(events)

    assert positions == [positions[0], positions[0] + 1, positions[0] + 2]
    assert positions[0] % 4096 == 0
    assert recorder.read(0, 10) == [notified(events[n], positions[n]) for n in range(3)]


def test_a_later_transaction_has_a_higher_position(recorder: ShaodaoRecorder) -> None:
    first = recorder.insert_events([stored()])

    second = recorder.insert_events([stored(), stored()])

    assert first[0] >> 12 < second[0] >> 12
    assert recorder.max_notification_id() == second[-1] < recorder.horizon()


def test_an_empty_log_has_no_newest_event(recorder: ShaodaoRecorder) -> None:
    assert recorder.max_notification_id() is None
    assert recorder.read(0, 10) == []
    assert recorder.insert_events([]) == []


def test_a_transaction_holds_4096_events_and_no_more(recorder: ShaodaoRecorder) -> None:
    whistle = uuid4()
    full = [stored(whistle, version) for version in range(1, 4097)]

    with pytest.raises(TooManyEvents, match="4097 events"):
        recorder.insert_events([*full, stored(whistle, 4097)])
    positions = recorder.insert_events(full)

    assert positions == list(range(positions[0], positions[0] + 4096))


def test_of_two_who_append_the_same_version_the_second_is_refused_whole(
    recorder: ShaodaoRecorder,
) -> None:
    whistle, other = uuid4(), uuid4()
    recorder.insert_events([stored(whistle, 1)])

    with pytest.raises(IntegrityError, match=str(other)):
        recorder.insert_events([stored(other, 1), stored(whistle, 1)])

    assert recorder.select_events(other) == []
    assert len(recorder.read(0, 10)) == 1


def test_a_reader_waits_for_the_transaction_that_began_first(
    recorder: ShaodaoRecorder, database: str
) -> None:
    early, late = stored(), stored()
    with psycopg.connect(database) as dawdler:
        [early_position] = appending.append(dawdler, Append([early]))
        [late_position] = recorder.insert_events([late])
        assert recorder.read(0, 10) == []
        dawdler.commit()

    assert recorder.read(0, 10) == [notified(early, early_position), notified(late, late_position)]


def test_a_reader_waits_for_whoever_writes_in_the_cluster_but_not_for_those_who_read(
    recorder: ShaodaoRecorder, database: str
) -> None:
    with psycopg.connect(database) as somebody:
        somebody.execute("SELECT count(*) FROM stored_events")
        recorder.insert_events([stored()])
        assert len(recorder.read(0, 10)) == 1
        somebody.execute("SELECT pg_current_xact_id()")
        recorder.insert_events([stored()])
        assert len(recorder.read(0, 10)) == 1

    assert len(recorder.read(0, 10)) == 2


def test_pages_of_the_log_follow_each_other_without_gap_or_overlap(
    recorder: ShaodaoRecorder,
) -> None:
    positions = [p for _ in range(7) for p in recorder.insert_events([stored(), stored()])]

    read: list[int] = []
    while page := recorder.read(read[-1] if read else 0, limit=3):
        read += [notification.id for notification in page]

    assert read == positions


def test_the_registers_of_the_city_are_read_apart(recorder: ShaodaoRecorder) -> None:
    recorder.insert_events([stored(topic="whistle.raised"), stored(topic="cityx.named")])
    unit = stored(topic="city.unit_registered")
    [position] = recorder.insert_events([unit])

    assert recorder.read(0, 10, topics_prefix="city.") == [notified(unit, position)]
    assert len(recorder.read(0, 10, topics_prefix="whistle.")) == 1


def test_a_stream_is_read_in_part_and_backwards(recorder: ShaodaoRecorder) -> None:
    whistle = uuid4()
    recorder.insert_events([stored(whistle, version) for version in (1, 2, 3, 4)])

    assert versions(recorder.select_events(whistle)) == [1, 2, 3, 4]
    assert versions(recorder.select_events(whistle, gt=1, lte=3)) == [2, 3]
    assert versions(recorder.select_events(whistle, desc=True, limit=2)) == [4, 3]


def test_the_library_pages_and_filters_notifications(recorder: ShaodaoRecorder) -> None:
    [raised] = recorder.insert_events([stored(topic="whistle.raised")])
    [closed] = recorder.insert_events([stored(topic="whistle.closed")])

    def select(**asked: object) -> list[int]:
        return [n.id for n in recorder.select_notifications(limit=10, **asked)]  # type: ignore[arg-type]

    assert select(start=None) == [raised, closed]
    assert select(start=raised) == [raised, closed]
    assert select(start=raised, inclusive_of_start=False) == [closed]
    assert select(start=1, stop=raised) == [raised]
    assert select(start=1, topics=["whistle.closed"]) == [closed]


def test_words_stand_beside_the_event_that_mentions_them(recorder: ShaodaoRecorder) -> None:
    whistle = uuid4()
    text = Content.said("text", "路灯坏了 🔦")
    reporter = Content.said("reporter", {"name": "李明", "phone": "13800000000"})

    recorder.insert_events([stored(whistle)], contents=[text, reporter])

    with recorder.pool.connection() as connection:
        kept = read_words(connection, [text.id, reporter.id, uuid4()])
    assert {id: (one.whistle, one.kind, one.body) for id, one in kept.items()} == {
        text.id: (whistle, "text", "路灯坏了 🔦"),
        reporter.id: (whistle, "reporter", {"name": "李明", "phone": "13800000000"}),
    }


def test_a_refused_append_leaves_neither_words_nor_key(recorder: ShaodaoRecorder) -> None:
    taken = stored()
    recorder.insert_events([taken])
    text = Content.said("text", "too late")

    with pytest.raises(IntegrityError):
        recorder.insert_events(
            [taken], contents=[text], idempotency=IdempotencyRecord("gw", "key", "digest")
        )

    with recorder.pool.connection() as connection:
        assert read_words(connection, [text.id]) == {}
        assert find(connection, "gw", "key") is None


def test_a_photo_is_taken_by_one_whistle_only(recorder: ShaodaoRecorder) -> None:
    photo = Content.photo(b"large", b"small", "image/webp")
    whistle, other = uuid4(), uuid4()
    with recorder.pool.connection() as connection:
        save_photo(connection, photo, NINE)
        assert unattached_photos(connection, [photo.id, uuid4()]) == {photo.id: photo.ref}

    recorder.insert_events([stored(whistle)], contents=[Attached(photo.id, "photo_before")])
    with pytest.raises(PhotoGone) as refusal:
        recorder.insert_events([stored(other)], contents=[Attached(photo.id)])

    assert refusal.value.facts == {"photos": [str(photo.id)]}
    assert recorder.select_events(other) == []
    with recorder.pool.connection() as connection:
        kept = read_words(connection, [photo.id])[photo.id]
        assert (kept.whistle, kept.kind) == (whistle, "photo_before")
        assert unattached_photos(connection, [photo.id]) == {}


def test_a_key_used_again_is_told_what_came_of_it(recorder: ShaodaoRecorder) -> None:
    key = IdempotencyRecord("gw", "key", "digest")
    [position] = recorder.insert_events([stored()], idempotency=key)

    with pytest.raises(IdempotencyReplay) as replay:
        recorder.insert_events([stored()], idempotency=key)

    assert replay.value.record.position == position
    assert len(recorder.read(0, 10)) == 1


def test_the_same_command_sent_twice_is_a_replay_and_no_conflict(
    recorder: ShaodaoRecorder,
) -> None:
    key, command = IdempotencyRecord("gw", "key", "digest"), stored()
    recorder.insert_events([command], idempotency=key)

    with pytest.raises(IdempotencyReplay):
        recorder.insert_events([command], idempotency=key)


def test_an_append_that_landed_before_the_connection_was_lost_is_no_conflict(
    recorder: ShaodaoRecorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    landed: list[list[int]] = []
    append = appending.append

    def lose_the_first_answer(connection: psycopg.Connection, what: Append) -> list[int]:
        positions = append(connection, what)
        if not landed:
            landed.append(positions)
            connection.execute("SELECT pg_terminate_backend(pg_backend_pid())")
        return positions

    monkeypatch.setattr(appending, "append", lose_the_first_answer)
    key = IdempotencyRecord("gw", "key", "digest")

    positions = recorder.insert_events([stored(), stored()], idempotency=key)

    assert [positions] == landed
    assert [notification.id for notification in recorder.read(0, 10)] == positions


def test_after_a_lost_connection_a_real_conflict_is_still_one(
    recorder: ShaodaoRecorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    whistle = uuid4()
    recorder.insert_events([stored(whistle, 1, state=b'{"by":"the first"}')])
    append, attempts = appending.append, iter([True])

    def lose_the_first_attempt(connection: psycopg.Connection, what: Append) -> list[int]:
        if next(attempts, False):
            connection.execute("SELECT pg_terminate_backend(pg_backend_pid())")
        return append(connection, what)

    monkeypatch.setattr(appending, "append", lose_the_first_attempt)

    with pytest.raises(IntegrityError):
        recorder.insert_events([stored(whistle, 1, state=b'{"by":"the second"}')])


def test_reads_and_appends_survive_the_loss_of_every_connection(
    recorder: ShaodaoRecorder, database: str
) -> None:
    recorder.insert_events([stored()])
    with psycopg.connect(database, autocommit=True) as killer:
        killer.execute(KILL_ALL_OTHERS)

    recorder.insert_events([stored()])

    assert len(recorder.read(0, 10)) == 2


def test_the_library_saves_and_loads_aggregates_through_it(database: str) -> None:
    application = Application(env=library_env(database))
    lamp = Lamp()
    lamp.switch(on=True)

    recordings = application.save(lamp)

    assert application.repository.get(lamp.id) == lamp
    section = application.notification_log["1,10"]
    assert [item.id for item in section.items] == [one.notification.id for one in recordings]
    application.factory.close()


class Lamp(Aggregate):
    def __init__(self) -> None:
        self.on = False

    @event("Switched")
    def switch(self, on: bool) -> None:
        self.on = on


def notified(event: StoredEvent, position: int) -> Notification:
    return Notification(
        event.originator_id, event.originator_version, event.topic, event.state, position
    )


def versions(events: list[StoredEvent]) -> list[int]:
    return [event.originator_version for event in events]
