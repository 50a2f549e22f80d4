"""Whistles at every step of their life, for tests that show only what matters to them.

Each builder leads a fresh whistle to one state by the real commands and forgets the events on the
way, so that `collect_events()` holds only what the test itself did.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import count
from typing import Any
from uuid import uuid4

from tests.domain.city_time import MONDAY_TEN, PACK, POLICY
from tracker.city.pack import citypack
from tracker.commands.whistle.commands import open_commands
from tracker.domain.actors import Actor, Role
from tracker.domain.city.catalogue import Category
from tracker.domain.city.units import Unit
from tracker.domain.promises.clocks import SlaPolicy
from tracker.domain.whistle.events import Place, Said
from tracker.domain.whistle.raising import Report
from tracker.domain.whistle.whistle import Whistle, whistle_id

CATEGORIES: dict[str, Category] = {c.code: c for c in citypack.categories(PACK)}
UNITS: dict[str, Unit] = {u.code: u for u in citypack.units(PACK)}
LITTER = "E0101"  # 暴露垃圾: Q3, poolable by anybody, self-resolvable
HERE = Place("53250300100401", "532503001004", "532503001", "CP04", 23.3805, 103.4015)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)

RESIDENT = Actor("resident", Role.RESIDENT)
INTAKE = Actor("intake-cp04", Role.INTAKE, post="CP04")
DISPATCHER = Actor("dispatcher-cp04", Role.DISPATCHER, post="CP04")
COMMANDER = Actor("commander-cp04", Role.COMMANDER, post="CP04")
VERIFIER = Actor("verifier-cp04", Role.VERIFIER, post="CP04")
CALLER = Actor("followup-cp04", Role.FOLLOW_UP_AGENT, post="CP04")
WORKER = Actor("gw-53250300100401", Role.GRID_WORKER, grid="53250300100401")
CITY = Actor("city", Role.CITY_CENTRE)
SUPERVISOR = Actor("supervisor", Role.SUPERVISOR)
AUDITOR = Actor("auditor", Role.AUDITOR)
numbers = count(1)


def handler(unit: str = "U01") -> Actor:
    return Actor(f"handler-{unit.lower()}", Role.HANDLER, unit=unit)


def liaison(unit: str = "U01") -> Actor:
    return Actor(f"liaison-{unit.lower()}", Role.UNIT_LIAISON, unit=unit)


def said(kind: str = "note") -> Said:
    return Said(uuid4(), kind, "digest")


SEEN = [said()]  # a sentence, for what may not be said without one


def report(category: str | None = LITTER, **changes: Any) -> Report:
    found = CATEGORIES[category] if category else None
    facts: dict[str, Any] = {
        "number": f"W-260302-{next(numbers):06d}",
        "place": HERE,
        "category": category,
        "category_source": "chosen" if category else None,
        "suggestion": None,
        "sla_class": found.sla if found else "G4",
        "confidential_basis": "category" if found and found.confidential else None,
        "source": "resident",
    }
    return Report(**facts | changes)


def raised(
    category: str | None = LITTER, at: datetime = MONDAY_TEN, units: tuple[str, ...] = (), **c: Any
) -> Whistle:
    told = report(category, **c)
    whistle: Whistle = Whistle.raise_(
        told,
        id=whistle_id(told.number),
        actor=RESIDENT,
        policy=POLICY,
        at=at,
        words=[said("text")],
        emergency_units=units,
    )
    return quiet(whistle)


def quiet(whistle: Whistle) -> Whistle:
    whistle.collect_events()
    return whistle


def triaged(category: str = LITTER, at: datetime = MONDAY_TEN, **changes: Any) -> Whistle:
    whistle = raised(category, at, **changes)
    whistle.classify(CATEGORIES[category], actor=INTAKE, at=at, policy=POLICY)
    return quiet(whistle)


def pooled(category: str = LITTER, at: datetime = MONDAY_TEN, **changes: Any) -> Whistle:
    whistle = triaged(category, at, **changes)
    whistle.pool(CATEGORIES[category], actor=DISPATCHER, at=at, policy=POLICY)
    return quiet(whistle)


def claimed(unit: str = "U01", at: datetime = MONDAY_TEN) -> Whistle:
    whistle = pooled(at=at)
    whistle.claim(unit, capable=True, actor=liaison(unit), at=at, policy=POLICY)
    return quiet(whistle)


def dispatched(
    lead: str = "U01",
    co: tuple[str, ...] = (),
    category: str = LITTER,
    at: datetime = MONDAY_TEN,
    **changes: Any,
) -> Whistle:
    whistle = triaged(category, at, **changes)
    others = [UNITS[unit] for unit in co]
    whistle.dispatch(UNITS[lead], others, actor=DISPATCHER, at=at, policy=POLICY)
    return quiet(whistle)


def responded(at: datetime = MONDAY_TEN, **changes: Any) -> Whistle:
    whistle = dispatched(at=at, **changes)
    whistle.respond("arrival", point=HERE, actor=handler(whistle.lead or ""), at=at)
    return quiet(whistle)


def in_progress(at: datetime = MONDAY_TEN, **changes: Any) -> Whistle:
    whistle = responded(at=at, **changes)
    whistle.start(actor=handler(whistle.lead or ""), at=at)
    return quiet(whistle)


def suspended(review_on: Any, at: datetime = MONDAY_TEN, **changes: Any) -> Whistle:
    whistle = in_progress(at=at, **changes)
    for actor in (handler(whistle.lead or ""), DISPATCHER):
        whistle.suspend(
            review_on, actor=actor, at=at, policy=POLICY, reason_code="season", words=SEEN
        )
    return quiet(whistle)


def submitted(at: datetime = MONDAY_TEN, **changes: Any) -> Whistle:
    whistle = in_progress(at=at, **changes)
    photo = [said("photo")]
    doer = handler(whistle.lead or "")
    whistle.submit(CATEGORIES[LITTER], actor=doer, at=at, policy=POLICY, words=photo)
    return quiet(whistle)


def verified(at: datetime = MONDAY_TEN, **changes: Any) -> Whistle:
    whistle = submitted(at, **changes)
    whistle.verify(True, actor=VERIFIER, at=at, policy=POLICY)
    return quiet(whistle)


def closed(at: datetime = MONDAY_TEN, **changes: Any) -> Whistle:
    whistle = verified(at, **changes)
    whistle.follow_up(True, 5, **by_phone(at), actor=CALLER, at=at, policy=POLICY)
    return quiet(whistle)


def by_phone(at: datetime = MONDAY_TEN, *, declined: bool = False) -> dict[str, Any]:
    """How and when somebody was asked, for `follow_up`."""
    return {"method": "phone", "called_at": at, "declined": declined}


def facts(whistle: Whistle) -> list[str]:
    """The names of the events that the test's own command left."""
    return [type(event).__name__ for event in whistle.collect_events()]


