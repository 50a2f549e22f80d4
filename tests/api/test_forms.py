"""Forms of the pages: each asks for the visitor's own token; cookies stay with their browser."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient
from httpx import Response

from api.door.callers import COOKIE
from api.pages.frame.look import is_masked, masked
from api.pages.frame.route import PageRoute, StaleForm
from api.pages.routers import routers
from tests.api.web import IN_CP02, Web
from tests.made_of import DEMO_PASSWORD, ZONE
from tracker.context_names import SERVED

# Whoever of these a page is for, one of them gets as far as its form.
PEOPLE = (
    *("liaison-u01", "dispatcher-cp01", "commander-cp01", "gw-53250300100101"),
    *("city", "leader", "auditor", "admin"),
)
FILLED = {"command": "classify", "code": "CP01", "of": "units", "act": "end"}
# Its script sends a header that no form and no other site can send; a form alone does nothing.
BY_HEADER = {"/p/open"}
TOKEN = re.compile(r'name="csrf" value="([^"]+)"')


def posts() -> Iterator[str]:
    """Every address of the pages that takes a form."""
    for route in (route for router in routers for route in router.routes):
        if isinstance(route, PageRoute) and "POST" in (route.methods or ()):
            yield route.path


def test_every_form_of_the_pages_is_asked_for_its_token_here() -> None:
    """A POST on another kind of route would escape the walk below."""
    elsewhere = [
        route.path
        for router in routers
        for route in router.routes
        if "POST" in (getattr(route, "methods", None) or ()) and not isinstance(route, PageRoute)
    ]

    assert elsewhere == []
    assert {"/", "/login", "/look", "/p", "/w/{number}/{command}"} <= set(posts())


@pytest.fixture(scope="module")
def whistle(web: Web) -> Any:
    return web.nobody.raises("路灯不亮")


@pytest.fixture(scope="module")
def things(web: Web, whistle: Any) -> dict[str, dict[str, str]]:
    """What stands in the addresses, by their first word: numbers and names of what there is."""
    found = {"": {**FILLED, "number": whistle["number"]}}
    if "summons" in SERVED:
        found["summons"] = {**FILLED, "number": a_summons(web)}
    if "handover" in SERVED:
        found["handover"] = {**FILLED, "id": a_handover(web)}
    return found


def a_summons(web: Web) -> str:
    called = {
        "units": ["U01"],
        "meet_at": (datetime.now(UTC) + timedelta(hours=1)).isoformat(),
        "reason": "请到场会商",
        "location": IN_CP02,
    }
    return str(web.someone("dispatcher-cp02").post("/summonses", called).json()["number"])


def a_handover(web: Web) -> str:
    desk = signed_in(web, "dispatcher-cp01")
    page = "/post/CP01/handover"
    begun = f"{datetime.now(ZONE) - timedelta(hours=8):%Y-%m-%dT%H:%M}"
    said = {"csrf": token_in(desk, page), "note": "都交代了", "began_at": begun}
    signed = desk.post(page, data=said)
    assert signed.status_code == 303, signed.text
    return signed.headers["location"].partition("?")[0].rpartition("/")[2]


def filled(path: str, things: dict[str, dict[str, str]]) -> str:
    values = things.get(path.split("/")[1], things[""])
    return re.sub(r"{(\w+)[^}]*}", lambda found: values.get(found[1], "1"), path)


@pytest.fixture(scope="module")
def browsers(web: Web, whistle: Any) -> list[TestClient]:
    """One that nobody has signed in with but that holds a receipt, and one of each of PEOPLE."""
    nobody = browser(web)
    code = whistle["receipt"]
    asked = nobody.post("/p", data={"csrf": token_in(nobody, "/p"), "code": code})
    assert asked.status_code == 303
    return [nobody, *(signed_in(web, account) for account in PEOPLE)]


def browser(web: Web) -> TestClient:
    return TestClient(web.app, follow_redirects=False)


def signed_in(web: Web, account: str) -> TestClient:
    made = browser(web)
    typed = {"username": account, "password": DEMO_PASSWORD, "csrf": token_in(made, "/login")}
    assert made.post("/login", data=typed).status_code == 303
    return made


def token_in(made: TestClient, page: str) -> str:
    found = TOKEN.search(made.get(page).text)
    assert found is not None
    return found[1]


@pytest.mark.parametrize("path", sorted(posts()))
def test_a_form_without_the_visitors_own_token_does_nothing(
    web: Web, browsers: list[TestClient], things: Any, path: str
) -> None:
    before = newest(web)

    answers = [
        one.post(filled(path, things), data=sent)
        for one in browsers
        for sent in ({}, {"csrf": masked("the token of somebody else")})
    ]

    assert newest(web) == before
    assert {a.status_code for a in answers if done(a)} == set()
    assert path in BY_HEADER or any(StaleForm.message.zh in answer.text for answer in answers)


def done(answer: Response) -> bool:
    """Whether it went on as after a form that was taken; to sign in first is not that."""
    status = answer.status_code
    elsewhere = answer.headers.get("location", "").startswith(("/login", "/p"))
    return status < 400 and not (status == 303 and elsewhere)


def newest(web: Web) -> int:
    with web.tracker.connection() as connection:
        row = connection.execute("SELECT coalesce(max(position), 0) FROM stored_events").fetchone()
    assert row is not None
    return int(row[0])


def test_a_token_stands_in_no_two_pages_alike_and_is_the_same_behind_its_pad(web: Web) -> None:
    visitor = browser(web)

    seen = {token_in(visitor, "/p") for _ in range(3)}

    assert len(seen) == 3
    assert all(is_masked(one, visitor.cookies["form"]) for one in seen)
    assert not is_masked("", visitor.cookies["form"])
    assert not is_masked(visitor.cookies["form"], visitor.cookies["form"])


def test_what_a_phone_keeps_is_fetched_again_only_when_it_changed(web: Web) -> None:
    visitor = browser(web)
    visitor.get("/p")
    first = visitor.get("/shell")

    again = visitor.get("/shell?x=1", headers={"If-None-Match": first.headers["etag"]})

    assert again.status_code == 304
    assert 'name="back" value="/"' in first.text


@pytest.mark.parametrize(
    ("base", "secure"), [("http://127.0.0.1", False), ("http://shaodao.example", True)]
)
def test_every_cookie_is_for_the_browser_alone(web: Web, base: str, secure: bool) -> None:
    visitor = TestClient(web.app, base_url=base, follow_redirects=False)
    page = visitor.get("/login")
    form = {"csrf": TOKEN.findall(page.text)[0], "username": "city", "password": DEMO_PASSWORD}
    cookie = {"Cookie": f"form={re.findall('form=([^;]+)', page.headers['set-cookie'])[0]}"}
    receipt = web.nobody.raises("路灯不亮")["receipt"]

    answers = [
        page,
        visitor.post("/login", data=form, headers=cookie),
        visitor.post("/look", data={**form, "theme": "dark", "lang": "en"}, headers=cookie),
        visitor.post("/p", data={**form, "code": receipt}, headers=cookie),
        visitor.post("/api/v1/sessions", json={"username": "city", "password": DEMO_PASSWORD}),
    ]

    cookies = [one for answer in answers for one in answer.headers.get_list("set-cookie")]
    assert {one.partition("=")[0] for one in cookies} == {
        *("form", "lang", "theme", "receipt", COOKIE)
    }
    for one in cookies:
        facts = {fact.strip().lower() for fact in one.split(";")[1:]}
        assert facts >= {"httponly", "samesite=lax"}
        assert ("secure" in facts) == secure


def test_nothing_allows_styles_or_scripts_inside_an_answer(web: Web) -> None:
    for path in ("/", "/p", "/api/docs", "/api/docs.css", "/api/openapi.json", "/assets/x/ui.css"):
        answer = web.client.get(path)
        assert answer.is_success
        assert "unsafe" not in answer.headers["content-security-policy"]
    assert "<style" not in web.client.get("/api/docs").text
