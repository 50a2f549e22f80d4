"""What is suggested for words and a place: kind, unit, and what may be the same problem."""

from typing import Any

from tests.api.web import IN_CP02, LAMP, LITTER, VIOLENCE, Web
from tests.waiting import until_folded

BESIDE = {"lat": IN_CP02["lat"] + 0.0002, "lon": IN_CP02["lon"]}  # some 22 metres north
ELSEWHERE = {"lat": IN_CP02["lat"] + 0.001, "lon": IN_CP02["lon"]}  # some 111 metres north


def on_the_board(web: Web, raised: dict[str, Any]) -> str:
    with web.tracker.connection() as connection:
        until_folded(connection, raised["position"], "board")
    return str(raised["id"])


def asked(web: Web, **body: Any) -> dict[str, Any]:
    answer = web.nobody.post("/suggestions", body)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def test_words_suggest_the_best_kinds_the_unit_and_the_urgency(web: Web) -> None:
    found = asked(web, text="路灯不亮,打 13812345678 找我")

    assert found["categories"][0]["code"] == LAMP
    assert 0 < found["categories"][0]["score"] <= 1 and len(found["categories"]) <= 3
    category = web.tracker.city.category(LAMP)
    assert (found["lead_unit"], found["urgency"]) == (category.lead_unit, category.sla)
    assert "13812345678" not in found["masked_text"]
    assert found["duplicates"] == []


def test_words_that_tell_nothing_suggest_no_kind(web: Web) -> None:
    found = asked(web, text="你好", location=IN_CP02)

    assert (found["categories"], found["lead_unit"], found["duplicates"]) == ([], None, [])


def test_what_is_open_of_the_same_family_within_fifty_metres_is_named(web: Web) -> None:
    first = on_the_board(web, web.nobody.raises("路灯坏了", category=LAMP, location=IN_CP02))
    on_the_board(web, web.nobody.raises("垃圾没人收", category=LITTER, location=IN_CP02))

    near = asked(web, text="路灯不亮", location=BESIDE)["duplicates"]
    far = asked(web, text="路灯不亮", location=ELSEWHERE)["duplicates"]

    assert [one["id"] for one in near] == [first] and far == []
    assert 0.5 <= near[0]["score"] < 1 and "22" in near[0]["why"]


def test_a_place_of_the_same_name_is_the_same_place(web: Web) -> None:
    there = {"address": "南湖 北门"}
    first = on_the_board(web, web.nobody.raises("路灯坏了", category=LAMP, location=there))

    found = asked(web, text="路灯不亮", location={"address": "南湖北门"})["duplicates"]

    assert [(one["id"], one["score"]) for one in found] == [(first, 1.0)]


def test_what_is_confidential_or_over_is_in_no_list(web: Web) -> None:
    told = web.nobody.raises("邻居家打孩子", category=VIOLENCE, location=ELSEWHERE)
    on_the_board(web, told)
    over = web.nobody.raises("路灯坏了", category=LAMP, location=ELSEWHERE)
    withdrawn = web.with_receipt(over["receipt"]).post("/receipts/current/commands/withdraw", {})
    on_the_board(web, {**over, "position": withdrawn.json()["position"]})

    assert asked(web, text="家暴", location=ELSEWHERE)["duplicates"] == []
    assert asked(web, text="路灯不亮", location=ELSEWHERE)["duplicates"] == []
