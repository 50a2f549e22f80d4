"""The scheduler: one elected leader sweeps deadlines and does the daily chores.

The leader holds a session advisory lock of PostgreSQL; a second scheduler waits for it. If the
leader dies or loses its connection, the next one continues from the log. Even if two lead for a
moment, nothing is recorded twice, because each append expects the stream's version.
"""

import logging
import signal
import threading
from collections.abc import Callable
from datetime import datetime

import click
import psycopg
from apscheduler.schedulers.background import BackgroundScheduler

from tracker.city import credentials
from tracker.commands.tracker import Tracker
from tracker.contexts.registry import CONTEXTS
from tracker.eventstore import contents, idempotency
from tracker.eventstore.clock import CLOCK, ClockDisagrees, difference
from tracker.eventstore.connections import Connection, connect
from tracker.eventstore.recorder import DATABASE_AWAY
from tracker.operating import jobs as asked_for
from tracker.projections.engine.leadership import wait_to_lead
from tracker.projections.engine.positions import wait_for
from tracker.reports.month_end import Freezing
from tracker.reports.what_if import running as what_ifs
from tracker.schedule import heartbeat
from tracker.schedule import sweep as deadlines
from tracker.settings import Settings

log = logging.getLogger(__name__)

LEADERSHIP = "scheduler"
EVERY = 1.0  # seconds between two sweeps, and between two heartbeats
AFTER_A_LOSS = 0.5
# A leader's first sweep waits this long (seconds) for the clocks of the whole log: after an outage
# the projector starts too, and clocks swept as they come would be recorded out of order.
FIRST_WAIT = 10.0
FREEZE_EVERY = 20.0  # seconds between two checks whether a month is to be frozen
WHAT_IF_EVERY = 2.0
CHORES_AT = 3  # o'clock in the city's time, when few people use it

Clock = Callable[[], datetime]


