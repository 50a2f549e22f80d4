"""An administrator's day and an auditor's: each change foreseen, each event found again."""

import csv
import json
import logging
from io import StringIO
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.people import GRID, raised, shown, sign_in
from tests.browser.site import Site
from tests.waiting import until_folded

BAD = '{"id": "B2", "sla_class": "G4"}'
GOOD = {
    "id": "B1",
    "registered_at": "2026-09-01T09:00",
    "sla_class": "G4",
    "post": "CP01",
    "text": "路灯不亮",
}


def test_an_administrators_day(desk: Page, another_desk: Page, site: Site, tmp_path: Path):
    number = raised(site, "辖区调整前吹的哨")
    due = {key: clock.due for key, clock in site.tracker.whistle(number).clocks.items()}
    sign_in(desk, "admin")
    expect(desk).to_have_url(f"{site.base}/admin")

    # A new account; what is typed wrong is said at its field and nothing typed is lost.
    desk.get_by_role("link", name="账号", exact=True).click()
    desk.get_by_role("link", name="新账号").click()
    desk.fill("#username", "Bad Name")
    desk.fill("#display_name", "银河社区·受理")
    desk.select_option("#role", "intake")
    desk.select_option("#post", "CP01")
    desk.get_by_role("button", name="看看会怎样").click()
    expect(desk.locator("#username-oops")).to_contain_text("不能用作账号名")
    expect(desk.locator("#display_name")).to_have_value("银河社区·受理")
    desk.fill("#username", "intake-new")
    desk.get_by_role("button", name="看看会怎样").click()
    expect(desk.locator(".preview")).to_contain_text("intake-new 可以登录")
    desk.get_by_role("button", name="确认").click()
    secret = desk.locator("#secret").inner_text()
    another_desk.goto("/login")
    another_desk.fill("#username", "intake-new")
    another_desk.fill("#password", secret)
    another_desk.click("main button")
    expect(another_desk).to_have_url(f"{site.base}/post/CP01")

    # A post takes a grid over: the preview says the true number, the board follows.
    desk.goto("/admin/posts/CP02")
    desk.get_by_role("link", name="改辖区网格").click()
    desk.locator(f"#take input[value='{GRID}']").first.check()
    desk.get_by_role("button", name="看看会怎样").click()
    expect(desk.locator(".effects")).to_contain_text("1 件在办换指挥部")
    expect(desk.locator(".effects")).to_contain_text("1 件里没有一个时限移动")
    desk.get_by_role("button", name="确认").click()
    expect(desk.locator(".effects")).to_contain_text("已移交 1 件在办")
    whistle = site.tracker.whistle(number)
    shown(site, last_position(site))
    desk.goto("/post/CP02")
    expect(desk.locator(f"[id={number}]")).to_be_visible()
    assert {key: clock.due for key, clock in whistle.clocks.items()} == due
    assert whistle.place.post == "CP02"

    # The missing year.
    desk.goto("/admin/calendars")
    expect(desk.locator(".reg")).to_contain_text("缺少")
    desk.get_by_role("link", name="补录: 2027").click()
    desk.fill("#first-1", "2027-01-01")
    desk.fill("#last-1", "2027-01-03")
    desk.select_option("#kind-1", label="放假")
    desk.fill("#first-2", "2026-02-06")
    desk.select_option("#kind-2", label="调休上班")
    desk.get_by_role("button", name="再加几行").click()
    expect(desk.locator("#first-18")).to_be_visible()
    desk.get_by_role("button", name="看看会怎样").click()
    expect(desk.locator("#first-2-oops")).to_contain_text("不在 2027 年")
    desk.fill("#first-2", "2027-02-06")
    desk.get_by_role("button", name="看看会怎样").click()
    expect(desk.locator(".effects")).to_contain_text("1月1日(周五)至1月3日(周日)共 3 天放假")
    expect(desk.locator(".effects")).to_contain_text("2月6日(周六)调休上班")
    desk.get_by_role("button", name="返回修改").click()
    expect(desk.locator("#last-1")).to_have_value("2027-01-03")
    desk.get_by_role("button", name="看看会怎样").click()
    desk.get_by_role("button", name="确认").click()
    expect(desk.locator(".reg")).not_to_contain_text("缺少")

    # Two classes and a mistake: said at its field, nothing lost, and then one version.
    desk.goto("/admin/policy")
    desk.get_by_role("link", name="更改: G4").click()
    desk.fill("#G4-resolve", "4")
    desk.fill("#E1-control", "1")
    desk.fill("#E1-respond", "0")
    desk.locator("form.card").evaluate("form => { form.noValidate = true }")
    desk.get_by_role("button", name="看看会怎样").click()
    expect(desk.locator("#E1-respond-oops")).to_contain_text("E1 响应时限：写一个从 1 起的整数")
    expect(desk.locator("#E1-respond")).to_be_focused()
    expect(desk.locator("#G4-resolve")).to_have_value("4")
    desk.fill("#E1-respond", "30")
    desk.get_by_role("button", name="看看会怎样").click()
    expect(desk.locator(".effects")).to_contain_text("E1 控制时限:2 小时 → 1 小时")
    expect(desk.locator(".effects")).to_contain_text("G4 办结时限:5 工作日 → 4 工作日")
    expect(desk.locator(".effects")).to_contain_text("件在办按原来承诺的时限办完,一个都不动")
    expect(desk.locator(".events li")).to_have_count(1)
    desk.get_by_role("button", name="确认").click()
    expect(desk.locator("main")).to_contain_text("现行第 2 版")

    # The working hours, an afternoon that begins before noon is over, and the next version.
    desk.get_by_role("link", name="改工作时间").click()
    desk.fill("#hours-2", "11:00")
    desk.get_by_role("button", name="看看会怎样").click()
    expect(desk.locator("#hours-2-oops")).to_contain_text("第 2 段 11:00–17:30 不对")
    desk.fill("#hours-2", "13:30")
    desk.get_by_role("button", name="看看会怎样").click()
    desk.get_by_role("button", name="确认").click()
    expect(desk.locator("main")).to_contain_text("现行第 3 版，上班时段 08:30–12:00 13:30–17:30")
    again = site.tracker.whistle(number)
    assert {key: clock.due for key, clock in again.clocks.items()} == due

    # Who stands in for a commander who is away.
    desk.goto("/admin/posts")
    desk.get_by_role("link", name="值守表: CP01").click()
    before = desk.locator("#acting").inner_text()
    desk.fill("#until", "2099-01-01")
    desk.get_by_role("button", name="记离岗").click()
    expect(desk.locator(".say.good")).to_contain_text("已记下离岗")
    expect(desk.locator("#acting")).not_to_have_text(before)

    # A leave that is planned; what cannot be is said at its field.
    desk.goto("/admin/posts/CP02")
    desk.get_by_role("link", name="记离岗").click()
    desk.select_option("#holder", index=1)
    desk.fill("#first", "2099-03-02")
    desk.fill("#until", "2099-03-01")
    desk.get_by_role("button", name="看看会怎样").click()
    expect(desk.locator("#until-oops")).to_contain_text("不能早于离岗日")
    expect(desk.locator("#first")).to_have_value("2099-03-02")
    desk.fill("#until", "2099-03-06")
    desk.get_by_role("button", name="看看会怎样").click()
    expect(desk.locator(".effects")).to_contain_text("2099-03-02 起由")
    desk.get_by_role("button", name="确认").click()
    expect(desk.locator(".say.good")).to_contain_text("已记入日志")
    desk.goto("/admin/posts/CP02")
    expect(desk.locator("main")).to_contain_text("2099-03-06")

    # An import: first looked through, then for good.
    file = tmp_path / "old.jsonl"
    file.write_text(f"{json.dumps(GOOD)}\n{BAD}\n", encoding="utf-8")
    desk.goto("/admin/import")
    desk.set_input_files("#file", file)
    desk.get_by_role("button", name="试算", exact=True).click()
    expect(desk.locator(".job")).to_contain_text("1 件会登记")
    expect(desk.locator(".job .reg tbody th")).to_have_text("2")
    desk.get_by_role("button", name="导入这 1 件").click()
    expect(desk.locator(".job")).to_contain_text("已登记 1 件")
    assert site.tracker.whistle("I-B1").sla_class == "G4"

    # The state: a projection is rebuilt while it serves.
    desk.goto("/admin")
    expect(desk.locator("main")).to_contain_text("没有发件箱")
    desk.get_by_role("button", name="重建: steps").click()
    expect(desk.locator(".job")).to_contain_text("已重建")


