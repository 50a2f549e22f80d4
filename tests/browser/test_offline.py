"""Without signal: what was said on this phone is neither lost nor sent twice."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect

from tests.api.web import jpeg
from tests.browser.conftest import CHROMIUM, PHONE, QUIETLY
from tests.browser.people import GRID, WORKER, sign_in
from tests.browser.site import Site
from tests.waiting import PATIENCE, until

TAKEN_OVER = "() => Boolean(navigator.serviceWorker.controller)"
IT_COMES = """async () => {
  await navigator.serviceWorker.register("/sw.js");
  const { active } = await navigator.serviceWorker.ready;
  const changed = () => new Promise((then) => active.addEventListener("statechange", then));
  while (active.state !== "activated") await changed();
}"""
KEPT = """async () => {
  const opened = await Promise.all((await caches.keys()).map((name) => caches.open(name)));
  const asked = await Promise.all(opened.map((cache) => cache.keys()));
  return asked.flat().map((request) => new URL(request.url).pathname);
}"""
DRAFT = """async () => {
  const { src } = document.querySelector("script[src*=raise]");
  const { kept } = await import(src.replace("raise.js", "outbox.js"));
  return kept("draft");
}"""
WAITS_TO_WAKE = "async () => (await navigator.serviceWorker.ready).sync.getTags()"
OTHER_CODES = """async () => {
  const { src } = document.querySelector("script[src*=raise]");
  const { all, put } = await import(src.replace("raise.js", "outbox.js"));
  const other = { receipt: "0000-0000-0000-0000" };
  for (const one of await all()) await put({ ...one, answer: { ...one.answer, ...other } });
}"""
UNSEEN = "\u200b"  # no visible character
WITH_A_BROKEN_PICTURE = """async (text) => {
  const { src } = document.querySelector("script[src*=raise]");
  const { entryOf, flush, put } = await import(src.replace("raise.js", "outbox.js"));
  const photos = { photos: [new Blob(["ftypheic"], { type: "image/heic" })] };
  await put(entryOf({ url: "/api/v1/whistles", body: { text }, photos, about: text }));
  await flush();
}"""
PHOTO = {"name": "井盖.jpg", "mimeType": "image/jpeg", "buffer": jpeg(640, 480)}


@pytest.fixture
def own_phone(browser: Browser, site: Site, tmp_path: Path) -> Iterator["Owned"]:
    owned = Owned(browser, site, tmp_path / "profile")
    yield owned
    owned.kill()


class Owned:
    """A phone with a profile of its own on disk; killed, it leaves what a power cut would."""

    def __init__(self, browser: Browser, site: Site, profile: Path) -> None:
        self.chromium, self.site, self.profile = browser.browser_type, site, profile
        self.context: BrowserContext | None = None

    def switch_on(self, *, offline: bool = False, wakes: bool = False) -> Page:
        """`wakes`: its service worker is woken when there is signal. Chromium takes the machine's
        own network for that, whatever is said of the tabs', so it is only on where it is tested."""
        self.context = self.chromium.launch_persistent_context(
            str(self.profile),
            executable_path=CHROMIUM,
            args=QUIETLY,
            base_url=self.site.base,
            **PHONE,
        )
        self.context.set_default_timeout(PATIENCE * 1000)
        if not wakes:
            self.context.grant_permissions([], origin=self.site.base)
        self.context.set_offline(offline)
        return self.context.pages[0]

    def kill(self) -> None:
        """The process and all its children at once, as a phone that runs out of power."""
        killed: list[psutil.Process] = []
        for process in psutil.process_iter(["cmdline"]):
            if str(self.profile) in " ".join(process.info["cmdline"] or ()):
                with suppress(psutil.NoSuchProcess):
                    killed += [process, *process.children(recursive=True)]
        for one in killed:
            with suppress(psutil.NoSuchProcess):
                one.kill()
        _, left = psutil.wait_procs(killed, timeout=PATIENCE)
        assert not left, f"still there, and holding the profile: {left}"
        self.context = None


def is_there(page: Page) -> bool:
    """Ask it something: what the browser told meanwhile is heard on the way."""
    return bool(page.evaluate("() => true"))


def until_kept(page: Page) -> None:
    """The service worker has filled its shelf and answers for this page."""
    page.wait_for_function(TAKEN_OVER)


def write(page: Page, text: str, photo: bool = True) -> None:
    if photo:
        page.set_input_files("#photos", PHOTO)
        expect(page.locator(".shot img")).to_be_visible()
    page.fill("#text", text)
    page.select_option("#grid", GRID)


def send(page: Page) -> None:
    page.click("[data-send]")


