"""Two reports of one problem: whose words reach whom, and that nobody is cut off (§4.6)."""

from dataclasses import dataclass
from typing import Any

import pytest

from tests.api.web import IN_CP02, LAMP, Caller, Web
from tracker.commands.whistle.raising import Join
from tracker.domain.actors import Actor, Role

A, B = "路灯从一号杆起不亮", "二号杆也不亮，电话13800138000"


@dataclass
class Two:
    """`first` is worked on, `second` was merged into it; each with its reporter."""

    web: Web
    first: dict[str, Any]
    second: dict[str, Any]
    picture: str

    @property
    def ann(self) -> Caller:
        return self.web.with_receipt(self.first["receipt"])

    @property
    def ben(self) -> Caller:
        return self.web.with_receipt(self.second["receipt"])

    def at_work(self) -> None:
        city, handler = self.web.someone("city"), self.web.someone("handler-u01")
        for step in (
            city.give(self.first["number"], "dispatch", {"lead": "U01"}),
            handler.give(self.first["number"], "respond", {"kind": "arrival", **IN_CP02}),
            handler.give(self.first["number"], "start"),
        ):
            assert step.status_code == 200, step.text

    def checked(self) -> None:
        self.at_work()
        handler, done = self.web.someone("handler-u01"), {"note": "好了"}
        photo = {"photos": [handler.photo()]}
        handler.give(self.first["number"], "submit", done | photo)
        checked = self.web.someone("city").give(self.first["number"], "verify", {"passed": True})
        assert checked.json()["state"] == "VERIFIED", checked.text


@pytest.fixture
def two(web: Web) -> Two:
    city, picture = web.someone("city"), web.nobody.photo()
    first = web.nobody.raises(A, location=IN_CP02)
    second = web.nobody.raises(B, location=IN_CP02, photos=[picture])
    for one in (first, second):
        city.give(one["number"], "classify", {"category": LAMP})
    merged = city.give(second["number"], "merge", {"into": first["number"]})
    assert merged.status_code == 200, merged.text
    return Two(web, first, second, picture)


def said_to(caller: Caller, number: str) -> str:
    return caller.get(f"/whistles/{number}/timeline").text


def test_the_unit_at_work_reads_words_and_pictures_of_both(two: Two) -> None:
    two.at_work()
    handler, stranger = two.web.someone("handler-u01"), two.web.someone("handler-u24")
    parent, child = two.first["number"], two.second["number"]

    whole = handler.get(f"/whistles/{parent}").json()

    assert two.picture in whole["photos"]
    assert "二号杆也不亮" in said_to(handler, parent)
    assert handler.get(f"/whistles/{child}").json()["text"] == B
    assert handler.get(f"/photos/{two.picture}").status_code == 200
    assert stranger.get(f"/whistles/{child}").status_code == 403
    assert stranger.get(f"/photos/{two.picture}").status_code == 403


def test_the_merged_reporter_sees_how_far_it_is_and_only_his_own_words(two: Two) -> None:
    two.at_work()

    seen = two.ben.get("/receipts/current").json()

    assert (seen["number"], seen["state"]) == (two.second["number"], "MERGED")
    assert (seen["progress"], seen["lead"], seen["text"]) == ("IN_PROGRESS", "U01", B)
    assert "whistle.dispatched" in [line["event"] for line in seen["timeline"]]
    assert [line["event"] for line in seen["timeline"]].count("whistle.raised") == 1
    assert A not in str(seen) and "一号杆" not in str(two.ben.get("/receipts/current").text)
    assert "二号杆" not in two.ann.get("/receipts/current").text


def test_what_he_adds_goes_to_the_unit_and_never_to_the_other_reporter(two: Two) -> None:
    two.at_work()

    added = two.ben.post("/receipts/current/commands/amend", {"text": "三号杆也不亮了"})

    assert added.status_code == 200, added.text
    assert "三号杆" in said_to(two.web.someone("handler-u01"), two.first["number"])
    assert "三号杆" in two.ben.get("/receipts/current").text
    assert "三号杆" not in two.ann.get("/receipts/current").text


def test_he_is_asked_once_when_the_parent_is_checked(two: Two) -> None:
    verdict = {"resolved": False, "rating": 1, "note": "还没亮"}
    early = two.ben.post("/receipts/current/commands/follow-up", verdict)
    two.checked()

    offered = two.ben.get("/receipts/current/commands").json()["items"]
    said = two.ben.post("/receipts/current/commands/follow-up", verdict)
    again = two.ben.post("/receipts/current/commands/follow-up", {"resolved": True})

    assert early.status_code == 409
    assert "follow-up" in [item["command"] for item in offered]
    assert (said.status_code, again.json()["code"]) == (200, "whistle.verdict_given")
    assert "还没亮" not in two.ann.get("/receipts/current").text


