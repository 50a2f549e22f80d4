"""Months are frozen when their moment has passed, however late somebody comes to do it.

Dated at the moment, with the position of the log that was reached: after a day of being switched
off the sweep has recorded what fell due, so the figures are those of a scheduler that was awake.
"""

import logging
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from eventsourcing.persistence import RecordConflictError
from psycopg import Connection

from tracker.commands.tracker import Tracker
from tracker.metrics.asking import ZONE, AsOf
from tracker.metrics.freezing import CalendarMissing, freeze_moment, period_of
from tracker.projections.engine.log_moments import LogMoments
from tracker.projections.engine.positions import wait_for
from tracker.reports.months import freeze, frozen_month

log = logging.getLogger(__name__)

PATIENCE = 5.0  # seconds for the figures to have all of the log; else the next time

# Served by the primary key (scope, counted_day, …).
FIRST_DAY = "SELECT min(counted_day) FROM rates_days WHERE scope = 'city'"

# Sessions of `tracker import` and `tracker simulate`: half a history is no month.
BRINGING_IN = """
    SELECT EXISTS (SELECT FROM pg_stat_activity
                    WHERE datname = current_database()
                      AND application_name IN ('shaodao import', 'shaodao simulate'))
"""


class Freezing:
    """The scheduler's chore. It says once of a month that its calendar is missing."""

    def __init__(self) -> None:
        self._frozen: set[str] = set()
        self._told: set[str] = set()

    def freeze_due(self, tracker: Tracker, connection: Connection[Any], now: datetime) -> list[str]:
        """Freeze the months whose moment has come by `now`, up to which all is recorded."""
        due = [found for found in self._due(tracker, connection, now)]
        if not due or _asked(connection, BRINGING_IN):
            return []
        position = LogMoments(connection).newest()
        if not wait_for(connection, "rates", position, timeout=PATIENCE):
            log.warning("%s waits to be frozen: its figures are behind the log", due[0][0])
            return []
        return [
            month for month, at in due if self._freeze(tracker, connection, month, at, position)
        ]

    def _due(
        self, tracker: Tracker, connection: Connection[Any], now: datetime
    ) -> Iterator[tuple[str, datetime]]:
        first: date | None = _asked(connection, FIRST_DAY)
        for month in months_between(first, now) if first else ():
            if month in self._frozen:
                continue
            if frozen_month(tracker, month) is not None:
                self._frozen.add(month)
                continue
            try:
                at = freeze_moment(month, tracker.city.policy.calendar)
            except CalendarMissing as missing:
                self._tell(month, missing)
                continue
            if at <= now:
                yield month, at

    def _tell(self, month: str, missing: CalendarMissing) -> None:
        if month not in self._told:
            self._told.add(month)
            log.warning("not frozen: %s", missing.message.say("en", missing.facts))

    def _freeze(
        self,
        tracker: Tracker,
        connection: Connection[Any],
        month: str,
        at: datetime,
        position: int,
    ) -> bool:
        self._frozen.add(month)
        try:
            frozen = freeze(tracker, connection, month, AsOf(at, position))
        except RecordConflictError:
            return False  # another scheduler, which led a moment ago, was first
        log.info("%s is frozen as of %s, digest %s", month, at.isoformat(), frozen.digest)
        return True


def months_between(first: date, now: datetime) -> Iterator[str]:
    """The months from that of `first` to the last one that has ended."""
    month = f"{first:%Y-%m}"
    while (until := period_of(month).until) <= now.astimezone(ZONE).date():
        yield month
        month = f"{until:%Y-%m}"


def _asked(connection: Connection[Any], statement: str) -> Any:
    row = connection.execute(statement).fetchone()
    return row[0] if row else None
