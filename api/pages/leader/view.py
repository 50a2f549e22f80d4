"""Turns figures into what the leader's page shows: rates, ranking, map, overdue whistles.

It reads nothing itself. Every number has the address of the list of its whistles.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from api.pages.frame.present import STEPS, class_name, limit_unit, span
from api.pages.frame.speech import Speech
from api.pages.leader.asked import FiguresResult
from api.pages.leader.days import MONTH, Day, Line, chart_of, weekly
from api.reading.figures import ListedForReader
from tracker.directory import Directory
from tracker.domain.promises.sla_classes import SlaClass
from tracker.metrics.arithmetic import Rate, half_up
from tracker.metrics.asking import Period
from tracker.metrics.definitions import BY_ID
from tracker.metrics.ranking import points_since
from tracker.metrics.report import ReportRow
from tracker.projections.rates.answer import ClassRow, Exclusion, FiguresRow
from tracker.reports.drawing.city_map import BaseMap, GridFigures, LateMap, late_map
from tracker.reports.drawing.rates_chart import Spark, spark
from tracker.reports.rankings import Standing
from tracker.reports.tables import KINDS

SHOWN = (
    "on_time_response_rate",
    "resolution_rate",
    "satisfaction_rate",
    "on_time_resolution_rate",
)
NO_RATES = dict.fromkeys(SHOWN, Rate(0, 0))
TREND = (("on_time_response_rate", "1"), ("resolution_rate", "2"))  # (rate, line style)
LIST = "/leader/list"
ON_TIME = "on_time_response_rate"
REDS = 12  # most overdue whistles on the page
LOW, HIGH, WIDE = 50, 100, 120  # the score line: percent at its left and right end, width


@dataclass(frozen=True)
class Beside:
    """What is excluded from a rate by approval, and the rate as if it were not."""

    excluded: int
    without: str | None
    href: str


@dataclass(frozen=True)
class Kpi:
    """A rate. `pct` None: the denominator is 0, which is neither 0 % nor 100 %."""

    name: str
    pct: str | None
    n: int
    d: int
    list_n: str
    list_d: str
    list_missing: str
    beside: Beside | None
    change: str | None  # percentage points from the frozen month before
    spark: Spark | None


@dataclass(frozen=True)
class RankingLine:
    """A line of the ranking. `dot`: the x of its score; None: below the line's start."""

    rank: str
    name: str
    href: str
    score: str | None
    dot: float | None
    parts: Sequence[str]
    moved: str | None
    why: str | None  # why it has no rank


@dataclass(frozen=True)
class Red:
    """An overdue whistle and its delay. `href` None: this reader may not open it."""

    over: str
    href: str | None
    number: str | None
    about: str
    meta: str


@dataclass(frozen=True)
class ClassLine:
    """An SLA class: its present limit, and how it was kept. `dot` as in RankingLine."""

    step: int
    name: str
    promise: str
    pct: str | None
    dot: float | None
    n: int
    d: int
    middle: str
    href: str | None


def kpis(
    result: FiguresResult,
    row: FiguresRow | ReportRow,
    exclusions: Mapping[str, Exclusion],
    shown: Sequence[Day],
    language: str,
) -> list[Kpi]:
    before = result.before and result.before.by_scope.get(result.question.scope)
    query = result.query

    def beside(name: str, found: Exclusion | None) -> Beside | None:
        if found is None:
            return None
        href = query.at(LIST, metric=name, part="excluded")
        return Beside(found.excluded, _percent(found.without), href)

    def kpi(name: str) -> Kpi:
        rate = row.rates[name]
        return Kpi(
            BY_ID[name].name.say(language, {}),
            _percent(rate),
            rate.n,
            rate.d,
            query.at(LIST, metric=name, part="n"),
            query.at(LIST, metric=name, part="d"),
            query.at(LIST, metric=name, part="missing"),
            beside(name, exclusions.get(name)),
            points_since(rate, before.rates[name]) if before else None,
            spark(weekly(shown, name)),
        )

    return [kpi(name) for name in SHOWN]


def _percent(rate: Rate) -> str | None:
    return None if rate.exact is None else str(half_up(rate.exact * 100))


def ranking(
    result: FiguresResult, ranked: Sequence[Standing], language: str
) -> list[tuple[str, list[RankingLine]]]:
    """The rankings by kind, each with the kind's name."""
    kinds: dict[str, list[RankingLine]] = {}
    for one in ranked:
        kinds.setdefault(one.row.kind, []).append(_ranking_line(result, one, language))
    return [(KINDS[kind].say(language, {}), group) for kind, group in kinds.items()]


