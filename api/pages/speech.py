"""The pages' two languages. Chinese stands in the code and the templates; English in `en.po`.

`_("还有 {n} 件", n=3)` says it in the reader's language. A sentence without a translation is said
in Chinese; tests/browser/test_catalogue.py holds that none is missing.
"""

import ast
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

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
    return Speech(language, dict(entries(CATALOGUE.read_text())) if language == "en" else {})


def entries(catalogue: str) -> Iterator[tuple[str, str]]:
    """The pairs of a gettext .po file; its header and its comments are left out."""
    texts: dict[str, str] = {}
    part = ""
    for line in [*catalogue.splitlines(), 'msgid ""']:
        word, _, rest = line.strip().partition(" ")
        if word == "msgid" and texts.get("msgid"):
            yield texts["msgid"], texts.get("msgstr", "")
        if word in ("msgid", "msgstr"):
            part = word
            texts = {"msgid": ""} if word == "msgid" else {**texts, "msgstr": ""}
            texts[part] = ast.literal_eval(rest)
        elif line.startswith('"'):
            texts[part] += ast.literal_eval(line.strip())
