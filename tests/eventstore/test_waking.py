"""Wake-ups after commits, and few of them."""

from collections.abc import Iterator

import psycopg
import pytest

from tests.eventstore.factories import KILL_ALL_OTHERS, recorder_on, stored
from tracker.eventstore.recorder import ShaodaoRecorder
from tracker.eventstore.waking import LISTEN, LogListener


@pytest.fixture
def recorder(database: str) -> Iterator[ShaodaoRecorder]:
    with recorder_on(database) as recorder:
        yield recorder


def test_an_append_wakes_who_listens(recorder: ShaodaoRecorder, database: str) -> None:
    with psycopg.connect(database, autocommit=True) as ear:
        ear.execute(LISTEN)

        recorder.insert_events([stored()])

        assert [notice.channel for notice in ear.notifies(timeout=5, stop_after=1)] == [
            "shaodao_log"
        ]


def test_many_appends_send_few_wake_ups(recorder: ShaodaoRecorder, database: str) -> None:
    with psycopg.connect(database, autocommit=True) as ear:
        ear.execute(LISTEN)

        for _ in range(200):
            recorder.insert_events([stored()])

        heard = sum(1 for _ in ear.notifies(timeout=1))
        assert 1 <= heard < 100


def test_a_listener_is_woken_and_otherwise_looks_by_himself(
    recorder: ShaodaoRecorder, database: str
) -> None:
    with LogListener(database) as listener:
        assert not listener.wait()
        recorder.insert_events([stored()])

        assert any(listener.wait() for _ in range(20))
        assert not listener.wait()


def test_a_listener_outlives_his_connection(recorder: ShaodaoRecorder, database: str) -> None:
    with LogListener(database) as listener:
        listener.wait()
        with psycopg.connect(database, autocommit=True) as killer:
            killer.execute(KILL_ALL_OTHERS)

        assert not listener.wait()
        listener.wait()
        recorder.insert_events([stored()])

        assert any(listener.wait() for _ in range(20))


def test_a_listener_without_a_server_is_patient(tmp_path: object) -> None:
    with LogListener(f"host={tmp_path} dbname=nowhere") as listener:
        assert not listener.wait()
