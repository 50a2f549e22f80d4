"""A request sent again with its key: finds what was appended, and the stream's state at that time.

The key is stored in the transaction of the command's events. The answer is not stored: it is built
again from the log up to that transaction's position. So the table of keys holds no words and no
receipt codes.
"""

from uuid import UUID

from tracker.domain.errors import Invalid, Words
from tracker.eventstore.connections import Connection


class KeyReused(Invalid):
    """The Idempotency-Key was used for another request. Pages show this to people too."""

    code = "idempotency.key_reused"
    message = Words(
        zh="这一次已经收到过,内容和现在的不同",
        en="This was received before, with other content",
    )
    remedy = Words(
        zh="刷新看看已经办成了什么,再重新填",
        en="Reload to see what was done, then fill it in anew",
    )


# Served by stored_events_position.
APPENDED_AT = "SELECT originator_id FROM stored_events WHERE position = %(position)s"


def appended_at(connection: Connection, position: int) -> UUID:
    """The stream of the event at this position."""
    row = connection.execute(APPENDED_AT, {"position": position}).fetchone()
    assert row is not None
    id: UUID = row[0]
    return id


# Served by stored_events_pkey.
STOOD_AT = """
    SELECT originator_version, topic
      FROM stored_events
     WHERE originator_id = %(id)s AND position <= %(position)s
     ORDER BY originator_version DESC
     LIMIT 1
"""


def stood_at(connection: Connection, id: UUID, position: int) -> tuple[int | None, bool]:
    """The stream's version at that position, and whether its last event was a proposal."""
    row = connection.execute(STOOD_AT, {"id": id, "position": position}).fetchone()
    return (row[0], str(row[1]).endswith("_proposed")) if row else (None, False)
