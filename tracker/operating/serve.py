"""`tracker serve`: starts the whole service and keeps it running until Ctrl-C.

It starts the embedded PostgreSQL (unless DATABASE_URL names another), migrates, in demo mode loads
the city and its history, then starts web, projector and scheduler, each as a process.
"""

import errno
import logging
import secrets
import socket
import sys
import time
import urllib.error
import urllib.request
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import click
import psycopg

from tracker.eventstore.connections import connect
from tracker.eventstore.embedded import DATABASE, EmbeddedServer
from tracker.eventstore.lockfile import HeldByAnother, hold
from tracker.eventstore.migrations import migrate
from tracker.operating.projecting import ALL
from tracker.operating.supervisor import Child, StepFailed, Stopping, Supervisor, environment
from tracker.projections.engine.positions import caught_up
from tracker.settings import Settings

logger = logging.getLogger(__name__)

HISTORY = ("--whistles", "3600", "--days", "90", "--seed", "1")
READY_SECONDS = 60

KNOWN_SINCE = "as printed at the first start (TRACKER_DEMO_PASSWORD=… make run sets another)"
ACCOUNTS = """
  admin · city · leader · supervisor · auditor
  commander-cp01 · dispatcher-cp01 · intake-cp01 · verifier-cp01 · followup-cp01   (cp01 … cp28)
  liaison-u01 · handler-u01   (u01 … u25)
  gw-53250300100101   (gw- and the code of a grid)
"""


@click.command()
@click.option("--demo", is_flag=True, help="Load the city, demo accounts and a simulated quarter.")
def serve(demo: bool) -> None:
    """Serve everything: database, web, projector, scheduler; Ctrl-C stops it."""
    settings = Settings.from_env()
    with ExitStack() as stack:
        stack.enter_context(_alone(settings.var))
        listening = stack.enter_context(_listen(settings.port))
        server = None if settings.database_url else EmbeddedServer(settings.var / "postgres")
        supervisor = Supervisor(server)
        stack.callback(supervisor.stop)
        try:
            _serve(settings, supervisor, listening, demo)
        except Stopping:
            logger.info("stopped before everything was ready")
        except StepFailed as failed:
            raise click.ClickException(str(failed)) from failed


@click.command()
@click.option("--fd", type=int, help="Take this open socket, which `tracker serve` passes on.")
def web(fd: int | None) -> None:
    """Serve the web alone, on PORT."""
    import uvicorn

    config = uvicorn.Config(
        "api.app:create_app",
        factory=True,
        # No access log: it would hold the addresses of residents.
        access_log=False,
        log_level="warning",
        timeout_graceful_shutdown=3,
    )
    listening = _listen(Settings.from_env().port) if fd is None else socket.socket(fileno=fd)
    uvicorn.Server(config).run(sockets=[listening])


def _serve(
    settings: Settings, supervisor: Supervisor, listening: socket.socket, demo: bool
) -> None:
    server = supervisor.server
    if server is not None:
        logger.info("starting PostgreSQL in %s", settings.var / "postgres")
        server.start()
        supervisor.server_delay.has_started()
    dsn = settings.database_url or (server.dsn if server is not None else "")
    secret = _secret(settings, demo)
    env = environment(DATABASE_URL=dsn, TRACKER_SECRET_KEY=secret, TRACKER_VAR=str(settings.var))
    first_start = FirstStart(settings.var / "first-start-unfinished", dsn, server)
    if demo:
        first_start.forget_unfinished()
    migrate(dsn)
    password = _fill(settings, supervisor, first_start, env) if demo else None
    fd = listening.fileno()
    supervisor.start(
        [
            Child("projector", ["project"]),
            Child("scheduler", ["schedule"]),
            Child("web", ["web", "--fd", str(fd)], pass_fds=[fd]),
        ],
        env,
    )
    _wait_for_web(supervisor, settings.port)
    _wait_for_views(supervisor, dsn)
    _welcome(settings, demo, password)
    supervisor.run_until_stopped()
    logger.info("stopping")


