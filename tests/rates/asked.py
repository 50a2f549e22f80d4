"""Figures of a city in a test: fold what is in the log, then ask as people do."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import psycopg

from tests.made_of import ZONE
from tracker.commands.tracker import Tracker
from tracker.directory import Directory
from tracker.eventstore.mapper import PlainMapper
from tracker.imports.command import import_file
from tracker.metrics.asking import ask
from tracker.projections.engine.folding import Engine
from tracker.projections.engine.log_moments import LogMoments
from tracker.projections.rates.answer import rates
from tracker.projections.rates.rates import Rates

NOW = datetime(2026, 11, 23, 12, tzinfo=ZONE)
YEARS_LATER = datetime(2030, 1, 1, tzinfo=ZONE)  # random whistles may live for long


FAILED = "SELECT error FROM projection_positions WHERE name = 'rates'"
BEHIND = """
    SELECT EXISTS (SELECT FROM projection_positions
                    WHERE name = 'rates' AND position < (SELECT max(position) FROM stored_events))
"""


def project(connection: psycopg.Connection, batch: int = 2_000) -> None:
    """Fold all that is in the log; the newest may be above the horizon for a moment."""
    engine = Engine([Rates()], PlainMapper(), batch=batch)
    engine.start(connection)
    while engine.turn(connection) or connection.execute(BEHIND).fetchone() == (True,):
        assert connection.execute(FAILED).fetchone() == (None,)


def answer(
    connection: psycopg.Connection,
    city: Directory,
    scope: str,
    from_: str,
    to: str,
    as_of: str | None = None,
    by: str | None = None,
    now: datetime = NOW,
) -> dict[str, Any]:
    question = ask(
        city, LogMoments(connection), now, scope=scope, from_=from_, to=to, as_of=as_of, by=by
    )
    return rates(connection, question)


def imported(tracker: Tracker, facts: list[dict[str, Any]], folder: Path) -> None:
    """Through the importer, one fact a line."""
    file = folder / "facts.jsonl"
    file.write_text("".join(json.dumps(fact, ensure_ascii=False) + "\n" for fact in facts))
    done = import_file(tracker, file, now=YEARS_LATER)
    assert done.bad == []