def raised_as(site: Site, text: str) -> list[str]:
    """The numbers of the whistles with these words."""
    query = """
        SELECT DISTINCT c.whistle FROM contents c
         WHERE c.kind = 'text' AND c.body = to_jsonb(%(text)s::text)
    """
    with site.tracker.connection() as connection:
        found = connection.execute(query, {"text": text}).fetchall()
    return [site.tracker.whistle(id).number for (id,) in found]


@contextmanager
def answers_lost(page: Page, *paths: str) -> Iterator[list[str]]:
    """The server does what it is asked, and the phone never hears of it."""
    lost: list[str] = []

    def lose(route: Route) -> None:
        route.fetch()
        lost.append(route.request.url)
        route.abort()

    for path in paths:
        page.context.route(f"**{path}", lose)
    yield lost
    for path in paths:
        page.context.unroute(f"**{path}")


def test_the_raise_page_opens_without_signal_and_other_pages_say_that_there_is_none(phone: Page):
    phone.goto("/")
    until_kept(phone)

    phone.context.set_offline(True)
    phone.goto("/")
    expect(phone.locator("#raise")).to_be_visible()
    expect(phone.locator("[data-send]")).to_contain_text("存本机")
    phone.goto("/p")

    expect(phone.locator("h1")).to_have_text("现在没有网络")


def test_a_page_that_was_on_its_way_when_the_service_worker_came_is_answered_for_too(
    phone: Page, site: Site
):
    another_tab = phone.context.new_page()
    for tab in (phone, another_tab):
        tab.goto("/p")  # a page that brings no service worker
    with held(phone, f"{site.base}/", "() => { location.href = '/' }"):
        another_tab.evaluate(IT_COMES)

    until_kept(phone)


def test_another_language_chosen_while_the_service_worker_comes_is_spoken_from_then_on(
    phone: Page, site: Site
):
    another_tab = phone.context.new_page()
    for tab in (phone, another_tab):
        tab.goto("/p")
    with held(phone, f"{site.base}/look", "() => document.querySelector('[lang=en]').click()"):
        another_tab.evaluate(IT_COMES)
    phone.get_by_role("button", name="Dark").wait_for()

    phone.goto("/")

    expect(phone.locator("html")).to_have_attribute("lang", "en")


@contextmanager
def held(page: Page, address: str, begin: str) -> Iterator[None]:
    """`begin` has the page ask for this address, whose answer is held back while the block runs."""
    asked: list[Route] = []
    page.route(lambda url: url == address, lambda route: asked.append(route))
    with page.expect_request(address):
        page.evaluate(f"() => {{ setTimeout({begin}) }}")
    yield
    with page.expect_navigation():
        asked[0].continue_()


def test_written_without_signal_it_outlives_a_dead_phone_and_is_sent_once_by_itself(
    own_phone: Owned, site: Site
):
    text = "渠边护栏断了一截，没有信号时写的"
    page = own_phone.switch_on()
    page.goto("/")
    until_kept(page)
    own_phone.context.set_offline(True)  # type: ignore[union-attr]
    write(page, text)
    send(page)
    expect(page.locator("#told")).to_contain_text("已存在本机")
    own_phone.kill()

    page = own_phone.switch_on(offline=True)
    page.goto("/")
    expect(page.locator("#outbox")).to_contain_text("1 条待发送")
    assert raised_as(site, text) == []
    own_phone.context.set_offline(False)  # type: ignore[union-attr]

    expect(page.locator("#mine")).to_contain_text("我的哨")
    expect(page.locator("#outbox")).to_be_hidden()
    (number,) = raised_as(site, text)
    whistle = site.tracker.whistle(number)
    assert whistle.occurred_at < whistle.registered_at == whistle.clocks["respond"].started_at
    page.click("#mine summary")
    expect(page.locator("#mine")).to_contain_text(number)
    page.get_by_role("button", name="看进度").click()
    expect(page.locator(".code b")).to_have_text(number)
    expect(page.locator(".photos img")).to_have_count(1)


def test_words_that_waited_go_without_a_picture_that_the_city_cannot_open(phone: Page, site: Site):
    text = "渠边护栏断了一截，照片是别的格式"
    phone.goto("/")

    phone.evaluate(WITH_A_BROKEN_PICTURE, text)

    expect(phone.locator("#mine")).to_be_visible()
    (number,) = raised_as(site, text)
    assert site.tracker.whistle(number).photos == 0
    phone.click("#mine summary")
    expect(phone.locator("#mine li")).to_contain_text("有照片打不开")


