"""The content of the monthly report, as of the report's own moment and log position.

Read again at the same position, it is the same; so the printed pages are the same bytes.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tracker.commands.tracker import Tracker
from tracker.directory import Directory
from tracker.eventstore.connections import Connection
from tracker.metrics.arithmetic import Rate
from tracker.metrics.asking import CITY, Period, Question
from tracker.metrics.definitions import WEIGHTS
from tracker.metrics.freezing import month_before, period_of
from tracker.projections.rates.answer import (
    Exclusion,
    FiguresRow,
    ListedWhistle,
    every_scope,
    listed,
    one_moment,
    row_of,
)
from tracker.projections.steps.repeats import Spot, reported, spots
from tracker.projections.steps.repeats import in_period as reported_in
from tracker.projections.steps.time_in_steps import TimeInStep, spent
from tracker.reports.month_report import Report, frozen_report, must_have_begun, report_of
from tracker.reports.rankings import Standing, standings
from tracker.reports.report_rows import city_at

MONTHS_OF_TREND = 6
RED_LINES = 40

Readable = Callable[[Connection, Sequence[ListedWhistle]], Collection[UUID]]


@dataclass(frozen=True)
class OfMonth:
    """The three rates of one month; `frozen`: as they were kept."""

    month: str
    rates: dict[str, Rate]
    frozen: bool


@dataclass(frozen=True)
class OfGrid:
    """`late`: of the month's answers due, those that came late or not at all."""

    code: str
    raised: int
    late: int
    overdue: int  # open past its due at the moment of the report


@dataclass(frozen=True)
class Red:
    """An overdue whistle. `open` False: it counts, but this reader may not see which it is."""

    line: ListedWhistle
    open: bool


@dataclass(frozen=True)
class Monthly:
    """All that the pages of the report show."""

    city: Directory
    report: Report
    posts: Sequence[Standing]
    units: Sequence[Standing]
    trend: Sequence[OfMonth]
    grids: Sequence[OfGrid]
    red: Sequence[Red]
    red_total: int
    steps: dict[str, TimeInStep]
    steps_by_post: dict[str, dict[str, TimeInStep]]
    spots: Sequence[Spot]
    exclusions: dict[str, Exclusion]  # of the whole city, by rate

    @property
    def period(self) -> Period:
        return period_of(self.report.month)

    @property
    def before(self) -> OfMonth | None:
        """The month before, if it is frozen: only frozen values are compared."""
        former = self.trend[-2]
        return former if former.frozen else None


def gathered(
    tracker: Tracker,
    connection: Connection,
    month: str,
    now: datetime,
    readable: Readable | None = None,
) -> Monthly:
    """`readable` says which whistles of the red list its reader may open; None: all but the
    confidential. Raises NotAMonth, MonthNotBegun."""
    must_have_begun(month, now)
    report = report_of(tracker, connection, month, now)
    former = frozen_report(tracker, month_before(month)) if report.frozen else None
    before = former.rows if former else None
    question = Question(CITY, period_of(month), report.as_of)
    city = city_at(connection, report.position)
    red, total = _red(connection, question, readable)
    with one_moment(connection):
        by_step = spent(connection, question).get("", {})
        by_post = spent(connection, question, "post")
        reports = reported(connection, question)
    excluded = row_of(connection, question).exclusions
    return Monthly(
        city=city,
        report=report,
        posts=standings("posts", report.rows, before),
        units=standings("units", report.rows, before),
        trend=_trend(tracker, connection, report),
        grids=_grids(connection, city, question),
        red=red,
        red_total=total,
        steps=by_step,
        steps_by_post=by_post,
        spots=[s for s in spots(o for o in reports if reported_in(o, question)) if s.again],
        exclusions=excluded,
    )


def _trend(tracker: Tracker, connection: Connection, report: Report) -> list[OfMonth]:
    """The last six months up to the report's own, the oldest first."""
    months = [report.month]
    while len(months) < MONTHS_OF_TREND:
        months.append(month_before(months[-1]))
    return [_of_month(tracker, connection, report, month) for month in reversed(months)]


def _of_month(tracker: Tracker, connection: Connection, report: Report, month: str) -> OfMonth:
    kept = report if month == report.month else frozen_report(tracker, month)
    # A month that was frozen after this report was made counts as not frozen here.
    if kept is not None and kept.position <= report.position:
        rates = kept.by_scope[CITY].rates
    else:
        row = row_of(connection, Question(CITY, period_of(month), report.as_of))
        rates, kept = row.rates, None
    return OfMonth(month, {name: rates[name] for name in WEIGHTS}, bool(kept and kept.frozen))


def _grids(connection: Connection, city: Directory, question: Question) -> list[OfGrid]:
    codes = [grid.code for grid in city.grids(question.period.first)]
    rows = every_scope(connection, question, [f"grid:{code}" for code in codes])
    return [_of_grid(code, row) for code, row in zip(codes, rows, strict=True)]


def _of_grid(code: str, row: FiguresRow) -> OfGrid:
    answered = row.rates["on_time_response_rate"]
    metrics = row.metrics
    return OfGrid(code, metrics["raised_gross"], answered.d - answered.n, metrics["overdue_stock"])


# Served by the primary key of steps_whistles.
CONFIDENTIAL = "SELECT whistle FROM steps_whistles WHERE whistle = ANY(%(ids)s) AND confidential"


def _red(
    connection: Connection, question: Question, readable: Readable | None
) -> tuple[list[Red], int]:
    """The overdue whistles, the longest overdue first, and how many there are in all."""
    every = listed(connection, question, "overdue_stock", "d")
    first = every[:RED_LINES]
    ids = [line.whistle for line in first]
    hidden = {found for (found,) in connection.execute(CONFIDENTIAL, {"ids": ids})}
    allowed = set(ids if readable is None else readable(connection, first)) - hidden
    return [Red(line, line.whistle in allowed) for line in first], len(every)
