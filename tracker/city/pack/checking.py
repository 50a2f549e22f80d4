"""Whether the codes of a city pack are right: each one that is named is there, and only once."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from tracker.city.pack.citypack import Entries
from tracker.directory import Directory
from tracker.domain.city.areas import Level
from tracker.domain.errors import Conflict, Invalid, Words


def check(wanted: Entries) -> None:
    """Raises PackBroken where an entry names a code that is not there, or a code comes twice."""
    codes = {kind: {entry.code for entry in found} for kind, found in wanted.items()}
    codes["sla"] = {found.code for found in wanted["policy"][0].classes}
    broken = [
        f"{kind} {entry.code}: {named} {code}"
        for kind, entry, named, code in _references(wanted)
        if code not in codes[named]
    ]
    broken += [
        f"{kind} {code}: twice"
        for kind, found in wanted.items()
        for code, times in Counter(entry.code for entry in found).items()
        if times > 1
    ]
    if broken:
        raise PackBroken(first=broken[0], count=len(broken))


def check_zone(city: Directory, wanted: Entries) -> None:
    """Raises ZoneIsFixed where a city that is loaded would get another time zone."""
    zone = wanted["policy"][0].hours.timezone
    if city.is_loaded and city.zone.key != zone:
        raise ZoneIsFixed(zone=city.zone.key, given=zone)


def _references(wanted: Entries) -> Iterator[tuple[str, Any, str, str]]:
    """(kind, entry, kind that it names, code that it names)"""
    for found in wanted["area"]:
        if found.level is not Level.PREFECTURE:
            yield "area", found, "area", found.parent
    for found in wanted["city"]:
        for code in (found.emergency_lead, *found.emergency_co):
            yield "city", found, "unit", code
    for found in wanted["plan"]:
        for code in found.grids:
            yield "plan", found, "area", code
    for found in wanted["post"]:
        for code in (found.street, *(grid for held in found.territories for grid in held.grids)):
            yield "post", found, "area", code
    for found in wanted["category"]:
        yield "category", found, "sla", found.sla
        claimable = found.claimable_by.units
        for code in (found.lead_unit, *found.co_units, *claimable):
            yield "category", found, "unit", code
    for found in wanted["item"]:
        yield "item", found, "unit", found.unit


class ZoneIsFixed(Conflict):
    """Figures are counted by days of the city's zone; in another one they would be other days."""

    code = "city.zone_is_fixed"
    message = Words(
        zh="城市的时区是 {zone},不能改为 {given}",
        en="The city's time zone is {zone}; it cannot become {given}",
    )
    remedy = Words(zh="请在城市目录里写回 {zone}", en="Put {zone} back into the city pack")


class PackBroken(Invalid):
    """An entry of the pack names another that is not in it. Nothing was recorded."""

    code = "city.pack_broken"
    message = Words(
        zh="城市目录有 {count} 处引用有误,首处:{first}",
        en="{count} references in the city pack lead nowhere, the first: {first}",
    )
    remedy = Words(
        zh="请改正后重新载入,此次未写入任何内容", en="Correct them; nothing was recorded"
    )
