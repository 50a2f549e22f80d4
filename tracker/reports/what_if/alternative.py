"""Reads another policy, calendar or routing table: a city pack, or the parts of one that differ."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from tracker.directory import Directory
from tracker.domain.city.policy import pack_of
from tracker.domain.errors import Invalid, Words
from tracker.domain.promises.clocks import SlaPolicy
from tracker.domain.promises.sla_classes import Duration, SlaClass

PARTS = ("sla_classes", "working_hours", "calendar", "categories")
LABELS = ("name", "note", "meta")
# A year at most: a typing error could otherwise make the calendar count the days of centuries.
LONGEST = {
    "natural_minutes": 527_040,
    "natural_hours": 8_784,
    "working_hours": 2_600,
    "working_days": 366,
}


class PolicyUnreadable(Invalid):
    """What was given cannot be read as a policy; `why` names the mistake."""

    code = "what_if.policy_unreadable"
    field = "policy"
    message = Words(zh="另一方案无法读取:{why}", en="The other policy cannot be read: {why}")
    remedy = Words(
        zh="给出城市目录文件的 sla_classes、working_hours、calendar、categories 中至少一项,"
        "写法与城市目录文件相同;只写有变动的等级和小类即可",
        en="Give at least one of sla_classes, working_hours, calendar and categories, written as "
        "in a city pack; classes and categories that do not differ may be left out",
    )


@dataclass(frozen=True)
class Route:
    """Where a category goes: its class and the unit that leads."""

    sla_class: str
    lead: str


@dataclass(frozen=True)
class Alternative:
    """The other policy, and the route of every category: the city's own where none is given."""

    policy: SlaPolicy
    routes: Mapping[str, Route]
    digest: str

    def class_of(self, category: str | None, sla_class: str, promised: Mapping[str, Route]) -> str:
        """The class under the other table. If a person chose another class than the city's table
        names, that class stays."""
        if category is None or category not in promised or category not in self.routes:
            return sla_class
        if promised[category].sla_class != sla_class:
            return sla_class
        return self.routes[category].sla_class


def alternative(city: Directory, given: Mapping[str, Any]) -> Alternative:
    """The city's own policy, replaced where something is given. Raises PolicyUnreadable."""
    parts = {name: given[name] for name in PARTS if name in given}
    try:
        json.dumps(parts, allow_nan=False)
    except ValueError as wrong:
        raise PolicyUnreadable(why=str(wrong)) from wrong
    whole_pack = "grids" in given
    unknown = [] if whole_pack else sorted(set(given) - set(PARTS) - set(LABELS))
    if unknown or not parts:
        raise PolicyUnreadable(why=f"unknown {unknown[0]!r}" if unknown else "nothing is given")
    try:
        policy = SlaPolicy.from_pack(_pack(city, parts), version=0)
        _bounded(policy)
        routes = _routes(city, parts.get("categories", ()))
    except (AttributeError, KeyError, TypeError, ValueError) as wrong:
        raise PolicyUnreadable(why=str(wrong) or repr(wrong)) from wrong
    for route in routes.values():
        if route.sla_class not in policy.classes:
            raise PolicyUnreadable(why=f"no class {route.sla_class!r}")
    digest = sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()
    return Alternative(policy, routes, digest)


def _bounded(policy: SlaPolicy) -> None:
    """Raises ValueError for a limit that is longer than a year."""
    for sla in policy.classes.values():
        for limit in (sla.respond, sla.resolve, sla.control, sla.follow_up, sla.extension_each):
            if limit is not None and limit.value > LONGEST[limit.unit]:
                raise ValueError(f"class {sla.code}: {limit.value} {limit.unit} is over a year")


def own_routes(city: Directory) -> dict[str, Route]:
    return {
        code: Route(category.sla, category.lead_unit)
        for code, category in city.registers["category"].items()
    }


def _pack(city: Directory, parts: Mapping[str, Any]) -> dict[str, Any]:
    """The policy as a pack: the city's own, each class and part replaced by what is given."""
    pack = pack_of(city.policy_terms.hours, list(city.calendar_years))
    classes = {found.code: pack_of_class(found) for found in city.sla_classes}
    for entry in parts.get("sla_classes", ()):
        classes[entry["code"]] = classes.get(entry["code"], {}) | dict(entry)
    others = {name: parts[name] for name in ("working_hours", "calendar") if name in parts}
    return {**pack, **others, "sla_classes": list(classes.values())}


def pack_of_class(sla: SlaClass) -> dict[str, Any]:
    """A class as a city pack writes it."""

    def limit(duration: Duration | None) -> dict[str, Any] | None:
        return None if duration is None else {"value": duration.value, "unit": duration.unit}

    return {
        "code": sla.code,
        "name": sla.name,
        "respond": limit(sla.respond),
        "resolve": limit(sla.resolve),
        "control": limit(sla.control),
        "follow_up": limit(sla.follow_up),
        "follow_up_sampling": sla.follow_up_sampling,
        "extension": {
            "max_times": sla.extension_max,
            "each": limit(sla.extension_each),
            "approver": sla.extension_approver,
        },
        "pausable": sla.pausable,
    }


def _routes(city: Directory, families: Any) -> dict[str, Route]:
    """Routes by category. `families`: as in a pack with `children`, or a plain list."""
    routes = own_routes(city)
    for family in families:
        for entry in family.get("children", [family]):
            own = routes.get(entry["code"])
            routes[entry["code"]] = Route(
                str(entry["sla"] if own is None else entry.get("sla", own.sla_class)),
                str(entry["lead_unit"] if own is None else entry.get("lead_unit", own.lead)),
            )
    return routes
