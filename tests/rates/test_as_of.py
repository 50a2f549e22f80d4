"""What becomes known later changes no earlier report: each moment is answered as it stood."""

from datetime import timedelta

import psycopg
import pytest

from tests.domain import whistles
from tests.domain.city_time import MONDAY_TEN, POLICY
from tests.domain.whistles import (
    CATEGORIES,
    CITY,
    HERE,
    SUPERVISOR,
    closed,
    dispatched,
    handler,
    in_progress,
    raised,
)
from tests.made_of import SECRET
from tests.projections.histories import stored
from tests.rates.asked import answer, imported, project
from tracker.commands.tracker import Tracker
from tracker.domain.whistle.events import Place
from tracker.settings import Settings

MARCH = ("2026-03-01", "2026-04-01")
DAY = timedelta(days=1)
ELSEWHERE = Place("53250300100101", "532503001001", "532503001", "CP01", 23.3860, 103.3932)


@pytest.fixture
def tracker(city_database):
    with Tracker(Settings(database_url=city_database, secret_key=SECRET), name="test") as tracker:
        yield tracker


@pytest.fixture
def city(city_database, tracker):
    with psycopg.connect(city_database, autocommit=True) as connection:
        yield City(connection, tracker)


class City:
    def __init__(self, connection, tracker):
        self.connection, self.tracker = connection, tracker

    def has(self, builder, **changes):
        """A whistle with all its events, and those of what is done to it next."""
        whistle = Kept(builder, changes)
        self.append(whistle.events)
        return whistle.whistle

    def append(self, events):
        position = self.tracker.recorder.insert_events(stored(events))[-1]
        project(self.connection)
        return position

    def asked(self, scope="city", as_of=None, period=MARCH):
        directory = self.tracker.directory.refresh()
        return answer(self.connection, directory, scope, *period, as_of)["metrics"]


class Kept:
    """The builders forget the events on the way; here they are kept."""

    def __init__(self, builder, changes):
        self.events, quiet = [], whistles.quiet
        whistles.quiet = self._keep
        try:
            self.whistle = builder(**changes)
        finally:
            whistles.quiet = quiet

    def _keep(self, whistle):
        self.events += whistle.collect_events()
        return whistle


def later(days):
    return MONDAY_TEN + days * DAY


def test_a_void_after_the_report_leaves_the_report_and_the_next_one_knows_it(city):
    whistle = city.has(in_progress)
    for actor in (SUPERVISOR, CITY):
        whistle.void("fabricated", actor=actor, at=later(40))
    city.append(whistle.collect_events())

    before, after = city.asked(as_of=later(39).isoformat()), city.asked()

    assert before["response_rate"] == {"n": 1, "d": 1, "pct": "100.00"}
    assert (before["raised_valid"], before["raised_gross"]) == (1, 1)
    assert after["response_rate"] is None
    assert (after["raised_valid"], after["raised_gross"]) == (0, 1)


def test_within_a_day_a_fact_counts_from_its_very_second(city):
    whistle = city.has(dispatched)
    at = later(1) + timedelta(minutes=7)
    whistle.respond("arrival", point=HERE, actor=handler(whistle.lead), at=at)
    city.append(whistle.collect_events())

    second_before = city.asked(as_of=(at - timedelta(seconds=1)).isoformat())

    assert second_before["response_rate"] == {"n": 0, "d": 1, "pct": "0.00"}
    assert city.asked(as_of=at.isoformat())["response_rate"]["n"] == 1


def test_a_corrected_place_moves_the_whistle_from_that_moment_on(city):
    whistle = city.has(raised)
    for actor in (SUPERVISOR, CITY):
        whistle.correct(
            "grid", "53250300100101", actor=actor, at=later(40), policy=POLICY, place=ELSEWHERE
        )
    city.append(whistle.collect_events())
    day_before = later(39).isoformat()

    assert city.asked(f"post:{HERE.post}", day_before)["raised_gross"] == 1
    assert city.asked("post:CP01", day_before)["raised_gross"] == 0
    assert city.asked(f"post:{HERE.post}")["raised_gross"] == 0
    assert city.asked("post:CP01")["raised_gross"] == 1
    assert city.asked("city")["raised_gross"] == 1


def test_a_corrected_category_moves_the_whistle_between_categories(city):
    whistle = city.has(closed)
    for actor in (SUPERVISOR, CITY):
        whistle.correct(
            "category",
            "C0103",
            actor=actor,
            at=later(40),
            policy=POLICY,
            category=CATEGORIES["C0103"],
        )
    city.append(whistle.collect_events())

    assert city.asked("category:E01", later(39).isoformat())["resolution_rate"]["n"] == 1
    assert city.asked("category:E01")["resolution_rate"] is None
    assert city.asked("category:C01")["resolution_rate"]["n"] == 1
    assert city.asked("category:C0103")["resolution_rate"]["n"] == 1


def test_a_reopening_changes_the_reopen_rate_alone(city):
    whistle = city.has(closed)
    whistle.reopen(actor=CITY, at=later(9), policy=POLICY)
    city.append(whistle.collect_events())
    before, after = city.asked(as_of=later(8).isoformat()), city.asked(as_of=later(9).isoformat())

    moved = {name for name in before if before[name] != after[name]}

    assert moved == {"reopen_rate", "rework_on_time"}
    assert after["reopen_rate"] == {"n": 1, "d": 1, "pct": "100.00"}


def test_a_report_at_a_position_does_not_know_what_was_imported_behind_it(city, tmp_path):
    city.has(closed)
    position = city.tracker.recorder.max_notification_id()
    known = city.asked(as_of=str(position))
    old = {
        "id": "X1",
        "registered_at": "2026-03-02T09:00",
        "sla_class": "G4",
        "post": "CP01",
        "self_resolved": True,
        "closed_at": "2026-03-02T09:10",
    }
    imported(city.tracker, [old], tmp_path)
    project(city.connection)

    assert city.asked(as_of=str(position)) == known
    newest = city.tracker.recorder.max_notification_id()
    assert city.asked(as_of=str(newest))["raised_gross"] == known["raised_gross"] + 1
    # The imported events are older than the rest, and hide nothing of it.
    assert city.asked(as_of=str(newest))["resolution_rate"] == known["resolution_rate"]


def test_an_open_whistle_is_overdue_from_just_after_its_due_time(city):
    whistle = city.has(dispatched)
    due = whistle.clocks["resolve"].due

    assert city.asked(as_of=due.isoformat())["overdue_stock"] == 0
    assert city.asked(as_of=(due + timedelta(microseconds=1)).isoformat())["overdue_stock"] == 1
    assert city.asked("unit:U01", (due + DAY).isoformat())["overdue_stock"] == 1
