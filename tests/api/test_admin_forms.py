"""The administrator's forms over HTTP: each mistake stands at its field, nothing typed is lost."""

import re
from datetime import UTC, datetime
from typing import Any

import pytest
from fastapi.testclient import TestClient

from tests.api.test_forms import signed_in, token_in
from tests.api.web import Web
from tests.giving import actor_named
from tracker.city.changing.plans import Switch
from tracker.city.changing.recording import confirm, preview

GRID = "53250300100103"
NAME = "蒙自市公园管理中心"
UNIT = {"kind": "unit", "name": NAME, "duty": "yes", "emergency": "no"}
MEMBER = UNIT | {"kind": "member", "duty": "no", "sector": "学校", "community": "532503001001"}
CATEGORY = {"major": "C04", "name": "湖面漂浮物", "lead": "U02", "sla": "G4"}
ITEM = {"unit": "U01", "name": "户外广告备案", "handling": "社区协助", "limit": "5"}
MAJOR = {"code": "E09", "name": "湖泊水面", "type": "event"}
PLAN = {"code": "PLAN-X", "name": "细分"}
LINE = '{"type": "LineString", "coordinates": [[103.4, 23.4], [103.5, 23.4]]}'
MOON = '{"type": "Polygon", "coordinates": [[[203, 23], [204, 23], [204, 24], [203, 23]]]}'
NAN = '{"type": "Polygon", "coordinates": [[[NaN, 23], [104, 23], [104, 24], [NaN, 23]]]}'
BOW = (
    '{"type": "Polygon", "coordinates": '
    "[[[103.1, 23.1], [103.2, 23.2], [103.2, 23.1], [103.1, 23.2], [103.1, 23.1]]]}"
)
OOPS = re.compile(r'id="(\w+)-oops"')


@pytest.fixture(scope="module")
def admin(web: Web) -> TestClient:
    return signed_in(web, "admin")


@pytest.mark.parametrize(
    ("kind", "typed", "field"),
    [
        ("unit-new", UNIT | {"name": ""}, "name"),
        ("unit-new", UNIT | {"kind": "ministry"}, "kind"),
        ("unit-new", UNIT | {"code": "../u"}, "code"),
        ("unit-new", UNIT | {"code": "U01"}, "code"),
        ("unit-new", UNIT | {"name": "蒙自市教育体育局"}, "name"),
        ("unit-new", MEMBER | {"sector": ""}, "sector"),
        ("unit-new", MEMBER | {"community": ""}, "community"),
        ("unit-new", MEMBER | {"duty": "yes"}, "duty"),
        ("item-new", ITEM | {"limit": "0"}, "limit"),
        ("item-new", ITEM | {"unit": "U99"}, "unit"),
        ("item-new", ITEM | {"unit": ""}, "unit"),
        ("item-new", ITEM | {"code": "U01-S01"}, "code"),
        ("category-new", CATEGORY | {"major": ""}, "major"),
        ("category-new", CATEGORY | {"major": "Z99"}, "major"),
        ("category-new", CATEGORY | {"code": "E0999"}, "code"),
        ("category-new", CATEGORY | {"code": "C0401"}, "code"),
        ("category-new", CATEGORY | {"lead": "X01"}, "lead"),
        ("category-new", CATEGORY | {"sla": ""}, "sla"),
        ("major-new", MAJOR | {"code": "C01"}, "code"),
        ("major-new", MAJOR | {"code": "FAR-TOO-LONG"}, "code"),
        ("major-new", MAJOR | {"type": "wish"}, "type"),
        (f"area/{GRID}", {"name": "", "workers": "2"}, "name"),
        (f"area/{GRID}", {"name": "一格", "workers": "-1"}, "workers"),
        (f"area/{GRID}", {"name": "一格", "workers": "2", "border": "{"}, "border"),
        (f"area/{GRID}", {"name": "一格", "workers": "2", "border": LINE}, "border"),
        (f"area/{GRID}", {"name": "一格", "workers": "2", "border": MOON}, "border"),
        (f"area/{GRID}", {"name": "一格", "workers": "2", "border": NAN}, "border"),
        (f"area/{GRID}", {"name": "一格", "workers": "2", "border": BOW}, "border"),
        (f"grid-divide/{GRID}", PLAN | {"parts": MOON.replace("20", "10")}, "parts"),
        (f"grid-divide/{GRID}", PLAN | {"parts": '{"type": "FeatureCollection"}'}, "parts"),
        (f"grid-divide/{GRID}", PLAN | {"parts": "[" * 5000}, "parts"),
        (f"grid-merge/{GRID}", PLAN | {"grid": "一片"}, "others"),
        (
            f"grid-merge/{GRID}",
            PLAN | {"grid": "银河社区第3网格", "others": "53250300100104"},
            "grid",
        ),
        (f"grid-merge/{GRID}", PLAN | {"grid": "一片", "others": "53250300200101"}, "others"),
    ],
)
def test_a_mistake_stands_at_its_field_and_what_was_typed_stays(
    admin: TestClient, kind: str, typed: dict[str, str], field: str
) -> None:
    answer = sent(admin, kind, typed)

    assert answer.status_code == 422
    assert OOPS.findall(answer.text) == [field]
    assert f'value="{typed["name"]}"' in answer.text


