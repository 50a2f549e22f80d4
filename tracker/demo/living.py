"""A quarter of the city's life, lived in order of time and written to the log in that order."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from heapq import heappop, heappush
from importlib import import_module
from itertools import count
from random import Random

from tracker.commands.tracker import Tracker
from tracker.contexts.registry import CONTEXTS
from tracker.demo import desk, field  # their steps register themselves
from tracker.demo.agenda import Agenda, Plan
from tracker.demo.life import Life
from tracker.demo.tales import STANDING, TALES, Tale
from tracker.demo.world import World
from tracker.domain.post_record import PostRecordEvent
from tracker.domain.whistle.events import Event
from tracker.eventstore.contents import Content

assert desk and field
AT_ONCE = 3_000  # events a transaction; 4,096 are the most, and a step may add a dozen
STANDING_SHARE = 10  # one whistle in so many stands open at the end
HOURS = (1, 1, 1, 1, 1, 2, 6, 14, 22, 24, 22, 18, 14, 14, 18, 20, 20, 18, 16, 14, 10, 7, 4, 2)
WEEKEND = 0.55  # of a weekday's whistles

Progress = Callable[[int], None]


@dataclass(frozen=True)
class Lived:
    """What a simulation left in the log. `refusals`: tale, step and code of what was refused."""

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
) -> Lived:
    """Let `whistles` be raised in the `days` before `until`; what is open then stays open.

    The same seed gives the same histories in the same city from the same number on.
    """
    world = World(tracker.directory.refresh(), Random(seed), until)
    lives = sorted(births(world, whistles, days, until), key=lambda life: life.raised_at)
    number(tracker, world, lives)
    # Chance of its own, so that the whistles live the same whatever else their posts do.
    aside = World(world.city, Random(f"{seed} aside"), until)
    log, agenda = Log(tracker, [world, aside]), Agenda()
    beside = [plan(tracker, aside, agenda, lives, days) for plan in plans()]
    for at, life in in_order(lives, until):
        log.take(agenda.upto(at))
        log.reach(at)
        born = life.whistle is None
        life.wake(at)
        for other in life.family:
            happened = other.collect()
            for hear in beside:
                hear(happened)
            log.events.extend(happened)
        progress(born)
    log.take(agenda.upto(until))
    log.flush()
    return Lived(len(lives), log.written, tuple(world.refusals))


def in_order(lives: Sequence[Life], until: datetime) -> Iterator[tuple[datetime, Life]]:
    """Each life at each of its moments up to `until`; after it was lived, its next one counts."""
    serial, queue = count(), list[tuple[datetime, int, Life]]()
    for life in lives:
        life.wakes_at = life.raised_at
        heappush(queue, (life.raised_at, next(serial), life))
    while queue and queue[0][0] <= until:
        at, _, life = heappop(queue)
        if at != life.wakes_at:
            continue  # it was moved by a sister in the meantime
        life.wakes_at = None
        yield at, life
        for touched in life.family:
            if touched is not life and touched.whistle is not None:
                touched.plan_waking()
            if touched.wakes_at is not None:
                heappush(queue, (touched.wakes_at, next(serial), touched))


class Log:
    """What has happened and is not yet written."""

    def __init__(self, tracker: Tracker, worlds: Sequence[World]) -> None:
        self.tracker, self.worlds = tracker, worlds
        self.events: list[Event | PostRecordEvent] = []
        self.at = datetime.min.replace(tzinfo=worlds[0].on.tzinfo)
        self.written = 0

    def reach(self, at: datetime) -> None:
        """What happens from now on happens at `at` or later."""
        if at > self.at and len(self.events) >= AT_ONCE:
            self.flush()
        self.at = at

    def take(self, happened: Iterable[tuple[datetime, Sequence[PostRecordEvent]]]) -> None:
        for at, events in happened:
            self.reach(at)
            self.events.extend(events)

    def flush(self) -> None:
        """Everything in order of time, and the words with it, in one transaction."""
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
    """Numbers in the order in which they are raised, as the sequence gives them."""
    zone = world.city.policy.calendar.timezone
    with tracker.connection() as connection:
        found = connection.execute(NUMBERS, {"count": len(lives)}).fetchall()
    for life, (running,) in zip(lives, found, strict=True):
        life.number = f"W-{life.raised_at.astimezone(zone):%y%m%d}-{running:06d}"


def plans() -> Iterator[Plan]:
    """How each context that has a part in the demo plans what happens in it."""
    for context in CONTEXTS:
        if context.demo is not None:
            yield import_module(context.demo).plan


def births(world: World, whistles: int, days: int, until: datetime) -> Iterator[Life]:
    """Who is raised when, and which tale each will live; each tale once before any comes twice."""
    standing = min(len(STANDING), whistles // 3)
    standing = max(standing, whistles // STANDING_SHARE)
    for tale in chosen(world.random, STANDING, standing):
        yield standing_life(world, tale, until)
    left = whistles - standing
    for tale in chosen(world.random, TALES, whistles):
        family = list(told_lives(world, tale, days, until))
        if left < len(family):
            return
        left -= len(family)
        yield from family


def chosen(random: Random, tales: Sequence[Tale], wanted: int) -> list[Tale]:
    """Each tale once, as long as there is room, and the rest by weight."""
    rest = max(0, wanted - len(tales))
    return [*tales[:wanted], *random.choices(tales, [tale.weight for tale in tales], k=rest)]


def told_lives(world: World, tale: Tale, days: int, until: datetime) -> Iterator[Life]:
    category = world.category(tale.fits)
    at = a_moment(world, days, until)
    first = Life(world, tale, category, at)
    sisters = [first]
    for part in tale.kin:
        at += timedelta(minutes=world.random.randrange(4, 25))
        sisters.append(Life(world, part, category, min(at, until), near=first))
    for life in sisters:
        life.sisters = sisters if tale.kin else []
    yield from sisters


def a_moment(world: World, days: int, until: datetime) -> datetime:
    """By day more than at night, on weekdays more than at weekends."""
    zone, random = world.city.policy.calendar.timezone, world.random
    while True:
        day: date = (until - timedelta(days=random.uniform(0, days))).astimezone(zone).date()
        hour = random.choices(range(24), HOURS)[0]
        clock = time(hour, random.randrange(60), random.randrange(60))
        at = datetime.combine(day, clock, zone)
        quiet = day.weekday() >= 5 and random.random() > WEEKEND
        if not quiet and until - timedelta(days=days) <= at < until:
            return at


def standing_life(world: World, tale: Tale, until: datetime) -> Life:
    """Raised so long before `until`; its steps follow soon, and then it waits."""
    category, random = world.category(tale.fits), world.random
    natural = category.sla in ("E1", "U2")
    left, moments = tale.minutes * 0.96, []
    longest = min(32, tale.minutes * 0.9 / max(1, len(tale.steps)))
    for _ in tale.steps:
        left -= random.uniform(0.2, 1) * longest
        moments.append(world.ago(until, left, natural=natural))
    raised_at = world.ago(until, tale.minutes * random.uniform(0.96, 1.1), natural=natural)
    return Life(world, tale, category, raised_at, moments=moments)
