"""Bring a projection to the end of the log: wait for the projector, or fold here if none runs."""

import time

from tracker.eventstore.connections import Connection
from tracker.eventstore.mapper import PlainMapper
from tracker.projections.engine.folding import BATCH, Engine, Projection
from tracker.projections.engine.leadership import try_to_lead
from tracker.projections.engine.log_moments import LogMoments
from tracker.projections.engine.positions import wait_for
from tracker.projections.engine.projector import LEADERSHIP

LOOK_EVERY = 0.5  # seconds between two attempts to lead, in case the projector died


class Stopped(Exception):
    """An event that cannot be folded stopped the projection; the message says which."""


# Served by the primary key.
FAILED = "SELECT failed_at_position, error FROM projection_positions WHERE name = %(name)s"


def catch_up(connection: Connection, projection: Projection) -> int:
    """Bring it to the present end of the log and return that position. Raises Stopped.

    Use a separate connection: if this call had to lead, no projector can lead until it closes.
    """
    goal = LogMoments(connection).newest()
    while not wait_for(connection, projection.name, goal, timeout=0):
        if try_to_lead(connection, LEADERSHIP):
            _fold(connection, projection, goal)
        else:
            wait_for(connection, projection.name, goal, timeout=LOOK_EVERY)
        _raise_if_failed(connection, projection.name)
    return goal


def _fold(connection: Connection, projection: Projection, goal: int) -> None:
    engine = Engine([projection], PlainMapper(), batch=BATCH)
    engine.start(connection)
    while not wait_for(connection, projection.name, goal, timeout=0):
        if not engine.turn(connection):
            # While a transaction still writes, the end of the log is above the readers' horizon.
            _raise_if_failed(connection, projection.name)
            time.sleep(0.02)


def _raise_if_failed(connection: Connection, name: str) -> None:
    row = connection.execute(FAILED, {"name": name}).fetchone()
    if row is not None and row[0] is not None:
        raise Stopped(f"{name} was stopped by the event at {row[0]}: {row[1]}")
