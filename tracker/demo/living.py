"""Simulates the city for some days, in order of time, and writes the events in that order."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from heapq import heappop, heappush
from importlib import import_module
from itertools import count
from random import Random

from tracker.commands.tracker import Tracker
from tracker.contexts.registry import CONTEXTS
from tracker.demo import calls, desk, field  # importing them registers the steps
from tracker.demo.agenda import Agenda, Plan
from tracker.demo.life import Life
from tracker.demo.scenarios import SCENARIOS, UNFINISHED, Scenario
from tracker.demo.world import World
from tracker.domain.post_record import PostRecordEvent
from tracker.domain.whistle.events import Event
from tracker.domain.whistle.memory import in_sample
from tracker.eventstore.connections import Connection
from tracker.eventstore.contents import Content

assert calls and desk and field
AT_ONCE = 3_000  # events a transaction; 4,096 are the most, and a step may add a dozen
UNFINISHED_SHARE = 10  # one whistle in so many is open at the end
HOURS = (1, 1, 1, 1, 1, 2, 6, 14, 22, 24, 22, 18, 14, 14, 18, 20, 20, 18, 16, 14, 10, 7, 4, 2)
WEEKEND = 0.55  # of a weekday's whistles

Progress = Callable[[int], None]


@dataclass(frozen=True)
class SimulationResult:
    """What a simulation wrote. `refusals`: scenario, step and code of each refused command."""

    whistles: int
    events: int
    refusals: tuple[tuple[str, str, str], ...]


def live(
    tracker: Tracker,
    *,
    whistles: int,
    days: int,
    seed: int,
    until: datetime,
    progress: Progress = lambda lived: None,
) -> SimulationResult:
    """Simulate `whistles` raised in the `days` before `until`; open ones stay open.

    The same seed gives the same histories, if the city and the next free number are the same.
    """
    world = World(tracker.directory.refresh(), Random(seed), until)
    lives = sorted(plan_lives(world, whistles, days, until), key=lambda life: life.raised_at)
    number(tracker, world, lives)
    # The contexts use another random source, so they do not change the whistles' histories.
    context_world = World(world.city, Random(f"{seed} aside"), until)
    log, agenda = Log(tracker, [world, context_world]), Agenda()
    listeners = [plan(tracker, context_world, agenda, lives, days) for plan in plans()]
    for at, life in by_moment(lives, until):
        log.take(agenda.upto(at))
        log.reach(at)
        born = life.whistle is None
        life.wake(at)
        for other in life.family:
            happened = other.collect()
            for listener in listeners:
                listener(happened)
            log.events.extend(happened)
        progress(born)
    log.take(agenda.upto(until))
    log.flush()
    return SimulationResult(len(lives), log.written, tuple(world.refusals))


def by_moment(lives: Sequence[Life], until: datetime) -> Iterator[tuple[datetime, Life]]:
    """Yields each life at its next moment, up to `until`; the caller then wakes it."""
    serial, queue = count(), list[tuple[datetime, int, Life]]()
    for life in lives:
        life.wakes_at = life.raised_at
        heappush(queue, (life.raised_at, next(serial), life))
    while queue and queue[0][0] <= until:
        at, _, life = heappop(queue)
        if at != life.wakes_at:
            continue  # a duplicate has changed its next moment in the meantime
        life.wakes_at = None
        yield at, life
        for touched in life.family:
            if touched is not life and touched.whistle is not None:
                touched.plan_waking()
            if touched.wakes_at is not None:
                heappush(queue, (touched.wakes_at, next(serial), touched))


class Log:
    """Events that have happened and are not written yet."""

    def __init__(self, tracker: Tracker, worlds: Sequence[World]) -> None:
        self.tracker, self.worlds = tracker, worlds
        self.events: list[Event | PostRecordEvent] = []
        self.at = datetime.min.replace(tzinfo=worlds[0].on.tzinfo)
        self.written = 0

    def reach(self, at: datetime) -> None:
        """Time is now `at`: all later events happen then or after."""
        if at > self.at and len(self.events) >= AT_ONCE:
            self.flush()
        self.at = at

    def take(self, happened: Iterable[tuple[datetime, Sequence[PostRecordEvent]]]) -> None:
        for at, events in happened:
            self.reach(at)
            self.events.extend(events)

    def flush(self) -> None:
        """Write all events in order of time, and their words, in one transaction."""
        self.events.sort(key=lambda event: event.timestamp)
        stored = [self.tracker.mapper.to_stored_event(event) for event in self.events]
        contents: list[Content] = [said for world in self.worlds for said in world.contents]
        if stored:
            self.tracker.recorder.insert_events(stored, contents=contents)
        self.written += len(stored)
        self.events = []
        for world in self.worlds:
            world.contents = []


# Served by no index: a sequence.
NUMBERS = """
    SELECT nextval('whistle_number') FROM generate_series(1, %(count)s)
