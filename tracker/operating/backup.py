"""`tracker backup` and `tracker restore`: the whole database in one pg_dump file.

The receipts' key (TRACKER_SECRET_KEY) is not in the database, so it is not in the file. Keep it
elsewhere: without it no receipt code works after a restore.
"""

import shutil
import subprocess
from pathlib import Path

import click

from tracker.eventstore.connections import Connection, connect, dsn_of
from tracker.eventstore.embedded import packaged_binaries
from tracker.eventstore.migrations import migrate
from tracker.settings import Settings


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--force", is_flag=True, help="Write over a file that is there.")
def backup(file: Path, force: bool) -> None:
    """Write everything into FILE, as of one moment, while the tracker goes on."""
    if file.exists() and not force:
        raise click.ClickException(f"{file} is there already; --force writes over it.")
    dsn = dsn_of(Settings.from_env())
    with connect(dsn, name="backup") as connection:
        program = _program("pg_dump", connection)
    # Written under another name and renamed, so an incomplete backup never has the final name.
    unfinished = file.with_name(f"{file.name}.unfinished")
    _run([program, "--format=custom", "--no-owner", f"--file={unfinished}", f"--dbname={dsn}"])
    unfinished.replace(file)
    click.echo(f"{file}: {file.stat().st_size:,} bytes")


@click.command()
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
def restore(file: Path) -> None:
    """Bring FILE into an empty database; new events will sort after the restored ones."""
    dsn = dsn_of(Settings.from_env())
    with connect(dsn, name="restore") as connection:
        _refuse_unless_empty(connection)
        program = _program("pg_restore", connection)
    _run([program, "--single-transaction", "--no-owner", f"--dbname={dsn}", str(file)])
    done = migrate(dsn)
    if done.raised_base_to is not None:
        click.echo(f"this cluster is younger than the log: base raised to {done.raised_base_to}")
    click.echo("restored; `tracker verify` checks it, then start the tracker")


TABLES = "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"


def _refuse_unless_empty(connection: Connection) -> None:
    if connection.execute(TABLES).fetchone() != (0,):
        raise click.ClickException(
            "This database is not empty, and a restore never mixes two logs. "
            "Set DATABASE_URL to a new database, or TRACKER_VAR to a new folder."
        )


def _program(name: str, connection: Connection) -> str:
    """The program of the server's major version if it is installed, else a newer one: an older one
    cannot read the server's database."""
    major = connection.info.server_version // 10_000
    debians = Path(f"/usr/lib/postgresql/{major}/bin") / name
    if debians.exists():
        return str(debians)
    packaged = packaged_binaries() / name
    if packaged.exists():
        return str(packaged)
    found = shutil.which(name)
    if found is None:
        raise click.ClickException(f"{name} is missing: apt-get install postgresql-client")
    return found


def _run(arguments: list[str]) -> None:
    answer = subprocess.run(arguments, capture_output=True, text=True)
    if answer.returncode != 0:
        raise click.ClickException(f"{Path(arguments[0]).name} failed:\n{answer.stderr.strip()}")
