"""Signing in and out, and what another site may not do with somebody's cookie."""

from pathlib import Path

import pytest
from psycopg import connect

from api.door.attempts import LIMITS, WINDOW, FailedLogins
from api.door.callers import COOKIE
from tests.api.web import V1, Web, web_on
from tests.made_of import DEMO_PASSWORD

INTAKE = {"username": "intake-cp01", "password": DEMO_PASSWORD}


def test_the_description_of_the_interface_says_how_to_sign_in_where(web: Web) -> None:
    described = web.nobody.get("/api/openapi.json").json()

    def ways(method: str, path: str) -> list[str]:
        asked = described["paths"][f"/api/v1{path}"][method].get("security", [])
        return sorted(name for way in asked for name in way or ["nothing"])

    assert set(described["components"]["securitySchemes"]) == {"bearer", "cookie", "receipt"}
    assert ways("get", "/whistles") == ["bearer", "cookie"]
    assert ways("post", "/whistles") == ["bearer", "cookie", "nothing", "receipt"]
    assert ways("get", "/receipts/current") == ["receipt"]
    assert ways("get", "/photos/{id}") == ["bearer", "cookie", "receipt"]
    assert ways("get", "/directory/units") == []


def test_a_token_says_who_asks(web: Web) -> None:
    answer = web.someone("dispatcher-cp03").get("/sessions/current")

    assert answer.json() == {
        "username": "dispatcher-cp03",
        "role": "dispatcher",
        "display_name": answer.json()["display_name"],
        "post": "CP03",
        "unit": None,
        "grid": None,
        "street": answer.json()["street"],
    }


def test_a_browser_is_given_a_cookie_that_no_script_can_read(web: Web) -> None:
    answer = web.client.post(f"{V1}/sessions", json=INTAKE)
    web.client.cookies.clear()

    cookie = answer.headers["set-cookie"].lower()
    assert cookie.startswith(f"{COOKIE}=")
    assert "httponly" in cookie and "samesite=lax" in cookie and "path=/" in cookie


def test_the_cookie_is_for_tls_alone_outside_the_machine_itself(web: Web) -> None:
    away = web.client.post(f"{V1}/sessions", json=INTAKE, headers={"Host": "shaodao.example"})
    here = web.client.post(f"{V1}/sessions", json=INTAKE, headers={"Host": "127.0.0.1:8000"})
    web.client.cookies.clear()

    assert "secure" in away.headers["set-cookie"].lower()
    assert "secure" not in here.headers["set-cookie"].lower()


def test_a_wrong_password_and_an_unknown_account_get_the_same_words(web: Web) -> None:
    wrong = web.nobody.post("/sessions", {**INTAKE, "password": "wrong"})
    unknown = web.nobody.post("/sessions", {"username": "nobody", "password": "wrong"})

    assert wrong.status_code == unknown.status_code == 401
    assert wrong.json() == unknown.json()


def test_after_signing_out_the_token_is_worth_nothing(web: Web) -> None:
    token = web.client.post(f"{V1}/sessions", json=INTAKE).json()["token"]
    web.client.cookies.clear()
    bearer = {"Authorization": f"Bearer {token}"}

    assert web.client.delete(f"{V1}/sessions/current", headers=bearer).status_code == 204

    answer = web.client.get(f"{V1}/whistles", headers=bearer)
    assert (answer.status_code, answer.json()["code"]) == (401, "session.over")


def test_a_login_sent_again_under_its_key_gets_the_same_token(web: Web, module_city: str) -> None:
    key = {"Idempotency-Key": "login-1"}
    first = web.client.post(f"{V1}/sessions", json=INTAKE, headers=key).json()["token"]
    again = web.client.post(f"{V1}/sessions", json=INTAKE, headers=key).json()["token"]
    web.client.cookies.clear()

    assert first == again
    with connect(module_city) as connection:
        kept = connection.execute("SELECT idempotency::text FROM idempotency").fetchall()
    assert all(first not in row and DEMO_PASSWORD not in row for (row,) in kept)


def test_another_password_under_the_same_key_is_refused(web: Web) -> None:
    key = {"Idempotency-Key": "login-2"}
    web.nobody.post("/sessions", INTAKE, headers=key)

    answer = web.nobody.post("/sessions", {**INTAKE, "password": "wrong"}, headers=key)
    web.client.cookies.clear()

    assert answer.status_code == 401


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
    ],
)
def test_another_site_cannot_act_through_a_cookie(web: Web, headers: dict[str, str]) -> None:
    web.client.post(f"{V1}/sessions", json=INTAKE)
    try:
        answer = web.client.post(f"{V1}/whistles", json={"text": "x"}, headers=headers)
    finally:
        web.client.cookies.clear()

    assert (answer.status_code, answer.json()["code"]) == (403, "session.foreign_origin")


@pytest.mark.parametrize(
    "headers", [{}, {"Sec-Fetch-Site": "same-origin"}, {"Origin": "http://testserver"}]
)
def test_the_own_site_and_machines_act_through_a_cookie(web: Web, headers: dict[str, str]) -> None:
    web.client.post(f"{V1}/sessions", json=INTAKE)
    try:
        answer = web.client.post(f"{V1}/whistles", json={"text": "x"}, headers=headers)
    finally:
        web.client.cookies.clear()

    assert answer.status_code == 201
    assert answer.json()["receipt"] is None


def test_a_guesser_has_to_wait(module_city: str, tmp_path: Path) -> None:
    with web_on(module_city, tmp_path) as web:
        wrong = {**INTAKE, "password": "wrong"}
        for _ in range(LIMITS["pair"]):
            assert web.nobody.post("/sessions", wrong).status_code == 401

        answer = web.nobody.post("/sessions", INTAKE)

        assert (answer.status_code, answer.json()["code"]) == (429, "session.too_many_attempts")
        assert 0 < int(answer.headers["Retry-After"]) <= WINDOW + 1


def test_failures_are_forgotten_when_their_window_has_passed() -> None:
    now = 1000.0
    failures = FailedLogins(clock=lambda: now)
    for _ in range(LIMITS["pair"]):
        failures.failed("a", "1.2.3.4")
    assert failures.wait("a", "1.2.3.4") > 0
    assert failures.wait("a", "5.6.7.8") == 0

    now += WINDOW + 1

    assert failures.wait("a", "1.2.3.4") == 0


def test_no_address_can_be_read_from_the_count_of_failures() -> None:
    failures = FailedLogins()

    failures.failed("intake-cp01", "203.0.113.9")

    assert "203.0.113.9" not in repr(vars(failures))
    assert "intake-cp01" not in repr(vars(failures))


@pytest.mark.parametrize("typed", ["Handler-U01", " HANDLER-u01 "])
def test_the_case_of_a_name_does_not_matter(web: Web, typed: str) -> None:
    answer = web.client.post(f"{V1}/sessions", json={"username": typed, "password": DEMO_PASSWORD})
    web.client.cookies.clear()

    assert answer.status_code == 201
    assert answer.json()["account"]["username"] == "handler-u01"
