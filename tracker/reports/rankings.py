"""排名: posts, units and categories by the exact composite score, each kind apart.

A frozen month is ranked by its frozen figures; one that is not frozen yet, provisionally, by what
is known now. The change since the month before compares frozen figures only.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Any

from tracker.commands.tracker import Tracker
from tracker.directory import Directory
from tracker.domain.errors import Invalid, Words
from tracker.eventstore.connections import Connection
from tracker.metrics.arithmetic import half_up
from tracker.metrics.asking import CITY, AsOf, Question
from tracker.metrics.definitions import METRICS, WEIGHTS, Kind
from tracker.metrics.freezing import month_before, period_of
from tracker.metrics.ranking import growth_since, points_since, ranking, score_since
from tracker.metrics.report import ReportRow
from tracker.projections.rates.answer import reached, rows_of
from tracker.reports.month_report import Report, frozen_report, must_have_begun
from tracker.reports.report_rows import row_names

OF: Mapping[str, str] = {"posts": "post", "units": "unit", "categories": "category"}
# Ranked apart, in this order.
KINDS: Mapping[str, Sequence[str]] = {
    "posts": ("community", "subdistrict", "special_area"),
    "units": ("unit", "responder", "member"),
    "categories": ("major", "minor"),
}
COMPARED = (*WEIGHTS, "on_time_resolution_rate")
COUNTED = ("raised_gross", "raised_valid")
# All but the times: nobody is ranked by them, and they take longest to read.
SHOWN = [metric.id for metric in METRICS if metric.kind is not Kind.TIME]


SMALL = Words(zh="样本不足", en="insufficient sample")
UNHEARD = Words(zh="回访不足", en="insufficient follow-up")


class UnknownRanking(Invalid):
    code = "rankings.unknown"
    field = "of"
    message = Words(zh="没有“{given}”排名", en="There is no ranking of {given}")
    remedy = Words(zh="可排:{known}", en="Choose one of: {known}")


@dataclass(frozen=True)
class Standing:
    """A row and its rank among its own kind; `before` is its row of the month before.

    `rank` None: not ranked, for too small a sample, too few reporters heard, or without a score.
    `places_up`: since the month before; None if it was not ranked in both.
    """

    row: ReportRow
    rank: int | None
    exact: Fraction | None
    insufficient_sample: bool
    insufficient_follow_up: bool
    before: ReportRow | None
    places_up: int | None

    @property
    def why_unranked(self) -> Words | None:
        """What stands in the place of a rank; None: it has one."""
        if self.rank is not None:
            return None
        return SMALL if self.insufficient_sample else UNHEARD

    def shown(self) -> dict[str, Any]:
        return {
            "key": self.row.key,
            "name": self.row.name,
            "kind": self.row.kind,
            "rank": self.rank,
            "insufficient_sample": self.insufficient_sample,
            "insufficient_follow_up": self.insufficient_follow_up,
            "composite_score": None if self.exact is None else str(half_up(self.exact)),
            "exact": None if self.exact is None else str(self.exact),
            "metrics": {name: self.row.metrics.get(name) for name in SHOWN},
            "change": self.change(),
        }

    def change(self) -> dict[str, Any]:
        """Points of percentages, percent of counts, "new", or null where either is missing."""
        then = self.before
        if then is None:
            return dict.fromkeys(("rank", "composite_score", *COMPARED, *COUNTED))
        now = self.row
        return {
            "rank": self.places_up,
            "composite_score": score_since(now.composite, then.composite),
            **{name: points_since(now.rates[name], then.rates[name]) for name in COMPARED},
            **{name: growth_since(now.metrics[name], then.metrics[name]) for name in COUNTED},
        }


@dataclass(frozen=True)
class Rankings:
    """All standings of one month, one kind after the other."""

    of: str
    report: Report
    before: Report | None
    standings: Sequence[Standing]

    def shown(self) -> dict[str, Any]:
        return {
            "of": self.of,
            **self.report.heading(),
            "month_before": self.before.month if self.before else None,
            "items": [standing.shown() for standing in self.standings],
            "next": None,
        }


def rankings_of(
    tracker: Tracker, connection: Connection, of: str, month: str, now: datetime
) -> Rankings:
    """Raises UnknownRanking, NotAMonth, MonthNotBegun."""
    if of not in OF:
        raise UnknownRanking(given=of, known=", ".join(OF))
    must_have_begun(month, now)
    report = frozen_report(tracker, month) or _provisional(tracker, connection, of, month, now)
    before = frozen_report(tracker, month_before(month)) if report.frozen else None
    return Rankings(of, report, before, standings(of, report.rows, before.rows if before else None))


def _provisional(
    tracker: Tracker, connection: Connection, of: str, month: str, now: datetime
) -> Report:
    """The month as known now, with only the rows that are ranked."""
    question = Question(CITY, period_of(month), AsOf(now))
    position = reached(connection, question)
    rows = counted_rows(connection, tracker.city, question, of)
    return Report(month, question.as_of, position, rows, None)


def counted_rows(
    connection: Connection, city: Directory, question: Question, of: str
) -> list[ReportRow]:
    """The rows that are ranked, for the question's period and moment, without times."""
    by = OF[of]
    names = {
        one.scope.partition(":")[2]: one for one in row_names(city) if one.scope.startswith(by)
    }
    asked = Question(CITY, question.period, question.as_of, by, tuple(names))
    rows = [
        (one, ReportRow(one.scope, one.kind, one.name, row.metrics))
        for row in rows_of(connection, asked)
        if (one := names[row.key])
    ]
    return [row for one, row in rows if one.always or not row.is_empty]


def standings(
    of: str, rows: Iterable[ReportRow], before: Iterable[ReportRow] | None = None
) -> list[Standing]:
    """`before` None: there is nothing to compare with."""
    now, then = list(rows), list(before or ())
    former = {row.scope: row for row in then if of_kind(of, row)}
    found: list[Standing] = []
    for kind in KINDS[of]:
        own = [row for row in now if of_kind(of, row) and row.kind == kind]
        hears = of == "posts"
        ranked = ranking(own, hears_reporters=hears)
        by_key = {row.key: row for row in own}
        ranks = {
            one.key: one.rank
            for one in ranking(
                [row for row in former.values() if row.kind == kind], hears_reporters=hears
            )
        }
        for one in ranked:
            row, rank_before = by_key[one.key], ranks.get(one.key)
            found.append(
                Standing(
                    row=row,
                    rank=one.rank,
                    exact=one.exact,
                    insufficient_sample=one.insufficient_sample,
                    insufficient_follow_up=one.insufficient_follow_up,
                    before=former.get(row.scope),
                    places_up=rank_before - one.rank if one.rank and rank_before else None,
                )
            )
    return found


def of_kind(of: str, row: ReportRow) -> bool:
    return row.scope.startswith(f"{OF[of]}:")
