"""The city's time zone: on which day a moment lies, and how it is shown to people.

The zone stands in the log: the first policy of the city names it, and `ZoneIsFixed` refuses another
one later, because the days by which figures were counted would be other days. A process serves one
log, so it has one zone for as long as it runs. Whoever reads the city's policy from the log notes
it here (`CityDirectory`, and the calendars of the rates, whose process has no directory).

It is process-wide and not handed on, because the serialisers of the JSON answers and the filters of
the templates have no city at hand, and a constant of the log needs no owner.
"""

from zoneinfo import ZoneInfo

BEFORE_A_CITY = ZoneInfo("UTC")


class AnotherZone(RuntimeError):
    """This process read one log, and now another one, of a city elsewhere."""


_noted: list[ZoneInfo] = []


def note_zone(zone: ZoneInfo) -> None:
    """Raises AnotherZone where this process has noted another one."""
    if not _noted:
        _noted.append(zone)
    elif _noted[0].key != zone.key:
        raise AnotherZone(f"this process serves a city in {_noted[0].key}, not in {zone.key}")


def city_zone() -> ZoneInfo:
    """The zone of the log that this process has read; UTC as long as it names no city."""
    return _noted[0] if _noted else BEFORE_A_CITY
