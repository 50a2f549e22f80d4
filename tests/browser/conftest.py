"""`site`, one for the tests of a file; `phone`, `desk`, `plain_phone` (no scripts) to open it."""

from collections.abc import Generator, Iterator
from pathlib import Path
from shutil import which
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.browser.site import Site, site_on
from tests.browser.witness import pages_of, sight_of
from tests.waiting import PATIENCE

expect.set_options(timeout=PATIENCE * 1000)

CHROMIUM = which("chromium") or which("chromium-browser") or "/usr/bin/chromium"
QUIETLY = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PHONE: dict[str, Any] = {
    "viewport": {"width": 390, "height": 844},
    "is_mobile": True,
    "has_touch": True,
    "locale": "zh-CN",
    "timezone_id": "Asia/Shanghai",
}
DESK: dict[str, Any] = {
    "viewport": {"width": 1440, "height": 900},
    "locale": "zh-CN",
    "timezone_id": "Asia/Shanghai",
}


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.when == "call" and report.failed:
        report.sections += [("a page at the end", sight_of(page)) for page in pages_of(item)]
    return report


@pytest.fixture(scope="module")
def site(module_city: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    var: Path = tmp_path_factory.mktemp("var")
    with site_on(module_city, var) as running:
        yield running


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIETLY)
        yield running
        running.close()


@pytest.fixture
def phone(browser: Browser, site: Site) -> Iterator[Page]:
    yield from opened(browser, site, PHONE)


@pytest.fixture
def plain_phone(browser: Browser, site: Site) -> Iterator[Page]:
    """A phone whose browser runs no script."""
    yield from opened(browser, site, {**PHONE, "java_script_enabled": False})


@pytest.fixture
def desk(browser: Browser, site: Site) -> Iterator[Page]:
    yield from opened(browser, site, DESK)


@pytest.fixture
def another_desk(browser: Browser, site: Site) -> Iterator[Page]:
    yield from opened(browser, site, DESK)


def opened(browser: Browser, site: Site, options: dict[str, Any]) -> Iterator[Page]:
    """A fresh profile. What its console complains of, or asks of other hosts, fails the test."""
    context = browser.new_context(base_url=site.base, **options)
    context.set_default_timeout(PATIENCE * 1000)
    complaints: list[str] = []
    page = context.new_page()
    page.on("console", lambda m: complaints.append(m.text) if m.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("request", lambda r: None if of(site, r.url) else complaints.append(r.url))
    yield page
    context.close()
    assert [c for c in complaints if not is_answer(c)] == []


def of(site: Site, url: str) -> bool:
    return url.startswith((site.base, "blob:", "data:"))


def is_answer(complaint: str) -> bool:
    """A refusal answered with 4xx is told in the console too; the page itself shows it in words."""
    return complaint.startswith("Failed to load resource: the server responded with a status of 4")
