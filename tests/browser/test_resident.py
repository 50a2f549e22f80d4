"""A resident without an account: raise, keep the receipt, follow, and be asked at the end."""

import re

from playwright.sync_api import Browser, Page, Route, expect

from tests.api.web import LAMP, jpeg
from tests.browser.conftest import PHONE, opened
from tests.browser.people import GRID, HELP, gives, raised
from tests.browser.site import Site
from tests.giving import a_call, asked_by_phone
from tests.test_sensitive_words import SENSITIVE

PHOTO = {"name": "井盖.jpg", "mimeType": "image/jpeg", "buffer": jpeg(640, 480)}
# What an iPhone sends as it is: no browser here, and no server, can open it.
HEIC = {
    "name": "IMG_0001.HEIC",
    "mimeType": "image/heic",
    "buffer": b"\x00\x00\x00\x18ftypheic" + bytes(range(256)),
}
SCRIPT = "<script>document.title='broken'</script>"
HOSTILE = f"</textarea>{SCRIPT}\u202e{{{{7*7}}}}\u200b<img src=x onerror=alert(1)>"


def test_a_resident_raises_with_a_photo_and_follows_it_by_the_receipt(phone: Page, site: Site):
    phone.goto("/")
    phone.set_input_files("#photos", PHOTO)
    expect(phone.locator(".shot img")).to_be_visible()
    phone.fill("#text", "小区门口路灯不亮")
    phone.select_option("#grid", GRID)

    phone.click("button[form=raise]")

    expect(phone.locator("h1")).to_have_text("哨已收到")
    code = phone.locator("#code").get_attribute("aria-label") or ""
    assert re.fullmatch(r"([0-9A-Z]{4}-){3}[0-9A-Z]{4}", code)
    assert code not in phone.url
    phone.context.clear_cookies()
    phone.goto(f"/p#{code.replace('-', '').lower()}")
    expect(phone.locator("h1")).to_contain_text("哨已收到")
    expect(phone.locator(".photos img")).to_have_js_property("complete", True)
    assert phone.locator(".photos img").evaluate("picture => picture.naturalWidth") > 0
    assert "#" not in phone.url


def test_a_photo_taken_before_the_scripts_are_there_is_seen_and_sent(phone: Page, site: Site):
    held: list[Route] = []
    phone.route(re.compile("photos.*js"), lambda route: held.append(route))
    with phone.expect_request(re.compile("photos.*js")):
        phone.goto("/", wait_until="commit")
    phone.set_input_files("#photos", PHOTO)
    phone.fill("#text", "信号很慢时拍的")

    held[0].continue_()
    expect(phone.locator(".shot img")).to_be_visible()
    phone.click("button[form=raise]")

    expect(phone.locator("h1")).to_have_text("哨已收到")
    number = phone.locator(".receipt .muted").first.inner_text().split()[1]
    assert site.tracker.whistle(number).photos == 1


def test_without_scripts_a_resident_raises_and_follows_all_the_same(plain_phone: Page):
    page = plain_phone
    page.goto("/")
    page.set_input_files("#photos", PHOTO)
    page.fill("#text", "人行道地砖松动,下雨溅水")
    page.fill("#address", "天马路口")

    page.click("button[form=raise]")

    code = page.locator("#code").get_attribute("aria-label") or ""
    page.get_by_role("link", name="看进度").click()
    expect(page.locator(".rail li")).not_to_have_count(0)
    expect(page.locator(".hero .small")).to_contain_text("天马路口")
    page.get_by_role("button", name="换一个码").click()
    page.fill("#code", f" {code.lower().replace('-', ' ')} ")
    page.click("main button")
    expect(page.locator(".hero h1")).to_contain_text("哨已收到")


def test_a_refused_form_keeps_what_was_typed_and_says_where(plain_phone: Page):
    plain_phone.goto("/")
    plain_phone.set_input_files("#photos", HEIC)
    plain_phone.fill("#text", "\u200b")
    plain_phone.fill("#address", "启文路 12 号")
    plain_phone.get_by_text("比较急").click()

    plain_phone.click("button[form=raise]")

    expect(plain_phone.locator("#photos-oops")).to_contain_text("照片")
    expect(plain_phone.locator("#text-oops")).to_contain_text("没有文字")
    expect(plain_phone.locator("#address")).to_have_value("启文路 12 号")
    expect(plain_phone.locator("input[name=urgency][value=U2]")).to_be_checked()


