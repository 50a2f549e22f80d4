"""Records absent units: the sweep lets time pass for each open summons."""

import logging
from collections.abc import Callable
from datetime import datetime

from tracker.commands.tracker import Tracker
from tracker.contexts.summons.commands import LetTimePass
from tracker.contexts.summons.projection import run_out
from tracker.domain.actors import SYSTEM
from tracker.eventstore.connections import Connection
from tracker.eventstore.recorder import DATABASE_AWAY

log = logging.getLogger(__name__)

AT_ONCE = 200


def sweep(
    tracker: Tracker,
    connection: Connection,
    now: datetime,
    just_after: datetime,
    go_on: Callable[[], bool],
) -> int:
    """Record every absence that fell due before `now`; the position reached, 0 for none.

    A summons that cannot be moved is written to the process log and skipped.
    """
    position = 0
    for id in run_out(connection, now, AT_ONCE):
        if not go_on():
            break
        try:
            done = tracker.give(LetTimePass(), id, actor=SYSTEM, at=just_after)
            position = max(position, done.position)
        except DATABASE_AWAY:
            raise
        except Exception:  # one broken summons must not stop the sweep of the others
            log.exception("time cannot pass for summons %s", id)
    return position
