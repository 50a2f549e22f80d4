"""A grid worker on a phone: the map, what is checked and solved on site, without signal too."""

from playwright.sync_api import Page, expect

from tests.api.web import jpeg
from tests.browser.people import dispatched, gives, raised, sign_in
from tests.browser.site import Site

GRID = "53250300100103"
WORKER = f"gw-{GRID}"
LITTER = "E0101"  # the grid worker may solve it on the spot
PHOTO = {"name": "现场.jpg", "mimeType": "image/jpeg", "buffer": jpeg(640, 480)}
UNIT = "handler-u01"


def submitted(site: Site, text: str) -> str:
    """A whistle of which the unit says that it is done."""
    number = dispatched(site, text)
    gives(site, UNIT, "respond", number, kind="call")
    gives(site, UNIT, "start", number)
    gives(site, UNIT, "submit", number, note="已清理干净")
    return number


def test_without_scripts_a_check_is_made_and_a_refused_form_keeps_its_picture(
    plain_phone: Page, site: Site
):
    number = submitted(site, "花坛边堆了两袋垃圾")
    sign_in(plain_phone, WORKER)
    plain_phone.get_by_role("link", name="去巡查").click()
    plain_phone.get_by_role("link", name="花坛边堆了两袋垃圾").click()
    form = plain_phone.locator("#do-verify")
    expect(form).to_contain_text("已清理干净")
    form.locator("input[type=file]").set_input_files(PHOTO)
    form.get_by_text("不通过，返工").click()
    form.locator("textarea").fill("袋子还在花坛边")
    gives(site, "verifier-cp01", "verify", number, passed=True)

    form.get_by_role("button", name="核查").click()

    expect(form.get_by_role("alert")).to_contain_text("已由 verifier-cp01 核查:通过")
    expect(form.locator("textarea")).to_have_value("袋子还在花坛边")
    expect(form.locator(".kept input")).to_be_checked()


def test_without_scripts_a_grid_worker_solves_on_the_spot(plain_phone: Page, site: Site):
    number = raised(site, "楼道口一堆纸箱", category=LITTER)
    sign_in(plain_phone, WORKER)
    plain_phone.get_by_role("link", name="楼道口一堆纸箱").first.click()
    form = plain_phone.locator("#do-self-resolve")
    for name in ("before", "after"):
        form.locator(f"#self-resolve-{name}").set_input_files(PHOTO)

    form.get_by_role("button", name="自处置").click()

    expect(plain_phone.locator(".hero .tag").first).to_have_text("自处置待抽查")
    assert site.tracker.whistle(number).state == "SELF_RESOLVED"
