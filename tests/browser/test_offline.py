"""Without signal: what was said on this phone is neither lost nor sent twice."""

from playwright.sync_api import Page, expect

from tests.browser.site import Site

READY = "() => navigator.serviceWorker.ready.then(() => !!navigator.serviceWorker.controller)"


def test_the_raise_page_opens_without_signal_and_other_pages_say_that_there_is_none(
    phone: Page, site: Site
):
    phone.goto("/")
    phone.wait_for_function(READY)

    phone.context.set_offline(True)
    phone.goto("/")
    expect(phone.locator("#raise")).to_be_visible()
    phone.goto("/p")

    expect(phone.locator("h1")).to_have_text("现在没有网络")
