"""A city that a wrong clock has swept and that was repaired has the figures of its twin."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import psycopg
import pytest

from tests.giving import actor_named
from tests.made_of import SECRET, ZONE
from tests.rates.asked import answer
from tests.rates.projecting import BEHIND, FAILED
from tracker.commands.command import Command
from tracker.commands.fields import Point
from tracker.commands.tracker import Tracker
from tracker.commands.whistle.annulling import Annul
from tracker.commands.whistle.dispatching import Dispatch
from tracker.commands.whistle.following_up import FollowUp
from tracker.commands.whistle.overseeing import LetTimePass
from tracker.commands.whistle.raising import Raise
from tracker.commands.whistle.resolving import Submit, Verify
from tracker.commands.whistle.responding import Respond, Start
from tracker.commands.whistle.triage import Classify
from tracker.domain.actors import SYSTEM, Actor, Role
from tracker.eventstore.mapper import PlainMapper
from tracker.projections.board.board import Board
from tracker.projections.clocks import Clocks
from tracker.projections.engine.folding import Engine
from tracker.projections.engine.rebuilding import rebuild
from tracker.projections.rates.rates import Rates
from tracker.projections.steps.steps import Steps
from tracker.reports.month_end import Freezing
from tracker.reports.month_report import adjusted, frozen_month, report_of, verified
from tracker.settings import Settings

MONDAY = datetime(2026, 9, 7, 9, tzinfo=ZONE)
NOBODY = Actor("anonymous", Role.ANONYMOUS)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
LATER = datetime(2026, 11, 23, 12, tzinfo=ZONE)
PLACES = (Point(23.3805, 103.4015), Point(23.405781, 103.369254))  # of CP04 and CP09
CATEGORIES = ("E0301", "E0602", "E0501", "E0706")
BOARD = """
    SELECT row_to_json(b) FROM (
        SELECT number, state, level, card, supervised, missed, clocks, next_due, responded_at,
               closed_at, assignments
          FROM board ORDER BY number) b
"""
CLOCKS = """
    SELECT row_to_json(c) FROM (
        SELECT b.number, key, due, stopped_at, held_at, reached, next_mark, next_mark_at
          FROM clocks JOIN board b ON b.id = whistle ORDER BY b.number, key) c
