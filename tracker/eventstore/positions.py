"""Where the log stands: its head, what readers may see of it, and what its positions count from.

A position is `((base + transaction id) << 12) | ordinal`. Ids rise within one cluster, so positions
do; a log restored into a younger cluster, whose ids are lower, needs a higher base before its first
write, or new events would sort before old ones and no reader would ever see them.
"""

import json
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import click
from psycopg import Connection
from psycopg.rows import class_row

from tracker.eventstore.connections import connect, dsn_of
from tracker.settings import Settings

# Both held until the end of the transaction. An append reads log_base, so it either has ended when
# we hold this lock, and we see its events, or has not begun, and counts from the new base.
LOCK_BASE = "LOCK TABLE log_base IN ACCESS EXCLUSIVE MODE"

# Served by stored_events_position. Every event that a snapshot sees is of a transaction below its
# xmax, so a head at or above it comes from another cluster. A transaction that waits for our lock
# may have its id already, but none below xmin: from there on every id must land above the head.
RAISE_BASE = """
    UPDATE log_base
       SET base = head.transaction + 1 - pg_snapshot_xmin(pg_current_snapshot())::text::bigint
      FROM (SELECT max(position) >> 12 AS transaction FROM stored_events) AS head
     WHERE head.transaction >= base + pg_snapshot_xmax(pg_current_snapshot())::text::bigint
    RETURNING base
"""


def raise_log_base(connection: Connection[Any]) -> int | None:
    """Make new events sort after all that are stored. The new base, or None: it was right already.

    `migrate` calls it at every start, a restore before the first write. Appends and readers wait
    for it, a few milliseconds.
    """
    with connection.transaction():
        connection.execute(LOCK_BASE)
        raised = connection.execute(RAISE_BASE).fetchone()
    return None if raised is None else int(raised[0])


@dataclass(frozen=True)
class LogPositions:
    """`head` is the newest event, 0 for an empty log; readers see what lies below `horizon`.

    `base_is_safe` is False when new events would sort before old ones: run `tracker migrate`.
    """

    head: int
    horizon: int
    base: int
    base_is_safe: bool


# Served by stored_events_position. The base is safe when the head is of a transaction that this
# snapshot knows as ended, see RAISE_BASE.
POSITIONS = """
    SELECT head.position AS head,
           (base + pg_snapshot_xmin(pg_current_snapshot())::text::bigint) << 12 AS horizon,
           base,
           head.position >> 12 < base + pg_snapshot_xmax(pg_current_snapshot())::text::bigint
               AS base_is_safe
      FROM log_base,
           (SELECT coalesce(max(position), 0) AS position FROM stored_events) AS head
"""


def log_positions(connection: Connection[Any]) -> LogPositions:
    with connection.cursor(row_factory=class_row(LogPositions)) as cursor:
        return _only(cursor.execute(POSITIONS).fetchone())


@dataclass(frozen=True)
class ProjectionPosition:
    """`lag` counts events that the projection has yet to fold, at most 100,000 of them."""

    name: str
    position: int
    updated_at: datetime
    failed_at_position: int | None
    error: str | None
    lag: int


# Served by stored_events_position: at most 100,000 entries are counted for each projection.
PROJECTIONS = """
    SELECT name, position, updated_at, failed_at_position, error,
           (SELECT count(*)
              FROM (SELECT FROM stored_events
                     WHERE stored_events.position > projection_positions.position
                     LIMIT 100000) AS ahead) AS lag
      FROM projection_positions
     ORDER BY name
"""


def projection_positions(connection: Connection[Any]) -> list[ProjectionPosition]:
    with connection.cursor(row_factory=class_row(ProjectionPosition)) as cursor:
        return cursor.execute(PROJECTIONS).fetchall()


def _only(row: LogPositions | None) -> LogPositions:
    assert row is not None, "log_base has exactly one row"
    return row


@click.command("positions")
@click.option("--json", "as_json", is_flag=True, help="One JSON object for machines.")
def positions_command(as_json: bool) -> None:
    """Where the log stands, and how far behind it each projection is."""
    with connect(dsn_of(Settings.from_env()), name="positions") as connection:
        log, projections = log_positions(connection), projection_positions(connection)
    if as_json:
        rows = [asdict(projection) for projection in projections]
        click.echo(json.dumps({**asdict(log), "projections": rows}, default=datetime.isoformat))
        return
    click.echo(f"head {log.head}   horizon {log.horizon}   base {log.base}")
    if not log.base_is_safe:
        click.echo("the base is too low: new events would be lost; run `tracker migrate` first")
    for one in projections:
        stopped = f"   stopped at {one.failed_at_position}: {one.error}" if one.error else ""
        click.echo(f"{one.name:<12} {one.position:>20}   {one.lag} events behind{stopped}")
