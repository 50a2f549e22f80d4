"""What a position of the log means as a moment."""

from datetime import datetime
from typing import Any

from psycopg import Connection

# Served by stored_events_position.
NEWEST = "SELECT coalesce(max(position), 0) FROM stored_events"

# Served by rates_facts_known (known_at) and rates_facts_ended (ended_at), from the newest down:
# what lies behind the position is passed over, and that is little for a position of late.
LATEST = """
    SELECT greatest(
        (SELECT known_at FROM rates_facts WHERE position <= %(position)s
          ORDER BY known_at DESC LIMIT 1),
        (SELECT ended_at FROM rates_facts WHERE ended_position <= %(position)s
            AND ended_at IS NOT NULL
          ORDER BY ended_at DESC LIMIT 1))
"""


class LogMoments:
    """For `tracker.metrics.asking`: the log as a row of moments."""

    def __init__(self, connection: Connection[Any]) -> None:
        self.connection = connection

    def newest(self) -> int:
        row = self.connection.execute(NEWEST).fetchone()
        return int(row[0]) if row else 0

    def moment_of(self, position: int) -> datetime | None:
        """The latest moment of any fact up to the position; None before all.

        Not that of the event at the position: an import's are years old, and would hide the rest.
        """
        row = self.connection.execute(LATEST, {"position": position}).fetchone()
        found: datetime | None = row[0] if row else None
        return found
