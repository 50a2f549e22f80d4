"""Every n, every d, every d−n as a list of whistles, each with the sentence that says why.

A list is read from the same facts as the figure: it has as many entries as the figure says.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from psycopg import Connection
from psycopg.rows import class_row

from tracker.domain.errors import Invalid, Words
from tracker.metrics.asking import ZONE, Question
from tracker.metrics.cohorts import STOCKS, Cohort, Marks
from tracker.metrics.definitions import BY_ID, METRICS, Kind, Metric
from tracker.metrics.reasons import sentence
from tracker.projections.rates.answer import one_moment, reached
from tracker.projections.rates.placing import INSTANT
from tracker.projections.rates.plan import valid_at

Part = Literal["n", "d", "missing", "left_out"]
PARTS: tuple[Part, ...] = ("n", "d", "missing", "left_out")
LARGEST_PAGE = 200


class NoSuchList(Invalid):
    code = "rates.no_such_list"
    field = "metric"
    message = Words(zh="“{metric}”没有“{part}”清单", en="{metric} has no list {part}")
    remedy = Words(zh="可查:{known}", en="Choose one of: {known}")


class BadCursor(Invalid):
    code = "rates.bad_cursor"
    field = "cursor"
    message = Words(zh="翻页标记无法识别", en="The cursor cannot be read")
    remedy = Words(zh="从第一页重新开始", en="Begin again at the first page")


@dataclass(frozen=True)
class Line:
    """A whistle, or one of its assignments, in a list. `known_at`: since when this is known."""

    whistle: UUID
    number: str
    item: int
    cohort: str
    counted_at: datetime
    known_at: datetime
    decided_at: datetime | None
    position: int
    marks: int
    reason: str
    unit: str | None
    post: str | None
    category: str | None

    @property
    def cursor(self) -> str:
        return f"{self.counted_at.isoformat()}_{self.whistle}_{self.item}"

    def sentence(self, language: str) -> str:
        """Why it counts here: cohort, date, event."""
        counted = self.counted_at - INSTANT if self.cohort == Cohort.OVERDUE else self.counted_at
        facts = {"counted": _shown(counted), "decided": _shown(self.decided_at), "unit": self.unit}
        return sentence(self.cohort, self.reason).say(language, facts)

    def shown(self) -> dict[str, Any]:
        return {
            "whistle": str(self.whistle),
            "number": self.number,
            "unit": self.unit,
            "post": self.post,
            "category": self.category,
            "counted_at": self.counted_at.astimezone(ZONE).isoformat(),
            "known_at": self.known_at.astimezone(ZONE).isoformat(),
            "reason": self.reason,
            "sentence": {"zh": self.sentence("zh"), "en": self.sentence("en")},
        }


def _shown(moment: datetime | None) -> str:
    return "—" if moment is None else f"{moment.astimezone(ZONE):%Y-%m-%d %H:%M}"


# Served by rates_facts_counted (cohort, counted_day, counted_at, whistle) in the order of the list;
# rates_whistles by its primary key.
LIST = """
    SELECT f.whistle, w.number, f.item, f.cohort, f.counted_at, f.known_at, f.decided_at,
           f.position, f.marks, f.reason, f.unit, f.post, f.category
      FROM rates_facts f
      JOIN rates_whistles w ON w.whistle = f.whistle
     WHERE f.cohort = %(cohort)s
       AND f.counted_day >= %(first)s AND f.counted_day < %(until)s
       AND (%(stock_at)s::timestamptz IS NULL OR f.counted_at <= %(stock_at)s)
       AND ((f.marks & %(need)s) = %(need)s) = %(has)s AND (f.marks & %(without)s) = 0
       AND f.known_at <= %(at)s AND f.position <= %(position)s
       AND NOT coalesce(f.ended_at <= %(at)s AND f.ended_position <= %(position)s, false)
       AND (%(street)s::text IS NULL OR f.street = %(street)s)
       AND (%(post)s::text IS NULL OR f.post = %(post)s)
       AND (%(grid)s::text IS NULL OR f.grid = %(grid)s)
       AND (%(unit)s::text IS NULL OR f.unit = %(unit)s)
       AND (%(category)s::text IS NULL OR f.category = %(category)s
            OR left(f.category, -2) = %(category)s)
       AND (f.counted_at, f.whistle, f.item)
           > (%(after_at)s::timestamptz, %(after_whistle)s::uuid, %(after_item)s::int)
     ORDER BY f.counted_at, f.whistle, f.item
     LIMIT %(limit)s
