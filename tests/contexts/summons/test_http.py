"""吹哨报到 over HTTP: who may call, who arrives with what, and what the sweep records."""

from datetime import UTC, datetime, timedelta
from typing import Any

from tests.api.web import IN_CP02, IN_CP09, Web
from tests.waiting import until_folded
from tracker.contexts.summons.sweep import sweep


def now() -> datetime:
    """The server's own moment: what was read once is old by the time that a test has its turn."""
    return datetime.now(UTC)


def called(web: Web, by: str = "dispatcher-cp02", **more: Any) -> dict[str, Any]:
    body = {
        "units": ["U01", "U02"],
        "meet_at": (now() + timedelta(minutes=5)).isoformat(),
        "reason": "占道烧烤,请到场会商,联系 13812345678",
        "location": IN_CP02,
        **more,
    }
    answer = web.someone(by).post("/summonses", body)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def listed(web: Web, account: str, position: int) -> list[str]:
    answer = web.someone(account).get("/summonses", params={"position": position})
    return [one["number"] for one in answer.json()["items"]]


def test_units_are_called_and_each_sees_it_with_its_words_covered(web: Web):
    summons = called(web)

    assert [one["unit"] for one in summons["units"]] == ["U01", "U02"]
    assert summons["state"] == "open" and "13812345678" not in summons["reason"]
    number, position = summons["number"], summons["position"]
    for account in ("liaison-u01", "dispatcher-cp02", "commander-cp24", "city", "leader"):
        assert number in listed(web, account, position), account
    for account in ("liaison-u03", "dispatcher-cp09"):
        assert number not in listed(web, account, position), account
        assert web.someone(account).get(f"/summonses/{number}").status_code == 403


def test_who_may_not_call_is_told_who_may(web: Web):
    for account in ("liaison-u01", "followup-cp02"):
        body = {"units": ["U01"], "meet_at": now().isoformat(), "reason": "会商", "post": "CP02"}

        answer = web.someone(account).post("/summonses", {**body, "location": IN_CP02})

        assert answer.status_code == 403
        assert "派遣员" in answer.json()["detail"] + answer.json()["remedy"]


def test_a_place_is_needed_and_units_that_there_are(web: Web):
    body = {"units": ["U01"], "meet_at": now().isoformat(), "reason": "会商"}
    caller = web.someone("dispatcher-cp02")

    nowhere = caller.post("/summonses", body)
    nobody = caller.post("/summonses", {**body, "units": ["U99"], "location": IN_CP02})

    assert (nowhere.status_code, nowhere.json()["code"]) == (422, "summons.needs_place")
    assert nobody.status_code == 422


def test_the_same_key_calls_them_once(web: Web):
    body = {"units": ["U01"], "meet_at": now().isoformat(), "reason": "会商", "address": "南湖"}
    once = {"headers": {"Idempotency-Key": "one-summons-only"}}
    caller = web.someone("dispatcher-cp02")

    first, again = (caller.post("/summonses", body, **once).json() for _ in range(2))

    assert first == again


def test_a_unit_arrives_by_its_point_or_by_a_photo(web: Web):
    number = called(web)["number"]
    one, two = web.someone("handler-u01"), web.someone("handler-u02")

    far = one.post(f"/summonses/{number}/arrive", IN_CP09)
    here = one.post(f"/summonses/{number}/arrive", IN_CP02)
    words = two.post(f"/summonses/{number}/arrive", {"note": "已到"})
    photo = two.photo()
    shown = two.post(f"/summonses/{number}/arrive", {"photos": [photo], "note": "已到"})

    assert (far.status_code, far.json()["code"]) == (422, "summons.not_on_site")
    assert here.status_code == 200, here.text
    assert (words.status_code, words.json()["code"]) == (422, "summons.arrival_needs_evidence")
    first, second = shown.json()["units"]
    assert first["distance_m"] == 0 and not first["late"]
    assert (second["distance_m"], second["photos"]) == (None, [photo])
    picture = f"/summonses/{number}/photos/{photo}"
    assert one.get(picture).headers["content-type"] == "image/jpeg"
    assert web.someone("liaison-u03").get(picture).status_code == 403
    assert web.someone("liaison-u01").get(f"/photos/{photo}").status_code == 404


def test_who_has_not_come_is_recorded_by_the_sweep_at_the_limit(web: Web):
    summons = called(web, minutes=10)
    web.someone("handler-u01").post(f"/summonses/{summons['number']}/arrive", IN_CP02)
    late = datetime.fromisoformat(summons["arrive_by"]) + timedelta(minutes=10)

    for _ in range(2):
        with web.tracker.connection() as connection:
            until_folded(connection, summons["position"], "summonses")
            position = sweep(web.tracker, connection, late, late, lambda: True)
            until_folded(connection, position, "summonses")

    found = web.someone("commander-cp24").get(f"/summonses/{summons['number']}").json()
    missing = [(one["unit"], one["missed_at"], one["level"]) for one in found["units"]]
    assert missing == [("U01", None, 0), ("U02", summons["arrive_by"], 3)]


def test_it_ends_with_what_came_of_it_or_is_called_off(web: Web):
    met = called(web, meet_at=now().isoformat())["number"]
    ahead = called(web)["number"]
    caller = web.someone("dispatcher-cp02")

    ended = caller.post(f"/summonses/{met}/end", {"note": "摊位已劝离"})
    off = caller.post(f"/summonses/{ahead}/cancel", {"reason": "下雨改期"})
    late = caller.post(f"/summonses/{met}/cancel", {"reason": "下雨改期"})

    assert (ended.json()["state"], ended.json()["outcome"]) == ("ended", "摊位已劝离")
    assert off.json()["state"] == "cancelled"
    assert (late.status_code, late.json()["code"]) == (409, "summons.over")


def pages(web: Web, account: str, path: str, position: int, state: str = "open") -> str:
    asked = {"position": position, "state": state}
    answer = web.client.get(path, headers=web.someone(account).headers, params=asked)
    assert answer.status_code == 200, (account, path, answer.status_code)
    return answer.text


def test_the_lists_hold_what_is_open_by_scope_and_what_is_over_apart(web: Web):
    over, under_way = called(web, meet_at=now().isoformat()), called(web)
    caller = web.someone("dispatcher-cp02")
    ended = caller.post(f"/summonses/{over['number']}/end", {"note": "已劝离"}).json()
    position = ended["position"]
    lists = {
        "city": "/summonses",
        "supervisor": "/summonses",
        "leader": "/summonses",
        "commander-cp24": "/post/CP24/summonses",
        "followup-cp02": "/summonses",
        "liaison-u01": "/unit/summonses",
    }

    for account, path in lists.items():
        now_open = pages(web, account, path, position)
        past = pages(web, account, path, position, "past")

        assert under_way["number"] in now_open and over["number"] not in now_open, account
        assert under_way["number"] not in past and over["number"] in past, account
    assert under_way["number"] not in pages(web, "dispatcher-cp09", "/summonses", position)


def test_a_long_list_goes_on_behind_its_last_number(web: Web):
    numbers = [called(web)["number"] for _ in range(3)]
    position = called(web)["position"]
    ask = {"position": position}
    city = web.someone("city")

    first = city.get("/summonses", params=ask).json()
    behind = city.get("/summonses", params={**ask, "cursor": numbers[1]}).json()

    assert first["next"] is None
    shown = [one["number"] for one in first["items"]]
    assert [one["number"] for one in behind["items"]] == shown[shown.index(numbers[1]) + 1 :]
