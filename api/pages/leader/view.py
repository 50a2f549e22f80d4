"""What stands on the leader's page: the rates, who stands where, the map, what is overdue.

Every number comes from the functions that answer HTTP, and carries the address of its whistles.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from psycopg import Connection

from api.door.access import Person
from api.pages.frame.present import STEPS, class_name, limit_unit, span
from api.pages.frame.speech import Speech
from api.pages.leader.asked import Answered
from api.pages.leader.days import MONTH, WEEK, Day, weekly
from api.reading.figures import Seen, seen_by
from tracker.directory import Directory
from tracker.domain.promises.sla_classes import SlaClass
from tracker.metrics.asking import ZONE, AsOf, Period, Question
from tracker.metrics.definitions import BY_ID
from tracker.metrics.figures import Rate, half_up
from tracker.metrics.ranking import points_since
from tracker.metrics.report import ReportRow
from tracker.projections.rates.answer import rates, scores
from tracker.projections.rates.class_rates import ClassRow, by_class
from tracker.projections.rates.tally import CITY
from tracker.projections.rates.why import lines
from tracker.reports.drawing.city_map import GridFigures, LateMap, kept_base_map, late_map
from tracker.reports.drawing.rates_chart import Spark, spark
from tracker.reports.rankings import Standing, counted_rows, standings
from tracker.reports.tables import KINDS

SHOWN = (
    "on_time_response_rate",
    "resolution_rate",
    "satisfaction_rate",
    "on_time_resolution_rate",
)
EMPTY = dict.fromkeys(SHOWN, Rate(0, 0))
LIST = "/leader/list"
ON_TIME = "on_time_response_rate"
REDS = 12
LOW, HIGH, WIDE = 50, 100, 120  # of the line on which a score is a dot


@dataclass(frozen=True)
class Kpi:
    """A rate; `pct` None: there was nothing to count, which is neither 0 % nor 100 %."""

    name: str
    pct: str | None
    n: int
    d: int
    list_n: str
    list_d: str
    list_missing: str
    change: str | None  # percentage points since the month before, as frozen
    spark: Spark | None


@dataclass(frozen=True)
class Place:
    """A line of the ranking. `dot` is where its score stands on the line, None: below it."""

    rank: str
    name: str
    href: str
    score: str | None
    dot: float | None
    parts: Sequence[str]
    moved: str | None
    small: bool


@dataclass(frozen=True)
class Red:
    """A whistle that is overdue, and by how much; without an address: not open to this reader."""

    over: str
    href: str | None
    number: str | None
    about: str
    meta: str


@dataclass(frozen=True)
class OfClass:
    """A class of urgency: what it promises today, and how it was kept. `dot` as of a Place."""

    step: int
    name: str
    promise: str
    pct: str | None
    dot: float | None
    n: int
    d: int
    middle: str
    href: str | None


def whole_row(connection: Connection[Any], found: Answered) -> ReportRow:
    """The figures of the scope itself: as frozen, or counted."""
    if found.is_frozen and found.report is not None:
        kept = found.report.by_scope.get(found.question.scope)
        if kept is not None:
            return kept
    metrics = rates(connection, found.question)["metrics"]
    return ReportRow(found.question.scope, "", "", metrics)


def kpis(found: Answered, row: ReportRow, days: Sequence[Day], language: str) -> list[Kpi]:
    before = found.before.by_scope.get(found.question.scope) if found.before else None

    def kpi(name: str) -> Kpi:
        rate = row.rates[name]
        return Kpi(
            BY_ID[name].name.say(language, {}),
            str(half_up(rate.exact * 100)) if rate.exact is not None else None,
            rate.n,
            rate.d,
            found.asked.at(LIST, metric=name, part="n"),
            found.asked.at(LIST, metric=name, part="d"),
            found.asked.at(LIST, metric=name, part="missing"),
            points_since(rate, before.rates[name]) if before else None,
            spark(weekly(days, name)),
        )

    return [kpi(name) for name in SHOWN]


def places(
    connection: Connection[Any], city: Directory, found: Answered, of: str, language: str
) -> list[tuple[str, list[Place]]]:
    """Kind after kind, each under its name."""
    if found.is_frozen and found.report is not None:
        rows: Sequence[ReportRow] = found.report.rows
    else:
        rows = counted_rows(connection, city, found.question, of)
    ranked = standings(of, rows, found.before.rows if found.before else None)
    kinds: dict[str, list[Place]] = {}
    for one in ranked:
        kinds.setdefault(one.row.kind, []).append(_place(found, one))
    return [(KINDS[kind].say(language, {}), group) for kind, group in kinds.items()]


def _place(found: Answered, one: Standing) -> Place:
    change = one.change()["rank"]
    score = None if one.exact is None else float(half_up(one.exact))
    return Place(
        rank="—" if one.rank is None else str(one.rank),
        name=short(one.row.name),
        href=found.asked.at("/leader", scope=one.row.scope),
        score=None if one.exact is None else str(half_up(one.exact)),
        dot=on_line(score),
        parts=[f"{one.row.rates[name].n}/{one.row.rates[name].d}" for name in SHOWN[:3]],
        moved=moved(change),
        small=one.insufficient_sample,
    )


def short(name: str) -> str:
    """A post's name where only posts stand: all of them end alike."""
    return name.removesuffix("一线指挥部") or name


