"""Wake-ups: readers that follow the log are notified of new events, and also poll now and then.

All transactions that use NOTIFY wait for one lock, so appends do not send it. One thread per
process sends it after the commit, at most every 20 ms. If a wake-up is lost, a reader is half a
second late at most.
"""

import threading
from types import TracebackType
from typing import Self

import psycopg

from tracker.eventstore.connections import Connection, HasDatabaseUrl, connect

CHANNEL = "shaodao_log"
COALESCED = 0.020
SHORTEST_POLL = 0.020
LONGEST_POLL = 0.500

NOTIFY = "NOTIFY shaodao_log"
LISTEN = "LISTEN shaodao_log"


class Waker:
    """Sends the wake-ups of one process. The thread starts with the first one."""

    def __init__(self, where: HasDatabaseUrl | str) -> None:
        self._where = where
        self._wanted = threading.Event()
        self._closing = threading.Event()
        self._starting = threading.Lock()
        self._thread: threading.Thread | None = None

    def wake(self) -> None:
        """Events were committed. Returns at once."""
        if not self._wanted.is_set():
            self._wanted.set()
            if self._thread is None:
                self._start()

    def close(self) -> None:
        """Send a wake-up that is still due, then stop."""
        self._closing.set()
        self._wanted.set()
        if self._thread is not None:
            self._thread.join(timeout=2.0)

    def _start(self) -> None:
        with self._starting:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="log-waker", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        connection: Connection | None = None
        while not self._closing.is_set():
            self._wanted.wait()
            self._wanted.clear()
            connection = self._send(connection)
            self._closing.wait(COALESCED)
        if connection is not None:
            connection.close()

    def _send(self, connection: Connection | None) -> Connection | None:
        """Returns the connection for the next time. None after a failure: readers poll anyway."""
        try:
            if connection is None or connection.closed:
                connection = connect(self._where, name="waker")
            connection.execute(NOTIFY)
        except psycopg.Error:
            return None
        return connection


class LogListener:
    """Tells one thread when to look at the log again.

        while running:
            if not handle(recorder.read(after, limit)):
                listener.wait()

    Use it as a context manager, or `close` it.
    """

    def __init__(self, where: HasDatabaseUrl | str) -> None:
        self._where = where
        self._connection: Connection | None = None
        self._poll = SHORTEST_POLL
        self._closed = threading.Event()

    def wait(self) -> bool:
        """Wait until events were committed (True), or until it is time to poll (False).

        After a wake-up the pauses are short again, because the new events may still be above the
        horizon. Without one they grow from 20 to 500 ms, also while the server is away.
        """
        woken = self._listen(self._poll)
        self._poll = SHORTEST_POLL if woken else min(self._poll * 2, LONGEST_POLL)
        return woken

    def _listen(self, timeout: float) -> bool:
        try:
            return any(True for _ in self._listening().notifies(timeout=timeout, stop_after=1))
        except psycopg.Error:
            self._forget()
            self._closed.wait(timeout)
            return False

    def _listening(self) -> Connection:
        if self._connection is None:
            self._connection = connect(self._where, name="listener")
            self._connection.execute(LISTEN)
        return self._connection

    def _forget(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def close(self) -> None:
        self._closed.set()
        self._forget()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()
