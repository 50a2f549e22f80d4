"""`tracker …`: the commands stand next to their subjects; here they are only put together."""

import functools
import logging
import os
import sys
from collections.abc import Callable
from importlib import import_module
from typing import Any

import click

from tracker.domain.errors import Refusal
from tracker.settings import Settings, SettingsError

# Imported when they are asked for: `tracker deadlines` need not load a web server.
COMMANDS = {
    "serve": "tracker.operating.serve:serve",
    "web": "tracker.operating.serve:web",
    "project": "tracker.operating.projecting:project",
    "schedule": "tracker.schedule.schedule:schedule",
    "migrate": "tracker.eventstore.migrations:migrate_command",
    "load-city": "tracker.city.pack.loading:load_city_command",
    "simulate": "tracker.demo.simulate:simulate",
    "import": "tracker.imports.command:import_",
    "deadlines": "tracker.schedule.calculator:deadlines",
    "rates": "tracker.reports.rates_cli:rates",
    "rankings": "tracker.reports.report_cli:rankings",
    "report": "tracker.reports.report_cli:report",
    "steps": "tracker.reports.steps_cli:steps",
    "what-if": "tracker.reports.what_if.cli:what_if",
    "rebuild": "tracker.operating.projecting:rebuild",
    "positions": "tracker.operating.positions_cli:positions_command",
    "mend": "tracker.operating.mend:mend",
    "annul": "tracker.operating.annul:annul",
    "verify": "tracker.operating.verify:verify",
    "backup": "tracker.operating.backup:backup",
    "restore": "tracker.operating.backup:restore",
    "account": "tracker.city.credentials:account",
}

WITHOUT_DATABASE = {"serve", "deadlines"}
# These make the tables themselves, or fill a database that has none yet.
WITHOUT_TABLES = {"migrate", "restore"}


# These read or mend what is there, and begin no city: without a data folder they do nothing.
OF_A_CITY = {
    *("rates", "rankings", "report", "steps", "what-if"),
    *("rebuild", "positions", "verify", "backup", "mend", "annul", "account"),
}


class Commands(click.Group):
    """Loads a command when it is asked for, and gives it a database if it wants one."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, _, attribute = COMMANDS[cmd_name].partition(":")
        command: click.Command = getattr(import_module(module), attribute)
        if cmd_name not in WITHOUT_DATABASE:
            _give_database(
                command,
                with_tables=cmd_name not in WITHOUT_TABLES,
                must_be_there=cmd_name in OF_A_CITY,
            )
        return command


@click.group(cls=Commands)
@click.version_option(package_name="shaodao", prog_name="tracker")
def cli() -> None:
    """哨到 Shaodao: every whistle, from the first word to the last."""
    logging.basicConfig(
        level=logging.INFO, stream=sys.stderr, format="%(asctime)s %(name)s: %(message)s"
    )
    # Otherwise two lines a second, for a sweep that found nothing due.
    logging.getLogger("apscheduler").setLevel(logging.WARNING)


def main() -> None:
    """Exit codes: 0 done, 1 refused or failed, 2 asked for in a way that cannot be understood."""
    from tracker.eventstore.clock import ClockDisagrees
    from tracker.eventstore.connections import NoDatabase
    from tracker.eventstore.embedded_folder import EmbeddedError
    from tracker.eventstore.migrations import MigrationRefused

    try:
        cli(prog_name="tracker")
    except SettingsError as error:
        _fail(str(error), 2)
    except Refusal as refusal:
        words, remedy = refusal.message, refusal.remedy
        _fail(f"{words.say('en', refusal.facts)}. {remedy.say('en', refusal.facts)}", 1)
    except (ClockDisagrees, EmbeddedError, MigrationRefused, NoDatabase) as error:
        _fail(str(error), 1)


def _fail(message: str, code: int) -> None:
    click.echo(f"Error: {message}", err=True)
    sys.exit(code)


def _give_database(command: click.Command, *, with_tables: bool, must_be_there: bool) -> None:
    """Wrap what the command does, so that `--help` starts no server."""
    if isinstance(command, click.Group):
        for part in command.commands.values():
            _give_database(part, with_tables=with_tables, must_be_there=must_be_there)
    elif command.callback is not None and not hasattr(command.callback, "finds_database"):
        command.callback = _with_database(command.callback, with_tables, must_be_there)


def _with_database(
    action: Callable[..., Any], with_tables: bool, must_be_there: bool
) -> Callable[..., Any]:
    """DATABASE_URL for the command: as given, or of the embedded server, running or our own.

    `must_be_there`: refuses a folder without a database, where a new one would be made.
    """

    @functools.wraps(action)
    def act(*args: Any, **kwargs: Any) -> Any:
        settings = Settings.from_env()
        if settings.database_url:
            return action(*args, **kwargs)
        from tracker.eventstore.embedded import running_server
        from tracker.eventstore.migrations import migrate

        if must_be_there and not (settings.var / "postgres").exists():
            raise SettingsError(
                f"there is no data folder {settings.var.absolute()}: go to the folder of the city,"
                " or set TRACKER_VAR or DATABASE_URL"
            )
        with running_server(settings.var / "postgres") as dsn:
            os.environ["DATABASE_URL"] = dsn
            if with_tables:
                migrate(dsn)
            return action(*args, **kwargs)

    act.finds_database = True  # type: ignore[attr-defined]  # read by the check above
    return act
