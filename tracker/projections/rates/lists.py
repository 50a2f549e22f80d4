"""The whistles behind a figure: behind each n, d and d−n, and those that are left out.

A list reads the same facts as its figure, so it has as many entries as the figure says. Each entry
has a sentence that says why it counts, or why not.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from psycopg.rows import class_row

from tracker.city_zone import city_zone
from tracker.domain.errors import Invalid, Words
from tracker.eventstore.connections import Connection
from tracker.metrics.asking import Question
from tracker.metrics.cohorts import LEFT_FROM, SPARED, STOCKS, Cohort, Marks
from tracker.metrics.definitions import BY_ID, METRICS, Kind, Metric
from tracker.metrics.reasons import sentence
from tracker.projections.rates.majors import within_question
from tracker.projections.rates.placing import INSTANT

# Which of a figure's lists: its numerator, its denominator, d without n, those left out of d, or
# those of them that are excluded from scoring and would else be in d.
ListPart = Literal["n", "d", "missing", "left_out", "excluded"]
LIST_PARTS: tuple[ListPart, ...] = ("n", "d", "missing", "left_out", "excluded")
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
class ListedWhistle:
    """A whistle in a list, or one of its assignments, returns or cycles (`item`).

    `counted_at`: under which moment it counts; `known_at`: since when that is known; `position`:
    the event that put it here; `decided_at`: when that happened which the sentence names.
    """

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
        """Of the page that begins after this entry."""
        return f"{self.counted_at.isoformat()}_{self.whistle}_{self.item}"

    def sentence(self, language: str) -> str:
        """Why it counts here, or why it is left out, with the dates."""
        counted = self.counted_at - INSTANT if self.cohort == Cohort.OVERDUE else self.counted_at
        facts = {"counted": _shown(counted), "decided": _shown(self.decided_at), "unit": self.unit}
        return sentence(self.cohort.removeprefix(LEFT_FROM), self.reason).say(language, facts)

    def shown(self) -> dict[str, Any]:
        """As HTTP gives it."""
        return {
            "whistle": str(self.whistle),
            "number": self.number,
            "unit": self.unit,
            "post": self.post,
            "category": self.category,
            "counted_at": self.counted_at.astimezone(city_zone()).isoformat(),
            "known_at": self.known_at.astimezone(city_zone()).isoformat(),
            "reason": self.reason,
            "sentence": {"zh": self.sentence("zh"), "en": self.sentence("en")},
        }


def _shown(moment: datetime | None) -> str:
    return "—" if moment is None else f"{moment.astimezone(city_zone()):%Y-%m-%d %H:%M}"


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
       AND (%(sla_class)s::text IS NULL OR f.sla_class = %(sla_class)s)
       AND ((f.marks & %(need)s) = %(need)s) = %(has)s AND (f.marks & %(without)s) = 0
       AND f.known_at <= %(at)s AND f.position <= %(position)s
       AND NOT coalesce(f.ended_at <= %(at)s AND f.ended_position <= %(position)s, false)
       AND (%(street)s::text IS NULL OR f.street = %(street)s)
       AND (%(post)s::text IS NULL OR f.post = %(post)s)
       AND (%(grid)s::text IS NULL OR f.grid = %(grid)s)
       AND (%(unit)s::text IS NULL OR f.unit = %(unit)s)
       AND (%(categories)s::text[] IS NULL OR f.category = ANY(%(categories)s))
       AND (f.counted_at, f.whistle, f.item)
           > (%(after_at)s::timestamptz, %(after_whistle)s::uuid, %(after_item)s::int)
     ORDER BY f.counted_at, f.whistle, f.item
     LIMIT %(limit)s
"""

BEFORE_ALL = ("0001-01-02T00:00:00+00:00", UUID(int=0), -1)


