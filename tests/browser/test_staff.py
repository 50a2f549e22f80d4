"""Post and unit: dispatch, pool, claim and respond, by button and by key; who may see what."""

from datetime import UTC, datetime

from playwright.sync_api import Page, expect

from tests.browser.people import HELP, NOBODY, dispatched, gives, pooled, raised, shown, sign_in
from tests.browser.site import Site
from tests.giving import OPENED, a_call
from tracker.city_zone import city_zone
from tracker.commands.fields import Address
from tracker.commands.whistle.raising import Raise


def test_a_dispatcher_opens_the_board_and_dispatches_what_the_catalogue_suggests(
    desk: Page, site: Site
):
    number = raised(site, "沿街垃圾没人收", category=HELP)
    gives(site, "intake-cp01", "classify", number, category=HELP)
    sign_in(desk, "dispatcher-cp01")

    desk.locator(f"[id={number}] .btn").click()
    desk.locator("#do-dispatch button").click()

    expect(desk.locator("#pane")).to_contain_text("派给")
    assert site.tracker.whistle(number).state == "DISPATCHED"


def test_a_dispatcher_opens_a_whistle_to_claims(desk: Page, site: Site):
    number = raised(site, "小广告贴满单元门", category=HELP)
    gives(site, "intake-cp01", "classify", number, category=HELP)
    sign_in(desk, "dispatcher-cp01")
    desk.goto(f"/post/CP01?w={number}")

    desk.locator(".cmds").get_by_role("button", name="入池待认领").click()

    expect(desk.locator(f"[id={number}]")).to_contain_text("待认领")


def test_a_unit_claims_and_responds_with_two_keys(desk: Page, site: Site):
    number = pooled(site, "绿化带里有白色垃圾")
    sign_in(desk, "liaison-u01")
    desk.goto(f"/unit?w={number}")

    desk.keyboard.press("c")
    expect(desk.locator("#pane .tag").first).to_have_text("待响应")
    gives(site, "liaison-u01", "open_contact", number, **OPENED)
    desk.keyboard.press("r")
    form = desk.locator("#do-respond")
    form.get_by_text("已电话联系").click()
    form.locator("#respond-called_at").fill(f"{datetime.now(city_zone()):%Y-%m-%dT%H:%M}")
    form.get_by_text("打通了", exact=True).click()
    form.locator("button").click()

    expect(desk.locator("#pane .tag").first).to_have_text("已响应")
    assert site.tracker.whistle(number).lead == "U01"


def test_a_card_beside_the_list_counts_what_it_then_shows(desk: Page, site: Site):
    for text in ("绿牌一件", "绿牌两件"):
        dispatched(site, text)
    sign_in(desk, "dispatcher-cp01")
    green = desk.get_by_role("navigation").get_by_role("link", name="绿牌")
    count = int(green.locator("span").inner_text())

    green.click()

    expect(desk.locator("table.q tbody tr")).to_have_count(count)
    desk.get_by_role("navigation").get_by_role("link", name="红牌").click()
    expect(desk.locator("main")).to_contain_text("没有符合的事项")


def test_a_whistle_without_a_place_is_on_the_board_of_a_post(desk: Page, site: Site):
    done = site.tracker.open(
        Raise(text="说不清是哪条巷子", location=Address("菜市场后门")),
        actor=NOBODY,
        at=datetime.now(UTC),
    )
    shown(site, done.position)
    sign_in(desk, "intake-cp01")

    expect(desk.locator(f"[id={done.aggregate.number}]")).to_contain_text("待落格")


def test_keys_walk_the_queue_and_are_silent_while_somebody_types(desk: Page, site: Site):
    for text in ("第一件", "第二件"):
        dispatched(site, text)
    sign_in(desk, "liaison-u01")

    desk.keyboard.press("j")
    expect(desk.locator("tr[aria-selected=true]")).to_have_count(1)
    first = desk.locator("tr[aria-selected=true]").get_attribute("id")
    desk.keyboard.press("j")
    expect(desk.locator("tr[aria-selected=true]")).not_to_have_id(str(first))
    desk.keyboard.press("/")
    desk.keyboard.type("jjc")

    expect(desk.locator("input[type=search]")).to_have_value("jjc")


