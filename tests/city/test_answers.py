"""答复模板: what every unit has from the first day, and what each keeps for itself."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import pytest

from tests.mengzi import LOADED_AT, PACK
from tracker.city.answers import answers_of, end_answer, keep_answer, packaged
from tracker.city.pack.loading import load_city
from tracker.commands.tracker import Tracker
from tracker.domain.actors import Actor, Role
from tracker.domain.city.answers import STEPS, Answer, AnswerNotWhole, NotYourAnswer, UnknownStep
from tracker.domain.city.catalogue import UnknownCategory
from tracker.settings import Settings

U01 = Actor("liaison-u01", Role.UNIT_LIAISON, unit="U01")
U02 = Actor("liaison-u02", Role.UNIT_LIAISON, unit="U02")
TODAY = date(2026, 3, 2)
CLEANED = Answer(code="U01-a", unit="U01", step="submit", name="已冲洗", text="{地点}已冲洗。")


@pytest.fixture
def tracker(database: str) -> Iterator[Tracker]:
    with Tracker(Settings(database_url=database), name="test", pool_size=2) as tracker:
        load_city(tracker, PACK, False, LOADED_AT)
        yield tracker


def test_every_unit_has_some_for_each_step_and_the_categories_they_name_exist(tracker: Tracker):
    registers = tracker.city.registers

    assert {answer.step for answer in packaged()} == set(STEPS)
    assert {a.category for a in packaged()} - {""} <= {*registers["major"], *registers["category"]}
    assert answers_of(tracker.city, "U02") == list(packaged())


def test_a_unit_adds_its_own_which_no_other_unit_sees_and_the_same_form_twice_is_one(
    tracker: Tracker,
):
    keep_answer(tracker, CLEANED, LOADED_AT, U01)
    keep_answer(tracker, CLEANED, LOADED_AT, U01)

    assert answers_of(tracker.city, "U01") == [CLEANED, *packaged()]
    assert answers_of(tracker.city, "U02") == list(packaged())


def test_what_a_unit_ended_is_offered_no_longer_and_a_new_load_of_the_city_leaves_the_rest(
    tracker: Tracker,
):
    kept = replace(CLEANED, code="U01-b", name="已清运")
    for answer in (CLEANED, kept):
        keep_answer(tracker, answer, LOADED_AT, U01)

    end_answer(tracker, CLEANED.code, LOADED_AT, TODAY, U01)
    load_city(tracker, PACK, False, LOADED_AT)

    assert answers_of(tracker.city, "U01") == [kept, *packaged()]


def test_nobody_ends_the_template_of_another_unit(tracker: Tracker):
    keep_answer(tracker, CLEANED, LOADED_AT, U01)

    with pytest.raises(NotYourAnswer):
        end_answer(tracker, CLEANED.code, LOADED_AT, TODAY, U02)

    assert answers_of(tracker.city, "U01")[0] == CLEANED


@pytest.mark.parametrize(
    ("wrong", "refused"),
    [
        ({"name": ""}, AnswerNotWhole),
        ({"text": "长" * 501}, AnswerNotWhole),
        ({"step": "claim"}, UnknownStep),
        ({"category": "X99"}, UnknownCategory),
    ],
)
def test_a_template_without_its_parts_is_refused(
    tracker: Tracker, wrong: dict[str, str], refused: type[Exception]
):
    with pytest.raises(refused):
        keep_answer(tracker, replace(CLEANED, **wrong), LOADED_AT, U01)


def test_a_template_is_for_its_step_and_for_a_category_and_all_below_it():
    of_streets = replace(CLEANED, category="E02")

    assert of_streets.fits("submit", "E0201")
    assert not of_streets.fits("submit", "E0101")
    assert not of_streets.fits("respond", "E0201")
    assert CLEANED.fits("submit", None)
