"""Raised on behalf of somebody: whose whistle it is then, and who may do so."""

from datetime import UTC, datetime

from tests.api.web import LITTER, Web
from tests.made_of import ZONE
from tracker.city import credentials as accounts
from tracker.city.registering import amend
from tracker.domain.city.areas import PlanEntry

GRID = {"grid": "53250300100106"}
TOLD = {"text": "三轮车占了消防通道", "location": GRID, "category": LITTER}
MERCHANT = {"source": "merchant", "reporter": {"name": "米线店老板", "phone": "13988880000"}}


def test_what_a_grid_worker_is_told_belongs_to_who_told_it(web: Web) -> None:
    worker = web.someone("gw-53250300100106")

    raised = worker.raises(**TOLD, **MERCHANT)

    whistle = web.tracker.whistle(raised["number"])
    assert (whistle.source, whistle.reporter) == ("merchant", None)
    own = web.with_receipt(raised["receipt"]).get("/receipts/current")
    assert own.json()["number"] == raised["number"]


def test_what_a_grid_worker_finds_is_his_own_and_has_no_receipt(web: Web) -> None:
    raised = web.someone("gw-53250300100106").raises(**TOLD)

    whistle = web.tracker.whistle(raised["number"])
    assert (whistle.source, whistle.reporter, raised["receipt"]) == (
        "grid_worker",
        "gw-53250300100106",
        None,
    )


def test_who_has_no_such_duty_speaks_for_himself_alone(web: Web) -> None:
    answer = web.someone("liaison-u01").post("/whistles", {**TOLD, **MERCHANT})

    assert answer.status_code == 403
    assert "网格员" in answer.json()["remedy"]


def test_in_the_surge_the_worker_of_the_whole_grid_solves_in_its_half(web: Web) -> None:
    today = datetime.now(ZONE).date()
    amend(
        web.tracker,
        PlanEntry,
        "plan-epidemic",
        lambda plan: plan.switch_on(today, None, datetime.now(UTC), accounts.OPERATOR),
    )
    worker = web.someone("gw-53250300100106")
    half = {**TOLD, "location": {"grid": "53250300100106B"}}
    number = web.nobody.raises(**half)["number"]

    photos = {name: [worker.photo()] for name in ("before", "after")}
    done = worker.give(number, "self-resolve", photos)
    assert done.status_code == 200, done.text
    asked = {"grid": "53250300100106B", "position": done.json()["position"]}
    listed = worker.get("/whistles", params=asked)

    assert done.json()["state"].startswith("SELF_RESOLVED")  # one in ten waits for an audit
    assert [whistle["number"] for whistle in listed.json()["items"]] == [number]
