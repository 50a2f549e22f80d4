"""Which whistles somebody has asked to move to a post."""

from collections.abc import Sequence
from uuid import UUID

from tracker.eventstore.connections import Connection

# Served by timeline_moves, and by the primary key (whistle, version).
ASKED = """
    SELECT t.whistle
      FROM timeline t
     WHERE t.topic = 'whistle.correction_proposed' AND t.facts->>'post' = %(post)s
       AND NOT EXISTS (SELECT FROM timeline later
                        WHERE later.whistle = t.whistle AND later.version > t.version
                          AND later.topic = ANY(%(over)s))
     ORDER BY t.at, t.whistle
"""
OVER = [f"whistle.{name}" for name in ("correction_proposed", "corrected", "merged", "voided")]


def asked_to_move(connection: Connection, post: str) -> Sequence[UUID]:
    """Those of whose correction nothing has come yet, the one that was asked for first on top."""
    return [id for (id,) in connection.execute(ASKED, {"post": post, "over": OVER})]
