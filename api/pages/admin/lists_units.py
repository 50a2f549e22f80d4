"""The lists of who answers and for what: units, their items of service, the catalogue, areas."""

from datetime import date

from api.pages.admin.forms_catalogue import type_names
from api.pages.admin.forms_units import kind_names
from api.pages.admin.listing import Cell, Rows, change
from api.pages.frame.speech import Speech
from tracker.directory import Directory
from tracker.domain.city.areas import Area, Level
from tracker.domain.city.entries import CodedValue
from tracker.domain.city.units import Unit, UnitKind
from tracker.routing.routing import post_of_grid


def units(_: Speech, city: Directory, today: date) -> Rows:
    kinds = kind_names(_)
    order = list(UnitKind)
    found: list[Unit] = list(city.registers["unit"].values())
    found.sort(key=lambda unit: (order.index(unit.kind), unit.code))
    rows: Rows = []
    for unit in found:
        href = f"/admin/items?q={unit.code}-"
        offers = {"text": _("服务事项"), "href": href, "about": unit.code}
        buttons = [
            change(_, "unit", unit.code),
            *([offers] if unit.kind is not UnitKind.MEMBER else []),
            change(_, "unit-close", unit.code, _("撤销单位")),
        ]
        if unit.ended_on is not None:
            buttons = [change(_, "unit-restore", unit.code, _("恢复"))]
        duty = _("是") if unit.whistle_duty else "—"
        state = _("{day} 起撤销", day=unit.ended_on) if unit.ended_on else kinds[unit.kind]
        rows.append([unit.name, unit.code, state, duty, unit.contact or "—", buttons])
    return rows


def items(_: Speech, city: Directory, today: date) -> Rows:
    return [
        [item.name, item.code, city.unit(item.unit).short, item.handling,
         _("{n} 个工作日", n=item.limit_working_days),
         _ended_or(_, item, _("在用")), _buttons(_, item, "item", "item-end", _("停办"))]
        for item in sorted(city.registers["item"].values(), key=lambda one: (one.unit, one.code))
    ]  # fmt: skip


def majors(_: Speech, city: Directory, today: date) -> Rows:
    types = type_names(_)
    return [
        [major.name, major.code, types.get(major.type, major.type),
         str(sum(one.major == major.code for one in city.categories)),
         _ended_or(_, major, _("在用")), _buttons(_, major, "major", "major-end", _("停用"))]
        for major in sorted(city.registers["major"].values(), key=lambda one: one.code)
    ]  # fmt: skip


def categories(_: Speech, city: Directory, today: date) -> Rows:
    return [
        [category.name, category.code, city.unit(category.lead_unit).short,
         "、".join(city.unit(code).short for code in category.co_units) or "—", category.sla,
         _("是") if category.poolable else "—",
         _ended_or(_, category, " ".join(category.keywords[:6])),
         _buttons(_, category, "category", "category-retire", _("停用"))]
        for category in sorted(city.registers["category"].values(), key=lambda one: one.code)
    ]  # fmt: skip


def _ended_or(_: Speech, entry: CodedValue, otherwise: str) -> str:
    return _("{day} 起停用", day=entry.ended_on) if entry.ended_on else otherwise


def _buttons(_: Speech, entry: CodedValue, kind: str, end: str, label: str) -> list[dict[str, str]]:
    if entry.ended_on is not None:
        return [change(_, f"{kind}-restore", entry.code, _("恢复"))]
    return [change(_, kind, entry.code), change(_, end, entry.code, label)]


def areas(_: Speech, city: Directory, today: date) -> Rows:
    in_force = {grid.code for grid in city.grids(today)}
    return [_area(_, city, area, today, area.code in in_force) for area in city.areas]


def _area(_: Speech, city: Directory, area: Area, today: date, in_force: bool) -> list[Cell]:
    post = post_of_grid(city, area, today)[0] if in_force else None
    parent = city.registers["area"].get(area.parent)
    buttons = [change(_, "area", area.code)]
    if in_force:
        buttons.append(change(_, "grid-divide", area.code, _("细分")))
        buttons.append(change(_, "grid-merge", area.code, _("合并")))
    return [
        area.code,
        area.name,
        level_name(_, area.level),
        parent.name if parent else "—",
        post.name if post else "—",
        str(area.workers) if area.level is Level.COMPOUND else "—",
        str(area.valid_from),
        buttons,
    ]


def level_name(_: Speech, level: Level) -> str:
    return {
        Level.PREFECTURE: _("州"),
        Level.CITY: _("市"),
        Level.STREET: _("街道"),
        Level.COMMUNITY: _("社区"),
        Level.COMPOUND: _("网格"),
    }[level]
