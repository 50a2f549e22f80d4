"""A number is found as people type it from a slip of paper."""

import pytest

from tracker.domain.numbers import closed_up, number_as_typed
from tracker.domain.whistle.whistle import whistle_id

NUMBER = "W-261201-000110"


@pytest.mark.parametrize(
    "typed",
    [
        NUMBER,
        "w-261201-000110",
        "W261201000110",
        "w 261201 000110",
        " W-261201 - 000110 ",
        "Ｗ－２６１２０１－０００１１０",
        "Ｗ２６１２０１　０００１１０",
        "W–261201—000110",
        "W\u2212261201\u2212000110",
        "W\u2011261201\u2011000110\u200b",
    ],
)
def test_case_width_blanks_and_dashes_make_no_other_number(typed: str) -> None:
    assert number_as_typed(typed, "W", 6) == NUMBER
    assert whistle_id(typed) == whistle_id(NUMBER)


@pytest.mark.parametrize("number", ["I-live-2", "I-261201000110", "I-2026 7", "W-1", "W-261201-11"])
def test_a_number_of_another_form_keeps_its_hyphens(number: str) -> None:
    assert number_as_typed(number, "W", 6) == number.upper()


def test_a_count_that_has_outgrown_six_digits_is_still_one() -> None:
    assert number_as_typed("w2612011000110", "W", 6) == "W-261201-1000110"


def test_a_code_is_closed_up_in_any_width() -> None:
    assert closed_up("ａｂ1— 2\u200b") == "AB12"
