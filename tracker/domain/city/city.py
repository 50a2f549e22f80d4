"""The city itself: its name, and whom an emergency goes to when nobody knows what it is."""

from dataclasses import dataclass
from typing import ClassVar

from tracker.domain.city.entries import Added, Changed, CodedValue, Entry


@dataclass(frozen=True, kw_only=True)
class TransferTarget:
    """An authority that is not of this tracker, and how a reporter reaches it.

    `code` is one of `ending.TARGETS`. `made_up`: for a demonstration; nobody can be reached there.
    """

    code: str
    name: str
    phone: str = ""
    address: str = ""
    hours: str = ""
    made_up: bool = False


@dataclass(frozen=True, kw_only=True)
class City(CodedValue):
    emergency_lead: str  # unit that leads an emergency of unknown category
    emergency_co: tuple[str, ...]
    hotlines: tuple[str, ...]  # shown before anything else in an emergency
    transfer_targets: tuple[TransferTarget, ...] = ()


class CityAdded(Added[City]):
    TOPIC: ClassVar[str] = "city.city_added"
    entry: City


class CityChanged(Changed[City]):
    TOPIC: ClassVar[str] = "city.city_changed"
    name: str | None = None
    emergency_lead: str | None = None
    emergency_co: tuple[str, ...] | None = None
    hotlines: tuple[str, ...] | None = None
    transfer_targets: tuple[TransferTarget, ...] | None = None


class CityEntry(Entry[City]):
    TOPIC = "city.city"
    kind = "city"
    added, changed = CityAdded, CityChanged
