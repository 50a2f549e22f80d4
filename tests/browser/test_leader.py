"""The leader's day: rates of a quiet month, of a frozen one, and from each to its whistles."""

import json
import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import DESK
from tests.browser.people import raised, sign_in
from tests.browser.site import Site
from tests.browser.wire import Wire, wire_to
from tests.made_of import ZONE
from tests.rates.asked import imported
from tests.waiting import until_folded
from tracker.projections.engine.log_moments import LogMoments
from tracker.reports.month_end import Freezing

FACTS = json.loads((Path(__file__).parents[1] / "data" / "metrics_fixture.json").read_text())
SEPTEMBER = "from=2026-09-01&to=2026-10-01"


@pytest.fixture(scope="module")
def months(site: Site, tmp_path_factory: pytest.TempPathFactory) -> Site:
    """The golden months; September is frozen."""
    imported(site.tracker, FACTS["facts"], tmp_path_factory.mktemp("facts"))
    with site.tracker.connection() as connection:
        until_folded(connection, LogMoments(connection).newest(), "rates", "board")
        Freezing().freeze_due(site.tracker, connection, datetime(2026, 10, 20, tzinfo=ZONE))
    return site


@pytest.fixture
def wire(site: Site) -> Iterator[Wire]:
    with wire_to(site.base) as counting:
        yield counting


@pytest.fixture
def far_desk(browser: Browser, wire: Wire) -> Iterator[Page]:
    """A fresh desk at the far end of the wire."""
    context = browser.new_context(base_url=wire.base, **DESK)
    yield context.new_page()
    context.close()


def test_from_the_rate_of_the_city_to_an_event_in_three_clicks(desk: Page, months: Site):
    sign_in(desk, "leader")
    expect(desk).to_have_url(f"{months.base}/leader")
    expect(desk.locator(".kpi")).to_have_count(4)
    desk.goto(f"/leader?{SEPTEMBER}")
    expect(desk.locator(".kpi").first).to_contain_text("69.23%")
    expect(desk.locator(".stand")).to_contain_text("已冻结")
    expect(desk.locator(".adjusted")).to_contain_text("1 项")
    clicks = 0

    for link in ("未达到 4", "I-F19"):
        desk.get_by_role("link", name=link).first.click()
        clicks += 1
        desk.wait_for_load_state()

    expect(desk.locator(".rail li .ev").first).to_have_text("#1")
    assert clicks <= 3


def test_each_class_opens_as_many_whistles_as_it_counts(desk: Page, months: Site):
    sign_in(desk, "leader")
    desk.goto(f"/leader?{SEPTEMBER}")
    counted = desk.locator("#classes tbody td a").all_inner_texts()
    of_all = sum(int(one.split("/")[1]) for one in counted)

    desk.locator("#classes tbody td a").first.click()

    expect(desk.locator(".rk.behind tbody tr")).to_have_count(int(counted[0].split("/")[1]))
    assert of_all == 13


def test_the_moment_stands_in_the_address_and_stops_what_is_live(desk: Page, months: Site):
    sign_in(desk, "leader")
    expect(desk.locator("[data-live] .stand")).to_contain_text("实时")
    desk.goto(f"/leader?{SEPTEMBER}")

    desk.fill("input[name=as_of]", "2026-09-10T12:00")
    desk.get_by_role("button", name="查看").click()

    desk.wait_for_url("**as_of=2026-09-10T12%3A00*")
    desk.reload()
    expect(desk.locator(".stand")).to_contain_text("历史时点")
    expect(desk.locator("[data-live]")).to_have_count(0)
    expect(desk.locator("input[name=as_of]")).to_have_value("2026-09-10T12:00")
    expect(desk.locator(".kpi").first).not_to_contain_text("69.23%")
    for export in ("CSV", "Excel"):
        href = desk.locator(".outs a", has_text=export).last.get_attribute("href") or ""
        assert "as_of=2026-09-10T12%3A00" in href
    desk.get_by_role("link", name="回到此刻").click()
    expect(desk.locator(".stand")).to_contain_text("实时")


def test_a_frozen_map_and_its_figures_are_of_one_position(desk: Page, months: Site):
    sign_in(desk, "leader")
    desk.goto(f"/leader?{SEPTEMBER}")
    late = desk.locator("#map a").evaluate_all(
        "links => links.map((a) => Number(a.getAttribute('aria-label').match(/迟响 (\\d+)/)[1]))"
    )

    missing = desk.get_by_role("link", name=re.compile("^未达到")).first.inner_text()

    assert sum(late) <= int(missing.split()[1])
    for link in desk.locator("#map a").all()[:1]:
        desk.goto(link.get_attribute("href") or "")
        expect(desk.locator(".rk.behind tbody tr")).to_have_count(late[0])


