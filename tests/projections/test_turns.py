"""Of several projections, none waits for the slower ones behind it."""

from collections.abc import Sequence
from typing import Any

from psycopg import Connection

from tests.projections.conftest import Log
from tests.projections.test_folding import dispatched
from tracker.eventstore.connections import connect
from tracker.projections.board.board import Board
from tracker.projections.engine.positions import wait_for
from tracker.projections.engine.reader import Recorded
from tracker.projections.engine.tables import Table


class Onlooker:
    """A slow projection that looks, as a reader would, at what the others have by now."""

    name = "onlooker"
    version = 1
    topics = "whistle."
    tables: Sequence[Table[Any]] = ()

    def __init__(self, dsn: str, awaited: int) -> None:
        self.dsn, self.awaited = dsn, awaited
        self.saw_the_board: list[bool] = []

    def load(self, connection: Connection[Any], events: Sequence[Recorded]) -> None:
        return None

    def fold(self, rows: None, recorded: Recorded) -> None:
        return None

    def write(self, connection: Connection[Any], rows: None) -> None:
        with connect(self.dsn, name="test") as own:
            self.saw_the_board.append(wait_for(own, "board", self.awaited, timeout=0))


def test_the_board_is_read_while_a_slower_projection_still_folds(log: Log):
    end = log.append(dispatched())
    onlooker = Onlooker(log.dsn, end)

    log.fold(Board(), onlooker)

    assert onlooker.saw_the_board == [True]
