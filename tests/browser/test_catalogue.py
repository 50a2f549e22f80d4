"""What pages say and how they are made, held without a browser."""

import ast
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from babel.messages.extract import extract_from_file
from jinja2.ext import babel_extract

from api.pages.frame.speech import CATALOGUE, WEB, catalogue, of_one, speech, translations
from api.pages.parts import story
from api.pages.parts.event_titles import TITLES
from tests.eventstore.corpus import shipped_kinds

API = Path(__file__).resolve().parents[2] / "api"
CHINESE = re.compile("[\u4e00-\u9fff]")
FACT = re.compile(r"{\w+")
MANY = re.compile(r"{n} (?!(?:is|was|has|stands)\b)(?:\w+ )?\w+s\b")
INLINE = re.compile(r"""\sstyle=|\son[a-z]+=|<style|<script(?![^>]*\ssrc=)|href="https?:""")


def sentences() -> Iterator[str]:
    for file in API.rglob("*.py"):
        for _, said, _, _ in extract_from_file(
            "python", str(file), keywords={"_": None, "speech": None, "ChangeForm": None}
        ):
            yield str(said)
    for template in (WEB / "templates").rglob("*.html"):
        with template.open("rb") as file:
            for _, _, said, _ in babel_extract(file, ["_"], [], {}):
                yield said if isinstance(said, str) else str(said[0])


def constants() -> Iterator[str]:
    """Texts that the pages keep in tables, to be said by `_(TABLE[key])`."""
    for file in API.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield node.value


def test_every_sentence_of_the_pages_can_be_said_in_english():
    english = translations()

    untranslated = {said for said in sentences() if CHINESE.search(said) and not english.get(said)}

    assert untranslated == set()


def test_every_event_has_a_title_on_the_pages():
    told = {*TITLES, *story.QUIET, *story.LATE, "whistle.followed_up"}

    assert {topic for topic, _ in shipped_kinds()} - told == set()


def test_the_catalogue_says_each_sentence_once_and_none_that_nobody_says():
    kept = catalogue()
    written = re.findall(r'^msgid "(.+)"$', CATALOGUE.read_text(), re.MULTILINE)

    unused = set(kept) - set(sentences()) - set(constants())

    assert unused == set()
    assert [one for one, times in Counter(written).items() if times > 1] == []


def test_a_translation_names_the_same_facts_as_its_sentence():
    different = {
        chinese: forms
        for chinese, forms in catalogue().items()
        if any(sorted(FACT.findall(chinese)) != sorted(FACT.findall(form)) for form in forms)
    }

    assert different == {}


def test_one_is_said_as_one_and_many_as_many():
    said = [speech("en")("{n} 件", n=n) for n in (0, 1, 2)]

    counting = {chinese for chinese, forms in catalogue().items() if MANY.search(forms[-1])}

    assert said == ["0 whistles", "1 whistle", "2 whistles"]
    assert counting - of_one().keys() == set()


def test_no_page_carries_a_style_or_a_script_of_its_own_or_names_another_host():
    offending = [
        (template.name, found.group())
        for template in (WEB / "templates").rglob("*.html")
        for found in INLINE.finditer(template.read_text())
    ]

    assert offending == []
