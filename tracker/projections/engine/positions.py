"""The position that each projection has reached, and how a reader waits for one."""

import time
from collections.abc import Iterable
from dataclasses import dataclass

from psycopg.rows import class_row

from tracker.eventstore.connections import Connection

FIRST_PAUSE, LONGEST_PAUSE = 0.002, 0.02  # seconds between two looks of `wait_for`
COUNTED = 10_000  # a longer lag is reported as this number


class Overtaken(Exception):
    """Another leader, or the swap of a rebuild, has moved this projection in the meantime."""


@dataclass(frozen=True)
class ProjectionStatus:
    """How far a projection is. `failed_at` is the event that stopped it, and `error` says why.

    `lag` counts the events that it has not folded yet, up to COUNTED; `age` is the seconds since
    it last had all of them, 0 if it has them now.
    """

    name: str
    position: int
    lag: int
    age: float
    failed_at: int | None
    error: str | None
    rebuilding: bool


# Served by stored_events_position; counting stops at COUNTED.
POSITIONS = """
    SELECT p.name, p.position, waiting.lag::int,
           CASE WHEN waiting.lag = 0 THEN 0
                ELSE extract(epoch FROM now() - p.updated_at) END::float8 AS age,
           p.failed_at_position AS failed_at, p.error, p.shadow IS NOT NULL AS rebuilding
      FROM projection_positions p,
           LATERAL (SELECT count(*) AS lag
                      FROM (SELECT FROM stored_events e
                             WHERE e.position > p.position LIMIT %(counted)s) AS ahead) AS waiting
     ORDER BY p.name
"""


def positions(connection: Connection) -> list[ProjectionStatus]:
    """Every projection, for `tracker positions`, /readyz and /metrics."""
    with connection.cursor(row_factory=class_row(ProjectionStatus)) as cursor:
        return cursor.execute(POSITIONS, {"counted": COUNTED}).fetchall()


# Served by the primary key, as are the others below.
PASSED = """
    SELECT position >= %(position)s, failed_at_position IS NOT NULL
      FROM projection_positions WHERE name = %(name)s
"""


def wait_for(connection: Connection, name: str, position: int, timeout: float = 2.0) -> bool:
    """Wait until the projection `name` has folded `position`. False: not within `timeout` seconds.

    If an event has stopped the projection, it returns at once.
    """
    patience, pause = time.monotonic() + timeout, FIRST_PAUSE
    while True:
        row = connection.execute(PASSED, {"name": name, "position": position}).fetchone()
        passed, failed = row or (False, False)
        if passed or failed or time.monotonic() >= patience:
            return bool(passed)
        time.sleep(pause)
        pause = min(pause * 1.5, LONGEST_PAUSE)


def caught_up(connection: Connection, names: Iterable[str]) -> bool:
    """Whether each of these has folded the whole log, or was stopped by an event."""
    there = {standing.name: standing for standing in positions(connection)}
    return all(
        name in there and (there[name].lag == 0 or there[name].failed_at is not None)
        for name in names
    )


FOLDED_TO = "SELECT position FROM projection_positions WHERE name = %(name)s"


def folded_to(connection: Connection, name: str) -> int:
    """The position up to which the projection has folded the log."""
    row = connection.execute(FOLDED_TO, {"name": name}).fetchone()
    return int(row[0]) if row else 0


ADD_MISSING = "INSERT INTO projection_positions (name) VALUES (%s) ON CONFLICT DO NOTHING"

CLEAR_FAILURES = """
    UPDATE projection_positions SET failed_at_position = NULL, error = NULL
     WHERE name = ANY(%s) AND failed_at_position IS NOT NULL
"""


def add_missing(connection: Connection, names: Iterable[str]) -> None:
    """Add a row for each new projection, at the beginning of the log."""
    for name in names:
        connection.execute(ADD_MISSING, [name])


def clear_failures(connection: Connection, names: Iterable[str]) -> None:
    """Let projections that failed try again."""
    connection.execute(CLEAR_FAILURES, [list(names)])


RUNNING = """
    SELECT name, position FROM projection_positions
     WHERE name = ANY(%s) AND failed_at_position IS NULL
"""


def running(connection: Connection, names: Iterable[str]) -> dict[str, int]:
    """The positions of the projections in `names` that have not failed."""
    return dict(connection.execute(RUNNING, [list(names)]).fetchall())


MOVE = """
    UPDATE projection_positions
       SET position = %(to)s, updated_at = CASE WHEN %(current)s THEN now() ELSE updated_at END
     WHERE name = %(name)s AND position = %(was)s
"""


def advance(connection: Connection, name: str, was: int, to: int, *, current: bool) -> None:
    """Advance from `was`, or raise Overtaken. Locks the row, so a fold calls it before it writes.

    `current`: there is nothing more to fold at this moment.
    """
    parameters = {"name": name, "was": was, "to": to, "current": current}
    if connection.execute(MOVE, parameters).rowcount != 1:
        raise Overtaken(name)


CURRENT = "UPDATE projection_positions SET updated_at = now() WHERE name = ANY(%s)"


def mark_current(connection: Connection, names: Iterable[str]) -> None:
    """Set the time at which they were last current to now: there are no new events."""
    connection.execute(CURRENT, [list(names)])


FAIL = """
    UPDATE projection_positions SET failed_at_position = %(position)s, error = %(error)s
     WHERE name = %(name)s
"""


def record_failure(connection: Connection, name: str, position: int, error: str) -> None:
    connection.execute(FAIL, {"name": name, "position": position, "error": error})
