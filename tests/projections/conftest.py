"""A log to fold: events go in as the application stores them, projections read them out again."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import pytest
from eventsourcing.utils import Environment
from psycopg import Connection
from psycopg.sql import SQL, Identifier

from tests.projections.histories import stored
from tracker.domain.whistle.events import Event
from tracker.eventstore.connections import connect
from tracker.eventstore.contents import Content
from tracker.eventstore.mapper import PlainMapper
from tracker.eventstore.recorder import Factory, library_env
from tracker.projections.board.board import Board
from tracker.projections.clocks import Clocks
from tracker.projections.engine.folding import Engine, Projection
from tracker.projections.story.timeline import Timeline

HERE = (Board(), Clocks(), Timeline())

BEHIND = """
    SELECT EXISTS (SELECT FROM projection_positions
                    WHERE failed_at_position IS NULL
                      AND position < (SELECT max(position) FROM stored_events))
"""


class Log:
    """One database: its log, its projections, and a connection to look at them."""

    def __init__(self, dsn: str) -> None:
        self.dsn = dsn
        self.factory = Factory(Environment(env=library_env(dsn, name="test", pool_size=4)))
        self.recorder = self.factory.application_recorder()
        self.connection: Connection[Any] = connect(dsn, name="test")

    def append(self, events: Iterable[Event], words: Sequence[Content] = ()) -> int:
        """Store events; the position of the last one."""
        return self.recorder.insert_events(stored(events), contents=words)[-1]

    def engine(self, *projections: Projection, batch: int = 2000) -> Engine:
        return Engine(projections or HERE, PlainMapper(), batch=batch)

    def fold(self, *projections: Projection, batch: int = 2000) -> None:
        """Bring the projections up to date, as the projector does.

        The newest events may be above the horizon still: any transaction on the server, such as
        autovacuum's, holds it back for a moment.
        """
        engine = self.engine(*projections, batch=batch)
        engine.start(self.connection)
        while engine.turn(self.connection) or self.value(BEHIND):
            pass

    def rows(self, table: str) -> list[tuple[Any, ...]]:
        """The whole table, in one order."""
        statement = SQL("SELECT * FROM {} ORDER BY 1, 2").format(Identifier(table))
        return self.connection.execute(statement).fetchall()

    def value(self, statement: str, *asked: Any) -> Any:
        row = self.connection.execute(statement, asked).fetchone()
        return row[0] if row else None

    def clear(self) -> None:
        self.connection.execute(
            "TRUNCATE stored_events, contents, projection_positions, board, clocks, timeline"
        )

    def close(self) -> None:
        self.connection.close()
        self.factory.close()
        self.recorder.pool.close()


@pytest.fixture
def log(database: str) -> Iterator[Log]:
    log = Log(database)
    yield log
    log.close()


@pytest.fixture(scope="module")
def module_log(module_database: str) -> Iterator[Log]:
    log = Log(module_database)
    yield log
    log.close()
