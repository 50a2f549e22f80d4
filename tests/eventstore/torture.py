"""What the log must stand: many writers that dawdle, collide and give up, and readers at its tail.

Writers in several processes append to aggregates of their own and to a few that all want; some take
their transaction's id early, sleep before and after the append, and one in ten rolls back. Each
keeps a ledger of what was committed. Readers in other processes tail the log meanwhile and keep
what they saw. In the end every reader's list must be the ledger: nothing skipped, nothing twice,
nothing out of order. Two readers that are known to be wrong run beside them, to show that this
harness would notice.
"""

import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.queues import Queue
from multiprocessing.synchronize import Event
from typing import Any
from uuid import UUID, uuid4, uuid5

import psycopg
from eventsourcing.persistence import IntegrityError, StoredEvent
from psycopg import Connection

from tests.eventstore.factories import recorder_on
from tests.waiting import PATIENCE, until
from tracker.eventstore import appending
from tracker.eventstore.appending import Append
from tracker.eventstore.connections import connect
from tracker.eventstore.recorder import ShaodaoRecorder

PROCESSES, THREADS = 2, 8
HOT = [uuid5(UUID(int=0), f"hot {n}") for n in range(5)]
LONGEST_NAP = 0.03
ENOUGH = 1_500

Ledger = list[tuple[int, UUID, int]]  # position, aggregate, version


@dataclass(frozen=True)
class Outcome:
    """The ledger in order of position, what each reader saw in its order, and lost races."""

    ledger: Ledger
    seen: dict[str, list[int]]
    conflicts: int
    rollbacks: int

    @property
    def positions(self) -> list[int]:
        return [position for position, _, _ in self.ledger]


def torture(dsn: str, seconds: float, seed: int) -> Outcome:
    """Let writers and readers at an empty, migrated log for so many seconds, and longer where the
    machine is too busy for ENOUGH events in that time."""
    with connect(dsn, name="torture") as connection:
        connection.execute(NUMBER_BY_SEQUENCE)
    spawn = get_context("spawn")
    stop, finished, ledgers, sights = spawn.Event(), spawn.Event(), spawn.Queue(), spawn.Queue()
    writers = [
        spawn.Process(target=write, args=(dsn, seed * 100 + n, stop, ledgers), daemon=True)
        for n in range(PROCESSES)
    ]
    readers = [
        spawn.Process(target=read, args=(dsn, name, finished, sights), daemon=True)
        for name in READERS
    ]
    for process in (*readers, *writers):
        process.start()
    time.sleep(seconds)
    with connect(dsn, name="torture") as connection:
        until(lambda: events_in(connection) >= ENOUGH, lambda: f"only {events_in(connection)}")
    stop.set()
    written = [ledgers.get(timeout=PATIENCE) for _ in writers]
    finished.set()
    seen = dict(sights.get(timeout=PATIENCE) for _ in readers)
    for process in (*readers, *writers):
        process.join(timeout=PATIENCE)
    return Outcome(
        ledger=sorted(entry for ledger, _, _ in written for entry in ledger),
        seen=seen,
        conflicts=sum(conflicts for _, conflicts, _ in written),
        rollbacks=sum(rollbacks for _, _, rollbacks in written),
    )


def events_in(connection: Connection[Any]) -> int:
    row = connection.execute("SELECT count(*) FROM stored_events").fetchone()
    assert row is not None
    return int(row[0])


# --- writers ---------------------------------------------------------------------------------


class GaveUp(Exception):
    """A writer changed its mind inside its transaction."""


@dataclass
class Writer:
    """One thread's worth of trouble."""

    recorder: ShaodaoRecorder
    connection: Connection[Any]
    dice: random.Random
    ledger: Ledger
    conflicts: int = 0
    rollbacks: int = 0

    def work(self, stop: Event) -> None:
        trouble = [self.plain, self.plain, self.popular, self.slow, self.slow, self.early]
        while not stop.is_set():
            try:
                self.note(*self.dice.choice(trouble)())
            except (IntegrityError, psycopg.errors.UniqueViolation):
                self.conflicts += 1
            except GaveUp:
                self.rollbacks += 1

    def note(self, events: list[StoredEvent], positions: list[int]) -> None:
        for event, position in zip(events, positions, strict=True):
            self.ledger.append((position, UUID(str(event.originator_id)), event.originator_version))

    def plain(self) -> tuple[list[StoredEvent], list[int]]:
        events = stream(uuid4(), 1, self.dice.randint(1, 3))
        return events, self.recorder.insert_events(events)

    def popular(self) -> tuple[list[StoredEvent], list[int]]:
        events = self.next_of_a_hot_one()
        return events, self.recorder.insert_events(events)

    def slow(self) -> tuple[list[StoredEvent], list[int]]:
        events = stream(uuid4(), 1, 1)
        if self.dice.random() < 0.3:
            events = self.next_of_a_hot_one()
        with self.connection.transaction():
            positions = appending.append(self.connection, Append(events))
            self.nap()
            self.perhaps_give_up()
        return events, positions

    def early(self) -> tuple[list[StoredEvent], list[int]]:
        # Its id is drawn long before its event is there: only for aggregates of its own, as one
        # who decides does so before his transaction begins.
        events = stream(uuid4(), 1, 2)
        with self.connection.transaction():
            self.connection.execute("SELECT pg_current_xact_id()")
            self.nap()
            positions = appending.append(self.connection, Append(events))
            self.nap()
            self.perhaps_give_up()
        return events, positions

    def next_of_a_hot_one(self) -> list[StoredEvent]:
        hot = self.dice.choice(HOT)
        last = self.recorder.select_events(hot, desc=True, limit=1)
        return stream(hot, last[0].originator_version + 1 if last else 1, 1)

    def nap(self) -> None:
        time.sleep(self.dice.random() * LONGEST_NAP)

    def perhaps_give_up(self) -> None:
        if self.dice.random() < 0.1:
            raise GaveUp


