"""The city's registers, open to everyone, and which grid a point lies in."""

import json
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from functools import lru_cache
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from api.door.callers import TheCity, now
from tracker.city_zone import city_zone
from tracker.commands.fields import Code
from tracker.directory import Directory
from tracker.domain.city.areas import Area
from tracker.domain.city.catalogue import Category, ServiceItem
from tracker.domain.city.posts import CommandPost
from tracker.domain.city.units import Unit
from tracker.domain.promises.sla_classes import SlaClass
from tracker.routing import routing

router = APIRouter(tags=["directory"])
Listing = dict[str, Any]


def today() -> date:
    return now().astimezone(city_zone()).date()


class Page(BaseModel):
    model_config = ConfigDict(extra="forbid")

    cursor: Code | None = None
    limit: Annotated[int, Field(ge=1, le=200)] = 200


def listed(entries: Iterable[Any], page: Page, row: Callable[[Any], Listing]) -> Listing:
    """One page in the order of codes; the cursor is the last code of the previous page."""
    after = page.cursor or ""
    waiting = [entry for entry in entries if entry.code > after]
    shown = waiting[: page.limit]
    following = shown[-1].code if len(waiting) > len(shown) else None
    return {"items": [row(entry) for entry in shown], "next": following}


class AreaPage(Page):
    level: Literal["compound", "community", "street", "city", "prefecture"] | None = None


@router.get("/directory/areas")
def areas(city: TheCity, page: Annotated[AreaPage, Query()]) -> Listing:
    """州、市、街道、社区 and the grids of every plan."""
    level = page.level
    return listed([a for a in city.areas if level in (None, a.level)], page, area_out)


def area_out(area: Area) -> Listing:
    return {
        "code": area.code,
        "name": area.name,
        "level": area.level,
        "parent": area.parent or None,
        "valid_from": area.valid_from.isoformat(),
        "center": {"lon": area.center[0], "lat": area.center[1]} if area.center else None,
        "workers": area.workers,
        "split_from": area.split_from or None,
    }


@router.get("/directory/posts")
def posts(city: TheCity, page: Annotated[Page, Query()]) -> Listing:
    """一线指挥部, each with the grids that it holds today."""
    return listed(city.posts, page, post_out)


def post_out(post: CommandPost) -> Listing:
    return {
        "code": post.code,
        "name": post.name,
        "kind": post.kind,
        "street": post.street,
        "community": post.community or None,
        "grids": list(post.grids(today())),
        "valid_from": post.valid_from.isoformat(),
    }


class UnitPage(Page):
    kind: Literal["unit", "responder", "member"] | None = None


@router.get("/directory/units")
def units(city: TheCity, page: Annotated[UnitPage, Query()]) -> Listing:
    """责任单位 and extra responders; members of the alliance with `kind=member`."""
    kinds = {"unit": city.units, "responder": city.responders, "member": city.members}
    chosen = kinds[page.kind] if page.kind else (*city.units, *city.responders)
    return listed(chosen, page, unit_out)


def unit_out(unit: Unit) -> Listing:
    return {
        "code": unit.code,
        "name": unit.name,
        "short": unit.short,
        "kind": unit.kind,
        "whistle_duty": unit.whistle_duty,
        "accepts_emergency_24x7": unit.accepts_emergency_24x7,
        "sector": unit.sector or None,
        "community": unit.community or None,
    }


@router.get("/directory/categories")
def categories(city: TheCity, page: Annotated[Page, Query()]) -> Listing:
    """问题分类, with who leads, helps and may claim."""
    majors = {major.code: major.name for major in city.majors}
    return listed(city.categories, page, lambda category: category_out(category, majors))


def category_out(category: Category, majors: Mapping[str, str]) -> Listing:
    claimable = category.claimable_by
    return {
        "code": category.code,
        "name": category.name,
        "major": category.major,
        "major_name": majors.get(category.major),
        "sla_class": category.sla,
        "lead_unit": category.lead_unit,
        "co_units": list(category.co_units),
        "self_resolvable": category.self_resolvable,
        "photo_required": category.photo_required,
        "poolable": category.poolable,
        "confidential": category.confidential,
        "claimable_by": "any"
        if claimable.anyone
        else {"units": list(claimable.units), "sectors": list(claimable.sectors)},
        "keywords": list(category.keywords),
    }


@router.get("/directory/sla-classes")
def sla_classes(city: TheCity, page: Annotated[Page, Query()]) -> Listing:
    """时限等级: what each promises, in its own units."""
    return listed(sorted(city.sla_classes, key=lambda c: c.code), page, class_out)


def class_out(sla: SlaClass) -> Listing:
    limits = {name: getattr(sla, name) for name in ("respond", "control", "resolve", "follow_up")}
    return {
        "code": sla.code,
        "name": sla.name,
        **{
            name: {"value": limit.value, "unit": limit.unit} if limit else None
            for name, limit in limits.items()
        },
        "extension_max": sla.extension_max,
        "pausable": sla.pausable,
    }


@router.get("/directory/service-items")
def service_items(city: TheCity, page: Annotated[Page, Query()]) -> Listing:
    """服务事项."""
    return listed(city.service_items, page, item_out)


def item_out(item: ServiceItem) -> Listing:
    return {
        "code": item.code,
        "name": item.name,
        "unit": item.unit,
        "handling": item.handling,
        "limit_working_days": item.limit_working_days,
    }


@router.get("/directory/grids.geojson")
def grids(city: TheCity, request: Request) -> Response:
    """The grids of today's plan with their posts, as GeoJSON."""
    tag = f'"{city.version}-{today().isoformat()}"'
    headers = {"ETag": tag, "Cache-Control": "public, max-age=300"}
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers=headers)
    return Response(
        grid_features(city, today()), media_type="application/geo+json", headers=headers
    )


@lru_cache(maxsize=2)
def grid_features(city: Directory, on: date) -> bytes:
    """The GeoJSON features, cached by `Directory`, which never changes once made."""
    features = [feature_of(grid, city, on) for grid in city.grids(on)]
    collection = {"type": "FeatureCollection", "features": features}
    return json.dumps(collection, ensure_ascii=False, separators=(",", ":")).encode()


def feature_of(grid: Area, city: Directory, on: date) -> Listing:
    place = routing.place_of_grid(city, grid.code, on)
    return {
        "type": "Feature",
        "id": grid.code,
        "properties": {
            "grid": grid.code,
            "name": grid.name,
            "community": place.community,
            "street": place.street,
            "post": place.post,
        },
        "geometry": {"type": "MultiPolygon", "coordinates": grid.geometry},
    }


class Where(BaseModel):
    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)

    lat: Annotated[float, Field(ge=-1000, le=1000)]
    lon: Annotated[float, Field(ge=-1000, le=1000)]
    crs: Literal["WGS84", "GCJ02"] = "WGS84"


class PlaceOut(BaseModel):
    grid: str | None
    community: str | None
    street: str | None
    post: str | None


@router.get("/locate", response_model=PlaceOut)
def locate(city: TheCity, where: Annotated[Where, Query()]) -> PlaceOut:
    """The grid and post that a point belongs to today."""
    place = routing.locate(city, where.lat, where.lon, where.crs, today())
    return PlaceOut(
        grid=place.grid, community=place.community, street=place.street, post=place.post
    )
