"""The door to the rates: every question from outside this folder comes in here.

- a figure: `figure`, one metric of a scope; `rates`, all metrics as HTTP gives them
- a table of rows: `row_of` one scope, `rows_of` a grouping, `every_scope` any scopes, `by_class`
- a list behind a figure: `listed` and `list_page`
- what became known after a freeze: `adjustments`
- which categories a major has then: `categories_of`; a question's parameters: `within_question`

All figures are exact and as of the question's moment. The folder behind the door: `plan.py` chooses
which sums to read, `scopes.py` and `sums.py` read them, `lists.py` reads the facts one by one,
`withholding.py` keeps back what is too small to be told.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from tracker.eventstore.connections import Connection
from tracker.metrics.arithmetic import Composite, Rate, composite, number
from tracker.metrics.asking import CITY, Question
from tracker.metrics.cohorts import SPARED, Marks
from tracker.metrics.definitions import BY_ID, METRICS, WEIGHTS, Kind, Metric
from tracker.projections.rates import lists
from tracker.projections.rates.adjusting import Adjustment, adjustments
from tracker.projections.rates.first_rules import counted_by_first_rules, majors_by_code
from tracker.projections.rates.lists import (
    LARGEST_PAGE,
    LIST_PARTS,
    BadCursor,
    ClassRow,
    ListedWhistle,
    ListPart,
    NoSuchList,
    must_have_list,
)
from tracker.projections.rates.majors import (
    Majors,
    categories_of,
    within_question,
)
from tracker.projections.rates.scopes import read_scopes
from tracker.projections.rates.sums import RawRow
from tracker.projections.rates.withholding import OTHER, must_be_enough, pooled, together

__all__ = [
    "OTHER",
    "rates",
    "figure",
    "FiguresRow",
    "Exclusion",
    "row_of",
    "rows_of",
    "every_scope",
    "ClassRow",
    "by_class",
    "ListPage",
    "list_page",
    "listed",
    "ListedWhistle",
    "ListPart",
    "LIST_PARTS",
    "LARGEST_PAGE",
    "must_have_list",
    "NoSuchList",
    "BadCursor",
    "Adjustment",
    "adjustments",
    "one_moment",
    "reached",
    "categories_of",
    "within_question",
    "Majors",
    "counted_by_first_rules",
    "majors_by_code",
]

# The place of a mark's count in `RawRow.sums`; the sum of seconds comes last.
SUM_OF = {Marks.IN: 0, Marks.FIRST: 1, Marks.SECOND: 2, Marks.THIRD: 3, Marks.FOURTH: 4}
SECONDS = 5


@dataclass(frozen=True)
class Exclusion:
    """`excluded`: how many are out of the rate by approval; `without`: the rate as if none were."""

    excluded: int
    without: Rate

    def shown(self) -> dict[str, Any]:
        """As HTTP gives it: {excluded, without: {n, d, pct}}."""
        return {"excluded": self.excluded, "without": self.without.shown()}


@dataclass(frozen=True)
class FiguresRow:
    """One row of figures. `metrics` by identifier, as shown; `rates` and `composite` exact.

    `exclusions`: of the rates that exclusions changed. `key`: the scope, or within a grouping the
    code or the day.
    """

    key: str
    metrics: dict[str, Any]
    rates: dict[str, Rate]
    composite: Composite | None
    exclusions: dict[str, Exclusion] = field(default_factory=dict)

    @property
    def is_empty(self) -> bool:
        """Nothing is counted in it."""
        return not self.metrics["raised_gross"] and not any(r.d for r in self.rates.values())


def rates(connection: Connection, question: Question) -> dict[str, Any]:
    """The whole answer as HTTP gives it: metrics, the rows of a grouping, position, moment.

    Raises TooFewToTell, as do all that answer for one scope.
    """
    with one_moment(connection):
        must_be_enough(connection, question)
        position = reached(connection, question)
        total = _row_of(connection, question)
        answer: dict[str, Any] = {
            "scope": question.scope,
            "from": question.period.first.isoformat(),
            "to": question.period.until.isoformat(),
            "as_of": question.as_of.shown(),
            "position": position,
            "metrics": total.metrics,
            "composite": _explained(total.composite),
            "exclusions": _beside(total),
        }
        if question.by is not None:
            answer["by"] = question.by
            answer["items"] = [
                {
                    "key": row.key,
                    "metrics": row.metrics,
                    "composite": _explained(row.composite),
                    "exclusions": _beside(row),
                    "position": position,
                    "as_of": answer["as_of"],
                }
                for row in _rows(connection, question)
            ]
            answer["next"] = None
    return answer


def figure(connection: Connection, question: Question, metric: str) -> Any:
    """One metric of the scope, as `rates` shows it; only what it is made of is read."""
    wanted = BY_ID[metric]
    with one_moment(connection):
        must_be_enough(connection, question)
        found = read_scopes(
            connection,
            question,
            [question.scope],
            sums=wanted.kind is not Kind.STOCK,
            times=wanted.measure is not None,
            stocks=wanted.kind is Kind.STOCK,
        )
    raw, unit_view = found[question.scope], question.unit_view
    if wanted.kind is Kind.SCORE:
        return _row(question.scope, raw, unit_view, times=False).metrics[metric]
    return _shown(wanted, raw, unit_view)


def row_of(connection: Connection, question: Question) -> FiguresRow:
    """The row of the scope itself, without times; `question.by` is not read."""
    with one_moment(connection):
        must_be_enough(connection, question)
        return _row_of(connection, question, times=False)


def rows_of(connection: Connection, question: Question) -> list[FiguresRow]:
    """The rows of a grouping, without times: of them a ranking is made."""
    with one_moment(connection):
        return _rows(connection, question, times=False)


def every_scope(
    connection: Connection,
    question: Question,
    scopes: Sequence[str],
    *,
    by_facts: bool = False,
    majors: Majors | None = None,
) -> list[FiguresRow]:
    """A row for each of these scopes, read in one pass. `by_facts`: use no counter.

    `majors` None: as the catalogue had them at the question's moment.
    """
    with one_moment(connection):
        found = read_scopes(connection, question, list(scopes), by_facts=by_facts, majors=majors)
    return [_row(scope, found[scope], scope.startswith("unit:")) for scope in scopes]


def by_class(connection: Connection, question: Question) -> dict[str, ClassRow]:
    """On-time response by class of urgency; a class without whistles has no row."""
    with one_moment(connection):
        must_be_enough(connection, question)
        return lists.by_class(connection, question)


@dataclass(frozen=True)
class ListPage:
    """A page of the list behind a figure. `following`: the cursor of the next page, if any."""

    items: Sequence[ListedWhistle]
    following: str | None
    position: int


def list_page(
    connection: Connection,
    question: Question,
    metric: str,
    part: ListPart,
    cursor: str | None = None,
    limit: int = LARGEST_PAGE,
    sla_class: str | None = None,
) -> ListPage:
    """At most LARGEST_PAGE whistles. Raises NoSuchList, BadCursor."""
    limit = min(limit, LARGEST_PAGE)
    with one_moment(connection):
        must_be_enough(connection, question)
        position = reached(connection, question)
        found = lists.listed(connection, question, metric, part, cursor, limit + 1, sla_class)
    page = found[:limit]
    return ListPage(page, page[-1].cursor if len(found) > limit else None, position)


def listed(
    connection: Connection,
    question: Question,
    metric: str,
    part: ListPart,
    cursor: str | None = None,
    limit: int = LARGEST_PAGE,
    sla_class: str | None = None,
) -> list[ListedWhistle]:
    """The whistles behind a figure, at most `limit`, which may be beyond LARGEST_PAGE."""
    must_be_enough(connection, question)
    return lists.listed(connection, question, metric, part, cursor, limit, sla_class)


# An answer reads a few hundred rows; parallel workers or a compiler would take longer to start. The
# plan made for any period reads the large tables in another way than the plan for one month: 15 ms
# instead of 5 among a million whistles.
ALONE = """
    SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY;
    SET LOCAL max_parallel_workers_per_gather = 0;
    SET LOCAL jit = off;
    SET LOCAL plan_cache_mode = force_custom_plan
