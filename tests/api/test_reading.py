"""Who reads what: lists, single whistles, stories, and words that identify people."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.api.web import IN_CP02, IN_CP09, LAMP, LITTER, VIOLENCE, Web
from tracker.words.visible import has_visible

TEXTS = [
    json.loads(line)
    for line in (Path(__file__).parents[1] / "data" / "whistles.jsonl").read_text().splitlines()
    if "blank" not in json.loads(line)["tags"]  # nothing was said: it is refused
]
SECRET = "请打１３８００１３８０００找我,石榴园5栋2单元301"
COVERED = "请打***********找我,石榴园********"
WHISTLE_FIELDS = {
    "id", "number", "state", "version", "position", "text", "title", "category", "sla_class",
    "urgency", "grid", "community", "street", "post", "lead", "co", "assignments", "clocks",
    "level", "card", "cycle", "confidential", "raised_at", "registered_at", "source",
    "merged_into", "photos",
}  # fmt: skip


def numbers(answer: Any) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [item["number"] for item in answer.json()["items"]]


@pytest.fixture(scope="module")
def here(web: Web) -> dict[str, Any]:
    """A whistle of CP02, with words that identify its reporter."""
    return web.nobody.raises(SECRET, location=IN_CP02, category=LAMP)


@pytest.fixture(scope="module")
def hidden(web: Web) -> dict[str, Any]:
    """A confidential whistle of CP02, sent to U04 and U22 at once."""
    return web.nobody.raises("隔壁天天打人", location=IN_CP02, category=VIOLENCE)


def test_every_text_that_people_write_is_read_back_unchanged_by_those_who_may(web: Web) -> None:
    for given in [one for one in TEXTS if has_visible(one["description"])]:
        body = {"text": given["description"], "title": given["title"] or None}
        number = web.nobody.raises(body["text"], title=body["title"])["number"]

        read = web.someone("city").get(f"/whistles/{number}").json()

        assert (read["text"], read["title"]) == (body["text"], body["title"]), given["id"]


def test_no_phone_card_plate_or_flat_of_the_texts_is_in_a_shared_view(web: Web) -> None:
    leader = web.someone("leader")
    for given in TEXTS:
        secrets = [found["text"] for found in given["pii"] if found["type"] != "name"]
        if secrets:
            number = web.nobody.raises(given["description"], title=given["title"] or None)["number"]
            read = leader.get(f"/whistles/{number}").json()
            shown = f"{read['text']} {read['title']}"
            assert not [secret for secret in secrets if secret in shown], given["id"]


def test_a_whistle_has_the_same_fields_alone_and_in_a_list(web: Web, here: dict[str, Any]) -> None:
    city = web.someone("city")

    alone = city.get(f"/whistles/{here['number']}").json()
    listed = city.get("/whistles", params={"q": here["number"], "position": here["position"]})

    assert set(alone) == set(listed.json()["items"][0]) == WHISTLE_FIELDS
    masked = {"text": COVERED}
    assert {**alone, **masked} == listed.json()["items"][0]


def test_a_list_says_when_it_was_seen_as_the_whistle_itself_does(web: Web) -> None:
    earlier = (datetime.now(UTC) - timedelta(hours=5)).isoformat()
    told = web.nobody.raises(location=IN_CP02, occurred_at=earlier)
    city = web.someone("city")

    alone = city.get(f"/whistles/{told['number']}").json()
    listed = city.get("/whistles", params={"q": told["number"], "position": told["position"]})

    [row] = listed.json()["items"]
    assert row["raised_at"] == alone["raised_at"] != row["registered_at"]


def test_a_whistle_without_a_place_is_on_every_desk(web: Web) -> None:
    told = web.nobody.raises("不知道是哪条巷子", location={"address": "菜市场后门"})

    def found(account: str) -> list[str]:
        asked = {"q": told["number"], "position": told["position"]}
        answer = web.someone(account).get("/whistles", params=asked)
        return [row["number"] for row in answer.json()["items"]]

    assert found("intake-cp02") == found("intake-cp09") == [told["number"]]
    assert found("liaison-u01") == found("gw-53250300100201") == []


def test_its_number_and_its_id_name_the_same_whistle(web: Web, here: dict[str, Any]) -> None:
    city = web.someone("city")

    by_number = city.get(f"/whistles/{here['number']}")
    by_id = city.get(f"/whistles/{here['id']}")

    assert by_number.json() == by_id.json()
    assert by_number.headers["ETag"] == f'"{by_number.json()["version"]}"'


@pytest.mark.parametrize(
    ("account", "status", "text"),
    [
        ("intake-cp02", 200, SECRET),
        ("followup-cp02", 200, SECRET),
        ("city", 200, SECRET),
        ("auditor", 200, SECRET),
        ("dispatcher-cp02", 200, COVERED),
        ("commander-cp02", 200, COVERED),
        ("intake-cp24", 200, SECRET),  # the street's own post
        ("gw-53250300100201", 200, COVERED),
        ("supervisor", 200, COVERED),
        ("leader", 200, COVERED),
        ("admin", 200, COVERED),
        ("intake-cp09", 403, None),
        ("gw-53250300200101", 403, None),
        ("liaison-u01", 403, None),
    ],
)
def test_a_whistle_and_its_words_are_shown_by_duty(
    web: Web, here: dict[str, Any], account: str, status: int, text: str | None
) -> None:
    answer = web.someone(account).get(f"/whistles/{here['number']}")

    assert (answer.status_code, answer.json().get("text")) == (status, text)


def test_a_unit_hears_the_words_from_the_moment_it_is_assigned(web: Web) -> None:
    number = web.nobody.raises(SECRET, location=IN_CP02)["number"]
    city, handler = web.someone("city"), web.someone("handler-u01")
    city.give(number, "classify", {"category": LITTER})
    city.give(number, "pool")

    pooled = handler.get(f"/whistles/{number}").json()["text"]
    web.someone("liaison-u01").give(number, "claim")

    assert pooled == COVERED
    assert handler.get(f"/whistles/{number}").json()["text"] == SECRET


@pytest.mark.parametrize(
    ("account", "status"),
    [
        ("commander-cp02", 200),
        ("handler-u04", 200),
        ("handler-u22", 200),
        ("city", 200),
        ("supervisor", 200),
        ("auditor", 200),
        ("leader", 403),
        ("admin", 403),
        ("gw-53250300100201", 403),
        ("handler-u01", 403),
        ("commander-cp09", 403),
    ],
)
def test_a_confidential_whistle_is_for_its_post_its_units_and_those_who_watch_over_it(
    web: Web, hidden: dict[str, Any], account: str, status: int
) -> None:
    caller = web.someone(account)

    alone = caller.get(f"/whistles/{hidden['number']}")
    listed = caller.get("/whistles", params={"position": hidden["position"], "limit": 200})

    assert alone.status_code == status
    assert (hidden["number"] in numbers(listed)) is (status == 200)


def test_the_refusal_is_the_same_for_confidential_and_for_foreign_whistles(
    web: Web, hidden: dict[str, Any]
) -> None:
    worker = web.someone("gw-53250300100201")
    foreign = web.nobody.raises(location=IN_CP09)

    one = worker.get(f"/whistles/{hidden['number']}").json()
    other = worker.get(f"/whistles/{foreign['number']}").json()

    assert one == other


def test_what_was_written_is_in_the_next_list_that_carries_its_position(web: Web) -> None:
    intake = web.someone("intake-cp09")

    raised = web.nobody.raises(location=IN_CP09)
    by_query = intake.get("/whistles", params={"position": raised["position"]})
    by_header = intake.get("/whistles", headers={"X-Position": str(raised["position"])})

    assert raised["number"] in numbers(by_query)
    assert raised["number"] in numbers(by_header)


def test_pages_stay_right_while_whistles_arrive(web: Web) -> None:
    city = web.someone("city")
    before = [web.nobody.raises(location=IN_CP09) for _ in range(5)]
    wanted = {
        "position": before[-1]["position"],
        "limit": 2,
        "q": "路灯",
        "grid": before[0]["grid"],
    }
    whole = numbers(city.get("/whistles", params={**wanted, "limit": 200}))

    seen, cursor = [], None
    while True:
        page = city.get("/whistles", params={**wanted, **({"cursor": cursor} if cursor else {})})
        seen += numbers(page)
        web.nobody.raises(location=IN_CP09)
        cursor = page.json()["next"]
        if cursor is None:
            break

    assert seen == whole


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ({"post": "CP02"}, True),
        ({"post": "CP09"}, False),
        ({"state": "RAISED"}, True),
        ({"state": ["CLOSED", "VOID"]}, False),
        ({"category": LAMP}, True),
        ({"category": "C01"}, True),
        ({"category": LITTER}, False),
        ({"grid": "53250300100201"}, True),
        ({"level": 1}, True),
        ({"level": 4}, False),
        ({"unit": "U01"}, False),
        ({"overdue": "true"}, False),
        ({"overdue": "false"}, True),
        ({"due_before": "2026-01-01T00:00:00+08:00"}, False),
        ({"raised_from": "2026-01-01T00:00:00+08:00"}, True),
        ({"raised_to": "2026-01-01T00:00:00+08:00"}, False),
        ({"q": "石榴园"}, True),
        ({"q": "100%"}, False),
        ({"sort": "due"}, True),
    ],
)
def test_a_list_is_filtered(
    web: Web, here: dict[str, Any], filters: dict[str, Any], found: bool
) -> None:
    asked = {"position": here["position"], "limit": 200, **filters}

    answer = web.someone("intake-cp02").get("/whistles", params=asked)

    assert (here["number"] in numbers(answer)) is found


def test_a_story_is_told_by_audience(web: Web) -> None:
    raised = web.nobody.raises(
        SECRET, location=IN_CP02, reporter={"name": "张三", "phone": "13900000000"}
    )
    city = web.someone("city")
    city.give(raised["number"], "classify", {"category": LAMP, "reason": "电话13800138000核实"})
    city.give(raised["number"], "dispatch", {"lead": "U01"})

    def told(account: str) -> Any:
        return web.someone(account).get(f"/whistles/{raised['number']}/timeline").json()["items"]

    post, unit = told("dispatcher-cp02"), told("handler-u01")
    assert [line["event"] for line in post] == [
        "whistle.raised",
        "whistle.classified",
        "whistle.dispatched",
    ]
    assert "13900000000" not in json.dumps(post) and "13800138000" not in json.dumps(post)
    assert "13900000000" not in json.dumps(unit)
    assert all(line["by"] != "anonymous" for line in unit)


def test_those_without_an_account_are_asked_to_sign_in(web: Web, here: dict[str, Any]) -> None:
    paths = ["/whistles", f"/whistles/{here['number']}", f"/whistles/{here['number']}/timeline"]
    for path in [*paths, f"/whistles/{here['number']}/commands", "/stream"]:
        answer = web.nobody.get(path)
        assert (answer.status_code, answer.json()["code"]) == (401, "session.required")
        assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_a_resident_with_an_account_follows_the_own_report(web: Web) -> None:
    worker = web.someone("gw-53250300100201")
    elsewhere = worker.raises("这里也有垃圾", location=IN_CP09)

    answer = worker.get(f"/whistles/{elsewhere['number']}")

    assert (answer.status_code, answer.json()["text"]) == (200, "这里也有垃圾")
    assert elsewhere["receipt"] is None


def test_who_asks_to_stay_anonymous_is_nobody_to_the_log(web: Web) -> None:
    worker = web.someone("gw-53250300100201")
    raised = worker.raises("不留名", location=IN_CP02, anonymous=True)

    story = web.someone("auditor").get(f"/whistles/{raised['number']}/timeline").json()

    assert raised["receipt"]
    assert "gw-53250300100201" not in json.dumps(story)


def test_a_contact_is_told_to_those_whose_duty_it_is_and_the_look_is_on_record(
    web: Web, caplog: pytest.LogCaptureFixture
) -> None:
    contact = {"name": "张三", "phone": "13900000000"}
    number = web.nobody.raises(location=IN_CP02, reporter=contact)["number"]
    caplog.set_level("INFO", "shaodao.looks")
    path = f"/whistles/{number}/contact"

    told = web.someone("followup-cp02").get(path, params={"reason": "电话回访"})
    untold = web.someone("dispatcher-cp02").get(path, params={"reason": "电话回访"})
    without_reason = web.someone("followup-cp02").get(path)

    assert told.json() == {"items": [contact], "next": None}
    assert (untold.status_code, without_reason.status_code) == (403, 422)
    assert f"followup-cp02 (follow_up_agent) was shown the contacts of {number}" in caplog.text
    assert "电话回访" in caplog.text and "13900000000" not in caplog.text
