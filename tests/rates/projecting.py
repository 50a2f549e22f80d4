"""Rates and steps, folded together in a test."""

import psycopg

from tracker.eventstore.mapper import PlainMapper
from tracker.projections.engine.folding import Engine
from tracker.projections.rates.rates import Rates
from tracker.projections.steps.steps import Steps

BEHIND = """
    SELECT EXISTS (SELECT FROM projection_positions
                    WHERE position < (SELECT max(position) FROM stored_events))
"""
FAILED = "SELECT error FROM projection_positions WHERE error IS NOT NULL"


def project(connection: psycopg.Connection, batch: int = 2_000) -> None:
    """Fold all that is in the log; the newest may be above the horizon for a moment."""
    engine = Engine([Rates(), Steps()], PlainMapper(), batch=batch)
    engine.start(connection)
    while engine.turn(connection) or connection.execute(BEHIND).fetchone() == (True,):
        assert connection.execute(FAILED).fetchall() == []
