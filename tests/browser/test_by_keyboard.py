"""Without a pointer: raise, sign in, look for help and come back; and the page one was on stays."""

from playwright.sync_api import Page, expect

from tests.browser.people import dispatched, sign_in
from tests.browser.site import Site
from tests.made_of import DEMO_PASSWORD


def tab_to(page: Page, wanted: str, at_most: int = 40) -> None:
    """Press Tab until the keyboard is at what the selector names."""
    for _ in range(at_most):
        page.keyboard.press("Tab")
        if page.evaluate("wanted => document.activeElement.matches(wanted)", wanted):
            return
    raise AssertionError(f"the keyboard never came to {wanted}")


def test_a_resident_raises_by_keyboard_alone(desk: Page, site: Site):
    desk.goto("/")

    tab_to(desk, "#text")
    desk.keyboard.type("人行道的井盖翘起来了")
    tab_to(desk, "input[name=urgency]")
    desk.keyboard.press("ArrowRight")
    tab_to(desk, "button[form=raise]")
    desk.keyboard.press("Enter")

    expect(desk.locator("h1")).to_have_text("哨已收到")


def test_the_first_stop_of_the_keyboard_leads_past_the_head(desk: Page):
    desk.goto("/p")
    desk.locator("#code").evaluate("field => field.blur()")

    tab_to(desk, ".skip")
    desk.keyboard.press("Enter")

    expect(desk).to_have_url("/p#main")


def test_a_unit_signs_in_asks_for_help_and_is_back_where_it_was(desk: Page, site: Site):
    dispatched(site, "路口的护栏倒了")
    desk.goto("/login")
    desk.keyboard.type("liaison-u01")
    desk.keyboard.press("Tab")
    desk.keyboard.type(DEMO_PASSWORD)
    desk.keyboard.press("Enter")
    expect(desk).to_have_url(f"{site.base}/unit")
    desk.wait_for_load_state()
    desk.keyboard.press("j")
    selected = desk.locator("tr[aria-selected=true] a.t")
    expect(selected).to_be_focused()

    desk.keyboard.press("?")
    expect(desk.locator("dialog[open]")).to_be_visible()
    desk.keyboard.press("Escape")

    expect(desk.locator("dialog[open]")).to_have_count(0)
    expect(selected).to_be_focused()


def test_another_language_keeps_the_page_and_what_it_was_asked(desk: Page, site: Site):
    number = dispatched(site, "花坛里有垃圾")
    sign_in(desk, "liaison-u01")
    desk.goto(f"/unit?q=花坛&w={number}")

    desk.get_by_role("button", name="English").click()

    expect(desk.locator("html")).to_have_attribute("lang", "en")
    expect(desk.locator("input[type=search]")).to_have_value("花坛")
    expect(desk.locator("#pane")).to_contain_text("花坛里有垃圾")


def test_a_moment_in_words_tells_the_exact_one_on_demand(desk: Page, site: Site):
    number = dispatched(site, "路灯杆歪了")
    sign_in(desk, "liaison-u01")
    desk.goto(f"/unit?w={number}")

    times = desk.locator(f"[id={number}] time, .rail .passed time")

    assert times.count() > 1
    for one in times.all():
        assert one.get_attribute("datetime") and one.get_attribute("title")
