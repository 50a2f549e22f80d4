"""责任单位: a unit's day on its desk, by keys; news, two hands at once, what can be undone."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any

from PIL import Image
from playwright.sync_api import Browser, Page, Route, expect

from tests.browser.people import classified, dispatched, gives, pooled, sign_in
from tests.browser.site import Site
from tests.giving import a_call, asked_by_phone
from tracker.city_zone import city_zone

NEXT_WEEK = datetime.now(UTC) + timedelta(days=7)


def a_photo() -> dict[str, Any]:
    picture = BytesIO()
    Image.new("RGB", (640, 480), (90, 120, 110)).save(picture, "JPEG")
    return {"name": "after.jpg", "mimeType": "image/jpeg", "buffer": picture.getvalue()}


@contextmanager
def counted(page: Page) -> Iterator[list[str]]:
    """The keys that are pressed meanwhile, as the page hears them."""
    page.evaluate("addEventListener('keydown', e => (window.heard ??= []).push(e.key), true)")
    keys: list[str] = []
    yield keys
    keys += page.evaluate("window.heard ?? []")


def rows_of(page: Page) -> list[str]:
    ids: list[str] = page.eval_on_selector_all("tr[data-href]", "rows => rows.map(r => r.id)")
    return ids


def walk_to(page: Page, number: str) -> None:
    """J or K, until the row is the selected one: what is due at one moment stands in any order."""
    here = rows_of(page)
    selected = page.locator("tr[aria-selected=true]")
    at = here.index(selected.get_attribute("id") or "") if selected.count() else -1
    for _ in here:
        page.keyboard.press("j" if here.index(number) > at else "k")
        if page.locator(f"[id={number}][aria-selected=true]").count():
            break
    expect(page.locator(f"#pane[data-number={number}]")).to_be_visible()


def state_of(page: Page) -> Any:
    return page.locator("#pane .tag").first


def a_call_is_reported(page: Page) -> None:
    """The number is opened first; without one that was left, the page says so."""
    page.locator("#do-open-contact summary").evaluate("found => found.parentElement.open = true")
    page.locator("#open-contact-reason").fill("约时间上门")
    page.locator("#do-open-contact form button").click()
    expect(page.locator("#pane .numbers, main .numbers").first).to_be_visible()
    page.locator("#do-respond").evaluate("found => { found.open = true }")
    form = page.locator("#do-respond")
    form.get_by_text("已电话联系").click()
    form.locator("#respond-called_at").fill(f"{datetime.now(city_zone()):%Y-%m-%dT%H:%M}")
    form.get_by_text("打通了", exact=True).click()
    form.locator("#respond-note").press("Control+Enter")


def test_a_units_day_by_keys_from_the_pool_to_the_printed_sheet(desk: Page, site: Site):
    number = pooled(site, "公园里的垃圾桶满了两天")
    sign_in(desk, "liaison-u01")
    desk.goto("/unit?state=pool")
    walk_to(desk, number)

    with counted(desk) as keys:
        desk.keyboard.press("c")
        expect(state_of(desk)).to_have_text("待响应")
        desk.keyboard.press("r")
    assert keys == ["c", "r"]
    a_call_is_reported(desk)
    expect(state_of(desk)).to_have_text("已响应")

    desk.keyboard.press("s")
    expect(state_of(desk)).to_have_text("办理中")

    desk.keyboard.press("e")
    desk.keyboard.type("等清运车排班")
    desk.keyboard.press("Control+Enter")
    expect(desk.locator("#pane .rail")).to_contain_text("申请延期")
    gives(site, "commander-cp01", "decide_extension", number, granted=True, reason="同意")

    desk.keyboard.press("p")
    desk.locator("#suspend-reason").select_option("third_party_permission")
    desk.locator("#suspend-review_on").fill(f"{NEXT_WEEK:%Y-%m-%d}")
    desk.locator("#suspend-safety_measure").fill("已设警示")
    desk.keyboard.press("Control+Enter")
    expect(desk.locator("#pane .ft")).to_contain_text("等另一位同事确认")
    asked = {"reason": "third_party_permission", "safety_measure": "已设警示"}
    gives(site, "commander-cp01", "suspend", number, review_on=NEXT_WEEK.date(), **asked)
    expect(desk.locator("#pane .rail")).to_contain_text("等条件具备")
    gives(site, "commander-cp01", "resume", number, reason="许可已下来")
    expect(desk.locator("#pane .rail")).to_contain_text("恢复办理")

    desk.keyboard.press("d")
    desk.locator("#do-submit select.take").select_option(label="已处理完毕")
    expect(desk.locator("#submit-note")).to_have_value(
        "银河社区第3网格的老人残疾人帮扶已处理完毕，现场照片附后。"
    )
    desk.locator("#submit-photos").set_input_files(a_photo())
    desk.locator("#submit-note").press("Control+Enter")
    expect(state_of(desk)).to_have_text("待核查")
    assert site.tracker.whistle(number).state == "SUBMITTED"

    desk.locator("#pane").get_by_role("link", name="工单").click()
    expect(desk.locator(".a4")).to_contain_text(number)
    expect(desk.locator(".a4 .qr svg")).to_be_visible()
    expect(desk.locator(".a4 .steps")).to_contain_text("城管局办结提交")
    assert desk.pdf(format="A4").count(b"/Type /Page\n") in (1, 2)


def test_of_two_desks_that_claim_at_once_one_has_it_and_the_other_reads_who(
    desk: Page, another_desk: Page, site: Site
):
    number = pooled(site, "路边有人乱倒渣土")
    for page, account in ((desk, "liaison-u01"), (another_desk, "liaison-u02")):
        sign_in(page, account)
        hears_nothing(page)
        page.goto(f"/unit?state=pool&w={number}")

    with desk.expect_response(CLAIM), another_desk.expect_response(CLAIM):
        desk.keyboard.press("c")
        another_desk.keyboard.press("c")

    lead = site.tracker.whistle(number).lead or ""
    loser, winner = desk if lead == "U02" else another_desk, site.tracker.city.unit(lead).short
    expect(loser.locator(f"[id={number}] .lost, #pane [role=alert]").first).to_contain_text(winner)


CLAIM = re.compile(r"/claim$")


def hears_nothing(page: Page) -> None:
    """No news comes: what the other does at the same moment is not known before one's own act."""
    silence = "retry: 600000\n\n"
    page.route(
        "**/api/v1/stream*",
        lambda route: route.fulfill(content_type="text/event-stream", body=silence),
    )


