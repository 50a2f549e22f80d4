"""What a page costs on a weak signal, read off the wire, with all that comes behind the page."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import PHONE
from tests.browser.crowd import Crowd
from tests.browser.people import GRID, shown, sign_in
from tests.browser.site import Site
from tests.browser.wire import Wire, wire_to

KEPT = "() => Boolean(navigator.serviceWorker.controller)"


@pytest.fixture
def wire(site: Site) -> Iterator[Wire]:
    with wire_to(site.base) as counting:
        yield counting


@pytest.fixture
def far_phone(browser: Browser, wire: Wire) -> Iterator[Page]:
    """A fresh phone at the far end of the wire."""
    context = browser.new_context(base_url=wire.base, **PHONE)
    yield context.new_page()
    context.close()


def test_the_raise_page_is_small_and_costs_nothing_the_second_time(far_phone: Page, wire: Wire):
    far_phone.goto("/")
    far_phone.wait_for_function(KEPT)
    far_phone.wait_for_load_state("networkidle")
    first = wire.kilobytes()

    far_phone.goto("/", wait_until="networkidle")
    far_phone.locator("#raise").wait_for()
    again = wire.kilobytes()

    print(f"raise: {first:.1f} KB with what the phone keeps, {again:.1f} KB the second time")
    assert first <= 60
    assert again <= 1  # whether there is a newer service worker: an answer without a body


def test_the_progress_page_is_small(far_phone: Page, wire: Wire, site: Site):
    page = far_phone
    page.goto("/")
    page.fill("#text", "路边石松动")
    page.select_option("#grid", GRID)
    page.click("[data-send]")
    page.locator("#code").wait_for()
    cookies = page.context.cookies()
    fresh = page.context.browser.new_context(  # type: ignore[union-attr]
        base_url=wire.base, **{**PHONE, "java_script_enabled": False}
    )
    fresh.add_cookies(cookies)  # type: ignore[arg-type]
    wire.kilobytes()

    fresh.new_page().goto("/p", wait_until="networkidle")

    spent = wire.kilobytes()
    fresh.close()
    print(f"progress: {spent:.1f} KB")
    assert 5 < spent <= 30


def test_a_queue_with_a_full_page_of_rows_is_small(far_phone: Page, wire: Wire, site: Site):
    crowd = Crowd(site.tracker)
    crowd.gather(60)
    shown(site, crowd.position)
    sign_in(far_phone, "dispatcher-cp01")
    fresh = far_phone.context.browser.new_context(base_url=wire.base)  # type: ignore[union-attr]
    fresh.add_cookies(far_phone.context.cookies())  # type: ignore[arg-type]
    wire.kilobytes()

    page = fresh.new_page()
    page.goto("/post/CP01")
    expect(page.locator("#live.on")).to_have_count(1)

    spent = wire.kilobytes()
    assert page.locator("table.q tbody tr").count() == 30
    fresh.close()
    print(f"queue: {spent:.1f} KB")
    assert 20 < spent <= 60
