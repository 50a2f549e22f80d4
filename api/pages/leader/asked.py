"""What a figures page was asked: scope, period, moment; and the addresses that ask otherwise."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from api.reading.figures import FROZEN, month_of, question_of, report_of_period
from tracker.commands.tracker import Tracker
from tracker.metrics.asking import ZONE, Question
from tracker.metrics.freezing import month_before, period_of
from tracker.reports.months import Report, frozen_report

NOW = "now"


@dataclass(frozen=True)
class Asked:
    """As it stands in the address. `as_of` empty: as frozen, where the period is a frozen month."""

    scope: str
    from_: str
    to: str
    as_of: str = ""

    @classmethod
    def of(cls, query: Mapping[str, str], now: datetime) -> "Asked":
        """Without a period: the month that runs now."""
        this = month(now.astimezone(ZONE).date())
        return cls(
            query.get("scope") or "city",
            query.get("from") or this[0],
            query.get("to") or this[1],
            query.get("as_of") or "",
        )

    def terms(self, **changes: Any) -> str:
        asked = {"scope": self.scope, "from": self.from_, "to": self.to, "as_of": self.as_of}
        asked |= changes
        return urlencode({name: value for name, value in asked.items() if value})

    def at(self, path: str, **changes: Any) -> str:
        return f"{path}?{self.terms(**changes)}"


@dataclass(frozen=True)
class Answered:
    """The question, and its month as frozen; None: not frozen, or no month.

    `before` is the month before, and only where both are read as frozen: others do not compare.
    """

    asked: Asked
    question: Question
    month: str | None
    report: Report | None
    before: Report | None

    @property
    def is_frozen(self) -> bool:
        return self.report is not None and self.question.as_of == self.report.as_of


def answered(tracker: Tracker, connection: Any, asked: Asked, now: datetime) -> Answered:
    """Raises the refusals of a question of nonsense."""
    question = question_of(
        tracker,
        connection,
        scope=asked.scope,
        from_=asked.from_,
        to=asked.to,
        as_of=None if asked.as_of in ("", NOW) else asked.as_of,
        at=now,
    )
    report = report_of_period(tracker, question.period)
    if report is not None and not asked.as_of:
        asked = Asked(asked.scope, asked.from_, asked.to, FROZEN)
        question = Question(question.scope, question.period, report.as_of)
    name = month_of(question.period)
    frozen = report is not None and question.as_of == report.as_of
    before = frozen_report(tracker, month_before(name)) if name and frozen else None
    return Answered(asked, question, name, report, before)


def month(day: date) -> tuple[str, str]:
    """The first day of its month, and that of the next."""
    period = period_of(f"{day:%Y-%m}")
    return period.first.isoformat(), period.until.isoformat()


def usual(now: datetime) -> dict[str, tuple[str, str]]:
    """The periods that are asked for most."""
    today = now.astimezone(ZONE).date()
    last = today.replace(day=1) - timedelta(days=1)
    return {
        "this": month(today),
        "last": month(last),
        "year": (f"{today.year}-01-01", f"{today.year + 1}-01-01"),
    }
