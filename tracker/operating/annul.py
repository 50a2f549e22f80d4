"""`tracker annul`: asks to annul what a wrong clock has recorded, for every whistle of a range.

An event of time never happened if it stands at a moment later than the database had reached after
it was stored. The log keeps no such moment: it is read from the keys of later requests, which the
database dates, and from its clock now. The auditor confirms each whistle on its page.
"""

import json
import sys
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from uuid import UUID

import click

from tracker.commands.tracker import Tracker
from tracker.commands.whistle.annulling import Annul
from tracker.domain.actors import Actor, Role
from tracker.domain.errors import Refusal
from tracker.domain.whistle.events import Event
from tracker.domain.whistle.overseeing import Escalated, SupervisionOpened
from tracker.domain.whistle.passing_time import DeadlineMissed, DeadlineNeared, DeadlineOverrun
from tracker.eventstore.clock import ALLOWED
from tracker.eventstore.connections import Connection
from tracker.settings import Settings

OF_TIME = (DeadlineNeared, DeadlineMissed, DeadlineOverrun, SupervisionOpened, Escalated)
SOMEBODY = Actor("somebody", Role.CITY_CENTRE)  # of the city centre, in a dry run
AT_ONCE = 1_000  # events read at a time
SLACK = timedelta(seconds=ALLOWED)

# No index: keys are kept for some days, and only this question reads them by position.
DATED = """
    SELECT position, created_at FROM idempotency
     WHERE position >= %(first)s
     ORDER BY position
"""


@dataclass(frozen=True)
class Found:
    """A whistle with false events, by their versions. `refused`: why they cannot be annulled."""

    number: str
    events: list[int]
    refused: str | None = None


@click.command()
@click.option("--from", "first", type=int, required=True, help="The first position of the range.")
@click.option("--to", "last", type=int, required=True, help="The last position of the range.")
@click.option("--by", "account", help="The account of the city centre that asks.")
@click.option("--reason", help="Why they never happened; it stands in the story.")
@click.option("--dry-run", is_flag=True, help="Say what would be asked, and record nothing.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object for machines.")
def annul(
    first: int, last: int, account: str | None, reason: str | None, dry_run: bool, as_json: bool
) -> None:
    """Ask to annul what a wrong clock recorded; the auditor confirms. Exit 1 if one is refused."""
    if not dry_run and not (account and reason):
        raise click.UsageError("--by and --reason are needed; or --dry-run")
    tracker = Tracker(Settings.from_env(), name="annul", pool_size=2)
    try:
        at = tracker.deciding_at()
        actor = tracker.city.actor(tracker.city.account(account)) if account else SOMEBODY
        false = false_events(tracker, first, last, at)
        asked = list(_asked(tracker, false, actor, reason or "—", at, dry_run=dry_run))
    finally:
        tracker.close()
    if as_json:
        click.echo(json.dumps({"found": [asdict(one) for one in asked]}, ensure_ascii=False))
    else:
        _print(asked, dry_run)
    sys.exit(any(one.refused for one in asked))


def false_events(tracker: Tracker, first: int, last: int, at: datetime) -> dict[UUID, list[int]]:
    """By whistle, the versions of events from `first` to `last` that were recorded before their
    own moment, and that nobody has annulled. `at`: the database's now."""
    with tracker.connection() as connection:
        dated = Dated(connection, first, at)
    found: dict[UUID, list[int]] = defaultdict(list)
    for position, event in _of_time(tracker, first, last):
        if event.is_of_time and event.at > dated.after(position) + SLACK:
            found[event.originator_id].append(event.originator_version)
    live = {id: set(tracker.whistle(id).by_time) for id in found}
    left = {id: [one for one in found[id] if one in live[id]] for id in found}
    return {id: versions for id, versions in left.items() if versions}


def _of_time(tracker: Tracker, first: int, last: int) -> Iterator[tuple[int, Event]]:
    topics = [kind.TOPIC for kind in OF_TIME]
    start = first
    while found := tracker.recorder.select_notifications(start, AT_ONCE, last, topics):
        for one in found:
            event = tracker.mapper.to_domain_event(one)
            if isinstance(event, Event):
                yield one.id, event
        start = found[-1].id + 1


class Dated:
    """Moments that the database had not passed before a position of the log was written."""

    def __init__(self, connection: Connection, first: int, at: datetime) -> None:
        rows = connection.execute(DATED, {"first": first}).fetchall()
        self._positions = [position for position, _ in rows]
        least = at
        self._moments = [at]  # for each position, the least from there on; `at` behind the last
        for _, moment in reversed(rows):
            least = min(least, moment)
            self._moments.append(least)
        self._moments.reverse()

    def after(self, position: int) -> datetime:
        """The earliest that is known."""
        return self._moments[bisect_left(self._positions, position)]


def _asked(
    tracker: Tracker,
    false: Mapping[UUID, Sequence[int]],
    actor: Actor,
    reason: str,
    at: datetime,
    *,
    dry_run: bool,
) -> Iterator[Found]:
    """Ask for each whistle; in a dry run only look whether it would be refused."""
    for id, versions in false.items():
        whistle = tracker.whistle(id)
        try:
            if dry_run:
                whistle.annul(versions, tracker.story(id), actor=actor, at=at)
            else:
                command = Annul(events=tuple(versions), reason=reason)
                tracker.give(command, id, actor=actor, at=at)
        except Refusal as refusal:
            yield Found(whistle.number, list(versions), refused=str(refusal))
        else:
            yield Found(whistle.number, list(versions))


def _print(asked: Sequence[Found], dry_run: bool) -> None:
    for one in asked:
        numbers = ", ".join(f"#{version}" for version in one.events)
        click.echo(" → ".join(filter(None, [one.number, numbers, one.refused])))
    events = sum(len(one.events) for one in asked if one.refused is None)
    whistles = sum(one.refused is None for one in asked)
    refused = len(asked) - whistles
    word = "would be asked for" if dry_run else "asked for; the auditor confirms each whistle"
    click.echo(f"{events} events of {whistles} whistles {word}")
    if refused:
        click.echo(f"{refused} whistles refused")