def test_resolved_waits_for_an_answer_to_the_other_and_he_alone_reads_it(two: Two) -> None:
    two.checked()
    two.ben.post("/receipts/current/commands/follow-up", {"resolved": False})
    two.ann.post("/receipts/current/commands/follow-up", {"resolved": True, "rating": 5})
    number, agent = two.first["number"], two.web.someone("city")
    assert agent.get(f"/whistles/{number}").json()["state"] == "VERIFIED"

    answer = agent.give(number, "answer-party", {"party": 2, "note": "二号杆明天换灯头"})

    assert answer.json()["state"] == "CLOSED", answer.text
    assert "明天换灯头" in two.ben.get("/receipts/current").text
    assert "明天换灯头" not in two.ann.get("/receipts/current").text


def test_the_first_takes_hers_back_and_his_goes_on(two: Two) -> None:
    two.at_work()

    gone = two.ann.post("/receipts/current/commands/withdraw")

    assert (gone.status_code, gone.json()["state"]) == (200, "IN_PROGRESS")
    assert two.ben.get("/receipts/current").json()["progress"] == "IN_PROGRESS"
    assert two.ben.post("/receipts/current/commands/amend", {"text": "还在"}).status_code == 200


def test_when_both_have_left_both_whistles_are_withdrawn(two: Two) -> None:
    his = two.ben.post("/receipts/current/commands/withdraw")
    hers = two.ann.post("/receipts/current/commands/withdraw")

    assert (his.json()["state"], hers.json()["state"]) == ("WITHDRAWN", "WITHDRAWN")
    city = two.web.someone("city")
    parent = city.get(f"/whistles/{two.first['number']}").json()
    assert parent["state"] == "WITHDRAWN"


def test_after_closing_each_may_have_it_done_again(two: Two) -> None:
    two.checked()
    two.ann.post("/receipts/current/commands/follow-up", {"resolved": True, "rating": 5})

    again = two.ben.post("/receipts/current/commands/reopen", {"reason": "又灭了"})

    assert (again.status_code, again.json()["progress"]) == (200, "DISPATCHED"), again.text


def test_a_void_parent_lets_him_go_and_a_transfer_takes_him_along(two: Two) -> None:
    web, number = two.web, two.first["number"]
    web.someone("intake-cp02").give(number, "void", {"reason": "fabricated"})
    voided = web.someone("commander-cp02").give(number, "void", {"reason": "fabricated"})
    assert voided.json()["state"] == "VOID", voided.text

    assert two.ben.get("/receipts/current").json()["state"] == "TRIAGED"
    own = two.second["number"]
    gone = web.someone("city").give(own, "transfer-out", {"target": "petition", "reason": "信访"})
    told = two.ben.get("/receipts/current").json()
    assert (gone.status_code, told["state"]) == (200, "TRANSFERRED_OUT")
    assert told["timeline"][-1]["facts"]["reach"]["name"] == "蒙自市信访局"


def test_unmerged_each_has_his_own_again_with_what_he_said_since(two: Two) -> None:
    picture = two.web.nobody.photo()
    more = {"text": "三号杆也不亮了", "photos": [picture]}
    two.ben.post("/receipts/current/commands/amend", more)
    assert two.ben.get(f"/photos/{picture}").status_code == 200
    assert two.ann.get(f"/photos/{picture}").status_code == 404

    apart = two.web.someone("city").give(two.second["number"], "unmerge", {"reason": "两处"})

    assert apart.json()["state"] == "TRIAGED", apart.text
    assert "三号杆" in two.ben.get("/receipts/current").text
    assert "三号杆" in said_to(two.web.someone("city"), two.second["number"])
    assert two.ben.get(f"/photos/{picture}").status_code == 200
    shown = {
        one["number"]: two.web.someone("city").get(f"/whistles/{one['number']}").json()["photos"]
        for one in (two.first, two.second)
    }
    assert shown == {two.first["number"]: [], two.second["number"]: [two.picture, picture]}


def test_a_void_parent_gives_the_pictures_back_too(two: Two) -> None:
    web, number, picture = two.web, two.first["number"], two.web.nobody.photo()
    two.ben.post("/receipts/current/commands/amend", {"photos": [picture]})

    web.someone("intake-cp02").give(number, "void", {"reason": "fabricated"})
    web.someone("commander-cp02").give(number, "void", {"reason": "fabricated"})

    own = web.someone("city").get(f"/whistles/{two.second['number']}").json()
    assert (own["state"], own["photos"]) == ("TRIAGED", [two.picture, picture])