def test_the_ranking_turns_to_units_and_categories_and_exports_are_files(desk: Page, months: Site):
    sign_in(desk, "leader")
    desk.goto(f"/leader?{SEPTEMBER}")
    ranking = desk.get_by_role("navigation", name="排名对象")
    expect(desk.locator("#rank")).to_contain_text("样本不足")

    for tab in ("单位", "类别"):
        ranking.get_by_role("link", name=tab).click()
        expect(ranking.locator("[aria-current]")).to_have_text(tab)
        expect(desk.locator("#rank tbody tr").first).to_be_visible()

    for export, ends in (("月报 PDF", ".pdf"), ("月报 Excel", ".xlsx"), ("CSV", ".csv")):
        with desk.expect_download() as coming:
            desk.get_by_role("link", name=export).click()
        assert coming.value.suggested_filename.endswith(ends)
        assert Path(coming.value.path()).stat().st_size > 100


def test_the_wall_renews_itself_dark_and_within_one_window(desk: Page, months: Site):
    sign_in(desk, "leader")
    desk.set_viewport_size({"width": 1920, "height": 1080})
    desk.clock.install()
    desk.goto("/leader?screen=1")
    expect(desk.locator("html")).to_have_attribute("data-theme", "dark")
    of_before = desk.locator("#rank [aria-current]").inner_text()
    taller = desk.evaluate("document.documentElement.scrollHeight - innerHeight")
    assert taller <= 0
    before = desk.locator("#stand").inner_text()
    raised(months, "大屏要看到它")
    with months.tracker.connection() as connection:
        until_folded(connection, LogMoments(connection).newest(), "rates")

    desk.clock.run_for(10_500)

    expect(desk.locator("#stand")).not_to_contain_text(before)
    expect(desk.locator(".age")).to_contain_text("秒前")
    desk.clock.run_for(60_000)
    expect(desk.locator("#rank [aria-current]")).not_to_have_text(of_before)
    expect(desk.locator("#strip")).to_be_hidden()


def test_a_wall_that_lost_the_line_says_of_when_its_figures_are(desk: Page, months: Site):
    sign_in(desk, "leader")
    desk.clock.install()
    desk.goto("/leader?screen=1")
    rate = desk.locator(".kpi").first.inner_text()
    desk.route("**/leader?*part=pulse*", lambda route: route.fulfill(status=429, body=""))

    desk.clock.run_for(10_500)

    expect(desk.locator("#strip")).to_contain_text("没有连上")
    assert desk.locator(".kpi").first.inner_text() == rate


def test_a_quiet_month_says_so_and_shows_no_percentage(plain_phone: Page, months: Site):
    sign_in(plain_phone, "leader")
    plain_phone.goto("/leader?from=2026-03-01&to=2026-04-01&scope=post:CP05")

    expect(plain_phone.locator(".say:visible")).to_contain_text("本期无哨")
    expect(plain_phone.locator(".kpi .v.none")).to_have_count(4)
    wider = plain_phone.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert wider <= 0


NONSENSE = (
    ("scope=city&from=2026-10-01&to=2026-09-01", "应晚于", "to", "2026-09-01"),
    (f"{SEPTEMBER}&as_of=2099-01-01T00:00", "还没有到", "as_of", "2099-01-01T00:00"),
    (f"{SEPTEMBER}&scope=post:CP99", "CP99", "scope", "post:CP99"),
    ("from=2026-13-45&to=2026-10-01", "2026-13-45", "from", "2026-13-45"),
)


def test_nonsense_in_the_question_names_the_field_and_keeps_what_was_chosen(
    desk: Page, months: Site
):
    sign_in(desk, "leader")
    for question, told, field, kept in NONSENSE:
        answer = desk.goto(f"/leader?{question}")

        assert answer is not None
        assert answer.status in (404, 409, 422)
        expect(desk.get_by_role("alert")).to_contain_text(told)
        wrong = desk.locator("[aria-invalid=true]")
        expect(wrong).to_have_attribute("name", field)
        expect(wrong).to_have_value(kept)

    desk.locator("input[name=from]").fill("2026-09-01")
    desk.get_by_role("button", name="查看").click()
    expect(desk.locator(".kpi").first).to_contain_text("69.23%")


def test_the_definitions_are_open_to_everyone_and_name_each_metric(phone: Page, months: Site):
    phone.goto("/about/figures")

    expect(phone.locator("#on_time_response_rate")).to_contain_text("按时响应率")


def test_a_unit_reads_the_same_board(desk: Page, months: Site):
    sign_in(desk, "liaison-u01")
    desk.goto(f"/leader?{SEPTEMBER}")

    expect(desk.locator(".kpi").first).to_contain_text("69.23%")


def test_the_board_is_small(far_desk: Page, wire: Wire, months: Site):
    sign_in(far_desk, "liaison-u01")
    cookies = far_desk.context.cookies()
    fresh = far_desk.context.browser.new_context(base_url=wire.base, **DESK)  # type: ignore[union-attr]
    fresh.add_cookies(cookies)  # type: ignore[arg-type]
    wire.kilobytes()

    page = fresh.new_page()
    page.goto("/leader")
    page.locator("#rank").wait_for()
    page.wait_for_load_state("load")

    spent = wire.kilobytes()
    fresh.close()
    print(f"dashboard: {spent:.1f} KB")
    assert 15 < spent <= 90
