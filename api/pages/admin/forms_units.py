"""The forms of the units: a new one, what is said of it, its items of service."""

from dataclasses import replace

from api.pages.admin.ask import Ask
from api.pages.frame.speech import Speech
from api.pages.parts.fields import Field, Options, unit_groups
from tracker.city.changing import items, units
from tracker.city.changing.codes import next_code
from tracker.city.changing.proposal import Change
from tracker.directory import Directory
from tracker.domain.city.areas import Level
from tracker.domain.city.catalogue import ServiceItem
from tracker.domain.city.units import Unit, UnitKind

NUMBERED = {UnitKind.UNIT: ("U", 2), UnitKind.RESPONDER: ("X", 2), UnitKind.MEMBER: ("AM", 3)}


def kind_names(_: Speech) -> dict[UnitKind, str]:
    return {
        UnitKind.UNIT: _("责任单位"),
        UnitKind.RESPONDER: _("协作单位"),
        UnitKind.MEMBER: _("联盟成员"),
    }


def sectors(city: Directory) -> Options:
    """Those that a member has or a category names."""
    known = {member.sector for member in city.members}
    known |= {sector for one in city.categories for sector in one.claimable_by.sectors}
    return [(sector, sector) for sector in sorted(known - {""})]


def code_line(ask: Ask) -> Field:
    _ = ask.speech
    hint = _("大写字母、数字、连字符，以后不能改；不填就接着编号")
    return ask.line("code", _("代码"), must=False, hint=hint)


# --- units ---


def new_unit_fields(ask: Ask) -> list[Field]:
    _ = ask.speech
    kinds = list(kind_names(_).items())
    first = [ask.pick("kind", _("种类"), kinds, UnitKind.UNIT), code_line(ask)]
    return [*first, *_unit_fields(ask, None), *_member_fields(ask, None)]


def unit_fields(ask: Ask) -> list[Field]:
    unit = ask.city.unit(ask.code)
    member = unit.kind is UnitKind.MEMBER
    return [*_unit_fields(ask, unit), *(_member_fields(ask, unit) if member else [])]


def _unit_fields(ask: Ask, unit: Unit | None) -> list[Field]:
    _ = ask.speech
    return [
        ask.line("name", _("全称"), unit.name if unit else ""),
        ask.line("short", _("简称"), unit.short if unit else "", must=False,
                 hint=_("各页显示的名字；不填就用全称")),
        ask.line("contact", _("值班联系"), unit.contact if unit else "", must=False,
                 hint=_("单位的值班电话和窗口，不写人名")),
        ask.yes_or_no("duty", _("有接哨职责"), unit.whistle_duty if unit else True,
                      hint=_("有才能被派为主责")),
        ask.yes_or_no("emergency", _("紧急件 24 小时接收"),
                      unit.accepts_emergency_24x7 if unit else False),
    ]  # fmt: skip


def _member_fields(ask: Ask, unit: Unit | None) -> list[Field]:
    _, city = ask.speech, ask.city
    only = _("联盟成员才填")
    communities = [(area.code, area.name) for area in city.areas_of(Level.COMMUNITY)]
    return [
        ask.pick("sector", _("行业类别"), sectors(city), unit.sector if unit else "", must=False,
                 hint=only),
        ask.pick("community", _("所在社区"), communities, unit.community if unit else "",
                 must=False, hint=only),
    ]  # fmt: skip


def new_unit_change(ask: Ask) -> Change:
    kind = ask.needed("kind")
    if kind not in list(UnitKind):
        ask.errors.setdefault("kind", ask.speech("请在列表中选择"))
        ask.check()
    prefix, digits = NUMBERED[UnitKind(kind)]
    code = ask.filled.text("code") or next_code(ask.city, "unit", prefix, digits)
    return units.Add(_unit_of(ask, Unit(code=code, name="", short="", kind=UnitKind(kind))))


def unit_change(ask: Ask) -> Change:
    return units.Amend(_unit_of(ask, ask.city.unit(ask.code)))


def _unit_of(ask: Ask, before: Unit) -> Unit:
    _, member = ask.speech, before.kind is UnitKind.MEMBER
    name = ask.needed("name", 80)
    duty = ask.yes("duty")
    if member and duty:
        ask.errors["duty"] = _("联盟成员只认领，不受派：请选否")
    sector = ask.needed("sector", 40) if member else ""
    community = ask.needed("community") if member else ""
    ask.check()
    return replace(
        before,
        name=name,
        short=ask.filled.text("short")[:40] or name,
        contact=ask.filled.text("contact")[:120],
        whistle_duty=duty,
        accepts_emergency_24x7=ask.yes("emergency"),
        sector=sector,
        community=community,
    )


# --- items of service ---


def new_item_fields(ask: Ask) -> list[Field]:
    return [code_line(ask), *_item_fields(ask, None)]


def item_fields(ask: Ask) -> list[Field]:
    return _item_fields(ask, ask.city.service_item(ask.code))


def _item_fields(ask: Ask, item: ServiceItem | None) -> list[Field]:
    _, city = ask.speech, ask.city
    groups = unit_groups(_, city)
    ways = "、".join(dict.fromkeys(f"“{one.handling}”" for one in city.service_items))
    return [
        ask.pick("unit", _("单位"), groups, item.unit if item else ""),
        ask.line("name", _("事项名称"), item.name if item else ""),
        ask.line("handling", _("办理方式"), item.handling if item else "",
                 hint=_("如{ways}", ways=ways) if ways else ""),
        ask.line("limit", _("承诺几个工作日"), str(item.limit_working_days) if item else "",
                 kind="number"),
    ]  # fmt: skip


def new_item_change(ask: Ask) -> Change:
    unit = ask.needed("unit")
    ask.check()
    code = ask.filled.text("code") or next_code(ask.city, "item", f"{unit}-S")
    blank = ServiceItem(code=code, name="", unit="", handling="", limit_working_days=0)
    return items.Add(_item_from(ask, blank))


def item_change(ask: Ask) -> Change:
    return items.Amend(_item_from(ask, ask.city.service_item(ask.code)))


def _item_from(ask: Ask, before: ServiceItem) -> ServiceItem:
    wanted = replace(
        before,
        unit=ask.needed("unit"),
        name=ask.needed("name", 80),
        handling=ask.needed("handling", 80),
        limit_working_days=ask.number("limit"),
    )
    ask.check()
    return wanted
