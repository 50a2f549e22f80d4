"""A grid worker on a phone: the map, what is checked and solved on site, without signal too."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.api.web import jpeg
from tests.browser.people import HELP, WORKER, gives, raised, sign_in
from tests.browser.site import Site
from tests.browser.test_offline import Owned, until_kept
from tests.giving import a_call

GRID = "53250300100103"
LITTER = "E0101"  # the grid worker may solve it on the spot
PHOTO = {"name": "现场.jpg", "mimeType": "image/jpeg", "buffer": jpeg(640, 480)}
UNIT = "handler-u01"
PICTURES = {"after": {**PHOTO, "name": "处理后.jpg", "buffer": jpeg(480, 640)}}  # by field
SOLVED_ON_THE_SPOT = re.compile("自处置(待抽查|办结)")  # one in ten waits for an audit


def submitted(site: Site, text: str, **fields: Any) -> str:
    """A whistle of which the unit says that it is done."""
    number = raised(site, text, category=HELP, **fields)
    gives(site, "intake-cp01", "classify", number, category=HELP)
    gives(site, "dispatcher-cp01", "dispatch", number, lead="U01")
    gives(site, UNIT, "respond", number, **a_call())
    gives(site, UNIT, "start", number)
    gives(site, UNIT, "submit", number, note="已清理干净")
    return number


def test_without_scripts_a_check_is_made_and_a_refused_form_keeps_its_picture(
    plain_phone: Page, site: Site
):
    number = submitted(site, "花坛边堆了两袋垃圾")
    sign_in(plain_phone, WORKER)
    expect(plain_phone.locator(".to-check")).to_contain_text(re.compile(r"待核查 \d+ 件"))
    plain_phone.get_by_role("link", name="去巡查").click()
    plain_phone.get_by_role("link", name="花坛边堆了两袋垃圾").click()
    form = plain_phone.locator("#do-verify")
    expect(form).to_contain_text("已清理干净")
    form.locator("input[type=file]").set_input_files(PHOTO)
    form.get_by_text("不通过，返工").click()
    form.locator("textarea").fill("袋子还在花坛边")
    gives(site, "verifier-cp01", "verify", number, passed=True)

    form.get_by_role("button", name="核查").click()

    expect(form.get_by_role("alert")).to_contain_text("已由 verifier-cp01 核查:通过")
    expect(form.locator("textarea")).to_have_value("袋子还在花坛边")
    expect(form.locator(".kept input")).to_be_checked()


def test_without_scripts_a_grid_worker_solves_on_the_spot(plain_phone: Page, site: Site):
    number = raised(site, "楼道口一堆纸箱", category=LITTER)
    sign_in(plain_phone, WORKER)
    plain_phone.get_by_role("link", name="楼道口一堆纸箱").first.click()
    form = plain_phone.locator("#do-self-resolve")
    for name in ("before", "after"):
        form.locator(f"#self-resolve-{name}").set_input_files(PICTURES.get(name, PHOTO))

    form.get_by_role("button", name="自处置").click()

    expect(plain_phone.locator(".hero .tag").first).to_have_text(SOLVED_ON_THE_SPOT)
    assert site.tracker.whistle(number).resolver == WORKER


def test_nobody_can_be_called_so_the_grid_worker_goes_and_looks(plain_phone: Page, site: Site):
    number = submitted(site, "匿名说的:楼顶有人养鸡", anonymous=True)
    gives(site, "verifier-cp01", "verify", number, passed=True)
    sign_in(plain_phone, WORKER)
    plain_phone.goto("/grid/patrol")
    plain_phone.get_by_role("link", name="匿名说的:楼顶有人养鸡").click()
    form = plain_phone.locator("#do-follow-up")
    assert form.get_by_text("满意吗").count() == 0

    form.get_by_text("解决了", exact=True).click()
    form.get_by_role("button", name="提交").click()

    expect(plain_phone.locator(".hero .tag").first).to_have_text("已办结")


def test_a_commander_sees_which_grids_of_the_post_are_silent(plain_phone: Page, site: Site):
    raised(site, "第3网格里有人吹哨")
    sign_in(plain_phone, "commander-cp01")

    plain_phone.get_by_role("link", name="巡查").click()

    silent = plain_phone.locator("section", has=plain_phone.get_by_text("静默网格")).last
    expect(silent).to_contain_text("银河社区第1网格")
    expect(silent).to_contain_text("从来没有哨")
    expect(silent).not_to_contain_text("银河社区第3网格")


def test_a_day_on_the_phone_from_the_map_to_a_whistle_raised_for_a_shopkeeper(
    phone: Page, site: Site
):
    number = submitted(site, "公厕门口的积水")
    sign_in(phone, WORKER)
    expect(phone.locator(".gm .own")).to_be_attached()
    assert "公厕门口的积水" in phone.locator(".lines").first.inner_text()

    phone.get_by_role("link", name="公厕门口的积水").last.click()
    photographed(phone, "verify", "photos")
    phone.get_by_text("通过", exact=True).click()
    phone.get_by_role("button", name="核查").click()
    expect(phone.locator(".hero .tag").first).to_have_text("待回访")
    assert checks(site, number) == [("whistle.verification_passed", WORKER)]

    phone.get_by_role("link", name="吹哨", exact=True).last.click()
    phone.get_by_text("商户", exact=True).click()
    phone.fill("#text", "米线店门口的井盖响")
    phone.select_option("#grid", GRID)
    phone.fill("#name", "米线店老板")
    phone.fill("#phone", "13988880000")
    phone.locator("[data-send]").click()
    expect(phone.locator("h1")).to_have_text("哨已收到")
    expect(phone.locator("#code")).to_be_visible()
    found = phone.locator(".receipt .small").first.inner_text().split()[1]
    assert site.tracker.whistle(found).source == "merchant"


def test_with_before_and_after_a_grid_worker_solves_on_the_spot(phone: Page, site: Site):
    number = raised(site, "墙角一袋装修垃圾", category=LITTER)
    sign_in(phone, WORKER)
    phone.get_by_role("link", name="墙角一袋装修垃圾").last.click()
    form = phone.locator("#do-self-resolve")
    photographed(phone, "self-resolve", "before", "after")

    form.get_by_role("button", name="自处置").click()

    expect(phone.locator(".hero .tag").first).to_have_text(SOLVED_ON_THE_SPOT)
    kinds = [said.kind for said in site.tracker.whistle(number).words]
    assert ("photo_before" in kinds, "photo_after" in kinds) == (True, True)


def test_checked_without_signal_in_a_tab_that_was_killed_it_is_one_check(
    own_phone: Owned, site: Site
):
    number = submitted(site, "长椅断了一根板条")
    page = walking(own_phone)
    without_signal(own_phone, True)
    page.goto("/grid/patrol")
    expect(page.locator("[data-off]")).to_contain_text("没信号")
    page.get_by_role("link", name="长椅断了一根板条").click()
    photographed(page, "verify", "photos")
    page.get_by_text("通过", exact=True).click()
    page.get_by_role("button", name="核查").click()
    expect(page.locator("#do-verify .told")).to_contain_text("已存在本机")
    page.context.new_page()
    page.close()

    page = own_phone.context.pages[0]  # type: ignore[union-attr]
    page.goto("/grid/patrol")
    expect(page.locator("a.line.written")).to_contain_text("长椅断了一根板条")
    assert checks(site, number) == []
    without_signal(own_phone, False)

    expect(page.locator("[data-sent]")).to_contain_text("长椅断了一根板条")
    assert checks(site, number) == [("whistle.verification_passed", WORKER)]
    with site.tracker.connection() as connection:
        asked = {"whistle": site.tracker.whistle(number).id}
        (photos,) = connection.execute(PHOTOS, asked).fetchone() or (0,)
    assert photos == 1


def test_a_check_that_came_too_late_says_who_was_first_and_is_sent_as_an_addition(
    own_phone: Owned, site: Site
):
    number = submitted(site, "晾衣绳拉过人行道")
    page = walking(own_phone)
    without_signal(own_phone, True)
    page.goto("/grid/patrol")
    page.get_by_role("link", name="晾衣绳拉过人行道").click()
    photographed(page, "verify", "photos")
    page.get_by_text("不通过，返工").click()
    page.fill("#verify-note", "绳子还在,只是衣服收了")
    page.get_by_role("button", name="核查").click()
    expect(page.locator("#do-verify .told")).to_contain_text("已存在本机")
    gives(site, "verifier-cp01", "verify", number, passed=True)
    page.goto("/grid")
    without_signal(own_phone, False)

    expect(page.locator("#outbox")).to_contain_text("有一条没被收下")
    page.click("#outbox summary")
    expect(page.locator("#outbox [data-reason]")).to_contain_text("已由 verifier-cp01 核查:通过")
    page.get_by_role("button", name="改了再发").click()
    late = page.locator(".late")
    expect(late).to_contain_text("已由 verifier-cp01 核查:通过")
    expect(late.locator("textarea")).to_have_value("绳子还在,只是衣服收了")
    expect(late).to_contain_text("您拍的 1 张也在")
    late.get_by_role("button", name="改成补充再发").click()

    expect(page.locator(".rail")).to_contain_text("绳子还在,只是衣服收了")
    assert checks(site, number) == [("whistle.verification_passed", "verifier-cp01")]
    page.goto("/grid")
    expect(page.locator("#outbox")).to_be_hidden()


def test_solved_and_raised_for_others_without_signal_both_arrive_by_themselves(
    own_phone: Owned, site: Site
):
    number = raised(site, "花箱里一袋垃圾", category=LITTER)
    page = walking(own_phone)
    without_signal(own_phone, True)
    page.goto("/grid/patrol")
    page.get_by_role("link", name="花箱里一袋垃圾").click()
    photographed(page, "self-resolve", "before", "after")
    page.get_by_role("button", name="自处置").click()
    expect(page.locator("#do-self-resolve .told")).to_contain_text("已存在本机")
    page.get_by_role("link", name="吹哨", exact=True).last.click()
    page.get_by_text("物业", exact=True).click()
    page.fill("#text", "地库入口的减速带断了")
    page.locator("[data-send]").click()
    expect(page.locator("#told")).to_contain_text("已存在本机")
    without_signal(own_phone, False)

    expect(page.locator("#mine")).to_contain_text("我的哨")
    page.goto("/grid")
    expect(page.locator(".lines").first).to_contain_text("地库入口的减速带断了")
    whistle = site.tracker.whistle(number)
    assert whistle.resolver == WORKER
    told = page.get_by_role("link", name="地库入口的减速带断了").first.get_attribute("href") or ""
    assert site.tracker.whistle(told.rpartition("/")[2]).source == "property"


def test_the_list_is_renewed_by_itself(phone: Page, site: Site):
    sign_in(phone, WORKER)

    raised(site, "刚刚有人吹的一声")

    expect(phone.locator(".lines").first).to_contain_text("刚刚有人吹的一声")


def test_signing_out_empties_what_the_phone_kept_for_the_walk(own_phone: Owned, site: Site):
    page = walking(own_phone)
    page.goto("/grid")

    page.get_by_role("button", name="退出").click()
    page.wait_for_url("**/login")

    without_signal(own_phone, True)
    page.goto("/grid/patrol")
    expect(page.locator("h1")).to_have_text("现在没有网络")


PHOTOS = "SELECT count(*) FROM contents WHERE whistle = %(whistle)s AND kind = 'photo'"


@pytest.fixture
def own_phone(browser: Browser, site: Site, tmp_path: Path) -> Iterator[Owned]:
    owned = Owned(browser, site, tmp_path / "profile")
    yield owned
    owned.kill()


def walking(own_phone: Owned) -> Page:
    """Signed in, and what the walk needs is on the phone."""
    page = own_phone.switch_on()
    sign_in(page, WORKER)
    until_kept(page)
    page.goto("/grid/patrol")
    expect(page.locator("[data-kept-so]")).to_be_visible()
    return page


def without_signal(own_phone: Owned, off: bool) -> None:
    context: BrowserContext | None = own_phone.context
    assert context is not None
    context.set_offline(off)


def photographed(page: Page, command: str, *names: str) -> None:
    for name in names:
        page.locator(f"#{command}-{name}").set_input_files(PICTURES.get(name, PHOTO))
        expect(page.locator(f"label:has(#{command}-{name}) img")).to_be_visible()


def checks(site: Site, number: str) -> list[tuple[str, str]]:
    """Who checked it, and with what verdict, in the log itself."""
    events = site.tracker.events.get(site.tracker.whistle(number).id)
    return [(e.TOPIC, e.by) for e in events if e.TOPIC.startswith("whistle.verification_")]
