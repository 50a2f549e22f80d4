"""Where time goes, what comes again, and two indices that are never mixed."""

import random
from collections import defaultdict
from datetime import date, datetime, timedelta
from fractions import Fraction
from itertools import pairwise

import psycopg
import pytest

from tests.made_of import SECRET, ZONE
from tests.rates.asked import imported
from tests.rates.facts import facts
from tests.rates.oracle import nearest
from tests.rates.projecting import project
from tracker.commands.fields import Point
from tracker.commands.tracker import Tracker
from tracker.commands.whistle.raising import Raise
from tracker.domain.actors import Actor, Role
from tracker.domain.whistle.dispatching import Claimed
from tracker.domain.whistle.following_up import Closed
from tracker.domain.whistle.merging import ChildJoined
from tracker.domain.whistle.reopening import Reopened
from tracker.domain.whistle.returning import ReturnRejected, ReturnRequested, ReturnUpheld
from tracker.domain.whistle.sending import Dispatched
from tracker.eventstore.mapper import PlainMapper
from tracker.metrics.arithmetic import Rate
from tracker.metrics.asking import AsOf, Period, Question
from tracker.metrics.indices import RESIDENTS, band_of, happiness
from tracker.metrics.steps import Step
from tracker.projections.engine.rebuilding import rebuild
from tracker.projections.rates.answer import listed, rates
from tracker.projections.steps.repeats import repeats
from tracker.projections.steps.steps import Steps
from tracker.projections.steps.time_in_steps import spent, steps
from tracker.reports.indices import NoIndexOfThat, indices, population
from tracker.settings import Settings

SPRING = Period(date(2026, 1, 1), date(2026, 11, 1))
LATE = AsOf(datetime(2026, 11, 1, tzinfo=ZONE))
TABLES = ("steps_whistles", "steps_stays", "steps_acts")
NAMES = {
    "RAISED": "dispatch",
    "TRIAGED": "dispatch",
    "POOLED": "dispatch",
    "CLAIMED": "response",
    "DISPATCHED": "response",
    "RESPONDED": "work",
    "IN_PROGRESS": "work",
    "SUSPENDED": "suspended",
    "SUBMITTED": "verification",
    "SELF_RESOLVED": "verification",
    "VERIFIED": "follow_up",
}


@pytest.fixture
def connection(city_database):
    with psycopg.connect(city_database, autocommit=True) as own:
        yield own


@pytest.fixture
def tracker(city_database):
    with Tracker(Settings(database_url=city_database, secret_key=SECRET)) as running:
        yield running


def lived(tracker, connection, folder, seed, count=60):
    """An older system's histories of nine months, folded in batches of any size."""
    chance = random.Random(seed)
    imported(tracker, facts(chance, count, ["C0103", "E0101", "E0505"]), folder)
    project(connection, batch=chance.choice((7, 60, 2_000)))


def by_hand(tracker, closed):
    """Seconds by (whistle, step, unit) in the first cycle, from the plain events."""
    found = defaultdict(Fraction)
    for whistle in closed:
        life = list(tracker.events.get(whistle))
        lead, returning = None, False
        start = life[0].timestamp
        older = [e.registered_at for e in life if isinstance(e, ChildJoined)]
        if older and min(older) < start:
            found[whistle, "dispatch", None] += seconds(start - min(older))
        for now, following in pairwise(life):
            match now:
                case Dispatched(lead=task) | Claimed(assignment=task):
                    lead, returning = task.unit, False
                case ReturnRequested(unit=unit) if unit == lead:
                    returning = True
                case ReturnUpheld(unit=unit) | ReturnRejected(unit=unit) if unit == lead:
                    returning = False
            step = NAMES.get(now.state.value)
            if step == "response" and returning:
                step = "returns"
            if step is not None:
                unit = None if step == "dispatch" else lead
                found[whistle, step, unit] += seconds(following.timestamp - now.timestamp)
            if isinstance(following, Closed | Reopened):
                break
    return {key: value for key, value in found.items() if value}


