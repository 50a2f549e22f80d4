"""The way in: what is taken, and what of it is kept. Nobody is turned away for where he stands."""

from typing import Any

import pytest

from tests.api.web import IN_CP02, Web

A_STEP_OUTSIDE = {"lat": 23.385, "lon": 103.4290}  # about 100 m outside the grids
FIRE = "E0402"
INVISIBLE = "\u200b\ufeff\u202e\u3000\u00ad\u2066"


def place_of(web: Web, number: str) -> dict[str, Any]:
    place = web.tracker.whistle(number).place
    return {name: getattr(place, name) for name in ("grid", "post", "lat", "lon", "accuracy_m")}


def test_a_point_outside_every_grid_is_kept_as_evidence_without_a_grid(web: Web) -> None:
    raised = web.nobody.raises("路边有垃圾", location=A_STEP_OUTSIDE | {"accuracy_m": 20})

    assert (raised["grid"], raised["post"]) == (None, None)
    unlocated = {"grid": None, "post": None, "accuracy_m": 20}
    assert place_of(web, raised["number"]) == A_STEP_OUTSIDE | unlocated


def test_a_point_worse_than_500_m_is_kept_as_evidence_without_a_grid(web: Web) -> None:
    worse = web.nobody.raises("路边有垃圾", location=IN_CP02 | {"accuracy_m": 500.1})
    as_good = web.nobody.raises("路边有垃圾", location=IN_CP02 | {"accuracy_m": 500})

    assert (worse["grid"], worse["post"]) == (None, None)
    kept = IN_CP02 | {"grid": None, "post": None, "accuracy_m": 500.1}
    assert place_of(web, worse["number"]) == kept
    assert as_good["post"] == "CP02"


def test_a_fire_outside_the_grids_is_sent_at_once(web: Web) -> None:
    raised = web.nobody.raises("着火了,浓烟很大", category=FIRE, location=A_STEP_OUTSIDE)

    whistle = web.tracker.whistle(raised["number"])
    assert (raised["state"], whistle.lead) == ("DISPATCHED", "U13")
    assert whistle.place.grid is None


def test_the_units_of_such_a_fire_arrive_where_it_burns(web: Web) -> None:
    number = web.nobody.raises("着火了", category=FIRE, location=A_STEP_OUTSIDE)["number"]

    answer = web.someone("handler-u13").give(
        number, "respond", {"kind": "arrival", **A_STEP_OUTSIDE}
    )

    assert answer.status_code == 200, answer.text


def test_a_person_then_puts_it_on_the_map(web: Web) -> None:
    number = web.nobody.raises("路边有垃圾", location=A_STEP_OUTSIDE)["number"]

    located = web.someone("intake-cp02").give(number, "locate", {"grid": "53250300100201"})

    assert (located.status_code, located.json()["post"]) == (200, "CP02")


def test_where_a_point_lies_is_still_answered_by_not_found(web: Web) -> None:
    where = f"lat={A_STEP_OUTSIDE['lat']}&lon={A_STEP_OUTSIDE['lon']}"

    answer = web.nobody.get(f"/locate?{where}")

    assert (answer.status_code, answer.json()["code"]) == (404, "outside_city")


def test_what_is_open_nearby_and_what_it_may_be_is_told_there_too(web: Web) -> None:
    asked = {"text": "路灯不亮", "location": A_STEP_OUTSIDE}

    assert web.nobody.post("/nearby", asked).json() == {"items": [], "next": None}
    assert web.nobody.post("/suggestions", asked).status_code == 200


@pytest.mark.parametrize("text", ["", " ", "\n", "\u3000", "\u200b\u200b", "\ufeff", INVISIBLE])
def test_words_that_nobody_sees_are_none(web: Web, text: str) -> None:
    answer = web.nobody.post("/whistles", {"text": text, "title": text})

    assert (answer.status_code, answer.json()["code"]) == (422, "whistle.nothing_said")
    assert answer.json()["errors"][0]["field"] == "text"


def test_a_photo_is_enough_and_the_unseen_words_beside_it_are_left_out(web: Web) -> None:
    raised = web.nobody.raises(INVISIBLE, photos=[web.nobody.photo()])

    assert [word.kind for word in web.tracker.whistle(raised["number"]).words] == ["photo"]


def test_unseen_words_add_nothing_and_are_no_reason(web: Web) -> None:
    raised = web.nobody.raises(location=IN_CP02)
    number, reporter = raised["number"], web.with_receipt(raised["receipt"])

    amended = reporter.post("/receipts/current/commands/amend", {"text": INVISIBLE})
    escalated = web.someone("city").give(number, "escalate", {"reason": INVISIBLE})

    assert (amended.status_code, amended.json()["code"]) == (422, "whistle.nothing_said")
    assert (escalated.status_code, escalated.json()["errors"][0]["field"]) == (422, "reason")
