"""The pages' two languages. Chinese stands in the code and the templates; English in `en.po`.

`_("还有 {n} 件", n=3)` says it in the reader's language. A sentence without a translation is said
in Chinese; tests/browser/test_catalogue.py holds that none is missing.
"""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from babel.messages.pofile import read_po

WEB = Path(__file__).resolve().parents[2] / "web"
CATALOGUE = WEB / "translations" / "en.po"
TAGS = {"zh": "zh-CN", "en": "en"}


class Speech:
    """One language: call it with a Chinese sentence and the facts of its `{names}`."""

    def __init__(self, language: str, sentences: Mapping[str, str]) -> None:
        self.language = language
        self.sentences = sentences

    @property
    def tag(self) -> str:
        return TAGS[self.language]

    def __call__(self, sentence: str, **facts: Any) -> str:
        said = self.sentences.get(sentence) or sentence
        return said.format(**facts) if facts else said


@cache
def speech(language: str) -> Speech:
    return Speech(language, translations() if language == "en" else {})


def translations() -> dict[str, str]:
    """What stands in the catalogue, by its Chinese sentence."""
    with CATALOGUE.open("rb") as file:
        return {str(message.id): str(message.string) for message in read_po(file) if message.id}
