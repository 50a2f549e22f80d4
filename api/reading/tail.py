"""Follows the end of the log once per process, for all event streams.

One thread reads new events, looks up once which record each belongs to, and keeps the newest
in memory. A stream that resumes from an older position reads the log itself.
"""

import asyncio
import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from eventsourcing.persistence import Notification

from api.door.subjects import WhistleSubject
from tracker.commands.tracker import Tracker
from tracker.domain.errors import UnknownWhistle

KEPT = 4000
BATCH = 500
WHISTLE = "whistle"

About = tuple[str, WhistleSubject]
SubjectLookup = Callable[[Tracker, UUID], About | None]


@dataclass(frozen=True)
class News:
    """An event of the log, and the subject as it is now, which decides who may receive it."""

    position: int
    number: str  # number of the whistle or of a context's record
    event: str
    at: datetime
    subject: WhistleSubject

    @property
    def kind(self) -> str:
        """WHISTLE, or the name of a context."""
        return self.event.partition(".")[0]


class Tail:
    def __init__(
        self,
        tracker: Tracker,
        subject_lookups: Mapping[str, SubjectLookup] | None = None,
        kept: int = KEPT,
    ) -> None:
        """`subject_lookups`: by context name, from a stream id to number and subject."""
        self._tracker = tracker
        self._subject_lookups = {WHISTLE: of_whistle, **(subject_lookups or {})}
        self._topics = tuple(f"{kind}." for kind in self._subject_lookups)
        self._kept = kept
        self._newest: deque[News] = deque(maxlen=kept)
        self._from: int | None = None  # all events above this position are in memory
        self._reached = 0
        self._lock = threading.Lock()
        self._waiting: set[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = set()
        self._thread: threading.Thread | None = None
        self.closing = False

    def start(self) -> None:
        """Start following. The first stream calls this; a process without streams reads nothing."""
        with self._lock:
            if self._thread is None and not self.closing:
                self._from = self._reached = self.end()
                self._thread = threading.Thread(target=self._run, name="log-tail", daemon=True)
                self._thread.start()

    def end(self) -> int:
        return self._tracker.recorder.max_notification_id() or 0

    def close(self) -> None:
        """Wake all streams so that they end."""
        self.closing = True
        self._wake()

    def join(self) -> None:
        if self._thread is not None:
            self._thread.join(timeout=2.0)

    def since(self, position: int) -> tuple[Sequence[News], int]:
        """The news after a position, and the position up to which they are complete."""
        with self._lock:
            if self._from is not None and position >= self._from:
                return [news for news in self._newest if news.position > position], self._reached
        return self._read(position)

    async def wait(self, timeout: float) -> None:
        """Wait for news, at most `timeout` seconds."""
        waiter = (asyncio.get_running_loop(), asyncio.Event())
        self._waiting.add(waiter)
        try:
            await asyncio.wait_for(waiter[1].wait(), timeout)
        except TimeoutError:
            pass
        finally:
            self._waiting.discard(waiter)

    def _run(self) -> None:
        listener = self._tracker.recorder.listener()
        try:
            while not self.closing:
                try:
                    found = self._advance()
                except Exception:  # the database is away; this thread and the streams wait for it
                    found = False
                if not found:
                    listener.wait()
        finally:
            listener.close()

    def _advance(self) -> bool:
        news, reached = self._read(self._reached)
        if reached == self._reached:
            return False
        with self._lock:
            dropped = len(self._newest) + len(news) - self._kept
            if dropped > 0:
                self._from = [*self._newest, *news][dropped - 1].position
            self._newest.extend(news)
            self._reached = reached
        self._wake()
        return True

    def _wake(self) -> None:
        for loop, event in list(self._waiting):
            if not loop.is_closed():
                loop.call_soon_threadsafe(event.set)

    def _read(self, position: int) -> tuple[list[News], int]:
        found = self._tracker.recorder.read(position, BATCH)
        known: dict[UUID, About | None] = {}
        news = [self._news(one, known) for one in found if one.topic.startswith(self._topics)]
        reached = found[-1].id if found else position
        return [one for one in news if one is not None], reached

    def _news(self, one: Notification, known: dict[UUID, About | None]) -> News | None:
        id: Any = one.originator_id
        if id not in known:
            known[id] = self._subject_lookups[one.topic.partition(".")[0]](self._tracker, id)
        about = known[id]
        if about is None:
            return None
        event: Any = self._tracker.mapper.to_domain_event(one)
        return News(one.id, about[0], one.topic, event.timestamp, about[1])


def of_whistle(tracker: Tracker, id: UUID) -> About | None:
    try:
        whistle = tracker.whistle(id)
    except UnknownWhistle:
        return None
    return whistle.number, WhistleSubject.of(whistle)
