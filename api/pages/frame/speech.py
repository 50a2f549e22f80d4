"""The pages' two languages. Code and templates hold the Chinese, `en.po` holds the English.

`_("还有 {n} 件", n=3)` gives the sentence in the reader's language; a sentence that counts by `n`
has two English forms. Without a translation it stays Chinese; tests/browser/test_catalogue.py
checks that none is missing.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from babel.messages.pofile import read_po

WEB = Path(__file__).resolve().parents[3] / "web"
CATALOGUE = WEB / "translations" / "en.po"
TAGS = {"zh": "zh-CN", "en": "en"}


class Speech:
    """One language. Call it with a Chinese sentence and the values of its `{names}`."""

    def __init__(
        self, language: str, sentences: Mapping[str, str], of_one: Mapping[str, str] | None = None
    ) -> None:
        self.language = language
        self.sentences = sentences
        self.of_one = of_one or {}

    @property
    def tag(self) -> str:
        return TAGS[self.language]

    def __call__(self, sentence: str, **facts: Any) -> str:
        said = self.sentences.get(sentence) or sentence
        if str(facts.get("n")) == "1":
            said = self.of_one.get(sentence) or said
        return said.format(**facts) if facts else said


@cache
def speech(language: str) -> Speech:
    return Speech(language, translations(), of_one()) if language == "en" else Speech(language, {})


def translations() -> dict[str, str]:
    """The translations by Chinese sentence; for a sentence that counts, the plural form."""
    return {chinese: forms[-1] for chinese, forms in catalogue().items()}


def of_one() -> dict[str, str]:
    """The singular forms (msgstr[0]) of the sentences that have two."""
    return {chinese: forms[0] for chinese, forms in catalogue().items() if len(forms) > 1}


def catalogue() -> dict[str, tuple[str, ...]]:
    """Each sentence's forms. Chinese has only one, so msgid and msgid_plural are equal."""
    with CATALOGUE.open("rb") as file:
        said = [message for message in read_po(file) if message.id]
    return {forms_of(message.id)[0]: forms_of(message.string) for message in said}


def forms_of(said: str | Sequence[str] | None) -> tuple[str, ...]:
    return (said,) if isinstance(said, str) else tuple(said or ("",))
