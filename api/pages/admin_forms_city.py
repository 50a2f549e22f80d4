"""The forms of what holds for the whole city: SLA classes, calendars, grid plans."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

from api.pages.admin_ask import Ask
from api.pages.fields import Field
from api.pages.speech import Speech
from tracker.changing.plans import Switch
from tracker.changing.promises import Publish, Revise
from tracker.changing.proposal import Change
from tracker.domain.policy import CalendarYear, OwnDay
from tracker.domain.sla_classes import Duration


def unit_name(_: Speech, unit: str) -> str:
    return {
        "natural_minutes": _("分钟"),
        "natural_hours": _("小时"),
        "working_hours": _("工作小时"),
        "working_days": _("工作日"),
    }[unit]


def limit_of(_: Speech, limit: Duration | None) -> str:
    return f"{limit.value} {unit_name(_, limit.unit)}" if limit else "—"


def policy_fields(ask: Ask) -> list[Field]:
    """One class, named by the code; its limits in its own units."""
    _, sla = ask.speech, ask.city.policy.sla_class(ask.code)
    fields = [
        ask.line("respond", _("响应时限"), str(sla.respond.value), kind="number",
                 hint=unit_name(_, sla.respond.unit)),
        ask.line("resolve", _("办结时限"), str(sla.resolve.value), kind="number",
                 hint=unit_name(_, sla.resolve.unit)),
    ]  # fmt: skip
    if sla.control:
        hint = unit_name(_, sla.control.unit)
        fields.append(ask.line("control", _("控制时限"), str(sla.control.value), kind="number",
                               hint=hint))  # fmt: skip
    if sla.follow_up:
        hint = unit_name(_, sla.follow_up.unit)
        fields.append(ask.line("follow_up", _("回访时限"), str(sla.follow_up.value), kind="number",
                               hint=hint))  # fmt: skip
    return fields


def policy_change(ask: Ask) -> Change:
    sla = ask.city.policy.sla_class(ask.code)
    limits = {
        name: replace(before, value=ask.number(name))
        for name in ("respond", "resolve", "control", "follow_up")
        if (before := getattr(sla, name)) is not None
    }
    ask.check()
    return Revise((replace(sla, **limits),))


def day_kinds(_: Speech) -> Mapping[str, str]:
    return {
        "holiday_weekday_off": _("放假"),
        "holiday_weekend": _("周末放假"),
        "makeup_workday": _("调休上班"),
        "half_day_morning": _("只上午上班"),
        "half_day_afternoon": _("只下午上班"),
    }


def calendar_fields(ask: Ask) -> list[Field]:
    _ = ask.speech
    found = ask.city.shelves["calendar"].get(ask.code)
    lines = "\n".join(_line(day) for day in found.days) if found else ""
    kinds = "，".join(f"{code} {name}" for code, name in day_kinds(_).items())
    year = ask.code or str(_next_year(ask))
    hint = _("一行一天：日期 种类 [时段…]。种类：{kinds}", kinds=kinds)
    return [
        ask.line("year", _("年份"), year, kind="number"),
        ask.area("days", _("不按星期几的日子"), lines, hint=hint),
    ]


def _next_year(ask: Ask) -> int:
    known = [year.year for year in ask.city.calendar_years]
    return max(known, default=ask.today.year - 1) + 1


def _line(day: OwnDay) -> str:
    spans = "".join(f" {start}-{end}" for start, end in day.intervals)
    return f"{day.on} {day.kind}{spans}"


def calendar_change(ask: Ask) -> Change:
    year = ask.number("year")
    if not 2000 <= year <= 2100:
        ask.errors["year"] = ask.speech("年份在 2000 到 2100 之间")
    days: dict[date, OwnDay] = {}
    for number, line in enumerate(ask.filled.text("days").splitlines(), start=1):
        if not line.strip():
            continue
        day = _day_of(ask, number, line)
        if day is not None and day.on in days:
            ask.errors["days"] = ask.speech("第 {n} 行：这一天写了两次", n=number)
        if day is not None:
            days[day.on] = day
    ask.check()
    return Publish(
        CalendarYear(code=str(year), name=str(year), days=tuple(days[on] for on in sorted(days)))
    )


def _day_of(ask: Ask, number: int, line: str) -> OwnDay | None:
    """One line; a mistake is told with the number of its line."""
    on, kind, *spans = [*line.split(), "", ""][: max(2, len(line.split()))]
    try:
        day = date.fromisoformat(on)
    except ValueError:
        ask.errors["days"] = ask.speech("第 {n} 行：“{text}”不是日期", n=number, text=on)
        return None
    if kind not in day_kinds(ask.speech) and kind != "half_day":
        ask.errors["days"] = ask.speech("第 {n} 行：没有“{text}”这一种类", n=number, text=kind)
        return None
    intervals = []
    for span in spans:
        start, _sep, end = span.partition("-")
        if not (_is_time(start) and _is_time(end) and start < end):
            ask.errors["days"] = ask.speech("第 {n} 行：时段写成 09:00-12:00", n=number)
            return None
        intervals.append((start, end))
    return OwnDay(day, kind, tuple(intervals))


def _is_time(text: str) -> bool:
    hours, _sep, minutes = text.partition(":")
    plain = len(text) == 5 and hours.isdigit() and minutes.isdigit()
    return plain and int(hours) < 24 and int(minutes) < 60


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
