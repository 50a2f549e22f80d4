"""The question of a figures page (scope, period, moment), and the addresses of other questions."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from urllib.parse import urlencode

from api.reading.figures import FROZEN, question_of
from tracker.city_zone import city_zone
from tracker.commands.tracker import Tracker
from tracker.eventstore.connections import Connection
from tracker.metrics.asking import Question
from tracker.metrics.freezing import month_before, month_of, period_of
from tracker.reports.month_report import Report, frozen_report

NOW = "now"


@dataclass(frozen=True)
class FiguresQuery:
    """The parameters as written in the address. `as_of` empty: a frozen month is read as frozen."""

    scope: str
    from_: str
    to: str
    as_of: str = ""

    @classmethod
    def of(cls, query: Mapping[str, str], now: datetime) -> "FiguresQuery":
        """Reads the parameters; without a period, the current month."""
        first, until = query.get("from"), query.get("to")
        if not (first and until):
            this = month_around(now.astimezone(city_zone()).date())
            first, until = first or this[0], until or this[1]
        return cls(query.get("scope") or "city", first, until, query.get("as_of") or "")

    def at(self, path: str, **changes: str | None) -> str:
        """The address of the page at `path` with the same parameters, except for the changes."""
        asked = {"scope": self.scope, "from": self.from_, "to": self.to, "as_of": self.as_of}
        terms = {name: value for name, value in (asked | changes).items() if value}
        return f"{path}?{urlencode(terms)}"

    def in_api(self, path: str, **changes: str | None) -> str:
        """The same for the JSON interface, where a missing `as_of` means now."""
        return self.at(path, as_of="" if self.as_of == NOW else self.as_of, **changes)


@dataclass(frozen=True)
class FiguresResult:
    """What a figures page shows.

    `month`: set if the period is exactly one month. `frozen`: that month's report, if it is read as
    frozen. `before`: the frozen month before it, for comparison; only frozen months are compared.
    """

    query: FiguresQuery
    question: Question
    month: str | None
    frozen: Report | None
    before: Report | None


def result_of(
    tracker: Tracker, connection: Connection, query: FiguresQuery, now: datetime
) -> FiguresResult:
    """Raises the refusals of `question_of`."""
    question = question_of(
        tracker,
        connection,
        scope=query.scope,
        from_=query.from_,
        to=query.to,
        as_of=None if query.as_of in ("", NOW) else query.as_of,
        at=now,
    )
    month = month_of(question.period)
    report = frozen_report(tracker, month) if month else None
    if report is not None and not query.as_of:
        query, question = replace(query, as_of=FROZEN), replace(question, as_of=report.as_of)
    if month is None or report is None or question.as_of != report.as_of:
        return FiguresResult(query, question, month, None, None)
    before = frozen_report(tracker, month_before(month))
    return FiguresResult(query, question, month, report, before)


def month_around(day: date) -> tuple[str, str]:
    """The first day of this month and of the next month."""
    period = period_of(f"{day:%Y-%m}")
    return period.first.isoformat(), period.until.isoformat()


def usual_periods(now: datetime) -> dict[str, tuple[str, str]]:
    """Common periods: this month, the last month, this year."""
    today = now.astimezone(city_zone()).date()
    last = today.replace(day=1) - timedelta(days=1)
    return {
        "this": month_around(today),
        "last": month_around(last),
        "year": (f"{today.year}-01-01", f"{today.year + 1}-01-01"),
    }
