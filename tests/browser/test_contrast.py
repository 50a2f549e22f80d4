"""The contrast of every pair of colours in use, computed from tokens.css in both themes.

TEXT are words on their ground (4.5:1, WCAG 1.4.3), SHAPES borders of fields, marks of charts and
the ring of focus (3:1, WCAG 1.4.11). Whoever puts a token on another ground adds the pair here.
"""

import re

import pytest

from api.pages.frame.speech import WEB

TOKENS = (WEB / "styles" / "tokens.css").read_text()
COLOUR = re.compile(r"--([\w-]+):\s*(#[0-9a-f]{3}(?:[0-9a-f]{3})?);")
# Neither the #id of a rule, nor the black of a shadow.
LOOSE = re.compile(r"#[0-9a-f]{3,8}\b(?![^{};]*\{)|(?:rgb|hsl)a?\((?!0, ?0, ?0)[^)]*\)")
GROUNDS = ("paper", "surface", "surface-2", "sunken")
TEXT = (
    *((ink, ground) for ink in ("ink", "ink-2", "ink-3") for ground in GROUNDS),
    *(("brand", ground) for ground in (*GROUNDS, "brand-tint")),
    *(("ink", tint) for tint in ("brand-tint", "ochre-tint", "ok-tint", "warn-tint", "bad-tint")),
    *(("ink-2", tint) for tint in ("brand-tint", "ochre-tint", "info-tint")),
    *((ink, "surface") for ink in ("ochre", "ok", "warn", "bad-ink", "info")),
    *((ink, "paper") for ink in ("bad-ink", "ok")),
    *(("on-brand", ground) for ground in ("brand", "brand-hi")),
    *((ink, f"{ink}-tint") for ink in ("ochre", "ok", "warn", "info")),
    *(("on-bad", "bad"), ("bad-ink", "bad-tint")),
)
SHAPES = (
    *(("edge", ground) for ground in ("surface", "surface-2", "paper")),
    *(("focus", ground) for ground in GROUNDS),
    *((mark, "surface") for mark in ("brand", "ochre", "ok-line", "warn-line", "bad")),
    *(("map-edge", shade) for shade in ("surface", "c1")),
)
THEMES = {
    "light": r":root \{(.*?)\n\}",
    "dark": r":root\[data-theme=dark\] \{(.*?)\n\}",
    "dark by the device": r":root:not\(\[data-theme\]\) \{(.*?)\n\}",
}


def colours(theme: str) -> dict[str, str]:
    """The tokens as that theme shows them: its own, else those of light."""
    found = {}
    for name in ("light", theme):
        block = re.search(THEMES[name], TOKENS, re.DOTALL)
        assert block is not None
        found |= dict(COLOUR.findall(block.group(1)))
    return found


def luminance(colour: str) -> float:
    digits = colour[1:] if len(colour) == 7 else "".join(2 * digit for digit in colour[1:])
    channels = (int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4))
    red, green, blue = (
        c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize(("pairs", "least"), [(TEXT, 4.5), (SHAPES, 3.0)], ids=["text", "shapes"])
def test_every_pair_in_use_is_told_apart(
    theme: str, pairs: tuple[tuple[str, str], ...], least: float
):
    shown = colours(theme)

    faint = {
        f"{one} on {ground}": round(contrast(shown[one], shown[ground]), 2)
        for one, ground in pairs
        if contrast(shown[one], shown[ground]) < least
    }

    assert faint == {}


def test_dark_is_the_same_whether_chosen_or_by_the_device():
    assert colours("dark") == colours("dark by the device")


def test_every_colour_of_the_sheets_is_a_token():
    loose = {
        (sheet.name, colour)
        for sheet in (WEB / "styles").glob("*.css")
        if sheet.name not in ("tokens.css", "print.css", "sheet.css")
        for colour in LOOSE.findall(sheet.read_text())
    }

    assert loose == set()
