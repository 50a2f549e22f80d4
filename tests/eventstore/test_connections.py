"""Connections: short patience, and whole again when the server is."""

import threading
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict
from psycopg_pool import PoolTimeout

from tests.eventstore.factories import KILL_ALL_OTHERS, recorder_on, stored
from tests.waiting import PATIENCE
from tracker.eventstore.connections import NoDatabase, connect_pool, conninfo
from tracker.eventstore.embedded import EmbeddedServer
from tracker.eventstore.migrations import migrate
from tracker.settings import Settings


def test_the_pool_hands_out_no_dead_connection(database: str) -> None:
    pool = connect_pool(database, name="test", size=4)
    together = threading.Barrier(4)

    def use() -> None:
        with pool.connection() as connection:
            connection.execute("SELECT 1")
            together.wait(timeout=PATIENCE)

    users = [threading.Thread(target=use) for _ in range(4)]
    for user in users:
        user.start()
    for user in users:
        user.join()
    with psycopg.connect(database, autocommit=True) as killer:
        killer.execute(KILL_ALL_OTHERS)

    for _ in range(8):
        with pool.connection() as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)
    pool.close()


def test_a_pool_connection_says_who_it_is_and_does_not_hang_for_ever(settings: Settings) -> None:
    pool = connect_pool(settings, name="web")

    with pool.connection() as connection:
        said = connection.execute(
            "SELECT current_setting('application_name'),"
            " current_setting('idle_in_transaction_session_timeout'),"
            " current_setting('lock_timeout')"
        ).fetchone()

    assert said == ("shaodao web", "10s", "5s")
    pool.close()


def test_what_the_dsn_says_wins() -> None:
    given = "dbname=city connect_timeout=9 options='-c lock_timeout=1'"

    parts = conninfo_to_dict(conninfo(given, name="web"))

    assert str(parts["connect_timeout"]) == "9"
    assert str(parts["options"]).endswith("-c lock_timeout=1")


def test_without_a_database_the_message_says_what_to_set() -> None:
    with pytest.raises(NoDatabase, match="DATABASE_URL"):
        conninfo(Settings(), name="web")


def test_a_pool_without_a_server_says_so_in_time(tmp_path: Path) -> None:
    pool = connect_pool(f"host={tmp_path} dbname=nowhere")

    with pytest.raises(PoolTimeout):
        pool.getconn(timeout=0.6)

    pool.close()


def test_the_same_recorder_goes_on_after_its_server_was_killed_and_started_again(
    binaries: Path,
) -> None:
    with TemporaryDirectory(prefix="shaodao-test-", ignore_cleanup_errors=True) as folder:
        server = EmbeddedServer(Path(folder), binaries=binaries)
        dsn = server.start()
        try:
            migrate(dsn)
            with recorder_on(dsn) as recorder:
                before = recorder.insert_events([stored()])
                kill(server)
                server.start()

                after = recorder.insert_events([stored()])

                assert [one.id for one in recorder.read(0, 10)] == [*before, *after]
        finally:
            server.stop()


def kill(server: EmbeddedServer) -> None:
    assert server.process is not None
    server.process.kill()
    server.process.wait()
