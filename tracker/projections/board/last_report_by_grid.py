"""When each grid had its last whistle. A silent grid has no problems, or nobody reports them."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from tracker.eventstore.connections import Connection

# Served by board_grid, one look a grid.
LAST_HEARD = """
    SELECT asked.grid, heard.registered_at
      FROM unnest(%(grids)s::text[]) AS asked (grid),
           LATERAL (SELECT registered_at
                      FROM board
                     WHERE board.grid = asked.grid AND NOT test
                     ORDER BY registered_at DESC
                     LIMIT 1) heard
"""


def last_heard(connection: Connection, grids: Iterable[str]) -> Mapping[str, datetime]:
    """The last registration in each grid. A grid without any whistle is not in the result."""
    return dict(connection.execute(LAST_HEARD, {"grids": list(grids)}).fetchall())
