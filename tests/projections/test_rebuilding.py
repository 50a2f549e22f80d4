"""A rebuild gives the living table again, row for row, while it serves."""

import threading

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.domain.city_time import MONDAY_TEN
from tests.projections.conftest import HERE, Log
from tests.projections.histories import Step, Street
from tests.projections.tallies import CREATE_TALLY, Choking
from tests.projections.test_folding import a_week, dispatched
from tracker.domain.whistle.triage import Classified
from tracker.domain.whistle.whistle import Whistle
from tracker.eventstore.connections import connect
from tracker.eventstore.mapper import PlainMapper
from tracker.projections.board import board
from tracker.projections.board.board import Board, BoardQuery, Scope
from tracker.projections.engine.folding import Poisoned, Projection
from tracker.projections.engine.positions import positions
from tracker.projections.engine.rebuilding import AlreadyRebuilding, Rebuilt, rebuild

EVERYTHING = BoardQuery(Scope(city=True, confidential=True), MONDAY_TEN, limit=200)
TABLES = ("board", "clocks", "timeline")

steps = st.builds(
    Step,
    whistle=st.integers(0, 2),
    minutes=st.sampled_from([1, 5, 30, 120, 600, 3000]),
    command=st.integers(0, 999),
    flavour=st.integers(0, 59),
)


def made_anew(log: Log, projection: Projection, **how: int) -> Rebuilt:
    with connect(log.dsn, name="rebuild") as connection:
        return rebuild(connection, projection, PlainMapper(), **how)