def test_news_waits_behind_a_pill_while_rows_renew_where_they_stand(desk: Page, site: Site):
    numbers = [dispatched(site, f"原有的第 {n} 件") for n in range(3)]
    sign_in(desk, "liaison-u01")
    expect(desk.locator("#live")).to_have_text("实时")
    walk_to(desk, numbers[1])
    before, box = rows_of(desk), desk.locator(f"[id={numbers[1]}]").bounding_box()

    hurried = dispatched(site, "插进来的急事")
    gives(site, "handler-u01", "respond", numbers[1], **a_call())

    expect(desk.locator("#pill")).to_have_text("1 条新哨")
    expect(desk.locator(f"[id={numbers[1]}]")).to_contain_text("已响应")
    expect(desk.locator("#pane .rail")).to_contain_text("城管局报到")
    assert rows_of(desk) == before
    assert desk.locator(f"[id={numbers[1]}]").bounding_box() == box
    expect(desk.locator(f"[id={numbers[1]}] a.t")).to_be_focused()
    desk.locator("#pill").click()
    expect(desk.locator(f"[id={hurried}]")).to_be_visible()
    expect(desk.locator(f"[id={numbers[1]}][aria-selected=true]")).to_be_visible()


def test_a_claim_that_another_unit_made_first_is_said_in_the_row(desk: Page, site: Site):
    number = pooled(site, "别的单位先认领的一件")
    sign_in(desk, "liaison-u01")
    before = rows_of(desk)
    gives(site, "liaison-u02", "claim", number)  # is told only to those who may read it now

    dispatched(site, "带来消息的一件")

    winner = site.tracker.city.unit("U02").short
    expect(desk.locator(f"[id={number}] .lost")).to_have_text(f"已被 {winner} 认领")
    assert [row for row in rows_of(desk) if row in before] == before


