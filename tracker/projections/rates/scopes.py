"""Reads what is counted in scopes: of a major, the sums of its categories added up."""

from tracker.eventstore.connections import Connection
from tracker.metrics.asking import Question
from tracker.projections.rates.majors import CATEGORY, Majors, majors_at, members_of
from tracker.projections.rates.plan import parameters, plan_for
from tracker.projections.rates.sums import RawRows, read_rows


def read_scopes(
    connection: Connection,
    question: Question,
    scopes: list[str],
    *,
    by_day: bool = False,
    within: str | None = None,
    by_facts: bool = False,
    majors: Majors | None = None,
    **wanted: bool,
) -> RawRows:
    """`within`: another scope that all that is counted has to be in. `wanted`: see `read_rows`."""
    plan = None if by_facts or within else plan_for(connection, question)
    if majors is None:
        named = any(scope.startswith(CATEGORY) for scope in (*scopes, within or ""))
        majors = majors_at(connection, question.as_of) if named else {}
    rows = {scope: members_of(scope, majors) for scope in scopes}
    inside = members_of(within, majors) if within and within.startswith(CATEGORY) else []
    categories = [scope.removeprefix(CATEGORY) for scope in inside]
    asked = parameters(question, rows, by_day, within, categories, plan)
    return read_rows(connection, asked, plan, **wanted)
