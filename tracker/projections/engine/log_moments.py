"""The newest position of the log, and the time that a position corresponds to."""

from dataclasses import dataclass
from datetime import datetime

from tracker.eventstore.connections import Connection

# Served by stored_events_position.
NEWEST = "SELECT coalesce(max(position), 0) FROM stored_events"

# Served by rates_facts_known (known_at) and rates_facts_ended (ended_at), from the newest down.
# Entries after the position are skipped; for a recent position they are few.
LATEST = """
    SELECT greatest(
        (SELECT known_at FROM rates_facts WHERE position <= %(position)s
          ORDER BY known_at DESC LIMIT 1),
        (SELECT ended_at FROM rates_facts WHERE ended_position <= %(position)s
            AND ended_at IS NOT NULL
          ORDER BY ended_at DESC LIMIT 1))
"""


@dataclass(frozen=True)
class LogMoments:
    """Reads both from PostgreSQL; it is the `Log` of `tracker.metrics.asking.ask`."""

    connection: Connection

    def newest(self) -> int:
        row = self.connection.execute(NEWEST).fetchone()
        return int(row[0]) if row else 0

    def moment_of(self, position: int) -> datetime | None:
        """The latest moment of any fact up to the position; None if there is none.

        Not the moment of the event at the position: an imported event can be years old.
        """
        row = self.connection.execute(LATEST, {"position": position}).fetchone()
        found: datetime | None = row[0] if row else None
        return found
