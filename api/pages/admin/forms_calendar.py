"""The form of a year's calendar: a row for each holiday, as the notice has it, and what else."""

from collections.abc import Mapping
from datetime import date

from api.pages.admin.ask import Ask, is_time
from api.pages.admin.tables import Row, Table
from api.pages.frame.speech import Speech
from api.pages.parts.fields import Field
from tracker.city.changing.calendars import KINDS, Publish, Span, spans
from tracker.city.changing.proposal import Change
from tracker.domain.city.policy import CalendarYear, OwnDay
from tracker.domain.promises.working_time import HoursTangled, hours_of

FREE, AT_MOST = 6, 44  # empty rows to write in; all rows, within what a form may hold
NOTICE = 12  # rows for a year of which nothing is known: about what a notice has
YEARS = range(2000, 2101)
LONGEST = 366  # days of one row


def day_kinds(_: Speech) -> Mapping[str, str]:
    """The kinds as they stand in a list, each beginning large."""
    told = {code: words.say(_.language, {}) for code, words in KINDS.items()}
    return {code: name[:1].upper() + name[1:] for code, name in told.items()}


def calendar_fields(ask: Ask) -> list[Field | Table]:
    """The year's days as they stand, then empty rows; a year once named stays that year."""
    _ = ask.speech
    found = ask.city.shelves["calendar"].get(ask.code)
    known = spans(found.days) if found else []
    rows = [
        _row(ask, nth, known[nth - 1] if nth <= len(known) else None)
        for nth in range(1, _rows(ask, len(known)) + 1)
    ]
    hint = _(
        "一行写一段放假，或一天调休；只写不同于“周一至周五上班”的日子，只一天的不填“到”。"
        "自定时段只在与平日不同时填，如 08:30-11:30，两段用空格隔开。"
    )
    table = Table(
        "days", _("放假和调休"), [_("从"), _("到"), _("怎样"), _("自定时段")], rows,
        hint=hint, error=ask.errors.get("days", ""), more=_("再加几行"),
    )  # fmt: skip
    if _named(ask):
        return [table]
    year = ask.code or str(_next_year(ask))
    return [ask.line("year", _("年份"), year, kind="number"), table]


def _named(ask: Ask) -> bool:
    return ask.code.isascii() and ask.code.isdigit() and int(ask.code[:5]) in YEARS


def _next_year(ask: Ask) -> int:
    known = [year.year for year in ask.city.calendar_years]
    return max(known, default=ask.today.year - 1) + 1


def _rows(ask: Ask, known: int) -> int:
    """As many as were sent, more where more were asked for."""
    if not ask.sent and not known:
        return NOTICE
    if not ask.sent:
        return max(known, min(known + FREE, AT_MOST))
    sent = len([name for name in ask.filled.texts if name.startswith("first-")])
    more = FREE if ask.filled.text("step") == "more" else 0
    return max(sent, min(sent + more, AT_MOST))


def _row(ask: Ask, nth: int, span: Span | None) -> Row:
    _ = ask.speech
    first = str(span.first) if span else ""
    last = str(span.last) if span and span.last != span.first else ""
    hours = " ".join(f"{start}-{end}" for start, end in span.intervals) if span else ""
    cells = [
        ask.line(f"first-{nth}", _("从"), first, kind="date", must=False),
        ask.line(f"last-{nth}", _("到"), last, kind="date", must=False),
        ask.pick(f"kind-{nth}", _("怎样"), list(day_kinds(_).items()), span.kind if span else "",
                 must=False),
        ask.line(f"hours-{nth}", _("自定时段"), hours, must=False),
    ]  # fmt: skip
    return Row(f"row-{nth}", _("第 {n} 行", n=nth), cells)


def calendar_change(ask: Ask) -> Change:
    year = int(ask.code) if _named(ask) else ask.number("year")
    if year not in YEARS and "year" not in ask.errors:
        ask.errors["year"] = ask.speech("年份在 2000 到 2100 之间")
    written: dict[date, tuple[int, OwnDay]] = {}
    for nth in range(1, _rows(ask, 0) + 1):
        span = _span(ask, nth)
        for day in span.days() if span else ():
            if day.on in written:
                again = ask.speech("{day} 在第 {n} 行已写过", day=day.on, n=written[day.on][0])
                ask.errors[f"first-{nth}"] = again
            else:
                written[day.on] = (nth, day)
    ask.check()
    days = tuple(written[on][1] for on in sorted(written))
    wanted = Publish(CalendarYear(code=str(year), name=str(year), days=days))
    for stray in wanted.strays():
        ask.refuse(f"first-{written[stray.facts['day']][0]}", stray)
    ask.check()
    return wanted


def _span(ask: Ask, nth: int) -> Span | None:
    """What one row says; None for an empty one and for one with a mistake, which is kept."""
    names = [f"{name}-{nth}" for name in ("first", "last", "kind", "hours")]
    if not any(ask.filled.text(name) for name in names):
        return None
    one, other, kind, hours = names
    mistakes = len(ask.errors)
    first, last = ask.day(one), ask.day(other, must=False)
    if first and last and not 0 <= (last - first).days < LONGEST:
        ask.errors[other] = ask.speech("不早于“从”，最多一年")
    if ask.filled.text(kind) not in KINDS:
        ask.errors[kind] = ask.speech("请在列表中选择")
    intervals = _intervals(ask, hours)
    if first is None or len(ask.errors) > mistakes:
        return None
    return Span(first, last or first, ask.filled.text(kind), intervals)


def _intervals(ask: Ask, name: str) -> tuple[tuple[str, str], ...]:
    found = []
    for stretch in ask.filled.text(name).replace("–", "-").split():
        start, _sep, end = stretch.partition("-")
        if not (is_time(start) and is_time(end)):
            ask.errors[name] = ask.speech("时段写成 09:00-12:00")
            return ()
        found.append((start, end))
    try:
        hours_of(found, ask.speech("自定时段"))
    except HoursTangled as tangled:
        ask.refuse(name, tangled)
    return tuple(found)
