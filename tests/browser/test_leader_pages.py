"""Where time goes, and what another policy would have made of it, as a leader reads them."""

import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.people import sign_in
from tests.browser.site import Site
from tests.rates.asked import imported
from tests.waiting import until_folded
from tracker.projections.engine.log_moments import LogMoments
from tracker.reports.what_if.running import work

FACTS = json.loads((Path(__file__).parents[1] / "data" / "metrics_fixture.json").read_text())
SEPTEMBER = "from=2026-09-01&to=2026-10-01"


@pytest.fixture(scope="module")
def september(site: Site, tmp_path_factory: pytest.TempPathFactory) -> Site:
    """The golden months, in every projection that these pages ask."""
    imported(site.tracker, FACTS["facts"], tmp_path_factory.mktemp("facts"))
    with site.tracker.connection() as connection:
        newest = LogMoments(connection).newest()
        until_folded(connection, newest, "rates", "steps", "board")
    return site


def test_from_the_board_to_where_time_goes_of_the_same_period(desk: Page, september: Site):
    sign_in(desk, "leader")
    desk.goto(f"/leader?{SEPTEMBER}")

    desk.get_by_role("link", name="时间去哪了").click()

    expect(desk).to_have_url(re.compile(r"/leader/steps\?.*2026-09-01"))
    work_line = desk.locator("tr", has=desk.get_by_role("rowheader", name="办理中", exact=True))
    expect(work_line.first.locator("td").nth(0)).not_to_have_text("0")
    desk.get_by_role("link", name="单位", exact=True).click()
    expect(desk.locator("main")).to_contain_text("幸福指数 = 100×")
    expect(desk.locator(".rk").nth(1).locator("tbody tr")).not_to_have_count(0)


def test_a_period_in_which_nothing_closed_says_so(plain_phone: Page, september: Site):
    sign_in(plain_phone, "leader")

    plain_phone.goto("/leader/steps?from=2027-01-01&to=2027-02-01")

    expect(plain_phone.get_by_text("本期没有结案的吹哨").first).to_be_visible()
    expect(plain_phone.get_by_text("本期没有重复吹哨")).to_be_visible()


def test_a_leader_asks_what_if_and_sees_who_changes_sides(desk: Page, september: Site):
    sign_in(desk, "leader")
    desk.goto(f"/leader/what-ifs?{SEPTEMBER}")
    desk.fill("input[name='respond-G4']", "1")
    desk.fill("input[name='respond-Q3']", "1")
    desk.fill("input[name=name]", "一小时响应")

    desk.get_by_role("button", name="重算").click()

    expect(desk.get_by_role("status")).to_contain_text("排队中")
    with september.tracker.connection() as connection:
        connection.autocommit = True
        assert len(work(connection)) == 1
    expect(desk.locator("h1")).to_contain_text("一小时响应")
    expect(desk.get_by_text("变边的吹哨")).to_be_visible()
    on_time = desk.locator("tr", has=desk.get_by_role("rowheader", name="按时响应率", exact=True))
    expect(on_time).to_contain_text("9/13")
    expect(desk.get_by_role("link", name="I-F").first).to_be_visible()
    desk.get_by_role("link", name="假如").first.click()
    expect(desk.get_by_role("link", name="一小时响应")).to_be_visible()


def test_a_policy_that_is_none_keeps_what_was_typed_and_says_why(desk: Page, september: Site):
    sign_in(desk, "leader")
    desk.goto(f"/leader/what-ifs?{SEPTEMBER}")
    desk.fill("input[name=name]", "手误")
    desk.get_by_text("还要换日历或派单表").click()
    desk.fill("#policy", "{calendar:")

    desk.get_by_role("button", name="重算").click()

    expect(desk.get_by_role("alert")).to_contain_text("无法读取")
    expect(desk.locator("#policy")).to_have_value("{calendar:")
    expect(desk.locator("input[name=name]")).to_have_value("手误")


def test_who_may_not_ask_what_if_is_told_who_may(desk: Page, september: Site):
    sign_in(desk, "liaison-u01")

    desk.goto("/leader/what-ifs")

    expect(desk.locator("main")).to_contain_text("领导")
