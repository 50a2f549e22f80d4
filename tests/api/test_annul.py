"""注销误记 over HTTP and on the pages: a host a month ahead has swept the whole city once."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest

from api.reading.reading import newest_position
from tests.api.test_forms import signed_in, token_in
from tests.api.web import LITTER, MANHOLE, Web
from tests.made_of import ZONE
from tests.waiting import until_folded
from tracker.operating.verify import check_everything
from tracker.projections.board.board import Board
from tracker.projections.clocks import Clocks
from tracker.projections.engine.rebuilding import rebuild
from tracker.projections.rates.rates import Rates
from tracker.schedule.sweep import sweep

HERE = {"lat": 23.3805, "lon": 103.4015}
FOLDED = ("board", "clocks", "rates", "timeline", "audit_trail")
CATEGORIES = (LITTER, MANHOLE, "C0103", "E0501", "E0703")
FACTS = ("state", "card", "level", "supervised", "clocks", "lead", "assignments")


@pytest.fixture(scope="module")
def connection(module_city: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(module_city, autocommit=True) as own:
        yield own


class Wronged:
    """Whistles, what was seen of them before the dream, and the false events of each."""

    def __init__(self, web: Web, connection: psycopg.Connection) -> None:
        self.web, self.connection = web, connection
        self.receipts: list[str] = []
        self.numbers = [self._sent(category) for category in CATEGORIES]
        self.folded()
        self.before = {number: self.seen(number) for number in self.numbers}
        self.listed, self.figures = self.rows(), self.rates()
        now = datetime.now(UTC)
        sweep(web.tracker, connection, now + timedelta(days=30))
        self.folded()
        self.false = {number: self._false(number, now) for number in self.numbers}

    def _sent(self, category: str) -> str:
        told = self.web.nobody.raises("请来看一下", location=HERE, category=category)
        number = str(told["number"])
        self.receipts.append(told["receipt"])
        dispatcher = self.web.someone("dispatcher-cp04")
        dispatcher.give(number, "classify", {"category": category})
        dispatcher.give(number, "dispatch", {"lead": "U02"})
        return number

    def _false(self, number: str, now: datetime) -> list[int]:
        entries = self.story(number, "auditor")
        return [e["version"] for e in entries if datetime.fromisoformat(e["at"]) > now]

    def folded(self) -> None:
        until_folded(self.connection, newest_position(self.connection), *FOLDED)

    def seen(self, number: str) -> dict[str, Any]:
        answer = self.web.someone("city").get(f"/whistles/{number}").json()
        return {name: answer[name] for name in FACTS if name in answer}

    def rows(self) -> list[dict[str, Any]]:
        rows = self.web.someone("city").get("/whistles", params={"limit": 50}).json()["items"]
        apart = ("version", "updated_at", "position")
        return [{name: row[name] for name in row if name not in apart} for row in rows]

    def rates(self) -> dict[str, Any]:
        today = datetime.now(ZONE).date()
        span = {"from": str(today - timedelta(days=2)), "to": str(today + timedelta(days=60))}
        asked = {"scope": "city", "by": "post", **span}
        answer = self.web.someone("city").get("/rates", params=asked).json()
        return {"": answer["metrics"]} | {row["key"]: row["metrics"] for row in answer["items"]}

    def story(self, number: str, who: str) -> list[dict[str, Any]]:
        answer = self.web.someone(who).get(f"/whistles/{number}/timeline")
        assert answer.status_code == 200, answer.text
        return list(answer.json()["items"])

    def annul(self, number: str, who: str, events: list[int] | None = None) -> Any:
        body = {"events": events or self.false[number], "reason": "调度机时钟快了三十天"}
        return self.web.someone(who).give(number, "annul", body)


@pytest.fixture(scope="module")
def wronged(web: Web, connection: psycopg.Connection) -> Wronged:
    return Wronged(web, connection)


@pytest.fixture(scope="module")
def repaired(wronged: Wronged) -> Wronged:
    """All but the last two are repaired."""
    for number in wronged.numbers[:-2]:
        first, second = wronged.annul(number, "city"), wronged.annul(number, "auditor")
        assert (first.status_code, second.status_code) == (202, 200), second.text
    wronged.folded()
    return wronged


def test_the_dream_leaves_the_city_red(wronged: Wronged) -> None:
    assert sum(map(len, wronged.false.values())) > 20
    for number in wronged.numbers:
        seen = wronged.seen(number)
        assert (seen["card"], wronged.before[number]["card"]) == ("red", "none")


def test_what_is_annulled_is_read_as_before(repaired: Wronged) -> None:
    for number in repaired.numbers[:-2]:
        assert repaired.seen(number) == repaired.before[number]


def test_its_row_on_the_board_too(repaired: Wronged) -> None:
    wanted = {row["number"]: row for row in repaired.listed}
    for row in repaired.rows():
        if row["number"] in repaired.numbers[:-2]:
            assert row == wanted[row["number"]]


def test_the_figures_are_those_of_before(repaired: Wronged) -> None:
    assert repaired.rates() == repaired.figures


def test_the_story_shows_them_struck_through_with_who_and_when(repaired: Wronged) -> None:
    number = repaired.numbers[0]

    for who in ("auditor", "dispatcher-cp04", "liaison-u02"):
        entries = repaired.story(number, who)
        struck = {e["version"]: e["annulled"] for e in entries if e["annulled"]}
        [last] = [e for e in entries if e["event"] == "whistle.annulled"]
        assert set(struck) == set(repaired.false[number])
        assert "had" not in last["facts"]
        assert {one["version"] for one in struck.values()} == {last["version"]}
        assert {(one["proposed_by"], one["by"]) for one in struck.values()} == {("city", "auditor")}


def test_a_reporter_hears_neither_of_them_nor_of_their_annulment(repaired: Wronged) -> None:
    told = repaired.web.with_receipt(repaired.receipts[0]).get("/receipts/current")

    assert told.status_code == 200 and "whistle.dispatched" in told.text
    assert not re.search("deadline|escalated|supervision|whistle.annul", told.text)


def test_the_page_strikes_them_through(repaired: Wronged) -> None:
    page = signed_in(repaired.web, "dispatcher-cp04").get(f"/w/{repaired.numbers[0]}")

    assert page.status_code == 200
    assert re.search(r"<s>[^<]*红牌[^<]*</s>", page.text)
    assert "误记，已注销" in page.text and "误记已注销" in page.text


def test_the_audit_strikes_them_through_too(repaired: Wronged) -> None:
    auditor, number = signed_in(repaired.web, "auditor"), repaired.numbers[0]

    page = auditor.get(f"/audit/w/{number}").text

    assert page.count("<s>") == page.count("误记，已注销") == len(repaired.false[number])
    assert f'href="/w/{number}"' in page


def test_the_form_lists_what_time_recorded_and_ticks_what_has_not_come_yet(
    wronged: Wronged,
) -> None:
    number = wronged.numbers[-1]
    city, auditor = (signed_in(wronged.web, who) for who in ("city", "auditor"))
    page = city.get(f"/w/{number}").text
    ticked = re.findall(r'name="events" value="(\d+)" checked', page)
    assert [int(one) for one in ticked] == wronged.false[number]

    typed = {"events": ticked, "reason": "调度机时钟快了"}
    for one in (city, auditor):
        assert re.findall(r'name="events" value="(\d+)" checked', one.get(f"/w/{number}").text)
        typed["csrf"] = token_in(one, f"/w/{number}")
        sent = one.post(f"/w/{number}/annul", data=typed)
        assert sent.status_code == 303, sent.text

    assert wronged.seen(number) == wronged.before[number]


def test_nobody_else_has_the_form(wronged: Wronged) -> None:
    for who in ("dispatcher-cp04", "supervisor", "liaison-u02", "leader"):
        page = signed_in(wronged.web, who).get(f"/w/{wronged.numbers[-2]}")
        assert 'name="events"' not in page.text
        assert wronged.annul(wronged.numbers[-2], who).status_code == 403


def test_a_refusal_names_what_rests_on_it(wronged: Wronged) -> None:
    number = wronged.numbers[-2]
    wronged.web.someone("supervisor").give(number, "end-supervision", {"reason": "误报"})

    answer = wronged.annul(number, "city")

    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (409, "whistle.something_rests_on_it")
    assert "人工结束督办" in problem["detail"] and problem["remedy"]


def test_projections_made_anew_are_the_same_and_the_log_is_verified(
    repaired: Wronged, web: Web
) -> None:
    repaired.folded()
    before = [repaired.rows(), repaired.rates()]
    mapper = web.tracker.mapper

    for projection in (Board(), Clocks(), Rates()):
        rebuild(repaired.connection, projection, mapper)

    assert [repaired.rows(), repaired.rates()] == before
    assert check_everything(repaired.connection).problems == []
