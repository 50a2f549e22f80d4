"""`tracker mend`: whistles of an older log that break a rule of today are brought right.

Old events stay as they are and frozen months too; each whistle gets an event that names the rules
and the reason, and the events that follow from it.
"""

import json
import sys
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from uuid import UUID

import click
from eventsourcing.utils import get_topic

from tracker.commands.tracker import Tracker
from tracker.commands.whistle.mending import Mend, rules_broken
from tracker.domain.actors import SYSTEM
from tracker.domain.errors import Refusal
from tracker.domain.whistle.states import TERMINAL, State
from tracker.eventstore.clock import CLOCK
from tracker.eventstore.connections import Connection
from tracker.projections.board.board import Board
from tracker.projections.engine.catching_up import catch_up
from tracker.settings import Settings

REASON = "旧版本遗留，按现行规则补正"
ENDED = sorted(TERMINAL - {State.MERGED})

# Closed ones break a rule only where their category has become confidential, or where others follow
# them whose people they do not know.
CANDIDATES = """
    SELECT id FROM board
     WHERE state <> ALL(%(ended)s)
        OR children > 0
        OR (NOT confidential AND category = ANY(%(confidential)s))
     ORDER BY id
"""


@dataclass(frozen=True)
class Found:
    """A whistle that breaks `rules`. `events`: what put it right; none in a dry run.

    `refused`: why it could not be put right.
    """

    number: str
    state: str
    rules: list[str]
    events: list[str]
    refused: str | None = None


@click.command()
@click.option("--dry-run", is_flag=True, help="Say what is wrong, and change nothing.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object for machines.")
def mend(dry_run: bool, as_json: bool) -> None:
    """Bring whistles of an older version right by events; exit 1 if one could not be."""
    tracker = Tracker(Settings.from_env(), name="mend", pool_size=2)
    try:
        with tracker.connection() as connection:
            catch_up(connection, Board())
            ids = candidates(tracker, connection)
        hidden = as_json or not sys.stderr.isatty()
        with click.progressbar(ids, label="Looking", file=sys.stderr, hidden=hidden) as looked:
            found = list(mended(tracker, looked, CLOCK.now(), dry_run=dry_run))
    finally:
        tracker.close()
    if as_json:
        click.echo(json.dumps({"found": [asdict(one) for one in found]}, ensure_ascii=False))
    else:
        _print(found, dry_run)
    sys.exit(any(one.refused for one in found))


def candidates(tracker: Tracker, connection: Connection) -> list[UUID]:
    """The whistles that may break a rule. The board must have the whole log."""
    categories = tracker.city.registers["category"].values()
    confidential = [one.code for one in categories if one.confidential]
    rows = connection.execute(CANDIDATES, {"ended": ENDED, "confidential": confidential})
    return [id for (id,) in rows]


def mended(
    tracker: Tracker, ids: Iterable[UUID], at: datetime, *, dry_run: bool
) -> Iterator[Found]:
    """Each whistle that breaks a rule, and what was done."""
    for id in ids:
        whistle = tracker.whistle(id)
        rules = rules_broken(tracker, tracker.city, whistle)
        if not rules:
            continue
        found = Found(whistle.number, str(whistle.state), rules, [])
        yield found if dry_run else _mended(tracker, id, found, whistle.version, at)


def _mended(tracker: Tracker, id: UUID, found: Found, version: int, at: datetime) -> Found:
    try:
        tracker.give(Mend(reason=REASON), id, actor=SYSTEM, at=at)
    except Refusal as refusal:
        return Found(found.number, found.state, found.rules, [], refused=str(refusal))
    recorded = tracker.events.get(id, gt=version)
    events = [get_topic(type(event)).removeprefix("whistle.") for event in recorded]
    return Found(found.number, found.state, found.rules, events)


def _print(found: list[Found], dry_run: bool) -> None:
    for one in found:
        done = ", ".join(one.events) or one.refused or ""
        click.echo(" → ".join(filter(None, [f"{one.number} {one.state}", *one.rules, done])))
    word = "would be mended" if dry_run else "mended"
    kept = sum(one.refused is not None for one in found)
    click.echo(f"{len(found) - kept} whistles {word}" + (f", {kept} refused" if kept else ""))