def _ranking_line(result: FiguresResult, one: Standing, language: str) -> RankingLine:
    score = None if one.exact is None else half_up(one.exact)
    return RankingLine(
        rank="—" if one.rank is None else str(one.rank),
        name=short(one.row.name),
        href=result.query.at("/leader", scope=one.row.scope),
        score=None if score is None else str(score),
        dot=on_line(None if score is None else float(score)),
        why=None if one.why_unranked is None else one.why_unranked.say(language, {}),
        parts=[f"{one.row.rates[name].n}/{one.row.rates[name].d}" for name in SHOWN[:3]],
        moved=moved(one.places_up),
    )


def short(name: str) -> str:
    """A post's name without the ending that all post names share."""
    return name.removesuffix("一线指挥部") or name


def on_line(percent: float | None) -> float | None:
    """The x of a score on the score line; None: below the line's start, or no figure."""
    if percent is None or percent < LOW:
        return None
    return (percent - LOW) / (HIGH - LOW) * WIDE


def moved(places_up: int | None) -> str | None:
    """The change of rank; None without a month to compare with."""
    match places_up:
        case None:
            return None
        case 0:
            return "＝"
    return f"▲{places_up}" if places_up > 0 else f"▼{-places_up}"


def reds(_: Speech, city: Directory, overdue: Sequence[ListedForReader], at: datetime) -> list[Red]:
    """The whistles overdue at the moment, the longest first."""
    return [_red(_, city, one, at) for one in overdue]


def _red(_: Speech, city: Directory, one: ListedForReader, at: datetime) -> Red:
    over = _("红牌 超 {span}", span=span(_, at - one.line.counted_at))
    if not one.open:
        return Red(over, None, None, _("您无权查看这一件"), "")
    line = one.line
    about = city.category(line.category).name if line.category else "—"
    names = [
        line.number,
        short(city.post(line.post).name) if line.post else None,
        city.unit(line.unit).short if line.unit else None,
    ]
    meta = " · ".join(name for name in names if name)
    return Red(over, f"/w/{line.number}", line.number, about, meta)


def classes(
    _: Speech, city: Directory, result: FiguresResult, rows: Mapping[str, ClassRow]
) -> list[ClassLine]:
    """Every class of the SLA policy, the most urgent first, also those without whistles."""
    return [_class_line(_, result, one, rows.get(one.code)) for one in city.sla_classes]


def _class_line(
    _: Speech, result: FiguresResult, promised: SlaClass, row: ClassRow | None
) -> ClassLine:
    exact = Rate(row.n, row.d).exact if row else None
    middle = row.middle if row else None
    of_class = {"metric": ON_TIME, "part": "d", "class": promised.code}
    return ClassLine(
        STEPS.get(promised.code, 1),
        class_name(_, promised.code),
        f"{promised.respond.value} {limit_unit(_, promised.respond.unit)}",
        None if exact is None else str(half_up(exact * 100)),
        on_line(None if exact is None else float(exact * 100)),
        row.n if row else 0,
        row.d if row else 0,
        "—" if middle is None else span(_, timedelta(seconds=middle)),
        result.query.at(LIST, **of_class) if row else None,
    )


def map_of(base: BaseMap, result: FiguresResult, rows: Sequence[FiguresRow]) -> LateMap:
    """The map of late whistles by grid, of the whole city."""
    figures = {}
    for row in rows:
        rate = row.rates[ON_TIME]
        href = result.query.at(LIST, scope=f"grid:{row.key}", metric=ON_TIME, part="missing")
        raised, overdue = row.metrics["raised_gross"], row.metrics["overdue_stock"] or 0
        figures[row.key] = GridFigures(raised, rate.d - rate.n, overdue, href)
    return late_map(base, figures)


def days(period: Period, rows: Sequence[FiguresRow]) -> list[Day]:
    """Every day of the period, also days without whistles."""
    found = {row.key: row for row in rows}
    dates = [
        (period.first + timedelta(days=i)).isoformat()
        for i in range((period.until - period.first).days)
    ]
    return [_day(day, found.get(day)) for day in dates]


def _day(day: str, row: FiguresRow | None) -> Day:
    if row is None:
        return Day(day, 0, NO_RATES)
    return Day(day, row.metrics["raised_gross"], row.rates)


def trend_of(_: Speech, shown: Sequence[Day]) -> dict[str, Any]:
    """The chart of the last thirty days, and the rows of its table."""
    month = shown[-MONTH:]
    lines = [Line(metric, BY_ID[metric].name.say(_.language, {}), kind) for metric, kind in TREND]
    return {"days": month, "lines": lines, "trend": chart_of(month, lines)}
