"""Five hundred open whistles on one board, and twenty changes a second while somebody looks on."""

from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.crowd import SOON, Crowd
from tests.browser.people import pooled, shown, sign_in
from tests.browser.site import Site

MANY, SECONDS = 500, 5
# Every shift of what is seen that nobody's own hand caused, and the row that must stay the same.
WATCH = """
row => {
  window.row = document.getElementById(row);
  window.jumps = [];
  new PerformanceObserver(list => window.jumps.push(
    ...list.getEntries().filter(one => !one.hadRecentInput)
      .map(one => one.sources.map(s => s.node?.parentNode?.outerHTML?.slice(0, 200) ?? "?").join())
  )).observe({ type: "layout-shift" });
}
"""
HEIGHT = "() => window.row.getBoundingClientRect().y"
KEPT = """
() => window.row.isConnected && window.row.getAttribute("aria-selected") === "true"
  && document.activeElement === window.row.querySelector("a.t")
"""
STANDS = "position => Number(document.querySelector('.work').dataset.stands) >= position"
PLACEHOLDER = "() => getComputedStyle(document.getElementById('pager'), '::after').opacity === '1'"
# A row as [number, version, what it says of its state]: of the open list, and of one asked for now.
OPEN = """
() => [...document.querySelectorAll("table.q tbody tr")].filter(row => !row.dataset.gone)
  .map(row => [row.id, row.dataset.version, row.querySelector(".m").textContent])
"""
ASKED = """
async () => {
  const answer = await (await fetch(location.href)).text();
  const page = new DOMParser().parseFromString(answer, "text/html");
  return [...page.querySelectorAll("table.q tbody tr")]
    .map(row => [row.id, row.dataset.version, row.querySelector(".m").textContent]);
}
"""


@pytest.fixture(scope="module")
def crowd(site: Site) -> Crowd:
    crowd = Crowd(site.tracker)
    crowd.gather(MANY)
    shown(site, crowd.position)
    return crowd


def rows_of(page: Page, script: str) -> list[list[Any]]:
    rows: list[list[Any]] = page.evaluate(script)
    return rows


def test_a_full_board_stands_still_while_everything_on_it_changes(
    desk: Page, crowd: Crowd, site: Site
):
    sign_in(desk, "dispatcher-cp01")
    held: list[Route] = []
    desk.route("**/post/CP01?rows=200*", lambda route: held.append(route))
    with desk.expect_request("**/post/CP01?rows=200*"):
        desk.locator(".scroll").evaluate("list => list.scrollTo(0, list.scrollHeight)")
    desk.wait_for_function(PLACEHOLDER)
    expect(desk.locator("table.q tbody tr")).to_have_count(30)
    held[0].continue_()
    desk.unroute_all()
    for so_many in (200, MANY):
        expect(desk.locator("table.q tbody tr")).to_have_count(so_many)
        desk.locator(".scroll").evaluate("list => list.scrollTo(0, list.scrollHeight)")
    expect(desk).to_have_url(f"{site.base}/post/CP01?rows={MANY}")
    assert desk.evaluate("document.documentElement.scrollHeight - innerHeight") == 0
    middle = rows_of(desk, OPEN)[MANY // 2][0]
    crowd.kept.add(middle)
    desk.locator(f"[id={middle}] a.t").click()
    expect(desk.locator(f"#pane[data-number={middle}]")).to_be_visible()
    before = [row[0] for row in rows_of(desk, OPEN)]
    desk.evaluate(WATCH, middle)
    y = desk.evaluate(HEIGHT)

    with crowd.busy(SECONDS):
        pass
    desk.wait_for_function(STANDS, arg=crowd.position)

    assert desk.evaluate("window.jumps") == []
    assert desk.evaluate(HEIGHT) == y
    assert desk.evaluate(KEPT)
    standing, asked = rows_of(desk, OPEN), {row[0]: row for row in rows_of(desk, ASKED)}
    assert [row[0] for row in standing] == [row for row in before if row not in crowd.gone]
    assert all(row == asked[row[0]] for row in standing if row[0] in asked)
    waiting = asked.keys() - set(before)
    assert waiting <= set(crowd.new)
    expect(desk.locator("#pill")).to_have_text(f"{len(waiting)} 条新哨")
    for number in crowd.gone:
        expect(desk.locator(f"[id={number}] .lost")).to_contain_text("现在：已撤回")

    desk.locator("#pill").click()

    expect(desk.locator("#pill")).to_be_hidden()
    assert rows_of(desk, OPEN) == rows_of(desk, ASKED)
    expect(desk.locator("#pane")).to_have_attribute("data-number", middle)


def test_without_scripts_a_link_shows_more_of_the_list(plain_phone: Page, crowd: Crowd):
    sign_in(plain_phone, "dispatcher-cp01")
    rows = plain_phone.locator("table.q tbody tr")
    expect(rows).to_have_count(30)

    plain_phone.get_by_role("link", name="再多显示一些").click()

    expect(rows).to_have_count(200)


def test_a_units_first_rows_are_the_most_pressing_of_its_own_and_of_the_pool(
    plain_phone: Page, crowd: Crowd, site: Site
):
    for number in [crowd.come(SOON) for _ in range(35)]:
        crowd.give("intake-cp01", "classify", number, category=SOON)
        crowd.give("dispatcher-cp01", "dispatch", number, lead="U01")
    last = pooled(site, "不急的一件")
    sign_in(plain_phone, "liaison-u01")
    plain_phone.goto("/unit")
    rows = plain_phone.locator("table.q tbody tr")

    expect(rows).to_have_count(30)
    expect(plain_phone.locator(f"[id={last}]")).to_have_count(0)
    plain_phone.get_by_role("link", name="再多显示一些").click()

    expect(plain_phone.locator(f"[id={last}]")).to_have_count(1)
    due = rows.locator(".due time").evaluate_all("all => all.map(one => one.dateTime)")
    assert due == sorted(due)
