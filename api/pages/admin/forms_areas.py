"""The forms of the areas: name, workers, border; a grid divided into parts."""

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from api.pages.admin.form import ChangeForm, Form
from tracker.city.changing.areas import AmendArea
from tracker.city.changing.city_change import CityChange
from tracker.city.changing.grids import Divide, Merge, Part
from tracker.city.pack.citypack import multi_polygon
from tracker.domain.city.areas import Level, MultiPolygon
from tracker.routing.routing import post_of_grid


def area(form: Form) -> CityChange:
    _, area = form.speech, form.city.area(form.code)
    wanted = replace(area, name=form.text("name", _("名称"), area.name, at_most=40))
    if area.level is Level.COMPOUND:
        wanted = replace(wanted, workers=form.number("workers", _("网格员数"), area.workers))
    hint = _("GeoJSON 的 Polygon 或 MultiPolygon，WGS84；不改就留空")
    if border := form.area("border", _("新边界"), hint=hint):
        shapes = _shapes(form, "border", border)
        if len(shapes) > 1:
            form.mistake("border", _("只要一个图形，这里有 {n} 个", n=len(shapes)))
        wanted = replace(wanted, geometry=shapes[0].geometry if shapes else ())
    form.check()
    return AmendArea(wanted)


def divide(form: Form) -> CityChange:
    _, grid = form.speech, form.city.grid(form.code)
    code, name = _plan(form, _("{grid}细分", grid=grid.name))
    hint = _(
        "GeoJSON 的 FeatureCollection，每块一个 Feature，可写 name 和 workers；原边界见 {where}",
        where="/api/v1/directory/grids.geojson",
    )
    typed = form.area("parts", _("各块边界"), hint=hint)
    if not typed:
        form.mistake("parts", _("这一项要填"))
    parts = _shapes(form, "parts", typed) if typed else []
    form.check()
    return Divide(code, name, form.code, parts)


def merge(form: Form) -> CityChange:
    _, city, grid = form.speech, form.city, form.city.grid(form.code)
    post, _rule = post_of_grid(city, grid, form.today)
    beside = [
        (one.code, one.name)
        for one in city.grids(form.today)
        if one.parent == grid.parent and one.code != grid.code
        if post_of_grid(city, one, form.today)[0] == post
    ]
    code, name = _plan(form, _("{grid}合并", grid=grid.name))
    others = form.several("others", _("并入的网格"), beside, hint=_("同社区、同指挥部、彼此相邻的"))
    merged = form.text("grid", _("合并后的名称"), hint=_("不要与现有网格同名"), at_most=40)
    form.check()
    return Merge(code, name, merged, form.code, others)


def _plan(form: Form, name: str) -> tuple[str, str]:
    """Code and name of the new grid plan."""
    _, code = form.speech, f"PLAN-{form.today.year}-{form.code[-3:]}"
    return form.text("code", _("方案代码"), code), form.text(
        "name", _("方案名称"), name, at_most=60
    )


def _shapes(form: Form, field: str, text: str) -> Sequence[Part]:
    """The shapes of the GeoJSON; what cannot be read is a mistake at the field, and no shape."""
    _ = form.speech
    try:
        return [_shape(one) for one in _features(json.loads(text, parse_constant=_no_number))]
    except (ValueError, RecursionError):
        form.mistake(field, _("读不懂：不是完整的 GeoJSON"))
    except (AttributeError, KeyError, TypeError, IndexError):
        form.mistake(field, _("缺少坐标，或不是 Polygon、MultiPolygon"))
    return []


def _no_number(name: str) -> float:
    raise ValueError(name)


def _features(sent: Any) -> list[Any]:
    kind = sent["type"]
    if kind == "FeatureCollection":
        return list(sent["features"])
    return [sent if kind == "Feature" else {"geometry": sent}]


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


FORMS = {
    "area": ChangeForm("改区域", area, "areas"),
    "grid-merge": ChangeForm("合并网格", merge, "areas"),
    "grid-divide": ChangeForm("细分网格", divide, "areas"),
}
