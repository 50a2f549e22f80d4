"""Which scheduler leads, and how far its sweep is: one row that the leader updates."""

import os
import socket
from dataclasses import dataclass
from datetime import datetime

from psycopg.rows import class_row

from tracker.eventstore.connections import Connection

SILENCE = 10.0  # seconds without a beat after which no scheduler counts as leader


@dataclass(frozen=True)
class Heartbeat:
    """`swept_to`: everything that was due before it is recorded. `silent_for` in seconds.

    `failures` counts the whistles that the last sweep could not move; `error` is the first one's.
    `refused`: a scheduler that may not lead now, and by how much its clock is wrong.
    """

    leader: str | None
    since: datetime | None
    swept_to: datetime | None
    silent_for: float | None
    failures: int
    error: str | None
    refused: str | None

    @property
    def alive(self) -> bool:
        return self.silent_for is not None and self.silent_for < SILENCE


# One row.
READ = """
    SELECT leader, since, swept_to, failures, error,
           extract(epoch FROM now() - beat_at)::float8 AS silent_for,
           CASE WHEN refused_at > now() - interval '10 seconds' THEN refused END AS refused
      FROM scheduler
"""


def heartbeat(connection: Connection) -> Heartbeat:
    """Read the row, for /readyz and /metrics."""
    with connection.cursor(row_factory=class_row(Heartbeat)) as cursor:
        found = cursor.execute(READ).fetchone()
    assert found is not None, "the migration puts the one row in"
    return found


TAKE_OVER = "UPDATE scheduler SET leader = %(leader)s, since = now(), beat_at = now()"
BEAT = "UPDATE scheduler SET beat_at = now()"
STEP_DOWN = "UPDATE scheduler SET leader = NULL, since = NULL, beat_at = NULL"

# If the clock jumps backwards, swept_to stays; but it never stays beyond the database's now, where
# a scheduler with a wrong clock may have put it before clocks were compared.
SWEPT = """
    UPDATE scheduler
       SET swept_to = greatest(
               CASE WHEN swept_to <= clock_timestamp() THEN swept_to END, %(to)s),
           failures = %(failures)s, error = %(error)s
"""
REFUSED = "UPDATE scheduler SET refused = %(refused)s, refused_at = now()"


def take_over(connection: Connection) -> None:
    connection.execute(TAKE_OVER, {"leader": _this_process()})


def _this_process() -> str:
    return f"{socket.gethostname()} {os.getpid()}"


def beat(connection: Connection) -> None:
    connection.execute(BEAT)


def step_down(connection: Connection) -> None:
    connection.execute(STEP_DOWN)


def record_sweep(connection: Connection, to: datetime, failures: int, error: str | None) -> None:
    connection.execute(SWEPT, {"to": to, "failures": failures, "error": error})


def record_refusal(connection: Connection, why: str) -> None:
    """This process may not lead, and says why where /readyz of any web process shows it."""
    connection.execute(REFUSED, {"refused": f"{_this_process()}: {why}"})
