"""After two reopenings: no third one, but somebody looks at it, and a new whistle goes on."""

import re

import pytest

from tests.api.test_forms import TOKEN, browser
from tests.api.web import IN_CP02, LAMP, Caller, Web

SOLVED, NOT_YET = {"resolved": True, "rating": 4}, {"reason": "还是不亮"}


def closed_again(web: Web, number: str, mine: Caller) -> None:
    city, handler = web.someone("city"), web.someone("handler-u01")
    handler.give(number, "respond", {"kind": "arrival", **IN_CP02})
    handler.give(number, "start")
    handler.give(number, "submit", {"note": "好了", "photos": [handler.photo()]})
    city.give(number, "verify", {"passed": True})
    said = mine.post("/receipts/current/commands/follow-up", SOLVED)
    assert said.json()["state"] == "CLOSED", said.text


@pytest.fixture
def twice(web: Web) -> tuple[str, str, Caller]:
    """A whistle that was closed three times: its number, its receipt, and who holds it."""
    raised, city = web.nobody.raises("路灯不亮", location=IN_CP02), web.someone("city")
    number, mine = raised["number"], web.with_receipt(raised["receipt"])
    city.give(number, "classify", {"category": LAMP})
    city.give(number, "dispatch", {"lead": "U01"})
    closed_again(web, number, mine)
    for _ in range(2):
        again = mine.post("/receipts/current/commands/reopen", NOT_YET)
        assert again.status_code == 200, again.text
        closed_again(web, number, mine)
    return number, raised["receipt"], mine


def events(web: Web, number: str) -> list[str]:
    lines = web.someone("city").get(f"/whistles/{number}/timeline").json()["items"]
    return [line["event"] for line in lines]


def test_a_third_wish_is_refused_and_somebody_looks_at_it(
    web: Web, twice: tuple[str, str, Caller]
) -> None:
    number, _, mine = twice
    key = {"Idempotency-Key": "third-wish-of-one-person"}

    answers = [
        mine.post("/receipts/current/commands/reopen", NOT_YET, headers=key) for _ in range(2)
    ]

    assert [a.status_code for a in answers] == [409, 409]
    assert {a.json()["code"] for a in answers} == {"whistle.too_many_reopens"}
    assert events(web, number)[-2:] == ["whistle.reopening_refused", "whistle.supervision_opened"]
    whistle = web.tracker.whistle(number)
    assert (whistle.state, whistle.supervised) == ("CLOSED", True)


def test_a_new_whistle_names_the_old_one_and_is_supervised(
    web: Web, twice: tuple[str, str, Caller]
) -> None:
    number, _, mine = twice
    mine.post("/receipts/current/commands/reopen", NOT_YET)

    new = mine.raises("还是不亮", location=IN_CP02, again_of=number)

    assert new["receipt"]
    assert events(web, new["number"])[:3] == [
        *("whistle.raised", "whistle.raised_again", "whistle.supervision_opened")
    ]
    assert web.tracker.whistle(new["number"]).earlier_number == number


def test_only_a_reporter_of_the_old_one_may_name_it(
    web: Web, twice: tuple[str, str, Caller]
) -> None:
    number, _, _mine = twice
    body = {"text": "路灯不亮", "location": IN_CP02}

    others = web.nobody.post("/whistles", {**body, "again_of": number})
    none = web.nobody.post("/whistles", {**body, "again_of": "W-200101-000001"})

    assert (others.status_code, none.status_code) == (403, 403)
    assert others.json()["detail"] == none.json()["detail"]


def test_the_progress_page_offers_it_with_place_and_category_of_the_old_one(
    web: Web, twice: tuple[str, str, Caller]
) -> None:
    number, code, _mine = twice
    visitor = browser(web)
    token = TOKEN.findall(visitor.get("/p").text)[0]
    visitor.post("/p", data={"csrf": token, "code": code})
    page = visitor.get("/p").text
    form = page[page.index('action="/p/anew"') :]
    hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', form)[:2])

    sent = visitor.post("/p/anew", data={**hidden, "text": "第三次了，还是不亮"})

    assert (sent.status_code, sent.headers["location"]) == (303, "/p/receipt")
    new = re.findall(r"W-\d+-\d+", visitor.get("/p/receipt").text)[0]
    whistle = web.tracker.whistle(new)
    assert new != number and whistle.earlier_number == number
    assert (whistle.category, whistle.place.post) == (LAMP, "CP02")
    assert web.tracker.whistle(number).supervised
    staff = web.client.get(f"/w/{new}", headers=web.someone("city").headers).text
    assert f'href="/w/{number}"' in staff