"""


class City:
    """Eight whistles in two grids, and everything that is done to them."""

    def __init__(self, tracker: Tracker, connection: psycopg.Connection[Any]) -> None:
        self.tracker, self.connection, self.now = tracker, connection, MONDAY
        self.reporters: dict[str, Actor] = {}
        self.numbers = [self._sent(place, category) for place in PLACES for category in CATEGORIES]

    def _sent(self, place: Point, category: str) -> str:
        told = Raise(text="请来看一下", category=category, location=place)
        key = f"key of {place.lat} {category}"
        done = self.tracker.open(told, actor=NOBODY, at=self.now, receipt=key)
        number = str(done.aggregate.number)
        self.reporters[number] = replace(NOBODY, reporter_of=key)
        self.does("city", Classify(category=category), number)
        self.does("city", Dispatch(lead="U02"), number)
        return number

    def does(self, who: str, command: Command[Any], *numbers: str) -> None:
        actor = actor_named(self.tracker, who)
        for number in numbers:
            self.tracker.give(command, number, actor=actor, at=self.now)

    def sweeps(self, ahead: timedelta = timedelta(0)) -> None:
        for number in self.numbers:
            self.tracker.give(LetTimePass(), number, actor=SYSTEM, at=self.now + ahead)

    def annuls(self, *numbers: str) -> int:
        """What stands at a moment that has not come. Returns how many events that were."""
        every = 0
        for number in numbers or self.numbers:
            whistle = self.tracker.whistle(number)
            live = set(whistle.by_time)
            told = [e for e in self.tracker.story(whistle.id) if e.originator_version in live]
            false = tuple(e.originator_version for e in told if e.at > self.now)
            for who in ("city", "auditor") if false else ():
                self.does(who, Annul(events=false, reason="时钟快了"), number)
            every += len(false)
        return every

    def annuls_what_respond_brought(self, number: str) -> None:
        """All marks of the respond clocks, and what followed from them."""
        whistle = self.tracker.whistle(number)
        events = tuple(
            event.originator_version
            for event in self.tracker.story(whistle.id)
            if event.originator_version in whistle.by_time
            and str(getattr(event, "kind", getattr(event, "basis", ""))).startswith("respond")
        )
        for who in ("city", "auditor"):
            self.does(who, Annul(events=events, reason="时钟快了"), number)

    def works(self, *numbers: str) -> None:
        """From the arrival to the verdict, over two days; somebody is late."""
        self.answers(*numbers)
        self.finishes(*numbers)

    def answers(self, *numbers: str) -> None:
        for number in numbers:
            place = self.tracker.whistle(number).place
            arrival = Respond(kind="arrival", lat=place.lat, lon=place.lon)
            self.does("handler-u02", arrival, number)

    def finishes(self, *numbers: str) -> None:
        self.does("handler-u02", Start(), *numbers)
        self.now += DAY
        self.does("handler-u02", Submit(note="好了"), *numbers)
        self.does("city", Verify(passed=True), *numbers)
        self.now += HOUR
        verdict = FollowUp(resolved=True, rating=5, method="online")
        for number in numbers:
            self.tracker.give(verdict, number, actor=self.reporters[number], at=self.now)

    def folded(self) -> "City":
        engine = Engine([Board(), Clocks(), Rates(), Steps()], PlainMapper())
        engine.start(self.connection)
        while engine.turn(self.connection) or self.connection.execute(BEHIND).fetchone() == (True,):
            assert self.connection.execute(FAILED).fetchall() == []
        return self

    def figures(self, as_of: datetime) -> Any:
        found = {
            scope: self._metrics(scope, by, as_of)
            for scope in ("city", "post:CP04", "unit:U02")
            for by in ("post", "unit", "category")
            if scope == "city" or by in ("unit", "category")
        }
        return json.loads(json.dumps(found, default=str))

    def _metrics(self, scope: str, by: str, as_of: datetime) -> Any:
        found = answer(
            self.connection, self.tracker.city, scope, "2026-09-01", "2026-11-01",
            as_of.isoformat(), by, now=LATER,
        )  # fmt: skip
        items = {row["key"]: row["metrics"] for row in found.get("items", ())}
        return [found["metrics"], items]

    def tables(self) -> list[Any]:
        return [self.connection.execute(query).fetchall() for query in (BOARD, CLOCKS)]


def on(database: str) -> Iterator[City]:
    settings = Settings(database_url=database, secret_key=SECRET)
    with (
        Tracker(settings, name="test", pool_size=3) as tracker,
        psycopg.connect(database, autocommit=True) as connection,
    ):
        yield City(tracker, connection)


@pytest.fixture
def city(city_database: str) -> Iterator[City]:
    yield from on(city_database)


@pytest.fixture
def twin(module_city: str) -> Iterator[City]:
    yield from on(module_city)


def test_figures_boards_and_clocks_are_those_of_a_city_that_never_had_them(
    city: City, twin: City
) -> None:
    """Three are answered before it is noticed: that does not make them late."""
    city.now += 10 * HOUR / 60
    city.sweeps(ahead=DAY)

    for one in (city, twin):
        one.now = MONDAY + 70 * HOUR / 60
        one.answers(*one.numbers[:3])
    assert city.annuls() > 20
    for one in (city, twin):
        one.finishes(*one.numbers[:3])
        one.sweeps()
        one.now += DAY
        one.works(*one.numbers[3:6])
        one.now += 4 * DAY
        one.sweeps()
        one.folded()

    for mine, theirs in zip(city.tables(), twin.tables(), strict=True):
        assert [pair for pair in zip(mine, theirs, strict=True) if pair[0] != pair[1]] == []
    for as_of in (MONDAY + HOUR, MONDAY + DAY, MONDAY + 3 * DAY, LATER):
        assert city.figures(as_of) == twin.figures(as_of)
    metrics = city.figures(LATER)["city"][0]
    assert metrics["lowest_level_rate"]["n"] < metrics["lowest_level_rate"]["d"] == 6


def test_made_anew_they_are_the_same(city: City) -> None:
    city.sweeps(ahead=DAY)
    city.annuls()
    city.works(*city.numbers[:3])
    before = city.folded().figures(LATER)

    rebuild(city.connection, Rates(), city.tracker.mapper)

    assert city.figures(LATER) == before


def test_a_frozen_month_keeps_its_bytes_and_gets_an_adjustment(city: City) -> None:
    """Closed under a level that it never had; that comes to light after the freeze."""
    first, *_ = city.numbers
    city.sweeps(ahead=DAY)
    city.now += HOUR
    city.works(first)
    city.folded()
    freezing = datetime(2026, 10, 20, 8, tzinfo=ZONE)
    assert Freezing().freeze_due(city.tracker, city.connection, freezing) == ["2026-09"]
    frozen = frozen_month(city.tracker, "2026-09")

    city.now = datetime(2026, 11, 3, 9, tzinfo=ZONE)
    city.annuls_what_respond_brought(first)
    city.folded()

    found = verified(city.tracker, city.connection, "2026-09")
    shown = adjusted(
        city.connection, report_of(city.tracker, city.connection, "2026-09", LATER), LATER
    )
    assert found.holds and frozen_month(city.tracker, "2026-09").figures == frozen.figures
    [line] = [one for one in shown.whistles if one.line.number == first]
    moved = {one.metric: (one.frozen, one.now) for one in shown.figures if one.scope == "city"}
    assert line.line.cohort == "closed"
    assert (moved["lowest_level_rate"][0]["n"], moved["lowest_level_rate"][1]["n"]) == (0, 1)
