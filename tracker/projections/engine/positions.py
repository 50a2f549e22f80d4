"""The position that each projection has reached, and how a reader waits for one."""

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from psycopg.rows import class_row

from tracker.eventstore.connections import Connection

FIRST_PAUSE, LONGEST_PAUSE = 0.002, 0.02  # seconds between two looks of `wait_for`
COUNTED = 10_000  # a longer lag is reported as this number


class Overtaken(Exception):
    """Another leader, or the swap of a rebuild, has moved this projection in the meantime."""


class NewerServes(Exception):
    """The tables of these projections were folded by a newer version of the tracker."""

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__(
            f"a newer version of the tracker folds {', '.join(names)}: this one is to be replaced"
        )


class Versioned(Protocol):
    """A projection's name, and the version of its code: raised when old rows would be wrong."""

    @property
    def name(self) -> str: ...

    @property
    def version(self) -> int: ...


@dataclass(frozen=True)
class ProjectionStatus:
    """How far a projection is. `failed_at` is the event that stopped it, and `error` says why.

    `lag` counts the events that it has not folded yet, up to COUNTED; `age` is the seconds since
    it last had all of them, 0 if it has them now. `version` is that of the code that folded its
    tables, 0 while a new projection is being filled; `shadow_error` says why filling failed.
    """

    name: str
    position: int
    lag: int
    age: float
    failed_at: int | None
    error: str | None
    rebuilding: bool
    version: int
    shadow_error: str | None

    @property
    def stands_still(self) -> str | None:
        """Why it does not go on; None: it does."""
        return self.error or self.shadow_error


# Served by stored_events_position; counting stops at COUNTED.
POSITIONS = """
    SELECT p.name, p.position, waiting.lag::int,
           CASE WHEN waiting.lag = 0 THEN 0
                ELSE extract(epoch FROM now() - p.updated_at) END::float8 AS age,
           p.failed_at_position AS failed_at, p.error, p.shadow IS NOT NULL AS rebuilding,
           p.version, p.shadow_error
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


ADD_MISSING = """
    INSERT INTO projection_positions (name, version) VALUES (%(name)s, %(version)s)
    ON CONFLICT DO NOTHING
"""

CLEAR_FAILURES = """
    UPDATE projection_positions
       SET failed_at_position = NULL, error = NULL, shadow_error = NULL
     WHERE name = ANY(%s) AND (failed_at_position IS NOT NULL OR shadow_error IS NOT NULL)
"""

NOT_YET = 0  # the version of a projection whose tables nobody has folded


def add_missing(
    connection: Connection, projections: Iterable[Versioned], version: int | None = None
) -> None:
    """Add a row for each new projection, at the beginning of the log.

    `version` NOT_YET: its tables are filled by a rebuild, and nobody folds them until then.
    """
    for one in projections:
        connection.execute(
            ADD_MISSING, {"name": one.name, "version": one.version if version is None else version}
        )


def clear_failures(connection: Connection, names: Iterable[str]) -> None:
    """Let projections that failed try again."""
    connection.execute(CLEAR_FAILURES, [list(names)])


RUNNING = """
    SELECT name, version, position, failed_at_position IS NOT NULL FROM projection_positions
     WHERE name = ANY(%s)
"""


def running(connection: Connection, projections: Iterable[Versioned]) -> dict[str, int]:
    """The positions of those that can be folded: of this version, and not failed.

    Raises NewerServes where a newer version has taken over any of them.
    """
    mine = {one.name: one.version for one in projections}
    rows = connection.execute(RUNNING, [list(mine)]).fetchall()
    newer = [name for name, version, *_ in rows if version > mine[name]]
    if newer:
        raise NewerServes(newer)
    return {
        name: position
        for name, version, position, failed in rows
        if version == mine[name] and not failed
    }


OUTDATED = """
    SELECT name, version, shadow_error IS NOT NULL FROM projection_positions WHERE name = ANY(%s)
"""


def outdated(connection: Connection, projections: Iterable[Versioned]) -> list[str]:
    """The names of those whose tables an older version folded, or nobody yet.

    Without those whose rebuild failed because of an event: it would fail again.
    """
    mine = {one.name: one.version for one in projections}
    rows = connection.execute(OUTDATED, [list(mine)]).fetchall()
    behind = {name for name, version, failed in rows if version < mine[name] and not failed}
    return [name for name in mine if name in behind]


MOVE = """
    UPDATE projection_positions
       SET position = %(to)s, updated_at = CASE WHEN %(current)s THEN now() ELSE updated_at END
     WHERE name = %(name)s AND version = %(version)s AND position = %(was)s
"""


def advance(connection: Connection, one: Versioned, was: int, to: int, *, current: bool) -> None:
    """Advance from `was`, or raise Overtaken. Locks the row, so a fold calls it before it writes.

    `current`: there is nothing more to fold at this moment.
    """
    parameters = {"name": one.name, "version": one.version, "was": was, "to": to}
    if connection.execute(MOVE, {**parameters, "current": current}).rowcount != 1:
        raise Overtaken(one.name)


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


SHADOW_FAILED = """
    UPDATE projection_positions SET shadow_error = %(error)s
     WHERE name = %(name)s AND version < %(version)s
"""


def record_shadow_failure(connection: Connection, one: Versioned, error: str) -> None:
    """The first rebuild by this version met an event that it cannot fold.

    Living tables of an older version serve as before.
    """
    named = {"name": one.name, "version": one.version}
    connection.execute(SHADOW_FAILED, {**named, "error": error})
