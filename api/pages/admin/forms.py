"""The forms of the city's registers: their fields, and the change that what was typed asks for."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from api.door.access import ROLE_WORDS
from api.pages.admin.ask import Ask
from api.pages.admin.forms_absence import leave_change, leave_fields, return_change, return_fields
from api.pages.admin.forms_areas import (
    area_change,
    area_fields,
    divide_change,
    divide_fields,
    merge_change,
    merge_fields,
)
from api.pages.admin.forms_calendar import calendar_change, calendar_fields
from api.pages.admin.forms_catalogue import (
    category_change,
    category_fields,
    major_change,
    major_fields,
    new_category_change,
    new_category_fields,
    new_major_change,
    new_major_fields,
)
from api.pages.admin.forms_city import (
    hours_change,
    hours_fields,
    plan_change,
    plan_fields,
    plan_off_change,
    plan_off_fields,
    policy_change,
    policy_fields,
)
from api.pages.admin.forms_posts import (
    appoint_change,
    appoint_fields,
    relieve_change,
    relieve_fields,
    territory_change,
    territory_fields,
)
from api.pages.admin.forms_units import (
    item_change,
    item_fields,
    new_item_change,
    new_item_fields,
    new_unit_change,
    new_unit_fields,
    unit_change,
    unit_fields,
)
from api.pages.admin.tables import Table
from api.pages.frame.speech import Speech
from api.pages.parts.fields import Field
from tracker.city.changing import accounts, catalogue, items, majors, units
from tracker.city.changing.proposal import Change
from tracker.directory import Directory
from tracker.domain.actors import Role
from tracker.domain.city.accounts import NEEDS, Account


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
    "unit-new": Kind(lambda _: _("新单位"), new_unit_fields, new_unit_change, "units"),
    "unit": Kind(lambda _: _("改单位"), unit_fields, unit_change, "units"),
    "unit-close": Kind(
        lambda _: _("撤销单位"), _nothing, lambda ask: units.Close(ask.code), "units"
    ),
    "unit-restore": Kind(
        lambda _: _("恢复单位"), _nothing, lambda ask: units.Restore(ask.code), "units"
    ),
    "item-new": Kind(lambda _: _("新服务事项"), new_item_fields, new_item_change, "items"),
    "item": Kind(lambda _: _("改服务事项"), item_fields, item_change, "items"),
    "item-end": Kind(
        lambda _: _("停办服务事项"), _nothing, lambda ask: items.End(ask.code), "items"
    ),
    "item-restore": Kind(
        lambda _: _("恢复服务事项"), _nothing, lambda ask: items.Restore(ask.code), "items"
    ),
    "category-new": Kind(
        lambda _: _("新类别"), new_category_fields, new_category_change, "categories"
    ),
    "category": Kind(lambda _: _("改类别"), category_fields, category_change, "categories"),
    "category-retire": Kind(
        lambda _: _("停用类别"), _nothing, lambda ask: catalogue.Retire(ask.code), "categories"
    ),
    "category-restore": Kind(
        lambda _: _("恢复类别"), _nothing, lambda ask: catalogue.Restore(ask.code), "categories"
    ),
    "major-new": Kind(lambda _: _("新大类"), new_major_fields, new_major_change, "majors"),
    "major": Kind(lambda _: _("改大类"), major_fields, major_change, "majors"),
    "major-end": Kind(
        lambda _: _("停用大类"), _nothing, lambda ask: majors.End(ask.code), "majors"
    ),
    "major-restore": Kind(
        lambda _: _("恢复大类"), _nothing, lambda ask: majors.Restore(ask.code), "majors"
    ),
    "area": Kind(lambda _: _("改区域"), area_fields, area_change, "areas"),
    "grid-merge": Kind(lambda _: _("合并网格"), merge_fields, merge_change, "areas"),
    "grid-divide": Kind(lambda _: _("细分网格"), divide_fields, divide_change, "areas"),
    "territory": Kind(lambda _: _("改辖区网格"), territory_fields, territory_change, "posts"),
    "appoint": Kind(lambda _: _("任职"), appoint_fields, appoint_change, "posts"),
    "relieve": Kind(lambda _: _("免职"), relieve_fields, relieve_change, "posts"),
    "leave": Kind(lambda _: _("记离岗"), leave_fields, leave_change, "posts"),
    "return": Kind(lambda _: _("记回岗"), return_fields, return_change, "posts"),
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
        city.policy.sla_class(code)  # one row of the form, which has them all
        return ""
    if subject == "accounts":
        return city.account(code).username
    if subject == "units":
        return city.unit(code).name
    if subject == "categories":
        return city.category(code).name
    if subject == "items":
        return city.service_item(code).name
    if subject == "majors":
        return city.major(code).name
    if subject == "areas":
        return city.area(code).name
    if subject == "plans":
        found = city.shelves["plan"].get(code)
        return found.name if found else code
    return city.post(code).name
