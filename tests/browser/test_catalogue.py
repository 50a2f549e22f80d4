"""What pages say and how they are made, held without a browser."""

import re
from collections.abc import Iterator
from pathlib import Path

from babel.messages.extract import extract_from_file
from jinja2.ext import babel_extract

from api.pages import story
from api.pages.speech import WEB, translations
from tests.eventstore.corpus import shipped_kinds

PAGES = Path(__file__).resolve().parents[2] / "api" / "pages"
CHINESE = re.compile("[\u4e00-\u9fff]")
FACT = re.compile(r"{\w+")
INLINE = re.compile(r"""\sstyle=|\son[a-z]+=|<style|<script(?![^>]*\ssrc=)|href="https?:""")


def sentences() -> Iterator[str]:
    for file in PAGES.glob("*.py"):
        for _, said, _, _ in extract_from_file(
            "python", str(file), keywords={"_": None, "speech": None}
        ):
            yield str(said)
    for template in (WEB / "templates").rglob("*.html"):
        with template.open("rb") as file:
            for _, _, said, _ in babel_extract(file, ["_"], [], {}):
                yield said if isinstance(said, str) else str(said[0])


def test_every_sentence_of_the_pages_can_be_said_in_english():
    english = translations()

    untranslated = {said for said in sentences() if CHINESE.search(said) and not english.get(said)}

    assert untranslated == set()


def test_every_event_has_a_title_on_the_pages():
    titles = story._titles(lambda said, **facts: said, you=False)
    told = {*titles, *story.QUIET, *story.LATE, "whistle.followed_up"}

    assert {topic for topic, _ in shipped_kinds()} - told == set()


def test_a_translation_names_the_same_facts_as_its_sentence():
    different = {
        chinese: english
        for chinese, english in translations().items()
        if sorted(FACT.findall(chinese)) != sorted(FACT.findall(english))
    }

    assert different == {}


def test_no_page_carries_a_style_or_a_script_of_its_own_or_names_another_host():
    offending = [
        (template.name, found.group())
        for template in (WEB / "templates").rglob("*.html")
        for found in INLINE.finditer(template.read_text())
    ]

    assert offending == []