"""


@contextmanager
def one_moment(connection: Connection) -> Iterator[None]:
    """All statements of an answer see the same tables."""
    with connection.transaction():
        connection.execute(ALONE)
        yield


# Served by the primary key of projection_positions.
POSITION = "SELECT position FROM projection_positions WHERE name = 'rates'"


def reached(connection: Connection, question: Question | None = None) -> int:
    """Up to which position of the log the rates are folded; with a question, its answer's own."""
    row = connection.execute(POSITION).fetchone()
    folded = int(row[0]) if row else 0
    asked = None if question is None else question.as_of.position
    return folded if asked is None else min(asked, folded)


def _row_of(connection: Connection, question: Question, times: bool = True) -> FiguresRow:
    found = read_scopes(connection, question, [question.scope], times=times)
    return _row(question.scope, found[question.scope], question.unit_view, times)


def _rows(connection: Connection, question: Question, times: bool = True) -> list[FiguresRow]:
    """The rows of the grouping that the question asks for."""
    if question.by == "day":
        found = read_scopes(connection, question, [question.scope], by_day=True, times=times)
        shown = together(found, pooled(connection, question, found))
        unit_view = question.unit_view
        return [_row(day, shown[day], unit_view, times, of_day=True) for day in sorted(shown)]
    scopes = {f"{question.by}:{key}": key for key in question.keys}
    within = None if question.scope == CITY else question.scope
    found = read_scopes(connection, question, list(scopes), within=within, times=times)
    unit_view = question.unit_view or question.by == "unit"
    every = {key: found[scope] for scope, key in scopes.items()}
    shown = together(every, pooled(connection, question, every))
    return [_row(key, row, unit_view, times) for key, row in shown.items()]


