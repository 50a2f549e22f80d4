"""What happens, as it happens: within the caller's rights, resumed where it broke off."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn

from api.app import create_app
from api.reading.tail import Tail
from tests.api.web import IN_CP02, IN_CP09, V1, VIOLENCE
from tests.made_of import DEMO_PASSWORD, SECRET
from tests.waiting import PATIENCE
from tracker.commands.tracker import Tracker
from tracker.settings import Settings

UVICORN = [sys.executable, "-m", "uvicorn", "--factory", "api.app:create_app", "--no-access-log"]


@contextmanager
def serving(settings: Settings) -> Iterator[str]:
    """A real server on a free port, in a thread of this process."""
    # Its protocol named, asyncio turns Nagle's algorithm off; else each answer is 40 ms late.
    with socket.socket(proto=socket.IPPROTO_TCP) as listening:
        listening.bind(("127.0.0.1", 0))
        app = create_app(settings)
        config = uvicorn.Config(app, log_level="warning", access_log=False)
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, args=([listening],))
        thread.start()
        address = f"http://127.0.0.1:{listening.getsockname()[1]}{V1}"
        try:
            _await_start(address)
            yield address
        finally:
            server.should_exit = True
            app.state.tail.close()
            thread.join()


def _await_start(address: str) -> None:
    transport = httpx.HTTPTransport(retries=8)
    with httpx.Client(transport=transport, timeout=PATIENCE) as client:
        client.get(f"{address}/directory/sla-classes").raise_for_status()


@pytest.fixture(scope="module")
def address(module_city: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    var: Path = tmp_path_factory.mktemp("var")
    settings = Settings(database_url=module_city, var=var, secret_key=SECRET)
    with serving(settings) as address:
        yield address


def bearer(address: str, username: str) -> dict[str, str]:
    login = {"username": username, "password": DEMO_PASSWORD}
    answer = httpx.post(f"{address}/sessions", json=login, timeout=PATIENCE)
    return {"Authorization": f"Bearer {answer.json()['token']}"}


def raised(address: str, **fields: Any) -> dict[str, Any]:
    answer = httpx.post(f"{address}/whistles", json={"text": "a", **fields}, timeout=PATIENCE)
    return dict(answer.json())


def news(
    address: str, headers: dict[str, str], count: int, of: str = "/stream", **asked: str
) -> list[dict[str, Any]]:
    """The next `count` events of the stream."""
    found: list[dict[str, Any]] = []
    with httpx.stream(
        "GET", f"{address}{of}", headers=headers, params=asked, timeout=PATIENCE
    ) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        for line in answer.iter_lines():
            if line.startswith("data: "):
                found.append(json.loads(line.removeprefix("data: ")))
            if len(found) == count:
                return found
    return found


def test_a_stream_resumes_after_the_last_event_that_was_heard(address: str) -> None:
    city = bearer(address, "city")
    first, second = raised(address, location=IN_CP02), raised(address, location=IN_CP02)

    from_start = news(address, {**city, "Last-Event-ID": "0"}, 2)
    resumed = news(address, {**city, "Last-Event-ID": str(first["position"])}, 1)

    assert [one["whistle"] for one in from_start] == [first["number"], second["number"]]
    assert resumed == from_start[1:]
    assert set(resumed[0]) == {"position", "whistle", "event", "at"}
    assert (resumed[0]["position"], resumed[0]["event"]) == (second["position"], "whistle.raised")


def test_a_stream_begins_where_the_page_stood_that_opens_it(address: str) -> None:
    headers = bearer(address, "city")
    stood = raised(address, location=IN_CP02)["position"]
    between = raised(address, location=IN_CP02)

    told = news(address, headers, 1, scope="city", after=str(stood))

    assert [one["whistle"] for one in told] == [between["number"]]


def test_a_stream_tells_what_happens_while_it_is_open(address: str) -> None:
    city, told = bearer(address, "city"), threading.Event()
    numbers: list[str] = []

    def keep_raising() -> None:
        while not told.wait(0.1):
            numbers.append(raised(address, location=IN_CP02)["number"])

    raising = threading.Thread(target=keep_raising)
    raising.start()
    try:
        heard = news(address, city, 2)
    finally:
        told.set()
        raising.join()

    assert {one["whistle"] for one in heard} <= set(numbers)


def test_a_stream_tells_only_of_whistles_that_the_caller_may_read(address: str) -> None:
    before = str(raised(address, location=IN_CP09)["position"])
    hidden = raised(address, location=IN_CP02, category=VIOLENCE)
    shown = raised(address, location=IN_CP02)

    worker = bearer(address, "gw-53250300100201")
    heard = news(address, {**worker, "Last-Event-ID": before}, 1)
    commander = bearer(address, "commander-cp02")
    known = news(address, {**commander, "Last-Event-ID": before}, 1)

    assert heard[0]["whistle"] == shown["number"]
    assert known[0]["whistle"] == hidden["number"]


def test_a_stream_is_narrowed_by_its_scope(address: str) -> None:
    city = bearer(address, "city")
    before = str(raised(address, location=IN_CP02)["position"])
    raised(address, location=IN_CP02)
    wanted = raised(address, location=IN_CP09)

    heard = news(address, {**city, "Last-Event-ID": before}, 1, scope="post:CP09")

    assert heard[0]["whistle"] == wanted["number"]


def summoned(address: str, headers: dict[str, str], *units: str) -> dict[str, Any]:
    meet_at = datetime.now(UTC).isoformat()
    said = {"units": units, "meet_at": meet_at, "reason": "会商", "address": "南湖"}
    answer = httpx.post(f"{address}/summonses", json=said, headers=headers, timeout=PATIENCE)
    return dict(answer.json())


@pytest.mark.contexts
def test_who_is_called_and_arrives_is_told_to_those_who_may_read_it(address: str) -> None:
    desk, city = bearer(address, "dispatcher-cp02"), bearer(address, "city")
    before = str(raised(address, location=IN_CP02)["position"])
    first, second = summoned(address, desk, "U02"), summoned(address, desk, "U01", "U02")
    ended = f"{address}/summonses/{second['number']}/end"
    httpx.post(ended, json={"note": "已办完"}, headers=desk, timeout=PATIENCE)
    of = "/stream/summonses"

    unit = news(address, {**bearer(address, "liaison-u01"), "Last-Event-ID": before}, 2, of)
    whole = news(address, city, 3, of, after=before)
    one = news(address, city, 1, of, after=before, number=first["number"])
    resumed = news(address, {**city, "Last-Event-ID": str(second["position"])}, 1, of)

    assert [told["event"] for told in unit] == ["summons.summoned", "summons.ended"]
    assert {told["summons"] for told in unit} == {second["number"]}
    assert [told["summons"] for told in whole] == [first["number"], *[second["number"]] * 2]
    assert one == whole[:1]
    assert resumed == whole[2:]


@pytest.mark.parametrize("given", ["abc", "-1", "9" * 30])
def test_a_resume_from_nowhere_is_refused(address: str, given: str) -> None:
    headers = {**bearer(address, "city"), "Last-Event-ID": given}

    answer = httpx.get(f"{address}/stream", headers=headers, timeout=PATIENCE)

    assert (answer.status_code, answer.json()["code"]) == (422, "stream.bad_event_id")


def test_an_open_stream_does_not_keep_the_server_from_ending(
    module_city: str, tmp_path: Path
) -> None:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        address = f"http://127.0.0.1:{listening.getsockname()[1]}{V1}"
        server = subprocess.Popen(
            [*UVICORN, "--fd", str(listening.fileno())],
            env={
                **os.environ,
                "DATABASE_URL": module_city,
                "TRACKER_VAR": str(tmp_path),
                "TRACKER_SECRET_KEY": SECRET,
            },
            pass_fds=[listening.fileno()],
        )
    try:
        _await_start(address)
        headers = bearer(address, "city")
        with httpx.stream("GET", f"{address}/stream", headers=headers, timeout=PATIENCE) as answer:
            lines = answer.iter_lines()
            next(lines)
            server.terminate()
            ended = all(not line.startswith("data: ") for line in lines)
        assert ended
        assert server.wait(PATIENCE) in (0, -signal.SIGTERM)
    finally:
        server.kill()
        server.wait()


def test_what_left_the_memory_is_read_from_the_log(
    module_city: str, tmp_path: Path, address: str
) -> None:
    settings = Settings(database_url=module_city, var=tmp_path, secret_key=SECRET)
    with Tracker(settings) as tracker:
        tail = Tail(tracker, kept=2)
        tail.start()
        before = tail.end()
        numbers = [raised(address)["number"] for _ in range(5)]

        heard: list[str] = []
        position = before
        while len(heard) < 5:
            found, position = tail.since(position)
            heard += [one.number for one in found]
        tail.close()
        tail.join()

    assert heard == numbers
