"""Sums, times and stocks of a question, added up by PostgreSQL: from counters, or from facts."""

from typing import Any

from psycopg import Connection

from tracker.metrics.asking import Question
from tracker.projections.rates.figures import Rows
from tracker.projections.rates.plan import asked_of, ground_of
from tracker.projections.rates.stocks import add_stock
from tracker.projections.rates.sums import add_sums
from tracker.projections.rates.times import add_times


def figures_of(
    connection: Connection[Any],
    question: Question,
    scopes: list[str],
    *,
    times: bool = True,
    within: str | None = None,
    by_facts: bool = False,
) -> Rows:
    """The rows of these scopes, or of the days of the only one. `by_facts`: trust no counter."""
    by_day = question.by == "day"
    ground = None if by_facts or within else ground_of(connection, question)
    asked = asked_of(question, scopes, by_day, within, ground)
    rows = Rows()
    add_sums(connection, rows, asked, by_day, ground)
    if times:
        add_times(connection, rows, asked, ground is not None and not by_day)
    if not by_day:
        add_stock(connection, rows, asked, ground)
    return rows
