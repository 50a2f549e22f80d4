"""What was seen to go wrong, case by case, over HTTP: each must not come back.

Held elsewhere in the same words: a calendar that arrives late (test_sweep.py, test_changing.py), an
import of the future (test_importing.py), a host whose clock is wrong (faults/test_wrong_clocks.py),
the lost answer without scripts (browser/test_resident.py), a category that moves to another major
(rates/test_what_stays.py), a point outside the grids (test_raising.py), what pages say of a state
(test_state_words.py). What people read of it stands in test_seen_by_people.py.
"""

from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest

from tests.api.transitions.rows_merge import LAMP, MANHOLE, beside
from tests.api.transitions.situations import pooled
from tests.api.transitions.stage import (
    AT_IT,
    FAR_GRID,
    HOUSING,
    LAT,
    LITTER,
    LONG,
    NEXT_GRID,
    NOISE,
    NOW,
    PARKING,
    VIOLENCE,
    Stage,
    Story,
    Told,
)
from tests.api.web import Web
from tests.waiting import until_folded
from tracker.commands.fields import Point
from tracker.commands.whistle.overseeing import LetTimePass
from tracker.domain.actors import SYSTEM
from tracker.projections.engine.log_moments import LogMoments

FIRE = "E0402"  # E1, of U13
DAY = timedelta(days=1)
LAMP_AND_MANHOLE = partial(
    beside,
    parent=partial(Story.triaged, category=LAMP),
    child=partial(Story.raised, category=MANHOLE),
)


@pytest.fixture(scope="module")
def stage(web: Web) -> Stage:
    return Stage(web)


def begun(stage: Stage, told: Told, ago: timedelta = NOW) -> Story:
    return stage.story("", told, ago)


def given(stage: Stage, story: Story, who: str, command: str, **body: Any) -> dict[str, Any]:
    answer = stage.give(story, who, command, body)
    assert answer.status_code in (200, 202), answer.text
    return dict(answer.json())


def corrected(stage: Stage, story: Story, field: str, value: str, by: str = "city") -> None:
    for who in ("intake-cp04", by):
        given(stage, story, who, "correct", field=field, value=value, reason="核实")


def running(stage: Stage, story: Story) -> set[str]:
    return {
        f"{clock['kind']}@{clock['unit']}" if clock["unit"] else clock["kind"]
        for clock in stage.seen(story)["clocks"]
        if clock["stopped_at"] is None and not clock["paused"]
    }


def progress(stage: Stage, story: Story) -> dict[str, Any]:
    return dict(stage.web.with_receipt(story.receipt).get("/receipts/current").json())


# --- 1: an emergency that is found later ----------------------------------------------------------


def an_emergency(stage: Stage, story: Story) -> None:
    seen = stage.seen(story)
    assert (seen["sla_class"], seen["state"]) == ("E1", "DISPATCHED")
    assert seen["lead"] and {"control", f"respond@{seen['lead']}"} <= running(stage, story)


def classified(stage: Stage, story: Story) -> None:
    given(stage, story, "intake-cp04", "classify", category="C0202")


@pytest.mark.parametrize("told", [Story.raised, Story.triaged, pooled])
def test_please_come_and_look_turns_out_to_be_an_emergency(stage: Stage, told: Told) -> None:
    story = begun(stage, told)

    classified(stage, story)

    an_emergency(stage, story)


def test_corrected_to_an_emergency_it_is_sent(stage: Stage) -> None:
    story = begun(stage, Story.triaged)

    corrected(stage, story, "category", "C0202")

    an_emergency(stage, story)


def test_an_emergency_that_is_unmerged_is_sent_again(stage: Stage) -> None:
    lamp = partial(Story.triaged, category=LAMP)
    story = begun(
        stage, partial(beside, parent=lamp, child=partial(Story.raised, category=MANHOLE))
    )
    assert story.other is not None
    given(stage, story, "intake-cp04", "merge", into=story.other.number)

    given(stage, story, "dispatcher-cp04", "unmerge", reason="不是一件")

    an_emergency(stage, story)


def test_an_emergency_whose_voiding_is_overturned_is_at_work_again(stage: Stage) -> None:
    story = begun(stage, Story.emergency)
    for who in ("supervisor", "city"):
        given(stage, story, who, "void", reason="fabricated")

    given(stage, story, "supervisor-b", "reopen", reason="确有其事")

    an_emergency(stage, story)