def test_words_go_without_a_picture_that_nobody_can_open_and_the_receipt_says_so(
    plain_phone: Page, site: Site
):
    plain_phone.goto("/")
    plain_phone.set_input_files("#photos", [HEIC, PHOTO])
    plain_phone.fill("#text", "下水道堵了,污水漫到人行道")

    plain_phone.click("button[form=raise]")

    expect(plain_phone.locator("h1")).to_have_text("哨已收到")
    expect(plain_phone.locator(".say.good")).to_contain_text("有照片打不开")
    assert site.tracker.whistle(number_of(plain_phone)).photos == 1


def test_a_file_that_is_no_picture_is_refused_when_it_is_chosen(phone: Page, site: Site):
    phone.goto("/")

    phone.set_input_files("#photos", [HEIC, PHOTO])

    expect(phone.get_by_role("alert")).to_contain_text("不是能打开的照片")
    expect(phone.locator(".shot img")).to_have_count(1)
    phone.set_input_files("#photos", PHOTO)
    expect(phone.get_by_role("alert")).to_have_count(0)
    phone.fill("#text", "下水道堵了")
    phone.click("button[form=raise]")
    expect(phone.locator("h1")).to_have_text("哨已收到")
    assert site.tracker.whistle(number_of(phone)).photos == 2


def test_a_form_sent_again_after_its_answer_was_lost_shows_its_receipt(
    plain_phone: Page, site: Site
):
    page = plain_phone
    page.goto("/")
    page.fill("#text", "巷子里垃圾堆了三天没人收")
    page.select_option("#grid", GRID)
    losing_the_answer(page)

    page.click("button[form=raise]")
    page.unroute("**/")
    page.click("button[form=raise]")

    expect(page.locator("h1")).to_have_text("哨已收到")
    assert raised_in(site, "巷子里垃圾堆了三天没人收") == [number_of(page)]


def test_a_form_that_was_changed_after_its_answer_was_lost_shows_the_same_receipt(
    plain_phone: Page, site: Site
):
    page = plain_phone
    page.goto("/")
    page.fill("#text", "河边栏杆断了一截")
    losing_the_answer(page)
    page.click("button[form=raise]")
    page.unroute("**/")
    (number,) = raised_in(site, "河边栏杆断了一截")

    page.fill("#text", "河边栏杆断了一截,有小孩在玩")
    page.click("button[form=raise]")

    expect(page.locator("h1")).to_have_text("哨已收到")
    assert number_of(page) == number


def number_of(page: Page) -> str:
    """The number on the receipt that the page shows."""
    return page.locator(".receipt .muted").first.inner_text().split()[1]


def losing_the_answer(page: Page) -> None:
    """The city gets what is sent, the phone no answer."""

    def lose(route: Route) -> None:
        route.fetch()
        route.fulfill(status=204)

    page.route("**/", lose)


def raised_in(site: Site, text: str) -> list[str]:
    """The numbers of the whistles with exactly these words."""
    query = "SELECT whistle FROM contents WHERE kind = 'text' AND body = to_jsonb(%(text)s::text)"
    with site.tracker.connection() as connection:
        found = connection.execute(query, {"text": text}).fetchall()
    return [site.tracker.whistle(id).number for (id,) in found]


def test_the_same_form_sent_twice_is_one_whistle(plain_phone: Page):
    page = plain_phone
    page.goto("/")
    form = {
        name: page.locator(f"#raise input[name={name}]").get_attribute("value") or ""
        for name in ("csrf", "key")
    } | {"text": "垃圾桶满溢两天"}

    answers = [page.request.post("/", multipart=form).text() for _ in range(2)]

    numbers = [re.findall(r"W-\d{6}-\d{6}", answer)[0] for answer in answers]
    codes = [re.findall(r'id="code" aria-label="([^"]+)"', answer)[0] for answer in answers]
    assert numbers[0] == numbers[1]
    assert codes[0] == codes[1]


