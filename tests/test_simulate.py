"""The living city of the demo: every path of the table, in order, the same for the same seed."""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random
from types import SimpleNamespace
from typing import Any

import pytest
from click.testing import CliRunner

from tests.api.web import projecting
from tests.waiting import until_folded
from tracker.commands.tracker import Tracker
from tracker.contexts.handover import commands as handing_over
from tracker.contexts.handover.demo import Shifts
from tracker.contexts.summons.commands import summons_of
from tracker.contexts.summons.record import Call, Summons
from tracker.demo.agenda import Agenda
from tracker.demo.living import SimulationResult, live
from tracker.demo.simulate import simulate
from tracker.demo.world import World
from tracker.domain.post_record import PostRecordEvent
from tracker.domain.whistle.events import TERMINAL, Event, State
from tracker.domain.whistle.whistle import Whistle
from tracker.projections.engine.log_moments import LogMoments
from tracker.settings import Settings

UNTIL = datetime.fromisoformat("2026-06-10T10:30+08:00")
DUTIES = ("summons.", "handover.")
NOT_SIMULATED = {
    *("whistle.mended", "whistle.class_raised"),  # old logs; a child that is worse
    *("whistle.annulment_asked", "whistle.annulled"),  # no clock of the demo runs ahead
    # nobody in the demo asks the reporter yet
    *("whistle.reporter_asked", "whistle.reporter_answered", "whistle.wait_ended"),
    "whistle.miss_lifted",  # more time that is asked for in the last minutes
    *("whistle.reopening_refused", "whistle.raised_again"),  # nobody's patience lasts so long
}
BY_CALENDARS = {"whistle.deadlines_recomputed"}  # only the arrival of a year's calendar causes it


@pytest.fixture(scope="module")
def city(module_city: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tracker]:
    settings = Settings(database_url=module_city, var=tmp_path_factory.mktemp("var"))
    with Tracker(settings, name="test", pool_size=3) as tracker:
        yield tracker


@pytest.fixture(scope="module")
def lived(city: Tracker) -> SimulationResult:
    return live(city, whistles=240, days=60, seed=7, until=UNTIL)


def every_event(tracker: Tracker, *kinds: str) -> list[Any]:
    """The events in the order of the log; of whistles unless other kinds are named."""
    found, wanted = tracker.recorder.select_notifications(None, 100_000), kinds or ("whistle.",)
    return [tracker.mapper.to_domain_event(n) for n in found if n.topic.startswith(wanted)]


def whistles(tracker: Tracker) -> list[Whistle]:
    return [tracker.whistle(id) for id in {event.originator_id for event in every_event(tracker)}]


def topics(base: type[Any] = Event) -> Iterator[str]:
    for kind in base.__subclasses__():
        if "TOPIC" in kind.__dict__:
            yield kind.TOPIC
        yield from topics(kind)


def test_every_kind_of_event_happens(city: Tracker, lived: SimulationResult) -> None:
    happened = {event.TOPIC for event in every_event(city)}

    shipped = {topic for topic in topics() if topic.startswith("whistle.")} - NOT_SIMULATED
    assert happened == shipped - BY_CALENDARS


def test_nobody_in_the_demo_tries_what_the_rules_forbid(lived: SimulationResult) -> None:
    assert lived.refusals == ()
    assert lived.whistles == 240


def test_every_open_state_waits_on_the_last_day(city: Tracker, lived: SimulationResult) -> None:
    states = {whistle.state for whistle in whistles(city)}

    assert states >= set(State) - TERMINAL


def test_returns_extensions_and_proposals_wait_too(city: Tracker, lived: SimulationResult) -> None:
    open_ones = [whistle for whistle in whistles(city) if not whistle.is_terminal]

    assert any(whistle.pending_return for whistle in open_ones)
    assert any(whistle.extension_by for whistle in open_ones)
    proposed = {name for whistle in open_ones for name in whistle.proposals}
    assert proposed >= {"void", "suspend", "close", "correct", "exclude"}


def test_open_whistles_show_every_card(city: Tracker, lived: SimulationResult) -> None:
    cards = {whistle.card for whistle in whistles(city) if not whistle.is_terminal}

    assert cards == {"none", "yellow", "red"}