@dataclass(frozen=True)
class FirstStart:
    """The first filling of a demo: if it was interrupted, the database is dropped and filled again.

    Nobody uses the city before it is complete, so no work is lost. The file `note` exists while
    the filling runs. An operator's own database (`server` None) is never dropped.
    """

    note: Path
    dsn: str
    server: EmbeddedServer | None

    def forget_unfinished(self) -> None:
        if self.server is None or not self.note.exists():
            return
        logger.warning("the first start did not come to its end: beginning anew")
        with psycopg.connect(self.dsn, dbname="postgres", autocommit=True) as connection:
            connection.execute(f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)")
            connection.execute(f"CREATE DATABASE {DATABASE}")

    def is_due(self) -> bool:
        # Served by stored_events_position, one row of it.
        with connect(self.dsn, name="serve") as connection:
            found = connection.execute("SELECT EXISTS (SELECT FROM stored_events)").fetchone()
        return found == (False,)

    def begin(self) -> None:
        self.note.touch()

    def finish(self) -> None:
        self.note.unlink()


def _fill(
    settings: Settings, supervisor: Supervisor, first_start: FirstStart, env: dict[str, str]
) -> str | None:
    """Load the city, its accounts, and history if the log is empty. Returns any known password."""
    empty = first_start.is_due()
    password = settings.demo_password or (secrets.token_urlsafe(9) if empty else None)
    if empty:
        first_start.begin()
    logger.info("loading the city")
    # Also if the log is not empty: a changed pack becomes events. An unchanged pack does not undo
    # what an administrator has changed.
    supervisor.run_step(["load-city", "--demo-accounts", "--once"], {**env, **_known(password)})
    if not empty:
        return password
    if settings.demo:
        logger.info("living through a quarter of the city's history")
        supervisor.run_step(["simulate", *HISTORY], env)
    first_start.finish()
    return password


def _known(password: str | None) -> dict[str, str]:
    return {} if password is None else {"TRACKER_DEMO_PASSWORD": password}


def _secret(settings: Settings, demo: bool) -> str:
    if settings.secret_key is None and demo:
        kept = settings.var / "secret-key"
        kept.touch(mode=0o600)
        kept.write_text(secrets.token_urlsafe(32))
        return kept.read_text()
    return settings.secret().decode()


def _alone(var: Path) -> "ExitStack":
    """Refuse a second instance on the same folder."""
    var.mkdir(parents=True, exist_ok=True)
    stack = ExitStack()
    try:
        stack.enter_context(hold(var / "serve.lock"))
    except HeldByAnother as held:
        raise click.ClickException(
            f"Shaodao already runs on {var}, as process {held.owner}. "
            "Stop that one first, or set TRACKER_VAR (and PORT) for a second one."
        ) from None
    return stack


def _listen(port: int) -> socket.socket:
    """Open the port in the supervisor: while the web process restarts, clients wait."""
    # Name the protocol: otherwise asyncio does not recognise TCP and keeps Nagle's delay, so every
    # response is 40 ms late.
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind(("127.0.0.1", port))
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            raise
        raise click.ClickException(
            f"Port {port} is taken by another program. Set PORT to a free one: PORT=8001 make run"
        ) from None
    listening.listen(2048)
    return listening


def _wait_for_web(supervisor: Supervisor, port: int) -> None:
    """Wait until it answers, a minute at most. After that the process log shows the reason."""
    end = time.monotonic() + READY_SECONDS
    while not supervisor.stopping and time.monotonic() < end:
        supervisor.restart_dead()
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=2).close()
            return
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.1)


def _wait_for_views(supervisor: Supervisor, dsn: str) -> None:
    """Wait until the projections are current, so that the first visitor sees no empty board.

    A minute at most. After that the state page shows how far they are.
    """
    end = time.monotonic() + READY_SECONDS
    names = [projection.name for projection in ALL]
    with connect(dsn, name="serve") as connection:
        while not supervisor.stopping and time.monotonic() < end:
            supervisor.restart_dead()
            if caught_up(connection, names):
                return
            time.sleep(0.1)


def _welcome(settings: Settings, demo: bool, password: str | None) -> None:
    say = sys.stdout.write
    say(f"\n  哨到 Shaodao   http://127.0.0.1:{settings.port}\n")
    if demo:
        say(ACCOUNTS)
        say(f"  password: {password or KNOWN_SINCE}\n")
    say("\n  Ctrl-C stops everything.\n\n")
    sys.stdout.flush()
