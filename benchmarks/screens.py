"""The raise page on a slow phone: Chromium simulates slow 3G and a four times slower processor.

    python -m benchmarks.screens

Slow 3G is 400 kbit/s with a 400 ms round trip (WebPageTest's profile of that name). Interactive
means that the page's scripts have run: photos, place and outbox can be used. Each first load uses a
fresh profile; each second load uses a browser that has cached the page.
"""

import statistics
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import which
from tempfile import TemporaryDirectory

from playwright.sync_api import Browser, CDPSession, Page, sync_playwright

from benchmarks.http import prepare, serving
from benchmarks.store import database, server

ROUNDS = 5
TARGET = 2_000.0  # ms
SLOWER = 4
SLOW_3G = {
    "offline": False,
    "latency": 400,
    "downloadThroughput": 400_000 / 8,
    "uploadThroughput": 400_000 / 8,
}
PHONE = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True}
CHROMIUM = which("chromium") or "/usr/bin/chromium"
# Modules run before DOMContentLoaded, so after it all of the page's scripts have run.
TIMES = """
() => {
  const [page] = performance.getEntriesByType("navigation");
  const assets = performance.getEntriesByType("resource");
  const [paint] = performance.getEntriesByName("first-contentful-paint");
  const sent = [page, ...assets].reduce((sum, entry) => sum + entry.transferSize, 0);
  return [paint?.startTime ?? 0, page.domContentLoadedEventEnd, sent / 1024];
}
"""
Loaded = tuple[float, float, float]  # ms until painted, ms until interactive, KB on the wire


def main() -> None:
    with server() as dsn, database(dsn, "bench_screens") as own, TemporaryDirectory() as var:
        prepare(own)
        with serving(own, Path(var)) as port, sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"]
            )
            loads = [both_loads(browser, f"http://127.0.0.1:{port}/") for _ in range(ROUNDS)]
            browser.close()
    print(as_markdown([first for first, _ in loads], [again for _, again in loads]))


def both_loads(browser: Browser, address: str) -> tuple[Loaded, Loaded]:
    with phone(browser) as page:
        first = load(page, address)
        page.evaluate("navigator.serviceWorker.ready.then(() => true)")
        page.goto("about:blank")
        return first, load(page, address)


@contextmanager
def phone(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(locale="zh-CN", **PHONE)  # type: ignore[arg-type]
    page = context.new_page()
    slow_down(context.new_cdp_session(page))
    yield page
    context.close()


def slow_down(session: CDPSession) -> None:
    session.send("Network.enable")
    session.send("Network.emulateNetworkConditions", SLOW_3G)
    session.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})


def load(page: Page, address: str) -> Loaded:
    page.goto(address, wait_until="load", timeout=60_000)
    painted, interactive, kilobytes = page.evaluate(TIMES)
    return painted, interactive, kilobytes


def as_markdown(first: list[Loaded], again: list[Loaded]) -> str:
    verdict = "met" if middle(first, 1) < TARGET else "**missed**"
    return "\n".join(
        [
            f"## The raise page (slow 3G, {SLOWER} × slower processor, median of {ROUNDS})",
            "",
            "| load | painted ms | interactive ms | on the wire KB | target | |",
            "|---|---:|---:|---:|---:|---|",
            f"| first | {row(first)} | < {TARGET:,.0f} | {verdict} |",
            f"| after that | {row(again)} | | |",
            "",
        ]
    )


def row(loads: list[Loaded]) -> str:
    return f"{middle(loads, 0):,.0f} | {middle(loads, 1):,.0f} | {middle(loads, 2):.1f}"


def middle(loads: list[Loaded], at: int) -> float:
    return statistics.median(load[at] for load in loads)


if __name__ == "__main__":
    main()
