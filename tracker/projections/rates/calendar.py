"""The working calendar as it was at a position of the log, to count response times in working time.

The fold must not use today's calendar: a rebuild would give another answer.
"""

from bisect import bisect_right
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from eventsourcing.persistence import StoredEvent

import tracker.domain.city.registers  # noqa: F401  (makes the topics of the city's events known)
from tracker.city_zone import note_zone
from tracker.directory import Directory
from tracker.domain.promises.working_time import WorkCalendar
from tracker.eventstore.connections import Connection
from tracker.eventstore.mapper import PlainMapper

TOPICS = (
    "city.policy_issued",
    "city.policy_revised",
    "city.calendar_published",
    "city.calendar_amended",
)

# Served by stored_events_city (position) WHERE topic LIKE 'city.%'.
PUBLISHED = """
    SELECT position, originator_id, originator_version, topic, state
      FROM stored_events
     WHERE topic LIKE 'city.%%' AND topic = ANY(%(topics)s) AND position < %(before)s
     ORDER BY position
"""


@dataclass(frozen=True)
class Calendars:
    """`positions` at which the calendar changed, and the calendar that held from each on."""

    positions: tuple[int, ...]
    calendars: tuple[WorkCalendar | None, ...]

    @classmethod
    def before(cls, connection: Connection, position: int) -> "Calendars":
        """All calendars that the log has before the position."""
        asked = {"topics": list(TOPICS), "before": position}
        with connection.cursor(binary=True) as cursor:
            rows = cursor.execute(PUBLISHED, asked).fetchall()
        return _folded(tuple(rows))

    def at(self, position: int) -> WorkCalendar | None:
        """None before the city had one."""
        known = bisect_right(self.positions, position)
        return self.calendars[known - 1] if known else None


@lru_cache(maxsize=4)  # they change once a year, and a live fold asks twenty times a second
def _folded(rows: tuple[tuple[Any, ...], ...]) -> Calendars:
    city, mapper = Directory(), PlainMapper()
    positions, calendars = [], []
    for position, entry, version, topic, state in rows:
        event: Any = mapper.to_domain_event(StoredEvent(entry, version, topic, state))
        city = city.fold([(position, event)])
        positions.append(position)
        calendars.append(city.policy.calendar if city.registers["policy"] else None)
    if city.registers["policy"]:
        note_zone(city.zone)
    return Calendars(tuple(positions), tuple(calendars))
