"""The macros' SVG for the PDF: with its look inside it, for fpdf2 reads no page's style sheets.

fpdf2 2.8.9 draws paths, dashes, text and its anchors, and follows rules for a single class. It
knows neither variables nor patterns, `paint-order` nor a clip of several outlines: the macros do
without these, and `web/styles/charts.css` has rules for single classes alone.
"""

import re
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

Colour = tuple[int, int, int]

WEB = Path(__file__).resolve().parents[3] / "web"
TOKEN = re.compile(r"--([\w-]+):\s*(#[0-9a-f]{3,6});")
VARIABLE = re.compile(r"var\(--([\w-]+)\)")
# On paper the map is wider than on a screen, and its names need not grow with it.
ON_PAPER = ".map-name { font-size: 20px }"
PIXELS = re.compile(r"(?<=\d)px\b")


@cache
def palette() -> dict[str, str]:
    """The colours of the pages' light theme by name, as `#rrggbb`."""
    light, _, _dark = (WEB / "styles" / "tokens.css").read_text().partition("@media")
    return {name: _six_digits(colour) for name, colour in TOKEN.findall(light)}


def _six_digits(colour: str) -> str:
    return colour if len(colour) == 7 else "#" + "".join(2 * digit for digit in colour[1:])


def rgb(name: str) -> Colour:
    """The same for fpdf2's own commands."""
    red, green, blue = bytes.fromhex(palette()[name][1:])
    return red, green, blue


@cache
def looks() -> str:
    """`charts.css` in plain colours. A unit of the drawing is for fpdf2 a number without `px`."""
    sheet = (WEB / "styles" / "charts.css").read_text() + ON_PAPER
    return PIXELS.sub("", VARIABLE.sub(lambda name: palette()[name[1]], sheet))


def drawn(macro: str, *values: Any, font: str) -> bytes:
    """What the macro of `macros/charts.html` writes, in the look of paper and in Chinese."""
    svg = str(getattr(_charts(), macro)(*values)).strip()
    opening, rest = svg.split(">", 1)
    return f'{opening} font-family="{font}"><style>{looks()}</style>{rest}'.encode()


@cache
def _charts() -> Any:
    templates = Environment(
        loader=FileSystemLoader(WEB / "templates"), autoescape=True, undefined=StrictUndefined
    )
    templates.globals["_"] = _chinese
    return templates.get_template("macros/charts.html").module


def _chinese(sentence: str, **facts: Any) -> str:
    """The templates' sentences are written in Chinese."""
    return sentence.format(**facts)
