"""The form of a year's calendar: a row for each holiday, as the notice has it, and what else."""

from collections.abc import Mapping
from datetime import date

from api.pages.admin.form import ChangeForm, Form, Row, is_time
from api.pages.frame.speech import Speech
from tracker.city.changing.calendars import KINDS, Publish, Span, spans
from tracker.city.changing.city_change import CityChange
from tracker.domain.city.policy import CalendarYear, OwnDay
from tracker.domain.promises.working_time import HoursTangled, hours_of

FREE, AT_MOST = 6, 44  # empty rows to write in; all rows, within what a form may hold
NOTICE = 12  # rows for a year of which nothing is known: about what a notice has
YEARS = range(2000, 2101)
LONGEST = 366  # days of one row


def day_kinds(_: Speech) -> Mapping[str, str]:
    """The kinds as a list shows them, with a capital letter first."""
    names = {code: words.say(_.language, {}) for code, words in KINDS.items()}
    return {code: name[:1].upper() + name[1:] for code, name in names.items()}


def calendar(form: Form) -> CityChange:
    """The year's days as they stand, then empty rows; a year once named stays that year."""
    _ = form.speech
    found = form.city.registers["calendar"].get(form.code)
    year = _year(form)
    known: list[Span | None] = [*spans(found.days)] if found else []
    known += [None] * (_rows(form, len(known)) - len(known))
    rows, written = list[Row](), dict[date, tuple[int, OwnDay]]()
    for nth, span in enumerate(known, 1):
        with form.row(rows, f"row-{nth}", _("第 {n} 行", n=nth)):
            typed = _span(form, nth, span)
        for day in typed.days() if typed else ():
            if day.on in written:
                again = _("{day} 在第 {n} 行已写过", day=day.on, n=written[day.on][0])
                form.mistake(f"first-{nth}", again)
            else:
                written[day.on] = (nth, day)
    hint = _(
        "一行写一段放假，或一天调休；只写不同于“周一至周五上班”的日子，只一天的不填“到”。"
        "自定时段只在与平日不同时填，如 08:30-11:30，两段用空格隔开。"
    )
    columns = [_("从"), _("到"), _("怎样"), _("自定时段")]
    form.table("days", _("放假和调休"), columns, rows, hint=hint, more=_("再加几行"))
    form.check()
    days = tuple(written[on][1] for on in sorted(written))
    wanted = Publish(CalendarYear(code=str(year), name=str(year), days=days))
    for stray in wanted.strays():
        form.refuse(f"first-{written[stray.facts['day']][0]}", stray)
    form.check()
    return wanted


def _year(form: Form) -> int:
    _ = form.speech
    if form.code.isascii() and form.code.isdigit() and int(form.code[:5]) in YEARS:
        return int(form.code)
    known = [year.year for year in form.city.calendar_years]
    next_year = max(known, default=form.today.year - 1) + 1
    year = form.text("year", _("年份"), form.code or str(next_year), kind="number")
    if not year.isascii() or not year.isdigit() or int(year[:6]) not in YEARS:
        form.mistake("year", _("年份在 2000 到 2100 之间"))
        return next_year
    return int(year)


def _rows(form: Form, known: int) -> int:
    """As many as were sent, more where more were asked for."""
    if not form.sent and not known:
        return NOTICE
    if not form.sent:
        return max(known, min(known + FREE, AT_MOST))
    sent = len([name for name in form.filled.texts if name.startswith("first-")])
    more = FREE if form.filled.text("step") == "more" else 0
    return max(sent, min(sent + more, AT_MOST))


def _span(form: Form, nth: int, span: Span | None) -> Span | None:
    """The fields of one row and what they say; None where it is empty or has a mistake."""
    _, mistakes = form.speech, len(form.errors)
    one, other, kind_name, hours_name = (f"{n}-{nth}" for n in ("first", "last", "kind", "hours"))
    hours = " ".join(f"{start}-{end}" for start, end in span.intervals) if span else ""
    first = form.day(one, _("从"), span.first if span else None, must=False)
    until = span.last if span and span.last != span.first else None
    last = form.day(other, _("到"), until, must=False)
    kinds = list(day_kinds(_).items())
    kind = form.pick(kind_name, _("怎样"), kinds, span.kind if span else "", must=False)
    hours = form.text(hours_name, _("自定时段"), hours, must=False)
    if not any(form.filled.text(name) for name in (one, other, kind_name, hours_name)):
        return None
    if first is None and one not in form.errors:
        form.mistake(one, _("写成 2026-11-26 这样的日期"))
    if first and last and not 0 <= (last - first).days < LONGEST:
        form.mistake(other, _("不早于“从”，最多一年"))
    if not kind:
        form.mistake(kind_name, _("请在列表中选择"))
    intervals = _intervals(form, hours_name, hours)
    if first is None or len(form.errors) > mistakes:
        return None
    return Span(first, last or first, kind, intervals)


def _intervals(form: Form, name: str, typed: str) -> tuple[tuple[str, str], ...]:
    found = []
    for stretch in typed.replace("–", "-").split():
        start, _sep, end = stretch.partition("-")
        if not (is_time(start) and is_time(end)):
            form.mistake(name, form.speech("时段写成 09:00-12:00"))
            return ()
        found.append((start, end))
    try:
        hours_of(found, form.speech("自定时段"))
    except HoursTangled as tangled:
        form.refuse(name, tangled)
    return tuple(found)


FORMS = {"calendar": ChangeForm("年度日历", calendar, "calendars")}
