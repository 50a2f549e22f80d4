"""Measures the time from raising a whistle over HTTP until its post's board shows it over HTTP.

    python -m benchmarks.http

Real processes: `tracker web`, `tracker project`, PostgreSQL with fsync. Fifty whistles a second are
sent at fixed moments, even if earlier ones are not answered yet. A latency counts from the planned
moment of sending. The board is read as its page does it: the event stream reports news, then the
list is requested again.
"""

import http.client
import json
import os
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlencode

from benchmarks.store import database, server
from tracker.city.pack import citypack
from tracker.city.pack.loading import give_demo_passwords, load_city
from tracker.commands.tracker import Tracker
from tracker.eventstore.migrations import migrate
from tracker.settings import PACKAGED_CITY, Settings

PER_SECOND, SECONDS, WARM_UP = 50, 20, 3
SENDERS = 16
TARGET = 150.0  # ms, p99
PATIENCE = 60.0  # seconds

SECRET, PASSWORD = "a key for measuring", "one password for all"
POST, IN_POST = "CP02", {"lat": 23.375717, "lon": 103.378665}
READER = "dispatcher-cp02"
SHOWN = 50  # rows of a board's page


@dataclass
class Run:
    """When each whistle was due to be sent, was answered, and appeared on the board."""

    due: dict[str, float] = field(default_factory=dict)
    answered: dict[str, float] = field(default_factory=dict)
    seen: dict[str, float] = field(default_factory=dict)
    looks: int = 0

    def answers(self) -> list[float]:
        return [1000 * (self.answered[number] - due) for number, due in self.due.items()]

    def sights(self) -> list[float]:
        return [1000 * (self.seen[number] - due) for number, due in self.due.items()]


def main() -> None:
    with server() as dsn, database(dsn, "bench_http") as own, TemporaryDirectory() as var:
        prepare(own)
        with serving(own, Path(var)) as port:
            token = sign_in(port)
            measure(port, token, WARM_UP)
            run = measure(port, token, SECONDS)
    print(as_markdown(run))


def prepare(dsn: str) -> None:
    migrate(dsn)
    settings = Settings(database_url=dsn, secret_key=SECRET)
    at = datetime.now(UTC)
    with Tracker(settings, name="bench") as tracker:
        changes = load_city(tracker, citypack.read(PACKAGED_CITY), True, at)
        give_demo_passwords(tracker, changes.city, PASSWORD, at)


