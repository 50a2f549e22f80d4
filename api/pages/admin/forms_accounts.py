"""The forms of the accounts: opened, given another duty, shut, reopened."""

from dataclasses import replace
from typing import Any

from api.door.rights_in_words import ROLE_WORDS
from api.pages.admin.form import ChangeForm, Form
from tracker.city.changing.accounts import Open, Reassign, Reopen, Shut
from tracker.city.changing.city_change import CityChange
from tracker.domain.actors import Role
from tracker.domain.city.accounts import NEEDS, Account

BLANK = Account(username="", role=Role.GRID_WORKER, display_name="")


def open_account(form: Form) -> CityChange:
    hint = form.speech("小写字母、数字、连字符，以后不能改")
    username = form.text("username", form.speech("账号名"), hint=hint, at_most=64)
    return Open(replace(_account(form, None), username=username))


def reassign(form: Form) -> CityChange:
    return Reassign(_account(form, form.city.account(form.code)))


def _account(form: Form, before: Account | None) -> Account:
    _, city, found = form.speech, form.city, before or BLANK
    roles = [(role.value, ROLE_WORDS[role].say(_.language, {})) for role in NEEDS]
    units = [(unit.code, unit.short) for unit in (*city.units, *city.responders, *city.members)]
    places = {
        "post": (_("指挥部"), [(post.code, post.name) for post in city.posts]),
        "unit": (_("单位"), units),
        "grid": (_("网格"), [(grid.code, grid.name) for grid in city.grids(form.today)]),
        "street": (
            _("街道"),
            [(code, city.area(code).name) for code in sorted({post.street for post in city.posts})],
        ),
    }
    name = form.text(
        "display_name", _("岗位名称"), found.display_name, hint=_("写岗位，不写人名"), at_most=80
    )
    role = form.pick("role", _("角色"), roles, before.role if before else "")
    acts_for: dict[str, Any] = {
        place: form.pick(
            place, label, options, getattr(found, place) or "", must=False, hint=_("该角色才填")
        )
        or None
        for place, (label, options) in places.items()
    }
    form.check()
    return replace(found, role=Role(role), display_name=name, **acts_for)


FORMS = {
    "account-open": ChangeForm("新账号", open_account, "accounts"),
    "account": ChangeForm("改账号的角色和岗位", reassign, "accounts"),
    "account-shut": ChangeForm("停用账号", lambda form: Shut(form.code), "accounts"),
    "account-reopen": ChangeForm("恢复账号", lambda form: Reopen(form.code), "accounts"),
}
