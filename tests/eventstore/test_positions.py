"""The base of the log's positions, and `tracker positions`."""

import json

import psycopg
import pytest
from click.testing import CliRunner

from tests.eventstore.factories import recorder_on, stored
from tracker.eventstore.log_positions import log_positions, raise_log_base
from tracker.eventstore.migrations import migrate
from tracker.operating.positions_cli import positions_command

# As if the log came from a cluster that had seen a billion transactions more.
COME_FROM_AN_OLDER_CLUSTER = (
    "UPDATE stored_events SET position = position + (1000000000::bigint << 12)"
)


def test_a_log_that_grew_here_needs_no_higher_base(database: str) -> None:
    with recorder_on(database) as recorder, psycopg.connect(database) as connection:
        [head] = recorder.insert_events([stored()])

        assert raise_log_base(connection) is None

        log = log_positions(connection)
        assert (log.head, log.base, log.base_is_safe) == (head, 0, True)
        assert log.horizon > head


def test_a_restored_log_gets_a_base_above_which_new_events_sort_last(database: str) -> None:
    with recorder_on(database) as recorder:
        recorder.insert_events([stored(), stored()])
        with psycopg.connect(database, autocommit=True) as connection:
            connection.execute(COME_FROM_AN_OLDER_CLUSTER)
            assert not log_positions(connection).base_is_safe
            old = log_positions(connection).head

            base = raise_log_base(connection)

            assert base is not None and base > 999_000_000
            assert log_positions(connection).base_is_safe
        [new] = recorder.insert_events([stored()])

        assert new > old
        assert [notification.id for notification in recorder.read(0, 10)] == [old - 1, old, new]


def test_migrate_raises_the_base_once(database: str) -> None:
    with (
        recorder_on(database) as recorder,
        psycopg.connect(database, autocommit=True) as connection,
    ):
        recorder.insert_events([stored()])
        connection.execute(COME_FROM_AN_OLDER_CLUSTER)

    assert migrate(database).raised_base_to is not None
    assert migrate(database).raised_base_to is None


def test_raising_the_base_waits_for_appends_that_count_from_the_old_one(database: str) -> None:
    with psycopg.connect(database) as writer, psycopg.connect(database) as restorer:
        writer.execute("SELECT base FROM log_base")  # as every append does
        restorer.execute("SET LOCAL lock_timeout = '50ms'")

        with pytest.raises(psycopg.errors.LockNotAvailable):
            raise_log_base(restorer)


def test_positions_shows_the_log_and_each_projection(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", database)
    with (
        recorder_on(database) as recorder,
        psycopg.connect(database, autocommit=True) as connection,
    ):
        first, second = recorder.insert_events([stored(), stored()])
        connection.execute(
            "INSERT INTO projection_positions (name, position) VALUES ('board', %s)", (first,)
        )

    shown = CliRunner().invoke(positions_command, ["--json"])
    said = CliRunner().invoke(positions_command)

    answer = json.loads(shown.output)
    assert (answer["head"], answer["base"], answer["base_is_safe"]) == (second, 0, True)
    [board] = answer["projections"]
    assert (board["name"], board["position"], board["lag"]) == ("board", first, 1)
    assert "board" in said.output and "1 events behind" in said.output
