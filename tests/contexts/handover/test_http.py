"""交接班 over HTTP: who may sign, receive and read, and that the figures are counted."""

from datetime import UTC, datetime, timedelta
from typing import Any

from tests.api.web import IN_CP02, Web
from tests.waiting import until_folded


def signed(web: Web, by: str = "dispatcher-cp02", **more: Any) -> dict[str, Any]:
    began = datetime.now(UTC) - timedelta(hours=8)
    body = {"began_at": began.isoformat(), "note": "找王师傅,13812345678", **more}
    answer = web.someone(by).post("/handovers", body)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def test_what_the_shift_leaves_is_counted_when_it_is_signed(web: Web):
    raised = web.nobody.raises(location=IN_CP02)
    with web.tracker.connection() as connection:
        until_folded(connection, raised["position"], "board")
    before = web.someone("dispatcher-cp02").get("/handovers/left").json()

    note = signed(web)

    assert note["open_by_state"] == before["open_by_state"] and note["open_by_state"]["RAISED"] > 0
    assert (note["post"], note["signed_by"]) == ("CP02", "dispatcher-cp02")
    assert (note["received_by"], note["note"]) == (None, "找王师傅,13812345678")


def test_a_colleague_receives_it_once_and_nobody_his_own(web: Web):
    note = signed(web)
    going, coming = web.someone("dispatcher-cp02"), web.someone("commander-cp02")
    receive = f"/handovers/{note['id']}/receive"

    own = going.post(receive, {})
    received = coming.post(receive, {"note": "少一把钥匙"})
    again = coming.post(receive, {})
    elsewhere = web.someone("dispatcher-cp09").post(receive, {})

    assert (own.status_code, own.json()["code"]) == (403, "handover.own")
    assert received.json()["received_by"] == "commander-cp02"
    assert received.json()["remark"] == "少一把钥匙"
    assert (again.status_code, again.json()["code"]) == (409, "handover.already_received")
    assert elsewhere.status_code == 409
    read = going.get(f"/handovers/{note['id']}", params={"position": received.json()["position"]})
    assert read.json() == received.json()


def test_it_is_read_at_the_post_in_its_street_and_above_with_numbers_covered_for_these(web: Web):
    note = signed(web)
    path = f"/handovers/{note['id']}"

    for account in ("followup-cp02", "commander-cp24", "city", "leader", "auditor"):
        answer = web.someone(account).get(path)
        assert answer.status_code == 200, account
        listed = web.someone(account).get("/handovers", params={"post": "CP02"}).json()
        assert note["id"] in [one["id"] for one in listed["items"]], account
    assert "13812345678" not in web.someone("leader").get(path).json()["note"]
    for account in ("dispatcher-cp09", "liaison-u01", "gw-53250300200101"):
        assert web.someone(account).get(path).status_code == 403, account
        refused = web.someone(account).get("/handovers", params={"post": "CP02"})
        assert refused.status_code == 403, account


def test_who_is_not_of_the_post_signs_nothing_there(web: Web):
    began = (datetime.now(UTC) - timedelta(hours=8)).isoformat()
    body = {"began_at": began, "post": "CP02"}

    street = web.someone("commander-cp24").post("/handovers", body)
    city = web.someone("city").post("/handovers", body)

    assert (street.status_code, street.json()["code"]) == (403, "handover.other_post")
    assert city.status_code == 403


def test_the_same_key_signs_once_and_a_page_goes_on_behind_its_last(web: Web):
    began = (datetime.now(UTC) - timedelta(hours=8)).isoformat()
    once = {"headers": {"Idempotency-Key": "one-shift-only"}}
    desk = web.someone("dispatcher-cp02")
    older = signed(web)

    first, again = (desk.post("/handovers", {"began_at": began}, **once).json() for _ in range(2))

    assert first == again
    behind = desk.get("/handovers", params={"cursor": first["id"]}).json()
    assert behind["items"][0]["id"] == older["id"]
    page = f"/post/CP02/handover?behind={first['id']}"
    shown = web.client.get(page, headers=desk.headers).text
    assert f'href="/handover/{older["id"]}"' in shown
    assert f'href="/handover/{first["id"]}"' not in shown


def test_a_shift_has_a_length(web: Web):
    long_ago = (datetime.now(UTC) - timedelta(days=9)).isoformat()

    refused = web.someone("dispatcher-cp02").post("/handovers", {"began_at": long_ago})

    assert (refused.status_code, refused.json()["code"]) == (422, "handover.shift_length")
