"""A reporter without an account: the code, what it opens, and that nothing else does."""

from psycopg import connect

from api.door import receipt_codes
from tests.api.web import IN_CP02, LAMP, Web
from tests.giving import asked_in_json

EVERY = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def test_a_code_opens_the_own_whistle_with_its_own_words(web: Web) -> None:
    raised = web.nobody.raises("电话13800138000", location=IN_CP02)

    answer = web.with_receipt(raised["receipt"]).get("/receipts/current")

    assert answer.status_code == 200, answer.text
    assert answer.json()["number"] == raised["number"]
    assert answer.json()["text"] == "电话13800138000"
    assert [line["event"] for line in answer.json()["timeline"]] == ["whistle.raised"]


def test_case_spaces_and_letters_that_look_like_digits_are_forgiven(web: Web) -> None:
    code = web.nobody.raises()["receipt"]
    spoken = [
        code.lower(),
        code.replace("-", " "),
        code.replace("-", ""),
        f"  {code.replace('0', 'o').replace('1', 'l')} ",
        code.replace("0", "O").replace("1", "I"),
    ]

    for written in spoken:
        assert web.with_receipt(written).get("/receipts/current").status_code == 200, written


def test_a_wrong_code_an_ill_formed_one_and_none_at_all_get_the_same_answer(web: Web) -> None:
    wrong = [
        web.with_receipt("0000-0000-0000-0000").get("/receipts/current"),
        web.with_receipt("no code").get("/receipts/current"),
        web.with_receipt("").get("/receipts/current"),
        web.nobody.get("/receipts/current"),
        web.someone("city").get("/receipts/current"),
    ]

    assert {answer.status_code for answer in wrong} == {401}
    assert len({answer.text for answer in wrong}) == 1
    assert wrong[0].json()["code"] == "receipt.unknown"


def test_a_code_is_sixteen_characters_in_fours_and_kept_only_as_a_keyed_hash(
    web: Web, module_city: str
) -> None:
    code = web.nobody.raises()["receipt"]

    assert [len(four) for four in code.split("-")] == [4, 4, 4, 4]
    assert set(code.replace("-", "")) <= set(EVERY)
    with connect(module_city) as connection:
        state = connection.execute("SELECT string_agg(state::text, '') FROM log").fetchone()
    assert state is not None and code not in state[0]
    assert receipt_codes.hashed(code, b"a key for tests") in state[0]
    assert receipt_codes.hashed(code, b"another key") not in state[0]


def test_a_reporter_adds_words_and_sees_what_may_be_done(web: Web) -> None:
    reporter = web.with_receipt(web.nobody.raises(location=IN_CP02)["receipt"])

    offered = [
        item["command"] for item in reporter.get("/receipts/current/commands").json()["items"]
    ]
    added = reporter.post("/receipts/current/commands/amend", {"text": "灯杆也歪了"})

    assert offered == ["amend", "withdraw"]
    assert added.status_code == 200, added.text
    assert [line["event"] for line in added.json()["timeline"]] == [
        "whistle.raised",
        "whistle.amended",
    ]
    assert added.json()["timeline"][1]["words"][0]["body"] == "灯杆也歪了"


def test_a_reporter_takes_it_back_once(web: Web) -> None:
    reporter = web.with_receipt(web.nobody.raises()["receipt"])

    first = reporter.post("/receipts/current/commands/withdraw")
    again = reporter.post("/receipts/current/commands/withdraw", {"reason": "修好了"})

    assert (first.status_code, first.json()["state"]) == (200, "WITHDRAWN")
    assert again.status_code == 409


def test_a_withdrawal_sent_again_under_its_key_is_answered_again(web: Web) -> None:
    reporter, key = web.with_receipt(web.nobody.raises()["receipt"]), {"Idempotency-Key": "back"}

    first = reporter.post("/receipts/current/commands/withdraw", {}, headers=key)
    again = reporter.post("/receipts/current/commands/withdraw", {}, headers=key)

    assert first.status_code == again.status_code == 200
    assert first.json()["version"] == again.json()["version"]


def checked(web: Web, number: str) -> None:
    """The unit's work on it, and the check of the post."""
    city, handler = web.someone("city"), web.someone("handler-u01")
    city.give(number, "classify", {"category": LAMP})
    city.give(number, "dispatch", {"lead": "U01"})
    handler.give(number, "respond", {"kind": "arrival", **IN_CP02})
    handler.give(number, "start")
    handler.give(number, "submit", {"note": "好了", "photos": [handler.photo()]})
    web.someone("verifier-cp02").give(number, "verify", {"passed": True})


def test_a_verdict_that_was_recorded_for_the_reporter_is_contradicted_by_receipt(web: Web) -> None:
    raised = web.nobody.raises(location=IN_CP02)
    number, reporter = raised["number"], web.with_receipt(raised["receipt"])
    checked(web, number)
    agent = web.someone("followup-cp02")
    heard = agent.give(number, "follow-up", {"resolved": True, **asked_in_json(5)})
    assert (heard.status_code, heard.json()["state"]) == (200, "CLOSED"), heard.text
    offered = reporter.get("/receipts/current/commands").json()["items"]
    shown = [
        line["facts"]
        for line in reporter.get("/receipts/current").json()["timeline"]
        if line["event"] == "whistle.followed_up"
    ]

    own = {"resolved": False, "rating": 1, "note": "没人来过电话"}
    said = reporter.post("/receipts/current/commands/contradict", own)
    again = reporter.post("/receipts/current/commands/contradict", own)

    assert "contradict" in [one["command"] for one in offered]
    assert [(one["resolved"], one["rating"], one["method"]) for one in shown] == [
        (True, 5, "phone")
    ]
    assert (said.status_code, said.json()["state"]) == (200, "DISPATCHED"), said.text
    assert (again.status_code, again.json()["code"]) == (409, "whistle.nothing_to_contradict")
    by_staff = agent.give(number, "contradict", {"resolved": True})
    assert by_staff.status_code == 403


def test_the_reporters_verdict_closes_it_and_the_reporter_reopens_it(web: Web) -> None:
    raised = web.nobody.raises(location=IN_CP02)
    number, reporter = raised["number"], web.with_receipt(raised["receipt"])
    checked(web, number)

    solved = reporter.post("/receipts/current/commands/follow-up", {"resolved": True, "rating": 4})
    again = reporter.post("/receipts/current/commands/reopen", {"reason": "又坏了"})

    assert (solved.status_code, solved.json()["state"]) == (200, "CLOSED")
    assert (again.status_code, again.json()["state"]) == (200, "DISPATCHED")


def test_a_reporter_sees_nothing_of_another_reporter(web: Web) -> None:
    raised = web.nobody.raises("我是甲", location=IN_CP02)
    web.someone("city").give(
        raised["number"], "join", {"text": "我是乙", "reporter": {"phone": "13900000001"}}
    )

    seen = web.with_receipt(raised["receipt"]).get("/receipts/current").text

    assert "我是甲" in seen
    assert "我是乙" not in seen and "13900000001" not in seen


def test_a_receipt_opens_no_other_door(web: Web) -> None:
    raised = web.nobody.raises(location=IN_CP02)
    reporter = web.with_receipt(raised["receipt"])

    assert reporter.get(f"/whistles/{raised['number']}").status_code == 401
    assert reporter.give(raised["number"], "withdraw").status_code == 401
