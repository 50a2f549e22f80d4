"""The forms of the city's registers: their fields, and the change that what was typed asks for."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from api.access import ROLE_WORDS
from api.pages.admin_ask import Ask
from api.pages.admin_forms_calendar import calendar_change, calendar_fields
from api.pages.admin_forms_city import (
    hours_change,
    hours_fields,
    plan_change,
    plan_fields,
    plan_off_change,
    plan_off_fields,
    policy_change,
    policy_fields,
)
from api.pages.admin_forms_posts import (
    appoint_change,
    appoint_fields,
    relieve_change,
    relieve_fields,
    territory_change,
    territory_fields,
)
from api.pages.admin_tables import Table
from api.pages.fields import Field, Group
from api.pages.speech import Speech
from tracker.changing import accounts, catalogue, units
from tracker.changing.proposal import Change
from tracker.directory import Directory
from tracker.domain.accounts import NEEDS, Account
from tracker.domain.actors import Role
from tracker.domain.units import Unit


@dataclass(frozen=True)
class Kind:
    """One kind of change. `back` is the list on which its entry stands."""

    title: Callable[[Speech], str]
    fields: Callable[[Ask], Sequence[Field | Table]]
    change: Callable[[Ask], Change]
    back: str


# --- accounts ---


def _account_fields(ask: Ask, found: Account | None) -> list[Field]:
    _, city = ask.speech, ask.city
    roles = [(role.value, ROLE_WORDS[role].say(_.language, {})) for role in NEEDS]
    units = [(unit.code, unit.short) for unit in (*city.units, *city.responders, *city.members)]
    streets = [(code, city.area(code).name) for code in sorted({p.street for p in city.posts})]
    only = _("该角色才填")
    return [
        ask.line("display_name", _("岗位名称"), found.display_name if found else "",
                 hint=_("写岗位，不写人名")),
        ask.pick("role", _("角色"), roles, found.role if found else ""),
        ask.pick("post", _("指挥部"), [(p.code, p.name) for p in city.posts],
                 (found and found.post) or "", must=False, hint=only),
        ask.pick("unit", _("单位"), units, (found and found.unit) or "", must=False, hint=only),
        ask.pick("grid", _("网格"), [(g.code, g.name) for g in city.grids(ask.today)],
                 (found and found.grid) or "", must=False, hint=only),
        ask.pick("street", _("街道"), streets, (found and found.street) or "", must=False,
                 hint=only),
    ]  # fmt: skip


def _account_of(ask: Ask, username: str) -> Account:
    name, role = ask.needed("display_name", 80), ask.needed("role")
    if role and role not in NEEDS:
        ask.errors["role"] = ask.speech("请在列表中选择")
    ask.check()
    post, unit, grid, street = (
        ask.filled.text(place) or None for place in ("post", "unit", "grid", "street")
    )
    return Account(
        username=username,
        role=Role(role),
        display_name=name,
        post=post,
        unit=unit,
        grid=grid,
        street=street,
    )


def open_fields(ask: Ask) -> list[Field]:
    hint = ask.speech("小写字母、数字、连字符，以后不能改")
    first = ask.line("username", ask.speech("账号名"), hint=hint)
    return [first, *_account_fields(ask, None)]


def open_change(ask: Ask) -> Change:
    return accounts.Open(_account_of(ask, ask.needed("username", 64)))


def reassign_change(ask: Ask) -> Change:
    found = ask.city.account(ask.code)
    return accounts.Reassign(replace(_account_of(ask, ask.code), active=found.active))


# --- units ---


def unit_fields(ask: Ask) -> list[Field]:
    _, unit = ask.speech, ask.city.unit(ask.code)
    return [
        ask.line("name", _("全称"), unit.name),
        ask.line("short", _("简称"), unit.short, hint=_("各页显示的名字")),
        ask.line("contact", _("值班联系"), unit.contact, must=False,
                 hint=_("单位的值班电话和窗口，不写人名")),
        ask.yes_or_no("duty", _("有接哨职责"), unit.whistle_duty),
        ask.yes_or_no("emergency", _("紧急件 24 小时接收"), unit.accepts_emergency_24x7),
    ]  # fmt: skip


def unit_change(ask: Ask) -> Change:
    unit: Unit = ask.city.unit(ask.code)
    wanted = replace(
        unit,
        name=ask.needed("name", 80),
        short=ask.needed("short", 40),
        contact=ask.filled.text("contact")[:120],
        whistle_duty=ask.yes("duty"),
        accepts_emergency_24x7=ask.yes("emergency"),
    )
    ask.check()
    return units.Amend(wanted)


def close_fields(ask: Ask) -> list[Field]:
    return [ask.line("first", ask.speech("从哪天起撤销"), ask.today.isoformat(), kind="date")]


def close_change(ask: Ask) -> Change:
    on = ask.day("first")
    ask.check()
    assert on is not None
    return units.Close(ask.code, on)


# --- categories ---


def category_fields(ask: Ask) -> list[Field]:
    _, city = ask.speech, ask.city
    found = city.category(ask.code)
    groups = [
        Group(_("责任单位"), [(unit.code, unit.short) for unit in city.units]),
        Group(_("协作单位"), [(unit.code, unit.short) for unit in city.responders]),
    ]
    return [
        ask.pick("lead", _("默认主责单位"), groups, found.lead_unit),
        ask.several("co", _("默认协办单位"), groups, found.co_units),
        ask.pick("sla", _("时限类别"), [(c.code, f"{c.code} {c.name}") for c in city.sla_classes],
                 found.sla),
        ask.area("keywords", _("关键词"), "、".join(found.keywords), hint=_("用顿号或换行隔开")),
        ask.yes_or_no("poolable", _("可以入池认领"), found.poolable),
    ]  # fmt: skip


def category_change(ask: Ask) -> Change:
    found = ask.city.category(ask.code)
    lead, sla = ask.needed("lead"), ask.needed("sla")
    words = ask.filled.text("keywords").replace("\n", "、").replace("，", "、").split("、")
    co = tuple(code for code in ask.filled.all("co") if code != lead)
    ask.check()
    return catalogue.Amend(
        replace(
            found,
            lead_unit=lead,
            co_units=found.co_units if set(co) == set(found.co_units) else co,
            sla=sla,
            keywords=tuple(dict.fromkeys(word.strip() for word in words if word.strip())),
            poolable=ask.yes("poolable"),
        )
    )


def _nothing(ask: Ask) -> list[Field]:
    return []


KINDS: Mapping[str, Kind] = {
    "account-open": Kind(lambda _: _("新账号"), open_fields, open_change, "accounts"),
    "account": Kind(
        lambda _: _("改账号的角色和岗位"),
        lambda ask: _account_fields(ask, ask.city.account(ask.code)),
        reassign_change,
        "accounts",
    ),
    "account-shut": Kind(
        lambda _: _("停用账号"), _nothing, lambda ask: accounts.Shut(ask.code), "accounts"
    ),
    "account-reopen": Kind(
        lambda _: _("恢复账号"), _nothing, lambda ask: accounts.Reopen(ask.code), "accounts"
    ),
    "unit": Kind(lambda _: _("改单位"), unit_fields, unit_change, "units"),
    "unit-close": Kind(lambda _: _("撤销单位"), close_fields, close_change, "units"),
    "unit-restore": Kind(
        lambda _: _("恢复单位"),
        _nothing,
        lambda ask: units.Restore(replace(ask.city.unit(ask.code), ended_on=None)),
        "units",
    ),
    "category": Kind(lambda _: _("改类别的默认值"), category_fields, category_change, "categories"),
    "territory": Kind(lambda _: _("改辖区网格"), territory_fields, territory_change, "posts"),
    "appoint": Kind(lambda _: _("任职"), appoint_fields, appoint_change, "posts"),
    "relieve": Kind(lambda _: _("免职"), relieve_fields, relieve_change, "posts"),
    "policy": Kind(lambda _: _("新一版时限政策"), policy_fields, policy_change, "policy"),
    "hours": Kind(lambda _: _("改工作时间"), hours_fields, hours_change, "policy"),
    "calendar": Kind(lambda _: _("年度日历"), calendar_fields, calendar_change, "calendars"),
    "plan-on": Kind(lambda _: _("启用网格方案"), plan_fields, plan_change, "plans"),
    "plan-off": Kind(lambda _: _("停用网格方案"), plan_off_fields, plan_off_change, "plans"),
}


def name_of(city: Directory, kind: str, code: str) -> str:
    """The entry's own name, for the head of its form. Refuses an unknown code."""
    subject = KINDS[kind].back
    if not code or subject == "calendars":
        return code
    if subject == "policy":
        return city.policy.sla_class(code).name
    if subject == "accounts":
        return city.account(code).username
    if subject == "units":
        return city.unit(code).name
    if subject == "categories":
        return city.category(code).name
    if subject == "plans":
        found = city.shelves["plan"].get(code)
        return found.name if found else code
    return city.post(code).name
