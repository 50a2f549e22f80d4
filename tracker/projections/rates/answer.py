"""`rates`: the answer to a question, every metric under its identifier, exact, as of its moment."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from psycopg import Connection

from tracker.metrics.asking import ZONE, Question
from tracker.metrics.cohorts import Marks
from tracker.metrics.definitions import METRICS, WEIGHTS, Kind, Metric
from tracker.metrics.figures import Composite, Rate, composite, number
from tracker.projections.rates.figures import Figures
from tracker.projections.rates.reading import figures_of
from tracker.projections.rates.tally import CITY

SUM_OF = {Marks.IN: 0, Marks.FIRST: 1, Marks.SECOND: 2, Marks.THIRD: 3, Marks.FOURTH: 4}


@dataclass(frozen=True)
class Row:
    """A row of figures; `exact` is its composite score before rounding."""

    key: str
    metrics: dict[str, Any]
    rates: dict[str, Rate]
    composite: Composite | None


def rates(connection: Connection[Any], question: Question) -> dict[str, Any]:
    """The whole answer, as HTTP gives it: metrics, with `by` the rows, position and moment."""
    with one_moment(connection):
        position = reached(connection, question)
        total = _rows(connection, _whole(question))[0]
        answer: dict[str, Any] = {
            "scope": question.scope,
            "from": question.period.first.isoformat(),
            "to": question.period.until.isoformat(),
            "as_of": question.as_of.at.astimezone(ZONE).isoformat(),
            "position": position,
            "metrics": total.metrics,
            "composite": _explained(total.composite),
        }
        if question.by is not None:
            answer["by"] = question.by
            answer["items"] = [
                {
                    "key": row.key,
                    "metrics": row.metrics,
                    "composite": _explained(row.composite),
                    "position": position,
                    "as_of": answer["as_of"],
                }
                for row in _rows(connection, question)
            ]
            answer["next"] = None
    return answer


def scores(connection: Connection[Any], question: Question) -> list[Row]:
    """The rows of a grouping without times: what a ranking is made of."""
    with one_moment(connection):
        return _rows(connection, question, times=False)


def every_scope(
    connection: Connection[Any],
    question: Question,
    scopes: Sequence[str],
    *,
    by_facts: bool = False,
) -> list[Row]:
    """A row for each of these scopes, found in one pass: a whole report."""
    with one_moment(connection):
        found = figures_of(connection, _whole(question), list(scopes), by_facts=by_facts)
    return [
        _row(scope, found.get(scope, Figures()), scope.startswith("unit:"), False, True)
        for scope in scopes
    ]


def _whole(question: Question) -> Question:
    return Question(question.scope, question.period, question.as_of)


def _explained(score: Composite | None) -> dict[str, Any] | None:
    return None if score is None else {"exact": str(score.exact), "parts": list(score.parts)}


# An answer reads a few hundred rows: calling helpers or a compiler takes longer than that. A plan
# for any period reads the large tables otherwise than one for a month: 15 ms among a million
# whistles where this one takes 5.
ALONE = """
    SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY;
    SET LOCAL max_parallel_workers_per_gather = 0;
    SET LOCAL jit = off;
    SET LOCAL plan_cache_mode = force_custom_plan
"""


@contextmanager
def one_moment(connection: Connection[Any]) -> Iterator[None]:
    """All statements of an answer see the same tables."""
    with connection.transaction():
        connection.execute(ALONE)
        yield


# Served by the primary key of projection_positions.
POSITION = "SELECT position FROM projection_positions WHERE name = 'rates'"


def reached(connection: Connection[Any], question: Question) -> int:
    """The position of the log that the figures stand on."""
    row = connection.execute(POSITION).fetchone()
    position = int(row[0]) if row else 0
    asked = question.as_of.position
    return position if asked is None else min(asked, position)


def _rows(connection: Connection[Any], question: Question, times: bool = True) -> list[Row]:
    by_day = question.by == "day"
    if question.by is None or by_day:
        scopes = {question.scope: question.scope}
        within = None
    else:
        scopes = {f"{question.by}:{key}": key for key in question.keys}
        within = None if question.scope == CITY else question.scope
    found = figures_of(connection, question, list(scopes), times=times, within=within)
    rows = {day: day for day in sorted(found)} if by_day else scopes
    unit_view = question.unit_view or question.by == "unit"
    return [
        _row(key, found.get(scope, Figures()), unit_view, by_day, times)
        for scope, key in rows.items()
    ]


def _row(key: str, figures: Figures, unit_view: bool, by_day: bool, times: bool) -> Row:
    ratios = {
        metric.id: _rate(metric, figures, unit_view)
        for metric in METRICS
        if metric.kind is Kind.RATE
    }
    score = composite({name: ratios[name] for name in WEIGHTS})
    shown: dict[str, Any] = {}
    for metric in METRICS:
        match metric.kind:
            case Kind.RATE:
                shown[metric.id] = ratios[metric.id].shown()
            case Kind.COUNT:
                shown[metric.id] = _sum(metric, metric.d, figures, unit_view)
            case Kind.SCORE:
                shown[metric.id] = score and number(score.exact)
            case Kind.STOCK if not by_day:
                shown[metric.id] = getattr(figures, metric.id.removesuffix("_stock"))
            case Kind.STOCK:
                shown[metric.id] = None
            case Kind.TIME if times:
                shown[metric.id] = _time(metric, figures, unit_view)
    return Row(key, shown, ratios, score)


def _sum(metric: Metric, mark: Marks, figures: Figures, unit_view: bool) -> int:
    cohort = metric.cohort_of(unit_view)
    return figures.sums[str(cohort)][SUM_OF[mark]] if str(cohort) in figures.sums else 0


def _rate(metric: Metric, figures: Figures, unit_view: bool) -> Rate:
    d = _sum(metric, metric.d, figures, unit_view)
    n = _sum(metric, metric.n, figures, unit_view)
    return Rate(d - n if metric.complement else n, d)


def _time(metric: Metric, figures: Figures, unit_view: bool) -> int | float | None:
    if metric.measure is None:  # the handling time: seconds of a cohort, shown in hours
        count = _sum(metric, Marks.IN, figures, unit_view)
        seconds = figures.sums[str(metric.cohort)][5] if count else 0
        return number(Fraction(seconds, 3600 * count)) if count else None
    times = figures.times.get(metric.measure)
    if times is None or not times.count:
        return None
    if metric.statistic == "mean":
        return number(Fraction(times.seconds, 60 * times.count))
    return number(Fraction(times.at[str(metric.statistic)], 60))