def test_several_at_once_and_each_row_says_how_it_went(desk: Page, site: Site):
    one, two, lost = (pooled(site, f"成批认领第 {n} 件") for n in range(3))
    sign_in(desk, "liaison-u01")
    desk.goto("/unit?state=pool")
    for number in (one, two, lost):
        walk_to(desk, number)
        desk.keyboard.press("x")
    expect(desk.locator("#many .count")).to_have_text("选中 3 件")
    gives(site, "liaison-u02", "claim", lost)

    desk.locator("#many").get_by_role("button", name="认领").click()

    expect(desk.locator("#said")).to_contain_text("办好 2 件，1 件没有办成")
    expect(desk.locator(f"[id={one}] .told")).to_have_text("已办理")
    expect(desk.locator(f"[id={lost}] .lost")).to_contain_text("已由")
    assert [site.tracker.whistle(n).lead for n in (one, two, lost)] == ["U01", "U01", "U02"]


def test_what_waits_for_several_rows_can_be_stopped_too(desk: Page, site: Site):
    number = dispatched(site, "先签收再说")
    sign_in(desk, "liaison-u01")
    walk_to(desk, number)
    desk.keyboard.press("x")

    desk.locator("#many").get_by_role("button", name="签收").click()
    expect(desk.locator("#held")).to_contain_text("签收 × 1")
    desk.locator("#held [data-stop]").click()
    expect(desk.locator("#held")).to_be_hidden()
    assert site.tracker.whistle(number).assignments[0].state != "ACKNOWLEDGED"

    desk.locator("#many").get_by_role("button", name="签收").click()
    desk.locator("#held [data-now]").click()
    expect(desk.locator(f"[id={number}] .told")).to_be_visible()


def test_all_keys_can_be_switched_off_and_stay_so(desk: Page, site: Site):
    dispatched(site, "键盘试一件")
    sign_in(desk, "liaison-u01")
    desk.keyboard.press("?")
    switch = desk.get_by_role("switch", name="使用快捷键")
    expect(switch).to_be_checked()
    switch.uncheck()
    desk.keyboard.press("Escape")
    desk.reload()

    desk.keyboard.press("j")
    expect(desk.locator("tr[aria-selected=true]")).to_have_count(0)

    desk.get_by_role("button", name="全部快捷键").click()
    desk.get_by_role("switch", name="使用快捷键").check()
    desk.keyboard.press("Escape")
    desk.keyboard.press("j")
    expect(desk.locator("tr[aria-selected=true]")).to_have_count(1)


def test_a_broken_line_is_said_with_the_old_rows_kept_and_mended_where_one_is(
    browser: Browser, site: Site
):
    """On a page of its own: a browser complains aloud of a broken line."""
    desk = browser.new_page(base_url=site.base, locale="zh-CN")
    dispatched(site, "断网也看得见的一件")
    sign_in(desk, "liaison-u01")
    desk.goto("/unit?state=respond&card=ok")
    before = rows_of(desk)

    held: list[Route] = []
    desk.route("**/unit?**", lambda route: held.append(route))
    desk.get_by_role("navigation", name="筛选").get_by_role("link", name="待认领").click()
    desk.wait_for_function(
        "() => getComputedStyle(document.querySelector('.scroll')).opacity === '0.55'"
    )
    assert rows_of(desk) == before
    held[0].abort()
    expect(desk.locator("#strip")).to_contain_text("没有连上")
    assert rows_of(desk) == before
    expect(desk.locator("#strip button")).to_have_text("重试")
    desk.unroute_all()
    desk.locator("#strip button").click()

    expect(desk.locator("#strip")).to_be_hidden()
    expect(desk).to_have_url(f"{site.base}/unit?state=respond&card=ok")
    desk.context.close()


