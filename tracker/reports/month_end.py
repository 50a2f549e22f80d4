"""Freezes each month once the moment for it has passed, even if the scheduler was off then.

The freeze is dated at that moment, with the position that the log has reached. After a day off, the
sweep first records what fell due meanwhile, so the figures are the same as if it had been running.
"""

import logging
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from eventsourcing.persistence import RecordConflictError

from tracker.city_zone import city_zone
from tracker.commands.tracker import Tracker
from tracker.eventstore.connections import Connection
from tracker.metrics.asking import AsOf
from tracker.metrics.freezing import CalendarMissing, freeze_moment, period_of
from tracker.projections.engine.log_moments import LogMoments
from tracker.projections.engine.positions import wait_for
from tracker.reports.month_report import freeze, frozen_month

log = logging.getLogger(__name__)

PATIENCE = 5.0  # seconds to wait until the figures have all of the log; then the next run tries

# Served by the primary key (scope, counted_day, …).
FIRST_DAY = "SELECT min(counted_day) FROM rates_days WHERE scope = 'city'"

# Sessions of `tracker import` and `tracker simulate`: no month is frozen in the middle of one.
IMPORTING = """
    SELECT EXISTS (SELECT FROM pg_stat_activity
                    WHERE datname = current_database()
                      AND application_name IN ('shaodao import', 'shaodao simulate'))
"""


class Freezing:
    """The scheduler's task. For each month it logs only once that the calendar is missing."""

    def __init__(self) -> None:
        self._frozen: set[str] = set()
        self._logged: set[str] = set()

    def freeze_due(self, tracker: Tracker, connection: Connection, now: datetime) -> list[str]:
        """Freeze the months whose moment has come. Everything up to `now` must be recorded."""
        due = [found for found in self._due(tracker, connection, now)]
        if not due or _value(connection, IMPORTING):
            return []
        position = LogMoments(connection).newest()
        if not wait_for(connection, "rates", position, timeout=PATIENCE):
            log.warning("%s waits to be frozen: its figures are behind the log", due[0][0])
            return []
        return [
            month for month, at in due if self._freeze(tracker, connection, month, at, position)
        ]

    def _due(
        self, tracker: Tracker, connection: Connection, now: datetime
    ) -> Iterator[tuple[str, datetime]]:
        first: date | None = _value(connection, FIRST_DAY)
        for month in months_between(first, now) if first else ():
            if month in self._frozen:
                continue
            if frozen_month(tracker, month) is not None:
                self._frozen.add(month)
                continue
            try:
                at = freeze_moment(month, tracker.city.policy.calendar)
            except CalendarMissing as missing:
                self._log_missing(month, missing)
                continue
            if at <= now:
                yield month, at

    def _log_missing(self, month: str, missing: CalendarMissing) -> None:
        if month not in self._logged:
            self._logged.add(month)
            log.warning("not frozen: %s", missing.message.say("en", missing.facts))

    def _freeze(
        self,
        tracker: Tracker,
        connection: Connection,
        month: str,
        at: datetime,
        position: int,
    ) -> bool:
        self._frozen.add(month)
        try:
            frozen = freeze(tracker, connection, month, AsOf(at, position))
        except RecordConflictError:
            return False  # another scheduler, which was the leader until now, froze it
        log.info("%s is frozen as of %s, digest %s", month, at.isoformat(), frozen.digest)
        return True


def months_between(first: date, now: datetime) -> Iterator[str]:
    """The months from that of `first` to the last one that has ended."""
    month = f"{first:%Y-%m}"
    while (until := period_of(month).until) <= now.astimezone(city_zone()).date():
        yield month
        month = f"{until:%Y-%m}"


def _value(connection: Connection, statement: str) -> Any:
    row = connection.execute(statement).fetchone()
    return row[0] if row else None