@contextmanager
def serving(dsn: str, var: Path) -> Iterator[int]:
    """Runs a web process and a projector; yields the web's port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    env = {
        "PATH": os.environ["PATH"],
        "DATABASE_URL": dsn,
        "TRACKER_VAR": str(var),
        "TRACKER_SECRET_KEY": SECRET,
        "PORT": str(port),
    }
    processes = [
        subprocess.Popen([sys.executable, "-m", "tracker", name], env=env)
        for name in ("project", "web")
    ]
    try:
        wait_for_web(port)
        yield port
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            process.wait(PATIENCE)


def wait_for_web(port: int) -> None:
    give_up = time.monotonic() + PATIENCE
    while True:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=2).close()
            return
        except OSError:
            if time.monotonic() > give_up:
                raise
            time.sleep(0.1)


class Connection:
    """One keep-alive connection with little overhead, because the client shares the machine."""

    def __init__(self, port: int, token: str | None = None) -> None:
        self.wire = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
        self.headers = {"Content-Type": "application/json"}
        if token:
            self.headers["Authorization"] = f"Bearer {token}"

    def ask(self, method: str, path: str, body: Any = None) -> dict[str, Any]:
        sent = None if body is None else json.dumps(body).encode()
        self.wire.request(method, f"/api/v1{path}", sent, self.headers)
        answer = self.wire.getresponse()
        said = answer.read()
        if answer.status not in (200, 201):
            raise RuntimeError(f"{method} {path}: {answer.status} {said.decode()}")
        return dict(json.loads(said))


def sign_in(port: int) -> str:
    form = {"username": READER, "password": PASSWORD}
    return str(Connection(port).ask("POST", "/sessions", form)["token"])


def measure(port: int, token: str, seconds: int) -> Run:
    run, board = Run(), Board(port, token)
    with board.watched(run):
        send(port, seconds * PER_SECOND, run)
        board.wait_until_all_seen(run)
    return run


def send(port: int, count: int, run: Run) -> None:
    own = threading.local()
    start = time.monotonic() + 0.2

    def raise_one(n: int) -> None:
        if not hasattr(own, "connection"):
            own.connection = Connection(port)
        due = start + n / PER_SECOND
        time.sleep(max(0.0, due - time.monotonic()))
        body = {"text": f"{n} 号路灯不亮", "location": IN_POST, "category": "C0103"}
        number = own.connection.ask("POST", "/whistles", body)["number"]
        run.due[number], run.answered[number] = due, time.monotonic()

    with ThreadPoolExecutor(SENDERS) as senders:
        list(senders.map(raise_one, range(count)))


class Board:
    """A dispatcher's board: follows the event stream and requests the list when there is news."""

    def __init__(self, port: int, token: str) -> None:
        self.port, self.token = port, token
        self.news = threading.Event()
        self.position = 0
        self.stop = threading.Event()

    @contextmanager
    def watched(self, run: Run) -> Iterator[None]:
        threads = [
            threading.Thread(target=self._hear, daemon=True),
            threading.Thread(target=self._look, args=[run], daemon=True),
        ]
        for thread in threads:
            thread.start()
        yield
        self.stop.set()
        self.news.set()
        threads[1].join()

    def _hear(self) -> None:
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}/api/v1/stream?{urlencode({'scope': f'post:{POST}'})}",
            headers={"Authorization": f"Bearer {self.token}"},
        )
        with urllib.request.urlopen(request, timeout=PATIENCE) as stream:
            for line in stream:
                if self.stop.is_set():
                    return
                if line.startswith(b"data:"):
                    self.position = json.loads(line[5:])["position"]
                    self.news.set()

    def _look(self, run: Run) -> None:
        connection = Connection(self.port, self.token)
        while not self.stop.is_set():
            self.news.wait()
            self.news.clear()
            query = urlencode({"post": POST, "limit": SHOWN, "position": self.position})
            page = connection.ask("GET", f"/whistles?{query}")
            now = time.monotonic()
            run.looks += 1
            for item in page["items"]:
                run.seen.setdefault(item["number"], now)

    def wait_until_all_seen(self, run: Run) -> None:
        give_up = time.monotonic() + PATIENCE
        while unseen := run.due.keys() - run.seen.keys():
            if time.monotonic() > give_up:
                raise RuntimeError(f"{len(unseen)} whistles never came to the board")
            time.sleep(0.02)


def share(latencies: Sequence[float], part: float) -> float:
    ordered = sorted(latencies)
    return ordered[min(len(ordered) - 1, int(part * len(ordered)))]


def as_markdown(run: Run) -> str:
    answers, sights = run.answers(), run.sights()
    verdict = "met" if share(sights, 0.99) < TARGET else "**missed**"
    lines = [
        f"## A whistle's way to the board ({PER_SECOND} raises/s for {SECONDS} s, over HTTP)",
        "",
        "| raise → | p50 ms | p99 ms | most ms | target p99 | |",
        "|---|---:|---:|---:|---:|---|",
        f"| answered | {_row(answers)} | | |",
        f"| on the post's board | {_row(sights)} | < {TARGET:.0f} | {verdict} |",
        "",
        f"{len(sights):,} whistles; the board was read {run.looks:,} times meanwhile.",
        "",
    ]
    return "\n".join(lines)


def _row(latencies: Sequence[float]) -> str:
    figures = share(latencies, 0.5), share(latencies, 0.99), max(latencies)
    return " | ".join(f"{figure:,.0f}" for figure in figures)


if __name__ == "__main__":
    main()