def test_back_and_a_deep_link_keep_the_list_and_what_was_open(desk: Page, site: Site):
    number = dispatched(site, "从链接打开的一件")
    sign_in(desk, "liaison-u01")
    desk.goto("/unit?state=respond")
    walk_to(desk, number)
    expect(desk).to_have_url(f"{site.base}/unit?state=respond&w={number}")

    desk.go_back()
    expect(desk.locator("#pane")).to_have_count(0)
    expect(desk).to_have_url(f"{site.base}/unit?state=respond")
    desk.go_forward()

    expect(desk.locator(f"#pane[data-number={number}]")).to_be_visible()


def test_a_unit_keeps_a_template_of_its_own_and_finds_it_in_the_form(desk: Page, site: Site):
    number = dispatched(site, "要用模板答复的一件")
    gives(site, "liaison-u01", "respond", number, **a_call())
    gives(site, "liaison-u01", "start", number)
    sign_in(desk, "liaison-u01")
    desk.get_by_role("link", name="答复模板").click()
    desk.fill("#name", "夜间已清扫")
    desk.locator("#step").select_option("submit")
    desk.fill("#text", "{单位}已在夜间清扫，编号{编号}。")
    desk.get_by_role("button", name="保存").click()
    expect(desk.locator("main")).to_contain_text("夜间已清扫")

    desk.goto(f"/unit?w={number}")
    desk.keyboard.press("d")
    desk.locator("#do-submit select.take").select_option(label="夜间已清扫")

    expect(desk.locator("#submit-note")).to_have_value(f"城管局已在夜间清扫，编号{number}。")


def test_what_somebody_worked_on_is_a_list_of_its_own_and_an_empty_one_shows_the_last_closed(
    desk: Page, site: Site
):
    number = dispatched(site, "承办人做过的一件", lead="U05")
    gives(site, "handler-u05", "respond", number, **a_call())
    dispatched(site, "别人做的一件", lead="U05")
    sign_in(desk, "handler-u05")

    desk.get_by_role("navigation", name="筛选").get_by_role("link", name="我经办的").click()

    expect(desk.locator("table.q tbody tr")).to_have_count(1)
    assert rows_of(desk) == [number]

    gives(site, "handler-u05", "start", number)
    gives(site, "handler-u05", "submit", number, note="办好了")
    gives(site, "verifier-cp01", "verify", number, passed=True)
    gives(site, "followup-cp01", "follow_up", number, resolved=True, **asked_by_phone())
    desk.goto("/unit?state=paused")
    expect(desk.locator(".empty")).to_contain_text("最近办结 1 件")
    expect(desk.locator(".empty a")).to_have_attribute("href", f"/w/{number}")


def test_a_unit_sees_apart_what_it_leads_and_where_it_helps(desk: Page, site: Site):
    led = dispatched(site, "自己主办的一件", lead="U07")
    helped = classified(site, "给别人协办的一件")
    gives(site, "dispatcher-cp01", "dispatch", helped, lead="U05", co=["U07"])
    sign_in(desk, "liaison-u07")
    side = desk.get_by_role("navigation", name="筛选")

    side.get_by_role("link", name="协办 1").click()
    expect(desk.locator("table.q tbody tr")).to_have_count(1)
    assert rows_of(desk) == [helped]
    side.get_by_role("link", name="主办 1").click()

    expect(desk.locator(f"[id={led}]")).to_be_visible()
    assert rows_of(desk) == [led]
    expect(desk.locator("#tally")).to_contain_text("1 件")


def test_a_return_says_who_decides_it(desk: Page, site: Site):
    number = dispatched(site, "不归我们管的一件", lead="U06")
    sign_in(desk, "liaison-u06")
    desk.goto(f"/unit?w={number}")

    desk.keyboard.press("b")

    expect(desk.locator("#do-return .hint")).to_contain_text(
        "由文澜街道裁定；写了建议单位，由市指挥中心裁定"
    )
    expect(desk.locator("#do-return .hint")).to_contain_text("裁定以前仍由本单位负责")
