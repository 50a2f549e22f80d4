"""The city's events in words, for an administrator: a title, and what changed."""

from collections.abc import Mapping, Sequence
from typing import Any

from api.pages.frame.speech import Speech
from tracker.city.changing.phrases import hours_in_words
from tracker.domain.city.catalogue import Claimable
from tracker.domain.city.entries import Event, facts_of
from tracker.domain.city.policy import WorkingHours
from tracker.domain.city.posts import Absence

LONGEST = 160


def register_names(_: Speech) -> Mapping[str, str]:
    """What an entry of each register is called, in the order in which people look for them."""
    return {
        "unit": _("单位"),
        "post": _("指挥部"),
        "category": _("类别"),
        "major": _("大类"),
        "item": _("服务事项"),
        "policy": _("时限政策"),
        "calendar": _("日历"),
        "plan": _("网格方案"),
        "area": _("区域"),
        "city": _("城市"),
        "account": _("账号"),
        "answer": _("答复模板"),
    }


def title_of_event(_: Speech, topic: str) -> str:
    kind, _sep, what = topic.removeprefix("city.").partition("_")
    names = register_names(_)
    done = {
        "added": _("新增"),
        "changed": _("改动"),
        "ended": _("停止"),
        "restored": _("恢复"),
        "issued": _("发布"),
        "revised": _("改版"),
        "published": _("发布"),
        "amended": _("修订"),
        "opened": _("开通"),
        "reassigned": _("改岗"),
        "renamed": _("改名"),
        "disabled": _("停下"),
        "enabled": _("启用"),
        "redrawn": _("重划网格"),
        "appointed": _("任职"),
        "relieved": _("免职"),
        "absence_noted": _("登记离岗"),
        "absence_ended": _("返岗"),
        "switched_on": _("启用"),
        "switched_off": _("停下"),
    }
    return _("{kind}{what}", kind=names.get(kind, kind), what=done.get(what, what))


def events_in_words(
    _: Speech, events: Sequence[Event], at_most: int
) -> tuple[list[tuple[str, str, str]], int]:
    """The first events as title, code and facts; and how many more there are."""
    shown = [
        (title_of_event(_, event.TOPIC), event.code, facts_in_words(_, event))
        for event in events[:at_most]
    ]
    return shown, len(events) - len(shown)


def facts_in_words(_: Speech, event: Event) -> str:
    """The facts of the event, cut at `LONGEST`; None and empty ones are left out."""
    facts, names = facts_of(event), fact_names(_)
    if "entry" in facts:
        facts = {name: value for name, value in vars(facts["entry"]).items() if name in names}
    lines = [
        f"{names.get(name, name)} {value_in_words(_, value)}"
        for name, value in facts.items()
        if value not in (None, "", ())
    ]
    whole = ("；" if _.language == "zh" else "; ").join(lines)
    return whole if len(whole) <= LONGEST else whole[: LONGEST - 1] + "…"


def value_in_words(_: Speech, value: Any) -> str:
    if isinstance(value, bool):
        return _("是") if value else _("否")
    if isinstance(value, Claimable):
        whom = ([_("都可认领")] if value.anyone else []) + [*value.units, *value.sectors]
        return " ".join(whom) or "—"
    if isinstance(value, tuple) and value and isinstance(value[0], tuple):
        return _("{n} 项", n=len(value))  # a border is its degrees, which nobody reads
    if isinstance(value, tuple):
        value = tuple(short_name(one) for one in value)
        return _("{n} 项：{list}", n=len(value), list=" ".join(value[-6:])) if value else "—"
    return short_name(value)


def short_name(value: Any) -> str:
    """An entry within a fact, by its code, its day, its holder or its hours."""
    if isinstance(value, WorkingHours):
        return hours_in_words(value)
    if isinstance(value, Absence):
        return f"{value.holder} {value.first} – {value.until}"
    for name in ("code", "on", "holder"):
        if hasattr(value, name):
            return str(getattr(value, name))
    return str(value)


def fact_names(_: Speech) -> Mapping[str, str]:
    return {
        "name": _("名称"),
        "short": _("简称"),
        "contact": _("值班联系"),
        "successor": _("由谁接手"),
        "whistle_duty": _("接哨职责"),
        "accepts_emergency_24x7": _("24 小时接收"),
        "grids": _("网格"),
        "first": _("起"),
        "until": _("至"),
        "on": _("自"),
        "appointment": _("任职人"),
        "holder": _("任职人"),
        "absence": _("离岗"),
        "office": _("职务"),
        "display_name": _("岗位名称"),
        "major": _("大类"),
        "lead_unit": _("主责"),
        "co_units": _("协办"),
        "sla": _("时限类别"),
        "keywords": _("关键词"),
        "poolable": _("可入池"),
        "claimable_by": _("谁可认领"),
        "version": _("版本"),
        "classes": _("时限类别"),
        "hours": _("工作时间"),
        "days": _("日子"),
        "removed": _("去掉"),
        "duty": _("角色"),
        "post": _("指挥部"),
        "unit": _("单位"),
        "grid": _("网格"),
        "street": _("街道"),
        "workers": _("网格员数"),
        "sector": _("行业类别"),
        "community": _("所在社区"),
        "handling": _("办理方式"),
        "self_resolvable": _("网格员可以就地办结"),
        "photo_required": _("办结要有照片"),
        "confidential": _("按保密件处理"),
        "geometry": _("边界"),
    }
