"""The projection of the rates: where each whistle counts, since when that is known, and why.

After each event a whistle's places in the cohorts are found anew (`placing.py`) from what is
remembered of it (`life.py`, `fold.py`). What changed is a fact, with the event's time and position.
No fact is rewritten: a late event, a void or a correction ends a fact at the moment at which it
became known, and an older moment is still answered as it was. Writing, and the sums: `writing.py`.
Reading, for everybody outside this folder: `answer.py`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

import msgspec

from tracker.domain.whistle.events import Event
from tracker.domain.whistle.raising import Raised
from tracker.eventstore.connections import Connection
from tracker.projections.engine.reader import Recorded
from tracker.projections.rates.calendar import Calendars
from tracker.projections.rates.fold import change, opened
from tracker.projections.rates.life import Life
from tracker.projections.rates.placing import Key, places
from tracker.projections.rates.rows import TABLES, Fact, Placed
from tracker.projections.rates.writing import copy, sum_up, write


class Memory(msgspec.Struct, array_like=True):
    """What is stored of a whistle between batches, as MessagePack."""

    life: Life
    placed: list[Placed]


@dataclass
class Followed:
    """A whistle during a batch: what is remembered, and where it counts."""

    life: Life
    placed: dict[Key, Placed]


@dataclass
class Batch:
    """What `load` brought for a batch, and what `fold` has changed."""

    calendars: Calendars
    whistles: dict[UUID, Followed]
    begins_at: int  # position of its first event: facts of earlier positions are stored already
    ended: list[Fact] = field(default_factory=list)


# Served by the primary key.
MEMORIES = "SELECT whistle, memory FROM rates_whistles WHERE whistle = ANY(%s)"

DECODER = msgspec.msgpack.Decoder(Memory)
ENCODER = msgspec.msgpack.Encoder()


class Rates:
    """See the head of this file."""

    name = "rates"
    version = 5  # a due that waits for the reporter counts afterwards
    topics = "whistle."
    tables = TABLES

    def load(self, connection: Connection, events: Sequence[Recorded]) -> Batch:
        ids = {r.event.originator_id for r in events if r.event is not None}
        with connection.cursor(binary=True) as cursor:
            found = cursor.execute(MEMORIES, [list(ids)]).fetchall()
        whistles = {whistle: _followed(memory) for whistle, memory in found}
        calendars = Calendars.before(connection, events[-1].position)
        return Batch(calendars, whistles, events[0].position)

    def fold(self, rows: Batch, recorded: Recorded) -> None:
        event: Event = recorded.event
        if isinstance(event, Raised):
            rows.whistles[event.originator_id] = Followed(opened(event), {})
        followed = rows.whistles[event.originator_id]
        if change(followed.life, event, rows.calendars.at(recorded.position)):
            _replace(rows, followed, recorded.position, event.timestamp)

    def write(self, connection: Connection, rows: Batch) -> None:
        write(connection, _memories(rows), _facts(rows))

    def write_unsummed(self, connection: Connection, rows: Batch) -> None:
        copy(connection, _memories(rows), _facts(rows))

    def sum_up(self, connection: Connection) -> None:
        sum_up(connection)


def _replace(rows: Batch, followed: Followed, position: int, at: datetime) -> None:
    """Compare where it counts now with where it counted: end the old facts, begin the new.

    What a wrong clock has dated later than this ends at its own moment: no fact ends before it
    begins.
    """
    now, before = places(followed.life), followed.placed
    since: dict[Key, datetime] = {}
    for key, old in list(before.items()):
        if now.get(key) != old.placing:
            new = old.position >= rows.begins_at
            since[key] = max(at, old.known_at)
            rows.ended.append(Fact(followed.life.whistle, old, position, since[key], new))
            del before[key]
    for key, placing in now.items():
        if key not in before:
            cohort, item = key
            before[key] = Placed(cohort, item, position, since.get(key, at), placing)


def _facts(rows: Batch) -> list[Fact]:
    """What ended and what began; what began and ended within the batch is in it once."""
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


def _followed(memory: bytes) -> Followed:
    found = DECODER.decode(memory)
    return Followed(found.life, {(p.cohort, p.item): p for p in found.placed})


def _memory(followed: Followed) -> Memory:
    return Memory(followed.life, list(followed.placed.values()))