def _row(
    key: str, raw: RawRow, unit_view: bool, times: bool = True, of_day: bool = False
) -> FiguresRow:
    ratios = {m.id: _rate(m, raw, unit_view) for m in METRICS if m.kind is Kind.RATE}
    shown = {
        metric.id: ratios[metric.id].shown()
        if metric.id in ratios
        else _shown(metric, raw, unit_view, of_day)
        for metric in METRICS
        if times or metric.kind is not Kind.TIME
    }
    score = composite({name: ratios[name] for name in WEIGHTS})
    shown["composite_score"] = None if score is None else number(score.exact)
    return FiguresRow(key, shown, ratios, score, _exclusions(raw, unit_view))


def _exclusions(raw: RawRow, unit_view: bool) -> dict[str, Exclusion]:
    """Of each rate from which something is excluded: the rate without that (§4.2, exclude)."""
    found = {}
    for metric in (one for one in METRICS if one.kind is Kind.RATE):
        excluded = _sum(metric, metric.d, raw, unit_view, spared=True)
        if excluded:
            found[metric.id] = Exclusion(excluded, _rate(metric, raw, unit_view, spared=True))
    return found


def _beside(row: FiguresRow) -> dict[str, Any]:
    return {name: one.shown() for name, one in row.exclusions.items()}


def _shown(metric: Metric, raw: RawRow, unit_view: bool, of_day: bool = False) -> Any:
    """The value of any metric but the score, which is made of others. A day has no stocks."""
    match metric.kind:
        case Kind.RATE:
            return _rate(metric, raw, unit_view).shown()
        case Kind.COUNT:
            return _sum(metric, metric.d, raw, unit_view)
        case Kind.TIME:
            return _time(metric, raw, unit_view)
        case Kind.STOCK if not of_day:
            return raw.overdue if metric.id == "overdue_stock" else raw.suspended
    return None


def _explained(score: Composite | None) -> dict[str, Any] | None:
    return None if score is None else {"exact": str(score.exact), "parts": list(score.parts)}


def _sum(metric: Metric, mark: Marks, raw: RawRow, unit_view: bool, *, spared: bool = False) -> int:
    """How many bear the mark; `spared`: of those that are excluded from scoring."""
    cohort = metric.unit_cohort if unit_view else metric.cohort
    sums = raw.sums.get(SPARED[cohort] if spared and cohort else str(cohort))
    return sums[SUM_OF[mark]] if sums else 0


def _rate(metric: Metric, raw: RawRow, unit_view: bool, *, spared: bool = False) -> Rate:
    """`spared`: as if nothing were excluded from scoring."""
    d, n = (_sum(metric, mark, raw, unit_view) for mark in (metric.d, metric.n))
    if spared:
        d += _sum(metric, metric.d, raw, unit_view, spared=True)
        n += _sum(metric, metric.n, raw, unit_view, spared=True)
    return Rate(d - n if metric.complement else n, d)


def _time(metric: Metric, raw: RawRow, unit_view: bool) -> int | float | None:
    """A response time in minutes; the handling time, which has a cohort's own sum, in hours."""
    if metric.measure is None:
        count = _sum(metric, Marks.IN, raw, unit_view)
        seconds = raw.sums[str(metric.cohort)][SECONDS] if count else 0
        return number(Fraction(seconds, 3600 * count)) if count else None
    times = raw.times.get(metric.measure)
    if times is None or not times.count:
        return None
    if metric.statistic == "mean":
        return number(Fraction(times.seconds, 60 * times.count))
    return number(Fraction(times.at[str(metric.statistic)], 60))
