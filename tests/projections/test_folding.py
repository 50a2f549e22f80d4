"""Exactly once, whatever dies; and what cannot be folded stops its own projection alone."""

import os
import random
import signal
import subprocess
import sys
import threading

from eventsourcing.persistence import StoredEvent

from tests.domain.whistles import whistle_id
from tests.projections.conftest import Log
from tests.projections.histories import Step, Street, steps_of
from tests.projections.tallies import CREATE_TALLY, Choking, Tally, Unwritable
from tests.waiting import PATIENCE, until
from tracker.domain.whistle.events import Event
from tracker.domain.whistle.sending import Dispatched
from tracker.domain.whistle.triage import Classified
from tracker.eventstore.connections import connect
from tracker.projections.board.board import Board
from tracker.projections.engine.positions import positions, wait_for

TALLIED = "SELECT coalesce(sum(events), 0)::int FROM tally"


def a_week(whistles: int = 3, steps: int = 60, first: int = 1) -> list[Event]:
    chance = random.Random(first)
    return Street(range(whistles), first=first).live(steps_of(chance, steps, whistles))


def dispatched() -> list[Event]:
    """One whistle, classified and then dispatched."""
    street = Street([0])
    for command in ("classify", "dispatch"):
        may = street._open(street.whistles[0])
        street.live([Step(0, 5, [name for name, _ in may].index(command), 0)])
    return street.events


def test_a_new_projection_begins_at_the_beginning_of_the_log(log: Log):
    events = a_week()
    end = log.append(events)

    log.fold()

    assert [(one.name, one.position, one.lag) for one in positions(log.connection)] == [
        ("board", end, 0),
        ("clocks", end, 0),
        ("timeline", end, 0),
    ]
    assert len(log.rows("timeline")) == len(events)


def test_a_poisonous_event_stops_its_projection_alone_and_says_where(log: Log):
    log.connection.execute(CREATE_TALLY)
    events = dispatched()
    end = log.append(events)
    poison = next(n for n, event in enumerate(events) if isinstance(event, Classified))

    log.fold(Board(), Choking(Classified))

    board, choking = positions(log.connection)
    assert (board.position, board.failed_at, board.error) == (end, None, None)
    assert choking.position == end - (len(events) - poison)
    assert choking.failed_at == choking.position + 1
    assert choking.error == "ValueError('this one is too much')"
    assert log.value(TALLIED) == poison


def test_a_projection_that_stopped_goes_on_at_the_next_start_without_a_gap(log: Log):
    log.connection.execute(CREATE_TALLY)
    choking = Choking(Classified)
    events = dispatched()
    log.append(events)
    log.fold(choking)

    choking.cured = True
    log.fold(choking)

    assert log.value(TALLIED) == len(events)
    assert positions(log.connection)[0].failed_at is None


def test_the_event_whose_row_postgresql_refuses_is_found_among_many(log: Log):
    log.connection.execute(CREATE_TALLY)
    events = a_week()
    poison = next(n for n, event in enumerate(events) if isinstance(event, Dispatched))
    end = log.append(events)

    log.fold(Unwritable(Dispatched))

    (unwritable,) = positions(log.connection)
    assert unwritable.failed_at == end - (len(events) - 1 - poison)
    assert log.value(TALLIED) == poison


def test_an_event_of_a_class_that_nobody_knows_stops_only_those_who_want_it(log: Log):
    stranger = StoredEvent(whistle_id("W-260302-000001"), 1, "whistle.from_the_future", b"{}")
    (position,) = log.recorder.insert_events([stranger])
    deaf = Choking(Classified)
    deaf.topics = "city."

    log.fold(Board(), deaf)

    board, other = positions(log.connection)
    assert (board.failed_at, other.failed_at) == (position, None)
    assert "whistle.from_the_future" in str(board.error)


def test_two_engines_at_once_fold_every_event_once(log: Log):
    log.connection.execute(CREATE_TALLY)
    events = a_week(steps=150)
    log.append(events)

    def fold() -> None:
        with connect(log.dsn, name="rival") as connection:
            engine = log.engine(Tally(), batch=7)
            engine.start(connection)
            while engine.turn(connection):
                pass

    rivals = [threading.Thread(target=fold) for _ in range(3)]
    for rival in rivals:
        rival.start()
    for rival in rivals:
        rival.join()

    assert log.value(TALLIED) == len(events)


PROJECTOR = """
import sys
import tracker.domain.whistle.whistle
from tests.projections.tallies import Tally
from tracker.eventstore.mapper import PlainMapper
from tracker.projections.board.board import Board
from tracker.projections.engine.projector import Projector
Projector(sys.argv[1], [Tally(), Board()], PlainMapper(), batch=5).run()
"""


def test_a_projector_killed_again_and_again_folds_every_event_once(log: Log):
    log.connection.execute(CREATE_TALLY)
    appended = 0
    chance = random.Random(1)

    for turn in range(6):
        projector = subprocess.Popen([sys.executable, "-c", PROJECTOR, log.dsn])
        before = appended
        for part in range(4):
            events = a_week(first=1000 * turn + 10 * part + 1)
            end = log.append(events)
            appended += len(events)
        so_far = chance.randint(before + 1, appended)
        until(
            lambda so_far=so_far: log.value(TALLIED) >= so_far,
            lambda so_far=so_far: f"{log.value(TALLIED)} folded, not {so_far}",
        )
        os.kill(projector.pid, signal.SIGKILL)
        projector.wait()
    last = subprocess.Popen([sys.executable, "-c", PROJECTOR, log.dsn])
    caught_up = wait_for(log.connection, "tally", end, timeout=PATIENCE)
    last.terminate()
    last.wait()

    assert caught_up
    assert log.value(TALLIED) == appended
    assert log.value("SELECT count(*)::int FROM board") == 6 * 4 * 3


def test_a_reader_waits_for_his_own_write_and_no_longer(log: Log):
    end = log.append(a_week())
    log.fold()

    assert wait_for(log.connection, "board", end)
    assert not wait_for(log.connection, "board", end + 1, timeout=0.05)
    assert not wait_for(log.connection, "no such projection", end, timeout=0)


def test_lag_and_age_tell_how_old_the_figures_are(log: Log):
    log.append(a_week())
    log.fold(Board())
    log.connection.execute(
        "UPDATE projection_positions SET updated_at = now() - interval '1 minute'"
    )
    assert [(one.lag, one.age) for one in positions(log.connection)] == [(0, 0.0)]

    more = a_week(first=50)
    log.append(more)

    (board,) = positions(log.connection)
    assert (board.lag, board.age >= 60) == (len(more), True)