@given(
    kinds=st.lists(st.integers(0, 4), min_size=1, max_size=3),
    lives=st.lists(steps, min_size=5, max_size=60),
    live_batch=st.integers(1, 40),
    at_once=st.integers(1, 40),
)
@settings(
    max_examples=25,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # shrinking folds a database each time
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_rebuilt_is_live_row_for_row_and_says_what_the_whistle_says(
    module_log: Log, kinds: list[int], lives: list[Step], live_batch: int, at_once: int
):
    log = module_log
    log.clear()
    street = Street(kinds)
    log.append(street.live(lives))

    log.fold(batch=live_batch)
    live = {table: log.rows(table) for table in TABLES}
    for projection in HERE:
        made_anew(log, projection, at_once=at_once)

    assert {table: log.rows(table) for table in TABLES} == live
    found = {row.id: row for row in board.find(log.connection, EVERYTHING).items}
    assert {id: as_the_board_says(row) for id, row in found.items()} == {
        whistle.id: as_the_whistle_says(whistle) for whistle in street.whistles
    }


def as_the_board_says(row: board.BoardRow) -> dict[str, object]:
    return {
        "state": row.state,
        "place": (row.grid, row.post, row.lat, row.lon),
        "category": (row.category, row.sla_class, row.confidential),
        "units": (row.lead, row.co, row.assignments),
        "overlays": (row.level, row.card, row.supervised, row.excluded),
        "cycle": (row.cycle, row.reworks),
        "dates": (row.occurred_at, row.registered_at, row.responded_at, row.closed_at),
        "merged": (row.merged_into, row.merged_into_number, row.children),
        "photos": row.photos,
        "clocks": {key: (clock.due, clock.stopped_at) for key, clock in row.clocks.items()},
        "version": row.version,
    }


def as_the_whistle_says(whistle: Whistle) -> dict[str, object]:
    place = whistle.place
    return {
        "state": whistle.state,
        "place": (place.grid, place.post, place.lat, place.lon),
        "category": (whistle.category, whistle.sla_class, whistle.confidential),
        "units": (whistle.lead, whistle.co, whistle.assignments),
        "overlays": (whistle.level, whistle.card, whistle.supervised, whistle.excluded),
        "cycle": (whistle.cycle, whistle.reworks),
        "dates": (
            whistle.occurred_at,
            whistle.registered_at,
            whistle.responded_at,
            whistle.closed_at,
        ),
        "merged": (whistle.merged_into, whistle.merged_into_number, len(whistle.children)),
        "photos": whistle.photos,
        "clocks": {key: (clock.due, clock.stopped_at) for key, clock in whistle.clocks.items()},
        "version": whistle.version,
    }


def test_a_rebuild_lets_the_next_one_begin_at_once_on_another_connection(log: Log):
    log.append(a_week(steps=20))
    log.fold()

    with connect(log.dsn, name="first") as first, connect(log.dsn, name="second") as second:
        for connection in (first, second, first):
            rebuild(connection, Board(), PlainMapper())

    assert len(board.find(log.connection, EVERYTHING).items) > 0


def test_whoever_reads_during_the_swap_sees_every_whistle_at_every_look(log: Log):
    log.append(a_week(whistles=20, steps=200))
    log.fold(Board())
    looks: list[int] = []
    done = threading.Event()

    def look() -> None:
        with connect(log.dsn, name="reader") as connection:
            while not done.is_set():
                looks.append(len(board.find(connection, EVERYTHING).items))

    reader = threading.Thread(target=look)
    reader.start()
    for _ in range(8):
        made_anew(log, Board())
    done.set()
    reader.join()

    assert set(looks) == {20}


def test_what_happens_during_a_rebuild_is_in_the_new_table_once(log: Log):
    log.append(a_week(steps=100))
    log.fold()
    later = iter(range(1000, 9000, 1000))

    def meanwhile(events: int) -> None:
        if (first := next(later, None)) is not None:
            log.append(a_week(steps=30, first=first))
            log.fold()

    with connect(log.dsn, name="rebuild") as connection:
        rebuild(connection, Board(), PlainMapper(), progress=meanwhile, at_once=50)
    log.append(a_week(steps=30, first=9000))
    log.fold()

    living = log.rows("board")
    made_anew(log, Board())
    assert log.rows("board") == living
    assert len(living) == 3 * 10


def test_a_rebuilt_table_has_the_indexes_and_the_options_of_the_old_one(log: Log):
    described = """
        SELECT array_agg(indexdef ORDER BY indexname)::text
               || (SELECT reloptions::text FROM pg_class WHERE oid = 'clocks'::regclass)
          FROM pg_indexes WHERE schemaname = 'public' AND tablename = 'clocks'
    """
    before = log.value(described)

    for projection in HERE:
        made_anew(log, projection)

    assert log.value(described) == before
    assert log.value("SELECT count(*) FROM pg_tables WHERE schemaname = 'rebuilding'") == 0


def test_a_rebuild_that_meets_poison_leaves_the_living_table_as_it_was(log: Log):
    log.connection.execute(CREATE_TALLY)
    choking = Choking(Classified)
    choking.cured = True
    log.append(dispatched())
    log.fold(choking)
    living = log.rows("tally")

    choking.cured = False
    with pytest.raises(Poisoned):
        made_anew(log, choking)

    assert log.rows("tally") == living
    assert [one.rebuilding for one in positions(log.connection)] == [False]


def test_a_rebuild_with_better_code_sets_a_stopped_projection_going_again(log: Log):
    log.connection.execute(CREATE_TALLY)
    choking = Choking(Classified)
    events = dispatched()
    end = log.append(events)
    log.fold(choking)

    choking.cured = True
    made_anew(log, choking)

    (standing,) = positions(log.connection)
    assert (standing.position, standing.failed_at, standing.error) == (end, None, None)
    assert log.value("SELECT sum(events)::int FROM tally") == len(events)


def test_one_projection_is_rebuilt_by_one_process_at_a_time(log: Log):
    log.append(a_week())

    def again(events: int) -> None:
        with pytest.raises(AlreadyRebuilding):
            made_anew(log, Board())

    with connect(log.dsn, name="rebuild") as connection:
        done = rebuild(connection, Board(), PlainMapper(), progress=again)

    assert done.events > 0


def test_a_rebuild_that_died_leaves_nothing_in_the_way_of_the_next(log: Log):
    log.append(a_week())
    log.fold()
    living = log.rows("board")

    def die(events: int) -> None:
        log.connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE application_name = 'shaodao rebuild' AND datname = current_database()"
        )

    with connect(log.dsn, name="rebuild") as connection, pytest.raises(Exception, match="terminat"):
        rebuild(connection, Board(), PlainMapper(), progress=die, at_once=20)
    assert log.rows("board") == living
    made_anew(log, Board())

    assert log.rows("board") == living
