"""The docs name what is there, and what is there is named in the docs."""

import re
from pathlib import Path

import pytest

from tracker.cli import COMMANDS

ROOT = Path(__file__).parents[1]
DOCS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
OPERATING = (ROOT / "docs/operating.md").read_text()
CONTRIBUTING = (ROOT / "docs/contributing.md").read_text()


@pytest.mark.parametrize("page", DOCS, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_between_pages_leads_somewhere(page):
    links = re.findall(r"\]\((?!http|#)([^)#]+)", page.read_text())

    dead = [link for link in links if not (page.parent / link).exists()]

    assert dead == []


def test_every_guide_is_there_in_both_languages():
    guides = {page.name for page in (ROOT / "docs/guides").glob("*.md")} - {"README.md"}

    assert {name for name in guides if not name.endswith(".en.md")} == {
        name.replace(".en.md", ".md") for name in guides if name.endswith(".en.md")
    }


def test_every_guide_is_in_the_index():
    folder = ROOT / "docs/guides"
    indexed = set(re.findall(r"\]\(([\w.-]+\.md)\)", (folder / "README.md").read_text()))

    assert indexed == {page.name for page in folder.glob("*.md")} - {"README.md"}


def test_every_picture_of_the_running_product_is_taken_by_the_script_and_shown_somewhere():
    script = (ROOT / "scripts/pictures.py").read_text()
    told = " ".join(page.read_text() for page in DOCS)

    for picture in (ROOT / "docs/pictures").glob("*.png"):
        assert f'"{picture.stem}"' in script
        assert f"pictures/{picture.name}" in told
        assert picture.stat().st_size <= 250 * 1024


def test_every_file_and_name_that_the_walks_pass_is_there():
    named = re.findall(
        r"`((?:api|tracker|domain|policies|projections)/[\w/]+\.py)(?:: (\w+))?`", CONTRIBUTING
    )

    missing = [
        (file, name)
        for file, name in named
        if not found(file).exists() or name not in found(file).read_text()
    ]

    assert len(named) > 20
    assert missing == []


def found(file: str) -> Path:
    """A file by its whole path, or by its path inside tracker/."""
    return ROOT / file if (ROOT / file).exists() else ROOT / "tracker" / file


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_is_told_to_operators(command):
    assert re.search(rf"`{command}\b", OPERATING)


def test_every_setting_is_told_to_operators():
    settings = (ROOT / "tracker/settings.py").read_text()
    read = set(re.findall(r'env\.get\("(\w+)"\)', settings))

    told = set(re.findall(r"^\| `([A-Z_]+)` \|", OPERATING, flags=re.MULTILINE))

    assert told == read


def test_nothing_else_reads_the_environment():
    readers = [
        str(file.relative_to(ROOT))
        for room in ("tracker", "api")
        for file in (ROOT / room).rglob("*.py")
        if re.search(r"os\.(environ\.get|getenv)|environ\[[^\]]+\](?! =)", file.read_text())
    ]

    assert readers == []


def test_every_make_target_says_what_it_is_for():
    makefile = (ROOT / "Makefile").read_text()
    # `ready` is a step on the way to `run`, nothing to ask for.
    targets = [
        name for name in re.findall(r"^([a-z]+):", makefile, re.MULTILINE) if name != "ready"
    ]

    helped = re.findall(r"^([a-z]+):.*## \w+", makefile, flags=re.MULTILINE)

    assert helped == targets
