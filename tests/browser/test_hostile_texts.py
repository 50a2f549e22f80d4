"""What people say is shown as they said it, and does nothing: the whole corpus, on every page."""

import csv
import io
from collections.abc import Iterator
from datetime import UTC, datetime

import httpx
import pytest
from playwright.sync_api import Page

from api.pages.parts.whistle_view import LONGEST_TITLE
from tests.browser.people import GRID, HELP, NOBODY, shown, sign_in
from tests.browser.scene import receipt, whistles
from tests.browser.site import Site
from tests.giving import actor_named, command_named
from tests.made_of import DEMO_PASSWORD
from tracker.commands.fields import GridRef
from tracker.commands.whistle.raising import Raise
from tracker.metrics.exports import FORMULA
from tracker.words.masking import masked

# Made to break a page; these are opened one by one, the others are seen in lists.
HOSTILE = frozenset(
    {
        *("injection_sql", "injection_xss", "injection_prompt", "injection_csv"),
        *("injection_template", "unicode_control", "zero_width", "very_long", "emoji_only"),
    }
)
# Pages with texts in them beside the lists and the whistle itself; {number} is one of the corpus.
ALSO = (
    ("gw-53250300100103", "/grid"),
    ("leader", "/leader"),
    ("leader", "/leader/list?metric=on_time_response_rate&part=d"),
    ("liaison-u01", "/w/{number}/sheet"),
    ("auditor", "/audit/w/{number}"),
    ("auditor", "/audit/log"),
)
# What a text could become if it were taken for a part of the page.
STRAY = """
() => [...document.querySelectorAll("*")]
  .filter((element) => [...element.attributes].some(({ name }) => name.startsWith("on"))
    || (element.matches("script") && !element.src.startsWith(location.origin + "/assets/"))
    || (element.matches("img") && !element.src.startsWith(location.origin))
    || element.matches("iframe, object, embed, base, style")
    || element.closest("a")?.protocol === "javascript:")
  .map((element) => element.outerHTML.slice(0, 160))
"""
UNBOUND = """
() => [...document.querySelectorAll("bdi, .said")]
  .filter((element) => !getComputedStyle(element).unicodeBidi.startsWith("isolate"))
  .map((element) => element.outerHTML.slice(0, 160))
"""


@pytest.fixture(scope="module")
def told(site: Site) -> dict[str, str]:
    """All of the corpus, raised and with unit U01: each number and the line that lists show."""
    lines, position = {}, 0
    for one in whistles():
        done = site.tracker.open(
            Raise(
                text=one["description"],
                title=one["title"] or None,
                category=HELP,
                location=GridRef(GRID),
            ),
            actor=NOBODY,
            at=datetime.now(UTC),
        )
        number = str(done.aggregate.number)
        for account, command, fields in (
            ("intake-cp01", "classify", {"category": HELP}),
            ("dispatcher-cp01", "dispatch", {"lead": "U01"}),
        ):
            actor = actor_named(site.tracker, account)
            asked = command_named(command, **fields)
            done = site.tracker.give(asked, number, actor=actor, at=datetime.now(UTC))
            position = done.position
        lines[number] = line_of(one["title"] if one["title"].strip() else one["description"])
    shown(site, position)
    return lines


def line_of(said: str) -> str:
    first = masked(said).strip().splitlines()[0]
    return first if len(first) <= LONGEST_TITLE else first[:LONGEST_TITLE] + "…"


def harmless(page: Page, address: str) -> Page:
    """The page at this address, in which nothing has become more than a text."""
    page.goto(address)
    assert page.evaluate(STRAY) == []
    assert page.evaluate(UNBOUND) == []
    return page


def listed(page: Page, address: str) -> Iterator[tuple[str, str]]:
    """Number and title of every row, over all pages of the list."""
    following: str | None = address
    while following:
        rows = harmless(page, following).locator("tr[data-href]")
        numbers = rows.evaluate_all("rows => rows.map((row) => row.id)")
        titles = rows.locator(".t").all_text_contents()
        yield from zip(numbers, titles, strict=True)
        more = page.locator("a[rel=next], a[data-longer]")
        following = more.get_attribute("href") if more.count() else None


@pytest.mark.parametrize(
    ("account", "address"), [("liaison-u01", "/unit"), ("intake-cp01", "/post/CP01")]
)
def test_a_list_shows_every_title_as_it_was_said(
    desk: Page, told: dict[str, str], account: str, address: str
):
    desk.on("dialog", lambda dialog: pytest.fail(f"a dialog opened: {dialog.message}"))
    sign_in(desk, account)

    rows = dict(listed(desk, address))

    assert {number: rows.get(number) for number in told} == told


def test_what_was_made_to_break_a_page_is_shown_whole_to_staff_and_to_its_reporter(
    desk: Page, phone: Page, site: Site, told: dict[str, str]
):
    desk.on("dialog", lambda dialog: pytest.fail(f"a dialog opened: {dialog.message}"))
    sign_in(desk, "liaison-u01")
    made = [one for one in whistles() if HOSTILE & set(one["tags"])]
    assert {tag for one in made for tag in one["tags"]} >= HOSTILE

    for one in made:
        number, code = receipt(site, one["description"])
        by_corpus = list(told)[whistles().index(one)]
        said = one["description"].replace("\r\n", "\n").strip()
        for address in (f"/unit?w={by_corpus}", f"/w/{by_corpus}"):
            page = harmless(desk, address)
            texts = page.locator(".said").all_text_contents()
            assert masked(said) in [text.strip() for text in texts]
            assert page.title().count("\u2068") == page.title().count("\u2069")
            assert "\u202e" not in page.title().partition("\u2068")[0]
        harmless(phone, "/p")
        phone.fill("#code", code)
        phone.locator("main button.primary").click()
        phone.get_by_text(number).first.wait_for()
        assert phone.evaluate(STRAY) == []
        assert said in [text.strip() for text in phone.locator(".said").all_text_contents()]
        phone.context.clear_cookies()


@pytest.mark.parametrize(("account", "address"), ALSO)
def test_no_other_page_takes_a_text_for_a_part_of_itself(
    desk: Page, told: dict[str, str], account: str, address: str
):
    desk.on("dialog", lambda dialog: pytest.fail(f"a dialog opened: {dialog.message}"))
    sign_in(desk, account)

    page = harmless(desk, address.format(number=next(reversed(told))))

    assert page.locator("main").count() == 1


def test_no_cell_of_an_export_is_a_formula(site: Site, told: dict[str, str]):
    month = f"{datetime.now(UTC):%Y-%m}-01"
    with httpx.Client(base_url=f"{site.base}/api/v1") as web:
        form = {"username": "leader", "password": DEMO_PASSWORD}
        signed = web.post("/sessions", json=form).json()
        asked = {"scope": "city", "from": month, "to": "2099-01-01"}
        answer = web.get(
            "/rates/why.csv",
            params={**asked, "metric": "on_time_response_rate", "part": "d"},
            headers={"Authorization": f"Bearer {signed['token']}"},
        )
    assert answer.status_code == 200, answer.text

    cells = [cell for row in csv.reader(io.StringIO(answer.text)) for cell in row]

    assert [cell for cell in cells if cell.startswith(FORMULA)] == []
