"""Clients under whom the service may die: they ask again under the same key, and keep a ledger."""

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import httpx

from tests.faults.wire import IN_CP02, LITTER, Caller
from tests.waiting import PATIENCE

AGAIN = 0.1  # seconds until a client asks again

# From the first word to a unit at work: who gives the command, and the event that it leaves.
STEPS: Sequence[tuple[str, str, dict[str, Any]]] = (
    ("city", "classify", {"category": LITTER}),
    ("city", "pool", {}),
    ("liaison-u01", "claim", {}),
    ("liaison-u01", "acknowledge", {}),
    ("liaison-u01", "respond", {"kind": "arrival", **IN_CP02}),
)
EVENT_OF = {
    "raise": "whistle.raised",
    "classify": "whistle.classified",
    "pool": "whistle.pooled",
    "claim": "whistle.claimed",
    "acknowledge": "whistle.acknowledged",
    "respond": "whistle.responded",
}


@dataclass(frozen=True)
class Acknowledged:
    """One line of a client's ledger: what it was told was done.

    `asked_at` is when the request left that was answered at last, in monotonic seconds.
    """

    key: str
    command: str
    number: str
    position: int
    asked_at: float


@dataclass(frozen=True)
class Trouble:
    """An answer that a client should never get, whatever was killed."""

    command: str
    status: int
    text: str


class Client:
    """One person after another's whistle: raises, handles, raises again, until told to stop."""

    def __init__(self, url: str, tokens: dict[str, str]) -> None:
        self.nobody = Caller(url)
        self.callers = {name: Caller(url, token) for name, token in tokens.items()}
        self.ledger: list[Acknowledged] = []
        self.troubles: list[Trouble] = []
        self.unheard = 0  # requests whose answer never came, or was a 503

    def work(self, stop: threading.Event) -> None:
        while not stop.is_set():
            number = self.raises()
            for username, command, body in STEPS:
                if stop.is_set() or number is None:
                    break
                path = f"/whistles/{number}/commands/{command}"
                self.acknowledged(self.callers[username], path, command, body)

    def raises(self) -> str | None:
        body = {"text": "垃圾没人扫", "location": IN_CP02, "category": LITTER}
        return self.acknowledged(self.nobody, "/whistles", "raise", body)

    def acknowledged(
        self, caller: Caller, path: str, command: str, body: dict[str, object]
    ) -> str | None:
        """Ask under one key until there is an answer; the whistle's number when it was done."""
        key, give_up = str(uuid4()), time.monotonic() + PATIENCE
        while (asked_at := time.monotonic()) < give_up:
            try:
                answer = caller.post(path, body, key=key)
            except httpx.TransportError:
                answer = None
            if answer is not None and answer.status_code != 503:
                return self.note(answer, key, command, asked_at)
            self.unheard += 1
            time.sleep(AGAIN)
        self.troubles.append(Trouble(command, 0, "never answered"))
        return None

    def note(self, answer: httpx.Response, key: str, command: str, asked_at: float) -> str | None:
        if answer.status_code not in (200, 201):
            self.troubles.append(Trouble(command, answer.status_code, answer.text))
            return None
        told = answer.json()
        line = Acknowledged(key, command, told["number"], told["position"], asked_at)
        self.ledger.append(line)
        return line.number

    def close(self) -> None:
        for caller in (self.nobody, *self.callers.values()):
            caller.close()


class Load:
    """Some clients at once; `under_load` while the block runs, and all answered at its end."""

    def __init__(self, url: str, tokens: dict[str, str], clients: int = 4) -> None:
        self.clients = [Client(url, tokens) for _ in range(clients)]
        self._stop = threading.Event()
        self._threads: list[threading.Thread] = []

    def __enter__(self) -> "Load":
        self._stop.clear()
        self._threads = [
            threading.Thread(target=client.work, args=[self._stop]) for client in self.clients
        ]
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def close(self) -> None:
        for client in self.clients:
            client.close()

    @property
    def ledger(self) -> list[Acknowledged]:
        return [line for client in self.clients for line in client.ledger]

    def raised_since(self, moment: float) -> bool:
        """Whether a whistle was raised that nobody had asked for before that moment."""
        return any(line.command == "raise" and line.asked_at > moment for line in self.ledger)

    @property
    def troubles(self) -> list[Trouble]:
        return [trouble for client in self.clients for trouble in client.troubles]

    @property
    def unheard(self) -> int:
        return sum(client.unheard for client in self.clients)
