"""The leader's page: figures of a quiet month, of a frozen one, and from each to its whistles."""

import json
from datetime import datetime
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.people import sign_in
from tests.browser.site import Site
from tests.rates.asked import imported
from tracker.metrics.asking import ZONE
from tracker.policies.freezing import Freezing
from tracker.projections.log_moments import LogMoments
from tracker.projections.positions import wait_for

FACTS = json.loads((Path(__file__).parents[1] / "data" / "metrics_fixture.json").read_text())
SEPTEMBER = "from=2026-09-01&to=2026-10-01"


@pytest.fixture(scope="module")
def months(site: Site, tmp_path_factory: pytest.TempPathFactory) -> Site:
    """The golden months; September is frozen."""
    imported(site.tracker, FACTS["facts"], tmp_path_factory.mktemp("facts"))
    with site.tracker.connection() as connection:
        for projection in ("rates", "board"):
            newest = LogMoments(connection).newest()
            assert wait_for(connection, projection, newest, timeout=20)
        Freezing().freeze_due(site.tracker, connection, datetime(2026, 10, 20, tzinfo=ZONE))
    return site


def test_a_leader_lands_on_the_figures_of_this_month(desk: Page, months: Site):
    sign_in(desk, "leader")

    expect(desk).to_have_url(f"{months.base}/leader")
    expect(desk.locator(".kpi")).to_have_count(4)
    expect(desk.locator(".stand")).to_contain_text("实时")


def test_from_a_frozen_rate_to_its_whistles_and_back(desk: Page, months: Site):
    sign_in(desk, "leader")
    desk.goto(f"/leader?{SEPTEMBER}")

    expect(desk.locator(".kpi").first).to_contain_text("69.23%")
    expect(desk.locator(".stand")).to_contain_text("已冻结")
    expect(desk.locator(".adjusted")).to_contain_text("1 项")
    desk.get_by_role("link", name="未达到 4").first.click()
    expect(desk.locator(".rk.behind tbody tr")).to_have_count(4)
    desk.get_by_role("link", name="I-F19").click()
    expect(desk.locator("main")).to_contain_text("I-F19")


def test_the_moment_stands_in_the_address_and_moves_the_figures(desk: Page, months: Site):
    sign_in(desk, "leader")
    desk.goto(f"/leader?{SEPTEMBER}")

    desk.fill("input[name=as_of]", "2026-09-10T12:00")
    desk.get_by_role("button", name="查看").click()

    desk.wait_for_url("**as_of=2026-09-10T12%3A00*")
    expect(desk.locator(".stand")).to_contain_text("历史时点")
    expect(desk.locator(".kpi").first).not_to_contain_text("69.23%")


def test_a_quiet_month_says_so_and_shows_no_percentage(plain_phone: Page, months: Site):
    sign_in(plain_phone, "leader")
    plain_phone.goto("/leader?from=2026-03-01&to=2026-04-01&scope=post:CP05")

    expect(plain_phone.locator(".say")).to_contain_text("本期无哨")
    expect(plain_phone.locator(".kpi .v.none")).to_have_count(4)
    wider = plain_phone.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert wider <= 0


def test_nonsense_in_the_address_is_answered_in_words(desk: Page, months: Site):
    sign_in(desk, "leader")

    desk.goto("/leader?from=2026-10-01&to=2026-09-01")

    expect(desk.locator("main")).to_contain_text("应晚于")


def test_the_definitions_are_open_to_everyone_and_name_each_metric(phone: Page, months: Site):
    phone.goto("/about/figures")

    expect(phone.locator("#on_time_response_rate")).to_contain_text("按时响应率")