def seconds(length):
    return Fraction(length // timedelta(seconds=1))


@pytest.mark.parametrize("seed", range(4))
def test_every_stay_is_the_one_counted_by_hand(tracker, connection, seed, tmp_path):
    lived(tracker, connection, tmp_path, seed)
    question = Question("city", SPRING, LATE)

    closed = {line.whistle for line in listed(connection, question, "reopen_rate", "d")}
    found = spent(connection, question)[""]
    by_unit = spent(connection, question, "unit")

    assert closed
    hand = by_hand(tracker, closed)
    for step in Step:
        whole = defaultdict(Fraction)
        for (whistle, name, _), value in hand.items():
            if name == step:
                whole[whistle] += value
        times = sorted(int(value) for value in whole.values())
        if not times:
            assert step not in found
            continue
        mine = found[step]
        assert (mine.whistles, mine.seconds) == (len(times), sum(times))
        assert mine.median == nearest([Fraction(time) for time in times], Fraction(1, 2))
        assert mine.p90 == nearest([Fraction(time) for time in times], Fraction(9, 10))
    units = defaultdict(int)
    for (_, name, unit), value in hand.items():
        units[unit, name] += int(value)
    assert {(u, s): one.seconds for u, row in by_unit.items() for s, one in row.items()} == {
        key: value for key, value in units.items() if key[0] is not None
    }


def test_the_steps_less_suspensions_add_up_to_the_handling_time_of_the_rates(
    tracker, connection, tmp_path
):
    lived(tracker, connection, tmp_path, 11)
    question = Question("city", SPRING, LATE)

    found = spent(connection, question)[""]
    answer = rates(connection, question)

    handled = sum(one.seconds for step, one in found.items() if step != Step.SUSPENDED)
    count = answer["metrics"]["reopen_rate"]["d"]
    assert round(handled / 3600 / count, 2) == answer["metrics"]["mean_handling_time"]


def test_shares_are_of_the_whole_and_a_step_that_nobody_passed_has_none(
    tracker, connection, tmp_path
):
    lived(tracker, connection, tmp_path, 12)

    answer = steps(connection, Question("city", SPRING, LATE), "category")
    nothing = steps(connection, Question("city", Period(date(2020, 1, 1), date(2020, 2, 1)), LATE))

    shares = [float(row["share"]) for row in answer["steps"] if row["share"] is not None]
    assert sum(shares) == pytest.approx(100, abs=0.05)
    assert [row["step"] for row in nothing["steps"]] == [str(step) for step in Step]
    assert {row["share"] for row in nothing["steps"]} == {None}
    assert {row["median_minutes"] for row in nothing["steps"]} == {None}


def test_a_rebuild_leaves_the_same_rows(tracker, connection, city_database, tmp_path):
    lived(tracker, connection, tmp_path, 13)
    living = rows(connection)

    with psycopg.connect(city_database, autocommit=True) as own:
        rebuild(own, Steps(), PlainMapper(), at_once=37)

    assert rows(connection) == living


def rows(connection):
    return {
        table: sorted(connection.execute(f"SELECT {table}::text FROM {table}").fetchall())
        for table in TABLES
    }


RESIDENT = Actor("resident", Role.RESIDENT)
HERE = (23.386036, 103.393282)  # in the grid 53250300100101
SEPTEMBER = Question("city", Period(date(2026, 9, 1), date(2026, 10, 1)), LATE)


def raises(tracker, day, metres=0.0, category="C0103", month=9):
    at = datetime(2026, month, day, 10, tzinfo=ZONE)
    place = Point(HERE[0] + metres / 111_195, HERE[1])
    done = tracker.open(
        Raise(text="路灯不亮", category=category, location=place), actor=RESIDENT, at=at
    )
    return done.aggregate.number


def test_a_repeat_is_of_the_same_category_within_fifty_metres_and_thirty_days(tracker, connection):
    first = raises(tracker, 31, month=8)
    again = raises(tracker, 20, metres=49)
    raises(tracker, 21, metres=101)  # 52 m from the nearest
    raises(tracker, 22, category="E0101")
    late = raises(tracker, 29, metres=-120, month=8)
    raises(tracker, 29, metres=-120)  # 31 days after
    project(connection)

    found = repeats(connection, SEPTEMBER)

    assert [(one["number"], one["repeats"]) for one in found["repeats"]] == [(again, first)]
    assert found["repeat_rate"] == {"n": 1, "d": 4, "pct": "25.00"}
    assert late not in {number for place in found["places"] for number in place["numbers"]}
    assert [place["whistles"] for place in found["places"]] == [2]


def test_residents_are_shared_out_whole_and_each_post_has_its_own(tracker):
    found = population(tracker.city, date(2026, 9, 1))

    posts = {scope: n for scope, n in found.by_scope.items() if scope.startswith("post:")}
    assert (found.of("city"), sum(posts.values())) == (RESIDENTS, RESIDENTS)
    assert len(posts) == 24  # 23 communities and one special area; streets' posts have none


def test_effort_moves_with_acts_and_happiness_does_not(tracker, connection):
    patrol = Actor("gw", Role.GRID_WORKER, grid="53250300100101")
    project(connection)
    before = indices(connection, tracker.city, SEPTEMBER)
    tracker.open(
        Raise(text="垃圾", category="E0101", location=Point(*HERE)),
        actor=patrol,
        at=datetime(2026, 9, 3, 9, tzinfo=ZONE),
    )
    project(connection)

    after = indices(connection, tracker.city, SEPTEMBER)

    assert (before["effort_index"], after["acts"]["found"]) == (0, 1)
    assert before["happiness_index"] is after["happiness_index"] is None
    (post,) = [row for row in after["items"] if row["raised_valid"]]
    assert (post["raised_valid"], post["acts"]["found"]) == (1, 1)
    assert post["effort_index"] > 0


def test_units_have_no_residents_and_are_told_so(tracker, connection):
    question = Question("unit:U01", SPRING, LATE)

    with pytest.raises(NoIndexOfThat) as refusal:
        indices(connection, tracker.city, question)

    assert refusal.value.field == "scope"


def test_happiness_is_made_of_outcomes_alone_and_drops_what_nobody_knows():
    whole = happiness(Rate(8, 9), Rate(6, 8), Rate(1, 10))
    unrated = happiness(Rate(8, 9), Rate(0, 0), Rate(0, 0))

    assert whole is not None and unrated is not None
    assert whole.exact == 100 * (
        Fraction(2, 5) * Fraction(8, 9)
        + Fraction(2, 5) * Fraction(6, 8)
        + Fraction(1, 5) * Fraction(9, 10)
    )
    assert (unrated.exact, unrated.parts) == (100 * Fraction(8, 9), ("resolution_rate",))
    assert happiness(Rate(0, 0), Rate(0, 0), Rate(0, 10)) is None


def test_the_band_is_between_half_of_the_median_and_twice_it():
    median = Fraction(4)

    bands = [band_of(Fraction(rate), median) for rate in ("1.99", "2", "8", "8.01")]

    assert bands == ["low", "normal", "normal", "high"]
