"""How long the whistles closed in a period stayed in each step: median, P90, share of all time."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal

from psycopg.rows import class_row

from tracker.eventstore.connections import Connection
from tracker.metrics.arithmetic import number, percent
from tracker.metrics.asking import Question
from tracker.metrics.steps import Step
from tracker.projections.rates.answer import one_moment, reached, within_question

StepsBy = Literal["post", "unit", "category"]


@dataclass(frozen=True)
class TimeInStep:
    """Time in one step of one row, in seconds. `whistles`: how many passed the step."""

    key: str
    step: str
    whistles: int
    seconds: int
    median: int
    p90: int


# Served by rates_facts_counted (cohort, counted_day, …), then by the primary key of steps_stays.
# percentile_disc takes the nearest rank.
SPENT = """
    WITH stays AS (
        SELECT f.whistle, s.step,
               CASE %(by)s::text WHEN 'post' THEN f.post WHEN 'unit' THEN s.unit
                                 WHEN 'category' THEN f.category ELSE '' END AS key,
               sum(extract(epoch FROM s.ended_at - s.started_at))::bigint AS seconds
          FROM rates_facts f
          JOIN steps_stays s ON s.whistle = f.whistle AND s.cycle = 1
         WHERE f.cohort = 'closed' AND f.marks > 0
           AND f.counted_day >= %(first)s AND f.counted_day < %(until)s
           AND f.known_at <= %(at)s AND f.position <= %(position)s
           AND NOT coalesce(f.ended_at <= %(at)s AND f.ended_position <= %(position)s, false)
           AND (%(street)s::text IS NULL OR f.street = %(street)s)
           AND (%(post)s::text IS NULL OR f.post = %(post)s)
           AND (%(grid)s::text IS NULL OR f.grid = %(grid)s)
           AND (%(unit)s::text IS NULL OR s.unit = %(unit)s)
           AND (%(categories)s::text[] IS NULL OR f.category = ANY(%(categories)s))
         GROUP BY f.whistle, s.step, key)
    SELECT key, step, count(*)::int AS whistles, sum(seconds)::bigint AS seconds,
           percentile_disc(0.5) WITHIN GROUP (ORDER BY seconds) AS median,
           percentile_disc(0.9) WITHIN GROUP (ORDER BY seconds) AS p90
      FROM stays
     WHERE key IS NOT NULL
     GROUP BY key, step
     ORDER BY key, step
"""


def spent(
    connection: Connection, question: Question, by: StepsBy | None = None
) -> dict[str, dict[str, TimeInStep]]:
    """By row (one row, "", without `by`) and step; steps that no whistle passed are not there."""
    asked = within_question(connection, question) | {"by": by}
    rows: dict[str, dict[str, TimeInStep]] = defaultdict(dict)
    with connection.cursor(row_factory=class_row(TimeInStep)) as cursor:
        for found in cursor.execute(SPENT, asked, prepare=False):
            rows[found.key][found.step] = found
    return dict(rows)


def steps(connection: Connection, question: Question, by: StepsBy | None = None) -> dict[str, Any]:
    """The whole answer, as HTTP gives it."""
    with one_moment(connection):
        total = spent(connection, question).get("", {})
        rows = spent(connection, question, by) if by else {}
        answer = heading(connection, question)
    answer["steps"] = shown(total)
    if by is not None:
        answer["by"] = by
        answer["items"] = [{"key": key, "steps": shown(row)} for key, row in rows.items()]
        answer["next"] = None
    return answer


# Served by the primary key.
REACHED = "SELECT position FROM projection_positions WHERE name = 'steps'"


def heading(connection: Connection, question: Question) -> dict[str, Any]:
    """What is asked, and up to which position of the log the answer counts."""
    row = connection.execute(REACHED).fetchone()
    return {
        "scope": question.scope,
        "from": question.period.first.isoformat(),
        "to": question.period.until.isoformat(),
        "as_of": question.as_of.shown(),
        "position": min(reached(connection, question), int(row[0]) if row else 0),
    }


def shown(row: dict[str, TimeInStep]) -> list[dict[str, Any]]:
    """Every step in its order, in minutes and shares; None where no whistle passed it."""
    whole = sum(found.seconds for found in row.values())
    return [_step(step, row.get(step), whole) for step in Step]


def _step(step: Step, found: TimeInStep | None, whole: int) -> dict[str, Any]:
    if found is None:
        nothing = {"median_minutes": None, "p90_minutes": None, "total_minutes": 0, "share": None}
        return {"step": str(step), "whistles": 0, **nothing}
    return {
        "step": str(step),
        "whistles": found.whistles,
        "median_minutes": number(Fraction(found.median, 60)),
        "p90_minutes": number(Fraction(found.p90, 60)),
        "total_minutes": number(Fraction(found.seconds, 60)),
        "share": percent(Fraction(found.seconds, whole)) if whole else None,
    }


def worst(rows: dict[str, dict[str, TimeInStep]], count: int) -> list[TimeInStep]:
    """The rows' steps with the longest P90, the longest first."""
    every: Iterable[TimeInStep] = (found for row in rows.values() for found in row.values())
    return sorted(every, key=lambda s: (-s.p90, -s.seconds, s.key, s.step))[:count]
