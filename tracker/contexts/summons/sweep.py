"""Who did not come when called: the sweep lets time pass for each open summons."""

import logging
from collections.abc import Callable
from datetime import datetime
from typing import Any

from psycopg import Connection

from tracker.commands.application import Tracker
from tracker.contexts.summons.commands import let_time_pass
from tracker.contexts.summons.projection import run_out
from tracker.eventstore.recorder import DATABASE_AWAY
from tracker.schedule.sweep import INSTANT

log = logging.getLogger(__name__)

AT_ONCE = 200


def sweep(
    tracker: Tracker,
    connection: Connection[Any],
    now: datetime,
    *,
    go_on: Callable[[], bool] = lambda: True,
) -> int:
    """Record every absence that fell due before `now`; the position reached, 0 for none.

    A summons that cannot be moved is told in the log of the process and left out.
    """
    position = 0
    for id in run_out(connection, now, AT_ONCE):
        if not go_on():
            break
        try:
            position = max(position, let_time_pass(tracker, id, now + INSTANT))
        except DATABASE_AWAY:
            raise
        except Exception:  # one that cannot be moved must not stop the city's time
            log.exception("time cannot pass for summons %s", id)
    return position
