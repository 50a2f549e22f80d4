"""A projection that would show any event folded twice or not at all: it counts them."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from psycopg import Connection

from tracker.projections.engine.reader import Recorded
from tracker.projections.engine.tables import Table

CREATE_TALLY = "CREATE TABLE tally (whistle uuid PRIMARY KEY, events int NOT NULL)"
ADD = """
    INSERT INTO tally (whistle, events) VALUES (%s, %s)
    ON CONFLICT (whistle) DO UPDATE SET events = tally.events + EXCLUDED.events
"""


@dataclass(slots=True)
class TallyRow:
    whistle: UUID
    events: int


class Tally:
    """How many events each whistle has: adding, so that nothing hides a second folding."""

    name = "tally"
    version = 1
    topics = "whistle."
    tables = (Table("tally", TallyRow, key=("whistle",), owner="whistle"),)

    def load(self, connection: Connection[Any], events: Sequence[Recorded]) -> Counter[UUID]:
        return Counter()

    def fold(self, rows: Counter[UUID], recorded: Recorded) -> None:
        rows[recorded.event.originator_id] += 1

    def write(self, connection: Connection[Any], rows: Counter[UUID]) -> None:
        with connection.cursor() as cursor:
            cursor.executemany(ADD, list(rows.items()))


class Choking(Tally):
    """Cannot take events of one class, until `cured`."""

    name = "choking"

    def __init__(self, poison: type) -> None:
        self.poison = poison
        self.cured = False

    def fold(self, rows: Counter[UUID], recorded: Recorded) -> None:
        if isinstance(recorded.event, self.poison) and not self.cured:
            raise ValueError("this one is too much")
        super().fold(rows, recorded)


class Unwritable(Tally):
    """Folds everything, but PostgreSQL refuses the row of one event."""

    name = "unwritable"

    def __init__(self, poison: type) -> None:
        self.poison = poison

    def fold(self, rows: Counter[UUID], recorded: Recorded) -> None:
        super().fold(rows, recorded)
        if isinstance(recorded.event, self.poison):
            rows[recorded.event.originator_id] = 2**40  # more than an int holds