def test_danger_shows_the_emergency_numbers_first_and_the_whistle_goes_on(phone: Page):
    phone.goto("/")
    expect(phone.locator(".danger")).to_be_hidden()
    phone.fill("#text", "路口井盖不见了")
    expect(phone.locator(".danger")).to_be_visible()

    phone.click("button[form=raise]")

    expect(phone.get_by_role("link", name="119 消防")).to_be_visible()
    expect(phone.locator("h1")).to_have_text("哨已收到")


def test_sensitive_words_switch_confidence_on_before_anything_is_sent(phone: Page, site: Site):
    phone.goto("/")
    phone.fill("#text", "楼下路灯不亮")
    expect(phone.locator("[name=confidential]")).not_to_be_checked()
    for text in SENSITIVE:
        phone.locator("[name=confidential]").evaluate("box => box.checked = false")
        phone.fill("#text", text)
        expect(phone.locator("[name=confidential]")).to_be_checked()
    expect(phone.get_by_text("已替您打开")).to_be_visible()

    phone.click("button[form=raise]")

    expect(phone.locator("h1")).to_have_text("哨已收到")
    number = phone.locator(".receipt .muted").first.inner_text().split()[1]
    assert site.tracker.whistle(number).confidential


def test_hostile_words_are_shown_as_words(phone: Page):
    phone.goto("/")
    phone.fill("#text", HOSTILE)
    phone.click("button[form=raise]")

    phone.get_by_role("link", name="看进度").click()

    expect(phone.locator(".said").last).to_contain_text(SCRIPT)
    expect(phone.locator(".said").last).to_contain_text("{{7*7}}")
    assert "broken" not in phone.title().split(" · ")[0]


def test_a_wrong_code_says_only_that_there_is_none(phone: Page):
    phone.goto("/p")
    phone.fill("#code", "0000-0000-0000-0000")

    phone.click("main button")

    expect(phone.get_by_role("alert")).to_contain_text("查无此码")
    expect(phone.locator("#code")).to_have_value("0000-0000-0000-0000")


def test_the_reporter_gives_the_verdict_and_nothing_was_chosen_beforehand(phone: Page, site: Site):
    phone.goto("/")
    phone.fill("#text", "公厕门锁脱落")
    phone.select_option("#grid", GRID)
    phone.click("button[form=raise]")
    number = phone.locator(".receipt .muted").first.inner_text().split()[1]
    solved(site, number)

    phone.get_by_role("link", name="看进度").click()
    expect(phone.locator(".hero h1")).to_have_text("办好了，等您一句话")
    expect(phone.locator("#do-follow-up :checked")).to_have_count(0)
    phone.locator("#do-follow-up").get_by_text("解决了", exact=True).click()
    phone.locator("#do-follow-up").get_by_text("很满意").click()
    phone.get_by_role("button", name="提交评价").click()

    expect(phone.get_by_role("status")).to_contain_text("谢谢您的评价")
    expect(phone.locator(".hero h1")).to_have_text("已经办结")


def test_a_reporter_reads_what_was_recorded_for_him_and_corrects_it(phone: Page, site: Site):
    phone.goto("/")
    phone.fill("#text", "公厕里的灯不亮")
    phone.select_option("#grid", GRID)
    phone.click("button[form=raise]")
    number = phone.locator(".receipt .muted").first.inner_text().split()[1]
    solved(site, number)
    gives(site, "followup-cp01", "follow_up", number, resolved=True, **asked_by_phone(5))

    phone.get_by_role("link", name="看进度").click()
    expect(phone.get_by_text("回访记下的是：您说解决了")).to_contain_text("评价：很满意")
    phone.locator("#do-contradict summary").click()
    phone.locator("#do-contradict").get_by_text("没解决", exact=True).click()
    phone.locator("#do-contradict button").click()

    expect(phone.get_by_role("status")).to_contain_text("以您说的为准")
    assert site.tracker.whistle(number).state == "DISPATCHED"
    assert phone.evaluate("document.documentElement.scrollWidth <= innerWidth")


