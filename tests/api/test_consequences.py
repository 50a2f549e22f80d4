"""Over HTTP: what a fact brings about follows in the answer to the command that made it known."""

from tests.api.web import Web

HERE = {"lat": 23.3805, "lon": 103.4015}
GAS, LITTER, VIOLENCE = "C0202", "E0101", "E0802"


def corrected(web: Web, number: str, field: str, value: str) -> None:
    body = {"field": field, "value": value, "reason": "核实后更正"}
    first = web.someone("intake-cp04").give(number, "correct", body)
    second = web.someone("city").give(number, "correct", body)
    assert (first.status_code, second.status_code) == (202, 200), second.text


def test_a_gas_leak_found_at_triage_is_sent_in_the_same_answer(web: Web) -> None:
    number = web.nobody.raises("请来看一下", location=HERE)["number"]

    answer = web.someone("intake-cp04").give(number, "classify", {"category": GAS}).json()

    assert (answer["state"], answer["sla_class"]) == ("DISPATCHED", "E1")
    assert answer["lead"] and any(clock["kind"] == "control" for clock in answer["clocks"])


def test_a_category_corrected_to_a_confidential_one_closes_the_whistle(web: Web) -> None:
    number = web.nobody.raises("有人在打人", location=HERE, category="E0804")["number"]

    corrected(web, number, "category", VIOLENCE)

    assert web.someone("leader").get(f"/whistles/{number}").status_code in (403, 404)
    whistle = web.tracker.whistle(number)
    assert whistle.confidential


def test_a_merged_whistle_that_turns_out_to_be_an_emergency_makes_its_parent_one(web: Web) -> None:
    first, second = (
        web.nobody.raises(text, location=HERE, category="C0201")["number"]
        for text in ("气味有点重", "管道井冒泡")
    )
    intake = web.someone("intake-cp04")
    for number in (first, second):
        intake.give(number, "classify", {"category": "C0201"})
    merged = intake.give(second, "merge", {"into": first})
    assert merged.status_code == 200, merged.text

    corrected(web, second, "category", GAS)

    parent = web.tracker.whistle(first)
    assert (parent.sla_class, str(parent.state)) == ("E1", "DISPATCHED")
    assert parent.clocks["control"].running


def test_a_receiving_post_reads_and_approves_what_would_move_to_it(web: Web) -> None:
    number = web.nobody.raises("路灯不亮", location=HERE, category="C0103")["number"]
    dispatcher, elsewhere = web.someone("dispatcher-cp04"), web.someone("dispatcher-cp02")
    dispatcher.give(number, "classify", {"category": "C0103"})
    dispatcher.give(number, "dispatch", {"lead": "U02"})
    alone = dispatcher.give(number, "locate", {"grid": "53250300100201"})
    body = {"field": "place", "value": "53250300100201", "reason": "在隔壁网格"}

    proposed = dispatcher.give(number, "correct", body)
    own = web.someone("intake-cp04").give(number, "correct", body)
    approved = elsewhere.give(number, "correct", body)

    assert alone.json()["code"] == "whistle.use_correct"
    assert (proposed.status_code, own.status_code, approved.status_code) == (202, 403, 200)
    assert web.tracker.whistle(number).place.post == "CP02"
