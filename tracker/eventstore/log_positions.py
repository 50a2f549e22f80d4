"""The log's newest position, the horizon below which readers see it, and the base of its positions.

A position is `((base + transaction id) << 12) | ordinal`. Transaction ids rise within one cluster,
so positions rise too. A log restored into a younger cluster, whose ids are lower, needs a higher
base before its first write. Otherwise new events would sort before old ones, and no reader would
ever see them.
"""

from dataclasses import dataclass

from psycopg.rows import class_row

from tracker.eventstore.connections import Connection

# Held until the end of the transaction. Every append reads log_base. So once this lock is held, an
# append has either ended, and its events are visible, or it has not begun and uses the new base.
LOCK_BASE = "LOCK TABLE log_base IN ACCESS EXCLUSIVE MODE"

# Served by stored_events_position. Every event that a snapshot sees has a transaction id below its
# xmax, so a head at or above xmax comes from another cluster. A transaction that waits for this
# lock may already have its id, but never one below xmin: every id from xmin on must give a position
# above the head.
RAISE_BASE = """
    UPDATE log_base
       SET base = head.transaction + 1 - pg_snapshot_xmin(pg_current_snapshot())::text::bigint
      FROM (SELECT max(position) >> 12 AS transaction FROM stored_events) AS head
     WHERE head.transaction >= base + pg_snapshot_xmax(pg_current_snapshot())::text::bigint
    RETURNING base
"""


def raise_log_base(connection: Connection) -> int | None:
    """Make new events sort after all that are stored. Returns the new base, None if it was right.

    `migrate` calls it at every start, and `restore` before the first write. Appends and readers
    wait for it, a few milliseconds.
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


# Served by stored_events_position. The base is safe if the head's transaction had ended before this
# snapshot, see RAISE_BASE.
POSITIONS = """
    SELECT head.position AS head,
           (base + pg_snapshot_xmin(pg_current_snapshot())::text::bigint) << 12 AS horizon,
           base,
           head.position >> 12 < base + pg_snapshot_xmax(pg_current_snapshot())::text::bigint
               AS base_is_safe
      FROM log_base,
           (SELECT coalesce(max(position), 0) AS position FROM stored_events) AS head
"""


def log_positions(connection: Connection) -> LogPositions:
    with connection.cursor(row_factory=class_row(LogPositions)) as cursor:
        return _only(cursor.execute(POSITIONS).fetchone())


def _only(row: LogPositions | None) -> LogPositions:
    assert row is not None, "log_base has exactly one row"
    return row
