"""Starts a few processes, restarts and reports those that die, and stops them in order."""

import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from types import FrameType

from tracker.eventstore.embedded import EmbeddedServer, ending_with_parent
from tracker.eventstore.embedded_folder import EmbeddedError

logger = logging.getLogger(__name__)

LOOK_SECONDS = 0.2
STOP_SECONDS = 10
SOUND_SECONDS = 10  # a process that lived this long is restarted at once
LONGEST_PAUSE = 5.0


class Stopping(Exception):
    """Ctrl-C or SIGTERM came during a step of the preparation."""


class StepFailed(Exception):
    """A step of the preparation failed; the service cannot start."""


class RestartDelay:
    """How soon something that died may start again: at once, then 0.5, 1, 2, 4, 5 s."""

    def __init__(self) -> None:
        self.failures = 0
        self.started = 0.0
        self.not_before: float | None = None

    def has_started(self) -> None:
        self.started, self.not_before = time.monotonic(), None

    def has_died(self) -> None:
        now = time.monotonic()
        sound = now - self.started > SOUND_SECONDS
        self.failures = 0 if sound else self.failures + 1
        pause = min(0.25 * 2**self.failures, LONGEST_PAUSE) if self.failures > 1 else 0.0
        self.not_before = now + pause

    def may_start(self) -> bool:
        return self.not_before is not None and time.monotonic() >= self.not_before


class Child:
    """One child process. The kernel ends it if the supervisor is killed."""

    def __init__(self, name: str, arguments: Sequence[str], pass_fds: Sequence[int] = ()) -> None:
        self.name = name
        self.arguments = arguments
        self.pass_fds = pass_fds
        self.process: subprocess.Popen[bytes] | None = None
        self.restart_delay = RestartDelay()

    def start(self, env: Mapping[str, str]) -> None:
        self.process = subprocess.Popen(
            command(self.arguments),
            env=env,
            pass_fds=self.pass_fds,
            stdin=subprocess.DEVNULL,
            # Ctrl-C in a terminal reaches the whole group; the supervisor stops them in order.
            start_new_session=True,
            preexec_fn=ending_with_parent(signal.SIGTERM),
        )
        self.restart_delay.has_started()

    def restart_if_dead(self, env: Mapping[str, str]) -> None:
        """Restart it if it died; after a pause if it died repeatedly."""
        if self.process is not None and self.process.poll() is not None:
            logger.warning("%s ended (%s)", self.name, how(self.process.returncode))
            self.process = None
            self.restart_delay.has_died()
        if self.process is None and self.restart_delay.may_start():
            self.start(env)
            logger.warning("%s started again", self.name)

    def stop(self) -> None:
        if self.process is None or self.process.poll() is not None:
            return
        self.process.terminate()
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            logger.warning("%s did not stop in %s s: killed", self.name, STOP_SECONDS)
            self.process.kill()
            self.process.wait()


class Supervisor:
    """The children, in the order of their start. They stop in reverse order, the server last."""

    def __init__(self, server: EmbeddedServer | None = None) -> None:
        self.server = server
        self.server_delay = RestartDelay()
        self.children: list[Child] = []
        self.stopping = False
        # TERM for a service manager, HUP for a terminal that was closed.
        for wish in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(wish, self._stop_soon)

    def start(self, children: Sequence[Child], env: Mapping[str, str]) -> None:
        self.children, self.env = list(children), env
        for child in self.children:
            child.start(env)

    def restart_dead(self) -> None:
        """Check the server and all children once, and restart what died."""
        if self.server is not None:
            self._restart_server(self.server)
        for child in self.children:
            child.restart_if_dead(self.env)

    def run_until_stopped(self) -> None:
        while not self.stopping:
            self.restart_dead()
            time.sleep(LOOK_SECONDS)

    def run_step(self, arguments: Sequence[str], env: Mapping[str, str]) -> None:
        """Run one `tracker` command to its end.

        Raises Stopping if the service is being stopped; StepFailed if the command failed, which has
        then printed why.
        """
        answer = subprocess.run(
            command(arguments), env=env, preexec_fn=ending_with_parent(signal.SIGTERM)
        )
        if self.stopping:
            raise Stopping
        if answer.returncode != 0:
            raise StepFailed(f"tracker {arguments[0]} failed ({how(answer.returncode)})")

    def stop(self) -> None:
        for child in reversed(self.children):
            child.stop()
        if self.server is not None:
            self.server.stop()

    def _restart_server(self, server: EmbeddedServer) -> None:
        if server.is_alive():
            return
        if server.process is not None:
            logger.warning("PostgreSQL ended (%s)", how(server.process.returncode))
            server.process = None
            self.server_delay.has_died()
        if self.server_delay.may_start():
            try:
                server.start()
            except EmbeddedError as error:
                logger.error("PostgreSQL does not start: %s", error)
                self.server_delay.has_died()
                return
            self.server_delay.has_started()
            logger.warning("PostgreSQL started again")

    def _stop_soon(self, _signal: int, _frame: FrameType | None) -> None:
        self.stopping = True


def command(arguments: Sequence[str]) -> list[str]:
    """The `tracker` command line with this interpreter, independent of PATH."""
    return [sys.executable, "-m", "tracker", *arguments]


def how(returncode: int) -> str:
    """Describes how a process ended."""
    if returncode >= 0:
        return f"exit code {returncode}"
    return f"killed by {signal.Signals(-returncode).name}"


def environment(**added: str | None) -> dict[str, str]:
    """This process's environment plus `added`, for a child; None values are left out."""
    return {**os.environ, **{name: value for name, value in added.items() if value is not None}}
