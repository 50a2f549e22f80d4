"""Two schedulers after a day's outage: one works, is killed, and the other one goes on."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.faults.service import Part, parts
from tests.waiting import until
from tracker.commands.fields import GridRef
from tracker.commands.tracker import Tracker
from tracker.commands.whistle.dispatching import Dispatch, Pool
from tracker.commands.whistle.raising import Raise
from tracker.commands.whistle.triage import Classify
from tracker.domain.actors import Actor, Role
from tracker.domain.whistle.events import Event
from tracker.eventstore.connections import connect
from tracker.operating.projecting import ALL
from tracker.projections.engine.folding import Engine
from tracker.projections.engine.positions import positions
from tracker.schedule.heartbeat import heartbeat
from tracker.schedule.sweep import sweep
from tracker.settings import Settings

GRID = "53250300100201"
CENTRE = Actor("city", Role.CITY_CENTRE)
# Kinds whose clocks run by the minute, by working hours and by working days.
KINDS = ("E0101", "C0101", "C0103", "E0501", None)


@dataclass(frozen=True)
class Fact:
    """What passing time recorded: of which whistle, what, when, of which clock and mark."""

    number: str
    topic: str
    at: datetime
    clock: tuple[Any, ...]

    @classmethod
    def of(cls, number: str, event: Event) -> "Fact":
        said = vars(event)
        clock = tuple(str(said.get(name)) for name in ("kind", "unit", "mark", "level"))
        return cls(number, event.TOPIC, event.timestamp, clock)


@pytest.fixture
def tracker(city_settings: Settings) -> Iterator[Tracker]:
    with Tracker(city_settings) as tracker:
        yield tracker


def a_day_before_the_outage(tracker: Tracker, count: int) -> list[str]:
    """Whistles of two days ago in several states; since then nobody let time pass."""
    start = datetime.now(UTC) - timedelta(days=2)
    numbers = []
    for n in range(count):
        at = start + timedelta(minutes=7 * n)
        numbers.append(a_whistle(tracker, KINDS[n % len(KINDS)], n, at))
    return numbers


def a_whistle(tracker: Tracker, category: str | None, n: int, at: datetime) -> str:
    raised = tracker.open(
        Raise(text="路灯不亮", category=category, location=GridRef(GRID)), actor=CENTRE, at=at
    )
    number = raised.aggregate.number
    if category in ("E0101", "C0103") and n % 2:
        soon = at + timedelta(minutes=1)
        tracker.give(Classify(category=category), number, actor=CENTRE, at=soon)
        if category == "E0101":
            tracker.give(Pool(), number, actor=CENTRE, at=soon)
        else:
            tracker.give(Dispatch(lead="U01"), number, actor=CENTRE, at=soon)
    return number


def as_if_it_had_run(tracker: Tracker, numbers: list[str], until: datetime) -> list[Fact]:
    """What the whistles themselves say should have been recorded meanwhile."""
    facts = []
    for number in numbers:
        whistle = tracker.whistle(number)
        whistle.elapse(until, tracker.city.policy)
        facts += [Fact.of(number, event) for event in whistle.collect_events()]
    return facts


def recorded(tracker: Tracker, numbers: list[str]) -> list[Fact]:
    """What passing time did, in the order of the log; an emergency's dispatch is none of it."""
    named = {tracker.id_of(number): number for number in numbers}
    found = tracker.recorder.read(0, 1_000_000, topics_prefix="whistle.")
    events: list[Any] = [tracker.mapper.to_domain_event(one) for one in found]
    return [
        Fact.of(named[event.originator_id], event)
        for event in events
        if event.role == Role.SYSTEM and getattr(event, "basis", "") != "emergency"
    ]


def caught_up(connection: psycopg.Connection[Any]) -> bool:
    standings = positions(connection)
    return len(standings) == len(ALL) and all(standing.lag == 0 for standing in standings)


def leads(connection: psycopg.Connection[Any], candidate: Part) -> bool:
    beat = heartbeat(connection)
    return beat.alive and str(beat.leader).endswith(f" {candidate.process.pid}")


def test_the_leader_is_killed_in_the_sweep_of_a_days_outage_and_the_other_ends_it(
    tracker: Tracker, city_database: str, tmp_path: Path
) -> None:
    numbers = a_day_before_the_outage(tracker, 60)
    before = datetime.now(UTC)
    due = as_if_it_had_run(tracker, numbers, before)
    names = ["project", "schedule", "schedule"]

    with (
        connect(city_database, name="test") as connection,
        parts(names, city_database, tmp_path) as (_, *candidates),
    ):
        until(lambda: recorded(tracker, numbers) != [])
        leader, other = sorted(candidates, key=lambda one: not leads(connection, one))
        unfinished = len(recorded(tracker, numbers)) < len(due)
        leader.kill()
        until(lambda: leads(connection, other), other.said)
        until(lambda: len(recorded(tracker, numbers)) >= len(due), other.said)
        until(lambda: caught_up(connection), other.said)

    log = [fact for fact in recorded(tracker, numbers) if fact.at < before]
    assert unfinished, "the leader was too quick to be killed at work"
    assert Counter(log) == Counter(due)
    assert [fact.at for fact in log] == sorted(fact.at for fact in due)


def test_a_clock_that_leaps_backwards_records_nothing_twice(
    tracker: Tracker, city_settings: Settings, city_database: str
) -> None:
    numbers = a_day_before_the_outage(tracker, 10)
    now = datetime.now(UTC)
    due = as_if_it_had_run(tracker, numbers, now)
    engine = Engine(ALL, tracker.mapper)

    with connect(city_database, name="test") as connection:
        engine.start(connection)
        for leap in (timedelta(), -timedelta(hours=30), -timedelta(days=400), timedelta()):
            while engine.turn(connection):
                pass
            sweep(tracker, connection, now + leap)

    assert Counter(recorded(tracker, numbers)) == Counter(due)
