"""Time passes by itself: once, in order, with the dates of the moments; whoever leads."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.giving import actor_named
from tests.mengzi import a_pack
from tests.waiting import PATIENCE, until
from tracker.city.credentials import account_of_token, open_session
from tracker.city.pack.loading import load_city
from tracker.commands.fields import GridRef
from tracker.commands.tracker import Tracker
from tracker.commands.whistle.dispatching import Dispatch, Pool
from tracker.commands.whistle.ending import Withdraw
from tracker.commands.whistle.raising import Raise
from tracker.commands.whistle.triage import Classify
from tracker.domain.actors import Actor
from tracker.domain.city.catalogue import CategoryEntry, UnknownCategory
from tracker.domain.city.entries import entry_id
from tracker.domain.city.units import UnitEntry, UnknownUnit
from tracker.eventstore.connections import connect
from tracker.eventstore.mapper import PlainMapper
from tracker.projections.board.board import Board
from tracker.projections.clocks import Clocks
from tracker.projections.engine.folding import Engine, Projection
from tracker.schedule import sweep as deadlines
from tracker.schedule.heartbeat import Heartbeat, heartbeat, record_sweep
from tracker.schedule.schedule import Scheduler
from tracker.settings import Settings

MONDAY = datetime(2026, 11, 16, 1, 0, tzinfo=UTC)  # 09:00 in the city
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
GRID = GridRef("53250300100401")


@pytest.fixture
def tracker(city_settings: Settings) -> Iterator[Tracker]:
    tracker = Tracker(city_settings, pool_size=4)
    yield tracker
    tracker.close()


def raise_three(tracker: Tracker, start: datetime = MONDAY) -> None:
    """An emergency, a whistle in the pool and one that waits for triage, minutes apart."""
    resident = actor_named(tracker, "gw-53250300100401")
    dispatcher = actor_named(tracker, "dispatcher-cp04")
    for minutes, category in enumerate(("C0101", "E0101", None)):
        at = start + timedelta(minutes=minutes)
        done = tracker.open(
            Raise(text="…", category=category, location=GRID), actor=resident, at=at
        )
        if category == "E0101":
            number = done.aggregate.number
            tracker.give(Classify(category=category), number, actor=dispatcher, at=at)
            tracker.give(Pool(), number, actor=dispatcher, at=at)


def sweep(tracker: Tracker, now: datetime) -> deadlines.SweepResult:
    with tracker.connection() as connection:
        project(connection)
        return deadlines.sweep(tracker, connection, now)


def project(connection: Any, projection: Projection | None = None) -> None:
    engine = Engine([projection or Clocks()], PlainMapper())
    engine.start(connection)
    while engine.turn(connection):
        pass


def recorded(tracker: Tracker) -> list[tuple[Any, ...]]:
    """What happened by itself, in the order of the log: when, what, to whom, by which clock."""
    events = map(tracker.mapper.to_domain_event, tracker.recorder.read(0, 10_000, "whistle."))
    clock = ("kind", "unit", "mark")
    return [
        (e.at, e.TOPIC, e.originator_id, *(vars(e).get(name) for name in clock))
        for e in events
        if e.by == "system"
    ]


def test_after_a_day_switched_off_the_log_is_as_if_it_had_run(city_settings, new_city_settings):
    always_on, switched_off = Tracker(city_settings), Tracker(new_city_settings)
    for tracker in (always_on, switched_off):
        raise_three(tracker)

    for hours in range(1, 73):
        sweep(always_on, MONDAY + hours * HOUR)
    sweep(switched_off, MONDAY + 3 * DAY)

    assert recorded(switched_off) == recorded(always_on)
    assert len(recorded(switched_off)) > 20
    moments = [at for at, *_ in recorded(switched_off)]
    assert moments == sorted(moments)
    always_on.close()
    switched_off.close()


def test_after_an_outage_the_sweep_waits_for_a_projector_that_starts_with_it(tracker):
    raise_three(tracker, MONDAY + HOUR)
    scheduler = Scheduler(tracker, clock=lambda: MONDAY + 3 * DAY)
    scheduler._leading.set()

    with tracker.connection() as connection, ThreadPoolExecutor(1) as aside:
        project(connection)
        raise_three(tracker)
        sent_at_once = len(recorded(tracker))
        sweeping = aside.submit(scheduler.sweep)
        wait([sweeping], timeout=0.5)  # long enough to sweep what the table has by now
        project(connection)
        sweeping.result()

    swept = recorded(tracker)[sent_at_once:]
    assert [at for at, *_ in swept] == sorted(at for at, *_ in swept)
    assert len({whistle for _, _, whistle, *_ in swept}) == 6


def test_what_was_swept_once_is_not_recorded_again_by_a_table_that_is_behind(tracker):
    raise_three(tracker)
    sweep(tracker, MONDAY + DAY)
    before = recorded(tracker)

    with tracker.connection() as connection:
        again = deadlines.sweep(tracker, connection, MONDAY + DAY)

    assert (again.moved, recorded(tracker)) == (0, before)


def test_a_whistle_that_cannot_be_moved_does_not_keep_the_others_back(tracker, monkeypatch):
    raise_three(tracker)
    stuck = tracker.whistle("W-261116-000001").id
    give = tracker.give

    def stumble(command, whistle, **given):
        if whistle == stuck:
            raise RuntimeError("a stream that nobody can fold")
        return give(command, whistle, **given)

    monkeypatch.setattr(tracker, "give", stumble)
    done = sweep(tracker, MONDAY + DAY)

    assert done.failures == {stuck: "RuntimeError('a stream that nobody can fold')"}
    assert done.moved > 0


def test_a_clock_that_leaps_backwards_does_not_take_the_sweep_back(tracker):
    raise_three(tracker)
    with tracker.connection() as connection:
        project(connection)
        record_sweep(connection, MONDAY + DAY, 0, None)
    leapt_back = Scheduler(tracker, clock=lambda: MONDAY - DAY)
    leapt_back._leading.set()

    leapt_back.sweep()

    assert max(at for at, *_ in recorded(tracker)) <= MONDAY + DAY
    with tracker.connection() as connection:
        assert heartbeat(connection).swept_to == MONDAY + DAY


def test_a_sweep_that_a_wrong_clock_took_into_the_future_is_not_believed(tracker):
    with tracker.connection() as connection:
        record_sweep(connection, datetime.now(UTC) + 40 * DAY, 0, None)
        now = datetime.now(UTC)

        record_sweep(connection, now, 0, None)

        assert heartbeat(connection).swept_to == now


def test_whistles_follow_a_unit_that_closes_and_a_category_that_becomes_confidential(tracker):
    worker = actor_named(tracker, "gw-53250300100401")
    dispatcher = actor_named(tracker, "dispatcher-cp04")
    admin = actor_named(tracker, "admin")
    numbers = []
    for lead in ("U24", "U23"):
        done = tracker.open(
            Raise(text="…", category="E0505", location=GRID), actor=worker, at=MONDAY
        )
        numbers.append(done.aggregate.number)
        tracker.give(Classify(category="E0505"), numbers[-1], actor=dispatcher, at=MONDAY)
        tracker.give(Dispatch(lead=lead), numbers[-1], actor=dispatcher, at=MONDAY)
    over = tracker.open(Raise(text="…", category="E0505", location=GRID), actor=worker, at=MONDAY)
    tracker.give(Withdraw(), over.aggregate.id, actor=worker, at=MONDAY)
    tracker.save(*_closed_and_confidential(tracker, admin))
    tracker.directory.refresh()

    with tracker.connection() as connection:
        project(connection, Board())
        followed = deadlines.follow_the_registers(tracker, connection, MONDAY + HOUR)
        project(connection, Board())
        again = deadlines.follow_the_registers(tracker, connection, MONDAY + HOUR)

    taken_over, stays = (tracker.whistle(number) for number in numbers)
    assert (followed, again) == (3, 0)
    assert taken_over.confidential and stays.confidential
    assert tracker.whistle(over.aggregate.id).confidential
    assert "U24" not in [part.unit for part in taken_over.assignments if part.current]


def _closed_and_confidential(tracker: Tracker, admin: Actor) -> list[Any]:
    unit = tracker.load(UnitEntry, entry_id("unit", "U24"), UnknownUnit())
    unit.revise(
        replace(unit.entry, ended_on=MONDAY.date(), successor="U23"), MONDAY.date(), MONDAY, admin
    )
    category = tracker.load(CategoryEntry, entry_id("category", "E0505"), UnknownCategory())
    category.revise(replace(category.entry, confidential=True), MONDAY.date(), MONDAY, admin)
    return [unit, category]


def test_when_a_missing_years_calendar_arrives_what_waited_for_it_is_computed_again(tracker):
    december = datetime(2026, 12, 29, 1, 0, tzinfo=UTC)
    grid_worker = actor_named(tracker, "gw-53250300100401")
    raised = tracker.open(
        Raise(text="…", category="E0505", location=GRID), actor=grid_worker, at=december
    )
    assert raised.aggregate.clocks["resolve"].missing_years == (2027,)
    with tracker.connection() as connection:
        project(connection)
        assert deadlines.recompute(tracker, connection, december) == 0

        load_city(tracker, with_year(2027), True, december)
        see_the_new_city(tracker)
        assert deadlines.recompute(tracker, connection, december + HOUR) == 1
        project(connection)
        assert deadlines.recompute(tracker, connection, december + HOUR) == 0

    resolve = tracker.whistle(raised.aggregate.id).clocks["resolve"]
    assert (resolve.provisional, resolve.missing_years) == (False, ())
    assert resolve.due > raised.aggregate.clocks["resolve"].started_at


def with_year(year: int) -> dict[str, Any]:
    pack = a_pack()
    pack["calendar"]["years"].append(year)
    return pack


def see_the_new_city(tracker: Tracker) -> None:
    """The city is looked at once a second: wait until this process has seen the new one."""
    until(
        lambda: 2027 in tracker.city.policy.calendar.years,
        lambda: f"the calendar knows {sorted(tracker.city.policy.calendar.years)}",
    )


def test_sessions_that_are_over_are_forgotten_by_the_daily_chores(tracker):
    with tracker.connection() as connection:
        open_session(connection, "liaison-u01", MONDAY)
        later = open_session(connection, "liaison-u01", MONDAY + DAY)

    Scheduler(tracker, clock=lambda: MONDAY + DAY).chores()

    with tracker.connection() as connection:
        kept = connection.execute("SELECT count(*) FROM sessions").fetchone()
        assert account_of_token(connection, later, MONDAY + DAY) == "liaison-u01"
    assert kept == (1,)


def test_of_two_schedulers_one_leads_and_the_other_takes_over_when_it_is_killed(tracker):
    raise_three(tracker, datetime.now(UTC) - DAY)
    with tracker.connection() as connection:
        project(connection)
    env = {**os.environ, "DATABASE_URL": tracker.settings.database_url or ""}
    both = [
        subprocess.Popen([sys.executable, "-m", "tracker", "schedule"], env=env) for _ in range(2)
    ]
    try:
        first = leader_other_than(None, tracker)
        killed = next(one for one in both if str(one.pid) == (first.leader or "").split()[-1])
        os.kill(killed.pid, signal.SIGKILL)
        second = leader_other_than(first.leader, tracker)
    finally:
        for one in both:
            one.terminate()
        for one in both:
            one.wait(PATIENCE)

    assert second.since is not None and first.since is not None
    assert second.since - first.since > timedelta(0)
    assert {one.pid for one in both} == {
        int((found.leader or "").split()[-1]) for found in (first, second)
    }
    system = recorded(tracker)
    assert system and len(system) == len(set(system))
    assert leaderless(tracker)


def leader_other_than(before: str | None, tracker: Tracker) -> Heartbeat:
    """Wait for a leader who has swept."""
    seen: list[Heartbeat] = []

    def leads() -> bool:
        with connect(tracker.settings, name="test") as connection:
            seen.append(heartbeat(connection))
        return seen[-1].leader not in (None, before) and seen[-1].swept_to is not None

    until(leads, lambda: f"nobody else than {before} leads: {seen[-1]}")
    return seen[-1]


def leaderless(tracker: Tracker) -> bool:
    with connect(tracker.settings, name="test") as connection:
        return heartbeat(connection).leader is None


@pytest.fixture
def new_city_settings(server, administrator, city_template, tmp_path) -> Iterator[Settings]:
    """A second city that nothing has happened in."""
    from tests.conftest import SECRET, _databases

    for new in _databases(server, administrator, city_template):
        yield Settings(database_url=new(), var=tmp_path / "other", secret_key=SECRET)