def open_to(whistle: Whistle, actor: Actor, at: datetime = MONDAY_TEN) -> list[str]:
    """The names, as the aggregate's methods have them, of what this actor may begin."""
    return [one.name.replace("-", "_") for one in open_commands(whistle, actor, at)]


@dataclass(frozen=True)
class Registers:
    """The city's registers, as a test wishes them to be."""

    policy: SlaPolicy = POLICY
    categories: Mapping[str, Category] = field(default_factory=lambda: CATEGORIES)
    units: Mapping[str, Unit] = field(default_factory=lambda: UNITS)
    emergency_default: tuple[str, tuple[str, ...]] = ("U25", ("U01",))

    def category(self, code: str) -> Category:
        return self.categories[code]

    def unit(self, code: str) -> Unit:
        return self.units[code]

    def with_category(self, code: str, **changes: Any) -> "Registers":
        changed = {**self.categories, code: replace(self.categories[code], **changes)}
        return replace(self, categories=changed)

    def with_unit(self, code: str, **changes: Any) -> "Registers":
        return replace(self, units={**self.units, code: replace(self.units[code], **changes)})


CITY_NOW = Registers()


def drawn(whistle: Whistle, at: datetime = MONDAY_TEN, city: Registers = CITY_NOW) -> Whistle:
    """After what follows from the facts as they are."""
    whistle.draw(city, at=at)
    return whistle