def stream(aggregate: UUID, first: int, count: int) -> list[StoredEvent]:
    versions = range(first, first + count)
    return [StoredEvent(aggregate, version, "whistle.tortured", b"{}") for version in versions]


def write(dsn: str, seed: int, stop: Event, ledgers: "Queue[tuple[Ledger, int, int]]") -> None:
    with recorder_on(dsn) as recorder:
        writers = [
            Writer(recorder, connect(dsn, name="torture"), random.Random(f"{seed} {n}"), [])
            for n in range(THREADS)
        ]
        threads = [threading.Thread(target=writer.work, args=(stop,)) for writer in writers]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    ledger = [entry for writer in writers for entry in writer.ledger]
    conflicts = sum(writer.conflicts for writer in writers)
    ledgers.put((ledger, conflicts, sum(writer.rollbacks for writer in writers)))


# --- readers ---------------------------------------------------------------------------------


def read(dsn: str, name: str, finished: Event, sights: "Queue[tuple[str, list[int]]]") -> None:
    with recorder_on(dsn) as recorder:
        sights.put((name, READERS[name](recorder, finished)))


def polling(recorder: ShaodaoRecorder, finished: Event) -> list[int]:
    """As the projector reads."""
    seen: list[int] = []
    with recorder.listener() as listener:
        while True:
            all_written = finished.is_set()
            new = recorder.read(seen[-1] if seen else 0, limit=100)
            seen += [notification.id for notification in new]
            if all_written and not new and is_at_the_end(recorder):
                return seen
            if not new:
                listener.wait()


def is_at_the_end(recorder: ShaodaoRecorder) -> bool:
    """All that was written is below the horizon; vacuum may hold it back for a moment."""
    with recorder.pool.connection() as connection:
        row = connection.execute("SELECT coalesce(max(position), 0) FROM stored_events").fetchone()
    assert row is not None
    return int(row[0]) < recorder.horizon()


WITHOUT_HORIZON = """
    SELECT position AS place, position
      FROM stored_events WHERE position > %(after)s ORDER BY position LIMIT 100
"""

# What many an outbox does: a sequence for the order, the transaction's id only as a filter.
NUMBER_BY_SEQUENCE = """
    CREATE TABLE by_sequence (
        place bigserial PRIMARY KEY, position bigint, transaction xid8 DEFAULT pg_current_xact_id()
    );
    CREATE FUNCTION number_by_sequence() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            INSERT INTO by_sequence (position) VALUES (NEW.position);
            RETURN NULL;
        END
    $$;
    CREATE TRIGGER number_by_sequence AFTER INSERT ON stored_events
        FOR EACH ROW EXECUTE FUNCTION number_by_sequence();
"""

ORDERED_BY_SEQUENCE = """
    SELECT place, position
      FROM by_sequence
     WHERE place > %(after)s AND transaction < pg_snapshot_xmin(pg_current_snapshot())
     ORDER BY place LIMIT 100
"""


def wrongly(statement: str) -> Callable[[ShaodaoRecorder, Event], list[int]]:
    def tail(recorder: ShaodaoRecorder, finished: Event) -> list[int]:
        seen: list[int] = []
        place = 0
        with recorder.pool.connection() as connection:
            while True:
                all_written = finished.is_set() and is_at_the_end(recorder)
                rows = connection.execute(statement, {"after": place}).fetchall()
                seen += [position for _, position in rows]
                place = rows[-1][0] if rows else place
                if all_written and not rows:
                    return seen
                if not rows:
                    time.sleep(0.005)

    return tail


READERS: dict[str, Callable[[ShaodaoRecorder, Event], list[int]]] = {
    "polling": polling,
    "wrong: without horizon": wrongly(WITHOUT_HORIZON),
    "wrong: ordered by sequence": wrongly(ORDERED_BY_SEQUENCE),
}
