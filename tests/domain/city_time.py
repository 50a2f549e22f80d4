"""Mengzi's policy and its local time, for tests that talk about deadlines."""

import json
from datetime import datetime
from zoneinfo import ZoneInfo

from tracker.domain.promises.clocks import Clock, ClockKind, SlaPolicy
from tracker.settings import PACKAGED_CITY

SHANGHAI = ZoneInfo("Asia/Shanghai")
PACK = json.loads(PACKAGED_CITY.read_text())
POLICY = SlaPolicy.from_pack(PACK, version=7)
MONDAY_TEN = datetime(2026, 3, 2, 10, tzinfo=SHANGHAI)


def city(text: str) -> datetime:
    """The moment at which the city's clocks show that."""
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def shown(moment: datetime) -> str:
    return f"{moment.astimezone(SHANGHAI):%m-%d %H:%M}"


def marks(clock: Clock) -> dict[str, str]:
    return {mark.value: shown(at) for mark, at in clock.marks.items()}


def resolve(sla_class: str = "G4", start: datetime = MONDAY_TEN, **terms: object) -> Clock:
    return POLICY.clock(ClockKind.RESOLVE, sla_class, start, **terms)  # type: ignore[arg-type]
