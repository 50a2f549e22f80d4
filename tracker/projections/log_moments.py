"""What a position of the log means as a moment."""

from datetime import datetime
from typing import Any

import msgspec
from psycopg import Connection

# Served by stored_events_position.
NEWEST = "SELECT coalesce(max(position), 0) FROM stored_events"

# Served by stored_events_position, from the position downwards.
AT = """
    SELECT state FROM stored_events WHERE position <= %(position)s
     ORDER BY position DESC LIMIT 1
"""


class Timed(msgspec.Struct):
    """Every event has it."""

    timestamp: datetime


STATE = msgspec.json.Decoder(Timed)


class LogMoments:
    """For `tracker.metrics.asking`: the log as a row of moments."""

    def __init__(self, connection: Connection[Any]) -> None:
        self.connection = connection

    def newest(self) -> int:
        row = self.connection.execute(NEWEST).fetchone()
        return int(row[0]) if row else 0

    def moment_of(self, position: int) -> datetime | None:
        """When the event at the position, or the last before it, happened; None before all."""
        with self.connection.cursor(binary=True) as cursor:
            row = cursor.execute(AT, {"position": position}).fetchone()
        return STATE.decode(row[0]).timestamp if row else None
