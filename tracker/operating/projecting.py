"""The list of all projections, and the commands `project` and `rebuild`.

How a batch is folded: `folding.py`; the process that does it: `projector.py`; how a projection is
rebuilt: `rebuilding.py`. A new projection is a new file and a line in ALL.
"""

import logging
import signal
import sys
from collections.abc import Sequence
from typing import Any

import click

# These imports register the events' classes: the audit trail reads all events.
import tracker.domain.city.registers
import tracker.domain.months
import tracker.domain.whistle.whistle  # noqa: F401
from tracker.contexts.registry import CONTEXTS
from tracker.eventstore.connections import connect
from tracker.eventstore.mapper import PlainMapper
from tracker.projections.board.board import Board
from tracker.projections.clocks import Clocks
from tracker.projections.engine.folding import Poisoned, Projection
from tracker.projections.engine.positions import ProjectionStatus, positions, wait_for
from tracker.projections.engine.projector import Projector
from tracker.projections.engine.rebuilding import AlreadyRebuilding, NoGapToSwap, Rebuilt
from tracker.projections.engine.rebuilding import rebuild as rebuild_one
from tracker.projections.rates.rates import Rates
from tracker.projections.steps.steps import Steps
from tracker.projections.story.timeline import Timeline
from tracker.projections.story.trail import AuditTrail
from tracker.settings import Settings

__all__ = ["ALL", "ProjectionStatus", "positions", "project", "rebuild", "wait_for"]

log = logging.getLogger(__name__)

ALL: Sequence[Projection] = (
    *(Board(), Clocks(), Timeline(), Rates(), Steps()),
    *(projection for context in CONTEXTS for projection in context.projections),
    AuditTrail({context.name: context.code_of for context in CONTEXTS}),
)


@click.command()
def project() -> None:
    """Fold the log into the tables that pages read, until told to stop."""
    projector = Projector(Settings.from_env(), ALL, PlainMapper())
    for signum in (signal.SIGTERM, signal.SIGINT):
        signal.signal(signum, lambda *_: projector.stop())
    projector.run()


@click.command()
@click.argument("name", required=False, type=click.Choice([one.name for one in ALL]))
def rebuild(name: str | None) -> None:
    """Make the tables of one projection, or of all, anew from the log, while they serve."""
    chosen = [one for one in ALL if name in (None, one.name)]
    for projection in chosen:
        try:
            done = _rebuild_showing(projection)
        except AlreadyRebuilding:
            raise click.ClickException(f"{projection.name} is being rebuilt already") from None
        except NoGapToSwap:
            raise click.ClickException(
                f"{projection.name} was read without a pause for a minute: end the long "
                "transactions on it (pg_stat_activity), then try again. It serves as before."
            ) from None
        except Poisoned as poisoned:
            raise click.ClickException(f"{poisoned}. The tables are as they were.") from None
        rate = done.events / max(done.seconds, 0.001)
        click.echo(f"{done.name}: {done.events} events in {done.seconds:.1f} s ({rate:,.0f}/s)")


def _rebuild_showing(projection: Projection) -> Rebuilt:
    with connect(Settings.from_env(), name="rebuild") as connection:
        length = _events(connection)
        with click.progressbar(
            length=length, label=projection.name, file=sys.stderr, hidden=not sys.stderr.isatty()
        ) as bar:
            return rebuild_one(connection, projection, PlainMapper(), progress=bar.update)


# Reads all of stored_events_position, for the length of a progress bar.
EVENTS = "SELECT count(*) FROM stored_events"


def _events(connection: Any) -> int:
    row = connection.execute(EVENTS).fetchone()
    return int(row[0])
