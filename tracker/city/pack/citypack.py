"""A city pack (a JSON file) is read into the entries of the city's registers.

What a pack may leave out has its default here. Nothing is stored.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from itertools import chain
from pathlib import Path
from typing import Any, TypeAlias

from tracker.domain.city.areas import Area, GridPlan, Level, MultiPolygon, Period
from tracker.domain.city.catalogue import Category, Claimable, Major, ServiceItem
from tracker.domain.city.city import City, TransferTarget
from tracker.domain.city.policy import CalendarYear, OwnDay, PolicyTerms, WorkingHours
from tracker.domain.city.posts import COMMANDER, Appointment, CommandPost, PostKind, Territory
from tracker.domain.city.units import Unit, UnitKind
from tracker.domain.errors import Invalid, Words
from tracker.domain.promises.clocks import SlaPolicy

Pack: TypeAlias = Mapping[str, Any]
Entries: TypeAlias = dict[str, list[Any]]

DEFAULT_FIRST_DAY = date(2020, 6, 8)
"""Where the pack gives no date: the day on which the streets of today were formed."""

EMERGENCY_LEAD, EMERGENCY_CO = "U12", ("U04", "U13")
"""Where the pack names no default: an emergency without a category is led by 应急局, helped by
公安局 and 消防大队."""

HOTLINES = ("110", "119", "120")

DEPUTY_OF_STREET = "deputy_subdistrict"


def read(path: Path) -> Pack:
    """The pack in a JSON file. Raises PackUnreadable where it holds no JSON object."""
    return read_bytes(path.read_bytes())


def read_bytes(content: bytes) -> Pack:
    """The pack in the content of a file. Raises PackUnreadable."""
    try:
        pack = json.loads(content.decode())
    except (ValueError, RecursionError) as error:
        raise PackUnreadable(reason=error) from error
    if not isinstance(pack, dict):
        raise PackUnreadable(reason="it holds no JSON object")
    return pack


def entries(pack: Pack) -> Entries:
    """The entries of the pack by the kind of their register. Raises PackUnreadable."""
    try:
        return _entries(pack)
    except KeyError as error:
        raise PackUnreadable(reason=f"{error} is missing") from error
    except (AttributeError, TypeError, ValueError) as error:
        raise PackUnreadable(reason=error) from error


def _entries(pack: Pack) -> Entries:
    policy = SlaPolicy.from_pack(pack, version=1)
    return {
        "city": [city(pack)],
        "area": list(areas(pack)),
        "plan": list(plans(pack)),
        "unit": list(units(pack)),
        "post": list(posts(pack)),
        "major": [major(found) for found in pack["categories"]],
        "category": list(categories(pack)),
        "item": [item(found) for found in pack["service_items"]],
        "policy": [promises(pack, policy)],
        "calendar": list(calendars(pack)),
    }


def city(pack: Pack) -> City:
    emergency = pack.get("emergency_default", {})
    return City(
        code=pack["city"]["code"],
        name=pack["city"]["name"],
        emergency_lead=emergency.get("lead_unit", EMERGENCY_LEAD),
        emergency_co=tuple(emergency.get("co_units", EMERGENCY_CO)),
        hotlines=tuple(pack.get("hotlines", HOTLINES)),
        transfer_targets=tuple(TransferTarget(**one) for one in pack.get("transfer_targets", ())),
    )


def areas(pack: Pack) -> Iterator[Area]:
    """The prefecture, the city, its streets and communities, and the grids of every plan."""
    prefecture = pack["city"]["prefecture"]
    yield area(prefecture, Level.PREFECTURE, parent="")
    yield area(pack["city"], Level.CITY, parent=prefecture["code"])
    for street in pack["subdistricts"]:
        yield area(street, Level.STREET, parent=pack["city"]["code"])
    for community in pack["communities"]:
        yield area(community, Level.COMMUNITY, parent=community["subdistrict_code"])
    for grid in chain(pack["grids"], *(plan.get("new_grids", ()) for plan in pack["grid_plans"])):
        yield area(grid, Level.COMPOUND, parent=grid["community_code"])


def area(found: Pack, level: Level, parent: str) -> Area:
    center = found.get("center")
    return Area(
        code=found["code"],
        name=found["name"],
        level=level,
        parent=parent,
        valid_from=_first_day(found),
        ended_on=_day(found.get("valid_to")),
        center=(float(center[0]), float(center[1])) if center else None,
        geometry=multi_polygon(found.get("geometry")),
        workers=found.get("worker_count", 0),
        split_from=found.get("parent_code", ""),
    )


def multi_polygon(geometry: Pack | None) -> MultiPolygon:
    """The coordinates of a GeoJSON Polygon or MultiPolygon, both as a MultiPolygon."""
    if geometry is None:
        return ()
    single = geometry["type"] == "Polygon"
    polygons = [geometry["coordinates"]] if single else geometry["coordinates"]
    return tuple(
        tuple(tuple((float(lon), float(lat)) for lon, lat, *_ in ring) for ring in rings)
        for rings in polygons
    )


def plans(pack: Pack) -> Iterator[GridPlan]:
    """The grid plans: each lists its own grids, or splits some of the base plan's.

    A plan without a date is not in force.
    """
    base = [grid["code"] for grid in pack["grids"]]
    for plan in pack["grid_plans"]:
        split = set(plan.get("split_parents", ()))
        new = [grid["code"] for grid in plan.get("new_grids", ())]
        yield GridPlan(
            code=plan["id"],
            name=plan.get("name", plan["id"]),
            grids=tuple(
                plan.get("grids") or sorted([code for code in base if code not in split] + new)
            ),
            source=plan.get("source", ""),
            periods=tuple(_periods(plan)),
        )


def _periods(plan: Pack) -> Iterator[Period]:
    spans = plan.get("periods", [[plan.get("valid_from"), plan.get("valid_to")]])
    for begins, ends in spans:
        first, until = _day(begins), _day(ends)
        if first is not None and first != until:  # one that was switched off on its first day
            yield Period(first, until)


def units(pack: Pack) -> Iterator[Unit]:
    """The units with duties, the extra responders, the members of the alliance."""
    for found in pack["units"]:
        yield Unit(
            code=found["code"],
            name=found["name"],
            short=found.get("short", found["name"]),
            kind=UnitKind.UNIT,
            whistle_duty=found["whistle_duty"],
            accepts_emergency_24x7=found["accepts_emergency_24x7"],
            contact=found.get("contact", ""),
            successor=found.get("successor", ""),
        )
    for found in pack.get("extra_responders", ()):
        yield Unit(
            code=found["code"],
            name=found["name"],
            short=found.get("short", found["name"]),
            kind=UnitKind.RESPONDER,
            whistle_duty=found.get("whistle_duty", False),
            accepts_emergency_24x7=found.get("accepts_emergency_24x7", False),
            contact=found.get("contact", ""),
            successor=found.get("successor", ""),
        )
    for found in pack.get("alliance_members", ()):
        yield Unit(
            code=found["id"],
            name=found["name"],
            short=found.get("short", found["name"]),
            kind=UnitKind.MEMBER,
            accepts_emergency_24x7=found.get("accepts_emergency_24x7", False),
            sector=found["sector"],
            community=found["community_code"],
            contact=found.get("contact", ""),
            successor=found.get("successor", ""),
        )


def posts(pack: Pack) -> Iterator[CommandPost]:
    for found in pack["command_posts"]:
        yield CommandPost(
            code=found["code"],
            name=found["name"],
            kind=PostKind(found["kind"]),
            street=found["subdistrict_code"],
            community=found.get("community_code", ""),
            valid_from=_first_day(found),
            ended_on=_day(found.get("valid_to")),
            overrides=found.get("overrides_community", False),
            escalation_only=found.get("escalation_only", False),
            territories=(Territory(_first_day(found), tuple(found["grid_codes"])),),
            appointments=tuple(appointments(pack, found)),
        )


def appointments(pack: Pack, post: Pack) -> Iterator[Appointment]:
    """The post's own officers, named by their office, and the staff sent down to it.

    Where the pack lists `appointments`, they are taken as they are. Otherwise it says which offices
    a post has, not who holds them: a community's post is commanded by its secretary, a street's by
    the street's secretary, a special area's by a member of the street's leadership.
    """
    first = _first_day(post)
    if "appointments" in post:
        for held in post["appointments"]:
            since = _day(held.get("from")) or first
            yield Appointment(held["role"], held["holder"], held.get("unit_code", ""), since)
        return
    community, street = post.get("community_code"), post["subdistrict_code"]
    own = {role["role"] for role in post.get("roles", ())}
    if community or post["kind"] == PostKind.SUBDISTRICT:
        yield Appointment(COMMANDER, f"secretary-{community or street}", "", first)
    else:
        yield Appointment(COMMANDER, f"leadership-{street}-{post['code'].lower()}", "", first)
    if DEPUTY_OF_STREET in own:
        yield Appointment(
            DEPUTY_OF_STREET, f"leadership-{street}-{post['code'].lower()}", "", first
        )
    for staff in pack.get("sunk_staff", ()):
        for role in staff["roles"]:
            if role["post"] == post["code"]:
                yield Appointment(role["role"], staff["id"], staff["unit_code"], first)


def major(found: Pack) -> Major:
    return Major(code=found["code"], name=found["name"], type=found["type"])


def categories(pack: Pack) -> Iterator[Category]:
    for family in pack["categories"]:
        for found in family["children"]:
            yield Category(
                code=found["code"],
                name=found["name"],
                major=family["code"],
                lead_unit=found["lead_unit"],
                co_units=tuple(found["co_units"]),
                sla=found["sla"],
                self_resolvable=found["self_resolvable"],
                photo_required=found["photo_required"],
                poolable=found["poolable"],
                confidential=found["confidential"],
                keywords=tuple(found["keywords"]),
                claimable_by=claimable(found.get("claimable_by")),
            )


def claimable(found: Pack | str | None) -> Claimable:
    if isinstance(found, Mapping):
        return Claimable(
            anyone=found.get("anyone", False),
            units=tuple(found.get("units", ())),
            sectors=tuple(found.get("sectors", ())),
        )
    return Claimable(anyone=found == "any")


def item(found: Pack) -> ServiceItem:
    return ServiceItem(
        code=found["code"],
        name=found["name"],
        unit=found["unit_code"],
        handling=found["handling"],
        limit_working_days=found["limit_working_days"],
    )


def promises(pack: Pack, policy: SlaPolicy) -> PolicyTerms:
    hours = pack["working_hours"]
    return PolicyTerms(
        code="sla",
        name="时限策略",
        version=policy.version,
        classes=tuple(policy.classes.values()),
        hours=WorkingHours(hours["timezone"], _intervals(hours["intervals"])),
    )


def calendars(pack: Pack) -> Iterator[CalendarYear]:
    days = [
        OwnDay(date.fromisoformat(day["date"]), day["kind"], _intervals(day.get("intervals", ())))
        for day in pack["calendar"]["exceptions"]
    ]
    for year in pack["calendar"]["years"]:
        own = sorted((day for day in days if day.on.year == year), key=lambda day: day.on)
        yield CalendarYear(code=str(year), name=str(year), days=tuple(own))


def _intervals(found: Iterable[Iterable[str]]) -> tuple[tuple[str, str], ...]:
    return tuple((start, end) for start, end in found)


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _first_day(found: Pack) -> date:
    return _day(found.get("valid_from")) or DEFAULT_FIRST_DAY


class PackUnreadable(Invalid):
    """The file is no city pack, or lacks something that every city has."""

    code = "city.pack_unreadable"
    message = Words(zh="城市目录文件无法读取:{reason}", en="The city pack cannot be read: {reason}")
    remedy = Words(zh="请对照内置的蒙自目录补全", en="Compare it with the packaged one of Mengzi")
