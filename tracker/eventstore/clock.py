"""What time it is: the clock of this process, compared with the database's.

One host's clock is no witness. A host whose clock runs a day ahead would record a day of missed
deadlines, and the log keeps them for ever. So every process looks at the database's clock, at most
once a second, and computes its own difference from it without asking again (`ProcessClock`). While
they differ by more than ALLOWED seconds it decides nothing and leads nothing.

`CLOCK` is process-wide, as the city's time zone is: the pages' words and the JSON answers need the
time where no connection is at hand. It is the only place that reads the machine's clock; a time
that is handed in (`--until`, an imported history, a test) is compared with nothing.
"""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from tracker.eventstore.connections import Connection
from tracker.eventstore.recorder import DATABASE_AWAY

log = logging.getLogger(__name__)

ALLOWED = 5.0  # seconds
EVERY = 1.0  # seconds between two looks at the database's clock

ASK = "SELECT clock_timestamp()"


class ClockDisagrees(Exception):
    """This machine's clock and the database's differ too much to decide anything.

    `offset`: seconds by which this machine's is ahead; negative: behind.
    """

    def __init__(self, offset: float) -> None:
        super().__init__(
            f"{difference(offset)}. Nothing was recorded. Set this machine's clock (NTP), or the "
            "database server's, whichever is wrong"
        )
        self.offset = offset


def difference(offset: float) -> str:
    """The difference in words, for the log and /readyz."""
    direction = "ahead of" if offset > 0 else "behind"
    return f"this machine's clock is {abs(offset):.1f} s {direction} the database's"


@dataclass(frozen=True)
class Look:
    """One look at the database's clock: it showed `database` between two moments of this process.

    `before` and `after` are monotonic seconds, which nobody can set.
    """

    database: datetime
    before: float
    after: float


def _machine_time() -> datetime:
    return datetime.now(UTC)


class ProcessClock:
    """The machine's clock, and what is known of the database's.

    From one look the database's time is known until the next, give or take the time that the
    answer took: between `earliest` and `latest`. A machine's clock that is set forward or back is
    noticed at once, without another look.
    """

    def __init__(
        self,
        own: Callable[[], datetime] = _machine_time,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._own = own
        self._monotonic = monotonic
        self._look: Look | None = None
        self._looking = threading.Lock()
        self._agreed = True

    @property
    def unknown(self) -> bool:
        """No look has been taken yet."""
        return self._look is None

    def look(self, connection: Connection) -> None:
        """Look at the database's clock, unless that was done within the last second.

        Also logs when the two begin to differ, and when they agree again.
        """
        with self._looking:
            if self._look is None or self._monotonic() - self._look.before >= EVERY:
                before = self._monotonic()
                row = connection.execute(ASK).fetchone()
                assert row is not None, "a SELECT without FROM gives one row"
                self._look = Look(row[0], before, self._monotonic())
        self._log_change()

    def _log_change(self) -> None:
        if self.agrees == self._agreed:
            return
        self._agreed = not self._agreed
        if self._agreed:
            log.warning("this machine's clock agrees with the database's again")
        else:
            log.error(
                "%s: this process records nothing and leads nothing until they differ by no more "
                "than %.0f s",
                difference(self.offset),
                ALLOWED,
            )

    @property
    def offset(self) -> float:
        """Seconds by which the machine's clock is ahead at least; negative: behind; 0: unknown."""
        if self._look is None:
            return 0.0
        own, earliest, latest = self._own(), *self._database_now(self._look)
        if own > latest:
            return (own - latest).total_seconds()
        return min(0.0, (own - earliest).total_seconds())

    @property
    def agrees(self) -> bool:
        return abs(self.offset) <= ALLOWED

    def must_agree(self) -> None:
        """Raises ClockDisagrees."""
        offset = self.offset
        if abs(offset) > ALLOWED:
            raise ClockDisagrees(offset)

    def now(self) -> datetime:
        """The machine's time or the database's, whichever is less; never refuses.

        While the two disagree it is the database's, so that a page shows the right ages.
        """
        own = self._own()
        if self._look is None:
            return own
        earliest, latest = self._database_now(self._look)
        if own > latest or earliest - own > timedelta(seconds=ALLOWED):
            return earliest
        return own

    def _database_now(self, look: Look) -> tuple[datetime, datetime]:
        ticks = self._monotonic()
        return (
            look.database + timedelta(seconds=ticks - look.after),
            look.database + timedelta(seconds=ticks - look.before),
        )


CLOCK = ProcessClock()


@contextmanager
def watching(connection: Callable[[], AbstractContextManager[Connection]]) -> Iterator[None]:
    """Look at the database's clock every second while the block runs.

    For a process that answers people: no command waits for a look.
    """
    ended = threading.Event()

    def watch() -> None:
        while not ended.wait(EVERY):
            look_at_database_clock(connection)

    look_at_database_clock(connection)
    thread = threading.Thread(target=watch, name="clock", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join(timeout=EVERY)


def look_at_database_clock(connection: Callable[[], AbstractContextManager[Connection]]) -> None:
    """Look, unless the database is away: then nothing can be recorded anyway."""
    try:
        with connection() as one:
            CLOCK.look(one)
    except DATABASE_AWAY as error:
        log.debug("the database's clock was not seen: %s", error)
