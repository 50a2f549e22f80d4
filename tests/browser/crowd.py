"""A city centre on a bad day: hundreds of open whistles at one post, twenty changes a second."""

import threading
import time
from collections import deque
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from tests.browser.people import GRID, NOBODY
from tests.giving import actor_named, command_named
from tracker.commands.fields import GridRef
from tracker.commands.tracker import Tracker
from tracker.commands.whistle.ending import Withdraw
from tracker.commands.whistle.raising import Raise

SOON, LATER = (
    "E0101",
    "E0708",
)  # litter is to be answered before help is: what is new stands between
HANDS = 8  # that raise at once; the log takes them one after the other
# A second of changes: most are looked at and sent on, some come, a few are taken back.
SECOND = ("classify", "classify", "dispatch", "classify", "raise") * 3 + (
    *("classify", "dispatch", "withdraw", "classify", "dispatch"),
)


class Crowd:
    """`waiting` are the untouched, oldest first; `changed` and `new` what happened since."""

    def __init__(self, tracker: Tracker) -> None:
        self.tracker, self.position = tracker, 0
        self.waiting: deque[str] = deque()
        self.sorted: deque[str] = deque()
        self.kept: set[str] = set()  # somebody looks at these: nothing happens to them
        self.changed: set[str] = set()
        self.new: list[str] = []
        self.gone: set[str] = set()

    def gather(self, many: int) -> None:
        with ThreadPoolExecutor(HANDS) as hands:
            self.waiting += hands.map(self.come, (SOON, LATER) * (many // 2))

    def come(self, category: str) -> str:
        done = self.tracker.open(
            Raise(text="路口一堆东西没人管", category=category, location=GridRef(GRID)),
            **by(NOBODY),
        )
        self.position = max(self.position, done.position)
        return str(done.aggregate.number)

    def change(self, what: str) -> None:
        if what == "raise":
            self.new.append(self.come(SOON))
        elif what == "dispatch" and self.sorted:
            self.give("dispatcher-cp01", "dispatch", self.sorted.popleft(), lead="U01")
        elif what == "withdraw":
            self.gone.add(number := self.next())
            self.done(self.tracker.give(Withdraw(), number, **by(NOBODY)).position)
        else:
            number = self.next()
            category = self.tracker.whistle(number).category
            self.give("intake-cp01", "classify", number, category=category)
            self.sorted.append(number)

    def next(self) -> str:
        return next(number for number in iter(self.waiting.popleft, "") if number not in self.kept)

    def give(self, account: str, command: str, number: str, **fields: Any) -> None:
        actor = actor_named(self.tracker, account)
        done = self.tracker.give(command_named(command, **fields), number, **by(actor))
        self.changed.add(number)
        self.done(done.position)

    def done(self, position: int) -> None:
        self.position = max(self.position, position)

    @contextmanager
    def busy(self, seconds: int) -> Iterator[threading.Thread]:
        """Twenty changes a second meanwhile, by real commands; all of them are made at the end."""
        failed: list[Exception] = []

        def work() -> None:
            try:
                start = time.monotonic()
                for n, what in enumerate(SECOND * seconds):
                    time.sleep(max(0.0, start + n / len(SECOND) - time.monotonic()))
                    self.change(what)
            except Exception as error:  # told where it was waited for
                failed.append(error)

        working = threading.Thread(target=work)
        working.start()
        yield working
        working.join()
        if failed:
            raise failed[0]


def by(actor: Any) -> dict[str, Any]:
    return {"actor": actor, "at": datetime.now(UTC)}
