"""The city over HTTP, open to everyone; and what operators ask."""

from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.api.web import IN_CP02, Web
from tracker.operating.projecting import ALL


@pytest.mark.parametrize(
    ("kind", "count", "first"),
    [
        ("posts", 28, "CP01"),
        ("units", 35, "U01"),
        ("categories", 77, "C0101"),
        ("sla-classes", 6, "C6"),
        ("service-items", 75, "U01-S01"),
    ],
)
def test_the_directory_is_open(web: Web, kind: str, count: int, first: str) -> None:
    answer = web.nobody.get(f"/directory/{kind}").json()

    assert (len(answer["items"]), answer["next"]) == (count, None)
    assert min(item["code"] for item in answer["items"]) == first


def test_a_long_directory_comes_in_pages(web: Web) -> None:
    seen: list[str] = []
    cursor: dict[str, Any] = {}
    while True:
        page = web.nobody.get("/directory/areas", params={"limit": 50, **cursor}).json()
        seen += [item["code"] for item in page["items"]]
        if page["next"] is None:
            break
        cursor = {"cursor": page["next"]}

    assert len(seen) == len(set(seen)) >= 1 + 1 + 4 + 23 + 187


def test_the_members_of_the_alliance_are_asked_for_by_kind(web: Web) -> None:
    answer = web.nobody.get("/directory/units", params={"kind": "member", "limit": 200}).json()

    assert len(answer["items"]) == 200 and answer["next"]


def test_the_map_has_every_grid_with_its_post(web: Web) -> None:
    answer = web.nobody.get("/directory/grids.geojson")
    features = answer.json()["features"]
    again = web.nobody.get(
        "/directory/grids.geojson", headers={"If-None-Match": answer.headers["ETag"]}
    )

    assert answer.headers["content-type"] == "application/geo+json"
    assert len(features) == 187
    assert {feature["geometry"]["type"] for feature in features} == {"MultiPolygon"}
    special = {f["id"] for f in features if f["properties"]["post"] == "CP28"}
    assert special == {"53250300100101", "53250300100102"}
    assert (again.status_code, again.content) == (304, b"")


def test_a_point_is_located(web: Web) -> None:
    answer = web.nobody.get("/locate", params=IN_CP02)

    assert answer.json() == {
        "grid": "53250300100201",
        "community": "532503001002",
        "street": "532503001",
        "post": "CP02",
    }


@pytest.mark.parametrize(
    ("asked", "status", "code"),
    [
        ({"lat": 23.38, "lon": 103.3}, 404, "outside_city"),
        ({"lat": 103.39, "lon": 23.38}, 422, "location.swapped"),
        ({"lat": 0, "lon": 0}, 422, "location.null_island"),
        ({"lat": "nan", "lon": 103}, 422, "form.invalid"),
        ({"lat": 23}, 422, "form.invalid"),
        ({**IN_CP02, "crs": "BD09"}, 422, "form.invalid"),
    ],
)
def test_a_point_that_is_none_is_refused(
    web: Web, asked: dict[str, Any], status: int, code: str
) -> None:
    answer = web.nobody.get("/locate", params=asked)

    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_the_process_says_that_it_lives(web: Web) -> None:
    assert web.nobody.get("/healthz").json() == {"status": "ok"}


def test_readiness_tells_positions_ages_and_the_leader(web: Web) -> None:
    web.nobody.raises()

    answer = web.nobody.get("/readyz")

    assert answer.status_code == 200
    names = {one["name"] for one in answer.json()["projections"]}
    assert names == {projection.name for projection in ALL}
    assert answer.json()["scheduler"]["leader"] is None
    assert answer.json()["degraded"] == ["scheduler"]


def test_metrics_name_routes_and_never_whistles(web: Web) -> None:
    number = web.nobody.raises()["number"]
    web.someone("city").get(f"/whistles/{number}")

    answer = web.nobody.get("/metrics")
    families = {family.name: family for family in text_string_to_metric_families(answer.text)}
    routes = {sample.labels["route"] for sample in families["shaodao_http_requests"].samples}

    assert "/api/v1/whistles/{number}" in routes
    assert number not in answer.text
    assert families["shaodao_projection_lag_events"].samples


def test_the_interface_is_described_without_another_host(web: Web) -> None:
    page = web.nobody.get("/api/docs")
    openapi = web.nobody.get("/api/openapi.json").json()

    assert page.headers["content-type"].startswith("text/html")
    assert "http://" not in page.text and "https://" not in page.text
    assert "<script" not in page.text
    assert "/api/v1/whistles/{number}/commands/claim" in openapi["paths"]
    assert "/api/v1/receipts/current" in openapi["paths"]
    for path in openapi["paths"]:
        assert path in page.text
