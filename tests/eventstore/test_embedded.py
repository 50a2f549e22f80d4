"""The embedded server, as root and as an ordinary user, with a real disk under it."""

import os
import pwd
import select
import signal
import subprocess
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil
import psycopg
import pytest

from tests.waiting import PATIENCE
from tracker.eventstore.embedded import EmbeddedServer, running_dsn, running_server
from tracker.eventstore.embedded_folder import LONGEST_SOCKET, SOCKET_NAME, socket_folder

# Under root both kinds of user are tried; an ordinary user cannot become root.
USERS = ["ourselves", "nobody"] if os.geteuid() == 0 else ["ourselves"]


@pytest.fixture(params=USERS)
def user(request: pytest.FixtureRequest) -> str | None:
    return None if request.param == "ourselves" else request.param


@pytest.fixture
def folder() -> Iterator[Path]:
    with TemporaryDirectory(prefix="shaodao-test-", ignore_cleanup_errors=True) as made:
        yield Path(made) / "var"


@pytest.fixture
def home(folder: Path, user: str | None) -> Path:
    """The same folder, belonging to `user`."""
    if user is not None:
        subprocess.run(["chown", user, folder.parent], check=True)
    return folder


class Owner:
    """A process of its own, under `user`, that lives through a story with a server on `folder`.

    A fork: the interpreter may lie where an ordinary user cannot start it.
    """

    def __init__(
        self, story: Callable[[EmbeddedServer], object], folder: Path, user: str | None = None
    ) -> None:
        self.heard, telling = os.pipe()
        self.pid = os.fork()
        if self.pid == 0:
            _live_through(story, folder, user, telling)
        os.close(telling)

    def told(self) -> str:
        """What the story says next."""
        ready, _, _ = select.select([self.heard], [], [], PATIENCE)
        assert ready, "the story hangs"
        return os.read(self.heard, 65536).decode()

    def kill(self) -> None:
        os.kill(self.pid, signal.SIGKILL)
        self.end()

    def end(self) -> None:
        os.waitpid(self.pid, 0)
        os.close(self.heard)


def _live_through(
    story: Callable[[EmbeddedServer], object], folder: Path, user: str | None, telling: int
) -> None:
    try:
        if user is not None:
            os.setgroups([])
            os.setgid(pwd.getpwnam(user).pw_gid)
            os.setuid(pwd.getpwnam(user).pw_uid)
        said = story(EmbeddedServer(folder))
    except BaseException:
        said = traceback.format_exc()
    os.write(telling, str(said).encode())
    os._exit(0)


def told(story: Callable[[EmbeddedServer], object], folder: Path, user: str | None = None) -> str:
    owner = Owner(story, folder, user)
    try:
        return owner.told()
    finally:
        owner.end()


def keep_a_seven(server: EmbeddedServer) -> None:
    with psycopg.connect(server.dsn) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 7 AS n")


def what_was_kept(server: EmbeddedServer) -> object:
    with psycopg.connect(server.dsn) as connection:
        return connection.execute("SELECT n, current_setting('fsync') FROM kept").fetchone()


def starts_and_stops(server: EmbeddedServer) -> str:
    server.start()
    alive = server.is_alive()
    server.stop()
    return f"alive {alive}, then {server.is_alive()}"


def test_what_was_committed_is_there_after_a_clean_stop(home, user):
    def story(server):
        server.start()
        keep_a_seven(server)
        server.stop()
        server.start()
        kept = what_was_kept(server)
        server.stop()
        return kept

    assert told(story, home, user) == "(7, 'on')"


def test_after_kill_9_of_the_postmaster_what_was_committed_is_there(home, user):
    def story(server):
        server.start()
        keep_a_seven(server)
        left_behind = psycopg.connect(server.dsn)
        left_behind.execute("SELECT 1")
        server.process.kill()
        server.process.wait()
        server.start()
        kept = what_was_kept(server)
        server.stop()
        return kept

    assert told(story, home, user) == "(7, 'on')"


def test_kill_9_of_the_owner_ends_the_server_and_the_next_owner_starts(home, user):
    def sleeps(server):
        server.start()
        os.write(owner_says, str(server.process.pid).encode())
        signal.pause()

    hear, owner_says = os.pipe()
    owner = Owner(sleeps, home, user)
    postmaster = psutil.Process(int(os.read(hear, 100)))
    os.close(hear)
    os.close(owner_says)

    owner.kill()
    next_owner = told(starts_and_stops, home, user)

    ended, _ = psutil.wait_procs([postmaster], timeout=PATIENCE)

    assert next_owner == "alive True, then False"
    assert ended == [postmaster]


def test_a_pid_file_that_names_a_living_stranger_does_not_keep_it_from_starting(folder):
    server = EmbeddedServer(folder)
    server.start()
    pid_file = server.data / "postmaster.pid"
    stale = pid_file.read_text().splitlines()
    server.stop()
    pid_file.write_text("\n".join([str(os.getppid()), *stale[1:]]))

    again = told(starts_and_stops, folder)

    assert again == "alive True, then False"


def test_a_second_owner_is_refused_and_told_who_the_first_is(folder):
    server = EmbeddedServer(folder)
    server.start()

    refusal = told(lambda second: second.start(), folder)
    server.stop()

    assert refusal.splitlines()[-1] == (
        f"tracker.eventstore.embedded.FolderInUse: {folder} is in use by process {os.getpid()}. "
        "Stop that one first, or set TRACKER_VAR to another folder."
    )


def test_a_command_borrows_the_running_server_and_leaves_it_running(folder):
    def story(_):
        with running_server(folder) as dsn:
            return dsn

    server = EmbeddedServer(folder)
    server.start()

    found = told(story, folder)
    alive = server.is_alive()
    server.stop()

    assert (found, alive) == (server.dsn, True)


def test_a_command_brings_its_own_server_where_none_runs_and_takes_it_away(folder):
    with running_server(folder) as dsn, psycopg.connect(dsn) as connection:
        answer = connection.execute("SELECT 1").fetchone()

    assert answer == (1,)
    assert running_dsn(folder) is None


def test_a_long_path_gets_a_short_private_socket_folder(folder):
    deep = folder / ("d" * 60) / ("e" * 60)
    server = EmbeddedServer(deep)
    server.start()

    with psycopg.connect(server.dsn) as connection:
        answer = connection.execute("SELECT 1").fetchone()
    socket = socket_folder(deep)
    mode = socket.stat().st_mode & 0o777
    server.stop()
    socket.rmdir()

    assert answer == (1,)
    assert mode == 0o700
    assert len(os.fsencode(socket / SOCKET_NAME)) <= LONGEST_SOCKET


@pytest.mark.parametrize("owner", USERS[1:])
def test_data_of_an_ordinary_user_is_served_under_root_as_that_user(folder, owner):
    os.chown(folder.parent, pwd.getpwnam(owner).pw_uid, -1)
    told(starts_and_stops, folder, owner)

    server = EmbeddedServer(folder)
    server.start()
    serves_as = psutil.Process(server.process.pid).username()
    server.stop()

    assert serves_as == owner