def test_each_list_has_its_way_to_add_also_where_nothing_is_found(admin: TestClient) -> None:
    for name, kind in (
        ("units", "unit-new"),
        ("items", "item-new"),
        ("majors", "major-new"),
        ("categories", "category-new"),
    ):
        for address in (f"/admin/{name}", f"/admin/{name}?q=nothing-like-it"):
            assert f'href="/admin/change/{kind}"' in admin.get(address).text


@pytest.mark.parametrize(
    "address", ["unit/U99", "item/U01-S99", "major/Z9", "area/1", "grid-divide/532503001"]
)
def test_a_form_for_what_is_not_there_says_so(admin: TestClient, address: str) -> None:
    answer = admin.get(f"/admin/change/{address}")

    assert answer.status_code in (404, 422)
    assert "没有" in answer.text


def test_the_city_comes_down_as_a_file_that_going_up_again_changes_nothing(
    admin: TestClient,
) -> None:
    down = admin.get("/admin/pack.json")

    up = admin.post(
        "/admin/pack",
        data={"csrf": token_in(admin, "/admin/pack")},
        files={"file": ("city.json", down.content)},
    )

    assert down.headers["content-disposition"].startswith('attachment; filename="city-')
    assert "与现状相同" in up.text


def test_who_worked_in_a_grid_that_was_merged_away_still_has_a_page(
    web: Web, admin: TestClient
) -> None:
    merged, beside = f"grid-merge/{GRID}", "53250300100104"
    typed = PLAN | {"grid": "银河中片", "others": beside}
    seen = re.findall(r'name="seen" value="([^"]+)"', sent(admin, merged, typed).text)
    kept = sent(admin, merged, typed | {"step": "confirm", "seen": seen[0]})
    switched = Switch("PLAN-X", web.tracker.city.policy.calendar.date_of(datetime.now(UTC)))
    at, actor = datetime.now(UTC), actor_named(web.tracker, "admin")
    confirm(web.tracker, switched, preview(web.tracker, switched, at, actor).versions, at, actor)

    page = signed_in(web, f"gw-{beside}").get("/grid")
    answering = signed_in(web, f"gw-{GRID}").get("/grid")

    assert kept.headers["location"] == f"/admin/areas?done=grid-merge&at={GRID}"
    assert page.status_code == 200
    assert "银河中片" in answering.text


def sent(admin: TestClient, kind: str, typed: dict[str, str]) -> Any:
    address = f"/admin/change/{kind}"
    return admin.post(address, data={"csrf": token_in(admin, address), "step": "preview"} | typed)
