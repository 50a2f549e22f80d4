"""The forms of what the whole city is promised: limits of the classes, working hours, plans."""

from dataclasses import replace
from typing import Any

from api.pages.admin.form import ChangeForm, Form, Row, is_time
from api.pages.frame.speech import Speech
from tracker.city.changing.city_change import CityChange
from tracker.city.changing.phrases import UNITS
from tracker.city.changing.plans import Switch
from tracker.city.changing.promises import RevisePolicy
from tracker.domain.city.policy import WorkingHours
from tracker.domain.promises.sla_classes import Duration
from tracker.domain.promises.working_time import HoursTangled, hours_of

FREE = 2  # empty rows below the stretches that there are


def unit_name(_: Speech, limit: Duration) -> str:
    return UNITS[limit.unit].say(_.language, {})


def limit_of(_: Speech, limit: Duration | None) -> str:
    return f"{limit.value} {unit_name(_, limit)}" if limit else "—"


def from_now_on(_: Speech) -> str:
    """Why a version cannot begin on a later day; `tracker/domain/city/policy.py: PolicyRevised`."""
    return _(
        "自确认之时起，管以后登记的。时限在登记时按当时的版本算定，"
        "所以不能预定日期：要从某天起用，请那天确认。"
    )


def policy(form: Form) -> CityChange:
    """The limits of all classes: what is confirmed together is one version."""
    _ = form.speech
    limits = {
        "respond": _("响应时限"),
        "control": _("控制时限"),
        "resolve": _("办结时限"),
        "follow_up": _("回访时限"),
    }
    wanted, rows = [], list[Row]()
    for sla in form.city.sla_classes:
        changed: dict[str, Any] = {}
        with form.row(rows, sla.code, f"{sla.code} {sla.name}") as cells:
            for name, label in limits.items():
                limit: Duration | None = getattr(sla, name)
                if limit is None:
                    cells.append(None)
                    continue
                value = form.number(
                    f"{sla.code}-{name}", label, limit.value, hint=unit_name(_, limit),
                    about=f"{sla.code} {label}",
                )  # fmt: skip
                changed[name] = replace(limit, value=value)
        wanted.append(replace(sla, **changed))
    columns = list(limits.values())
    form.table("classes", _("各类别的时限"), columns, rows, hint=from_now_on(_))
    form.check()
    return RevisePolicy(tuple(wanted))


def hours(form: Form) -> CityChange:
    _, now = form.speech, form.city.policy_terms.hours
    found, rows = dict[str, tuple[str, str]](), list[Row]()
    for nth in range(1, len(now.intervals) + FREE + 1):
        begins, ends = now.intervals[nth - 1] if nth <= len(now.intervals) else ("", "")
        one, other = f"hours-{nth}", f"hours-{nth}-end"
        with form.row(rows, f"stretch-{nth}", _("第 {n} 段", n=nth)):
            start = form.text(one, _("从"), begins, kind="time", must=False)
            end = form.text(other, _("到"), ends, kind="time", must=False)
        if start or end:
            found[one] = start, end
            for name, typed in ((one, start), (other, end)):
                if not is_time(typed):
                    form.mistake(name, _("写成 08:30 这样的时刻"))
    hint = _(
        "周一至周五的上班时段，不用的留空；哪天放假、哪天调休看日历。{from_now_on}",
        from_now_on=from_now_on(_),
    )
    form.table("hours", _("上班时段"), [_("从"), _("到")], rows, hint=hint)
    form.check()
    try:
        hours_of(list(found.values()), _("上班时段"))
    except HoursTangled as tangled:
        form.refuse(list(found)[tangled.facts["nth"] - 1], tangled)
    form.check()
    return RevisePolicy(hours=WorkingHours(now.timezone, tuple(found.values())))


def plan_on(form: Form) -> CityChange:
    _ = form.speech
    first = form.day("first", _("从哪天起"), form.today)
    until = form.day("until", _("到哪天前"), must=False, hint=_("不定就不填"))
    form.check()
    assert first is not None
    return Switch(form.code, first, until)


def plan_off(form: Form) -> CityChange:
    first = form.day("first", form.speech("从哪天起停用"), form.today)
    form.check()
    assert first is not None
    return Switch(form.code, first, off=True)


FORMS = {
    "policy": ChangeForm("新一版时限政策", policy, "policy"),
    "hours": ChangeForm("改工作时间", hours, "policy"),
    "plan-on": ChangeForm("启用网格方案", plan_on, "plans"),
    "plan-off": ChangeForm("停用网格方案", plan_off, "plans"),
}
