"""`tracker verify`: checks that the log is complete and that the stored words match it.

Streams have no gaps, positions rise with versions, every event is readable, and all words and
pictures match their digest or were erased by an order.
"""

import json
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from uuid import UUID

import click
from eventsourcing.persistence import MapperDeserialisationError, Notification
from psycopg.rows import class_row

# These imports register the events' classes.
import tracker.contexts.registry
import tracker.domain.city.registers
import tracker.domain.months
import tracker.domain.whistle.whistle  # noqa: F401
from tracker.commands.tracker import Tracker
from tracker.context_names import PASSED_OVER
from tracker.domain.whistle.events import Said
from tracker.eventstore import contents
from tracker.eventstore.connections import Connection, connect, dsn_of
from tracker.eventstore.contents import Integrity
from tracker.eventstore.log_positions import log_positions
from tracker.eventstore.mapper import PlainMapper
from tracker.projections.engine.catching_up import catch_up
from tracker.projections.rates.rates import Rates
from tracker.reports.month_report import verified
from tracker.settings import Settings

BATCH = 1_000
SHOWN = 20  # problems printed one by one; the rest is only counted


@dataclass
class Findings:
    """What was checked, and all problems.

    `passed_over` counts events of contexts that are not in this installation: their streams,
    positions and words are verified, but their content is not read.
    """

    events: int = 0
    streams: int = 0
    contents: int = 0
    erased: int = 0
    passed_over: dict[str, int] = field(default_factory=dict)  # events by context
    problems: list[str] = field(default_factory=list)


@click.command()
@click.option("--month", metavar="2026-09", help="Count this frozen month again, nothing else.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object for machines.")
def verify(month: str | None, as_json: bool) -> None:
    """Check the whole log and what stands beside it; exit 1 if anything is wrong."""
    if month is not None:
        _verify_month(month, as_json)
        return
    with connect(dsn_of(Settings.from_env()), name="verify") as connection:
        connection.execute("SET statement_timeout = 0")
        findings = check_everything(connection)
    if as_json:
        click.echo(json.dumps(asdict(findings), ensure_ascii=False))
    else:
        _print_findings(findings)
    if findings.problems:
        sys.exit(1)


def _verify_month(month: str, as_json: bool) -> None:
    """Compare the frozen digest with that of the figures, counted again at the same position."""
    settings = Settings.from_env()
    with (
        Tracker(settings, name="verify", pool_size=2) as tracker,
        connect(settings, name="verify") as connection,
    ):
        catch_up(connection, Rates())
        found = verified(tracker, connection, month)
    if as_json:
        click.echo(json.dumps({**asdict(found), "holds": found.holds}))
    elif found.holds:
        click.echo(f"{month} is as it was frozen: {found.frozen}")
    else:
        click.echo(f"{month} was frozen as {found.frozen}\nand counts now as {found.counted}")
    if not found.holds:
        sys.exit(1)


def check_everything(connection: Connection) -> Findings:
    findings = Findings()
    positions = log_positions(connection)
    if not positions.base_is_safe:
        findings.problems.append("the log's base is too low: run `tracker migrate`")
    _check_streams(connection, findings)
    hidden = not sys.stderr.isatty()
    with click.progressbar(length=_count(connection), hidden=hidden, file=sys.stderr) as bar:
        for batch in _batches(connection):
            _check_events(connection, batch, findings)
            bar.update(len(batch))
    return findings


COUNT = "SELECT count(*) FROM stored_events"


def _count(connection: Connection) -> int:
    found = connection.execute(COUNT).fetchone()
    return int(found[0]) if found else 0


# Reads the whole of stored_events once, in the order of its primary key.
STREAMS = """
    SELECT originator_id, count(*), min(originator_version), max(originator_version),
           bool_and(rises)
      FROM (SELECT originator_id, originator_version,
                   position > lag(position, 1, -1::bigint) OVER stream AS rises
              FROM stored_events
            WINDOW stream AS (PARTITION BY originator_id ORDER BY originator_version)) AS steps
     GROUP BY originator_id
"""


def _check_streams(connection: Connection, findings: Findings) -> None:
    for stream, events, first, last, rises in connection.execute(STREAMS):
        findings.streams += 1
        if (first, last) != (1, events):
            findings.problems.append(
                f"stream {stream} has {events} events, versions {first} to {last}"
            )
        if not rises:
            findings.problems.append(f"stream {stream}: positions do not rise with its versions")


# Served by stored_events_position. It ignores the horizon: events above it are checked too.
EVENTS = """
    SELECT position AS id, originator_id, originator_version, topic, state
      FROM stored_events
     WHERE position > %(after)s
     ORDER BY position
     LIMIT %(limit)s
"""


def _batches(connection: Connection) -> Iterator[Sequence[Notification]]:
    after = 0
    with connection.cursor(row_factory=class_row(Notification), binary=True) as cursor:
        while batch := cursor.execute(EVENTS, {"after": after, "limit": BATCH}).fetchall():
            yield batch
            after = batch[-1].id


def _check_events(
    connection: Connection, batch: Sequence[Notification], findings: Findings
) -> None:
    mapper, said = PlainMapper(), dict[Said, int]()
    for stored in batch:
        if stored.topic.startswith(PASSED_OVER):
            name = stored.topic.partition(".")[0]
            findings.passed_over[name] = findings.passed_over.get(name, 0) + 1
            said |= dict.fromkeys(_said_in(stored.state), stored.id)
            continue
        try:
            event = mapper.to_domain_event(stored)
        except MapperDeserialisationError as flaw:
            findings.problems.append(str(flaw))
        else:
            said |= dict.fromkeys(getattr(event, "words", ()), stored.id)
    findings.events += len(batch)
    _check_contents(connection, said, findings)


def _said_in(state: bytes) -> list[Said]:
    """The words that an event mentions, read from the JSON, without its class."""
    words = json.loads(state).get("words", ())
    return [Said(UUID(one["id"]), one["kind"], one["digest"]) for one in words]


def _check_contents(connection: Connection, said: dict[Said, int], findings: Findings) -> None:
    """`said` maps words to the position of their event."""
    standings = contents.verify(connection, list(said))
    findings.contents += len(standings)
    findings.erased += Counter(standings.values())[Integrity.ERASED]
    for one, position in said.items():
        if standings[one.id] in (Integrity.ALTERED, Integrity.MISSING):
            findings.problems.append(
                f"event at {position}: its {one.kind} {one.id} is {standings[one.id]}"
            )


def _print_findings(findings: Findings) -> None:
    click.echo(
        f"{findings.events:,} events in {findings.streams:,} streams, "
        f"{findings.contents:,} words and pictures ({findings.erased:,} erased)"
    )
    for name, events in findings.passed_over.items():
        click.echo(f"  {events:,} of them are of {name}, which does not serve here")
    for problem in findings.problems[:SHOWN]:
        click.echo(f"  {problem}")
    if len(findings.problems) > SHOWN:
        click.echo(f"  … and {len(findings.problems) - SHOWN:,} more")
    click.echo("not as it should be" if findings.problems else "all as it should be")
