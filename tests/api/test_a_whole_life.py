"""A whistle from the first word to the last, through the interface that clients use."""

from tests.api.web import IN_CP02, LAMP, LITTER, Web
from tests.giving import asked_in_json


def test_a_lamp_is_raised_dispatched_repaired_verified_and_closed(web: Web) -> None:
    raised = web.nobody.raises(location=IN_CP02)
    number, post = raised["number"], raised["post"].lower()
    dispatcher = web.someone(f"dispatcher-{post}")
    handler = web.someone("handler-u01")

    steps = [
        (web.someone(f"intake-{post}"), "classify", {"category": LAMP}, "TRIAGED"),
        (dispatcher, "dispatch", {"lead": "U01"}, "DISPATCHED"),
        (web.someone("liaison-u01"), "acknowledge", {}, "DISPATCHED"),
        (handler, "respond", {"kind": "arrival", **IN_CP02}, "RESPONDED"),
        (handler, "start", {}, "IN_PROGRESS"),
        (handler, "submit", {"note": "已换灯泡", "photos": [handler.photo()]}, "SUBMITTED"),
        (web.someone(f"verifier-{post}"), "verify", {"passed": True}, "VERIFIED"),
        (
            web.someone(f"followup-{post}"),
            "follow-up",
            {"resolved": True, **asked_in_json(5)},
            "CLOSED",
        ),
    ]
    for caller, command, body, state in steps:
        answer = caller.give(number, command, body)
        assert answer.status_code == 200, (command, answer.text)
        assert answer.json()["state"] == state


def test_the_second_unit_to_claim_is_told_who_was_first(web: Web) -> None:
    raised = web.nobody.raises("垃圾没人扫", location=IN_CP02, category=LITTER)
    number, post = raised["number"], raised["post"].lower()
    web.someone(f"intake-{post}").give(number, "classify", {"category": LITTER})
    pooled = web.someone(f"dispatcher-{post}").give(number, "pool")
    assert pooled.status_code == 200, pooled.text

    first = web.someone("liaison-u01").give(number, "claim")
    second = web.someone("liaison-u02").give(number, "claim")

    assert first.status_code == 200, first.text
    assert second.status_code == 409, second.text
    assert second.json()["facts"]["lead"] == "U01"
    assert second.json()["code"] == "whistle.already_claimed"