def test_a_tab_killed_while_typing_gives_the_draft_back(own_phone: Owned):
    page = own_phone.switch_on()
    page.goto("/")
    write(page, "写到一半")
    page.get_by_text("比较急").click()
    until(lambda: (page.evaluate(DRAFT) or {}).get("urgency") == "U2", lambda: page.evaluate(DRAFT))
    own_phone.kill()

    page = own_phone.switch_on()
    page.goto("/")

    expect(page.locator("#text")).to_have_value("写到一半")
    expect(page.locator("#grid")).to_have_value(GRID)
    expect(page.locator("input[name=urgency][value=U2]")).to_be_checked()
    expect(page.locator(".shot img")).to_be_visible()


def test_an_answer_that_was_lost_leaves_one_whistle_and_its_code_on_the_phone(
    own_phone: Owned, site: Site
):
    text = "路口信号灯全黑，回答丢了"
    page = own_phone.switch_on()
    page.goto("/")
    until_kept(page)
    write(page, text)
    with answers_lost(page, "/api/v1/photos") as photos:
        send(page)
        expect(page.locator("#told")).to_contain_text("已存在本机")
    with answers_lost(page, "/api/v1/whistles") as whistles:
        page.goto("/")
        until(lambda: is_there(page) and whistles, lambda: "the whistle was not sent")
    (number,) = raised_as(site, text)
    own_phone.kill()

    page = own_phone.switch_on()
    page.goto("/")

    expect(page.locator("#mine")).to_contain_text("我的哨")
    assert len(photos) >= 1 and len(whistles) >= 1
    assert raised_as(site, text) == [number]
    page.click("#mine summary")
    page.get_by_role("button", name="看进度").click()
    expect(page.locator(".code b")).to_have_text(number)


def test_two_tabs_over_one_outbox_send_each_once_and_both_tell_what_became_of_it(
    own_phone: Owned, site: Site
):
    texts = ["第一个标签页里写的井盖", "第二个标签页里写的路灯"]
    phone = own_phone.switch_on()
    tabs = [phone, phone.context.new_page()]
    for tab in tabs:
        tab.goto("/")
        until_kept(tab)
    phone.context.set_offline(True)
    for tab, text in zip(tabs, texts, strict=True):
        write(tab, text, photo=False)
        send(tab)
        expect(tab.locator("#told")).to_contain_text("已存在本机")
    for tab in tabs:
        expect(tab.locator("#outbox")).to_contain_text("2 条待发送")
    asked: list[str] = []
    phone.context.on("request", lambda r: asked.append(r.url) if r.method == "POST" else None)

    phone.context.set_offline(False)

    for tab in tabs:
        expect(tab.locator("#mine [data-count]")).to_have_text("2")
        expect(tab.locator("#outbox")).to_be_hidden()
        tab.click("#mine summary")
        expect(tab.locator("#mine .fours")).to_have_count(2)
    assert [len(raised_as(site, text)) for text in texts] == [1, 1]
    assert [url for url in asked if url.endswith("/whistles")] == [
        f"{site.base}/api/v1/whistles"
    ] * 2


def test_a_tab_closed_without_signal_leaves_it_to_the_service_worker(own_phone: Owned, site: Site):
    texts = ["标签页关了才有信号的井盖", UNSEEN]
    page = own_phone.switch_on(wakes=True)
    page.goto("/")
    until_kept(page)
    own_phone.context.set_offline(True)  # type: ignore[union-attr]
    write(page, texts[0])
    send(page)
    expect(page.locator("#outbox")).to_contain_text("1 条待发送")
    page.fill("#text", texts[1])
    send(page)
    expect(page.locator("#outbox")).to_contain_text("2 条待发送")
    until(lambda: page.evaluate(WAITS_TO_WAKE) == ["outbox"], lambda: page.evaluate(WAITS_TO_WAKE))
    woken = Woken(page.context.new_page())
    page.close()
    assert [raised_as(site, text) for text in texts] == [[], []]

    own_phone.context.set_offline(False)  # type: ignore[union-attr]
    woken.by("outbox")

    until(lambda: len(raised_as(site, texts[0])) == 1, lambda: raised_as(site, texts[0]))
    page = own_phone.context.new_page()  # type: ignore[union-attr]
    page.goto("/")
    expect(page.locator("#mine [data-count]")).to_have_text("1")
    expect(page.locator("#outbox [data-why=refused]")).to_be_visible()
    assert [len(raised_as(site, text)) for text in texts] == [1, 0]


