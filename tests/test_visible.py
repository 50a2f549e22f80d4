"""Words that nobody can see are none."""

import pytest

from tracker.words.visible import has_visible


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "\n\t\r\x0b\x0c\x85",
        "\u3000\u00a0\u2003\u2028\u2029",
        "\u200b\u200c\u200d\u2060\ufeff",
        "\u200e\u200f\u202a\u202e\u2066\u2069\u061c",
        "\u00ad\u180e\ufff9",
        "\u3164\u115f\u2800",
        "\ufe0f\ufe0e\u034f",
        "\U000e0041\U000e0100",
        "\x01\x7f",
    ],
)
def test_blanks_control_and_format_characters_are_no_words(text: str) -> None:
    assert not has_visible(text)


@pytest.mark.parametrize("text", ["灯", "?", "\u200b1\u200b", "🔥", "a\u0301", "。", "☎\ufe0f"])
def test_one_visible_character_among_them_is_enough(text: str) -> None:
    assert has_visible(text)
