"""The forms of the units and of their items of service."""

from dataclasses import replace

from api.pages.admin.form import ChangeForm, Form
from api.pages.frame.speech import Speech
from api.pages.parts.fields import Options, unit_groups
from tracker.city.changing.city_change import CityChange
from tracker.city.changing.codes import next_code
from tracker.city.changing.items import ITEMS
from tracker.city.changing.units import UNITS, CloseUnit
from tracker.directory import Directory
from tracker.domain.city.areas import Level
from tracker.domain.city.catalogue import ServiceItem
from tracker.domain.city.units import Unit, UnitKind

NUMBERED = {UnitKind.UNIT: ("U", 2), UnitKind.RESPONDER: ("X", 2), UnitKind.MEMBER: ("AM", 3)}
BLANK = Unit(code="", name="", short="", kind=UnitKind.UNIT, whistle_duty=True)
BLANK_ITEM = ServiceItem(code="", name="", unit="", handling="", limit_working_days=0)


def kind_names(_: Speech) -> dict[UnitKind, str]:
    return {
        UnitKind.UNIT: _("责任单位"),
        UnitKind.RESPONDER: _("协作单位"),
        UnitKind.MEMBER: _("联盟成员"),
    }


def sectors(city: Directory) -> Options:
    """The sectors that a member has or a category names."""
    known = {member.sector for member in city.members}
    known |= {sector for one in city.categories for sector in one.claimable_by.sectors}
    return [(sector, sector) for sector in sorted(known - {""})]


def code_of_new(form: Form) -> str:
    """The code that somebody wants for a new entry; "" asks for the next number."""
    hint = form.speech("大写字母、数字、连字符，以后不能改；不填就接着编号")
    return form.text("code", form.speech("代码"), must=False, hint=hint)


def new_unit(form: Form) -> CityChange:
    kinds = list(kind_names(form.speech).items())
    kind = form.pick("kind", form.speech("种类"), kinds, UnitKind.UNIT)
    code = code_of_new(form)
    unit = _unit(form, BLANK, member=kind == UnitKind.MEMBER, with_member_fields=True)
    prefix, digits = NUMBERED[UnitKind(kind)]
    code = code or next_code(form.city, "unit", prefix, digits)
    return UNITS.add(replace(unit, code=code, kind=UnitKind(kind)))


def unit(form: Form) -> CityChange:
    found = form.city.unit(form.code)
    member = found.kind is UnitKind.MEMBER
    return UNITS.amend(_unit(form, found, member, with_member_fields=member))


def _unit(form: Form, unit: Unit, member: bool, with_member_fields: bool) -> Unit:
    _, city = form.speech, form.city
    name = form.text("name", _("全称"), unit.name, at_most=80)
    short = form.text("short", _("简称"), unit.short, must=False,
                      hint=_("各页显示的名字；不填就用全称"))  # fmt: skip
    contact = form.text("contact", _("值班联系"), unit.contact, must=False,
                        hint=_("单位的值班电话和窗口，不写人名"))  # fmt: skip
    duty = form.yes("duty", _("有接哨职责"), unit.whistle_duty, hint=_("有才能被派为主责"))
    emergency = form.yes("emergency", _("紧急件 24 小时接收"), unit.accepts_emergency_24x7)
    sector = community = ""
    if with_member_fields:
        only = _("联盟成员才填")
        communities = [(area.code, area.name) for area in city.areas_of(Level.COMMUNITY)]
        sector = form.pick("sector", _("行业类别"), sectors(city), unit.sector, must=False,
                           hint=only)  # fmt: skip
        community = form.pick("community", _("所在社区"), communities, unit.community, must=False,
                              hint=only)  # fmt: skip
    if member and duty:
        form.mistake("duty", _("联盟成员只认领，不受派：请选否"))
    if member and not sector:
        form.mistake("sector", _("这一项要填"))
    if member and not community:
        form.mistake("community", _("这一项要填"))
    form.check()
    return replace(
        unit,
        name=name,
        short=short[:40] or name,
        contact=contact[:120],
        whistle_duty=duty,
        accepts_emergency_24x7=emergency,
        sector=sector if member else "",
        community=community if member else "",
    )


def closed_unit(form: Form) -> CityChange:
    _ = form.speech
    others = [unit for unit in form.city.units if unit.code != form.code]
    heir = form.pick("successor", _("由谁接手"), [(one.code, one.short) for one in others],
                     must=False,
                     hint=_("它在办的哨原样交给接手单位；不选就退回待派单"))  # fmt: skip
    return CloseUnit(form.code, heir)


def new_item(form: Form) -> CityChange:
    code = code_of_new(form)
    item = _item(form, BLANK_ITEM)
    code = code or next_code(form.city, "item", f"{item.unit}-S")
    return ITEMS.add(replace(item, code=code))


def item(form: Form) -> CityChange:
    return ITEMS.amend(_item(form, form.city.service_item(form.code)))


def _item(form: Form, item: ServiceItem) -> ServiceItem:
    _, city = form.speech, form.city
    ways = "、".join(dict.fromkeys(f"“{one.handling}”" for one in city.service_items))
    wanted = replace(
        item,
        unit=form.pick("unit", _("单位"), unit_groups(_, city), item.unit),
        name=form.text("name", _("事项名称"), item.name, at_most=80),
        handling=form.text("handling", _("办理方式"), item.handling, at_most=80,
                           hint=_("如{ways}", ways=ways) if ways else ""),
        limit_working_days=form.number("limit", _("承诺几个工作日"), item.limit_working_days),
    )  # fmt: skip
    form.check()
    return wanted


FORMS = {
    "unit-new": ChangeForm("新单位", new_unit, "units"),
    "unit": ChangeForm("改单位", unit, "units"),
    "unit-close": ChangeForm("撤销单位", closed_unit, "units"),
    "unit-restore": ChangeForm("恢复单位", lambda form: UNITS.restore(form.code), "units"),
    "item-new": ChangeForm("新服务事项", new_item, "items"),
    "item": ChangeForm("改服务事项", item, "items"),
    "item-end": ChangeForm("停办服务事项", lambda form: ITEMS.end(form.code), "items"),
    "item-restore": ChangeForm("恢复服务事项", lambda form: ITEMS.restore(form.code), "items"),
}
