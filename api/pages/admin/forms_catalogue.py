"""The forms of the catalogue: categories and the families in which they stand."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from api.pages.admin.form import ChangeForm, Form
from api.pages.admin.forms_units import code_of_new, sectors
from api.pages.frame.speech import Speech
from api.pages.parts.fields import unit_groups
from tracker.city.changing.catalogue import CATEGORIES
from tracker.city.changing.city_change import CityChange
from tracker.city.changing.codes import next_code
from tracker.city.changing.majors import MAJORS
from tracker.domain.city.catalogue import Category, Claimable, Major

BLANK = Category(
    code="",
    name="",
    major="",
    lead_unit="",
    co_units=(),
    sla="",
    self_resolvable=False,
    photo_required=False,
    poolable=False,
    confidential=False,
    keywords=(),
)


def new_category(form: Form) -> CityChange:
    families = [(major.code, f"{major.code} {major.name}") for major in form.city.majors]
    major = form.pick("major", form.speech("大类"), families)
    code = code_of_new(form)
    wanted = _category(form, BLANK)
    code = code or next_code(form.city, "category", major)
    return CATEGORIES.add(replace(wanted, code=code, major=major))


def category(form: Form) -> CityChange:
    return CATEGORIES.amend(_category(form, form.city.category(form.code)))


def _category(form: Form, before: Category) -> Category:
    _, city, claim = form.speech, form.city, before.claimable_by
    groups = unit_groups(_, city)
    leads = [(u.code, u.short) for u in (*city.units, *city.responders) if u.whistle_duty]
    classes = [(sla.code, f"{sla.code} {sla.name}") for sla in city.sla_classes]
    name = form.text("name", _("类别名称"), before.name, hint=_("吹哨的人看得懂的话"), at_most=40)
    lead = form.pick("lead", _("默认主责单位"), leads, before.lead_unit)
    co = form.several("co", _("默认协办单位"), groups, before.co_units)
    sla = form.pick("sla", _("时限类别"), classes, before.sla)
    keywords = form.area(
        "keywords", _("关键词"), "、".join(before.keywords), hint=_("用顿号或换行隔开")
    )
    answers: dict[str, Any] = {
        answer: form.yes(answer, label, getattr(before, answer))
        for answer, label in (
            ("self_resolvable", _("网格员可以就地办结")),
            ("photo_required", _("办结要有照片")),
            ("confidential", _("按保密件处理")),
            ("poolable", _("可以入池认领")),
        )
    }
    claimable = Claimable(
        anyone=form.yes("anyone", _("有接哨职责的单位和联盟成员都可认领"), claim.anyone,
                        hint=_("选否则只限下面两项")),
        units=_in_order(
            claim.units, form.several("claim_units", _("可认领的单位"), groups, claim.units)
        ),
        sectors=_in_order(
            claim.sectors,
            form.several("claim_sectors", _("可认领的联盟行业"), sectors(city), claim.sectors),
        ),
    )  # fmt: skip
    form.check()
    words = keywords.replace("\n", "、").replace("，", "、").split("、")
    return replace(
        before,
        name=name,
        lead_unit=lead,
        co_units=_in_order(before.co_units, [code for code in co if code != lead]),
        sla=sla,
        keywords=tuple(dict.fromkeys(word.strip() for word in words if word.strip())),
        claimable_by=claimable,
        **answers,
    )


def _in_order(before: tuple[str, ...], chosen: Sequence[str]) -> tuple[str, ...]:
    """A list of choices knows no order: where the same are chosen, the order stays as it was."""
    return before if set(before) == set(chosen) else tuple(chosen)


def type_names(_: Speech) -> dict[str, str]:
    return {"component": _("部件"), "event": _("事件"), "service": _("服务")}


def new_major(form: Form) -> CityChange:
    free = next_code(form.city, "major", "E")
    hint = form.speech("类别代码由它加两位数字，以后不能改，如 {code}", code=free)
    code = form.text("code", form.speech("代码"), hint=hint)
    return MAJORS.add(replace(_major(form, Major(code="", name="", type="")), code=code))


def major(form: Form) -> CityChange:
    return MAJORS.amend(_major(form, form.city.major(form.code)))


def _major(form: Form, before: Major) -> Major:
    _ = form.speech
    name = form.text("name", _("大类名称"), before.name, at_most=40)
    type_ = form.pick("type", _("属于"), list(type_names(_).items()), before.type)
    form.check()
    return replace(before, name=name, type=type_)


FORMS = {
    "category-new": ChangeForm("新类别", new_category, "categories"),
    "category": ChangeForm("改类别", category, "categories"),
    "category-retire": ChangeForm("停用类别", lambda f: CATEGORIES.end(f.code), "categories"),
    "category-restore": ChangeForm("恢复类别", lambda f: CATEGORIES.restore(f.code), "categories"),
    "major-new": ChangeForm("新大类", new_major, "majors"),
    "major": ChangeForm("改大类", major, "majors"),
    "major-end": ChangeForm("停用大类", lambda form: MAJORS.end(form.code), "majors"),
    "major-restore": ChangeForm("恢复大类", lambda form: MAJORS.restore(form.code), "majors"),
}
