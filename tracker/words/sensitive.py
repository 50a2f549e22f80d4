"""敏感用语: words that close a whistle from its first moment (domain.md §4.4).

The list stands in sensitive.json, by theme. Each phrase is a regular expression in the part of the
language that Python and browsers share, because the phone reads the same file without signal.
"""

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from unicodedata import normalize

import msgspec

LIST = Path(__file__).with_name("sensitive.json")
# People write 家 暴 or 家.暴 so that a filter does not find it, or because a phone did.
BETWEEN = re.compile(r"[\s\u200b-\u200f\u2060\ufeff·.*_~|/\\-]+")


class SensitiveList(msgspec.Struct, frozen=True):
    """The list: its version, and the phrases of each theme."""

    version: int
    themes: Mapping[str, tuple[str, ...]]


@cache
def sensitive_list() -> SensitiveList:
    return msgspec.json.decode(LIST.read_bytes(), type=SensitiveList)


def sensitive_pattern() -> str:
    """All phrases as one regular expression, for the phone."""
    return "|".join(phrase for phrases in sensitive_list().themes.values() for phrase in phrases)


@cache
def _patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    themes = sensitive_list().themes
    return tuple((theme, re.compile("|".join(phrases))) for theme, phrases in themes.items())


def sensitive_theme(*texts: str | None) -> str | None:
    """The first theme of which one of the texts has a phrase; None: none has any.

    Full-width letters and blanks between the characters change nothing.
    """
    plain = [BETWEEN.sub("", normalize("NFKC", text)) for text in texts if text]
    for theme, pattern in _patterns():
        if any(pattern.search(text) for text in plain):
            return theme
    return None
