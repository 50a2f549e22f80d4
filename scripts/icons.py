"""The icons of the installed page, drawn by Chromium from web/styles/mark.svg into web/icons.

    .venv/bin/python scripts/icons.py

Run it again when the mark changes. Android may cut off a maskable icon outside its middle four
fifths, so that icon is drawn smaller on a full background.
"""

from pathlib import Path
from shutil import which

from playwright.sync_api import sync_playwright

WEB = Path(__file__).resolve().parents[1] / "web"
CHROMIUM = which("chromium") or "/usr/bin/chromium"
GROUND = "#0d5a5e"
ICONS = {"icon-192.png": (192, 1.0), "icon-512.png": (512, 1.0), "icon-maskable.png": (512, 0.78)}


def main() -> None:
    mark = (WEB / "styles" / "mark.svg").read_text()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        for name, (size, part) in ICONS.items():
            page = browser.new_page(viewport={"width": size, "height": size})
            ground = GROUND if part < 1 else "transparent"
            page.set_content(
                f"<style>*{{margin:0}}body{{background:{ground};display:grid;place-items:center;"
                f"height:100vh}}svg{{width:{size * part}px}}</style>{mark}"
            )
            page.screenshot(path=WEB / "icons" / name, omit_background=True)
            page.close()
        browser.close()


if __name__ == "__main__":
    main()
