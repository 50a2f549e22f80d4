"""The forms of what the whole city is promised: limits of the classes, working hours, plans."""

from dataclasses import replace

from api.pages.admin.ask import Ask
from api.pages.admin.tables import Row, Table
from api.pages.frame.speech import Speech
from api.pages.parts.fields import Field
from tracker.city.changing.plans import Switch
from tracker.city.changing.promises import Revise
from tracker.city.changing.proposal import Change
from tracker.domain.city.policy import WorkingHours
from tracker.domain.promises.sla_classes import Duration, SlaClass
from tracker.domain.promises.working_time import HoursTangled, hours_of

LIMITS = ("respond", "control", "resolve", "follow_up")
FREE = 2  # empty rows below the stretches that there are


def unit_name(_: Speech, unit: str) -> str:
    return {
        "natural_minutes": _("分钟"),
        "natural_hours": _("小时"),
        "working_hours": _("工作小时"),
        "working_days": _("工作日"),
    }[unit]


def limit_of(_: Speech, limit: Duration | None) -> str:
    return f"{limit.value} {unit_name(_, limit.unit)}" if limit else "—"


def from_now_on(_: Speech) -> str:
    """Why a version cannot begin on a later day; `tracker/domain/city/policy.py: PolicyRevised`."""
    return _(
        "自确认之时起，管以后登记的。时限在登记时按当时的版本算定，"
        "所以不能预定日期：要从某天起用，请那天确认。"
    )


# --- the limits of all classes, one version ---


def policy_fields(ask: Ask) -> list[Field | Table]:
    """All classes: what is confirmed together is one version."""
    _ = ask.speech
    rows = [Row(sla.code, f"{sla.code} {sla.name}", _limits(ask, sla)) for sla in _classes(ask)]
    columns = list(limit_names(_).values())
    return [Table("classes", _("各类别的时限"), columns, rows, hint=from_now_on(_))]


def limit_names(_: Speech) -> dict[str, str]:
    return dict(
        zip(LIMITS, (_("响应时限"), _("控制时限"), _("办结时限"), _("回访时限")), strict=True)
    )


def _classes(ask: Ask) -> tuple[SlaClass, ...]:
    return ask.city.sla_classes


def _limits(ask: Ask, sla: SlaClass) -> list[Field | None]:
    return [
        ask.line(
            f"{sla.code}-{name}",
            label,
            str(limit.value),
            kind="number",
            hint=unit_name(ask.speech, limit.unit),
        )
        if (limit := getattr(sla, name))
        else None
        for name, label in limit_names(ask.speech).items()
    ]


def policy_change(ask: Ask) -> Change:
    _ = ask.speech
    wanted = []
    for sla in _classes(ask):
        limits = {}
        for name, label in limit_names(_).items():
            if before := getattr(sla, name):
                about = f"{sla.code} {label}"
                limits[name] = replace(before, value=ask.number(f"{sla.code}-{name}", about))
        wanted.append(replace(sla, **limits))
    ask.check()
    return Revise(tuple(wanted))


# --- the working hours ---


def hours_fields(ask: Ask) -> list[Field | Table]:
    _ = ask.speech
    now = ask.city.policy_terms.hours.intervals
    rows = []
    for nth in range(1, len(now) + FREE + 1):
        start, end = now[nth - 1] if nth <= len(now) else ("", "")
        times = [
            ask.line(f"hours-{nth}", _("从"), start, kind="time", must=False),
            ask.line(f"hours-{nth}-end", _("到"), end, kind="time", must=False),
        ]
        rows.append(Row(f"stretch-{nth}", _("第 {n} 段", n=nth), times))
    hint = _(
        "周一至周五的上班时段，不用的留空；哪天放假、哪天调休看日历。{from_now_on}",
        from_now_on=from_now_on(_),
    )
    error = ask.errors.get("hours", "")
    return [Table("hours", _("上班时段"), [_("从"), _("到")], rows, hint=hint, error=error)]


def hours_change(ask: Ask) -> Change:
    _ = ask.speech
    now = ask.city.policy_terms.hours
    found, typed = [], []
    for nth in range(1, len(now.intervals) + FREE + 1):
        names = (f"hours-{nth}", f"hours-{nth}-end")
        if any(ask.filled.text(name) for name in names):
            start, end = (ask.time(name) for name in names)
            found.append((start, end))
            typed.append(names[0])
    ask.check()
    try:
        hours_of(found, _("上班时段"))
    except HoursTangled as tangled:
        ask.refuse(typed[tangled.facts["nth"] - 1], tangled)
    ask.check()
    return Revise(hours=WorkingHours(now.timezone, tuple(found)))


# --- grid plans ---


def plan_fields(ask: Ask) -> list[Field]:
    _ = ask.speech
    return [
        ask.line("first", _("从哪天起"), ask.today.isoformat(), kind="date"),
        ask.line("until", _("到哪天前"), kind="date", must=False, hint=_("不定就不填")),
    ]


def plan_change(ask: Ask) -> Change:
    first, until = ask.day("first"), ask.day("until", must=False)
    ask.check()
    assert first is not None
    return Switch(ask.code, first, until)


def plan_off_fields(ask: Ask) -> list[Field]:
    return [ask.line("first", ask.speech("从哪天起停用"), ask.today.isoformat(), kind="date")]


def plan_off_change(ask: Ask) -> Change:
    first = ask.day("first")
    ask.check()
    assert first is not None
    return Switch(ask.code, first, off=True)
