"""The city as it stands is written as a city pack, which `citypack` reads.

Loaded again it changes nothing: it is the file to begin with when much is to change at once.
"""

from datetime import date
from typing import Any

from tracker.city.pack.citypack import Pack
from tracker.directory import Directory
from tracker.domain.city.areas import Area, GridPlan, Level
from tracker.domain.city.catalogue import Category, Claimable
from tracker.domain.city.policy import pack_of
from tracker.domain.city.posts import CommandPost
from tracker.domain.city.units import Unit
from tracker.domain.promises.sla_classes import Duration, SlaClass


def written(city: Directory, today: date) -> Pack:
    """The pack of today: of areas and posts also the ended ones, of the other registers none.

    It has no accounts, answer templates, absences, and no former territories of a post.
    """
    areas: dict[Level, list[Area]] = {level: [] for level in Level}
    for code in sorted(city.registers["area"]):
        areas[city.area(code).level].append(city.area(code))
    (prefecture,), (whole,) = areas[Level.PREFECTURE], areas[Level.CITY]
    lead, co = city.emergency_default
    return {
        "city": area(whole) | {"name": city.city.name, "prefecture": area(prefecture)},
        "emergency_default": {"lead_unit": lead, "co_units": co},
        "hotlines": city.city.hotlines,
        "transfer_targets": [vars(one) for one in city.city.transfer_targets],
        "subdistricts": [area(one) for one in areas[Level.STREET]],
        "communities": [
            area(one) | {"subdistrict_code": one.parent} for one in areas[Level.COMMUNITY]
        ],
        "grids": [area(one) | {"community_code": one.parent} for one in areas[Level.COMPOUND]],
        "grid_plans": [plan(one) for one in city.plans],
        "command_posts": [post(city.post(code), today) for code in sorted(city.registers["post"])],
        "units": [unit(one) for one in city.units],
        "extra_responders": [unit(one) for one in city.responders],
        "alliance_members": [member(one) for one in city.members],
        "categories": [
            {
                "code": major.code,
                "name": major.name,
                "type": major.type,
                "children": [category(city, c) for c in city.categories if c.major == major.code],
            }
            for major in city.majors
        ],
        "service_items": [
            {
                "code": item.code,
                "name": item.name,
                "unit_code": item.unit,
                "handling": item.handling,
                "limit_working_days": item.limit_working_days,
            }
            for item in city.service_items
            if city.unit(item.unit).ended_on is None
        ],
        "sla_classes": [sla_class(one) for one in city.sla_classes],
        **pack_of(city.policy_terms.hours, list(city.calendar_years)),
    }


def area(found: Area) -> dict[str, Any]:
    geometry = {"type": "MultiPolygon", "coordinates": found.geometry} if found.geometry else None
    return {
        "code": found.code,
        "name": found.name,
        "valid_from": found.valid_from.isoformat(),
        "valid_to": day(found.ended_on),
        "center": found.center,
        "geometry": geometry,
        "worker_count": found.workers,
        "parent_code": found.split_from,
    }


def plan(found: GridPlan) -> dict[str, Any]:
    return {
        "id": found.code,
        "name": found.name,
        "source": found.source,
        "grids": found.grids,
        "periods": [[day(one.first), day(one.until)] for one in found.periods],
    }


def post(found: CommandPost, today: date) -> dict[str, Any]:
    return {
        "code": found.code,
        "name": found.name,
        "kind": found.kind,
        "subdistrict_code": found.street,
        "community_code": found.community,
        "valid_from": found.valid_from.isoformat(),
        "valid_to": day(found.ended_on),
        "overrides_community": found.overrides,
        "escalation_only": found.escalation_only,
        "grid_codes": found.grids(max(today, found.valid_from)),
        "appointments": [
            {
                "role": held.role,
                "holder": held.holder,
                "unit_code": held.unit,
                "from": held.first.isoformat(),
            }
            for held in found.appointments
            if held.until is None
        ],
    }


def unit(found: Unit) -> dict[str, Any]:
    return {
        "code": found.code,
        "name": found.name,
        "short": found.short,
        "whistle_duty": found.whistle_duty,
        "accepts_emergency_24x7": found.accepts_emergency_24x7,
        "contact": found.contact,
        "successor": found.successor,
    }


def member(found: Unit) -> dict[str, Any]:
    entry = unit(found) | {"sector": found.sector, "community_code": found.community}
    return {"id": entry.pop("code"), **entry}


def category(city: Directory, found: Category) -> dict[str, Any]:
    return {
        "code": found.code,
        "name": found.name,
        "lead_unit": found.lead_unit,
        "co_units": found.co_units,
        "sla": found.sla,
        "self_resolvable": found.self_resolvable,
        "photo_required": found.photo_required,
        "poolable": found.poolable,
        "confidential": found.confidential,
        "keywords": found.keywords,
        "claimable_by": claimable(city, found.claimable_by),
    }


def claimable(city: Directory, found: Claimable) -> dict[str, Any]:
    """Who may claim; closed units are left out."""
    units = [code for code in found.units if city.unit(code).ended_on is None]
    return {"anyone": found.anyone, "units": units, "sectors": found.sectors}


def sla_class(found: SlaClass) -> dict[str, Any]:
    return {
        "code": found.code,
        "name": found.name,
        "respond": limit(found.respond),
        "resolve": limit(found.resolve),
        "control": limit(found.control),
        "follow_up": limit(found.follow_up),
        "follow_up_sampling": found.follow_up_sampling,
        "extension": {
            "max_times": found.extension_max,
            "each": limit(found.extension_each),
            "approver": found.extension_approver,
        },
        "pausable": found.pausable,
    }


def limit(found: Duration | None) -> dict[str, Any] | None:
    return {"value": found.value, "unit": found.unit} if found else None


def day(found: date | None) -> str | None:
    return found.isoformat() if found else None
