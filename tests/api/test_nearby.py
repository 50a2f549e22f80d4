"""Before one more is raised: the open ones nearby, and joining one of them."""

from typing import Any

from tests.api.web import IN_CP02, LAMP, LITTER, VIOLENCE, Web
from tests.giving import OPENED, a_call_in_json
from tests.waiting import until_folded

A_STEP_AWAY = {"lat": IN_CP02["lat"] + 0.0002, "lon": IN_CP02["lon"]}  # 22 metres
A_STREET_AWAY = {"lat": IN_CP02["lat"] + 0.002, "lon": IN_CP02["lon"]}  # 222 metres


def open_one(web: Web, category: str = LAMP, **fields: Any) -> dict[str, Any]:
    """Raised by somebody else, and seen by the board."""
    raised = web.nobody.raises("我家门口的路灯", category=category, **fields)
    with web.tracker.connection() as connection:
        until_folded(connection, raised["position"], "board")
    return raised


def numbers(web: Web, **asked: Any) -> list[str]:
    answer = web.nobody.post("/nearby", asked)
    assert answer.status_code == 200, answer.text
    return [item["number"] for item in answer.json()["items"]]


def test_an_open_one_of_the_same_kind_a_step_away_is_offered_without_a_word_of_it(web: Web) -> None:
    there = open_one(web, location=IN_CP02, reporter={"phone": "13800138000"})

    answer = web.nobody.post("/nearby", {"text": "路灯不亮", "location": A_STEP_AWAY})

    offered = {item["number"]: item for item in answer.json()["items"]}
    assert offered[there["number"]]["metres"] == 22
    assert offered[there["number"]]["category"] == LAMP
    assert "我家门口" not in answer.text and "13800138000" not in answer.text


def test_another_kind_a_street_away_or_closed_is_not_offered(web: Web) -> None:
    there = open_one(web, location=IN_CP02)
    web.with_receipt(there["receipt"]).post("/receipts/current/commands/withdraw")
    other = open_one(web, category=LITTER, location=IN_CP02)["number"]

    assert there["number"] not in numbers(web, category=LAMP, location=IN_CP02)
    assert other not in numbers(web, category=LAMP, location=IN_CP02)
    assert other in numbers(web, category=LITTER, location=A_STEP_AWAY)
    assert other not in numbers(web, category=LITTER, location=A_STREET_AWAY)


def test_a_confidential_one_is_never_offered_nor_looked_for(web: Web) -> None:
    hidden = open_one(web, category=VIOLENCE, location=IN_CP02)["number"]
    beside = open_one(web, category="E0708", location=IN_CP02)["number"]

    offered = numbers(web, category="E0708", location=IN_CP02)

    assert beside in offered and hidden not in offered
    assert numbers(web, category=VIOLENCE, location=IN_CP02) == []


def test_the_same_grid_or_the_same_named_place_is_near_where_no_point_is_known(web: Web) -> None:
    by_grid = open_one(web, location={"grid": "53250300200101"})["number"]
    by_name = open_one(web, location={"address": "天马路 口"})["number"]

    assert numbers(web, category=LAMP, location={"grid": "53250300200101"}) == [by_grid]
    assert numbers(web, category=LAMP, location={"address": "天马路口"}) == [by_name]


def test_who_joins_gets_a_receipt_and_sees_nothing_of_the_first(web: Web) -> None:
    there = open_one(web, location=IN_CP02)
    body = {"number": there["number"], "category": LAMP, "location": IN_CP02, "text": "我也摸黑走"}
    key = {"Idempotency-Key": "mine-too"}

    first = web.nobody.post("/nearby/join", body, headers=key)
    again = web.nobody.post("/nearby/join", body, headers=key)

    assert first.status_code == 201, first.text
    assert first.json() == again.json()
    assert first.json()["receipt"] != there["receipt"]
    seen = web.with_receipt(first.json()["receipt"]).get("/receipts/current")
    assert seen.json()["number"] == there["number"]
    assert "我也摸黑走" in seen.text and "我家门口" not in seen.text
    theirs = web.with_receipt(there["receipt"]).get("/receipts/current").text
    assert "我也摸黑走" not in theirs


def test_who_joined_adds_words_but_decides_nothing_for_the_first(web: Web) -> None:
    there = open_one(web, location=IN_CP02)
    body = {"number": there["number"], "category": LAMP, "location": IN_CP02}
    joined = web.with_receipt(web.nobody.post("/nearby/join", body).json()["receipt"])

    offered = joined.get("/receipts/current/commands").json()["items"]
    withdrawn = joined.post("/receipts/current/commands/withdraw")
    added = joined.post("/receipts/current/commands/amend", {"text": "又想起来了"})

    assert [item["command"] for item in offered] == ["amend", "withdraw"]
    assert (withdrawn.status_code, withdrawn.json()["state"]) == (200, "RAISED")
    assert added.json()["code"] == "whistle.report_taken_back"


def test_the_word_of_who_joined_is_kept_and_closes_nothing(web: Web) -> None:
    there = open_one(web, location=A_STREET_AWAY)
    number, handler, city = there["number"], web.someone("handler-u01"), web.someone("city")
    body = {"number": number, "category": LAMP, "location": A_STREET_AWAY}
    joined = web.with_receipt(web.nobody.post("/nearby/join", body).json()["receipt"])
    city.give(number, "classify", {"category": LAMP})
    city.give(number, "dispatch", {"lead": "U01"})
    handler.give(number, "open-contact", OPENED)
    handler.give(number, "respond", {**a_call_in_json(), "note": "已联系"})
    handler.give(number, "start")
    handler.give(number, "submit", {"note": "好了", "photos": [handler.photo()]})
    city.give(number, "verify", {"passed": True})

    said = joined.post("/receipts/current/commands/follow-up", {"resolved": True, "rating": 5})

    assert (said.status_code, said.json()["state"]) == (200, "VERIFIED")


def test_a_number_that_was_not_offered_here_cannot_be_joined(web: Web) -> None:
    there = open_one(web, location=IN_CP02)["number"]
    hidden = open_one(web, category=VIOLENCE, location=IN_CP02)["number"]

    answers = [
        web.nobody.post(
            "/nearby/join", {"number": number, "category": LAMP, "location": location}
        ).json()
        for number, location in [
            (there, A_STREET_AWAY),
            (hidden, IN_CP02),
            ("W-000000-000000", IN_CP02),
        ]
    ]

    assert [answer["code"] for answer in answers] == ["nearby.gone"] * 3