# --- 2: other people's voices ---------------------------------------------------------------------


def a_parent(stage: Stage, told: Told = Story.triaged) -> tuple[Story, Story]:
    """A parent and the child that follows it, each with a reporter of its own."""
    child = begun(stage, partial(Story.merged, told=told))
    assert child.other is not None
    return child.other, child


def test_the_first_reporter_leaves_and_the_second_goes_on(stage: Stage) -> None:
    parent, child = a_parent(stage, Story.dispatched)

    left = stage.give(parent, "reporter", "withdraw", {})
    more = stage.give(child, "reporter", "amend", {"text": "还在漏"})

    assert (left.status_code, more.status_code) == (200, 200), (left.text, more.text)
    assert stage.seen(parent)["state"] == "DISPATCHED" and "resolve" in running(stage, parent)
    assert progress(stage, child)["progress"] == "DISPATCHED"


def test_a_void_parent_gives_its_child_back_with_its_clocks(stage: Stage) -> None:
    parent, child = a_parent(stage)

    for who in ("intake-cp04", "commander-cp04"):
        given(stage, parent, who, "void", reason="test")

    assert stage.seen(child)["state"] == "TRIAGED"
    assert running(stage, child) == {"respond", "resolve"}


def test_a_merged_reporter_gives_no_verdict_before_somebody_was_sent(stage: Stage) -> None:
    parent, child = a_parent(stage)

    verdict = stage.give(child, "reporter", "follow-up", {"resolved": False})

    assert (verdict.status_code, stage.seen(parent)["state"]) == (409, "TRIAGED")


# --- 3: what may not lie in the pool --------------------------------------------------------------


def test_pooled_litter_that_is_a_fire_goes_to_the_fire_brigade_and_to_nobody_else(
    stage: Stage,
) -> None:
    story = begun(stage, partial(pooled, category=LITTER))

    given(stage, story, "intake-cp04", "classify", category=FIRE)
    stage.web.tracker.give(
        LetTimePass(), story.number, actor=SYSTEM, at=datetime.now(UTC) + 3 * DAY
    )

    seen = stage.seen(story)
    units = {part["unit"] for part in seen["assignments"]}
    assert (seen["lead"], units) == ("U13", {"U13", "U04", "U05"})


def test_a_pooled_quarrel_that_is_violence_is_seen_by_no_stranger(stage: Stage) -> None:
    story = begun(stage, partial(pooled, category="E0801"))

    given(stage, story, "intake-cp04", "classify", category=VIOLENCE)

    stranger = stage.web.someone("liaison-u19")
    assert stranger.give(story.number, "claim").status_code in (403, 404)
    assert stranger.get(f"/whistles/{story.number}").status_code in (403, 404)


# --- 4 to 6: two become one, and two again --------------------------------------------------------


def test_an_emergency_merged_into_a_lamp_makes_the_lamp_one(stage: Stage) -> None:
    lamp = partial(Story.triaged, category=LAMP)
    story = begun(
        stage, partial(beside, parent=lamp, child=partial(Story.raised, category=MANHOLE))
    )
    parent = story.other
    assert parent is not None

    given(stage, story, "intake-cp04", "merge", into=parent.number)

    an_emergency(stage, parent)


@pytest.mark.parametrize("category", ["E0805", VIOLENCE])
def test_a_category_corrected_to_a_confidential_one_makes_it_so(
    stage: Stage, category: str
) -> None:
    story = begun(stage, partial(Story.triaged, category="E0804"))

    corrected(stage, story, "category", category)

    assert stage.seen(story)["confidential"] is True
    assert stage.web.someone("leader").get(f"/whistles/{story.number}").status_code in (403, 404)


def test_merged_by_mistake_for_a_minute_the_parent_is_as_before(stage: Stage) -> None:
    story = begun(stage, partial(beside, parent=Story.triaged, child=Story.triaged, later=-4 * DAY))
    parent = story.other
    assert parent is not None
    before = stage.seen(parent)
    given(stage, story, "intake-cp04", "merge", into=parent.number)

    given(stage, story, "dispatcher-cp04", "unmerge", reason="错并")

    after = stage.seen(parent)
    kept = ("registered_at", "clocks", "card", "level", "sla_class", "state")
    assert {name: after[name] for name in kept} == {name: before[name] for name in kept}


