"""Sums of days, of months and of times are what the facts come to, whoever made them."""

import random
import re
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest

from tests.made_of import SECRET
from tests.projections.histories import stored
from tests.rates import worlds
from tests.rates.asked import NOW, project
from tracker.commands.tracker import Tracker
from tracker.eventstore import migrations
from tracker.eventstore.mapper import PlainMapper
from tracker.metrics.asking import ask
from tracker.projections.engine.log_moments import LogMoments
from tracker.projections.engine.rebuilding import rebuild
from tracker.projections.rates.answer import every_scope
from tracker.projections.rates.rates import Rates
from tracker.settings import Settings

HISTORIES, QUESTIONS = 30, 60
SUMS = "rates_days rates_months rates_spreads rates_values rates_stock rates_touched".split()
SCHEMA = Path(migrations.__file__).parent / "schema"
FILLS = re.compile(r"^(?:INSERT|UPDATE) .*?;", re.DOTALL | re.MULTILINE)


class City:
    """One with random histories in its log, all folded."""

    def __init__(self, connection, directory, log):
        self.connection, self.directory, self.log = connection, directory, log

    def rows(self):
        return {
            table: sorted(self.connection.execute(f"SELECT {table}::text FROM {table}").fetchall())
            for table in SUMS
        }

    def question(self, first, until, as_of):
        first, until = first.isoformat(), until.isoformat()
        moments = LogMoments(self.connection)
        return ask(self.directory, moments, NOW, scope="city", from_=first, to=until, as_of=as_of)


@pytest.fixture(scope="module")
def city(module_city):
    chance = random.Random(19)
    order = worlds.log_of(chance, worlds.streets(chance, HISTORIES, first=1))
    log = []
    with (
        Tracker(Settings(database_url=module_city, secret_key=SECRET), name="test") as tracker,
        psycopg.connect(module_city, autocommit=True) as connection,
    ):
        while order:
            some, order = order[: (size := chance.choice((1, 90, 700)))], order[size:]
            log += zip(tracker.recorder.insert_events(stored(some)), some, strict=True)
            project(connection, batch=chance.choice((5, 2_000)))
        yield City(connection, tracker.directory.refresh(), log)


def test_every_scope_reads_the_same_from_sums_as_from_facts_at_any_moment(city):
    chance = random.Random(7)
    scopes = worlds.scopes(city.log)
    for _ in range(QUESTIONS):
        first, until = worlds.period(chance)
        written, at, position = worlds.moment(chance, city.log)
        if position is None and chance.random() < 0.5:
            written = (at + timedelta(minutes=chance.randrange(-700, 700))).isoformat()
        question = city.question(first, until, written)

        from_sums = every_scope(city.connection, question, scopes)

        assert from_sums == every_scope(city.connection, question, scopes, by_facts=True), question


def test_a_rebuild_comes_to_the_same_sums(city):
    living = city.rows()

    rebuild(city.connection, Rates(), PlainMapper(), at_once=70)

    assert city.rows() == living


def test_migrations_make_of_older_rows_what_the_fold_makes(city):
    living = city.rows()
    city.connection.execute("TRUNCATE rates_months, rates_spreads, rates_values, rates_touched")
    city.connection.execute("UPDATE rates_stock SET position = 9223372036854775807")

    for name in ("0203_rates_months.sql", "0204_rates_seen.sql"):
        for statement in FILLS.findall((SCHEMA / name).read_text()):
            city.connection.execute(statement)

    assert city.rows() == living
