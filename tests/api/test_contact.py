"""A reporter's number: who opens it is on record, and a call counts only after that."""

from typing import Any

import pytest

from tests.api.web import IN_CP02, LAMP, Caller, Web
from tests.giving import a_call_in_json

CONTACT = {"name": "张三", "phone": "13900001111"}
WHY = {"reason": "约时间上门"}


@pytest.fixture
def told(web: Web) -> dict[str, Any]:
    """Dispatched to U01; its reporter left a number and has a receipt."""
    raised = web.nobody.raises(location=IN_CP02, reporter=CONTACT)
    city = web.someone("city")
    city.give(raised["number"], "classify", {"category": LAMP})
    city.give(raised["number"], "dispatch", {"lead": "U01"})
    return raised


def openings(caller: Caller, number: str) -> list[str]:
    lines = caller.get(f"/whistles/{number}/timeline").json()["items"]
    return [line["by"] for line in lines if line["event"] == "whistle.contact_opened"]


def test_a_look_at_the_number_is_an_event_that_does_not_hold_it(
    web: Web, told: dict[str, Any]
) -> None:
    number, handler = told["number"], web.someone("handler-u01")

    shown = handler.get(f"/whistles/{number}/contact", params=WHY)
    again = handler.get(f"/whistles/{number}/contact", params={"reason": "再打一次"})
    by_another = web.someone("liaison-u01").get(f"/whistles/{number}/contact", params=WHY)

    assert shown.json() == again.json() == by_another.json() == {"items": [CONTACT], "next": None}
    auditor = web.someone("auditor")
    assert openings(auditor, number) == ["handler-u01", "liaison-u01"]
    story = auditor.get(f"/whistles/{number}/timeline").text
    assert WHY["reason"] in story and "再打一次" not in story
    kept = [vars(event) for event in web.tracker.story(web.tracker.id_of(number))]
    assert CONTACT["phone"] not in str(kept)


def test_every_look_of_a_post_is_an_event(web: Web, told: dict[str, Any]) -> None:
    number, agent = told["number"], web.someone("followup-cp02")

    for _ in range(2):
        assert agent.get(f"/whistles/{number}/contact", params=WHY).status_code == 200
    web.someone("handler-u02").get(f"/whistles/{number}/contact", params=WHY)

    assert openings(web.someone("auditor"), number) == ["followup-cp02"] * 2


def test_a_call_counts_only_after_the_number_was_opened(web: Web, told: dict[str, Any]) -> None:
    number, handler = told["number"], web.someone("handler-u01")

    before = handler.give(number, "respond", a_call_in_json())
    handler.get(f"/whistles/{number}/contact", params=WHY)
    after = handler.give(number, "respond", a_call_in_json())

    assert (before.status_code, before.json()["code"]) == (409, "whistle.number_not_opened")
    assert "打开电话" in before.json()["remedy"]
    assert (after.status_code, after.json()["state"]) == (200, "RESPONDED"), after.text


@pytest.mark.parametrize(("answer", "follows"), [("confirm-call", []), ("deny-call", [True])])
def test_the_reporter_says_whether_they_spoke(
    web: Web, told: dict[str, Any], answer: str, follows: list[bool]
) -> None:
    number, handler = told["number"], web.someone("handler-u01")
    reporter = web.with_receipt(told["receipt"])
    handler.give(number, "open-contact", WHY)
    handler.give(number, "respond", a_call_in_json())
    offered = reporter.get("/receipts/current/commands").json()["items"]

    said = reporter.post(f"/receipts/current/commands/{answer}", {"note": "我的话"})
    again = reporter.post(f"/receipts/current/commands/{answer}")

    assert {"confirm-call", "deny-call"} <= {one["command"] for one in offered}
    assert said.status_code == 200, said.text
    assert (again.status_code, again.json()["code"]) == (409, "whistle.no_call_to_judge")
    lines = web.someone("supervisor").get(f"/whistles/{number}/timeline").json()["items"]
    assert [True for line in lines if line["event"] == "whistle.supervision_opened"] == follows
    assert handler.give(number, answer).status_code == 403
