"""Confidential from the first moment, and read by those alone who must know (domain.md §4.4)."""

import pytest

from tests.api.web import IN_CP02, V1, VIOLENCE, Web

BEATEN = "我丈夫打我，请帮帮我"


def raised(web: Web, text: str = BEATEN, **fields: object) -> str:
    return str(web.nobody.raises(text, **fields)["number"])


def status(web: Web, account: str, number: str) -> int:
    return web.someone(account).get(f"/whistles/{number}").status_code


@pytest.mark.parametrize(
    "text", [BEATEN, "小孩被继父打得满身是伤", "家 暴", "我举报社区主任收红包", "有人跟踪我女儿"]
)
def test_sensitive_words_close_a_whistle_before_anybody_classifies_it(web: Web, text: str) -> None:
    number = raised(web, text, location=IN_CP02)

    assert web.tracker.whistle(number).confidential
    assert status(web, "leader", number) in (403, 404)


def test_a_reporter_may_ask_for_it(web: Web) -> None:
    number = raised(web, "楼上的事想单独说", location=IN_CP02, confidential=True)

    assert web.tracker.whistle(number).confidential
    assert status(web, "gw-53250300100201", number) in (403, 404)


def test_an_ordinary_report_stays_open(web: Web) -> None:
    number = raised(web, "小区门口有人打牌到半夜，很吵", location=IN_CP02)

    assert not web.tracker.whistle(number).confidential


def test_words_that_are_added_later_close_it_too(web: Web) -> None:
    raised_now = web.nobody.raises("楼上天天吵架", location=IN_CP02, category="E0804")
    headers = {"Authorization": f"Receipt {raised_now['receipt']}"}

    web.nobody.post("/receipts/current/commands/amend", {"text": "他打老婆"}, headers=headers)

    assert web.tracker.whistle(raised_now["number"]).confidential


def test_a_person_opens_what_words_closed_and_his_words_do_not_close_it_again(web: Web) -> None:
    number = raised(web, "电视太吵，尽是恐吓的台词", location=IN_CP02, category="E0804")
    reason = {"reason": "核实：没有人恐吓谁，是电视声音"}

    first = web.someone("intake-cp02").give(number, "unmark-confidential", reason)
    second = web.someone("commander-cp02").give(number, "unmark-confidential", reason)

    assert (first.status_code, second.status_code) == (202, 200), second.text
    assert not web.tracker.whistle(number).confidential


KNOW = ("intake-cp02", "commander-cp02", "followup-cp02", "city")
ONLY_THAT_IT_IS_THERE = ("supervisor", "auditor")
KNOW_NOTHING = (
    "dispatcher-cp02", "verifier-cp02", "gw-53250300100201", "intake-cp04", "commander-cp04",
    "liaison-u01", "handler-u01", "leader", "admin",
)  # fmt: skip


def test_those_who_must_know_read_the_words(web: Web) -> None:
    number = raised(web, location=IN_CP02, category=VIOLENCE)

    said = {name: web.someone(name).get(f"/whistles/{number}").json()["text"] for name in KNOW}

    assert said == dict.fromkeys(KNOW, BEATEN)


@pytest.mark.parametrize("account", ONLY_THAT_IT_IS_THERE)
def test_supervisor_and_auditor_see_states_and_times_and_no_words(web: Web, account: str) -> None:
    number = raised(web, location=IN_CP02, category=VIOLENCE)
    person = web.someone(account)

    page = person.get(f"/whistles/{number}").json()
    story = person.get(f"/whistles/{number}/timeline").text
    listed = person.get(f"/whistles?q={number}").json()["items"]
    found = person.get("/whistles?q=丈夫打我").json()["items"]

    assert (page["text"], page["state"] != "") == (None, True)
    assert BEATEN not in story and "丈夫" not in story
    assert [(one["number"], one["text"]) for one in listed] == [(number, None)]
    assert found == []


