"""The projector: one leader folds new events; other processes wait to replace it."""

import logging
import threading
from collections.abc import Sequence

import psycopg

from tracker.eventstore.connections import Connection, HasDatabaseUrl, connect
from tracker.eventstore.waking import LogListener
from tracker.projections.engine.folding import BATCH, Engine, Projection
from tracker.projections.engine.leadership import wait_to_lead
from tracker.projections.engine.reader import Mapper

log = logging.getLogger(__name__)

LEADERSHIP = "projector"
AFTER_A_LOSS = 0.5  # seconds before the next connection attempt

# A lost commit loses rows and position together, so they are folded again: there is no need to
# wait for the disk.
NO_WAITING = "SET synchronous_commit = off"


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
    ) -> None:
        self._where = where
        self._engine = Engine(projections, mapper, batch=batch)
        self._leadership = leadership
        self._stop = threading.Event()

    def stop(self) -> None:
        """Finish the batch at hand, then return from `run`."""
        self._stop.set()

    def run(self) -> None:
        """Lead, or wait to lead. Begins again each time the connection is lost."""
        while not self._stop.is_set():
            try:
                with connect(self._where, name="projector") as connection:
                    if wait_to_lead(connection, self._leadership, self._stop):
                        self._lead(connection)
            except psycopg.OperationalError as error:
                log.warning("the projector lost the database, and asks for it again: %s", error)
                self._stop.wait(AFTER_A_LOSS)

    def _lead(self, connection: Connection) -> None:
        log.info("this projector leads")
        connection.execute(NO_WAITING)
        self._engine.start(connection)
        with LogListener(self._where) as listener:
            while not self._stop.is_set():
                if not self._engine.turn(connection):
                    listener.wait()
