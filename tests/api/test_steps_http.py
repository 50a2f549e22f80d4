"""Where time goes, what comes again, what if, and the month's pages, as clients ask for them."""

from uuid import uuid4

import pytest

from tests.api.web import IN_CP02, LAMP, Web
from tracker.reports.what_if.running import work

PERIOD = {"from": "2026-01-01", "to": "2027-01-01"}
SHORT = {"sla_classes": [{"code": "G4", "resolve": {"value": 1, "unit": "working_days"}}]}


@pytest.fixture(scope="module")
def raised(web: Web) -> list[str]:
    first = web.nobody.raises(location=IN_CP02, category=LAMP)
    second = web.nobody.raises(location=IN_CP02, category=LAMP)
    return [first["number"], second["number"]]


@pytest.fixture
def leader(web: Web, raised: list[str]):
    return web.someone("leader")


def finished(web: Web) -> list:
    with web.app.state.tracker.connection() as connection:
        return work(connection)


def test_steps_repeats_and_indices_are_answered_as_of_now(web, leader, raised):
    steps = leader.get("/steps", params={**PERIOD, "by": "post"})
    repeats = leader.get("/repeats", params={**PERIOD, "position": steps.json()["position"]})
    indices = leader.get("/indices", params={**PERIOD, "scope": "post:CP02"})

    assert (steps.status_code, repeats.status_code, indices.status_code) == (200, 200, 200)
    assert steps.json()["steps"][0]["step"] == "dispatch"
    assert steps.headers["etag"].startswith('W/"')
    assert repeats.json()["repeats"][0]["repeats"] == raised[0]
    assert indices.json()["raised_valid"] == 2
    assert "effort_index" in indices.json()["definitions"]


def test_who_may_not_open_a_whistle_counts_it_and_is_not_told_which(web, raised):
    found = web.someone("handler-u05").get("/repeats", params=PERIOD).json()

    assert found["repeat_rate"]["n"] == 1
    assert [(one["number"], one["repeats"]) for one in found["repeats"]] == [(None, None)]
    assert [(place["lat"], place["numbers"]) for place in found["places"]] == [(None, [])]


def test_a_what_if_is_taken_worked_at_and_read(web, leader):
    key = {"Idempotency-Key": str(uuid4())}
    body = {**PERIOD, "name": "v2", "policy": SHORT}

    taken = with_headers(leader, key).post("/what-ifs", body)
    again = with_headers(leader, key).post("/what-ifs", body)
    other = with_headers(leader, key).post("/what-ifs", {**body, "name": "v3"})
    finished(web)
    done = leader.get(f"/what-ifs/{taken.json()['id']}").json()
    changes = leader.get(f"/what-ifs/{taken.json()['id']}/changes").json()

    assert (taken.status_code, taken.json()["status"]) == (202, "waiting")
    assert again.json()["id"] == taken.json()["id"]
    assert (other.status_code, other.json()["code"]) == (422, "idempotency.key_reused")
    assert (done["status"], done["progress"]) == ("done", done["total"])
    assert done["figures"]["rates"]["response_rate"]["promised"] is None or done["figures"]
    assert changes["next"] is None


def with_headers(caller, headers):
    return type(caller)(caller.client, **{**caller.headers, **headers})


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({**PERIOD, "policy": {}}, "policy"),
        ({**PERIOD, "policy": {"sla_classes": [{"code": "G4", "resolve": 1}]}}, "policy"),
        (
            {
                **PERIOD,
                "policy": {
                    "sla_classes": [
                        {"code": "G4", "resolve": {"value": 10**9, "unit": "working_days"}}
                    ]
                },
            },
            "policy",
        ),
        ({"from": "2026-02-01", "to": "2026-01-01", "policy": SHORT}, "to"),
        ({**PERIOD, "scope": "unit:U01", "policy": SHORT}, "scope"),
    ],
)
def test_a_what_if_that_makes_no_sense_names_the_field(leader, body, field):
    refused = leader.post("/what-ifs", body)

    assert refused.status_code == 422, refused.text
    assert refused.json()["errors"][0]["field"] == field


def test_units_may_not_ask_what_if_and_nobody_reads_steps(web):
    assert web.someone("handler-u01").post("/what-ifs", {}).status_code in (403, 422)
    refused = web.someone("handler-u01").post("/what-ifs", {**PERIOD, "policy": SHORT})
    assert refused.status_code == 403
    assert web.nobody.get("/steps", params=PERIOD).status_code == 401


def test_the_months_pages_come_as_pdf_under_both_names(leader):
    one = leader.get("/reports/2026-11.pdf")
    other = leader.get("/rankings.pdf", params={"month": "2026-11"})
    wrong = leader.get("/reports/2026-13.pdf")

    assert (one.status_code, one.headers["content-type"]) == (200, "application/pdf")
    assert one.content.startswith(b"%PDF-") and other.content.startswith(b"%PDF-")
    assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (422, "month")


def test_the_page_of_definitions_has_the_formula_of_each_index_and_what_is_assumed(web):
    page = web.client.get("/about/figures", headers={"Accept-Language": "zh-CN"}).text

    assert "辛苦指数 =" in page and "幸福指数 =" in page
    assert "481216" in page and "重复率 =" in page
