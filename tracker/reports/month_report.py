"""The month's report: frozen once, checked against the log, with what became known since beside it.

The figures of a frozen month are read from its event. `verified` counts them again at the frozen
position, to show that they are those of the log.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from typing import Any

from eventsourcing.application import AggregateNotFoundError

from tracker.city_zone import city_zone
from tracker.commands.tracker import Tracker
from tracker.directory import Directory
from tracker.domain.errors import Conflict, Invalid, Words
from tracker.domain.months import Month, MonthFrozen, digest_of, month_id
from tracker.eventstore.connections import Connection
from tracker.metrics.asking import CITY, AsOf, Question
from tracker.metrics.definitions import FIRST_VERSION, METRICS, VERSION, Kind
from tracker.metrics.freezing import period_of
from tracker.metrics.report import ReportRow, read, written
from tracker.projections.rates.answer import (
    Adjustment,
    adjustments,
    counted_by_first_rules,
    every_scope,
    majors_by_code,
    reached,
)
from tracker.reports.report_rows import city_at, report_rows

LONGEST = 600_000  # milliseconds for counting a whole month from its facts
# What is open at a moment cannot become known later, so stocks are not compared.
STOCKS = frozenset(metric.id for metric in METRICS if metric.kind is Kind.STOCK)


class NotFrozen(Conflict):
    """The moment of freezing has not come, or it waits for a calendar or for the scheduler."""

    code = "rates.not_frozen"
    message = Words(zh="{month} 尚未冻结", en="{month} is not frozen yet")
    remedy = Words(
        zh="次月第 5 个工作日 0 时冻结;此前可查暂计数字(tracker report)",
        en="It is frozen at 00:00 of the fifth working day of the next month; until then "
        "`tracker report` gives provisional figures",
    )


class MonthNotBegun(Invalid):
    code = "rates.month_not_begun"
    field = "month"
    message = Words(zh="{month} 还没有开始", en="{month} has not begun yet")
    remedy = Words(zh="不晚于 {now}", en="Give one that is not after {now}")


@dataclass(frozen=True)
class Report:
    """A month's rows. `frozen` None: provisional, as known at `as_of`."""

    month: str
    as_of: AsOf
    position: int
    rows: Sequence[ReportRow]
    frozen: MonthFrozen | None

    @property
    def by_scope(self) -> Mapping[str, ReportRow]:
        return {row.scope: row for row in self.rows}

    def heading(self) -> dict[str, Any]:
        """Which month, as known when: what stands beside every figure of it."""
        return {
            "month": self.month,
            "frozen": self.frozen is not None,
            "provisional": self.frozen is None,
            "as_of": self.as_of.at.astimezone(city_zone()).isoformat(),
            "position": self.position,
            "digest": self.frozen.digest if self.frozen else None,
            "definitions": self.frozen.definitions if self.frozen else VERSION,
        }


@dataclass(frozen=True)
class Verified:
    """`frozen`: the digest as stored; `counted`: that of the figures counted again."""

    month: str
    frozen: str
    counted: str

    @property
    def holds(self) -> bool:
        return self.frozen == self.counted


@dataclass(frozen=True)
class ChangedFigure:
    """A figure that is different now from the frozen one.

    `recounted`: as of the freeze, by the definitions of now. Where it is not `frozen`, the
    definitions have changed since; from it to `now` is what became known since.
    """

    scope: str
    metric: str
    frozen: Any
    recounted: Any
    now: Any


@dataclass(frozen=True)
class Adjusted:
    """What is different now from a frozen month: the figures, and the whistles that caused it."""

    figures: Sequence[ChangedFigure]
    whistles: Sequence[Adjustment]

    def shown(self) -> dict[str, Any]:
        return {
            "figures": [vars(changed) for changed in self.figures],
            "whistles": [adjustment.shown() for adjustment in self.whistles],
        }


def frozen_month(tracker: Tracker, month: str) -> MonthFrozen | None:
    """The month as it was frozen, read by its key; None if it is not. Raises NotAMonth."""
    period_of(month)
    try:
        found: Any = tracker.repository.get(month_id(month))
    except AggregateNotFoundError:
        return None
    frozen: MonthFrozen = found.frozen
    return frozen


def must_have_begun(month: str, now: datetime) -> None:
    """Raises NotAMonth, MonthNotBegun."""
    today = now.astimezone(city_zone()).date()
    if period_of(month).first > today:
        raise MonthNotBegun(month=month, now=f"{today:%Y-%m}")


@lru_cache(maxsize=24)
def _rows(figures: str) -> tuple[ReportRow, ...]:
    return tuple(read(figures))


