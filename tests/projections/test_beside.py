"""What is new or changed catches up beside the living tables, and nobody waits for it."""

import random
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import pytest
from eventsourcing.persistence import StoredEvent
from psycopg import Connection

from tests.projections.conftest import Log
from tests.projections.histories import Street, steps_of
from tests.projections.tallies import CREATE_TALLY, Choking, Tally
from tests.projections.test_folding import TALLIED, dispatched
from tests.waiting import until
from tracker.domain.whistle.triage import Classified
from tracker.eventstore.connections import connect
from tracker.eventstore.mapper import PlainMapper
from tracker.eventstore.migrations import adopt_next
from tracker.projections.board.board import Board
from tracker.projections.clocks import Clocks
from tracker.projections.engine.folding import Engine, Projection
from tracker.projections.engine.positions import NewerServes, positions
from tracker.projections.engine.projector import Projector
from tracker.projections.engine.rebuilding import rebuild, rebuild_together

NEXT_TALLY = """
    CREATE TABLE next.tally (
        whistle uuid PRIMARY KEY, events int NOT NULL, weight int NOT NULL CHECK (weight > 0)
    )
"""
ADD_WEIGHED = """
    INSERT INTO tally (whistle, events, weight) VALUES (%s, %s, 7)
    ON CONFLICT (whistle) DO UPDATE SET events = tally.events + EXCLUDED.events
"""


class NewTally(Tally):
    """The same figures by changed code."""

    version = 2


class WeighedTally(NewTally):
    """The next version, whose table has a column that the older version cannot fill."""

    def write(self, connection: Connection[Any], rows: Counter[UUID]) -> None:
        with connection.cursor() as cursor:
            cursor.executemany(ADD_WEIGHED, list(rows.items()))


def long_log(log: Log, first: int = 1, steps: int = 2000) -> int:
    """Some thousand events of a street; how many."""
    chance = random.Random(first)
    events = Street([n % 5 for n in range(60)], first=first).live(steps_of(chance, steps, 60))
    log.append(events)
    return len(events)


def standing(log: Log) -> dict[str, tuple[int, int]]:
    """Version and lag of each projection."""
    return {one.name: (one.version, one.lag) for one in positions(log.connection)}


def turn_until_idle(engine: Engine, connection: Connection[Any]) -> None:
    while engine.turn(connection):
        pass


def test_while_a_changed_projection_is_made_anew_the_other_folds_every_event_at_once(log: Log):
    log.connection.execute(CREATE_TALLY)
    appended = [long_log(log)]
    log.fold(Board(), Tally())
    engine = log.engine(Board(), NewTally())
    engine.start(log.connection)
    lags: list[int] = []

    def live_goes_on(_: int) -> None:
        if len(lags) < 8:
            appended.append(long_log(log, first=1000 * len(appended), steps=20))
            until(lambda: not engine.turn(log.connection) and standing(log)["board"][1] == 0)
            lags.append(standing(log)["tally"][1])

    assert engine.outdated(log.connection) == ["tally"]
    with connect(log.dsn, name="rebuild") as connection:
        rebuild(connection, NewTally(), PlainMapper(), progress=live_goes_on, at_once=300)
    until(lambda: not engine.turn(log.connection) and standing(log)["tally"][1] == 0)

    assert lags == sorted(lags) and lags[-1] > 0, "the living table stood still until the swap"
    assert standing(log) == {"board": (Board.version, 0), "tally": (2, 0)}
    assert log.value(TALLIED) == sum(appended)


def test_one_that_is_far_behind_costs_the_others_one_batch_and_not_its_whole_way(log: Log):
    log.connection.execute(CREATE_TALLY)
    choking = Choking(Classified)
    appended = long_log(log)
    log.fold(Board(), choking)
    choking.cured = True
    engine = log.engine(Board(), choking, batch=200)
    engine.start(log.connection)
    appended += long_log(log, first=1000, steps=1)

    until(lambda: engine.turn(log.connection) and standing(log)["board"][1] == 0)
    behind = standing(log)["choking"][1]
    until(lambda: not engine.turn(log.connection) and standing(log)["choking"][1] == 0)

    assert behind > 1000
    assert log.value(TALLIED) == appended