def solved(site: Site, number: str) -> None:
    """The unit's whole work on it, checked by the post."""
    gives(site, "intake-cp01", "classify", number, category=HELP)
    gives(site, "dispatcher-cp01", "dispatch", number, lead="U01")
    gives(site, "liaison-u01", "respond", number, **a_call(), note="已联系")
    gives(site, "handler-u01", "start", number)
    gives(site, "handler-u01", "submit", number, note="已修好")
    if site.tracker.whistle(number).state == "SUBMITTED":
        gives(site, "verifier-cp01", "verify", number, passed=True)


def test_pages_speak_english_and_darken_on_request(phone: Page, site: Site):
    raised(site, "any")
    phone.goto("/")

    phone.get_by_role("button", name="English").click()
    phone.get_by_role("button", name="Dark").click()

    expect(phone.locator("html")).to_have_attribute("lang", "en")
    expect(phone.locator("html")).to_have_attribute("data-theme", "dark")
    expect(phone.get_by_role("button", name="Whistle", exact=True)).to_be_visible()


def test_with_a_photo_it_takes_three_taps_at_most_and_tells_where_the_phone_is(
    browser: Browser, site: Site
):
    here = {"latitude": 23.375717, "longitude": 103.378665, "accuracy": 12}
    options = {**PHONE, "geolocation": here, "permissions": []}
    for page in opened(browser, site, options):
        page.goto("/")
        page.set_input_files("#photos", PHOTO)
        page.context.grant_permissions(["geolocation"], origin=site.base)
        taps = Taps(page)

        with page.expect_request("**/place") as asked:
            taps.on("[data-locate]")
        assert "23.37" in (asked.value.post_data or "") and "?" not in asked.value.url
        expect(page.locator("[data-precision]")).to_contain_text("±12 m")
        expect(page.locator("[data-place]")).to_contain_text("网格")
        taps.on("#text")
        page.keyboard.type("下水道返水")
        taps.on("[data-send]")

        expect(page.locator("h1")).to_have_text("哨已收到")
        assert taps.count == 3
        number = page.locator(".receipt .muted").first.inner_text().split()[1]
        place = site.tracker.whistle(number).place
        assert (place.lat, place.lon, place.accuracy_m) == (23.375717, 103.378665, 12)


class Taps:
    """A finger that counts."""

    def __init__(self, page: Page) -> None:
        self.page, self.count = page, 0

    def on(self, selector: str) -> None:
        self.page.tap(selector)
        self.count += 1


def test_the_words_bring_up_what_it_may_be_and_choose_nothing(phone: Page, site: Site):
    phone.goto("/")
    near = phone.locator("[data-kinds] .chip")
    phone.fill("#text", "路口的路灯不亮，井盖也不见了")
    expect(phone.locator("[data-maybe]")).to_be_visible()
    offered = near.all_inner_texts()
    assert 2 <= len(offered) <= 3 and offered[0] == "不清楚"
    expect(near.first.locator("input")).to_be_checked()
    phone.fill("#text", "说不上来是什么事")
    expect(near).to_have_count(1)
    phone.fill("#text", "路口的路灯不亮")
    expect(near).not_to_have_count(1)

    chosen = near.nth(1).inner_text()
    near.nth(1).click()
    phone.click("[data-send]")

    expect(phone.locator("h1")).to_have_text("哨已收到")
    number = phone.locator(".receipt .muted").first.inner_text().split()[1]
    whistle = site.tracker.whistle(number)
    assert site.tracker.city.category(whistle.category).name == chosen
    assert whistle.category_source != "suggested"


def test_a_grid_is_picked_on_the_map_where_the_phone_does_not_know(phone: Page, site: Site):
    phone.goto("/")
    asked: list[str] = []
    phone.on("request", lambda request: asked.append(request.url))
    phone.click("[data-point]")
    grid = phone.locator(f"[data-map-here] [data-grid='{GRID}']")
    grid.click()
    expect(phone.locator("[data-street-name]")).not_to_be_empty()
    grid.click()

    expect(phone.locator("#grid")).to_have_value(GRID)
    expect(phone.locator("[data-place]")).to_contain_text("网格")
    expect(phone.locator("[data-mini] .here")).to_have_count(1)


