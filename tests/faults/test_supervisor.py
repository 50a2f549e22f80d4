"""`tracker serve` as a stranger runs it: one process dies, the service comes back by itself."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil
import pytest

PATIENCE = 120  # seconds until a service that does not come is given up


class Service:
    """`tracker serve --demo` on a folder of its own, with the city and without its history."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self.log = folder / "serve.log"
        self.process = self.start(self.log)

    def start(self, log: Path) -> subprocess.Popen[bytes]:
        with log.open("ab") as out:
            return subprocess.Popen(
                [sys.executable, "-m", "tracker", "serve", "--demo"],
                env={
                    "PATH": os.environ["PATH"],
                    "TRACKER_VAR": str(self.folder / "var"),
                    "PORT": str(self.port),
                    "DEMO": "0",
                    "TRACKER_DEMO_PASSWORD": "one password for all",
                },
                stdout=out,
                stderr=out,
            )

    def said(self) -> str:
        return self.log.read_text()

    def is_ready(self) -> bool:
        try:
            with urllib.request.urlopen(
                f"http://127.0.0.1:{self.port}/readyz", timeout=5
            ) as answer:
                return json.load(answer)["status"] == "ready"
        except OSError:
            return False

    def children(self) -> dict[str, psutil.Process]:
        """By name: web, project, schedule and postgres."""
        found = {}
        for child in psutil.Process(self.process.pid).children():
            words = child.cmdline()
            found["postgres" if "postgres" in words[0] else words[3]] = child
        return found

    def stop(self) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            self.process.wait(PATIENCE)


@pytest.fixture
def service() -> Iterator[Service]:
    with TemporaryDirectory(prefix="shaodao-test-", ignore_cleanup_errors=True) as folder:
        service = Service(Path(folder))
        try:
            eventually(lambda: "Ctrl-C stops everything" in service.said(), service)
            eventually(service.is_ready, service)
            yield service
        finally:
            service.stop()


def eventually(question: Callable[[], bool], service: Service) -> None:
    end = time.monotonic() + PATIENCE
    while not question():
        assert time.monotonic() < end, service.said()
        time.sleep(0.1)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def test_whatever_is_killed_comes_back_and_the_log_says_so(service):
    for name, told in [
        ("web", "web started again"),
        ("project", "projector started again"),
        ("schedule", "scheduler started again"),
        ("postgres", "PostgreSQL started again"),
    ]:
        victim = service.children()[name]

        victim.kill()
        eventually(lambda told=told: told in service.said(), service)
        eventually(service.is_ready, service)

        assert service.children()[name].pid != victim.pid


def test_ctrl_c_stops_everything_that_it_started(service):
    children = service.children()

    service.process.send_signal(signal.SIGINT)
    code = service.process.wait(PATIENCE)

    assert code == 0
    assert sorted(children) == ["postgres", "project", "schedule", "web"]
    assert not any(child.is_running() for child in children.values())


def test_after_kill_9_of_the_supervisor_nothing_stays_and_the_next_start_serves(service):
    children = list(service.children().values())

    service.process.kill()
    service.process.wait()
    psutil.wait_procs(children, timeout=PATIENCE)
    left = [child for child in children if child.is_running()]
    service.process = service.start(service.log)

    assert left == []
    eventually(lambda: service.said().count("Ctrl-C stops everything") == 2, service)
    eventually(service.is_ready, service)


def test_a_second_instance_on_the_same_folder_is_refused_and_names_the_first(service):
    second = service.start(service.folder / "second.log")

    code = second.wait(PATIENCE)

    assert code == 1
    said = (service.folder / "second.log").read_text()
    assert f"already runs on {service.folder / 'var'}, as process {service.process.pid}" in said
    assert service.is_ready()


def test_a_port_that_is_taken_is_told_before_anything_starts():
    with socket.socket() as taken, TemporaryDirectory(prefix="shaodao-test-") as folder:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])

        answer = subprocess.run(
            [sys.executable, "-m", "tracker", "serve", "--demo"],
            env={"PATH": os.environ["PATH"], "TRACKER_VAR": folder, "PORT": port},
            capture_output=True,
            text=True,
        )

    assert answer.returncode == 1
    assert f"Port {port} is taken" in answer.stderr
