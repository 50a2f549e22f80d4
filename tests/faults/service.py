"""The service as processes of its own: `tracker serve` whole, or its parts on a database."""

import json
import os
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from http.client import HTTPException
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil

from tests.made_of import DEMO_PASSWORD, SECRET
from tests.waiting import PATIENCE, until


def contexts_as_here() -> dict[str, str]:
    """The variable that says which contexts serve, for a process with an environment of its own."""
    asked = os.environ.get("TRACKER_CONTEXTS")
    return {} if asked is None else {"TRACKER_CONTEXTS": asked}


class Service:
    """`tracker serve --demo` on a folder of its own, with the city and without its history."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self.log = folder / "serve.log"
        self.process = self.start(self.log)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self, log: Path) -> subprocess.Popen[bytes]:
        with log.open("ab") as out:
            return subprocess.Popen(
                [sys.executable, "-m", "tracker", "serve", "--demo"],
                env={
                    "PATH": os.environ["PATH"],
                    **contexts_as_here(),
                    "TRACKER_VAR": str(self.folder / "var"),
                    "PORT": str(self.port),
                    "DEMO": "0",
                    "TRACKER_DEMO_PASSWORD": DEMO_PASSWORD,
                },
                stdout=out,
                stderr=out,
            )

    def said(self) -> str:
        return self.log.read_text()

    def has_welcomed(self) -> bool:
        assert self.process.poll() is None, self.said()
        return "Ctrl-C stops everything" in self.said()

    def is_ready(self) -> bool:
        return is_ready(self.url)

    def children(self) -> dict[str, psutil.Process]:
        """By name: web, project, schedule and postgres."""
        found = {}
        for child in psutil.Process(self.process.pid).children():
            with suppress(psutil.Error):  # it may end as we look
                words = child.cmdline()
                if len(words) > 3:
                    found["postgres" if "postgres" in words[0] else words[3]] = child
        return found

    def stop(self) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            self.process.wait(PATIENCE)


@contextmanager
def serving() -> Iterator[Service]:
    with TemporaryDirectory(prefix="shaodao-test-", ignore_cleanup_errors=True) as folder:
        service = Service(Path(folder))
        try:
            until(service.has_welcomed, service.said)
            until(service.is_ready, service.said)
            yield service
        finally:
            service.stop()


class Part:
    """One process of the service, e.g. `tracker web`, on a database that is there already.

    `env`: more of its environment, e.g. a clock of its own.
    """

    def __init__(
        self, name: str, database: str, folder: Path, env: Mapping[str, str] | None = None
    ) -> None:
        self.port = free_port()
        self.log = folder / f"{name}-{self.port}.log"
        with self.log.open("ab") as out:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "tracker", name],
                env={
                    "PATH": os.environ["PATH"],
                    **contexts_as_here(),
                    "DATABASE_URL": database,
                    "TRACKER_VAR": str(folder),
                    "TRACKER_SECRET_KEY": SECRET,
                    "PORT": str(self.port),
                    **(env or {}),
                },
                stdout=out,
                stderr=out,
            )

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def said(self) -> str:
        return self.log.read_text()

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(PATIENCE)


@contextmanager
def parts(
    names: list[str], database: str, folder: Path, env: Mapping[str, str] | None = None
) -> Iterator[list[Part]]:
    """These processes, those of the web answering; stopped together at the end."""
    started = [Part(name, database, folder, env) for name in names]
    try:
        for name, part in zip(names, started, strict=True):
            if name == "web":
                until(lambda part=part: answers(part.url), part.said)
        yield started
    finally:
        for part in started:
            part.stop()


def answers(url: str) -> bool:
    try:
        urllib.request.urlopen(f"{url}/healthz", timeout=5).close()
        return True
    except OSError:
        return False


def is_ready(url: str, timeout: float = 5) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/readyz", timeout=timeout) as answer:
            return bool(json.load(answer)["status"] == "ready")
    except (OSError, HTTPException):
        return False


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
