"""What comes from outside: bounded, well-formed, or refused with a word that helps."""

import json

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from api.door import problems
from api.door.edge import BODY_LIMIT, DEPTH_LIMIT, PHOTO_LIMIT
from tests.api.web import V1, Web

JSON = {"Content-Type": "application/json"}
HUGE = "9" * 5000


def send(web: Web, body: bytes, **headers: str) -> tuple[int, str]:
    answer = web.client.post(f"{V1}/whistles", content=body, headers={**JSON, **headers})
    assert answer.headers["content-type"] == "application/problem+json" or answer.is_success
    return answer.status_code, answer.json().get("code", "")


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b'{"text": "a"',
        b'{"text": NaN}',
        b'{"text": "a", "location": {"lat": Infinity, "lon": 1}}',
        b'{"text": "\xff\xfe"}',
        f'{{"text": "a", "location": {{"lat": {HUGE}, "lon": 1}}}}'.encode(),
        b"[" * 100_000,
        b'{"text": ' + b"[" * 5000 + b"]" * 5000 + b"}",
        ('{"a":' * (DEPTH_LIMIT + 1) + "1" + "}" * (DEPTH_LIMIT + 1)).encode(),
    ],
)
def test_what_is_not_json_is_refused(web: Web, body: bytes) -> None:
    status, code = send(web, body)

    assert (status, code) == (422, "body.unreadable")


@pytest.mark.parametrize("text", ["a\\u0000b", "\\ud800", "\\udc00x"])
def test_characters_that_cannot_be_stored_are_refused(web: Web, text: str) -> None:
    assert send(web, f'{{"text": "{text}"}}'.encode()) == (422, "text.bad_characters")


@pytest.mark.parametrize(
    "path", ["/whistles/%00", "/whistles/W%00/timeline", "/directory/areas?cursor=%00", "/%ff"]
)
def test_an_address_that_cannot_be_read_is_refused(web: Web, path: str) -> None:
    answer = web.nobody.get(path)

    assert (answer.status_code, answer.json()["code"]) == (422, "text.bad_characters")


def test_bidi_and_zero_width_characters_are_kept(web: Web) -> None:
    text = "路灯\u202e不亮\u200b👨‍👩‍👧"
    number = web.nobody.raises(text)["number"]

    assert web.someone("city").get(f"/whistles/{number}").json()["text"] == text


def test_a_body_of_more_than_a_mebibyte_is_refused(web: Web) -> None:
    assert send(web, b" " * (BODY_LIMIT + 1)) == (413, "body.too_large")


def test_a_body_that_hides_its_length_is_refused_as_well(web: Web) -> None:
    def pieces() -> object:
        yield from (b" " * 65536 for _ in range(20))

    answer = web.client.post(f"{V1}/whistles", content=pieces(), headers=JSON)

    assert answer.status_code == 413


def test_a_photo_of_more_than_ten_mebibytes_is_refused(web: Web) -> None:
    answer = web.nobody.upload(b"\xff\xd8\xff" + b"x" * (PHOTO_LIMIT + 32 * 1024))

    assert answer.status_code == 413


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "", "x"])
def test_another_content_type_is_refused(web: Web, kind: str) -> None:
    assert send(web, b'{"text": "a"}', **{"Content-Type": kind}) == (415, "body.type")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "text"),
        ({"text": ""}, "text"),
        ({"text": 7}, "text"),
        ({"text": "x" * 4001}, "text"),
        ({"text": "a", "colour": "red"}, "colour"),
        ({"text": "a", "photos": ["no id"]}, "photos.0"),
        ({"text": "a", "photos": [7]}, "photos.0"),
        ({"text": "a", "anonymous": "yes"}, "anonymous"),
        ({"text": "a", "anonymous": 1}, "anonymous"),
        ({"text": "a", "occurred_at": "yesterday"}, "occurred_at"),
        ({"text": "a", "occurred_at": "2026-03-01T10:00:00"}, "occurred_at"),
        ({"text": "a", "occurred_at": "0001-01-01T00:00:00+14:00"}, "occurred_at"),
        ({"text": "a", "occurred_at": "9999-12-31T23:59:59-12:00"}, "occurred_at"),
        ({"text": "a", "occurred_at": 1e300}, "occurred_at"),
        ({"text": "a", "occurred_at": 10**30}, "occurred_at"),
        ({"text": "a", "category": "没有"}, "category"),
        ({"text": "a", "category": "Z9999"}, "category"),
        ({"text": "a", "reporter": {"phone": 138}}, "reporter.phone"),
    ],
)
def test_a_field_that_cannot_be_taken_is_named(web: Web, body: object, field: str) -> None:
    answer = web.nobody.post("/whistles", body)

    assert answer.status_code == 422, answer.text
    assert [error["field"] for error in answer.json()["errors"]] == [field]


