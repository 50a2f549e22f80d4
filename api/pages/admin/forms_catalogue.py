"""The forms of the catalogue: categories and the families in which they stand."""

from collections.abc import Sequence
from dataclasses import replace

from api.pages.admin.ask import Ask
from api.pages.admin.forms_units import code_line, sectors
from api.pages.frame.speech import Speech
from api.pages.parts.fields import Field, unit_groups
from tracker.city.changing import catalogue, majors
from tracker.city.changing.codes import next_code
from tracker.city.changing.proposal import Change
from tracker.directory import Directory
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


# --- categories ---


def new_category_fields(ask: Ask) -> list[Field]:
    _ = ask.speech
    families = [(major.code, f"{major.code} {major.name}") for major in ask.city.majors]
    first = [ask.pick("major", _("大类"), families), code_line(ask)]
    return [*first, *_category_fields(ask, BLANK)]


def category_fields(ask: Ask) -> list[Field]:
    return _category_fields(ask, ask.city.category(ask.code))


def _category_fields(ask: Ask, found: Category) -> list[Field]:
    _, city = ask.speech, ask.city
    groups = unit_groups(_, city)
    leads = [(unit.code, unit.short) for unit in (*city.units, *city.responders)
             if unit.whistle_duty]  # fmt: skip
    claim = found.claimable_by
    return [
        ask.line("name", _("类别名称"), found.name, hint=_("吹哨的人看得懂的话")),
        ask.pick("lead", _("默认主责单位"), leads, found.lead_unit),
        ask.several("co", _("默认协办单位"), groups, found.co_units),
        ask.pick("sla", _("时限类别"), [(c.code, f"{c.code} {c.name}") for c in city.sla_classes],
                 found.sla),
        ask.area("keywords", _("关键词"), "、".join(found.keywords), hint=_("用顿号或换行隔开")),
        ask.yes_or_no("self_resolvable", _("网格员可以就地办结"), found.self_resolvable),
        ask.yes_or_no("photo_required", _("办结要有照片"), found.photo_required),
        ask.yes_or_no("confidential", _("按保密件处理"), found.confidential),
        ask.yes_or_no("poolable", _("可以入池认领"), found.poolable),
        ask.yes_or_no("anyone", _("有接哨职责的单位和联盟成员都可认领"), claim.anyone,
                      hint=_("选否则只限下面两项")),
        ask.several("claim_units", _("可认领的单位"), groups, claim.units),
        ask.several("claim_sectors", _("可认领的联盟行业"), sectors(city), claim.sectors),
    ]  # fmt: skip


def new_category_change(ask: Ask) -> Change:
    major = ask.needed("major")
    code = ask.filled.text("code") or next_code(ask.city, "category", major)
    return catalogue.Add(replace(_category_of(ask, BLANK), code=code, major=major))


def category_change(ask: Ask) -> Change:
    return catalogue.Amend(_category_of(ask, ask.city.category(ask.code)))


def _category_of(ask: Ask, found: Category) -> Category:
    name, lead, sla = ask.needed("name", 40), ask.needed("lead"), ask.needed("sla")
    words = ask.filled.text("keywords").replace("\n", "、").replace("，", "、").split("、")
    co = tuple(code for code in ask.filled.all("co") if code != lead)
    ask.check()
    was = found.claimable_by
    return replace(
        found,
        name=name,
        lead_unit=lead,
        co_units=_in_order(found.co_units, co),
        sla=sla,
        keywords=tuple(dict.fromkeys(word.strip() for word in words if word.strip())),
        self_resolvable=ask.yes("self_resolvable"),
        photo_required=ask.yes("photo_required"),
        confidential=ask.yes("confidential"),
        poolable=ask.yes("poolable"),
        claimable_by=Claimable(
            anyone=ask.yes("anyone"),
            units=_in_order(was.units, ask.filled.all("claim_units")),
            sectors=_in_order(was.sectors, ask.filled.all("claim_sectors")),
        ),
    )


def _in_order(before: tuple[str, ...], chosen: Sequence[str]) -> tuple[str, ...]:
    """A list of choices knows no order: where the same are chosen, the order stays as it was."""
    return before if set(before) == set(chosen) else tuple(chosen)


# --- families ---


def type_names(_: Speech) -> dict[str, str]:
    return {"component": _("部件"), "event": _("事件"), "service": _("服务")}


def new_major_fields(ask: Ask) -> list[Field]:
    _ = ask.speech
    hint = _("类别代码由它加两位数字，以后不能改，如 {code}", code=_free_major(ask.city))
    return [ask.line("code", _("代码"), hint=hint), *_major_fields(ask, None)]


def _free_major(city: Directory) -> str:
    return next_code(city, "major", "E")


def major_fields(ask: Ask) -> list[Field]:
    return _major_fields(ask, ask.city.major(ask.code))


def _major_fields(ask: Ask, found: Major | None) -> list[Field]:
    _ = ask.speech
    return [
        ask.line("name", _("大类名称"), found.name if found else ""),
        ask.pick("type", _("属于"), list(type_names(_).items()), found.type if found else ""),
    ]


def new_major_change(ask: Ask) -> Change:
    code = ask.needed("code")
    return majors.Add(_major_from(ask, Major(code=code, name="", type="")))


def major_change(ask: Ask) -> Change:
    return majors.Amend(_major_from(ask, ask.city.major(ask.code)))


def _major_from(ask: Ask, before: Major) -> Major:
    name, type_ = ask.needed("name", 40), ask.needed("type")
    if type_ and type_ not in type_names(ask.speech):
        ask.errors["type"] = ask.speech("请在列表中选择")
    ask.check()
    return replace(before, name=name, type=type_)
