"""责任单位: who answers for a whistle. Units, extra responders, members of the alliance."""

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from tracker.domain.city.entries import Added, Changed, CodedValue, Ended, EndingEntry, Restored
from tracker.domain.errors import Invalid, Words


class UnitKind(StrEnum):
    """UNIT is one of the 25 with duties; RESPONDER helps or maintains; MEMBER may claim."""

    UNIT = "unit"
    RESPONDER = "responder"
    MEMBER = "member"


@dataclass(frozen=True, kw_only=True)
class Unit(CodedValue):
    kind: UnitKind
    short: str
    whistle_duty: bool = False  # may be ordered to lead
    accepts_emergency_24x7: bool = False
    sector: str = ""  # of an alliance member, e.g. 物业企业
    community: str = ""  # of an alliance member
    contact: str = ""  # the office's own line and desk, never a person's
    successor: str = ""  # of a unit that ends: who takes its whistles over


class UnitAdded(Added[Unit]):
    TOPIC: ClassVar[str] = "city.unit_added"
    entry: Unit


class UnitChanged(Changed[Unit]):
    TOPIC: ClassVar[str] = "city.unit_changed"
    name: str | None = None
    kind: UnitKind | None = None
    short: str | None = None
    whistle_duty: bool | None = None
    accepts_emergency_24x7: bool | None = None
    sector: str | None = None
    community: str | None = None
    contact: str | None = None
    successor: str | None = None


class UnitEnded(Ended[Unit]):
    TOPIC: ClassVar[str] = "city.unit_ended"


class UnitRestored(Restored[Unit]):
    TOPIC: ClassVar[str] = "city.unit_restored"


class UnitEntry(EndingEntry[Unit]):
    TOPIC = "city.unit"
    kind = "unit"
    added, changed, ended, restored = UnitAdded, UnitChanged, UnitEnded, UnitRestored


class UnknownUnit(Invalid):
    """Neither a unit nor a responder nor an alliance member has that code."""

    code = "unit.unknown"
    field = "unit"
    message = Words(zh="没有代码为 {given} 的单位", en="No unit has the code {given}")
    remedy = Words(zh="请在单位目录中选择", en="Choose one from the directory of units")
