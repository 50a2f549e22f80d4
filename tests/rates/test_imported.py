"""Whistles of an older system that nobody has seen before: the oracle agrees on them too."""

import random
from datetime import date, datetime
from itertools import pairwise

import psycopg
import pytest

from tests.domain.city_time import SHANGHAI
from tests.made_of import SECRET
from tests.rates.asked import answer, imported, project
from tests.rates.facts import facts
from tests.rates.oracle import Oracle
from tracker.commands.tracker import Tracker
from tracker.settings import Settings

MONTHS = [f"2026-{month:02d}-01" for month in range(1, 12)]
SCOPES = ("city", "post:CP07", "street:532503001", "unit:U03", "unit:U12", "category:E01")


@pytest.fixture(scope="module")
def city(module_city, tmp_path_factory):
    chance = random.Random(26)
    settings = Settings(database_url=module_city, secret_key=SECRET)
    with (
        Tracker(settings, name="test") as tracker,
        psycopg.connect(module_city, autocommit=True) as connection,
    ):
        directory = tracker.directory.refresh()
        lines = facts(chance, 400, [category.code for category in directory.categories])
        imported(tracker, lines, tmp_path_factory.mktemp("facts"))
        project(connection)
        log = [
            (notification.id, tracker.mapper.to_domain_event(notification))
            for notification in tracker.recorder.read(0, 100_000)
            if notification.topic.startswith("whistle.")
        ]
        yield connection, directory, log


@pytest.mark.parametrize("scope", SCOPES)
def test_every_month_of_every_scope_is_what_the_formulas_say(city, scope):
    connection, directory, log = city
    for first, until in pairwise(MONTHS):
        for as_of in (f"{until[:8]}12", f"{first[:8]}17T11:30"):
            moment = datetime.fromisoformat(as_of).replace(tzinfo=SHANGHAI)

            found = answer(connection, directory, scope, first, until, as_of)["metrics"]

            oracle = Oracle(log, moment)
            days = date.fromisoformat(first), date.fromisoformat(until)
            assert found == oracle.figures(scope, *days), (first, as_of)
