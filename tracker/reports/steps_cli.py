"""`tracker steps`: where the time of a period's whistles went."""

import json
from collections.abc import Iterator, Mapping
from typing import Any, get_args

import click

from tracker.metrics.asking import ask
from tracker.projections.engine.catching_up import catch_up
from tracker.projections.engine.log_moments import LogMoments
from tracker.projections.steps.repeats import repeats
from tracker.projections.steps.steps import Steps
from tracker.projections.steps.time_in_steps import StepsBy
from tracker.projections.steps.time_in_steps import steps as steps_of
from tracker.reports.indices import indices
from tracker.reports.report_cli import current


@click.command("steps")
@click.option("--scope", default="city", show_default=True, help="city, or post:CP01, unit:U01, …")
@click.option("--from", "from_", required=True, metavar="DATE", help="First day.")
@click.option("--to", required=True, metavar="DATE", help="The day after the last.")
@click.option("--as-of", metavar="TIME", help="A time, a day, or a log position. [default: now]")
@click.option("--by", type=click.Choice(get_args(StepsBy)), help="Rows by post, unit or category.")
@click.option("--repeats", "with_repeats", is_flag=True, help="Repeats and their places instead.")
@click.option("--indices", "with_indices", is_flag=True, help="Effort and happiness instead.")
@click.option("--json", "as_json", is_flag=True, help="Print the answer as HTTP gives it.")
def steps(
    scope: str,
    from_: str,
    to: str,
    as_of: str | None,
    by: StepsBy | None,
    with_repeats: bool,
    with_indices: bool,
    as_json: bool,
) -> None:
    """Time in each step: median, P90 and share of the total, of the whistles closed in a period.

    \b
    tracker steps --from 2026-09-01 --to 2026-10-01 --by post
    tracker steps --from 2026-09-01 --to 2026-10-01 --repeats --json
    """
    with current("steps") as (tracker, connection):
        catch_up(connection, Steps())
        question = ask(
            tracker.city,
            LogMoments(connection),
            tracker.now(),
            scope=scope,
            from_=from_,
            to=to,
            as_of=as_of,
        )
        if with_repeats:
            found = repeats(connection, question)
        elif with_indices:
            found = indices(connection, tracker.city, question)
        else:
            found = steps_of(connection, question, by)
    if as_json or with_repeats or with_indices:
        click.echo(json.dumps(found, ensure_ascii=False, indent=None if as_json else 2))
    else:
        click.echo("\n".join(_table(found)))


def _table(found: Mapping[str, Any]) -> Iterator[str]:
    yield f"{found['scope']}, {found['from']} to {found['to']} (not included)"
    yield f"as of {found['as_of']}, log position {found['position']}; natural minutes"
    for row in [{"key": "", "steps": found["steps"]}, *found.get("items", [])]:
        if row["key"]:
            yield f"\n{row['key']}"
        yield f"  {'':<14}{'whistles':>10}{'median':>12}{'P90':>12}{'share':>9}"
        for step in row["steps"]:
            cells = (step["whistles"], step["median_minutes"], step["p90_minutes"])
            shown = [str("—" if cell is None else cell) for cell in cells]
            share = "—" if step["share"] is None else f"{step['share']}%"
            yield f"  {step['step']:<14}{shown[0]:>10}{shown[1]:>12}{shown[2]:>12}{share:>9}"
