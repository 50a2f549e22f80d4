"""Long jobs started from a page: rows of a table. A thread runs one; any process can read how far.

A job whose process dies is shown as broken off. It may be started again, because import, verify and
rebuild continue or begin again by themselves.
"""

import json
import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from psycopg.rows import class_row

from tracker.commands.tracker import Tracker
from tracker.eventstore.connections import Connection

log = logging.getLogger(__name__)

SILENCE = 60.0  # seconds without a beat after which a running job counts as broken off
BEAT = 0.5  # seconds between two updates of the progress
BODIES_FOR = timedelta(days=1)

Progress = Callable[[int], None]
JobFunction = Callable[["Job", bytes | None, Progress], dict[str, Any]]


@dataclass(frozen=True)
class Job:
    """`silent_for`: seconds since the last beat. `has_body`: its file is still kept."""

    id: UUID
    kind: str
    about: str
    asked_by: str
    asked_at: datetime
    state: str
    done: int
    whole: int
    silent_for: float
    has_body: bool
    outcome: dict[str, Any] | None

    @property
    def standing(self) -> str:
        lost = self.state == "running" and self.silent_for > SILENCE
        return "broken" if lost else self.state

    @property
    def percent(self) -> int:
        return min(100, self.done * 100 // self.whole) if self.whole else 0


ADD = """
    INSERT INTO jobs (id, kind, about, asked_by, body, whole)
    VALUES (%(id)s, %(kind)s, %(about)s, %(by)s, %(body)s, %(whole)s)
"""


def add(
    connection: Connection,
    kind: str,
    about: str,
    by: str,
    body: bytes | None = None,
    whole: int = 0,
) -> UUID:
    id = uuid4()
    row = {"id": id, "kind": kind, "about": about, "by": by, "body": body, "whole": whole}
    connection.execute(ADD, row)
    return id


# Served by jobs_pkey.
READ = """
    SELECT id, kind, about, asked_by, asked_at, state, done, whole, outcome,
           body IS NOT NULL AS has_body,
           extract(epoch FROM now() - beat_at)::float8 AS silent_for
      FROM jobs WHERE id = %(id)s
"""

# Served by jobs_asked.
LATEST = """
    SELECT id, kind, about, asked_by, asked_at, state, done, whole, outcome,
           body IS NOT NULL AS has_body,
           extract(epoch FROM now() - beat_at)::float8 AS silent_for
      FROM jobs WHERE kind = ANY(%(kinds)s) ORDER BY asked_at DESC LIMIT %(limit)s
"""


def find(connection: Connection, id: UUID) -> Job | None:
    with connection.cursor(row_factory=class_row(Job)) as cursor:
        return cursor.execute(READ, {"id": id}).fetchone()


def latest(connection: Connection, kinds: Sequence[str], limit: int = 5) -> list[Job]:
    with connection.cursor(row_factory=class_row(Job)) as cursor:
        return cursor.execute(LATEST, {"kinds": list(kinds), "limit": limit}).fetchall()


# Served by jobs_pkey, as are the others below.
BODY = "SELECT body FROM jobs WHERE id = %(id)s"


def body_of(connection: Connection, id: UUID) -> bytes | None:
    row = connection.execute(BODY, {"id": id}).fetchone()
    return bytes(row[0]) if row and row[0] is not None else None


# Only one process takes a job; for a second one there is no row to update.
TAKE = """
    UPDATE jobs SET state = 'running', done = 0, beat_at = now()
     WHERE id = %(id)s AND (state = 'waiting'
           OR state = 'running' AND beat_at < now() - interval '60 seconds')
    RETURNING id
"""
NOTE = "UPDATE jobs SET done = %(done)s, beat_at = now() WHERE id = %(id)s"
END = """
    UPDATE jobs
       SET state = %(state)s, outcome = %(outcome)s::jsonb, beat_at = now(), done = whole,
           body = CASE WHEN %(drop)s THEN NULL ELSE body END
     WHERE id = %(id)s
"""
FORGET = "UPDATE jobs SET body = NULL WHERE body IS NOT NULL AND asked_at < %(before)s"


DROP = "UPDATE jobs SET body = NULL WHERE id = %(id)s"


def drop_body(connection: Connection, id: UUID) -> None:
    connection.execute(DROP, {"id": id})


def forget_bodies(connection: Connection, now: datetime) -> int:
    """Delete uploaded files after a day, because they hold people's words. Returns how many."""
    return connection.execute(FORGET, {"before": now - BODIES_FOR}).rowcount


def start(tracker: Tracker, id: UUID, work: JobFunction, *, drop: bool = True) -> threading.Thread:
    """Run the job in a thread; `drop`: delete its file when it is done."""
    doing = threading.Thread(target=_do, args=(tracker, id, work, drop), name=f"job {id}")
    doing.daemon = True
    doing.start()
    return doing


def _do(tracker: Tracker, id: UUID, work: JobFunction, drop: bool) -> None:
    with tracker.connection() as connection:
        if connection.execute(TAKE, {"id": id}).fetchone() is None:
            return
        job, body = find(connection, id), body_of(connection, id)
    assert job is not None
    try:
        state, outcome = "done", work(job, body, _progress_of(tracker, id))
    except Exception as error:  # shown on the page
        log.exception("%s %s failed", job.kind, job.about)
        state, outcome = "failed", {"error": str(error) or repr(error)}
    ended = {"id": id, "state": state, "drop": drop and state == "done"}
    with tracker.connection() as connection:
        connection.execute(END, {**ended, "outcome": json.dumps(outcome, ensure_ascii=False)})


def _progress_of(tracker: Tracker, id: UUID) -> Progress:
    """A function that counts the progress and stores it every BEAT seconds."""
    done, noted = 0, time.monotonic()

    def progress(more: int) -> None:
        nonlocal done, noted
        done += more
        if time.monotonic() - noted < BEAT:
            return
        noted = time.monotonic()
        with tracker.connection() as connection:
            connection.execute(NOTE, {"id": id, "done": done})

    return progress