@pytest.mark.parametrize(
    ("location", "code"),
    [
        ({"lat": 103.39, "lon": 23.38}, "location.swapped"),
        ({"lat": 0, "lon": 0}, "location.null_island"),
        ({"lat": 10**400, "lon": 1}, "form.invalid"),
        ({"lat": 95, "lon": 103.39}, "location.not_on_earth"),
        ({"lat": "23.38", "lon": 103.3}, "form.invalid"),
    ],
)
def test_a_place_that_is_none_is_refused_when_raised(
    web: Web, location: dict[str, object], code: str
) -> None:
    answer = web.nobody.post("/whistles", {"text": "a", "location": location})

    assert (answer.status_code, answer.json()["code"]) == (422, code)


def test_one_field_is_singular(web: Web) -> None:
    english = {"Accept-Language": "en"}

    one = web.nobody.post("/whistles", {"colour": 1}, headers=english)
    two = web.nobody.post("/whistles", {"colour": 1, "size": 2}, headers=english)

    assert one.json()["detail"] == "1 field needs correcting"
    assert two.json()["detail"] == "2 fields need correcting"
    assert web.nobody.post("/whistles", {"colour": 1}).json()["detail"] == "有 1 处需要改正"


def test_every_refusal_is_a_whole_problem_in_the_language_asked_for(web: Web) -> None:
    zh = web.nobody.get("/whistles").json()
    en = web.nobody.get("/whistles", headers={"Accept-Language": "en-GB,zh;q=0.3"}).json()

    assert zh == {
        "type": "urn:shaodao:problem:session.required",
        "title": "需要登录",
        "status": 401,
        "detail": "请先登录",
        "code": "session.required",
        "remedy": "用帐号登录,或带上 Authorization: Bearer 令牌",
        "errors": [],
        "facts": {},
    }
    assert (en["title"], en["detail"]) == ("Not signed in", "Sign in first")


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nowhere", 404),
        ("PUT", "/whistles", 405),
        ("GET", "/whistles/W-260101-999999", 404),
        ("POST", "/whistles/W-260101-999999/commands/fly", 404),
        ("POST", "/whistles/W-260101-999999/commands/claim", 404),
        ("GET", "/photos/00000000-0000-0000-0000-000000000000", 404),
        ("GET", "/photos/none", 422),
        ("GET", "/whistles?limit=201", 422),
        ("GET", "/whistles?limit=" + HUGE[:4400], 422),
        ("GET", "/whistles?colour=red", 422),
        ("GET", "/whistles?cursor=none", 422),
        ("GET", "/whistles?raised_from=0001-01-01T00:00:00Z", 422),
        ("GET", "/stream?scope=moon", 422),
    ],
)
def test_the_router_answers_with_problems_too(
    web: Web, method: str, path: str, status: int
) -> None:
    city = web.someone("city")

    answer = web.client.request(method, V1 + path, headers=city.headers)

    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert set(answer.json()) >= {"type", "title", "status", "detail", "code", "remedy", "errors"}


def test_a_fault_of_ours_tells_nothing_of_its_inside() -> None:
    app = FastAPI()
    problems.install(app)

    @app.get("/api/broken")
    def broken() -> None:
        raise RuntimeError("the password is 1234")

    client = TestClient(app, raise_server_exceptions=False)
    answer = client.get("/api/broken", headers={"Accept-Language": "en"})

    assert answer.status_code == 500
    assert "1234" not in answer.text and "RuntimeError" not in answer.text
    assert answer.json()["code"] == "fault"


def test_every_answer_carries_the_safe_headers(web: Web) -> None:
    answer = web.nobody.get("/directory/posts")

    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "default-src 'self'" in answer.headers["Content-Security-Policy"]
    assert json.loads(answer.text)["items"]


def test_what_is_long_is_packed(web: Web) -> None:
    taken = {"Accept-Encoding": "gzip"}

    contract = web.client.get("/api/openapi.json", headers=taken)
    health = web.client.get("/healthz", headers=taken)
    plain = web.client.get("/api/openapi.json", headers={"Accept-Encoding": "identity"})

    assert contract.headers["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in contract.headers["Vary"]
    assert "Content-Encoding" not in health.headers
    assert "Content-Encoding" not in plain.headers and plain.json() == contract.json()


@pytest.mark.parametrize("path", ["/", "/healthz", "/p", "/login", "/directory"])
def test_a_head_is_answered_as_its_get_without_the_body(web: Web, path: str) -> None:
    asked, headed = web.client.get(path), web.client.head(path)

    assert (headed.status_code, headed.content) == (asked.status_code, b"")
    assert headed.headers["content-type"] == asked.headers["content-type"]


@pytest.mark.parametrize(
    "body", ['{"text": "a", "text": "b"}', '{"text": "a", "location": {"lat": 1, "lat": 2}}']
)
def test_a_key_that_stands_twice_is_refused(web: Web, body: str) -> None:
    answer = web.client.post(
        f"{V1}/whistles", content=body, headers={"Content-Type": "application/json"}
    )

    assert (answer.status_code, answer.json()["code"]) == (422, "body.key_twice")
    assert answer.json()["facts"]["key"] in ("text", "lat")
