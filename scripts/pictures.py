"""The pictures of the README and of the guides, taken from the running product.

    .venv/bin/python scripts/pictures.py [URL PASSWORD]

Without a URL it serves the demo city in a temporary data folder and removes it afterwards.
"""

import os
import secrets
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from shutil import which
from typing import Any

import httpx
from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
PICTURES = ROOT / "docs" / "pictures"
LARGEST = 250 * 1024
LONGEST_START = 600.0  # seconds: the demo's history is simulated in this time
CHROMIUM = which("chromium") or "/usr/bin/chromium"
PHONE = {"viewport": {"width": 390, "height": 844}, "device_scale_factor": 2, "is_mobile": True}
DESK = {"viewport": {"width": 1360, "height": 820}}
WALL = {"viewport": {"width": 1920, "height": 1080}, "color_scheme": "dark"}
GRID_WORKER = "gw-53250300100101"
IN_CP02 = {"lat": 23.375717, "lon": 103.378665}
TEXT = "小学门口的路灯坏了三天，晚上接孩子看不清路。"


@contextmanager
def demo() -> Iterator[tuple[str, str]]:
    """Serves a demo city; yields its address and the password of all accounts."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    password = secrets.token_hex(8)
    with tempfile.TemporaryDirectory(prefix="shaodao-") as var:
        env = {**os.environ, "TRACKER_VAR": var, "PORT": str(port)}
        env |= {"TRACKER_DEMO_PASSWORD": password}
        serving = subprocess.Popen([sys.executable, "-m", "tracker", "serve", "--demo"], env=env)
        try:
            at = f"http://127.0.0.1:{port}"
            wait_until_ready(at, serving)
            yield at, password
        finally:
            serving.terminate()
            serving.wait()


def wait_until_ready(at: str, serving: subprocess.Popen[bytes]) -> None:
    patience = time.monotonic() + LONGEST_START
    while serving.poll() is None and time.monotonic() < patience:
        try:
            standings = httpx.get(f"{at}/readyz").json().get("projections", [])
            if standings and not any(standing["lag"] for standing in standings):
                return
        except httpx.TransportError:
            pass
        time.sleep(1)
    raise SystemExit("The demo did not come up; its output above says why.")


def main() -> None:
    if len(sys.argv) == 3:
        take_all(sys.argv[1], sys.argv[2])
        return
    with demo() as (at, password):
        take_all(at, password)


def take_all(at: str, password: str) -> None:
    PICTURES.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        # Date fields use the browser's language, not the page's.
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=["--no-sandbox", "--lang=zh-CN"],
            env={**os.environ, "LANGUAGE": "zh_CN"},
        )
        with opened(browser, at, PHONE) as page:
            raise_on_a_phone(page)
        with opened(browser, at, PHONE) as page:
            progress(page, at, password)
        for name, account, device, address, then in WORK:
            with opened(browser, at, device) as page:
                sign_in(page, account, password)
                if address:
                    page.goto(address)
                if then:
                    then(page)
                keep(page, name)
        browser.close()


def open_a_row(page: Page) -> None:
    """Open the first row that is not overdue."""
    row = page.locator("table.q tbody tr", has=page.locator(".sla.ok"))
    row.locator("a.t").first.click()
    page.locator("#pane").wait_for()


def foresee_a_grid(page: Page) -> None:
    """Preview what happens if the post gets another post's grid."""
    page.locator("#take input").nth(2).check()
    page.locator("button[value=preview]").click()
    page.locator(".preview").wait_for()


def open_a_story(page: Page) -> None:
    page.locator(".reg a").first.click()
    page.locator(".story").wait_for()


@contextmanager
def opened(browser: Browser, at: str, options: dict[str, Any]) -> Iterator[Page]:
    context = browser.new_context(
        base_url=at, locale="zh-CN", timezone_id="Asia/Shanghai", **options
    )
    yield context.new_page()
    context.close()


def raise_on_a_phone(page: Page) -> None:
    page.goto("/")
    page.locator("textarea").first.fill(TEXT)
    keep(page, "raise")


def progress(page: Page, at: str, password: str) -> None:
    """A whistle that the city has classified and a unit has begun to work on."""
    with httpx.Client(base_url=f"{at}/api/v1") as web:
        raised = web.post("/whistles", json={"text": TEXT, "location": IN_CP02}).json()
        steps = (
            ("city", "classify", {"category": "C0103"}),
            ("city", "dispatch", {"lead": "U01"}),
            ("liaison-u01", "respond", {"kind": "arrival", **IN_CP02}),
            ("liaison-u01", "start", {}),
        )
        for account, command, body in steps:
            web.cookies.clear()
            signed = web.post("/sessions", json={"username": account, "password": password})
            web.post(
                f"/whistles/{raised['number']}/commands/{command}",
                json=body,
                headers={"Authorization": f"Bearer {signed.json()['token']}"},
            ).raise_for_status()
    page.goto("/p")
    page.fill("#code", raised["receipt"])
    page.locator("#ask button.primary").click()
    page.get_by_text(raised["number"]).first.wait_for()
    keep(page, "progress")


def sign_in(page: Page, account: str, password: str) -> None:
    page.goto("/login")
    page.fill("#username", account)
    page.fill("#password", password)
    page.click("main button")
    page.wait_for_url(lambda address: "/login" not in address)


# Picture, account, device, address (empty: the page after sign-in), and what to do first.
WORK: tuple[tuple[str, str, dict[str, Any], str, Callable[[Page], None] | None], ...] = (
    ("grid", GRID_WORKER, PHONE, "", None),
    ("unit", "liaison-u01", DESK, "", open_a_row),
    ("post", "dispatcher-cp01", DESK, "", open_a_row),
    ("leader", "leader", DESK, "/leader", None),
    ("bigscreen", "leader", WALL, "/leader?screen=1", None),
    ("admin", "admin", DESK, "/admin/change/territory/CP02", foresee_a_grid),
    ("audit", "auditor", DESK, "/audit?by=verifier-cp01", open_a_story),
)


def keep(page: Page, name: str) -> None:
    """Save a PNG of 256 colours, enough for flat pages; of fewer if the file is too large."""
    page.wait_for_load_state()
    page.evaluate("document.fonts.ready")
    taken = Image.open(BytesIO(page.screenshot()))
    there = PICTURES / f"{name}.png"
    taken.convert("RGB").quantize(256, dither=Image.Dither.NONE).save(there, optimize=True)
    for colours in (128, 64, 32):
        if there.stat().st_size <= LARGEST:
            break
        taken.convert("RGB").quantize(colours, dither=Image.Dither.NONE).save(there, optimize=True)
    size = there.stat().st_size
    print(f"{there.relative_to(ROOT)}: {size / 1024:.0f} KB")
    if size > LARGEST:
        raise SystemExit(f"{there.name} is larger than {LARGEST // 1024} KB.")


if __name__ == "__main__":
    main()
