"""Bring a projection to the end of the log: wait for the projector, or fold here if none runs."""

import time

from tracker.eventstore.connections import Connection
from tracker.eventstore.mapper import PlainMapper
from tracker.projections.engine.folding import BATCH, Engine, Projection
from tracker.projections.engine.leadership import try_to_lead
from tracker.projections.engine.log_moments import LogMoments
from tracker.projections.engine.positions import outdated, running, wait_for
from tracker.projections.engine.projector import LEADERSHIP
from tracker.projections.engine.rebuilding import rebuild

LOOK_EVERY = 0.5  # seconds between two attempts to lead, in case the projector died


class Stopped(Exception):
    """An event that cannot be folded stopped the projection; the message says which."""


# Served by the primary key.
FAILED = """
    SELECT coalesce(error, shadow_error), failed_at_position
      FROM projection_positions WHERE name = %(name)s
"""


def catch_up(connection: Connection, projection: Projection) -> int:
    """Bring it to the present end of the log and return that position. Raises Stopped, NewerServes.

    Use a separate connection: if this call had to lead, no projector can lead until it closes.
    """
    goal = LogMoments(connection).newest()
    while not _has_reached(connection, projection, goal):
        if try_to_lead(connection, LEADERSHIP):
            _fold(connection, projection, goal)
        else:
            wait_for(connection, projection.name, goal, timeout=LOOK_EVERY)
        _raise_if_failed(connection, projection.name)
    return goal


def _has_reached(connection: Connection, projection: Projection, goal: int) -> bool:
    reached = running(connection, [projection]).get(projection.name)
    return reached is not None and reached >= goal


def _fold(connection: Connection, projection: Projection, goal: int) -> None:
    if outdated(connection, [projection]):
        rebuild(connection, projection, PlainMapper())
    engine = Engine([projection], PlainMapper(), batch=BATCH)
    engine.start(connection)
    while not _has_reached(connection, projection, goal):
        if not engine.turn(connection):
            # While a transaction still writes, the end of the log is above the readers' horizon.
            _raise_if_failed(connection, projection.name)
            time.sleep(0.02)


def _raise_if_failed(connection: Connection, name: str) -> None:
    row = connection.execute(FAILED, {"name": name}).fetchone()
    if row is None or row[0] is None:
        return
    if row[1] is None:
        raise Stopped(f"{name} could not be made anew for this version: {row[0]}")
    raise Stopped(f"{name} was stopped by the event at {row[1]}: {row[0]}")