def test_who_comes_too_late_is_told_who_has_it_where_the_button_was(
    desk: Page, another_desk: Page, site: Site
):
    number = pooled(site, "垃圾堆在消防通道")
    sign_in(desk, "liaison-u01")
    sign_in(another_desk, "liaison-u02")
    desk.goto("/unit?state=pool")
    another_desk.goto("/unit?state=pool")
    desk.locator(f"[id={number}]").get_by_role("button").click()
    desk.wait_for_url("**position=**")

    another_desk.locator(f"[id={number}]").get_by_role("button").click()

    expect(another_desk.locator(f"[id={number}] .lost")).to_be_visible()
    expect(another_desk.locator(f"[id={number}] .btn")).to_have_count(0)


def test_a_refusal_stands_at_its_form_with_everything_typed(desk: Page, site: Site):
    number = dispatched(site, "门前三包没落实")
    sign_in(desk, "liaison-u01")
    desk.goto(f"/unit?w={number}#do-return")
    desk.locator("#do-return summary").click()
    desk.locator("#return-reason").select_option("not_our_duty")
    desk.locator("#return-basis").fill("属于物业范围,附图一张")
    gives(site, "liaison-u01", "respond", number, **a_call())

    desk.locator("#do-return button").click()

    expect(desk.locator("#do-return").get_by_role("alert")).to_be_visible()
    expect(desk.locator("#return-basis")).to_have_value("属于物业范围,附图一张")
    expect(desk.locator("#return-reason")).to_have_value("not_our_duty")


def test_a_hostile_title_stays_a_title_on_every_staff_page(desk: Page, site: Site):
    hostile = "<script>document.title='broken'</script>"
    number = dispatched(site, hostile)
    sign_in(desk, "liaison-u01")

    for address in ("/unit", f"/unit?w={number}", f"/w/{number}"):
        desk.goto(address)
        expect(desk.locator("body")).to_contain_text(hostile)
        assert desk.evaluate("document.querySelectorAll('main script, .pane script').length") == 0


def test_a_page_of_another_role_says_who_may_open_it(desk: Page):
    sign_in(desk, "liaison-u01")

    answer = desk.goto("/post/CP01")

    assert answer is not None and answer.status == 403
    expect(desk.locator("main")).to_contain_text("派遣员")


def test_who_is_not_signed_in_is_sent_to_sign_in_and_back(desk: Page, site: Site):
    number = dispatched(site, "路面坑洼")
    desk.goto(f"/w/{number}")
    expect(desk).to_have_url(f"{site.base}/login?next=%2Fw%2F{number}")

    desk.fill("#username", "liaison-u01")
    desk.fill("#password", "one password for all")
    desk.click("main button")

    expect(desk.locator("h1")).to_contain_text("路面坑洼")


def test_an_address_that_is_no_page_is_said_in_words(desk: Page):
    answer = desk.goto("/nowhere/at/all")

    assert answer is not None and answer.status == 404
    expect(desk.locator("h1")).to_have_text("没有找到")


def test_somebody_elses_whistle_is_not_shown_by_asking_for_it(desk: Page, site: Site):
    number = dispatched(site, "只给城管局看的一件事")
    sign_in(desk, "liaison-u02")
    desk.goto("/unit")
    token = desk.locator("input[name=csrf]").first.get_attribute("value") or ""

    answer = desk.request.post(
        f"/w/{number}/respond", form={"csrf": token, "kind": "call", "back": f"/unit?w={number}"}
    )

    assert answer.status == 409
    assert "只给城管局看的一件事" not in answer.text()
