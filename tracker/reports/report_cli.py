"""`tracker rankings` and `tracker report`: what HTTP gives, on a terminal, as JSON or as a file."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from tracker.commands.tracker import Tracker
from tracker.domain.errors import Invalid
from tracker.eventstore.connections import Connection, connect
from tracker.metrics.definitions import METRICS
from tracker.metrics.exports import as_csv, as_xlsx
from tracker.projections.engine.catching_up import Stopped, catch_up
from tracker.projections.rates.rates import Rates
from tracker.projections.steps.steps import Steps
from tracker.reports.month_report import Adjusted, Report, adjusted, exclusions, report_of
from tracker.reports.monthly.pdf import report_pdf
from tracker.reports.rankings import OF, Rankings, rankings_of
from tracker.reports.tables import report_sheets
from tracker.settings import Settings

MONTH = click.option("--month", required=True, metavar="2026-09", help="The month.")
AS_JSON = click.option("--json", "as_json", is_flag=True, help="Print what HTTP gives.")
CITY_METRICS = [metric for metric in METRICS if metric.kind != "stock"]


@click.command("rankings")
@click.option("--of", type=click.Choice(list(OF)), default="posts", show_default=True)
@MONTH
@AS_JSON
def rankings(of: str, month: str, as_json: bool) -> None:
    """The ranking of a month: frozen if it is, else as known now."""
    with current("rankings") as (tracker, connection):
        found = rankings_of(tracker, connection, of, month, tracker.now())
    if as_json:
        click.echo(json.dumps(found.shown(), ensure_ascii=False))
    else:
        click.echo("\n".join([*_heading(found.report), *_places(found)]))


@click.command("report")
@MONTH
@AS_JSON
@click.option("--xlsx", type=click.Path(dir_okay=False, path_type=Path), help="Write a workbook.")
@click.option("--csv", type=click.Path(dir_okay=False, path_type=Path), help="Write its rows.")
@click.option("--pdf", type=click.Path(dir_okay=False, path_type=Path), help="Write its pages.")
@click.option("--language", type=click.Choice(["zh", "en"]), default="zh", show_default=True)
def report(
    month: str,
    as_json: bool,
    xlsx: Path | None,
    csv: Path | None,
    pdf: Path | None,
    language: str,
) -> None:
    """A month's figures of the city, each street, post, unit and category, and what came after.

    \b
    tracker report --month 2026-09
    tracker report --month 2026-09 --xlsx 2026-09.xlsx --pdf 2026-09.pdf
    """
    with current("report") as (tracker, connection):
        now = tracker.now()
        found = report_of(tracker, connection, month, now)
        since, beside = adjusted(connection, found, now), exclusions(connection, found)
        if pdf is not None:
            catch_up(connection, Steps())
            pdf.write_bytes(report_pdf(tracker, connection, month, now))
    sheets = report_sheets(found, since, language, exclusions=beside)
    if xlsx is not None:
        xlsx.write_bytes(as_xlsx(sheets))
    if csv is not None:
        csv.write_bytes(as_csv(sheets[0]))
    if as_json:
        click.echo(json.dumps(shown(found, since), ensure_ascii=False))
    else:
        click.echo("\n".join([*_heading(found), *_city(found), *_since(since)]))


@contextmanager
def current(name: str) -> Iterator[tuple[Tracker, Connection]]:
    """The tracker and a connection, once the figures have everything that is in the log."""
    settings = Settings.from_env()
    with (
        Tracker(settings, name=name, pool_size=2) as tracker,
        connect(settings, name=name) as connection,
    ):
        tracker.directory.refresh()
        try:
            catch_up(connection, Rates())
            yield tracker, connection
        except Stopped as stopped:
            raise click.ClickException(str(stopped)) from None
        except Invalid as refused:
            message = refused.message.say("en", refused.facts)
            remedy = refused.remedy.say("en", refused.facts)
            raise click.UsageError(f"--{refused.field}: {message}. {remedy}.") from None


def shown(report: Report, since: Adjusted) -> dict[str, Any]:
    """The month as plain data."""
    return {
        **report.heading(),
        "rows": [
            {"scope": row.scope, "kind": row.kind, "name": row.name, "metrics": row.metrics}
            for row in report.rows
        ],
        "adjustments": since.shown(),
    }


def _heading(report: Report) -> Iterator[str]:
    heading = report.heading()
    yield f"{report.month}, {'frozen' if report.frozen else 'provisional, not frozen yet'}"
    yield f"as of {heading['as_of']}, log position {heading['position']}"
    if report.frozen:
        yield f"digest {heading['digest']}, definitions {heading['definitions']}"


def _places(found: Rankings) -> Iterator[str]:
    kind = None
    for one in found.standings:
        if one.row.kind != kind:
            kind = one.row.kind
            yield f"\n{kind}"
        score = one.shown()["composite_score"] or "—"
        place = str(one.rank) if one.why_unranked is None else one.why_unranked.zh
        yield f"  {place:>5}  {score:>7}  {one.row.key:<8} {one.row.name}"


def _city(report: Report) -> Iterator[str]:
    metrics = report.rows[0].metrics
    yield ""
    for metric in CITY_METRICS:
        value = metrics[metric.id]
        shown = f"{value['n']}/{value['d']} {value['pct']}%" if isinstance(value, dict) else value
        yield f"  {metric.id:<38} {'—' if shown is None else shown:>16}  {metric.name.zh}"


def _since(since: Adjusted) -> Iterator[str]:
    if since.whistles:
        yield "\nknown since the freeze, and not in these figures:"
    for one in since.whistles:
        yield f"  {one.line.number} {one.line.cohort}: {one.reason('zh')}"
