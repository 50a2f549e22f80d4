"""Counters, facts and lists agree with an oracle that folds every history from the formulas."""

import random
from dataclasses import replace
from datetime import date, timedelta

import psycopg
import pytest

from tests.made_of import SECRET
from tests.projections.histories import stored
from tests.rates import worlds
from tests.rates.asked import NOW, answer, project
from tests.rates.oracle import Oracle
from tracker.commands.tracker import Tracker
from tracker.domain.actors import Actor, Role
from tracker.domain.city.entries import entry_id
from tracker.eventstore.mapper import PlainMapper
from tracker.metrics.asking import ask
from tracker.metrics.definitions import BY_ID, Kind
from tracker.projections.engine.log_moments import LogMoments
from tracker.projections.engine.rebuilding import rebuild
from tracker.projections.rates.answer import listed
from tracker.projections.rates.rates import Rates
from tracker.settings import Settings

HISTORIES, QUESTIONS = 25, 24
ADMIN = Actor("admin", Role.ADMIN)
TABLES = (
    "rates_whistles",
    "rates_facts",
    "rates_days",
    "rates_months",
    "rates_spreads",
    "rates_values",
    "rates_stock",
    "rates_touched",
)


class World:
    """A city with random histories in its log."""

    def __init__(self, dsn, tracker, connection):
        self.dsn, self.tracker, self.connection = dsn, tracker, connection
        self.city = tracker.directory.refresh()
        self.log = []
        self.moves = []

    def live(self, chance, first):
        """Histories go in bit by bit, and are folded bit by bit."""
        order = worlds.log_of(chance, worlds.streets(chance, HISTORIES, first))
        while order:
            some, order = order[: (size := chance.choice((1, 7, 60, 900)))], order[size:]
            positions = self.tracker.recorder.insert_events(stored(some))
            self.log += zip(positions, some, strict=True)
            if chance.random() < 0.5:
                self.move_a_category(chance, some[-1].timestamp)
            project(self.connection, batch=chance.choice((3, 50, 2_000)))

    def move_a_category(self, chance, at):
        """To another major: what was counted under the old one follows it."""
        code, major = chance.choice(worlds.CATEGORIES), chance.choice(worlds.MAJORS)
        entry = self.tracker.repository.get(entry_id("category", code))
        entry.revise(replace(entry.entry, major=major), at.date(), at, ADMIN)
        events = [event for event in entry.collect_events() if event.major]
        saved = [self.tracker.mapper.to_stored_event(event) for event in events]
        positions = self.tracker.recorder.insert_events(saved) if saved else ()
        self.moves += zip(positions, events, strict=True)

    def rows(self):
        return {
            table: sorted(self.connection.execute(f"SELECT {table}::text FROM {table}").fetchall())
            for table in TABLES
        }

    def compare(self, chance, questions=QUESTIONS):
        scopes = worlds.scopes(self.log)
        for _ in range(questions):
            first, until = worlds.period(chance)
            written, at, position = worlds.moment(chance, self.log)
            if position is not None:
                at = LogMoments(self.connection).moment_of(position) or at
            oracle = Oracle(self.log, at, position, self.moves)
            scope = chance.choice(scopes)
            asked = (scope, first.isoformat(), until.isoformat(), written)
            expected = oracle.figures(scope, first, until)

            told = answer(self.connection, self.city, *asked)
            found = told["metrics"]

            assert found == expected, asked
            self._as_if_none_was_excluded(told["exclusions"], at, position, asked, expected)
            self._lists(asked, expected)
            self._rows(chance, oracle, asked, first, until)

    def _as_if_none_was_excluded(self, told, at, position, asked, expected):
        """Beside a rate stands what it would be without its exclusions, and their list."""
        log = [(p, e) for p, e in self.log if type(e).__name__ != "ExcludedFromScoring"]
        scope, first, until, written = asked
        day = date.fromisoformat
        spared = Oracle(log, at, position, self.moves).figures(scope, day(first), day(until))
        moments = LogMoments(self.connection)
        question = ask(self.city, moments, NOW, scope=scope, from_=first, to=until, as_of=written)
        for name in (m.id for m in BY_ID.values() if m.kind is Kind.RATE):
            beside = told.get(name)
            without = beside["without"] if beside else expected[name]
            assert without == spared[name], (name, asked)
            excluded = listed(self.connection, question, name, "excluded")
            assert len(excluded) == (beside["excluded"] if beside else 0), (name, asked)
            assert all(one.sentence("en") for one in excluded)

    def _lists(self, asked, expected):
        """Each list is as long as its figure says."""
        scope, first, until, written = asked
        moments = LogMoments(self.connection)
        question = ask(self.city, moments, NOW, scope=scope, from_=first, to=until, as_of=written)
        for name, metric in BY_ID.items():
            figure = expected[name]
            if metric.kind is Kind.RATE:
                n, d = (figure["n"], figure["d"]) if figure else (0, 0)
                long = [len(listed(self.connection, question, name, p)) for p in PARTS]
                assert long == [n, d, d - n], (name, asked)
            elif metric.kind in (Kind.COUNT, Kind.STOCK):
                assert len(listed(self.connection, question, name, "d")) == figure, (name, asked)

    def _rows(self, chance, oracle, asked, first, until):
        """One row of a grouping of the city is what its own scope says; a day, that day alone."""
        by = chance.choice(("post", "unit", "category", "day"))
        rows = answer(self.connection, self.city, "city", *asked[1:], by=by)["items"]
        for row in chance.sample(rows, min(3, len(rows))):
            if by == "day":
                day = first.fromisoformat(row["key"])
                expected = oracle.figures("city", day, day + timedelta(days=1))
                expected |= {"suspended_stock": None, "overdue_stock": None}
            else:
                expected = oracle.figures(f"{by}:{row['key']}", first, until)
            assert row["metrics"] == expected, (by, row["key"], asked)


PARTS = ("n", "d", "missing")


@pytest.fixture
def world(city_database):
    settings = Settings(database_url=city_database, secret_key=SECRET)
    with (
        Tracker(settings, name="test") as tracker,
        psycopg.connect(city_database, autocommit=True) as connection,
    ):
        yield World(city_database, tracker, connection)


def check(world, seed):
    chance = random.Random(seed)
    world.live(chance, first=1)
    world.compare(chance)
    living = world.rows()
    with psycopg.connect(world.dsn, autocommit=True) as connection:
        rebuild(connection, Rates(), PlainMapper(), at_once=chance.choice((40, 10_000)))

    assert world.rows() == living
    world.compare(chance, questions=3)


@pytest.mark.parametrize("seed", range(8))
def test_every_figure_is_the_oracles_live_and_rebuilt_for_200_histories(world, seed):
    check(world, seed)


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(100, 180))
def test_every_figure_is_the_oracles_live_and_rebuilt_for_2000_more(world, seed):
    check(world, seed)
