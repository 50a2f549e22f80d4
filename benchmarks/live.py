"""A full board in a busy hour: 500 open whistles, 20 changes a second, one dispatcher watching.

    python -m benchmarks.live

Real processes; this one makes the changes with real commands; Chromium at full processor speed. A
task is long from 50 ms, as the browser defines it: input waits meanwhile. A jump is the browser's
layout shift: something visible moved without an action of the user.
"""

import os
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import Page, sync_playwright

from benchmarks.http import PASSWORD, SECRET, prepare, serving
from benchmarks.screens import CHROMIUM
from benchmarks.store import database, server
from tests.browser.crowd import SECOND, Crowd
from tracker.commands.tracker import Tracker
from tracker.projections.engine.positions import wait_for
from tracker.settings import Settings

MANY, SECONDS = 500, 20
TARGET = 200.0  # ms
READER = "dispatcher-cp01"
BOARD = f"/post/CP01?rows={MANY}"
WATCH = """
() => {
  window.tasks = [];
  window.shift = 0;
  const watch = (type, take) =>
    new PerformanceObserver(list => list.getEntries().forEach(take)).observe({ type });
  watch("longtask", task => window.tasks.push(task.duration));
  watch("layout-shift", one => window.shift += one.hadRecentInput ? 0 : one.value);
}
"""
STANDS = "position => Number(document.querySelector('.work').dataset.stands) >= position"
MIDDLE = "() => [...document.querySelectorAll('tr[data-href]')][250].id"


@dataclass
class Seen:
    """Long tasks in ms and the sum of shifts: during the changes, and when the news was shown."""

    tasks: list[float]
    shift: float
    letting_in: list[float]
    load: float


def main() -> None:
    with server() as dsn, database(dsn, "bench_live") as own, TemporaryDirectory() as var:
        prepare(own)
        with serving(own, Path(var)) as port, Tracker(settings(own), name="bench") as tracker:
            crowd = Crowd(tracker)
            crowd.gather(MANY)
            with tracker.connection() as connection:
                assert wait_for(connection, "board", crowd.position, timeout=60)
            print(as_markdown(looked_at(f"http://127.0.0.1:{port}", crowd), crowd))


def settings(dsn: str) -> Settings:
    return Settings(database_url=dsn, secret_key=SECRET)


def looked_at(site: str, crowd: Crowd) -> Seen:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"]
        )
        page = browser.new_page(viewport={"width": 1440, "height": 900}, locale="zh-CN")
        sit_down(page, site, crowd)
        load = os.getloadavg()[0]
        with crowd.busy(SECONDS):
            pass
        page.wait_for_function(STANDS, arg=crowd.position)
        tasks, shift = page.evaluate("[window.tasks.splice(0), window.shift]")
        page.click("#pill")
        page.wait_for_selector("#pill", state="hidden")
        page.wait_for_load_state("networkidle")
        letting_in = page.evaluate("window.tasks")
        browser.close()
    return Seen(tasks, shift, letting_in, load)


def sit_down(page: Page, site: str, crowd: Crowd) -> None:
    """Open the board, select a row in the middle, and wait until the page is idle."""
    page.goto(f"{site}/login")
    page.fill("#username", READER)
    page.fill("#password", PASSWORD)
    page.click("main button")
    page.wait_for_url("**/post/**")
    page.goto(site + BOARD)
    middle = page.evaluate(MIDDLE)
    crowd.kept.add(middle)
    page.click(f"[id={middle}] a.t")
    page.wait_for_selector(f"#pane[data-number={middle}]")
    page.evaluate("() => new Promise(done => requestIdleCallback(done))")
    page.evaluate(WATCH)


def as_markdown(seen: Seen, crowd: Crowd) -> str:
    lines = [
        f"## A full board ({MANY} open whistles, {len(SECOND)} changes/s for {SECONDS} s)",
        "",
        "| | longest task ms | tasks over 50 ms | shift | target | |",
        "|---|---:|---:|---:|---:|---|",
        f"| while it changes | {row(seen.tasks)} | {seen.shift:.3f} | {verdict(seen)} |",
        f"| the news let in | {row(seen.letting_in)} | | | |",
        "",
        f"{len(crowd.changed) + len(crowd.gone)} rows renewed, {len(crowd.new)} new ones waited; "
        f"load average {seen.load:.1f} at the start, {datetime.now(UTC):%Y-%m-%d}.",
        "",
    ]
    return "\n".join(lines)


def row(tasks: list[float]) -> str:
    longest = f"{max(tasks):,.0f}" if tasks else "< 50"
    return f"{longest} | {len(tasks)}"


def verdict(seen: Seen) -> str:
    met = max(seen.tasks, default=0) <= TARGET and seen.shift == 0
    return f"≤ {TARGET:.0f}, 0 | {'met' if met else '**missed**'}"


if __name__ == "__main__":
    main()