def last_position(site: Site) -> int:
    with site.tracker.connection() as connection:
        row = connection.execute("SELECT max(position) FROM stored_events").fetchone()
    assert row is not None
    return int(row[0])


def test_two_administrators_at_one_post(desk: Page, another_desk: Page, site: Site):
    for page in (desk, another_desk):
        sign_in(page, "admin")
        page.goto("/admin/change/unit/U02")
        page.fill("#short", "新简称" if page is desk else "别的简称")
        page.get_by_role("button", name="看看会怎样").click()
    desk.get_by_role("button", name="确认").click()
    expect(desk.locator(".say.good")).to_contain_text("已记入日志")

    another_desk.get_by_role("button", name="确认").click()

    expect(another_desk.locator(".say")).to_contain_text("被别人改过")
    assert site.tracker.directory.refresh().unit("U02").short == "新简称"
    another_desk.get_by_role("button", name="确认").click()
    expect(another_desk.locator(".say.good")).to_contain_text("已记入日志")
    assert site.tracker.directory.refresh().unit("U02").short == "别的简称"


def test_an_auditors_day(desk: Page, site: Site, caplog: pytest.LogCaptureFixture):
    number = raised(site, "=联系我 13987654321，楼道堆物")
    with site.tracker.connection() as connection:
        until_folded(connection, last_position(site), "audit_trail")
    sign_in(desk, "auditor")
    expect(desk).to_have_url(f"{site.base}/audit")

    desk.fill("#number", number.lower())
    desk.get_by_role("button", name="查", exact=True).click()
    desk.locator(".reg a").last.click()
    story = desk.locator(".story")
    expect(story).to_contain_text("whistle.raised")
    expect(story).not_to_contain_text("13987654321")

    with desk.expect_download() as saved:
        desk.get_by_role("link", name="CSV").first.click()
    rows = list(csv.reader(StringIO(saved.value.path().read_text(encoding="utf-8-sig"))))
    assert rows[1][2] == "whistle.raised"
    assert not any(cell.startswith(("=", "+", "@")) for row in rows for cell in row)
    assert "13987654321" not in str(rows)

    desk.get_by_text("要看原话").click()
    desk.fill("#reason", "投诉核查")
    with caplog.at_level(logging.INFO):
        desk.get_by_role("button", name="看原话").click()
        expect(desk.locator(".story")).to_contain_text("13987654321")
    assert any("投诉核查" in line and number in line for line in caplog.messages)

    # What an administrator did with an account is found and read in the same way.
    desk.goto("/audit")
    desk.select_option("#kind", "account")
    desk.fill("#number", "intake-cp01")
    desk.get_by_role("button", name="查", exact=True).click()
    expect(desk.locator(".reg tbody tr")).to_have_count(1)
    desk.get_by_role("link", name="账号 intake-cp01").click()
    expect(desk.locator("h1")).to_contain_text("账号 intake-cp01")
    expect(desk.locator(".story")).to_contain_text("账号开通")
    desk.get_by_text("事实", exact=True).click()
    expect(desk.locator(".facts")).to_contain_text('"username": "intake-cp01"')

    desk.goto("/audit/log")
    desk.get_by_role("button", name="校验整个日志").click()
    expect(desk.locator(".job")).to_contain_text("日志完整")


def test_these_pages_are_for_two_roles_alone(desk: Page, site: Site):
    sign_in(desk, "city")

    for page, who in (("/admin/accounts", "管理员"), ("/audit", "审计")):
        answer = desk.goto(page)
        assert answer is not None and answer.status == 403
        expect(desk.locator("main")).to_contain_text(who)