@pytest.mark.parametrize("account", KNOW_NOTHING)
def test_nobody_else_finds_a_trace_of_it(web: Web, account: str) -> None:
    number = raised(web, location=IN_CP02, category=VIOLENCE)
    person = web.someone(account)

    answers = [
        person.get(f"/whistles/{number}"),
        person.get(f"/whistles/{number}/timeline"),
        person.get(f"/whistles/{number}/commands"),
        person.get(f"/whistles/{number}/contact?reason=x"),
        person.give(number, "urge"),
    ]
    lists = [person.get(f"/whistles?q={q}").text for q in (number, "丈夫打我")]

    assert all(one.status_code in (403, 404) for one in answers), [a.text for a in answers]
    assert not any(number in one for one in lists)


@pytest.mark.parametrize(
    "account", ["dispatcher-cp02", "gw-53250300100201", "liaison-u01", "leader"]
)
def test_an_absent_number_and_a_confidential_one_get_the_same_answer(
    web: Web, account: str
) -> None:
    secret = raised(web, location=IN_CP02, category=VIOLENCE)
    mine = raised(web, "路灯不亮", location=IN_CP02, category="C0103")
    person, absent = web.someone(account), f"{secret[:-6]}999999"

    def answers(number: str) -> list[tuple[int, str]]:
        asked = [
            person.get(f"/whistles/{number}"),
            person.get(f"/whistles/{number}/timeline"),
            person.get(f"/whistles/{number}/commands"),
            person.get(f"/whistles/{number}/contact?reason=x"),
            person.give(number, "dispatch", {"lead": "U02"}),
            person.give(number, "urge"),
            person.give(mine, "merge", {"into": number}),
        ]
        return [(one.status_code, one.text.replace(number, "")) for one in asked]

    assert answers(secret) == answers(absent)
    assert {status for status, _ in answers(absent)} == {403}


def test_who_reads_every_whistle_is_told_that_there_is_none(web: Web) -> None:
    assert web.someone("city").get("/whistles/W-260101-999999").status_code == 404


def test_without_a_place_it_is_the_city_centres_alone(web: Web) -> None:
    number = raised(web, category=VIOLENCE)
    posts = ("intake-cp02", "commander-cp20", "dispatcher-cp20", "followup-cp20")

    assert {name: status(web, name, number) in (403, 404) for name in posts} == dict.fromkeys(
        posts, True
    )
    assert number not in web.someone("intake-cp02").get("/whistles?q=丈夫打我").text
    assert web.someone("city").get(f"/whistles/{number}").json()["text"] == BEATEN


def test_the_commander_dispatches_and_a_return_goes_to_the_city(web: Web) -> None:
    number = raised(web, location=IN_CP02, category="E0804")
    dispatcher, commander = web.someone("dispatcher-cp02"), web.someone("commander-cp02")

    commander.give(number, "classify", {"category": "E0804"})
    by_dispatcher = dispatcher.give(number, "dispatch", {"lead": "U13"})
    sent = commander.give(number, "dispatch", {"lead": "U13"})
    body = {"reason": "not_ours", "basis": "职责清单", "suggested_unit": "U19"}
    web.someone("liaison-u13").give(number, "return", body)
    verdict = {"unit": "U13", "upheld": False, "reason": "属于你单位"}
    here = commander.give(number, "adjudicate", verdict)
    above = web.someone("city").give(number, "adjudicate", verdict)

    assert by_dispatcher.status_code in (403, 404)
    assert sent.status_code == 200, sent.text
    assert here.status_code == 403 and above.status_code == 200, (here.text, above.text)


def test_nobody_nearby_is_offered_it(web: Web) -> None:
    number = raised(web, "邻居家暴，天天打老婆", location=IN_CP02, category="E0804")

    asked = {"category": "E0804", "location": IN_CP02}
    offered = web.client.post(f"{V1}/nearby", json=asked).text

    assert number not in offered
