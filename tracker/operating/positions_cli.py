"""`tracker positions`: the log's newest position, and how far behind it each projection is."""

import json
from dataclasses import asdict

import click

from tracker.eventstore.connections import connect, dsn_of
from tracker.eventstore.log_positions import log_positions
from tracker.projections.engine.positions import positions
from tracker.settings import Settings


@click.command("positions")
@click.option("--json", "as_json", is_flag=True, help="One JSON object for machines.")
def positions_command(as_json: bool) -> None:
    """Where the log stands, and how far behind it each projection is."""
    with connect(dsn_of(Settings.from_env()), name="positions") as connection:
        log, projections = log_positions(connection), positions(connection)
    if as_json:
        rows = [asdict(projection) for projection in projections]
        click.echo(json.dumps({**asdict(log), "projections": rows}))
        return
    click.echo(f"head {log.head}   horizon {log.horizon}   base {log.base}")
    if not log.base_is_safe:
        click.echo("the base is too low: new events would be lost; run `tracker migrate` first")
    for one in projections:
        stopped = f"   stopped at {one.failed_at}: {one.error}" if one.error else ""
        click.echo(f"{one.name:<12} {one.position:>20}   {one.lag} events behind{stopped}")
