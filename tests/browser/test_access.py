"""Every page and state of VIEWS: axe without a violation, nothing lost when narrow or large, and
the keyboard always somewhere that can be seen.

    pytest tests/browser/test_access.py --shots FOLDER   # keeps a picture of each, to be looked at
"""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.browser import inspecting
from tests.browser.conftest import DESK
from tests.browser.people import sign_in
from tests.browser.scene import Scene, set_scene
from tests.browser.site import Site
from tests.browser.views import VIEWS, View
from tests.waiting import PATIENCE

LANGUAGES = ("zh-CN", "en")
THEMES = ("light", "dark")
DESK_SIZE, PHONE_SIZE = DESK["viewport"], {"width": 390, "height": 844}


@pytest.fixture(scope="module")
def scene(site: Site, tmp_path_factory: pytest.TempPathFactory) -> Scene:
    return set_scene(site, tmp_path_factory.mktemp("facts"))


class People:
    """A browser for each account, kept for all of its views; residents get a fresh one each."""

    def __init__(self, browser: Browser, site: Site) -> None:
        self.browser, self.site = browser, site
        self.pages: dict[str, Page] = {}

    def page_of(self, who: str | None) -> Page:
        if who is None:
            self.close(self.pages.pop("nobody", None))
            self.pages["nobody"] = self.opened()
            return self.pages["nobody"]
        if who not in self.pages:
            self.pages[who] = self.opened()
            sign_in(self.pages[who], who)
        return self.pages[who]

    def opened(self) -> Page:
        context = self.browser.new_context(
            base_url=self.site.base, reduced_motion="reduce", service_workers="block", **DESK
        )
        context.set_default_timeout(PATIENCE * 1000)
        return context.new_page()

    def close(self, page: Page | None) -> None:
        if page is not None:
            page.context.close()


@pytest.fixture(scope="module")
def people(browser: Browser, site: Site) -> Iterator[People]:
    everybody = People(browser, site)
    yield everybody
    for page in everybody.pages.values():
        everybody.close(page)


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.name)
def test_a_page_is_there_for_everyone(
    view: View, people: People, scene: Scene, site: Site, request: pytest.FixtureRequest
):
    shots: Path | None = request.config.getoption("--shots")
    found = {}
    for language in LANGUAGES:
        page = shown(view, people.page_of(view.who), scene, site, language)
        first, second = THEMES if language == "zh-CN" else THEMES[::-1]
        for theme, rules in ((first, None), (second, inspecting.COLOURS)):
            page.evaluate("theme => { document.documentElement.dataset.theme = theme }", theme)
            found[f"{language} {theme}"] = inspecting.violations(page, rules)
            if shots:
                keep(page, shots / f"{view.name}-{language[:2]}-{theme}")
        found[f"{language} moving"] = inspecting.moving(page)
        found[f"{language} at 320 px"] = inspecting.overflow(page, 320)
        if inspecting.for_phones(page):
            found[f"{language} large at 320 px"] = inspecting.lost_when_large(page)
        page.set_viewport_size(DESK_SIZE)
        found[f"{language} spilt"] = inspecting.spilt(page)
        found[f"{language} large"] = inspecting.lost_when_large(page)
        found[f"{language} keyboard"] = astray(page)

    wrong = {what: seen for what, seen in found.items() if seen}
    assert not wrong, json.dumps(wrong, ensure_ascii=False, indent=1)


def shown(view: View, page: Page, scene: Scene, site: Site, language: str) -> Page:
    page.set_viewport_size(DESK_SIZE)
    page.context.add_cookies([{"name": "lang", "value": language, "url": site.base}])
    page.goto(view.at.format(**vars(scene)))
    if view.then:
        view.then(page, scene)
    return page


def astray(page: Page) -> list[str]:
    """Stops of the keyboard that nobody could see."""
    return [
        f"{stop['name']}: {', '.join(why)}"
        for stop in inspecting.walked(page, 25)
        if (
            why := [
                *([] if stop["seen"] else ["no ring"]),
                *([] if stop["inside"] else ["off the screen"]),
                *(["covered"] if stop["covered"] else []),
            ]
        )
    ]


def keep(page: Page, name: Path) -> None:
    name.parent.mkdir(parents=True, exist_ok=True)
    for device, size in (("phone", PHONE_SIZE), ("desk", DESK_SIZE)):
        page.set_viewport_size(size)
        page.screenshot(path=f"{name}-{device}.png", full_page=device == "phone")
    page.set_viewport_size(DESK_SIZE)
