"""Chooses which precomputed sums answer a question, and what to add to them.

Whole months are read from sums of months, the days around them from sums of days. Sums are kept by
the day on which something became known. So a moment within a day is answered by the sums up to the
day before, plus the facts of that day up to the moment; or by the sums up to the end of that day,
minus the facts after the moment: whichever reads fewer facts. A position of the log is answered in
the same way, unless a later event is dated before the moment's day. Everything else is counted from
facts: rows within a scope other than the city, and response times of part of a month.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from tracker.city_zone import city_zone
from tracker.eventstore.connections import Connection
from tracker.metrics.asking import Period, Question, day_of
from tracker.metrics.cohorts import SPARED, STOCKS, Cohort

DAY = timedelta(days=1)
PERIODICAL = [str(cohort) for cohort in Cohort if cohort not in STOCKS]
SUMMED = [*PERIODICAL, *SPARED.values()]
NEVER, FOR_EVER = date.min, date.max
# Later than every fact, and early enough that days can be added to it.
LAST = datetime.max.replace(tzinfo=UTC) - 2 * DAY
NO_MONTHS = Period(NEVER, NEVER)


@dataclass(frozen=True)
class QueryPlan:
    """Use the counters up to the day `known`, that day included; FOR_EVER: all of them.

    Then add the facts that became known from `since` to `upto` (`sign` 1), or subtract them (-1).
    """

    known: date
    since: datetime
    upto: datetime
    sign: int

    def parameters(self, day: date) -> dict[str, Any]:
        """As parameters of the statements. `day`: the question's; stocks stop at its end, because
        the stock of a later day already has what falls due on it."""
        whole = self.known == FOR_EVER
        return {
            "stock_known": min(self.known, day),
            "stock_upto": min(self.upto, _last_of(day)),
            "known": self.known,
            "known_month": self.known if whole else self.known.replace(day=1),
            "since": self.since,
            "upto": self.upto,
            "sign": self.sign,
        }


# Served by rates_facts_known and rates_facts_ended, the newest entry of each. Not EXISTS: for that
# the planner reads the whole table when nothing is newer.
NEWEST = """
    SELECT greatest(
        (SELECT max(known_at) FROM rates_facts),
        (SELECT max(ended_at) FROM rates_facts WHERE ended_at IS NOT NULL))
"""

# Served by the primary key (counted_day, known_day).
TOUCHED = """
    SELECT coalesce(max(position), 0) FROM rates_touched
     WHERE counted_day >= %(first)s AND counted_day < %(until)s AND known_day < %(day)s
"""


def plan_for(connection: Connection, question: Question) -> QueryPlan | None:
    """None: count from facts. At the question's position an event was still missing that is dated
    before its day, and the counters have it."""
    at, position = question.as_of.at, question.as_of.position
    day = day_of(at)
    begins = _midnight(day)
    if position is not None:
        asked = {"first": question.period.first, "until": question.period.until, "day": day}
        if _one(connection, TOUCHED, asked) > position:
            return None
        return QueryPlan(day - DAY, begins, at, 1)
    newest = _one(connection, NEWEST)
    if newest is None or day_of(newest) <= day:
        return QueryPlan(FOR_EVER, _after(at), LAST, -1)
    if at < begins + DAY / 2:
        return QueryPlan(day - DAY, begins, at, 1)
    return QueryPlan(day, _after(at), _last_of(day), -1)


def _after(at: datetime) -> datetime:
    return at + timedelta.resolution


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=city_zone())


def _last_of(day: date) -> datetime:
    return _midnight(day + DAY) - timedelta.resolution


def _one(connection: Connection, statement: str, asked: dict[str, Any] | None = None) -> Any:
    row = connection.execute(statement, asked).fetchone()
    return row[0] if row else None


def parameters(
    question: Question,
    rows: Mapping[str, Sequence[str]],
    by_day: bool,
    within: str | None,
    categories: Sequence[str] | None,
    plan: QueryPlan | None,
) -> dict[str, Any]:
    """All parameters of the statements in `sums.py`.

    `rows`: by the key of a row, the scopes whose sums it adds up. `categories`: those that
    `within` means, if it is a category.
    """
    kind, _, code = (within or "").partition(":")
    pairs = [(scope, key) for key, scopes in rows.items() for scope in scopes]
    months = NO_MONTHS if by_day else _months_of(question.period)
    return (
        question.parameters()
        | _edges(question.period, months)
        | (plan.parameters(day_of(question.as_of.at)) if plan else {})
        | {
            "scopes": [scope for scope, _ in pairs],
            "keys": [key for _, key in pairs],
            "categories": categories,
            "by_day": by_day,
            "within": kind or None,
            "code": code or None,
            "day": day_of(question.as_of.at),
            "cohorts": SUMMED,
        }
    )


def _months_of(period: Period) -> Period:
    """The whole months in the period; NO_MONTHS if there is none."""
    first = period.first if period.first.day == 1 else _next_month(period.first)
    until = period.until.replace(day=1)
    return Period(first, until) if first < until else NO_MONTHS


def _next_month(day: date) -> date:
    return (day.replace(day=1) + 32 * DAY).replace(day=1)


def _edges(period: Period, months: Period) -> dict[str, date]:
    """The days before and after the whole months; without a whole month, all days are before."""
    whole = months is not NO_MONTHS
    return {
        "month": months.first,
        "months_until": months.until,
        "head_until": months.first if whole else period.until,
        "tail_first": months.until if whole else period.until,
    }
