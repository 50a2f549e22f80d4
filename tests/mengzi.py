"""The packaged city, folded from its events without a database, and small changes to its pack."""

import json
from copy import deepcopy
from datetime import UTC, date, datetime
from typing import Any

from tracker.city.pack import citypack
from tracker.directory import Directory
from tracker.domain.actors import Actor, Role
from tracker.domain.city.entries import Entry, Event
from tracker.domain.city.registers import REGISTERS
from tracker.settings import PACKAGED_CITY

PACK = json.loads(PACKAGED_CITY.read_text(encoding="utf-8"))
LOADED_AT = datetime(2026, 11, 2, 1, 0, tzinfo=UTC)
TODAY = date(2026, 11, 2)
OPERATOR = Actor("operator", Role.ADMIN)


def a_pack() -> dict[str, Any]:
    """A copy of Mengzi's pack, to be changed at will."""
    return deepcopy(PACK)


def events_of(pack: dict[str, Any]) -> list[Event]:
    """What a first load of the pack records, accounts left out."""
    wanted = citypack.entries(pack)
    entries: list[Entry] = [
        register.add(entry, LOADED_AT, OPERATOR)
        for register in REGISTERS
        for entry in wanted.get(register.kind, ())
    ]
    return [event for entry in entries for event in entry.collect_events()]


def the_city(pack: dict[str, Any] = PACK) -> Directory:
    return Directory().fold(enumerate(events_of(pack), start=1))


def after(city: Directory, *entries: Entry) -> Directory:
    """The city after what these entries have decided."""
    events = [event for entry in entries for event in entry.collect_events()]
    return city.fold(enumerate(events, start=city.version + 1))