class Woken:
    """The service worker, to be woken as the browser does when there is signal again."""

    def __init__(self, blank: Page) -> None:
        self.blank, self.session = blank, blank.context.new_cdp_session(blank)
        self.known: list[dict[str, str]] = []
        self.session.on(
            "ServiceWorker.workerRegistrationUpdated",
            lambda told: self.known.extend(told["registrations"]),
        )
        self.session.send("ServiceWorker.enable")

    def by(self, tag: str) -> None:
        until(lambda: is_there(self.blank) and self.known, lambda: "no service worker is known")
        (one,) = {one["registrationId"]: one for one in self.known}.values()
        about = {"origin": one["scopeURL"], "registrationId": one["registrationId"]}
        self.session.send(
            "ServiceWorker.dispatchSyncEvent", {**about, "tag": tag, "lastChance": False}
        )


def test_a_code_that_the_city_does_not_know_is_not_called_a_lack_of_signal(own_phone: Owned):
    phone = own_phone.switch_on()
    phone.goto("/")
    until_kept(phone)
    write(phone, "码被改坏的那一件", photo=False)
    send(phone)
    expect(phone.locator("h1")).to_have_text("哨已收到")
    phone.goto("/")
    phone.click("#mine summary")

    phone.context.set_offline(True)
    phone.get_by_role("button", name="看进度").click()
    expect(phone.locator("#mine .away")).to_be_visible()
    phone.context.set_offline(False)
    phone.evaluate(OTHER_CODES)
    phone.get_by_role("button", name="看进度").click()

    expect(phone.locator("#mine .unknown")).to_be_visible()
    expect(phone.locator("#mine .away")).to_be_hidden()


def test_what_waits_for_the_person_says_why_and_is_sent_once_put_right(
    own_phone: Owned, site: Site
):
    page = own_phone.switch_on()
    page.goto("/")
    until_kept(page)
    own_phone.context.set_offline(True)  # type: ignore[union-attr]
    page.fill("#text", UNSEEN)
    send(page)
    expect(page.locator("#told")).to_contain_text("已存在本机")
    own_phone.context.set_offline(False)  # type: ignore[union-attr]

    expect(page.locator("#outbox [data-why=refused]")).to_be_visible()
    page.click("#outbox summary")
    expect(page.locator("#outbox [data-reason]")).to_contain_text("没有文字")
    page.get_by_role("button", name="改了再发").click()
    expect(page.locator("#text")).to_have_value(UNSEEN)
    page.fill("#text", "没看见字的那一件")
    send(page)

    expect(page.locator("h1")).to_have_text("哨已收到")
    assert len(raised_as(site, "没看见字的那一件")) == 1


def test_written_under_an_account_it_waits_until_that_account_signs_in_again(
    own_phone: Owned, site: Site
):
    text = "网格员夜里写的"
    page = own_phone.switch_on()
    sign_in(page, WORKER)
    page.goto("/")
    until_kept(page)
    own_phone.context.set_offline(True)  # type: ignore[union-attr]
    page.goto("/")
    write(page, text)
    send(page)
    expect(page.locator("#told")).to_contain_text("已存在本机")
    own_phone.context.clear_cookies(name="shaodao_session")  # type: ignore[union-attr]
    own_phone.context.set_offline(False)  # type: ignore[union-attr]

    expect(page.locator("#outbox [data-why=sign-in]")).to_be_visible()
    assert raised_as(site, text) == []
    sign_in(page, WORKER)
    page.goto("/")

    expect(page.locator("#outbox")).to_be_hidden()
    expect(page.locator("#mine")).to_contain_text("1")
    (number,) = raised_as(site, text)
    assert site.tracker.whistle(number).reporter == WORKER


def test_signing_out_leaves_no_page_and_no_name_on_the_phone(phone: Page):
    sign_in(phone, WORKER)
    phone.goto("/")
    until_kept(phone)
    phone.goto("/grid")
    assert "/account" in phone.evaluate(KEPT)

    phone.evaluate("() => document.querySelector('form[action=\"/logout\"]').submit()")
    phone.wait_for_url("**/login")

    until(lambda: "/shell" in phone.evaluate(KEPT), lambda: phone.evaluate(KEPT))
    kept = phone.evaluate(KEPT)
    assert {path for path in kept if not path.startswith(("/assets/", "/map/"))} == {
        "/shell",
        "/offline",
    }


def test_a_browser_that_keeps_nothing_sends_the_form_as_it_always_was(phone: Page, site: Site):
    phone.add_init_script("IDBFactory.prototype.open = () => { throw new Error('private'); };")
    phone.goto("/")
    phone.fill("#text", "隐私窗口里写的")

    send(phone)

    expect(phone.locator("h1")).to_have_text("哨已收到")
    assert len(raised_as(site, "隐私窗口里写的")) == 1
