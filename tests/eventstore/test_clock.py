"""This process's clock beside the database's: what it says is never later than the database's."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from tracker.eventstore.clock import ALLOWED, ClockDisagrees, ProcessClock
from tracker.eventstore.connections import Connection, connect

DAY = timedelta(days=1)
ROUND_TRIP = timedelta(seconds=2)  # what a look may take on a machine at its limit


@pytest.fixture
def connection(database: str) -> Iterator[Connection]:
    with connect(database, name="test") as connection:
        yield connection


class Machine:
    """A machine whose clock runs `ahead` of the true time; it can be set."""

    def __init__(self, ahead: timedelta = timedelta()) -> None:
        self.ahead = ahead

    def time(self) -> datetime:
        return datetime.now(UTC) + self.ahead


def clock_of(machine: Machine, connection: Connection) -> ProcessClock:
    clock = ProcessClock(machine.time)
    clock.look(connection)
    return clock


def database_time(connection: Connection) -> datetime:
    row = connection.execute("SELECT clock_timestamp()").fetchone()
    assert row is not None
    return row[0]


def test_two_clocks_that_agree_leave_the_time_as_it_is(connection: Connection) -> None:
    clock = clock_of(Machine(), connection)

    clock.must_agree()

    assert clock.agrees
    assert abs(clock.now() - datetime.now(UTC)) < ROUND_TRIP


@pytest.mark.parametrize("ahead", [timedelta(seconds=3), DAY, 40 * DAY, -DAY])
def test_nothing_is_dated_after_the_databases_now(connection: Connection, ahead: timedelta) -> None:
    clock = clock_of(Machine(ahead), connection)

    at = clock.now()

    assert at <= database_time(connection)
    assert database_time(connection) - at < ROUND_TRIP


def test_a_clock_a_little_behind_keeps_its_own_time_which_is_the_lesser(
    connection: Connection,
) -> None:
    machine = Machine(-timedelta(seconds=3))
    clock = clock_of(machine, connection)

    assert clock.agrees
    assert abs(clock.now() - machine.time()) < ROUND_TRIP


@pytest.mark.parametrize("ahead", [DAY, 40 * DAY, -DAY, timedelta(seconds=ALLOWED + 3)])
def test_a_clock_that_is_wrong_decides_nothing_and_says_by_how_much(
    connection: Connection, ahead: timedelta
) -> None:
    clock = clock_of(Machine(ahead), connection)

    with pytest.raises(ClockDisagrees) as refused:
        clock.must_agree()

    assert abs(refused.value.offset - ahead.total_seconds()) < ROUND_TRIP.total_seconds()
    assert ("ahead of" if ahead > timedelta() else "behind") in str(refused.value)


def test_a_clock_that_is_set_between_two_looks_is_noticed_without_asking(
    connection: Connection,
) -> None:
    machine = Machine()
    clock = clock_of(machine, connection)
    connection.close()

    machine.ahead = DAY

    assert not clock.agrees
    assert abs(clock.now() - datetime.now(UTC)) < ROUND_TRIP


def test_the_database_is_asked_at_most_once_a_second(connection: Connection) -> None:
    second = [100.0]
    clock = ProcessClock(monotonic=lambda: second[0])
    clock.look(connection)
    connection.close()  # a second question would fail

    second[0] += 0.9
    clock.look(connection)

    second[0] += 0.2
    with pytest.raises(Exception, match="closed"):
        clock.look(connection)


def test_what_is_said_in_the_log_is_said_once(
    connection: Connection, caplog: pytest.LogCaptureFixture
) -> None:
    machine = Machine(DAY)
    clock = ProcessClock(machine.time)

    clock.look(connection)
    clock.look(connection)
    machine.ahead = timedelta()
    clock.look(connection)

    first, last = (record.getMessage() for record in caplog.records)
    assert first.startswith("this machine's clock is 864") and "ahead of the database's" in first
    assert last == "this machine's clock agrees with the database's again"
