"""Forward-only migrations: the numbered files of `schema/`, each applied once, in one transaction.

Several processes may start at once: an advisory lock lets one of them migrate while the others
wait. A file that was changed after it was applied is refused, and so is a database that a newer
version of the tracker has migrated.
"""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from importlib import resources
from importlib.resources.abc import Traversable

import click

from tracker.context_names import FORMER, HERE, SERVED
from tracker.eventstore.connections import Connection, connect, dsn_of
from tracker.eventstore.log_positions import raise_log_base
from tracker.settings import Settings

LOCK = 0x5348414F44414F  # "SHAODAO", so that no other program uses the same advisory lock


class MigrationRefused(Exception):
    """The database does not fit this version of the tracker; the message says why."""


@dataclass(frozen=True)
class Migration:
    """One file of `schema/`, e.g. 0001_log.sql."""

    number: int
    name: str
    sql: str

    @property
    def checksum(self) -> str:
        return hashlib.sha256(self.sql.encode()).hexdigest()


@dataclass(frozen=True)
class Migrated:
    """What `migrate` did: the names of the files applied now, and the new base if it was raised."""

    applied: tuple[str, ...]
    raised_base_to: int | None


def shipped() -> list[Migration]:
    """The migrations of this version, in order: the log's own, and those of the contexts."""
    folders = [resources.files("tracker.eventstore") / "schema", *map(_schema_of, SERVED)]
    found = [
        Migration(int(file.name[:4]), file.name, file.read_text(encoding="utf-8"))
        for folder in folders
        for file in folder.iterdir()
        if file.name.endswith(".sql")
    ]
    return sorted(found, key=lambda migration: migration.number)


def _schema_of(context: str) -> Traversable:
    # Do not import the context: it imports the event store, and so this module.
    return resources.files("tracker") / "contexts" / context / "schema"


def of_absent_contexts() -> frozenset[int]:
    """Numbers of migrations whose contexts are not in this installation."""
    absent = [_schema_of(name) for name in HERE if name not in SERVED]
    files = [file.name for folder in absent for file in folder.iterdir()]
    numbers = [int(name[:4]) for name in files if name.endswith(".sql")]
    return frozenset([*numbers, *(one for former in FORMER.values() for one in former)])


def migrate(dsn: str, migrations: list[Migration] | None = None) -> Migrated:
    """Bring the database to this version, and make sure that new events sort after old ones.

    Safe to run at any time, by several processes, while the previous version is in use.
    Raises MigrationRefused before anything is changed.
    """
    with connect(dsn, name="migrate") as connection, _alone(connection):
        applied = _apply(connection, shipped() if migrations is None else migrations)
        adopt_next(connection)
        raised = raise_log_base(connection)
    return Migrated(tuple(migration.name for migration in applied), raised)


@contextmanager
def _alone(connection: Connection) -> Iterator[None]:
    """Hold the migration lock. PostgreSQL releases it if the process dies."""
    # Another process may be migrating a large table: wait for it without limit. But while a
    # migration waits for a table's lock, all later queries on that table wait too, so that wait
    # is short.
    connection.execute("SET lock_timeout = 0; SET statement_timeout = 0")
    connection.execute("SELECT pg_advisory_lock(%s)", (LOCK,))
    connection.execute("SET lock_timeout = '10s'")
    try:
        yield
    finally:
        if not connection.closed:
            connection.execute("SELECT pg_advisory_unlock(%s)", (LOCK,))


def _apply(connection: Connection, migrations: list[Migration]) -> list[Migration]:
    connection.execute(CREATE_SCHEMA_MIGRATIONS)
    done = applied(connection)
    refuse_unknown(migrations, done)
    numbers = {number for number, *_ in done}
    waiting = [migration for migration in migrations if migration.number not in numbers]
    for migration in waiting:
        _apply_one(connection, migration)
    return waiting


CREATE_SCHEMA_MIGRATIONS = """
    CREATE TABLE IF NOT EXISTS schema_migrations (
        number     int         NOT NULL PRIMARY KEY,
        name       text        NOT NULL,
        checksum   text        NOT NULL,
        applied_at timestamptz NOT NULL DEFAULT now()
    )
"""

APPLIED = "SELECT number, name, checksum, applied_at FROM schema_migrations ORDER BY number"


def applied(connection: Connection) -> list[tuple[int, str, str, datetime]]:
    """Number, name, checksum and time of every migration applied to this database."""
    return connection.execute(APPLIED).fetchall()


def refuse_unknown(migrations: list[Migration], done: list[tuple[int, str, str, datetime]]) -> None:
    """Raise MigrationRefused for a newer database, or a file changed after it was applied."""
    ours = {migration.number: migration for migration in migrations}
    absent = of_absent_contexts()
    for number, name, checksum, _ in done:
        if number in absent:
            continue
        if number not in ours:
            raise MigrationRefused(
                f"This database has had migration {name}, which this version of the tracker does "
                "not know: it is newer. Start the version that migrated it, or a later one."
            )
        if ours[number].checksum != checksum:
            raise MigrationRefused(
                f"Migration {name} was changed after this database had it. Restore the file as it "
                "was, and put the change into a new one with the next number."
            )


# Where nothing has been folded, nobody is served: a new table need not wait for a rebuild.
NEXT_OF_EMPTY = """
    SELECT format('DROP TABLE %1$I.%3$I; ALTER TABLE %2$I.%3$I SET SCHEMA %1$I',
                  current_schema(), 'next', new.tablename)
      FROM pg_tables new
     WHERE new.schemaname = 'next'
       AND NOT EXISTS (SELECT FROM projection_positions WHERE position > 0)
"""
HAS_NEXT = "SELECT to_regnamespace('next') IS NOT NULL"


def adopt_next(connection: Connection) -> None:
    """In a new database put the tables of the schema `next` in the place of those that they follow.

    Elsewhere a rebuild does that, once it has filled them (tracker/projections/engine/shadow.py).
    """
    if connection.execute(HAS_NEXT).fetchone() != (True,):
        return
    with connection.transaction():
        for (statement,) in connection.execute(NEXT_OF_EMPTY).fetchall():
            connection.execute(statement)


RECORD = "INSERT INTO schema_migrations (number, name, checksum) VALUES (%s, %s, %s)"


def _apply_one(connection: Connection, migration: Migration) -> None:
    with connection.transaction():
        connection.execute(migration.sql.encode())
        connection.execute(RECORD, (migration.number, migration.name, migration.checksum))


@click.command("migrate")
def migrate_command() -> None:
    """Bring the database to this version; safe to run again, and beside a running tracker."""
    done = migrate(dsn_of(Settings.from_env()))
    for name in done.applied:
        click.echo(f"applied {name}")
    if done.raised_base_to is not None:
        click.echo(
            f"raised the log's base to {done.raised_base_to}: the stored events come from a "
            "cluster whose transaction ids were higher"
        )
    if not done.applied and done.raised_base_to is None:
        click.echo("nothing to do: the database is at this version")
