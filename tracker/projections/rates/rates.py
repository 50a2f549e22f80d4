"""Rates: counts by (day under which a fact counts, day on which it became known), and why.

After each event a whistle's places in the cohorts are found anew (`rates_placing.py`); what changed
is recorded with the event's time and its position. Nothing is ever rewritten: a late fact, a void,
a correction takes a place away from the moment at which it became known, and an older moment is
still answered as it stood. Sums: `rates_writing.py`. The questions: `rates_reading.py`,
`rates_why.py`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

import msgspec
from psycopg import Connection

from tracker.domain.whistle.events import Event
from tracker.domain.whistle.raising import Raised
from tracker.projections.engine.reader import Recorded
from tracker.projections.engine.tables import Table
from tracker.projections.rates.calendar import Calendars
from tracker.projections.rates.life import Life, change, opened
from tracker.projections.rates.placing import Key, Placing, places
from tracker.projections.rates.writing import copy, sum_up, write


class Placed(msgspec.Struct, array_like=True):
    """A placing and the event that put it there."""

    cohort: str
    item: int
    position: int
    known_at: datetime
    placing: Placing


class Memory(msgspec.Struct, array_like=True):
    life: Life
    placed: list[Placed]


@dataclass(slots=True)
class Remembered:
    """A row of rates_whistles."""

    whistle: UUID
    number: str
    memory: bytes


@dataclass
class Followed:
    """A whistle during a batch."""

    life: Life
    placed: dict[Key, Placed]


class Fact(NamedTuple):
    """A placing, and its end if the batch has seen that. `new`: it is not stored yet."""

    whistle: UUID
    placed: Placed
    ended_position: int | None = None
    ended_at: datetime | None = None
    new: bool = True


@dataclass
class Batch:
    """What a batch knows and what it changes."""

    calendars: Calendars
    whistles: dict[UUID, Followed]
    begins_at: int  # position of the first event: what was placed before it is stored already
    ended: list[Fact] = field(default_factory=list)


# Served by the primary key.
MEMORIES = "SELECT whistle, memory FROM rates_whistles WHERE whistle = ANY(%s)"

DECODER = msgspec.msgpack.Decoder(Memory)
ENCODER = msgspec.msgpack.Encoder()


@dataclass(slots=True)
class DayRow:
    """A row of rates_days."""

    scope: str
    counted_day: date
    cohort: str
    known_day: date


class Rates:
    """Every whistle's part in every figure."""

    name = "rates"
    topics = "whistle."
    tables = (
        Table("rates_whistles", Remembered, key=("whistle",), owner="whistle"),
        Table("rates_facts", Remembered, key=("whistle", "position"), owner="whistle"),
        Table("rates_days", DayRow, key=("scope",), owner="scope"),
        Table("rates_months", DayRow, key=("scope",), owner="scope"),
        Table("rates_spreads", DayRow, key=("scope",), owner="scope"),
        Table("rates_values", DayRow, key=("scope",), owner="scope"),
        Table("rates_stock", DayRow, key=("scope",), owner="scope"),
        Table("rates_touched", DayRow, key=("counted_day",), owner="counted_day"),
    )

    def load(self, connection: Connection[Any], events: Sequence[Recorded]) -> Batch:
        ids = {r.event.originator_id for r in events if r.event is not None}
        with connection.cursor(binary=True) as cursor:
            found = cursor.execute(MEMORIES, [list(ids)]).fetchall()
        whistles = {whistle: _recalled(memory) for whistle, memory in found}
        calendars = Calendars.before(connection, events[-1].position)
        return Batch(calendars, whistles, events[0].position)

    def fold(self, rows: Batch, recorded: Recorded) -> None:
        event: Event = recorded.event
        if isinstance(event, Raised):
            rows.whistles[event.originator_id] = Followed(opened(event), {})
        followed = rows.whistles[event.originator_id]
        if change(followed.life, event, rows.calendars.at(recorded.position)):
            _replace(rows, followed, recorded.position, event.timestamp)

    def write(self, connection: Connection[Any], rows: Batch) -> None:
        write(connection, _memories(rows), _facts(rows))

    def write_unsummed(self, connection: Connection[Any], rows: Batch) -> None:
        copy(connection, _memories(rows), _facts(rows))

    def sum_up(self, connection: Connection[Any]) -> None:
        sum_up(connection)


def _replace(rows: Batch, followed: Followed, position: int, at: datetime) -> None:
    """Where it counts now against where it counted: what ended, and what began."""
    now, before = places(followed.life), followed.placed
    for key, old in list(before.items()):
        if now.get(key) != old.placing:
            new = old.position >= rows.begins_at
            rows.ended.append(Fact(followed.life.whistle, old, position, at, new))
            del before[key]
    for key, placing in now.items():
        if key not in before:
            cohort, item = key
            before[key] = Placed(cohort, item, position, at, placing)


def _facts(rows: Batch) -> list[Fact]:
    """What ended and what began; a fact of one batch alone is told once, with its end."""
    begun = [
        Fact(whistle, placed)
        for whistle, followed in rows.whistles.items()
        for placed in followed.placed.values()
        if placed.position >= rows.begins_at
    ]
    return [*rows.ended, *begun]


def _memories(rows: Batch) -> list[tuple[UUID, str, bytes]]:
    return [
        (whistle, followed.life.number, ENCODER.encode(_memory(followed)))
        for whistle, followed in rows.whistles.items()
    ]


def _recalled(memory: bytes) -> Followed:
    found = DECODER.decode(memory)
    return Followed(found.life, {(p.cohort, p.item): p for p in found.placed})


def _memory(followed: Followed) -> Memory:
    return Memory(followed.life, list(followed.placed.values()))
