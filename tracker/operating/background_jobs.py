"""The long jobs that a page can start, as functions for `tracker.operating.jobs`."""

import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

from tracker.commands.tracker import Tracker
from tracker.eventstore.connections import connect
from tracker.eventstore.mapper import PlainMapper
from tracker.imports.command import import_file
from tracker.operating.jobs import Job, JobFunction, Progress
from tracker.operating.projecting import ALL
from tracker.operating.verify import check_everything
from tracker.projections.engine.catching_up import catch_up
from tracker.projections.engine.rebuilding import rebuild
from tracker.projections.rates.rates import Rates
from tracker.reports.month_report import verified
from tracker.settings import Settings

MOST_PROBLEMS = 500  # bad lines and problems kept in full; the rest is only counted
READINGS = 3  # of an imported file


def importing(settings: Settings, *, dry_run: bool) -> JobFunction:
    """Imports the job's file, or does a dry run. Its database sessions are named "import"."""

    def work(job: Job, body: bytes | None, progress: Progress) -> dict[str, Any]:
        if body is None:
            raise LookupError("the file is not kept any more; upload it again")
        with (
            tempfile.NamedTemporaryFile(suffix=".jsonl") as kept,
            Tracker(settings, name="import", pool_size=3) as tracker,
        ):
            kept.write(body)
            kept.flush()
            done = import_file(tracker, Path(kept.name), dry_run=dry_run, progress=progress)
        bad = [{"line": line, "reason": why} for line, why in done.bad[:MOST_PROBLEMS]]
        return asdict(done) | {"bad": bad, "bad_lines": len(done.bad)}

    return work


def verifying(settings: Settings) -> JobFunction:
    """Verifies the whole log, or the digest of the month that the job names."""

    def whole(job: Job, body: bytes | None, progress: Progress) -> dict[str, Any]:
        with connect(settings, name="verify") as connection:
            connection.execute("SET statement_timeout = 0")
            found = asdict(check_everything(connection))
        return found | {
            "problems": found["problems"][:MOST_PROBLEMS],
            "wrong": len(found["problems"]),
        }

    def month(job: Job, body: bytes | None, progress: Progress) -> dict[str, Any]:
        with (
            Tracker(settings, name="verify", pool_size=2) as tracker,
            connect(settings, name="verify") as connection,
        ):
            catch_up(connection, Rates())
            found = verified(tracker, connection, job.about)
        return asdict(found) | {"holds": found.holds}

    return lambda job, body, progress: (month if job.about else whole)(job, body, progress)


def rebuilding(settings: Settings) -> JobFunction:
    """Rebuilds one projection; its live tables stay in use meanwhile."""

    def work(job: Job, body: bytes | None, progress: Progress) -> dict[str, Any]:
        projection = next(one for one in ALL if one.name == job.about)
        with connect(settings, name="rebuild") as connection:
            done = rebuild(connection, projection, PlainMapper(), progress=progress)
        return asdict(done)

    return work
