"""The projector: one leader folds new events; other processes wait to replace it.

A projection that is new, or whose code is of a newer version than its tables, is not folded here:
a `Beside` makes its tables anew in a process of its own, and swaps them in. Until then the living
tables serve; a projector of the older version, if one still runs, keeps folding them, and gives up
leadership once a newer version's tables are in.
"""

import logging
import threading
import time
from collections.abc import Sequence
from typing import Protocol

import psycopg

from tracker.eventstore.connections import Connection, HasDatabaseUrl, connect
from tracker.eventstore.waking import LogListener
from tracker.projections.engine.folding import BATCH, Engine, Projection
from tracker.projections.engine.leadership import wait_to_lead
from tracker.projections.engine.positions import NewerServes
from tracker.projections.engine.reader import Mapper

log = logging.getLogger(__name__)

LEADERSHIP = "projector"
AFTER_A_LOSS = 0.5  # seconds before the next connection attempt

# A lost commit loses rows and position together, so they are folded again: there is no need to
# wait for the disk.
NO_WAITING = "SET synchronous_commit = off"

LOOK_EVERY = 1.0  # seconds between two looks whether there is anything to rebuild
SHORT = 2_000  # events of a log that a new projection may fold from its beginning, with the others

# Served by stored_events_position; counting stops at SHORT.
IS_LONG = """
    SELECT count(*) > %(short)s FROM (SELECT FROM stored_events LIMIT %(short)s + 1) AS beginning
"""


class Beside(Protocol):
    """Rebuilds new and changed projections, beside the projector that asks for it."""

    def begin(self) -> None:
        """Rebuild what is new or changed, unless that is being done, or has just failed."""

    def stop(self) -> None: ...


class Projector:
    """Keeps projections up to date until `stop`. `folded` is set when nothing is left to fold."""

    def __init__(
        self,
        where: HasDatabaseUrl | str,
        projections: Sequence[Projection],
        mapper: Mapper,
        *,
        batch: int = BATCH,
        leadership: str = LEADERSHIP,
        beside: Beside | None = None,
    ) -> None:
        """Without `beside`, new projections are folded from the beginning with the others, and
        changed ones wait for `tracker rebuild`."""
        self._where = where
        self._engine = Engine(projections, mapper, batch=batch)
        self._leadership = leadership
        self._stop = threading.Event()
        self._beside = beside
        self._look_at = 0.0
        self._told = ""

    def stop(self) -> None:
        """Finish the batch at hand, then return from `run`."""
        self._stop.set()

    def run(self) -> None:
        """Lead, or wait to lead. Begins again each time the connection is lost."""
        while not self._stop.is_set():
            try:
                with connect(self._where, name="projector") as connection:
                    self._engine.must_be_newest(connection)
                    if wait_to_lead(connection, self._leadership, self._stop):
                        self._lead(connection)
            except psycopg.OperationalError as error:
                log.warning("the projector lost the database, and asks for it again: %s", error)
                self._stop.wait(AFTER_A_LOSS)
            except NewerServes as newer:
                self._tell(newer)
                self._stop.wait(AFTER_A_LOSS)

    def _tell(self, newer: NewerServes) -> None:
        if str(newer) != self._told:
            self._told = str(newer)
            log.warning("this projector does not lead: %s", newer)

    def _lead(self, connection: Connection) -> None:
        self._engine.must_be_newest(connection)  # again: a rebuild may have ended meanwhile
        log.info("this projector leads")
        connection.execute(NO_WAITING)
        if self._beside is not None and _is_long(connection):
            self._engine.leave_new_ones_to_a_rebuild(connection)
        self._engine.start(connection)
        try:
            with LogListener(self._where) as listener:
                self._fold(connection, listener)
        finally:
            if self._beside is not None:
                self._beside.stop()

    def _fold(self, connection: Connection, listener: LogListener) -> None:
        while not self._stop.is_set():
            self._have_rebuilt(connection)
            if not self._engine.turn(connection):
                listener.wait()

    def _have_rebuilt(self, connection: Connection) -> None:
        """Once a second: if anything is new or changed, have it rebuilt."""
        if self._beside is None or time.monotonic() < self._look_at:
            return
        self._look_at = time.monotonic() + LOOK_EVERY
        if self._engine.outdated(connection):
            self._beside.begin()


def _is_long(connection: Connection) -> bool:
    row = connection.execute(IS_LONG, {"short": SHORT}).fetchone()
    return row is not None and bool(row[0])
