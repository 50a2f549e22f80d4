"""The list of all projections, and the commands `project` and `rebuild`.

How a batch is folded: `folding.py`; the process that does it: `projector.py`; how a projection is
rebuilt: `rebuilding.py`. A new projection is a new file and a line in ALL.
"""

import logging
import os
import signal
import sys
from collections.abc import Sequence

import click

# These imports register the events' classes: the audit trail reads all events.
import tracker.domain.city.registers
import tracker.domain.months
import tracker.domain.whistle.whistle  # noqa: F401
from tracker.contexts.registry import CONTEXTS
from tracker.eventstore.connections import Connection, connect
from tracker.eventstore.mapper import PlainMapper
from tracker.operating.rebuild_process import RebuildProcess
from tracker.projections.board.board import Board
from tracker.projections.clocks import Clocks
from tracker.projections.engine.folding import Projection
from tracker.projections.engine.positions import (
    NOT_YET,
    NewerServes,
    ProjectionStatus,
    add_missing,
    outdated,
    positions,
    wait_for,
)
from tracker.projections.engine.projector import Projector
from tracker.projections.engine.rebuilding import (
    AlreadyRebuilding,
    NoGapToSwap,
    RebuiltTogether,
    rebuild_together,
)
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
    projector = Projector(Settings.from_env(), ALL, PlainMapper(), beside=RebuildProcess())
    for signum in (signal.SIGTERM, signal.SIGINT):
        signal.signal(signum, lambda *_: projector.stop())
    projector.run()


@click.command()
@click.argument("name", required=False, type=click.Choice([one.name for one in ALL]))
@click.option("--changed", is_flag=True, help="Only what is new or changed in this version.")
def rebuild(name: str | None, changed: bool) -> None:
    """Make the tables of one projection, or of all, anew from the log, while they serve.

    With --changed it is done at low priority; the projector starts that by itself. Before an
    upgrade, the new version's `tracker rebuild --changed` may be run beside the old version.
    """
    chosen = [one for one in ALL if name in (None, one.name)]
    with connect(Settings.from_env(), name="rebuild") as connection:
        if changed:
            os.nice(10)  # whoever folds what people see now goes first
            chosen = _new_or_changed(connection, chosen)
        try:
            found = _rebuild_showing(connection, chosen)
        except NewerServes as newer:
            raise click.ClickException(str(newer)) from None
    for done in sorted(found.done, key=lambda one: [one.name for one in ALL].index(one.name)):
        rate = done.events / max(done.seconds, 0.001)
        click.echo(f"{done.name}: {done.events} events in {done.seconds:.1f} s ({rate:,.0f}/s)")
    if found.failed:
        raise click.ClickException("\n".join(_why_not(*one) for one in found.failed.items()))


def _new_or_changed(connection: Connection, of: Sequence[Projection]) -> list[Projection]:
    add_missing(connection, of, NOT_YET)
    names = outdated(connection, of)
    return [one for one in of if one.name in names]


def _rebuild_showing(connection: Connection, chosen: Sequence[Projection]) -> RebuiltTogether:
    length, label = _events(connection), " ".join(one.name for one in chosen)
    with click.progressbar(
        length=length, label=label, file=sys.stderr, hidden=not sys.stderr.isatty()
    ) as bar:
        return rebuild_together(connection, chosen, PlainMapper(), progress=bar.update)


def _why_not(name: str, why: Exception) -> str:
    match why:
        case AlreadyRebuilding():
            return f"{name} is being rebuilt already"
        case NoGapToSwap():
            return (
                f"{name} was read without a pause for a minute: end the long transactions on it "
                "(pg_stat_activity), then try again. It serves as before."
            )
        case _:
            return f"{why}. The tables are as they were."


# Reads all of stored_events_position, for the length of a progress bar.
EVENTS = "SELECT count(*) FROM stored_events"


def _events(connection: Connection) -> int:
    row = connection.execute(EVENTS).fetchone()
    return int(row[0]) if row else 0
