"""`tracker rates`: the figures that HTTP gives, on a terminal or as JSON."""

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

import click

from tracker.commands.tracker import Tracker
from tracker.domain.errors import Invalid
from tracker.eventstore.connections import connect
from tracker.metrics.asking import Question, ask
from tracker.metrics.definitions import METRICS
from tracker.projections.engine.catching_up import Stopped, catch_up
from tracker.projections.engine.log_moments import LogMoments
from tracker.projections.rates.answer import rates as answer
from tracker.projections.rates.rates import Rates
from tracker.settings import Settings

OPTIONS = {"from": "--from", "to": "--to", "as_of": "--as-of", "scope": "--scope", "by": "--by"}


@click.command("rates")
@click.option("--scope", default="city", show_default=True, help="city, or post:CP01, unit:U01, …")
@click.option("--from", "from_", required=True, metavar="DATE", help="First day.")
@click.option("--to", required=True, metavar="DATE", help="The day after the last.")
@click.option("--as-of", metavar="TIME", help="A time, a day, or a log position. [default: now]")
@click.option("--by", metavar="KIND", help="Rows by post, unit, category or day.")
@click.option("--json", "as_json", is_flag=True, help="Print the answer as HTTP gives it.")
def rates(
    scope: str, from_: str, to: str, as_of: str | None, by: str | None, as_json: bool
) -> None:
    """Every metric of a period, as it stood at a moment.

    \b
    tracker rates --from 2026-09-01 --to 2026-10-01 --as-of 2026-10-13
    tracker rates --scope post:CP01 --from 2026-09-01 --to 2026-10-01 --by unit --json
    """
    settings = Settings.from_env()
    with Tracker(settings, name="rates", pool_size=2) as tracker:
        asked = {"scope": scope, "from_": from_, "to": to, "as_of": as_of, "by": by}
        found = figures(tracker, settings, asked)
    click.echo(json.dumps(found, ensure_ascii=False) if as_json else "\n".join(_table(found)))


def figures(
    tracker: Tracker, settings: Settings, asked: Mapping[str, Any], now: datetime | None = None
) -> dict[str, Any]:
    """The answer, once the projection has everything that is in the log."""
    with connect(settings, name="rates") as connection:
        try:
            catch_up(connection, Rates())
        except Stopped as stopped:
            raise click.ClickException(str(stopped)) from None
        question = _question(tracker, connection, asked, now or tracker.now())
        return answer(connection, question)


def _question(
    tracker: Tracker, connection: Any, asked: Mapping[str, Any], now: datetime
) -> Question:
    try:
        return ask(tracker.directory.refresh(), LogMoments(connection), now, **asked)
    except Invalid as refused:
        where = OPTIONS.get(refused.field or "", "")
        message = refused.message.say("en", refused.facts)
        remedy = refused.remedy.say("en", refused.facts)
        raise click.UsageError(f"{where}: {message}. {remedy}.") from None


def _table(found: Mapping[str, Any]) -> Iterator[str]:
    yield f"{found['scope']}, {found['from']} to {found['to']} (not included)"
    yield f"as of {found['as_of']}, log position {found['position']}"
    for row in [{"key": None, "metrics": found["metrics"]}, *found.get("items", [])]:
        if row["key"] is not None:
            yield f"\n{row['key']}"
        for metric in METRICS:
            yield f"  {metric.id:<38} {_shown(row['metrics'][metric.id]):>16}  {metric.name.zh}"


def _shown(value: Any) -> str:
    if value is None:
        return "—"
    if isinstance(value, dict):
        return f"{value['n']}/{value['d']} {value['pct']}%"
    return str(value)