"""


def number(tracker: Tracker, world: World, lives: Sequence[Life]) -> None:
    """Give the lives numbers from the sequence, in the order in which they are raised."""
    zone = world.city.policy.calendar.timezone
    with tracker.connection() as connection:
        running = running_numbers(connection, len(lives))
        for life in lives:
            life.number = f"W-{life.raised_at.astimezone(zone):%y%m%d}-{next(running):06d}"
            while life.scenario.audited and not in_sample(life.id, "audit"):
                life.number = f"{life.number[:9]}{next(running):06d}"


def running_numbers(connection: Connection, count: int) -> Iterator[int]:
    """So many numbers of the sequence, and further ones where some lives skip numbers."""
    while True:
        yield from (n for (n,) in connection.execute(NUMBERS, {"count": count}).fetchall())
        count = 1


def plans() -> Iterator[Plan]:
    """The `plan` functions of the contexts that take part in the demo."""
    for context in CONTEXTS:
        if context.demo is not None:
            yield import_module(context.demo).plan


def plan_lives(world: World, whistles: int, days: int, until: datetime) -> Iterator[Life]:
    """All lives with their time and scenario. Every scenario comes once before any comes twice."""
    unfinished = min(len(UNFINISHED), whistles // 3)
    unfinished = max(unfinished, whistles // UNFINISHED_SHARE)
    for scenario in chosen(world.random, UNFINISHED, unfinished):
        yield unfinished_life(world, scenario, until)
    left = whistles - unfinished
    for scenario in chosen(world.random, SCENARIOS, whistles):
        family = list(full_lives(world, scenario, days, until))
        if left < len(family):
            return
        left -= len(family)
        yield from family


def chosen(random: Random, scenarios: Sequence[Scenario], wanted: int) -> list[Scenario]:
    """Each scenario once, up to `wanted`, and the rest by weight."""
    rest = max(0, wanted - len(scenarios))
    return [
        *scenarios[:wanted],
        *random.choices(scenarios, [scenario.weight for scenario in scenarios], k=rest),
    ]


def full_lives(world: World, scenario: Scenario, days: int, until: datetime) -> Iterator[Life]:
    category = world.category(scenario.fits)
    at = a_moment(world, days, until)
    first = Life(world, scenario, category, at)
    reported_together = [first]
    for part in scenario.duplicates:
        at += timedelta(minutes=world.random.randrange(4, 25))
        reported_together.append(Life(world, part, category, min(at, until), near=first))
    for life in reported_together:
        life.reported_together = reported_together if scenario.duplicates else []
    yield from reported_together


def a_moment(world: World, days: int, until: datetime) -> datetime:
    """A random moment: more by day than at night, more on weekdays than at weekends."""
    zone, random = world.city.policy.calendar.timezone, world.random
    while True:
        day: date = (until - timedelta(days=random.uniform(0, days))).astimezone(zone).date()
        hour = random.choices(range(24), HOURS)[0]
        clock = time(hour, random.randrange(60), random.randrange(60))
        at = datetime.combine(day, clock, zone)
        quiet = day.weekday() >= 5 and random.random() > WEEKEND
        if not quiet and until - timedelta(days=days) <= at < until:
            return at


def unfinished_life(world: World, scenario: Scenario, until: datetime) -> Life:
    """Raised the scenario's minutes before `until`; its steps follow soon, then it stays open."""
    category, random = world.category(scenario.fits), world.random
    natural = category.sla in ("E1", "U2")
    left, moments = scenario.minutes * 0.96, []
    longest = min(32, scenario.minutes * 0.9 / max(1, len(scenario.steps)))
    for _ in scenario.steps:
        left -= random.uniform(0.2, 1) * longest
        moments.append(world.ago(until, left, natural=natural))
    raised_at = world.ago(until, scenario.minutes * random.uniform(0.96, 1.1), natural=natural)
    return Life(world, scenario, category, raised_at, moments=moments)