"""

BEFORE_ALL = ("0001-01-02T00:00:00+00:00", UUID(int=0), -1)


def why(
    connection: Connection[Any],
    question: Question,
    metric: str,
    part: Part,
    cursor: str | None = None,
    limit: int = LARGEST_PAGE,
) -> dict[str, Any]:
    """A page of the list behind a figure. `left_out` names those that the cohort leaves out.

    Raises NoSuchList for a metric without a cohort of its own or an unknown part, BadCursor.
    """
    with one_moment(connection):
        position = reached(connection, question)
        found = lines(connection, question, metric, part, cursor, min(limit, LARGEST_PAGE) + 1)
    page = found[: min(limit, LARGEST_PAGE)]
    return {
        "metric": metric,
        "part": part,
        "items": [line.shown() for line in page],
        "next": page[-1].cursor if len(found) > len(page) else None,
        "position": position,
        "as_of": question.as_of.at.astimezone(ZONE).isoformat(),
    }


def lines(
    connection: Connection[Any],
    question: Question,
    metric: str,
    part: Part,
    cursor: str | None = None,
    limit: int | None = None,
) -> list[Line]:
    """The list itself, for a page, or whole for a table to take out of the house."""
    definition = _definition(metric, part)
    cohort = definition.cohort_of(question.unit_view)
    after_at, after_whistle, after_item = _after(cursor)
    asked = (
        valid_at(question.as_of)
        | _selection(definition, part)
        | _inside(question.scope)
        | {
            "cohort": str(cohort),
            "first": question.period.first,
            "until": question.period.until,
            "stock_at": None,
            "after_at": after_at,
            "after_whistle": after_whistle,
            "after_item": after_item,
            "limit": limit,
        }
    )
    if cohort in STOCKS:
        asked |= {"first": "-infinity", "until": "infinity", "stock_at": question.as_of.at}
    with connection.cursor(row_factory=class_row(Line)) as found:
        return found.execute(LIST, asked, prepare=False).fetchall()


def must_have_list(metric: str, part: str) -> Part:
    """The part, if the metric has such a list. Raises NoSuchList."""
    _definition(metric, part)
    return next(one for one in PARTS if one == part)


def _definition(metric: str, part: str) -> Metric:
    found = BY_ID.get(metric)
    if found is None or found.cohort is None:
        known = ", ".join(one.id for one in METRICS if one.cohort is not None)
        raise NoSuchList(metric=metric, part=part, known=known)
    parts = PARTS if found.kind is Kind.RATE else ("d", "left_out")
    if part not in parts:
        raise NoSuchList(metric=metric, part=part, known=", ".join(parts))
    return found


def _selection(metric: Metric, part: Part) -> dict[str, Any]:
    """Which marks a line of the list has to have, and which it may not have."""
    d, n = Marks.IN | metric.d, metric.n
    with_n = (part == "n") != metric.complement
    match part:
        case "d" | "left_out":
            need, without = d, Marks.OUT
        case _ if with_n:
            need, without = d | n, Marks.OUT
        case _:
            need, without = d, n
    return {"need": int(need), "without": int(without), "has": part != "left_out"}


def _inside(scope: str) -> dict[str, str | None]:
    kind, _, code = scope.partition(":")
    kinds = ("street", "post", "grid", "unit", "category")
    return {one: code if one == kind else None for one in kinds}


def _after(cursor: str | None) -> tuple[str, UUID, int]:
    if cursor is None:
        return BEFORE_ALL
    try:
        at, whistle, item = cursor.split("_")
        return datetime.fromisoformat(at).isoformat(), UUID(whistle), int(item)
    except ValueError:
        raise BadCursor from None
