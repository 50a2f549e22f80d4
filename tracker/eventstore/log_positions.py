"""Where the log stands: its head, what readers may see of it, and what its positions count from.

A position is `((base + transaction id) << 12) | ordinal`. Ids rise within one cluster, so positions
do; a log restored into a younger cluster, whose ids are lower, needs a higher base before its first
write, or new events would sort before old ones and no reader would ever see them.
"""

from dataclasses import dataclass
from typing import Any

from psycopg import Connection
from psycopg.rows import class_row

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


def _only(row: LogPositions | None) -> LogPositions:
    assert row is not None, "log_base has exactly one row"
    return row
