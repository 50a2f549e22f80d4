"""What an administrator adds is used the same hour: a kind of problem, and who answers for it."""

from playwright.sync_api import Page, expect

from tests.browser.people import GRID, shown, sign_in
from tests.browser.site import Site
from tests.browser.test_admin import last_position
from tests.browser.test_unit import a_call_is_reported
from tests.waiting import until

PREVIEW, CONFIRM = "看看会怎样", "确认"


def test_a_new_unit_and_its_category_from_the_form_to_the_units_answer(
    desk: Page, phone: Page, another_desk: Page, site: Site
):
    sign_in(desk, "admin")

    # The unit. A code that is taken is said at its field, and nothing typed is lost.
    desk.get_by_role("link", name="单位", exact=True).click()
    desk.get_by_role("link", name="新单位").click()
    desk.fill("#code", "U01")
    desk.fill("#name", "蒙自市公园管理中心")
    desk.fill("#short", "公园中心")
    desk.get_by_role("button", name=PREVIEW).click()
    expect(desk.locator("#code-oops")).to_contain_text("代码 U01 已被使用")
    expect(desk.locator("#short")).to_have_value("公园中心")
    desk.fill("#code", "")
    desk.get_by_role("button", name=PREVIEW).click()
    expect(desk.locator(".preview")).to_contain_text("公园中心 从现在起可以被派为主责或协办")
    expect(desk.locator(".preview")).to_contain_text("U26")
    expect(desk.locator(".preview")).to_contain_text("要收回")
    desk.get_by_role("button", name=CONFIRM).click()
    expect(desk.locator(".say.good")).to_contain_text("新单位：已记入日志")

    # One item of service; its number follows by itself.
    desk.goto("/admin/change/item-new")
    desk.select_option("#unit", "U26")
    desk.fill("#name", "公园场地借用")
    desk.fill("#handling", "社区受理、部门办结")
    desk.fill("#limit", "3")
    desk.get_by_role("button", name=PREVIEW).click()
    expect(desk.locator(".effects")).to_contain_text("由 0 项变为 1 项")
    desk.get_by_role("button", name=CONFIRM).click()
    expect(desk.locator(".say.good")).to_contain_text("已记入日志")
    assert site.tracker.directory.refresh().service_item("U26-S01").unit == "U26"

    # A family, and in it the category that the unit leads.
    desk.goto("/admin/majors")
    desk.get_by_role("link", name="新大类").click()
    desk.fill("#code", "E09")
    desk.fill("#name", "湖泊水面")
    desk.select_option("#type", "event")
    desk.get_by_role("button", name=PREVIEW).click()
    desk.get_by_role("button", name=CONFIRM).click()
    expect(desk.locator(".say.good")).to_contain_text("已记入日志")
    desk.goto("/admin/categories")
    desk.get_by_role("link", name="新类别").click()
    desk.select_option("#major", "E09")
    desk.fill("#code", "E1001")
    desk.fill("#name", "湖面漂浮物")
    desk.select_option("#lead", "U26")
    desk.select_option("#sla", "G4")
    desk.fill("#keywords", "水葫芦、湖面漂浮")
    desk.get_by_role("button", name=PREVIEW).click()
    expect(desk.locator("#code-oops")).to_contain_text("例如 E0909")
    expect(desk.locator("#keywords")).to_have_value("水葫芦、湖面漂浮")
    desk.fill("#code", "")
    desk.get_by_role("button", name=PREVIEW).click()
    expect(desk.locator(".effects")).to_contain_text("2 个关键词里 2 个会归到这一类")
    desk.get_by_role("button", name=CONFIRM).click()
    expect(desk.locator(".reg")).to_contain_text("E0901")

    # Somebody to answer.
    desk.goto("/admin/change/account-open")
    desk.fill("#username", "liaison-u26")
    desk.fill("#display_name", "公园中心·联络员")
    desk.select_option("#role", "unit_liaison")
    desk.select_option("#unit", "U26")
    desk.get_by_role("button", name=PREVIEW).click()
    desk.get_by_role("button", name=CONFIRM).click()
    secret = desk.locator("#secret").inner_text()

    # It is raised by its name, with a grid, from a phone.
    phone.goto("/")
    phone.fill("#text", "南湖边上长满了水葫芦")
    phone.evaluate(
        """grid => {
            document.querySelector("select[name=grid]").value = grid;
            document.querySelector("input[name=category][value=E0901]").checked = true;
        }""",
        GRID,
    )
    phone.locator("button[form=raise]").click()
    phone.locator(".receipt").wait_for()
    shown(site, last_position(site))
    with site.tracker.connection() as connection:
        row = connection.execute("SELECT number FROM board WHERE category = 'E0901'").fetchone()
    assert row is not None
    number = row[0]

    # The desk classifies, the dispatcher sends: the new category and its unit are chosen already.
    at_desk(another_desk, "intake-cp01", number, "classify")
    expect(another_desk.locator("#do-classify select[name=category]")).to_have_value("E0901")
    another_desk.locator("#do-classify button.primary").click()
    until_state(site, number, "TRIAGED")
    at_desk(another_desk, "dispatcher-cp01", number, "dispatch")
    expect(another_desk.locator("#do-dispatch select[name=lead]")).to_have_value("U26")
    another_desk.locator("#do-dispatch button.primary").click()
    until_state(site, number, "DISPATCHED")

    # The unit finds it in its queue, and answers.
    another_desk.context.clear_cookies()
    another_desk.goto("/login")
    another_desk.fill("#username", "liaison-u26")
    another_desk.fill("#password", secret)
    another_desk.click("main button")
    expect(another_desk.locator(f"[id={number}]")).to_be_visible()
    another_desk.goto(f"/unit?w={number}")
    unfold(another_desk, "respond")
    a_call_is_reported(another_desk)
    expect(another_desk.locator("#do-respond")).to_have_count(0)
    shown(site, last_position(site))
    assert site.tracker.whistle(number).assignment_of("U26").responded_at is not None

    # Taken back by other changes: a category that leads to it stands in the way of closing it.
    desk.goto("/admin/change/unit-close/U26")
    expect(desk.locator(".say")).to_contain_text("1 个类别还指定 公园中心")
    desk.goto("/admin/change/category-retire/E0901")
    expect(desk.locator(".effects")).to_contain_text("1 件在办的类别")
    desk.get_by_role("button", name=CONFIRM).click()
    expect(desk.locator(".say.good")).to_contain_text("已记入日志")
    desk.goto("/admin/change/unit-close/U26")
    expect(desk.locator(".effects")).to_contain_text("1 件在办退回待派单")
    desk.get_by_role("button", name=CONFIRM).click()
    expect(desk.locator(".say.good")).to_contain_text("撤销单位：已记入日志")


def until_state(site: Site, number: str, state: str) -> None:
    """What was pressed has been done, and the board has it: the page sends it by itself."""
    until(
        lambda: site.tracker.whistle(number).state == state,
        lambda: f"{number} is {site.tracker.whistle(number).state}, not {state}",
    )
    shown(site, last_position(site))


def at_desk(page: Page, account: str, number: str, command: str) -> None:
    page.context.clear_cookies()
    sign_in(page, account)
    page.goto(f"/post/CP01?w={number}")
    unfold(page, command)


def unfold(page: Page, command: str) -> None:
    page.locator(f"#do-{command}").evaluate("details => { details.open = true }")
