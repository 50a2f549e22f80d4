"""Migrations: applied once, in order, by one at a time; never changed afterwards."""

from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from click.testing import CliRunner

from tests.conftest import NewDatabase
from tracker.eventstore.migrations import (
    Migration,
    MigrationRefused,
    applied,
    migrate,
    migrate_command,
    shipped,
)


@pytest.fixture
def empty(new_database: NewDatabase) -> str:
    return new_database(migrated=False)


def test_an_empty_database_gets_every_migration_once(empty: str) -> None:
    names = tuple(migration.name for migration in shipped())

    assert migrate(empty).applied == names
    assert migrate(empty).applied == ()

    with psycopg.connect(empty) as connection:
        assert [name for _, name, _, _ in applied(connection)] == list(names)


def test_processes_that_start_together_migrate_one_after_the_other(empty: str) -> None:
    with ThreadPoolExecutor(4) as starting:
        done = list(starting.map(migrate, [empty] * 4))

    assert sorted(len(one.applied) for one in done) == [0, 0, 0, len(shipped())]


def test_a_file_changed_after_it_was_applied_is_refused(empty: str) -> None:
    migrate(empty)
    first, *others = shipped()
    changed = Migration(first.number, first.name, first.sql + "-- one word more")

    with pytest.raises(MigrationRefused, match=r"0001_log\.sql was changed"):
        migrate(empty, [changed, *others])


def test_a_database_of_a_newer_version_is_refused(empty: str) -> None:
    newer = Migration(9999, "9999_to_come.sql", "CREATE TABLE to_come ()")
    migrate(empty, [*shipped(), newer])

    with pytest.raises(MigrationRefused, match=r"9999_to_come\.sql.*newer"):
        migrate(empty)


def test_a_migration_that_fails_leaves_nothing_of_itself_but_all_before_it(empty: str) -> None:
    broken = Migration(9999, "9999_broken.sql", "CREATE TABLE half_done (); SELECT 1 / 0")

    with pytest.raises(psycopg.errors.DivisionByZero):
        migrate(empty, [*shipped(), broken])

    with psycopg.connect(empty) as connection:
        assert connection.execute("SELECT to_regclass('half_done')").fetchone() == (None,)
        assert len(applied(connection)) == len(shipped())


def test_every_file_has_a_number_of_its_own() -> None:
    numbers = [migration.number for migration in shipped()]

    assert numbers == sorted(set(numbers))


def test_the_command_says_what_it_did(empty: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", empty)

    first = CliRunner().invoke(migrate_command)
    second = CliRunner().invoke(migrate_command)

    assert first.output.splitlines()[0] == "applied 0001_log.sql"
    assert second.output == "nothing to do: the database is at this version\n"


def test_the_log_can_be_read_with_psql(database: str) -> None:
    with psycopg.connect(database) as connection:
        connection.execute(
            "INSERT INTO stored_events VALUES (1, gen_random_uuid(), 1, 'whistle.raised',"
            """ '{"by": "gw-1", "words": "路灯"}')"""
        )

        read = connection.execute("SELECT topic, state->>'words' FROM log").fetchall()

    assert read == [("whistle.raised", "路灯")]
