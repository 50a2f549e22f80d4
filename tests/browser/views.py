"""Every page and state that people may see, in one table: VIEWS.

A new page or state is one line: who looks at it, where, and what they do there first.
test_access.py inspects each in both themes and languages; `--shots FOLDER` keeps their pictures.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from playwright.sync_api import Page

from tests.browser.people import HELP, WORKER, sign_in
from tests.browser.scene import PLACE, Scene

Step = Callable[[Page, Scene], object]


@dataclass(frozen=True)
class View:
    """`at` names what the scene has by its {name}; `then` brings the page into its state."""

    name: str
    who: str | None
    at: str
    then: Step | None = None
    cookies: Mapping[str, str] = field(default_factory=dict)


def send_nothing(page: Page, scene: Scene) -> None:
    page.locator("#raise").evaluate("form => form.submit()")
    page.locator(".say:not(.danger)").wait_for()


def write_of_danger(page: Page, scene: Scene) -> None:
    page.fill("#text", "路口井盖不见了")
    page.locator(".danger").wait_for()


def point_on_the_map(page: Page, scene: Scene) -> None:
    page.locator("[data-point]").click()
    page.locator("[data-map-here] svg").first.wait_for()


def lose_signal(page: Page, scene: Scene) -> None:
    page.context.set_offline(True)
    page.fill("#text", "雨水井堵了")
    page.locator("button[form=raise]").click()
    page.locator("#outbox li").first.wait_for(state="attached")
    page.locator("#outbox details").evaluate("details => { details.open = true }")


def say_what_others_said(page: Page, scene: Scene) -> None:
    page.fill("#address", PLACE)
    page.locator(f"input[name=category][value={HELP}]").evaluate("radio => radio.click()")
    page.fill("#text", "我也看到了")
    page.locator(".offers").wait_for()


def raise_one(page: Page, scene: Scene) -> None:
    page.fill("#text", "路口井盖不见了")
    page.locator("button[form=raise]").click()
    page.locator(".receipt").wait_for()


def ask_with(code: str) -> Step:
    def asking(page: Page, scene: Scene) -> None:
        page.fill("#code", getattr(scene, code, code))
        page.locator("main button.primary").click()
        page.locator(".hero, .say").first.wait_for()

    return asking


def mistype(page: Page, scene: Scene) -> None:
    page.fill("#username", "nobody-here")
    page.fill("#password", "wrong")
    page.locator("main button").click()
    page.locator(".say").wait_for()


def ask_for_help(page: Page, scene: Scene) -> None:
    page.keyboard.press("?")
    page.locator("dialog[open]").wait_for()


def opening(*ids: str) -> Step:
    def unfold(page: Page, scene: Scene) -> None:
        for one in ids:
            page.locator(one).first.evaluate("details => { details.open = true }")

    return unfold


def wait_for_sign_in(page: Page, scene: Scene) -> None:
    """Written under an account, sent when nobody is signed in any more."""
    sign_in(page, WORKER)
    page.goto("/")
    lose_signal(page, scene)
    page.context.clear_cookies(name="shaodao_session")
    find_signal(page)


def be_refused_later(page: Page, scene: Scene) -> None:
    """Something that only the server finds out: the address is too long."""
    page.locator("#address").evaluate("field => { field.value = '路'.repeat(201) }")
    lose_signal(page, scene)
    find_signal(page)


def find_signal(page: Page) -> None:
    page.context.set_offline(False)
    page.locator("#outbox[data-needs] li").first.wait_for()


def check_in_without_evidence(page: Page, scene: Scene) -> None:
    page.get_by_role("button", name=re.compile("^(报到|Check in)$")).click()
    page.locator(".say:visible").wait_for()


def put_on_paper(page: Page, scene: Scene) -> None:
    page.emulate_media(media="print")


def come_too_late(page: Page, scene: Scene) -> None:
    """What an offline check finds whose whistle somebody else has checked since."""
    page.locator("#late").evaluate("""template => {
        const box = template.content.cloneNode(true).firstElementChild;
        box.querySelector("[data-detail]").textContent = "已由 verifier-cp01 核查:通过";
        box.querySelector("[data-remedy]").textContent = "看到的若不一样,用“补充”写进这件哨";
        document.querySelector("main").prepend(box);
    }""")


def mistype_in_table(name: str, wrong: str) -> Step:
    """The browser would have stopped it; who has no such browser is told by the page."""

    def mistyping(page: Page, scene: Scene) -> None:
        page.locator("form.card").evaluate("form => { form.noValidate = true }")
        page.fill(f"#{name}", wrong)
        page.locator("button[value=preview]").click()
        page.locator(f"#{name}-oops").wait_for()

    return mistyping


def days_off(first: str, last: str, shown: str) -> Step:
    def write(page: Page, scene: Scene) -> None:
        page.fill("#first-1", first)
        page.fill("#last-1", last)
        page.select_option("#kind-1", "holiday")
        page.locator("button[value=preview]").click()
        page.locator(shown).wait_for()

    return write


def take_a_code_again(page: Page, scene: Scene) -> None:
    page.fill("#code", "U01")
    page.fill("#name", "蒙自市公园管理中心")
    page.locator("button[value=preview]").click()
    page.locator("#code-oops").wait_for()


def paste_no_border(page: Page, scene: Scene) -> None:
    page.fill("#parts", '{"type": "Point", "coordinates": [103.4, 23.4]}')
    page.locator("button[value=preview]").click()
    page.locator("#parts-oops").wait_for()


VIEWS = (
    View("raise", None, "/"),
    View("raise-refused", None, "/", send_nothing),
    View("raise-danger", None, "/", write_of_danger),
    View("raise-all-open", None, "/", opening("details.more >> nth=0", "details.more >> nth=1")),
    View("raise-map", None, "/", point_on_the_map),
    View("raise-waiting", None, "/", lose_signal),
    View("raise-refused-later", None, "/", be_refused_later),
    View("raise-signed-out", None, "/", wait_for_sign_in),
    View("raise-nearby", None, "/", say_what_others_said),
    View("receipt", None, "/", raise_one),
    View("code", None, "/p"),
    View("code-wrong", None, "/p", ask_with("0000-0000-0000-0000")),
    View("progress", None, "/p", ask_with("fresh")),
    View("progress-verdict", None, "/p", ask_with("solved")),
    View("login", None, "/login"),
    View("login-wrong", None, "/login", mistype),
    View("offline", None, "/offline"),
    View("figures", None, "/about/figures"),
    View("not-found", None, "/nowhere/at/all"),
    View("unit", "liaison-u01", "/unit"),
    View("unit-pool", "liaison-u01", "/unit?state=pool"),
    View("unit-pane", "liaison-u01", "/unit?w={dispatched}"),
    View("unit-return", "liaison-u01", "/unit?w={dispatched}", opening("#do-return")),
    View("unit-help", "liaison-u01", "/unit", ask_for_help),
    View("unit-empty", "handler-u20", "/unit"),
    View("unit-nothing-found", "liaison-u01", "/unit?q=没有这样的事"),
    View("unit-answers", "liaison-u01", "/unit/answers"),
    View("job-sheet", "liaison-u01", "/w/{dispatched}/sheet"),
    View("forbidden", "liaison-u01", "/post/CP01"),
    View("whistle", "liaison-u01", "/w/{hostile}"),
    View("whistle-of-the-post", "dispatcher-cp01", "/w/{classified}"),
    View("post", "dispatcher-cp01", "/post/CP01"),
    View("post-pane", "dispatcher-cp01", "/post/CP01?w={classified}", opening("#do-dispatch")),
    View("post-returned", "dispatcher-cp01", "/post/CP01?w={returned}"),
    View("post-verify", "verifier-cp01", "/post/CP01?w={submitted}", opening("#do-verify")),
    View("post-merge", "intake-cp01", "/merge/{classified}"),
    View("post-merge-two", "intake-cp01", "/merge/{classified}/{pooled}"),
    View("post-handover", "dispatcher-cp01", "/post/CP01/handover"),
    View("handover", "commander-cp01", "/handover/{handover}"),
    View("handover-on-paper", "verifier-cp01", "/handover/{handover}", put_on_paper),
    View("post-roster", "commander-cp01", "/post/CP01/roster"),
    View("post-summonses", "dispatcher-cp01", "/post/CP01/summonses"),
    View("summons", "dispatcher-cp01", "/summons/{summons}"),
    View("summons-to-come", "dispatcher-cp01", "/summons/{ahead}"),
    View("summonses-of-the-city", "city", "/summonses"),
    View("summonses-past", "city", "/summonses?state=past"),
    View("unit-summonses", "liaison-u01", "/unit/summonses"),
    View("unit-summons-refused", "handler-u03", "/summons/{ahead}", check_in_without_evidence),
    View("posts", "city", "/post"),
    View("grid", "gw-53250300100103", "/grid"),
    View("grid-empty", "gw-53250300200101", "/grid"),
    View("grid-patrol", "gw-53250300100103", "/grid/patrol"),
    View("grid-patrol-post", "commander-cp01", "/grid/patrol"),
    View("grid-verify", "gw-53250300100103", "/w/{submitted}"),
    View("grid-late", "gw-53250300100103", "/w/{submitted}", come_too_late),
    View("grid-self-resolve", "gw-53250300100103", "/w/{solvable}"),
    View("grid-raise", "gw-53250300100103", "/grid/raise"),
    View("leader", "leader", "/leader"),
    View("leader-frozen", "leader", "/leader?from=2026-09-01&to=2026-10-01"),
    View("leader-quiet", "leader", "/leader?from=2026-03-01&to=2026-04-01&scope=post:CP05"),
    View("leader-screen", "leader", "/leader?screen=1"),
    View("leader-refused", "leader", "/leader?from=2026-10-01&to=2026-09-01"),
    View("leader-list", "leader", "/leader/list?{list}"),
    View("leader-steps", "leader", "/leader/steps?from=2026-09-01&to=2026-10-01"),
    View("leader-what-ifs", "leader", "/leader/what-ifs?from=2026-09-01&to=2026-10-01"),
    View("admin", "admin", "/admin"),
    View("admin-posts", "admin", "/admin/posts"),
    View("admin-post", "admin", "/admin/posts/CP01"),
    View("admin-units", "admin", "/admin/units?q=U0"),
    View("admin-territory", "admin", "/admin/change/territory/CP02"),
    View("admin-preview", "admin", "/admin/change/account-shut/intake-cp05"),
    View("admin-limits", "admin", "/admin/change/policy"),
    View(
        "admin-limits-wrong", "admin", "/admin/change/policy", mistype_in_table("E1-respond", "0")
    ),
    View("admin-hours", "admin", "/admin/change/hours"),
    View("admin-hours-wrong", "admin", "/admin/change/hours", mistype_in_table("hours-2", "11:00")),
    View("admin-calendar", "admin", "/admin/change/calendar/2026"),
    View(
        "admin-calendar-wrong",
        "admin",
        "/admin/change/calendar/2027",
        days_off("2027-10-07", "2027-10-01", "#last-1-oops"),
    ),
    View(
        "admin-calendar-preview",
        "admin",
        "/admin/change/calendar/2027",
        days_off("2027-10-01", "2027-10-07", ".preview"),
    ),
    View("admin-leave", "admin", "/admin/change/leave/CP01"),
    View("admin-roster", "admin", "/post/CP01/roster"),
    View("admin-import", "admin", "/admin/import"),
    View("admin-new-unit", "admin", "/admin/change/unit-new"),
    View("admin-unit-refused", "admin", "/admin/change/unit-new", take_a_code_again),
    View("admin-new-category", "admin", "/admin/change/category-new"),
    View("admin-category-preview", "admin", f"/admin/change/category-retire/{HELP}"),
    View("admin-divide", "admin", "/admin/change/grid-divide/53250300100103", paste_no_border),
    View("admin-empty", "admin", "/admin/areas?q=nothing-like-it"),
    View("audit", "auditor", "/audit"),
    View("audit-story", "auditor", "/audit/w/{hostile}"),
    View("audit-unit", "auditor", "/audit/e/unit/U01", opening(".story details")),
    View("audit-log", "auditor", "/audit/log"),
)
