"""What stands on the leader's page: the rates, who stands where, the map, what is overdue.

Every number comes from the functions that answer HTTP, and carries the address of its whistles.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from markupsafe import Markup
from psycopg import Connection

from api.access import Person
from api.figures import Seen, seen_by
from api.pages.charts import Day, Plot, choropleth, ground
from api.pages.leader_asked import Answered
from api.pages.present import span
from api.pages.speech import Speech
from tracker.directory import Directory
from tracker.figure_tables import KINDS
from tracker.metrics.asking import ZONE, AsOf, Question
from tracker.metrics.definitions import BY_ID
from tracker.metrics.figures import Rate, half_up
from tracker.metrics.ranking import points_since
from tracker.metrics.report import ReportRow
from tracker.projections.rates_answer import rates, scores
from tracker.projections.rates_tally import CITY
from tracker.projections.rates_why import lines
from tracker.rankings import Standing, counted_rows, standings

SHOWN = (
    "on_time_response_rate",
    "resolution_rate",
    "satisfaction_rate",
    "on_time_resolution_rate",
)
EMPTY = Rate(0, 0)
LIST = "/leader/list"
REDS = 8
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
    """A whistle that is overdue, and by how much."""

    over: str
    href: str | None
    number: str | None
    meta: str


def whole_row(connection: Connection[Any], found: Answered) -> ReportRow:
    """The figures of the scope itself: as frozen, or counted."""
    if found.is_frozen and found.report is not None:
        kept = found.report.by_scope.get(found.question.scope)
        if kept is not None:
            return kept
    metrics = rates(connection, found.question)["metrics"]
    return ReportRow(found.question.scope, "", "", metrics)


def kpis(found: Answered, row: ReportRow, language: str) -> list[Kpi]:
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
        name=one.row.name,
        href=found.asked.at("/leader", scope=one.row.scope),
        score=None if one.exact is None else str(half_up(one.exact)),
        dot=None if score is None or score < LOW else (score - LOW) / (HIGH - LOW) * WIDE,
        parts=[f"{one.row.rates[name].n}/{one.row.rates[name].d}" for name in SHOWN[:3]],
        moved=moved(change),
        small=one.insufficient_sample,
    )


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
        return Red(over, None, None, _("您无权查看这一件"))
    line = one.line
    names = [
        city.category(line.category).name if line.category else None,
        city.post(line.post).name if line.post else None,
        city.unit(line.unit).short if line.unit else None,
    ]
    meta = " · ".join(name for name in names if name)
    return Red(over, f"/w/{line.number}", line.number, meta)


def map_of(_: Speech, connection: Connection[Any], city: Directory, found: Answered) -> Markup:
    """Late whistles of the whole city by grid, under the plan in force at the period's end."""
    question = found.question
    on = min(question.period.until - timedelta(days=1), _day(question.as_of))
    drawn = ground(city, on)
    codes = tuple(shape.code for shape in drawn.grids)
    asked = Question(CITY, question.period, AsOf(question.as_of.at), "grid", codes)
    plots = {}
    for row in scores(connection, asked):
        rate = row.rates["on_time_response_rate"]
        href = found.asked.at(
            LIST, scope=f"grid:{row.key}", metric="on_time_response_rate", part="missing"
        )
        red = row.metrics["overdue_stock"] or 0
        plots[row.key] = Plot(row.metrics["raised_gross"], rate.d - rate.n, red, href)
    return choropleth(_, drawn, plots)


def days_of(connection: Connection[Any], question: Question) -> list[Day]:
    """Each day of the period that has come by the question's moment, quiet ones too."""
    as_of = AsOf(question.as_of.at)
    asked = Question(question.scope, question.period, as_of, "day")
    rows = {row.key: row for row in scores(connection, asked)}
    last = min(question.period.until, _day(as_of) + timedelta(days=1))
    count = max((last - question.period.first).days, 0)
    days = [question.period.first + timedelta(days=i) for i in range(count)][-92:]
    return [_day_row(day, rows.get(day.isoformat())) for day in days]


def _day_row(day: date, row: Any) -> Day:
    if row is None:
        return Day(day.isoformat(), 0, EMPTY)
    return Day(day.isoformat(), row.metrics["raised_gross"], row.rates["on_time_response_rate"])


def _day(as_of: AsOf) -> date:
    return as_of.at.astimezone(ZONE).date()
