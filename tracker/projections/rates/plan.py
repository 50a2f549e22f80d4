"""On what a question about rates stands: which counters hold, and what is to be added to them.

Whole months are answered by sums of months, the days around them by sums of days. What was known
at a moment is what was known on the days before it and, fact by fact, on its own day; or by the end
of that day, less what came after the moment: whichever is less to look at. A position of the log is
answered alike, if no later event is dated before the moment's day. The rest is counted from facts:
a grouping within a scope other than the city, and times that are not of whole months.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from psycopg import Connection

from tracker.metrics.asking import AsOf, Period, Question
from tracker.metrics.cohorts import STOCKS, Cohort
from tracker.projections.rates.tally import day_of, midnight

DAY = timedelta(days=1)
NO_LIMIT = 2**63 - 1
PERIODICAL = [str(cohort) for cohort in Cohort if cohort not in STOCKS]
NEVER, FOR_EVER = date.min, date.max
LAST = datetime.max.replace(tzinfo=UTC) - 2 * DAY
NO_MONTHS = Period(NEVER, NEVER)


def valid_at(as_of: AsOf) -> dict[str, Any]:
    position = NO_LIMIT if as_of.position is None else as_of.position
    return {"at": as_of.at, "position": position}


@dataclass(frozen=True)
class Ground:
    """Counters up to the day `known`, and what became known between `since` and `upto`: to be
    added (`sign` 1), or to be taken away again (-1). `known` for ever: all that is known."""

    known: date
    since: datetime
    upto: datetime
    sign: int

    def limits(self, day: date) -> dict[str, Any]:
        """`day` of the moment: what falls due behind it stands in the stocks already."""
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


# Served by rates_facts_known and rates_facts_ended: the newest of each. Not EXISTS, for which the
# planner reads the whole table when nothing is newer.
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


def ground_of(connection: Connection[Any], question: Question) -> Ground | None:
    """None: at this position an event was still missing that is dated before the moment's day."""
    at, position = question.as_of.at, question.as_of.position
    day = day_of(at)
    begins = midnight(day)
    if position is not None:
        asked = {"first": question.period.first, "until": question.period.until, "day": day}
        if _one(connection, TOUCHED, asked) > position:
            return None
        return Ground(day - DAY, begins, at, 1)
    newest = _one(connection, NEWEST)
    if newest is None or day_of(newest) <= day:
        return Ground(FOR_EVER, _after(at), LAST, -1)
    if at < begins + DAY / 2:
        return Ground(day - DAY, begins, at, 1)
    return Ground(day, _after(at), _last_of(day), -1)


def _after(at: datetime) -> datetime:
    return at + timedelta.resolution


def _last_of(day: date) -> datetime:
    return midnight(day + DAY) - timedelta.resolution


def _one(connection: Connection[Any], statement: str, asked: dict[str, Any] | None = None) -> Any:
    row = connection.execute(statement, asked).fetchone()
    return row[0] if row else None


def asked_of(
    question: Question, scopes: list[str], by_day: bool, within: str | None, ground: Ground | None
) -> dict[str, Any]:
    kind, _, code = (within or "").partition(":")
    months = NO_MONTHS if by_day else _months_of(question.period)
    return (
        valid_at(question.as_of)
        | _edges(question.period, months)
        | (ground.limits(day_of(question.as_of.at)) if ground else {})
        | {
            "scopes": scopes,
            "by_day": by_day,
            "within": kind or None,
            "code": code or None,
            "first": question.period.first,
            "until": question.period.until,
            "day": day_of(question.as_of.at),
            "cohorts": PERIODICAL,
        }
    )


def _months_of(period: Period) -> Period:
    """The whole months in it."""
    first = period.first if period.first.day == 1 else _next_month(period.first)
    until = period.until.replace(day=1)
    return Period(first, until) if first < until else NO_MONTHS


def _next_month(day: date) -> date:
    return (day.replace(day=1) + 32 * DAY).replace(day=1)


def _edges(period: Period, months: Period) -> dict[str, date]:
    """The days before and behind the whole months; without one, all of them are before."""
    whole = months is not NO_MONTHS
    return {
        "month": months.first,
        "months_until": months.until,
        "head_until": months.first if whole else period.until,
        "tail_first": months.until if whole else period.until,
    }
