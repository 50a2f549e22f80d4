"""`tracker what-if`: a period under another policy, replayed at once."""

import json
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from tracker.city.pack.citypack import read
from tracker.metrics.asking import ask as ask_question
from tracker.projections.engine.log_moments import LogMoments
from tracker.reports.report_cli import current
from tracker.reports.what_if.running import Progress, WhatIf, ask, changes, find, work


@click.command("what-if")
@click.option("--from", "from_", required=True, metavar="DATE", help="First day.")
@click.option("--to", required=True, metavar="DATE", help="The day after the last.")
@click.option(
    "--policy",
    required=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A city pack, or the parts that differ.",
)
@click.option("--scope", default="city", show_default=True, help="city, or post:CP01, …")
@click.option("--as-of", metavar="TIME", help="A time, a day, or a log position. [default: now]")
@click.option("--json", "as_json", is_flag=True, help="Print what HTTP gives, and the changes.")
def what_if(
    from_: str, to: str, policy: Path, scope: str, as_of: str | None, as_json: bool
) -> None:
    """The figures of a period under another policy, beside the promised ones.

    Nothing that was promised changes. POLICY is JSON with one or more of sla_classes,
    working_hours, calendar and categories, written as in a city pack.

    \b
    echo '{"sla_classes": [{"code": "G4", "resolve": {"value": 3, "unit": "working_days"}}]}' > v2
    tracker what-if --from 2026-09-01 --to 2026-10-01 --policy v2
    """
    with current("what-if") as (tracker, connection):
        moments, now = LogMoments(connection), tracker.now()
        question = ask_question(
            tracker.city, moments, now, scope=scope, from_=from_, to=to, as_of=as_of
        )
        given = {"name": policy.name, **read(policy)}
        row = ask(tracker, connection, question, given, by="cli", now=now, newest=moments.newest())
        with progress_bar() as progress:
            work(connection, only=row.id, progress=progress)
        done = find(connection, row.id)
        found, _ = changes(connection, row.id, limit=1_000_000)
    if done.status != "done":
        raise click.ClickException(done.error or "the scheduler is working at it")
    if as_json:
        click.echo(json.dumps({**done.shown(), "changes": found}, ensure_ascii=False))
    else:
        click.echo("\n".join(_table(done, found)))


@contextmanager
def progress_bar() -> Iterator[Progress]:
    """A progress bar if the standard error is a terminal, else nothing."""
    bar: Any = click.progressbar(
        length=1, label="Replaying", file=sys.stderr, hidden=not sys.stderr.isatty()
    )

    def progress(replayed: int, total: int) -> None:
        bar.length = total
        bar.update(replayed - bar.pos)

    with bar:
        yield progress


def _table(done: WhatIf, found: list[dict[str, Any]]) -> Iterator[str]:
    figures: Mapping[str, Any] = done.figures or {}
    yield f"{done.scope}, {done.first_day} to {done.until_day} (not included), log {done.position}"
    yield f"{'':<28}{'promised':>20}{'what if':>20}"
    for name, rate in figures["rates"].items():
        yield f"{name:<28}{_rate(rate['promised']):>20}{_rate(rate['what_if']):>20}"
    yield f"{figures['whistles']} whistles, {figures['changes']} change sides"
    for one in found[:20]:
        sides = f"{one['promised']['side']} → {one['what_if']['side']}"
        yield f"  {one['number']} {one['promise']}: {sides}, due {one['what_if']['due']}"
    if len(found) > 20:
        yield f"  … and {len(found) - 20} more: --json"


def _rate(rate: Mapping[str, Any] | None) -> str:
    return "—" if rate is None else f"{rate['n']}/{rate['d']} {rate['pct']}%"