def on_line(percent: float | None) -> float | None:
    """Where it stands on the line, None: below its beginning, or no figure."""
    if percent is None or percent < LOW:
        return None
    return (percent - LOW) / (HIGH - LOW) * WIDE


def moved(places_up: int | None) -> str | None:
    """None where there is nothing to compare with."""
    match places_up:
        case None:
            return None
        case 0:
            return "＝"
    return f"▲{places_up}" if places_up > 0 else f"▼{-places_up}"


def reds(
    _: Speech,
    connection: Connection[Any],
    city: Directory,
    person: Person,
    question: Question,
) -> list[Red]:
    """The longest overdue at that moment, as this person may see them."""
    found = lines(connection, question, "overdue_stock", "d", limit=REDS)
    return [_red(_, city, one, question.as_of.at) for one in seen_by(connection, person, found)]


def _red(_: Speech, city: Directory, one: Seen, at: datetime) -> Red:
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
    _: Speech, connection: Connection[Any], city: Directory, found: Answered
) -> list[OfClass]:
    """Every class of the policy, the most urgent first, quiet ones too."""
    rows = by_class(connection, found.question)
    return [_class(_, found, one, rows.get(one.code)) for one in city.sla_classes]


def _class(_: Speech, found: Answered, promised: SlaClass, row: ClassRow | None) -> OfClass:
    exact = row.rate.exact if row else None
    middle = row.middle if row else None
    return OfClass(
        STEPS.get(promised.code, 1),
        class_name(_, promised.code),
        f"{promised.respond.value} {limit_unit(_, promised.respond.unit)}",
        None if exact is None else str(half_up(exact * 100)),
        on_line(None if exact is None else float(exact * 100)),
        row.n if row else 0,
        row.d if row else 0,
        "—" if middle is None else span(_, timedelta(seconds=middle)),
        found.asked.at(LIST, metric=ON_TIME, part="d", **{"class": promised.code}) if row else None,
    )


def map_of(connection: Connection[Any], city: Directory, found: Answered) -> LateMap:
    """Late whistles of the whole city by grid, under the plan in force at the period's end."""
    question = found.question
    on = min(question.period.until - timedelta(days=1), _day(question.as_of))
    base = kept_base_map(city, on)
    codes = tuple(shape.code for shape in base.grids)
    asked = Question(CITY, question.period, question.as_of, "grid", codes)
    figures = {}
    for row in scores(connection, asked):
        rate = row.rates[ON_TIME]
        href = found.asked.at(LIST, scope=f"grid:{row.key}", metric=ON_TIME, part="missing")
        overdue = row.metrics["overdue_stock"] or 0
        raised = row.metrics["raised_gross"]
        figures[row.key] = GridFigures(raised, rate.d - rate.n, overdue, href)
    return late_map(base, figures)


def days_of(connection: Connection[Any], question: Question) -> list[Day]:
    """The thirty days up to the question's moment or its period's end, quiet ones too, and the
    six before them, from which the first week is summed."""
    last = min(question.period.until, _day(question.as_of) + timedelta(days=1))
    first = last - timedelta(days=MONTH + WEEK - 1)
    asked = Question(question.scope, Period(first, last), question.as_of, "day")
    rows = {row.key: row for row in scores(connection, asked)}
    days = [first + timedelta(days=i) for i in range((last - first).days)]
    return [_day_row(day, rows.get(day.isoformat())) for day in days]


def _day_row(day: date, row: Any) -> Day:
    if row is None:
        return Day(day.isoformat(), 0, EMPTY)
    return Day(day.isoformat(), row.metrics["raised_gross"], row.rates)


def _day(as_of: AsOf) -> date:
    return as_of.at.astimezone(ZONE).date()