# --- 8, 11: another class, another post -----------------------------------------------------------


def test_a_unit_is_judged_by_the_class_as_it_is(stage: Stage) -> None:
    story = begun(stage, partial(Story.dispatched, category=PARKING, lead="U05"))

    corrected(stage, story, "category", NOISE)

    dues = {clock["unit"]: clock["due"] for clock in stage.seen(story)["clocks"]
            if clock["kind"] == "respond"}  # fmt: skip
    assert dues[None] == dues["U05"]


def test_what_was_missed_is_not_on_time_in_a_milder_class(stage: Stage) -> None:
    story = begun(stage, partial(Story.dispatched, category=NOISE, lead="U04"), LONG)
    before = stage.seen(story)["clocks"]

    corrected(stage, story, "category", PARKING, by="supervisor")

    assert stage.seen(story)["clocks"] == before
    assert {clock["card"] for clock in before} == {"red"}


def test_nobody_moves_his_breach_to_another_post_alone(stage: Stage) -> None:
    story = begun(stage, Story.dispatched, LONG)

    moved = stage.give(story, "dispatcher-cp04", "locate", {"grid": FAR_GRID})
    milder = stage.give(story, "intake-cp04", "classify", {"category": PARKING})

    for refused in (moved, milder):
        assert (refused.status_code, refused.json()["code"]) == (409, "whistle.use_correct")
    assert stage.seen(story)["post"] == "CP04"


# --- 9: nobody checks, nobody asks ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("told", "kind"), [(Story.submitted, "verify"), (Story.verified, "follow_up")]
)
def test_a_check_or_a_call_that_nobody_makes_climbs_and_stands_with_the_post(
    stage: Stage, told: Told, kind: str
) -> None:
    story = begun(stage, partial(told, category=PARKING, lead="U05"), LONG)

    seen = stage.seen(story)
    card = {clock["kind"]: clock["card"] for clock in seen["clocks"] if clock["unit"] is None}
    assert (card[kind], card["resolve"], seen["card"]) == ("red", "none", "none")
    assert seen["level"] >= 4
    assert {"whistle.deadline_missed", "whistle.supervision_opened"} <= events(stage, story)


def events(stage: Stage, story: Story) -> set[str]:
    told = stage.web.someone("city").get(f"/whistles/{story.number}/timeline").json()
    return {line["event"] for line in told["items"]}


# --- 10: evidence ---------------------------------------------------------------------------------


@pytest.mark.parametrize("by_two", [False, True])
def test_another_grid_does_not_drop_the_residents_point(stage: Stage, by_two: bool) -> None:
    story = begun(stage, Story.dispatched if by_two else Story.triaged)
    if by_two:
        corrected(stage, story, "grid", NEXT_GRID)
    else:
        given(stage, story, "intake-cp04", "locate", grid=NEXT_GRID)
        given(stage, story, "dispatcher-cp04", "dispatch", lead="U02")

    far = stage.give(story, "handler-u02", "respond", {**AT_IT, "lat": LAT + 0.03})
    there = stage.give(story, "handler-u02", "respond", AT_IT)

    assert (far.json()["code"], there.status_code) == ("whistle.too_far_away", 200)


# --- 12: five answered, five never sent -----------------------------------------------------------


def test_five_that_nobody_was_sent_to_are_not_answered(stage: Stage) -> None:
    for told in (answered_at_cp09, never_sent_at_cp09):
        for _ in range(5):
            begun(stage, told, LONG)
    first = (datetime.now(UTC) - LONG - DAY).date()
    asked = {"scope": "post:CP09", "from": str(first), "to": str(first + 12 * DAY)}

    with stage.web.tracker.connection() as connection:
        until_folded(connection, LogMoments(connection).newest(), "rates")
    metrics = stage.web.someone("leader").get("/rates", params=asked).json()["metrics"]

    assert (metrics["response_rate"]["n"], metrics["response_rate"]["d"]) == (5, 10)


def never_sent_at_cp09(story: Story) -> Story:
    story.raised(location=Point(23.405781, 103.369254))
    return story.does("intake-cp09", "classify", category=HOUSING)


def answered_at_cp09(story: Story) -> Story:
    never_sent_at_cp09(story).does("dispatcher-cp09", "dispatch", lead="U02")
    return story.does("handler-u02", "respond", kind="arrival", lat=23.405781, lon=103.369254)