def report_of(tracker: Tracker, connection: Connection, month: str, now: datetime) -> Report:
    """The frozen month; if it is not frozen yet, what is known now."""
    frozen = frozen_report(tracker, month)
    if frozen is not None:
        return frozen
    question = Question(CITY, period_of(month), AsOf(now))
    rows = report_rows(connection, tracker.city, question)
    return Report(month, question.as_of, reached(connection, question), rows, None)


def frozen_report(tracker: Tracker, month: str) -> Report | None:
    """None for a month that is not frozen."""
    frozen = frozen_month(tracker, month)
    if frozen is None:
        return None
    as_of = AsOf(frozen.timestamp, frozen.log_position)
    return Report(month, as_of, frozen.log_position, _rows(frozen.figures), frozen)


def figures_at(connection: Connection, month: str, as_of: AsOf, definitions: str = VERSION) -> str:
    """The month's document (`written`), counted from the facts up to a position of the log.

    A month that was frozen by the first definitions is counted by those.
    """
    assert as_of.position is not None
    connection.execute(f"SET statement_timeout = {LONGEST}")
    try:
        city = city_at(connection, as_of.position)
        question = Question(CITY, period_of(month), as_of)
        if definitions == FIRST_VERSION:
            return _first_figures(connection, city, question, month)
        rows = report_rows(connection, city, question, by_facts=True)
        return written(month, as_of.at, rows)
    finally:
        connection.execute("RESET statement_timeout")


def _first_figures(connection: Connection, city: Directory, question: Question, month: str) -> str:
    majors = majors_by_code(connection, question.as_of)
    with counted_by_first_rules(connection, question.as_of):
        rows = report_rows(connection, city, question, by_facts=True, majors=majors)
    known = [metric.id for metric in METRICS if metric.since == FIRST_VERSION]
    then = [replace(row, metrics={name: row.metrics[name] for name in known}) for row in rows]
    return written(month, question.as_of.at, then, FIRST_VERSION)


def freeze(tracker: Tracker, connection: Connection, month: str, as_of: AsOf) -> MonthFrozen:
    """Store the month's figures for ever. Raises RecordConflictError if another process did."""
    assert as_of.position is not None
    frozen = Month.freeze(
        month,
        at=as_of.at,
        position=as_of.position,
        figures=figures_at(connection, month, as_of),
        definitions=VERSION,
    )
    tracker.save(frozen)
    event: MonthFrozen = frozen.frozen
    return event


def verified(tracker: Tracker, connection: Connection, month: str) -> Verified:
    """Count a frozen month again from the facts, without counters. Raises NotFrozen."""
    frozen = frozen_month(tracker, month)
    if frozen is None:
        raise NotFrozen(month=month)
    if digest_of(frozen.figures) != frozen.digest:
        return Verified(month, frozen.digest, digest_of(frozen.figures))
    as_of = AsOf(frozen.timestamp, frozen.log_position)
    return Verified(month, frozen.digest, _counted_again(connection, frozen, as_of))


def _counted_again(connection: Connection, frozen: MonthFrozen, as_of: AsOf) -> str:
    return digest_of(figures_at(connection, frozen.month, as_of, frozen.definitions))


def exclusions(connection: Connection, report: Report) -> dict[str, dict[str, Any]]:
    """By scope and rate what is excluded from it, as of the report's own moment."""
    question = Question(CITY, period_of(report.month), report.as_of)
    found = every_scope(connection, question, [row.scope for row in report.rows])
    return {row.key: {n: one.shown() for n, one in row.exclusions.items()} for row in found}


def adjusted(connection: Connection, report: Report, now: datetime) -> Adjusted:
    """The frozen figures compared with those as of `now`; nothing for a provisional month."""
    if report.frozen is None:
        return Adjusted((), ())
    period = period_of(report.month)
    city = city_at(connection, report.position)
    today = report_rows(connection, city, Question(CITY, period, AsOf(now)))
    then, recounted = report.by_scope, report.by_scope
    if report.frozen.definitions != VERSION:
        at_freeze = Question(CITY, period, report.as_of)
        recounted = {row.scope: row for row in report_rows(connection, city, at_freeze)}
    every = (
        ChangedFigure(
            row.scope,
            metric.id,
            _was(then.get(row.scope), metric.id),
            _was(recounted.get(row.scope), metric.id),
            row.metrics[metric.id],
        )
        for row in today
        for metric in METRICS
        if metric.id not in STOCKS
    )
    figures = [one for one in every if not one.frozen == one.recounted == one.now]
    return Adjusted(figures, adjustments(connection, period, report.as_of, now))


def _was(row: ReportRow | None, metric: str) -> Any:
    return row.metrics.get(metric) if row is not None else None
