"""On-time response by class of urgency: the same facts as the rate itself, apart by class."""

from dataclasses import dataclass
from typing import Any

from psycopg import Connection
from psycopg.rows import class_row

from tracker.metrics.asking import Question
from tracker.metrics.cohorts import Marks
from tracker.metrics.definitions import BY_ID
from tracker.metrics.figures import Rate
from tracker.projections.rates.answer import one_moment
from tracker.projections.rates.plan import valid_at
from tracker.projections.rates.why import Line, Part, lines

METRIC = BY_ID["on_time_response_rate"]


@dataclass(frozen=True)
class ClassRow:
    """`middle`: the median from registration to response in natural seconds, by nearest rank."""

    sla_class: str
    n: int
    d: int
    middle: int | None

    @property
    def rate(self) -> Rate:
        return Rate(self.n, self.d)


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
                         ELSE f.category = %(code)s OR left(f.category, -2) = %(code)s END
     GROUP BY f.sla_class
"""


def by_class(connection: Connection[Any], question: Question) -> dict[str, ClassRow]:
    """By the class that each whistle had when it counted; classes without one are left out."""
    kind, _, code = question.scope.partition(":")
    asked = valid_at(question.as_of) | {
        "cohort": str(METRIC.cohort_of(question.unit_view)),
        "first": question.period.first,
        "until": question.period.until,
        "d": int(Marks.IN | METRIC.d),
        "n": int(METRIC.n),
        "kind": kind,
        "code": code,
    }
    with one_moment(connection), connection.cursor(row_factory=class_row(ClassRow)) as cursor:
        return {row.sla_class: row for row in cursor.execute(BY_CLASS, asked, prepare=False)}


PAGE = 500
# Served by the primary key of rates_facts.
CLASSES = """
    SELECT f.whistle, f.item, f.position, f.sla_class
      FROM rates_facts f
      JOIN unnest(%(whistles)s::uuid[], %(items)s::int[], %(positions)s::bigint[])
           AS asked (whistle, item, position)
        ON f.whistle = asked.whistle AND f.item = asked.item AND f.position = asked.position
     WHERE f.cohort = %(cohort)s
"""


def lines_of_class(
    connection: Connection[Any],
    question: Question,
    part: Part,
    sla_class: str,
    cursor: str | None,
    limit: int,
) -> list[Line]:
    """The list behind a class's figure: of the rate's own list, what is of that class."""
    found: list[Line] = []
    while len(found) < limit:
        page = lines(connection, question, METRIC.id, part, cursor, PAGE)
        found += _of_class(connection, page, sla_class)
        if len(page) < PAGE:
            break
        cursor = page[-1].cursor
    return found[:limit]


def _of_class(connection: Connection[Any], page: list[Line], sla_class: str) -> list[Line]:
    if not page:
        return []
    asked = {
        "cohort": page[0].cohort,
        "whistles": [line.whistle for line in page],
        "items": [line.item for line in page],
        "positions": [line.position for line in page],
    }
    classes = {tuple(key): code for *key, code in connection.execute(CLASSES, asked)}
    return [line for line in page if classes[line.whistle, line.item, line.position] == sla_class]