def listed(
    connection: Connection,
    question: Question,
    metric: str,
    part: ListPart,
    cursor: str | None = None,
    limit: int | None = None,
    sla_class: str | None = None,
) -> list[ListedWhistle]:
    """The list behind a figure, from the cursor on; the whole list without a `limit`.

    `sla_class`: only the whistles that had this class when they counted.
    Raises NoSuchList for a metric without a cohort of its own or an unknown part, BadCursor.
    """
    definition = _definition(metric, part)
    after_at, after_whistle, after_item = _after(cursor)
    selection = _selection(definition, part)
    cohort = definition.unit_cohort if question.unit_view else definition.cohort
    counted_in = SPARED[cohort] if part == "excluded" and cohort else str(cohort)
    asked = (
        within_question(connection, question)
        | selection
        | {
            "cohort": counted_in,
            "stock_at": None,
            "sla_class": sla_class,
            "after_at": after_at,
            "after_whistle": after_whistle,
            "after_item": after_item,
            "limit": limit,
        }
    )
    if cohort in STOCKS:
        asked |= {"first": "-infinity", "until": "infinity", "stock_at": question.as_of.at}
    with connection.cursor(row_factory=class_row(ListedWhistle)) as found:
        return found.execute(LIST, asked, prepare=False).fetchall()


def must_have_list(metric: str, part: str) -> ListPart:
    """The part, if the metric has such a list. Raises NoSuchList."""
    _definition(metric, part)
    return next(one for one in LIST_PARTS if one == part)


def _definition(metric: str, part: str) -> Metric:
    found = BY_ID.get(metric)
    if found is None or found.cohort is None:
        known = ", ".join(one.id for one in METRICS if one.cohort is not None)
        raise NoSuchList(metric=metric, part=part, known=known)
    parts = LIST_PARTS if found.kind is Kind.RATE else ("d", "left_out")
    if part not in parts:
        raise NoSuchList(metric=metric, part=part, known=", ".join(parts))
    return found


def _selection(metric: Metric, part: ListPart) -> dict[str, Any]:
    """Which marks an entry of the list must have (`need`) and must not have (`without`).

    With `has` false the list is of those that lack one of the needed marks.
    """
    d, n = Marks.IN | metric.d, metric.n
    with_n = (part == "n") != metric.complement
    match part:
        case "excluded":
            need, without = metric.d, Marks.OUT
        case "d" | "left_out":
            need, without = d, Marks.OUT
        case _ if with_n:
            need, without = d | n, Marks.OUT
        case _:
            need, without = d, n
    return {"need": int(need), "without": int(without), "has": part != "left_out"}


def _after(cursor: str | None) -> tuple[str, UUID, int]:
    if cursor is None:
        return BEFORE_ALL
    try:
        at, whistle, item = cursor.split("_")
        return datetime.fromisoformat(at).isoformat(), UUID(whistle), int(item)
    except ValueError:
        raise BadCursor from None


ON_TIME = BY_ID["on_time_response_rate"]


@dataclass(frozen=True)
class ClassRow:
    """On-time response of one class of urgency.

    `middle`: the median from registration to response in natural seconds, by nearest rank.
    """

    sla_class: str
    n: int
    d: int
    middle: int | None


# Served by rates_facts_counted (cohort, counted_day, counted_at, whistle).
BY_CLASS = """
    SELECT f.sla_class, count(*) AS d,
           count(*) FILTER (WHERE (f.marks & %(n)s) = %(n)s) AS n,
           percentile_disc(0.5) WITHIN GROUP (ORDER BY f.seconds) AS middle
      FROM rates_facts f
     WHERE f.cohort = %(cohort)s
       AND f.counted_day >= %(first)s AND f.counted_day < %(until)s
       AND (f.marks & %(d)s) = %(d)s
       AND f.known_at <= %(at)s AND f.position <= %(position)s
       AND NOT coalesce(f.ended_at <= %(at)s AND f.ended_position <= %(position)s, false)
       AND CASE %(kind)s WHEN 'city' THEN true
                         WHEN 'street' THEN f.street = %(code)s
                         WHEN 'post' THEN f.post = %(code)s
                         WHEN 'grid' THEN f.grid = %(code)s
                         WHEN 'unit' THEN f.unit = %(code)s
                         ELSE f.category = ANY(%(categories)s) END
     GROUP BY f.sla_class
"""


def by_class(connection: Connection, question: Question) -> dict[str, ClassRow]:
    """On-time response by the class that each whistle had when it counted."""
    kind, _, code = question.scope.partition(":")
    asked = within_question(connection, question) | {
        "cohort": str(ON_TIME.unit_cohort if question.unit_view else ON_TIME.cohort),
        "d": int(Marks.IN | ON_TIME.d),
        "n": int(ON_TIME.n),
        "kind": kind,
        "code": code,
    }
    with connection.cursor(row_factory=class_row(ClassRow)) as cursor:
        return {row.sla_class: row for row in cursor.execute(BY_CLASS, asked, prepare=False)}