def test_who_joins_by_account_learns_nothing_of_the_others(web: Web) -> None:
    there = web.nobody.raises(A, location=IN_CP02, reporter={"phone": "13900139000"})
    number, elsewhere = there["number"], web.someone("intake-cp01")
    assert elsewhere.get(f"/whistles/{number}").status_code == 403
    whistle = web.tracker.whistle(number)
    joiner = Actor("intake-cp01", Role.INTAKE, post="CP01")
    web.tracker.give(Join(text="我也看见"), number, actor=joiner, at=whistle.modified_on)

    seen = elsewhere.get(f"/whistles/{number}")

    assert (seen.status_code, seen.json()["text"]) == (200, "我也看见")
    assert A not in said_to(elsewhere, number)
    contact = elsewhere.get(f"/whistles/{number}/contact?reason=看看")
    assert contact.status_code == 403


def test_the_desk_chooses_on_the_page_whom_it_answers(two: Two) -> None:
    two.checked()
    two.ben.post("/receipts/current/commands/follow-up", {"resolved": False})
    agent = two.web.someone("commander-cp02")

    offered = agent.get(f"/whistles/{two.first['number']}/commands").json()["items"]

    assert "answer-party" in [item["command"] for item in offered]


def test_an_emergency_merged_into_an_ordinary_one_keeps_its_clocks_and_gives_them_back(
    web: Web,
) -> None:
    city = web.someone("city")
    ordinary = web.nobody.raises("井盖有响声", category="C0103", location=IN_CP02)["number"]
    urgent = web.nobody.raises("井盖没了", category="C0101", location=IN_CP02)["number"]
    for number, category in ((ordinary, "C0103"), (urgent, "C0101")):
        city.give(number, "classify", {"category": category})
    before = city.get(f"/whistles/{ordinary}").json()
    sent = city.get(f"/whistles/{urgent}").json()
    assert (before["sla_class"], sent["sla_class"], sent["state"]) == ("G4", "E1", "DISPATCHED")

    merged = city.give(urgent, "merge", {"into": ordinary})

    assert merged.status_code == 200, merged.text
    one = city.get(f"/whistles/{ordinary}").json()
    running = {clock["kind"] for clock in one["clocks"] if clock["stopped_at"] is None}
    assert (one["sla_class"], one["state"], one["lead"]) == ("E1", "DISPATCHED", sent["lead"])
    assert {"respond", "control", "resolve"} <= running

    apart = city.give(urgent, "unmerge", {"reason": "两处"})

    assert apart.status_code == 200, apart.text
    again, child = (city.get(f"/whistles/{one}").json() for one in (ordinary, urgent))
    assert (again["sla_class"], again["state"], again["lead"]) == ("G4", "TRIAGED", None)
    assert dues(again) == dues(before)
    assert (child["state"], child["lead"]) == ("DISPATCHED", sent["lead"])
    assert "control" in dues(child)


def dues(whistle: dict[str, Any]) -> dict[str, str]:
    """Of the clocks that run, by kind; those of units left out."""
    return {
        clock["kind"]: clock["due"]
        for clock in whistle["clocks"]
        if clock["stopped_at"] is None and clock["unit"] is None
    }


def test_units_that_only_the_merged_class_sent_are_released_with_it(web: Web) -> None:
    city = web.someone("city")
    ordinary = web.nobody.raises("井盖有响声", category="C0103", location=IN_CP02)["number"]
    city.give(ordinary, "classify", {"category": "C0103"})
    city.give(ordinary, "dispatch", {"lead": "U24"})
    urgent = web.nobody.raises("井盖没了", category="C0101", location=IN_CP02)["number"]
    city.give(urgent, "classify", {"category": "C0101"})
    alone = city.get(f"/whistles/{ordinary}").json()
    city.give(urgent, "merge", {"into": ordinary})
    one = city.get(f"/whistles/{ordinary}").json()
    assert (one["sla_class"], one["lead"]) == ("E1", "U24") and one["co"]

    apart = city.give(urgent, "unmerge", {"reason": "两处"})

    again = city.get(f"/whistles/{ordinary}").json()
    assert apart.status_code == 200, apart.text
    assert (again["sla_class"], again["lead"], again["co"]) == ("G4", "U24", [])
    assert dues(again) == dues(alone)
    parts = [part for part in again["assignments"] if part["unit"] == "U24"]
    assert parts == alone["assignments"]