def test_a_rebuild_of_several_decodes_each_event_once(log: Log):
    log.connection.execute(CREATE_TALLY)
    appended = long_log(log)
    log.fold(Board(), Clocks(), Tally())
    mapper = CountingMapper()

    with connect(log.dsn, name="rebuild") as connection:
        found = rebuild_together(connection, [Board(), Clocks(), NewTally()], mapper, at_once=500)

    assert [(one.name, one.events) for one in found.done] == [
        ("board", appended),
        ("clocks", appended),
        ("tally", appended),
    ]
    assert (mapper.decoded, found.failed) == (appended, {})
    assert log.value(TALLIED) == appended


class CountingMapper(PlainMapper):
    decoded = 0

    def to_domain_event(self, stored_event: StoredEvent) -> Any:
        self.decoded += 1
        return super().to_domain_event(stored_event)


def test_what_cannot_be_folded_stops_one_of_several_and_the_living_one_serves(log: Log):
    log.connection.execute(CREATE_TALLY)
    events = dispatched()
    log.append(events)
    log.fold(Board(), Tally())
    choking = Choking(Classified)
    choking.name, choking.version = "tally", 2
    living = log.rows("tally")

    with connect(log.dsn, name="rebuild") as connection:
        found = rebuild_together(connection, [choking, Board()], PlainMapper())

    assert ([one.name for one in found.done], list(found.failed)) == (["board"], ["tally"])
    assert log.rows("tally") == living
    told = {one.name: one.stands_still for one in positions(log.connection)}
    assert "this one is too much" in str(told["tally"]) and told["board"] is None
    assert log.engine(Board(), choking).outdated(log.connection) == [], "it would fail again"
    log.engine(Board(), choking).start(log.connection)
    assert log.engine(Board(), choking).outdated(log.connection) == ["tally"]


@contextmanager
def projecting(log: Log, *projections: Projection) -> Iterator[Projector]:
    projector = Projector(log.dsn, projections, PlainMapper())
    thread = threading.Thread(target=projector.run)
    thread.start()
    try:
        yield projector
    finally:
        projector.stop()
        thread.join()


def test_a_projector_of_the_older_version_serves_until_the_swap_and_then_makes_way(log: Log):
    log.connection.execute(CREATE_TALLY)
    appended = [long_log(log)]
    log.connection.execute(NEXT_TALLY)
    looks: list[int] = []

    def older_keeps_up(_: int) -> None:
        if len(looks) < 5:
            appended.append(long_log(log, first=1000 * len(appended), steps=20))
            until(lambda: standing(log)["tally"] == (1, 0))
            looks.append(log.value(TALLIED))

    with projecting(log, Board(), Tally()):
        until(lambda: standing(log).get("tally") == (1, 0))
        with connect(log.dsn, name="rebuild") as connection:
            rebuild(connection, WeighedTally(), PlainMapper(), progress=older_keeps_up, at_once=300)
        with projecting(log, Board(), WeighedTally()):
            appended.append(long_log(log, first=90_000, steps=20))
            until(lambda: standing(log) == {"board": (Board.version, 0), "tally": (2, 0)})

    assert len(looks) == 5
    assert log.value(TALLIED) == sum(appended)
    assert log.value("SELECT array_agg(DISTINCT weight) FROM tally") == [7]
    assert log.value("SELECT to_regclass('next.tally')") is None


def test_an_older_version_neither_folds_nor_makes_anew_what_a_newer_one_folds(log: Log):
    log.connection.execute(CREATE_TALLY)
    log.append(dispatched())
    log.fold(NewTally())
    living = log.rows("tally")

    with pytest.raises(NewerServes, match="tally"):
        log.engine(Tally()).turn(log.connection)
    with connect(log.dsn, name="rebuild") as connection, pytest.raises(NewerServes):
        rebuild(connection, Tally(), PlainMapper())

    assert log.rows("tally") == living


def test_in_a_new_database_the_next_table_stands_in_its_place_at_once(log: Log):
    log.connection.execute(CREATE_TALLY)
    log.connection.execute(NEXT_TALLY)

    adopt_next(log.connection)
    log.append(dispatched())
    log.fold(WeighedTally())

    assert log.value("SELECT min(weight) FROM tally") == 7
    assert log.value("SELECT to_regclass('next.tally')") is None
