"""The forms of the areas: name, workers, border; a grid divided into parts."""

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from api.pages.admin.ask import Ask
from api.pages.parts.fields import Field
from tracker.city.changing.areas import Amend
from tracker.city.changing.grids import Divide, Merge, Part
from tracker.city.changing.proposal import Change
from tracker.city.pack.citypack import multi_polygon
from tracker.domain.city.areas import Level, MultiPolygon
from tracker.routing.routing import post_of_grid


def area_fields(ask: Ask) -> list[Field]:
    _, area = ask.speech, ask.city.area(ask.code)
    fields = [ask.line("name", _("名称"), area.name)]
    if area.level is Level.COMPOUND:
        fields.append(ask.line("workers", _("网格员数"), str(area.workers), kind="number"))
    hint = _("GeoJSON 的 Polygon 或 MultiPolygon，WGS84；不改就留空")
    return [*fields, ask.area("border", _("新边界"), hint=hint)]


def area_change(ask: Ask) -> Change:
    area = ask.city.area(ask.code)
    wanted = replace(area, name=ask.needed("name", 40))
    if area.level is Level.COMPOUND:
        wanted = replace(wanted, workers=ask.number("workers"))
    if border := ask.filled.text("border"):
        shapes = _shapes(ask, "border", border)
        if len(shapes) > 1:
            ask.errors["border"] = ask.speech("只要一个图形，这里有 {n} 个", n=len(shapes))
        wanted = replace(wanted, geometry=shapes[0].geometry if shapes else ())
    ask.check()
    return Amend(wanted)


def divide_fields(ask: Ask) -> list[Field]:
    _, grid = ask.speech, ask.city.grid(ask.code)
    hint = _(
        "GeoJSON 的 FeatureCollection，每块一个 Feature，可写 name 和 workers；原边界见 {where}",
        where="/api/v1/directory/grids.geojson",
    )
    return [
        *_plan_fields(ask, _("{grid}细分", grid=grid.name)),
        ask.area("parts", _("各块边界"), hint=hint),
    ]


def _plan_fields(ask: Ask, name: str) -> list[Field]:
    _ = ask.speech
    code = f"PLAN-{ask.today.year}-{ask.code[-3:]}"
    return [ask.line("code", _("方案代码"), code), ask.line("name", _("方案名称"), name)]


def divide_change(ask: Ask) -> Change:
    ask.city.grid(ask.code)
    plan, name, text = ask.needed("code"), ask.needed("name", 60), ask.needed("parts", 20_000)
    parts = _shapes(ask, "parts", text) if text else []
    ask.check()
    return Divide(plan, name, ask.code, parts)


def merge_fields(ask: Ask) -> list[Field]:
    _, city, grid = ask.speech, ask.city, ask.city.grid(ask.code)
    post, _rule = post_of_grid(city, grid, ask.today)
    beside = [
        (one.code, one.name)
        for one in city.grids(ask.today)
        if one.parent == grid.parent and one.code != grid.code
        if post_of_grid(city, one, ask.today)[0] == post
    ]
    return [
        *_plan_fields(ask, _("{grid}合并", grid=grid.name)),
        ask.several("others", _("并入的网格"), beside, hint=_("同社区、同指挥部、彼此相邻的")),
        ask.line("grid", _("合并后的名称"), hint=_("不要与现有网格同名")),
    ]


def merge_change(ask: Ask) -> Change:
    ask.city.grid(ask.code)
    plan, name, grid = ask.needed("code"), ask.needed("name", 60), ask.needed("grid", 40)
    ask.check()
    return Merge(plan, name, grid, ask.code, tuple(ask.filled.all("others")))


def _shapes(ask: Ask, field: str, text: str) -> Sequence[Part]:
    """What the GeoJSON holds, or its mistake at the field."""
    _ = ask.speech
    try:
        return [_shape(one) for one in _features(json.loads(text, parse_constant=_no_number))]
    except (ValueError, RecursionError):
        ask.errors[field] = _("读不懂：不是完整的 GeoJSON")
    except (AttributeError, KeyError, TypeError, IndexError):
        ask.errors[field] = _("缺少坐标，或不是 Polygon、MultiPolygon")
    return []


def _no_number(name: str) -> float:
    raise ValueError(name)


def _features(told: Any) -> list[Any]:
    kind = told["type"]
    if kind == "FeatureCollection":
        return list(told["features"])
    return [told if kind == "Feature" else {"geometry": told}]


def _shape(feature: Any) -> Part:
    about = feature.get("properties") or {}
    workers = int(about.get("workers", 0))
    return Part(_on_earth(multi_polygon(feature["geometry"])), max(0, workers), _name(about))


def _name(about: Any) -> str:
    return str(about.get("name", "")).strip()[:40]


def _on_earth(shape: MultiPolygon) -> MultiPolygon:
    """Rings are closed by their first point again; four points at least."""
    rings = [ring for polygon in shape for ring in polygon]
    if not rings or any(len(ring) < 4 or ring[0] != ring[-1] for ring in rings):
        raise KeyError("ring")
    if any(abs(lat) > 90 or abs(lon) > 180 for ring in rings for lon, lat in ring):
        raise KeyError("degrees")
    return shape