def test_the_log_is_in_the_order_of_time(city: Tracker, lived: SimulationResult) -> None:
    moments = [event.timestamp for event in every_event(city, "whistle.", *DUTIES)]

    assert moments == sorted(moments)
    assert moments[-1] <= UNTIL
    assert len(moments) == lived.events


def test_nothing_is_left_to_fall_due(city: Tracker, lived: SimulationResult) -> None:
    for whistle in whistles(city):
        whistle.elapse(UNTIL, city.city.policy)

        assert whistle.collect_events() == []


def summonses(tracker: Tracker) -> list[Summons]:
    called = every_event(tracker, "summons.summoned")
    return [summons_of(tracker, event.originator_id) for event in called]


@pytest.mark.contexts
def test_units_are_called_come_are_missing_and_are_awaited_today(
    city: Tracker, lived: SimulationResult
) -> None:
    happened = {event.TOPIC for event in every_event(city, "summons.")}
    under_way = [one for one in summonses(city) if one.state is Call.OPEN]

    assert happened == {topic for topic in topics(PostRecordEvent) if topic.startswith("summons.")}
    assert [sum(not a.absent for a in one.attendance.values()) for one in under_way] == [2, 1, 0]
    assert [one.arrive_by > UNTIL for one in under_way] == [False, True, True]
    due = [one.next_moment() for one in summonses(city)]
    assert all(step is None or step[0] >= UNTIL for step in due)


@pytest.mark.contexts
def test_shifts_are_handed_over_and_the_last_waits_for_who_comes(
    city: Tracker, lived: SimulationResult
) -> None:
    signed = [e for e in every_event(city, "handover.signed") if e.post == "CP01"]
    received = {event.originator_id for event in every_event(city, "handover.received")}

    assert len(signed) > 20
    assert [e.originator_id in received for e in signed] == [True] * (len(signed) - 1) + [False]


@pytest.mark.contexts
def test_what_a_shift_leaves_is_what_the_board_and_the_story_count(
    city: Tracker, lived: SimulationResult
) -> None:
    lives: Any = [SimpleNamespace(whistle=one, it=one) for one in whistles(city)]
    shifts = Shifts(World(city.city, Random(1), UNTIL), Agenda(), lives, UNTIL)
    shifts.plan(days=1)
    shifts.count_events(every_event(city))
    began = UNTIL - timedelta(hours=20)
    with projecting(city, city.settings), city.connection() as connection:
        newest = LogMoments(connection).newest()
        until_folded(connection, newest, "board", "timeline")

    for post in shifts.done:
        with city.connection() as connection:
            left = handing_over.left(connection, post, began, UNTIL)

        assert shifts.left(post, began, UNTIL) == {
            "open_by_state": left.open_by_state,
            "open_by_card": left.open_by_card,
            "turned_red": left.turned_red,
            "done": left.done,
        }
    assert any(shifts.left(post, began, UNTIL)["done"] for post in shifts.done)


def test_most_whistles_end_well(city: Tracker, lived: SimulationResult) -> None:
    verdicts = [
        event.resolved
        for event in every_event(city)
        if event.TOPIC == "whistle.followed_up" and event.resolved is not None and event.counted
    ]

    assert 0.7 < sum(verdicts) / len(verdicts) < 0.97


@pytest.mark.contexts
def test_the_same_seed_lives_the_same_again(city_settings: Settings) -> None:
    with Tracker(city_settings, name="test", pool_size=2) as tracker:
        live(tracker, whistles=30, days=9, seed=3, until=UNTIL)
        once = every_event(tracker, "whistle.", *DUTIES)
        with tracker.connection() as connection:
            connection.execute(
                "DELETE FROM stored_events WHERE topic ~ '^(whistle|summons|handover)'"
            )
            connection.execute("DELETE FROM contents")
            connection.execute("SELECT setval('whistle_number', 1, false)")
            connection.execute("SELECT setval('summons_number', 1, false)")

        live(tracker, whistles=30, days=9, seed=3, until=UNTIL)

        assert every_event(tracker, "whistle.", *DUTIES) == once
        live(tracker, whistles=30, days=9, seed=3, until=UNTIL)  # a third time, beside the second


def test_the_command_tells_what_it_lived(
    city_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", city_settings.database_url or "")

    done = CliRunner().invoke(
        simulate, ["--whistles", "12", "--days", "5", "--until", UNTIL.isoformat(), "--json"]
    )

    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    assert (told["whistles"], told["refused"]) == (12, 0)