def test_what_is_open_nearby_is_offered_and_joined_with_a_receipt_of_ones_own(
    phone: Page, site: Site
):
    there = raised(site, "楼道灯坏了,我是甲", category=LAMP)
    phone.goto("/")
    phone.fill("#text", "路灯不亮,我也摸黑走")
    phone.select_option("#grid", GRID)
    offered = phone.get_by_role("region", name="附近有人报过")
    expect(offered).to_contain_text("路灯")
    assert "我是甲" not in offered.inner_text()

    offered.locator(f"button[value='{there}']").click()

    expect(phone.locator("h1")).to_have_text("哨已收到")
    expect(phone.locator(".receipt .muted").first).to_contain_text(there)
    phone.get_by_role("link", name="看进度").click()
    expect(phone.locator(".rail")).to_contain_text("您一起吹哨了")
    expect(phone.locator("body")).not_to_contain_text("我是甲")
    expect(phone.get_by_role("button", name="撤回")).to_have_count(0)
    assert len(site.tracker.whistle(there).joined) == 1


def test_without_scripts_what_is_open_nearby_is_asked_about_once(plain_phone: Page, site: Site):
    raised(site, "旧的一件", category=LAMP)
    page = plain_phone
    page.goto("/")
    page.set_input_files("#photos", PHOTO)
    page.fill("#text", "路灯不亮,另一根杆子")
    page.select_option("#grid", GRID)

    page.click("[data-send]")
    expect(page.get_by_role("region", name="附近有人报过")).to_be_visible()
    expect(page.locator("#text")).to_have_value("路灯不亮,另一根杆子")
    page.click("[data-send]")

    expect(page.locator("h1")).to_have_text("哨已收到")
    page.get_by_role("link", name="看进度").click()
    expect(page.locator(".photos img")).to_have_count(1)


def test_the_list_of_this_phone_finds_its_whistles_and_forgets_them(phone: Page):
    phone.goto("/")
    phone.fill("#text", "桥栏杆松了")
    phone.click("[data-send]")
    expect(phone.locator("h1")).to_have_text("哨已收到")
    phone.context.clear_cookies(name="receipt")
    phone.goto("/p")
    phone.click("#mine summary")

    phone.get_by_role("button", name="看进度").click()
    expect(phone.locator(".said").last).to_contain_text("桥栏杆松了")
    phone.context.clear_cookies(name="receipt")
    phone.goto("/p")
    phone.on("dialog", lambda dialog: dialog.accept())
    phone.click("#mine summary")
    phone.get_by_role("button", name="忘掉", exact=True).click()

    expect(phone.locator("#mine")).to_be_hidden()


def test_without_scripts_a_resident_adds_judges_reopens_and_takes_back(
    plain_phone: Page, site: Site
):
    page = plain_phone
    page.goto("/")
    page.fill("#text", "垃圾房门坏了,没有脚本的手机")
    page.fill("#address", "北京路 8 号")
    page.click("[data-send]")
    number = page.locator(".receipt .muted").first.inner_text().split()[1]
    page.get_by_role("link", name="看进度").click()

    page.locator("#do-amend summary").click()
    page.fill("#amend-text", "晚上更严重")
    page.locator("#do-amend button").click()
    expect(page.get_by_role("status")).to_contain_text("补充收到了")
    solved(site, number)
    page.goto("/p")
    page.locator("#do-follow-up").get_by_text("解决了", exact=True).click()
    page.get_by_role("button", name="提交评价").click()
    expect(page.locator(".hero h1")).to_have_text("已经办结")
    page.locator("#do-reopen summary").click()
    page.fill("#reopen-reason", "又坏了")
    page.locator("#do-reopen button").click()
    expect(page.get_by_role("status")).to_contain_text("已重新办理")
    page.locator("#do-withdraw summary").click()
    page.locator("#do-withdraw button").click()

    expect(page.locator(".hero h1")).to_have_text("您已撤回")