class Scheduler:
    """One scheduler: `run` leads, or waits to lead, until `stop`.

    `clock` gives a sweep's now, and is compared with nothing; None: the process's own, which must
    agree with the database's. While it does not, this scheduler leads nothing.
    """

    def __init__(self, tracker: Tracker, *, clock: Clock | None = None) -> None:
        self._tracker = tracker
        self._clock = clock
        self._stopped = threading.Event()
        self._leading = threading.Event()
        self._freezing = Freezing()
        self._followed = 0  # the version of the city that open whistles have followed
        self._patience = FIRST_WAIT  # of the next sweep, with a table of clocks that is behind

    def stop(self) -> None:
        """Finish the present whistle, then return from `run`."""
        self._stopped.set()
        self._leading.clear()

    def run(self) -> None:
        while not self._stopped.is_set():
            try:
                with connect(self._tracker.settings, name="scheduler") as connection:
                    self._wait_for_the_clock(connection)
                    if wait_to_lead(connection, LEADERSHIP, self._stopped):
                        self._lead(connection)
            except psycopg.OperationalError as error:
                log.warning("the scheduler lost the database, and asks for it again: %s", error)
                self._stopped.wait(AFTER_A_LOSS)

    def _wait_for_the_clock(self, connection: Connection) -> None:
        while not self._clock_agrees(connection) and not self._stopped.wait(EVERY):
            pass

    def _clock_agrees(self, connection: Connection) -> bool:
        """Compare with the database's clock; a difference is logged, and shown by /readyz."""
        if self._clock is not None:
            return True
        CLOCK.look(connection)
        if CLOCK.agrees:
            return True
        heartbeat.record_refusal(connection, difference(CLOCK.offset))
        return False

    def _lead(self, connection: Connection) -> None:
        """Beat while the jobs run. They end when leadership does.

        It is lost with the connection, and given up when the clock is no longer to be trusted.
        """
        if not self._clock_agrees(connection):
            return
        log.info("this scheduler leads")
        heartbeat.take_over(connection)
        self._leading.set()
        jobs = self._jobs()
        jobs.start()
        try:
            while not self._stopped.wait(EVERY) and self._clock_agrees(connection):
                heartbeat.beat(connection)
            self._leading.clear()
            heartbeat.step_down(connection)
        finally:
            self._leading.clear()
            jobs.shutdown(wait=True)

    def _jobs(self) -> BackgroundScheduler:
        zone = self._tracker.city.policy.calendar.timezone
        jobs = BackgroundScheduler(
            timezone=zone, job_defaults={"coalesce": True, "max_instances": 1}
        )
        jobs.add_job(self.sweep, "interval", seconds=EVERY, next_run_time=CLOCK.now())
        jobs.add_job(self.freeze, "interval", seconds=FREEZE_EVERY)
        jobs.add_job(self.work_at_what_ifs, "interval", seconds=WHAT_IF_EVERY)
        jobs.add_job(self.chores, "cron", hour=CHORES_AT, misfire_grace_time=None)
        return jobs

    def sweep(self) -> None:
        """Record what fell due, then recompute the due times that waited for a calendar."""
        try:
            with self._tracker.connection() as connection:
                self._sweep(connection)
        except DATABASE_AWAY as error:
            log.warning("the sweep lost the database, and tries again: %s", error)
        except ClockDisagrees as wrong:
            log.warning("nothing is swept: %s", wrong)

    def _sweep(self, connection: Connection) -> None:
        now = self._now(connection)
        recorded = self._tracker.recorder.max_notification_id() or 0
        has_all = wait_for(connection, "clocks", recorded, timeout=self._patience)
        self._patience = EVERY
        swept = deadlines.sweep(self._tracker, connection, now, go_on=self._leading.is_set)
        deadlines.recompute(self._tracker, connection, now)
        if has_all and self._leading.is_set():
            self._follow_the_registers(connection, recorded, now)
        if self._leading.is_set():
            heartbeat.record_sweep(connection, now, len(swept.failures), swept.error)
        # After the whistles have had their time: a context that fails keeps none of them back.
        reached = {
            projection: sweep(
                self._tracker, connection, now, now + deadlines.INSTANT, self._leading.is_set
            )
            for context in CONTEXTS
            for sweep, projection in context.sweeps.items()
        }
        # What was just recorded is not looked at again, if the table is up to date by then.
        wait_for(connection, "clocks", swept.position, timeout=EVERY)
        for projection, position in reached.items():
            wait_for(connection, projection, position, timeout=EVERY)

    def _follow_the_registers(self, connection: Connection, recorded: int, now: datetime) -> None:
        """Once for each version of the city, when the board has all that was `recorded`.

        After a sweep of all clocks, because it lets a whistle's whole time pass at once.
        """
        version = self._tracker.city.version
        if version != self._followed and wait_for(connection, "board", recorded, timeout=EVERY):
            deadlines.follow_the_registers(self._tracker, connection, now)
            self._followed = version

    def _now(self, connection: Connection) -> datetime:
        """Up to when to sweep: never beyond the database's now. Raises ClockDisagrees.

        If a clock that was handed in jumps backwards, the last time stays.
        """
        if self._clock is None:
            return self._trusted_now(connection)
        last = heartbeat.heartbeat(connection).swept_to
        now = self._clock()
        return now if last is None else max(now, last)

    def _trusted_now(self, connection: Connection) -> datetime:
        CLOCK.look(connection)
        CLOCK.must_agree()
        return CLOCK.now()

    def freeze(self) -> None:
        """Freeze each month whose freezing time has passed, once the sweep has passed it too."""
        try:
            with self._tracker.connection() as connection:
                swept_to = heartbeat.heartbeat(connection).swept_to
                if swept_to is not None and self._leading.is_set():
                    due = min(swept_to, self._now(connection))
                    self._freezing.freeze_due(self._tracker, connection, due)
        except DATABASE_AWAY as error:
            log.warning("a month waits to be frozen: the database is away: %s", error)
        except ClockDisagrees as wrong:
            log.warning("a month waits to be frozen: %s", wrong)

    def work_at_what_ifs(self) -> None:
        """Work at the what-ifs that wait."""
        try:
            with connect(self._tracker.settings, name="what-if") as connection:
                what_ifs.work(connection, go_on=self._leading.is_set)
        except DATABASE_AWAY as error:
            log.warning("a what-if waits: the database is away: %s", error)

    def chores(self) -> None:
        """Once a day: delete unattached photos, old idempotency keys and ended sessions."""
        try:
            with self._tracker.connection() as connection:
                self._clean(connection)
        except ClockDisagrees as wrong:
            log.warning("the daily chores wait: %s", wrong)

    def _clean(self, connection: Connection) -> None:
        now = self._now(connection)
        photos = contents.sweep_unattached(connection, now)
        keys = idempotency.sweep(connection, now)
        sessions = credentials.forget_old_sessions(connection, now)
        asked_for.forget_bodies(connection, now)
        forgotten = "forgot %d photos without a whistle, %d old keys and %d sessions"
        log.info(forgotten, photos, keys, sessions)


@click.command()
def schedule() -> None:
    """Let time pass: record what falls due, do the daily chores, until told to stop."""
    tracker = Tracker(Settings.from_env())
    scheduler = Scheduler(tracker)
    for signum in (signal.SIGTERM, signal.SIGINT):
        signal.signal(signum, lambda *_: scheduler.stop())
    try:
        scheduler.run()
    finally:
        tracker.close()
