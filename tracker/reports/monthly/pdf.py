"""月报: the month's report as PDF, in Chinese: map, ranking, trend, red list, worst steps."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any

from tracker.city_zone import city_zone
from tracker.commands.tracker import Tracker
from tracker.directory import Directory
from tracker.domain.errors import Refusal
from tracker.eventstore.connections import Connection
from tracker.metrics.arithmetic import Rate, half_up, percent
from tracker.metrics.asking import CITY
from tracker.metrics.definitions import BY_ID, UNITS_DO_NOT_ADD_UP, WEIGHTS
from tracker.metrics.ranking import points_since
from tracker.metrics.steps import STEP_WORDS, STEPS_DEFINITION, Step
from tracker.projections.steps.time_in_steps import TimeInStep, worst
from tracker.reports.drawing.city_map import GridFigures, base_map, late_map
from tracker.reports.drawing.rates_chart import Layout, Series, rates_chart
from tracker.reports.monthly.content import Monthly, OfMonth, Readable, Red, gathered
from tracker.reports.monthly.sheet import (
    BRAND,
    INK,
    INK_2,
    INK_3,
    INSIDE,
    LINE,
    MARGIN,
    Column,
    Sheet,
)
from tracker.reports.rankings import Standing

SHOWN_FIRST = (
    "response_rate",
    "on_time_response_rate",
    "on_time_resolution_rate",
    "resolution_rate",
    "satisfaction_rate",
)
KINDS = {"community": "社区指挥部", "subdistrict": "街道指挥部", "special_area": "专项指挥部"}
WORST, SPOTS = 12, 10
TREND = Layout(800, 232, right=125, marked=True)
NONE = "—"
KEPT = 12  # printed reports of frozen months, in memory
PRINTED: dict[tuple[str, ...], bytes] = {}


def report_pdf(
    tracker: Tracker,
    connection: Connection,
    month: str,
    now: datetime,
    readable: Readable | None = None,
) -> bytes:
    """A frozen month gives the same bytes for ever; any other is as known now.

    Raises NotAMonth, MonthNotBegun, NoChineseFont.
    """
    monthly = gathered(tracker, connection, month, now, readable)
    frozen = monthly.report.frozen
    if frozen is None:
        return printed(monthly)
    # Embedding a typeface takes seconds. Readers may see different lines of the red list.
    key = frozen.digest, *(str(red.line.whistle) for red in monthly.red if red.open)
    pages = PRINTED.get(key) or printed(monthly)
    while len(PRINTED) >= KEPT and key not in PRINTED:
        PRINTED.pop(next(iter(PRINTED)), None)
    PRINTED[key] = pages
    return pages


def printed(monthly: Monthly) -> bytes:
    report = monthly.report
    year, number = report.month.split("-")
    city = monthly.city.city.name
    sheet = Sheet(
        f"{city}全民吹哨月报 {year} 年 {int(number)} 月", _notes(monthly), report.as_of.at
    )
    sheet.add_page()
    _first_page(sheet, monthly)
    _ranking(sheet, monthly)
    _units(sheet, monthly)
    _red_list(sheet, monthly)
    _steps(sheet, monthly)
    _spots(sheet, monthly)
    return bytes(sheet.output())


def _notes(monthly: Monthly) -> list[str]:
    """The foot of each page: as of when, at which log position, by which definitions."""
    heading = monthly.report.heading()
    state = "已冻结" if heading["frozen"] else "暂计,未冻结"
    digest = f" · 摘要 {heading['digest'][:16]}" if heading["digest"] else ""
    as_of = monthly.report.as_of.at.astimezone(city_zone())
    return [
        f"统计时点 {as_of:%Y-%m-%d %H:%M:%S}({state})· 日志位置 {heading['position']}"
        f" · 口径版本 {heading['definitions']}{digest}",
        "按北京时间自然日统计;率 = 分子/分母,分母为 0 记“—”,不计 0 或 100;口径见 /about/figures",
    ]


def _first_page(sheet: Sheet, monthly: Monthly) -> None:
    metrics = monthly.report.by_scope[CITY].metrics
    sheet.write_in(18, BRAND, bold=True)
    sheet.cell(INSIDE, 11, sheet.heading, new_x="LMARGIN", new_y="NEXT")
    state = "已冻结" if monthly.report.frozen else "暂计(尚未冻结,数字还会变)"
    sheet.paragraph(
        f"{state} · 登记 {metrics['raised_gross']} 件,有效 {metrics['raised_valid']} 件"
        f" · 统计时点挂账 {metrics['suspended_stock']} 件、超期未办结 {metrics['overdue_stock']} 件"
        + ("" if metrics["raised_gross"] else " · 本期无哨"),
        9,
        INK_2,
    )
    y = _key_figures(sheet, monthly, sheet.get_y() + 1)
    sheet.set_y(y + 3)
    if monthly.exclusions:
        sheet.paragraph(_exclusions(monthly))
    sheet.headline(f"{len(monthly.grids)} 个网格 · 迟响件数")
    _map(sheet, monthly)
    if missing := _late(monthly) - sum(one.late for one in monthly.grids):
        sheet.paragraph(f"另有 {missing} 件迟响的吹哨没有落到网格,不在图上")
    sheet.headline("三率走势")
    _trend(sheet, monthly.trend)
    if not all(month.frozen for month in monthly.trend):
        sheet.paragraph("* 该月未冻结,为本报告统计时点所知的数字")


def _exclusions(monthly: Monthly) -> str:
    """Each exclusion beside its rate, with the rate without it."""
    rates = monthly.report.by_scope[CITY].rates
    told = [
        f"{BY_ID[name].name.zh}剔除 {one.excluded} 件,剔除后 {_share(rates[name])},"
        f"不剔除 {_share(one.without)}"
        for name, one in monthly.exclusions.items()
        if name in SHOWN_FIRST
    ]
    return "经批准剔除:" + (";".join(told) or "未涉及上列各率")


def _share(rate: Rate) -> str:
    return NONE if rate.exact is None else f"{percent(rate.exact)}%"


def _map(sheet: Sheet, monthly: Monthly) -> None:
    """Late answers by grid, under the plan with which the month began."""
    figures = {one.code: GridFigures(one.raised, one.late, one.overdue) for one in monthly.grids}
    drawn = late_map(base_map(monthly.city, monthly.period.first), figures)
    if drawn.cells:
        sheet.drawing("late_map", drawn, width=INSIDE - 16)
        sheet.drawing("paper_legend", drawn, width=INSIDE - 16)


def _trend(sheet: Sheet, months: Sequence[OfMonth]) -> None:
    """The rates that make up the score, over the last months; * marks one that is not frozen."""
    dates = [month.month + ("" if month.frozen else "*") for month in months]
    series = [_series(n, name, months) for n, name in enumerate(WEIGHTS, start=1)]
    sheet.drawing("rates_chart", rates_chart(TREND, dates, series), "", width=INSIDE)


def _series(n: int, name: str, months: Sequence[OfMonth]) -> Series:
    values = [month.rates[name].exact for month in months]
    last = NONE if values[-1] is None else percent(values[-1])
    return Series(str(n), f"{BY_ID[name].name.zh} {last}", values)


def _late(monthly: Monthly) -> int:
    """Of the whole city: answers due in the month that came late or not at all."""
    answered = monthly.report.by_scope[CITY].rates["on_time_response_rate"]
    return answered.d - answered.n


def _key_figures(sheet: Sheet, monthly: Monthly, y: float) -> float:
    """Five rates and the score, side by side, each with n/d and its change."""
    row, width = monthly.report.by_scope[CITY], INSIDE / 6
    before = monthly.before.rates if monthly.before else {}
    for n, name in enumerate(SHOWN_FIRST):
        rate = row.rates[name]
        then = before.get(name)
        change = points_since(rate, then) if then is not None else None
        shown = NONE if rate.exact is None else percent(rate.exact)
        parts = f"{rate.n}/{rate.d}" + (f" 环比 {_signed(change)}" if change is not None else "")
        _key_figure(sheet, MARGIN + n * width, y, width, BY_ID[name].name.zh, shown, parts)
    score = NONE if row.composite is None else str(half_up(row.composite.exact))
    _key_figure(sheet, MARGIN + 5 * width, y, width, "三率综合分", score, "30% + 35% + 35%")
    return y + 19


def _key_figure(
    sheet: Sheet, x: float, y: float, width: float, name: str, value: str, note: str
) -> None:
    sheet.set_draw_color(*LINE)
    sheet.set_line_width(0.2)
    sheet.rect(x, y, width, 18)
    sheet.put(x + 1, y + 1.5, name, 8, INK_2)
    sheet.put(x + 1, y + 6, value, 14, INK, bold=True)
    sheet.put(x + 1, y + 13.5, note, 6.5, INK_3)


def _signed(change: str) -> str:
    return change if change.startswith("-") else f"+{change}"


RANKED = (
    Column("名次", 15, "C"),
    Column("名称", 44),
    Column("综合分", 15, "R"),
    Column("按时响应率", 28, "R"),
    Column("解决率", 27, "R"),
    Column("满意率", 27, "R"),
    Column("有效哨", 13, "R"),
    Column("升降", 13, "R"),
)


def _ranking(sheet: Sheet, monthly: Monthly) -> None:
    sheet.add_page()
    sheet.headline(
        f"{len(monthly.posts)} 个一线指挥部排名",
        "按三率综合分的精确值,各类分别排名,并列同名次;"
        "三率任一分母不足 5 件的列为“样本不足”,回访联系不上或不肯评分超过 20% 的列为“回访不足”,"
        "都不排名。升降与上月冻结名次相比。",
    )
    for kind, name in KINDS.items():
        rows = [_ranked(one) for one in monthly.posts if one.row.kind == kind]
        if rows:
            sheet.put(MARGIN, sheet.get_y(), name, 9, INK_2, bold=True)
            sheet.set_y(sheet.get_y() + 5)
            sheet.rows(RANKED, rows, height=5.3)


def _units(sheet: Sheet, monthly: Monthly) -> None:
    rows = [_ranked(one) for one in monthly.units if not one.row.is_empty]
    sheet.headline(f"责任单位排名({len(rows)} 个有件)", UNITS_DO_NOT_ADD_UP.zh)
    if rows:
        sheet.rows(RANKED, rows, height=5.3)
    else:
        sheet.paragraph("本期没有单位承办", 9)


def _ranked(one: Standing) -> list[str]:
    row = one.row
    risen = one.change()["rank"]
    return [
        str(one.rank) if one.why_unranked is None else one.why_unranked.zh,
        row.name,
        NONE if one.exact is None else str(half_up(one.exact)),
        *(
            _rate(row.rates[name])
            for name in ("on_time_response_rate", "resolution_rate", "satisfaction_rate")
        ),
        str(row.metrics["raised_valid"]),
        NONE
        if risen is None
        else ("平" if not risen else f"{'升' if risen > 0 else '降'}{abs(risen)}"),
    ]


def _rate(rate: Rate) -> str:
    return NONE if rate.exact is None else f"{rate.n}/{rate.d} {percent(rate.exact)}"


RED = (
    Column("哨号", 36),
    Column("指挥部", 48),
    Column("主责单位", 38),
    Column("类别", 32),
    Column("已超", 28, "R"),
)


def _red_list(sheet: Sheet, monthly: Monthly) -> None:
    at = monthly.report.as_of.at
    note = f"统计时点已过办结时限、未办结且未挂账的 {monthly.red_total} 件,超得最久的在前"
    if monthly.red_total > len(monthly.red):
        note += f";此处列前 {len(monthly.red)} 件"
    sheet.headline("红牌督办", note)
    if monthly.red:
        sheet.rows(RED, [_red(monthly.city, one, at) for one in monthly.red])
    else:
        sheet.paragraph("统计时点没有超期未办结的吹哨", 9)


def _red(city: Directory, red: Red, at: datetime) -> list[str]:
    line = red.line
    post = _named(city.post, line.post)
    late = _length(at - line.counted_at)
    if not red.open:
        return ["(保密或无权查看)", post, NONE, NONE, late]
    return [
        line.number,
        post,
        _named(city.unit, line.unit),
        _named(city.category, line.category),
        late,
    ]


def _named(look_up: Any, code: str | None) -> str:
    """Its name; the code itself where the city of that moment does not know it."""
    if code is None:
        return NONE
    try:
        return str(look_up(code).name)
    except Refusal:
        return code


def _length(length: timedelta) -> str:
    minutes = max(0, length // timedelta(minutes=1))
    days, rest = divmod(minutes, 1440)
    hours, minutes = divmod(rest, 60)
    if days:
        return f"{days} 天 {hours} 时"
    return f"{hours} 时 {minutes} 分" if hours else f"{minutes} 分"


STEPS = (
    Column("环节", 46),
    Column("经过件数", 30, "R"),
    Column("中位数", 37, "R"),
    Column("P90", 37, "R"),
    Column("占全部时间", 32, "R"),
)
WORST_STEPS = (
    Column("指挥部", 62),
    Column("环节", 34),
    Column("件数", 18, "R"),
    Column("中位数", 34, "R"),
    Column("P90", 34, "R"),
)


def _steps(sheet: Sheet, monthly: Monthly) -> None:
    sheet.headline("时间去哪了", STEPS_DEFINITION.zh)
    whole = sum(found.seconds for found in monthly.steps.values())
    sheet.rows(STEPS, [_step(step, monthly.steps.get(step), whole) for step in Step])
    slowest = worst(monthly.steps_by_post, WORST)
    if slowest:
        sheet.headline("最慢的环节", f"各指挥部各环节按 P90 从长到短,前 {len(slowest)} 项")
        sheet.rows(WORST_STEPS, [_slow(monthly.city, found) for found in slowest])


def _step(step: Step, found: TimeInStep | None, whole: int) -> list[str]:
    name = STEP_WORDS[step].zh
    if found is None:
        return [name, "0", NONE, NONE, NONE]
    share = percent(Fraction(found.seconds, whole)) + "%" if whole else NONE
    return [name, str(found.whistles), _seconds(found.median), _seconds(found.p90), share]


def _slow(city: Directory, found: TimeInStep) -> list[str]:
    post = _named(city.post, found.key)
    step = STEP_WORDS[Step(found.step)].zh
    return [post, step, str(found.whistles), _seconds(found.median), _seconds(found.p90)]


def _seconds(seconds: int) -> str:
    return _length(timedelta(seconds=seconds))


PLACES = (
    Column("网格", 60),
    Column("指挥部", 56),
    Column("主要类别", 48),
    Column("件数", 18, "R"),
)


def _spots(sheet: Sheet, monthly: Monthly) -> None:
    sheet.headline("吹哨最多的点位", "50 米内或同一地址归为一处,不含保密;列出 2 件以上的")
    rows = [_spot(monthly.city, spot.reports) for spot in monthly.spots[:SPOTS]]
    if rows:
        sheet.rows(PLACES, rows)
    else:
        sheet.paragraph("本期没有重复吹哨的点位", 9)


def _spot(city: Directory, reports: Sequence[Any]) -> list[str]:
    first = reports[0]
    codes = [one.category for one in reports]
    most = max(sorted(set(codes), key=str), key=codes.count)
    return [
        _named(city.grid, first.grid),
        _named(city.post, first.post),
        _named(city.category, most),
        str(len(reports)),
    ]
