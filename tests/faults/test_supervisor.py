"""`tracker serve` as a stranger runs it: one process dies, the service comes back by itself."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from tempfile import TemporaryDirectory

import psutil
import pytest

from tests.faults.service import Service, contexts_as_here, serving
from tests.waiting import PATIENCE, until


@pytest.fixture
def service() -> Iterator[Service]:
    with serving() as service:
        yield service


def test_whatever_is_killed_comes_back_and_the_log_says_so(service):
    for name, told in [
        ("web", "web started again"),
        ("project", "projector started again"),
        ("schedule", "scheduler started again"),
        ("postgres", "PostgreSQL started again"),
    ]:
        victim = service.children()[name]

        victim.kill()
        until(lambda told=told: told in service.said(), service.said)
        until(service.is_ready, service.said)

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
    until(lambda: service.said().count("Ctrl-C stops everything") == 2, service.said)
    until(service.is_ready, service.said)


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
            env={
                "PATH": os.environ["PATH"],
                "TRACKER_VAR": folder,
                "PORT": port,
                **contexts_as_here(),
            },
            capture_output=True,
            text=True,
        )

    assert answer.returncode == 1
    assert f"Port {port} is taken" in answer.stderr
