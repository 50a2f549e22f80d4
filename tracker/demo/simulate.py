"""`tracker simulate`: people at work in a city that nobody uses yet, through the real commands."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import click

from tracker.commands.tracker import Tracker
from tracker.demo.living import Progress, live
from tracker.settings import Settings


class Moment(click.ParamType[datetime]):
    """A time with an offset, or of the computer's own zone without one."""

    name = "time"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> datetime:
        if isinstance(value, datetime):
            return value
        try:
            return datetime.fromisoformat(str(value)).astimezone(UTC)
        except ValueError:
            self.fail(f"{value} is no time; write it as 2026-03-02T10:00+08:00", param, ctx)


@click.command()
@click.option("--whistles", type=click.IntRange(1), default=600, show_default=True)
@click.option("--days", type=click.IntRange(1), default=90, show_default=True)
@click.option(
    "--seed", type=int, default=1, show_default=True, help="The same seed, the same story."
)
@click.option("--until", type=Moment(), help="The end of the story; default now.")
@click.option("--json", "as_json", is_flag=True, help="Print the summary as JSON.")
def simulate(whistles: int, days: int, seed: int, until: datetime | None, as_json: bool) -> None:
    """Let WHISTLES be raised and handled in the DAYS before UNTIL, by rules and by seeded chance.

    Every path of the table is walked; what is still open at UNTIL stays open.
    """
    with (
        Tracker(Settings.from_env(), name="simulate", pool_size=2) as tracker,
        bar(whistles, as_json) as progress,
    ):
        end = (until or tracker.deciding_at()).replace(microsecond=0)
        lived = live(tracker, whistles=whistles, days=days, seed=seed, until=end, progress=progress)
    summary = {
        "whistles": lived.whistles,
        "events": lived.events,
        "refused": len(lived.refusals),
        "until": end.isoformat(),
    }
    if as_json:
        click.echo(json.dumps(summary))
    else:
        click.echo(f"{lived.whistles} whistles lived through {lived.events} events, up to {end}.")


@contextmanager
def bar(length: int, quiet: bool) -> Iterator[Progress]:
    """A bar on a terminal, nothing elsewhere."""
    if quiet or not sys.stderr.isatty():
        yield lambda raised: None
        return
    with click.progressbar(length=length, label="Living", file=sys.stderr) as shown:
        yield shown.update
