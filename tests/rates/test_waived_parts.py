"""A co-handler's part that the post takes back counts only where its due had passed unanswered."""

from datetime import date, datetime, timedelta

import psycopg
import pytest

from tests.made_of import SECRET, ZONE
from tests.rates.asked import project
from tests.rates.oracle import Oracle
from tracker.commands.fields import GridRef
from tracker.commands.tracker import Tracker
from tracker.commands.whistle.co_handling import RemoveCo
from tracker.commands.whistle.dispatching import Dispatch
from tracker.commands.whistle.raising import Raise
from tracker.commands.whistle.triage import Classify
from tracker.domain.actors import Actor, Role
from tracker.metrics.asking import AsOf, Period, Question
from tracker.projections.rates.answer import listed, rates
from tracker.settings import Settings

CITY = Actor("city", Role.CITY_CENTRE)
TEN = datetime(2026, 9, 1, 10, tzinfo=ZONE)
DUE = datetime(2026, 9, 1, 16, tzinfo=ZONE)  # G4: four working hours, less the noon break
SECOND, DAY = timedelta(seconds=1), timedelta(days=1)
MONTH = date(2026, 9, 1), date(2026, 10, 1)
QUESTION = Question("unit:U14", Period(*MONTH), AsOf(TEN + 20 * DAY))
NOBODY, MISSED = None, {"n": 0, "d": 1, "pct": "0.00"}


@pytest.fixture
def tracker(city_database):
    with Tracker(Settings(database_url=city_database, secret_key=SECRET)) as running:
        yield running


@pytest.fixture
def connection(city_database):
    with psycopg.connect(city_database, autocommit=True) as own:
        yield own


def sent_to_two(tracker):
    """A street lamp, led by U01 with U14 beside it; nobody answers."""
    raised = tracker.open(
        Raise(text="路灯不亮", location=GridRef("53250300100101")), actor=CITY, at=TEN
    )
    number = raised.aggregate.number
    tracker.give(Classify(category="C0103"), number, actor=CITY, at=TEN)
    tracker.give(Dispatch(lead="U01", co=("U14",)), number, actor=CITY, at=TEN)
    return number


def log_of(tracker):
    return [
        (n.id, tracker.mapper.to_domain_event(n))
        for n in tracker.recorder.read(0, 100_000)
        if n.topic.startswith("whistle.")
    ]


@pytest.mark.parametrize(
    ("waived_at", "counted"),
    [(TEN + SECOND, NOBODY), (DUE, NOBODY), (DUE + SECOND, MISSED)],
    ids=["before its due", "at the very second of its due", "a second too late"],
)
def test_a_part_waived_in_time_is_held_against_no_unit_and_one_waived_late_is(
    tracker, connection, waived_at, counted
):
    number = sent_to_two(tracker)
    tracker.give(RemoveCo(unit="U14", reason="另派一家"), number, actor=CITY, at=waived_at)
    project(connection)

    found = rates(connection, QUESTION)["metrics"]

    assert (found["response_rate"], found["on_time_response_rate"]) == (counted, counted)
    assert found == Oracle(log_of(tracker), QUESTION.as_of.at).figures("unit:U14", *MONTH)


def test_the_list_behind_the_rate_says_that_the_part_was_waived(tracker, connection):
    number = sent_to_two(tracker)
    tracker.give(RemoveCo(unit="U14", reason="另派一家"), number, actor=CITY, at=DUE)
    project(connection)

    left_out = listed(connection, QUESTION, "response_rate", "left_out")

    assert [(line.number, line.reason) for line in left_out] == [(number, "waived")]
