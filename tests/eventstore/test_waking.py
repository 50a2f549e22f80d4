"""Wake-ups after commits, and few of them."""

from collections.abc import Iterator

import psycopg
import pytest

from tests.eventstore.factories import KILL_ALL_OTHERS, recorder_on, stored
from tests.waiting import PATIENCE, until
from tracker.eventstore.recorder import ShaodaoRecorder
from tracker.eventstore.waking import LISTEN, LogListener, Waker


@pytest.fixture
def recorder(database: str) -> Iterator[ShaodaoRecorder]:
    with recorder_on(database) as recorder:
        yield recorder


def test_an_append_wakes_who_listens(recorder: ShaodaoRecorder, database: str) -> None:
    with psycopg.connect(database, autocommit=True) as ear:
        ear.execute(LISTEN)

        recorder.insert_events([stored()])

        assert [notice.channel for notice in ear.notifies(timeout=PATIENCE, stop_after=1)] == [
            "shaodao_log"
        ]


def test_many_commits_at_once_send_few_wake_ups(database: str) -> None:
    with psycopg.connect(database, autocommit=True) as ear:
        ear.execute(LISTEN)
        waker = Waker(database)

        for _ in range(200):
            waker.wake()

        assert any(ear.notifies(timeout=PATIENCE, stop_after=1))
        more = sum(1 for _ in ear.notifies(timeout=1))
        waker.close()
        assert more < 100


def test_a_listener_is_woken_and_otherwise_looks_by_himself(
    recorder: ShaodaoRecorder, database: str
) -> None:
    with LogListener(database) as listener:
        assert not listener.wait()
        recorder.insert_events([stored()])

        until(listener.wait)
        assert not listener.wait()


def test_a_listener_outlives_his_connection(recorder: ShaodaoRecorder, database: str) -> None:
    with LogListener(database) as listener:
        listener.wait()
        with psycopg.connect(database, autocommit=True) as killer:
            killer.execute(KILL_ALL_OTHERS)

        assert not listener.wait()
        listener.wait()
        recorder.insert_events([stored()])

        until(listener.wait)


def test_a_listener_without_a_server_is_patient(tmp_path: object) -> None:
    with LogListener(f"host={tmp_path} dbname=nowhere") as listener:
        assert not listener.wait()
