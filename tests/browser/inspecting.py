"""What is looked at on every page: axe's rules, overflow, what text loses when large, focus."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from playwright.sync_api import Page

from api.pages.frame.speech import WEB

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# In a theme or language seen a second time only what they change is looked at again.
COLOURS = ["color-contrast", "link-in-text-block"]
RUN = """
async ([rules, tags]) => {
  const runOnly = rules ? { type: "rule", values: rules } : { type: "tag", values: tags };
  const { violations } = await axe.run(document, { runOnly, resultTypes: ["violations"] });
  const told = ({ html, any }) => `${html.slice(0, 160)} ${any[0]?.message ?? ""}`;
  return violations.map(({ id, nodes }) => [id, nodes.slice(0, 4).map(told)]);
}
"""
# Text cut off by its own box: seen by nobody, and not to be scrolled to either.
CUT = """
() => [...document.querySelectorAll("body *")].filter((element) => {
  const style = getComputedStyle(element);
  if (style.visibility === "hidden" || !element.checkVisibility()) return false;
  if (element.closest(".sr, svg, select, input, textarea, [aria-hidden=true]")) return false;
  const own = [...element.childNodes].some((n) => n.nodeType === 3 && n.data.trim());
  if (!own || style.textOverflow === "ellipsis" || style.webkitLineClamp !== "none") return false;
  const hides = (value) => value === "hidden" || value === "clip";
  return (hides(style.overflowX) && element.scrollWidth > element.clientWidth + 2)
    || (hides(style.overflowY) && element.scrollHeight > element.clientHeight + 2);
}).map((element) => element.outerHTML.slice(0, 120))
"""
# By how much the page is wider than the screen, and the innermost elements that reach out.
WIDER = """
() => {
  const { scrollWidth, clientWidth } = document.documentElement;
  if (scrollWidth <= clientWidth) return [];
  const out = (element) => element.getBoundingClientRect().right > clientWidth + 1;
  const last = [...document.querySelectorAll("body *")]
    .filter((element) => out(element) && ![...element.children].some(out))
    .map((element) => element.outerHTML.slice(0, 140));
  return [`${scrollWidth - clientWidth} px too wide`, ...last.slice(0, 4)];
}
"""
# Contents that reach out of their own card, over its neighbour.
SPILT = """
() => [...document.querySelectorAll(".card")].filter((card) =>
  card.checkVisibility() && !["auto", "scroll"].includes(getComputedStyle(card).overflowX)
    && card.scrollWidth > card.clientWidth + 2
).map((card) => `${card.outerHTML.slice(0, 80)} ${card.scrollWidth} > ${card.clientWidth}`)
"""
# Where the keyboard is, and whether that can be seen: a ring on it, or on the label around it.
FOCUSED = """
() => {
  const at = document.activeElement;
  if (!at || at === document.body) return null;
  const box = at.getBoundingClientRect();
  const ring = (element) => {
    if (!element) return false;
    const style = getComputedStyle(element);
    return style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0;
  };
  const near = [at, at.parentElement, at.closest("label"), at.nextElementSibling];
  const half = Math.min(box.height, innerHeight) / 2;
  const middle = document.elementFromPoint(box.x + box.width / 2, box.y + half);
  const own = at.closest("label") ?? at;
  const covered = middle && !own.contains(middle) && !middle.contains(at);
  const over = covered && (middle.closest("header, footer, .dock") ?? middle);
  const position = covered && getComputedStyle(over).position;
  return {
    name: at.outerHTML.slice(0, 140),
    seen: near.some(ring),
    inside: box.bottom > 0 && box.top < innerHeight,
    covered: position === "sticky" || position === "fixed",
  };
}
"""


@cache
def axe() -> str:
    return (WEB / "node_modules" / "axe-core" / "axe.min.js").read_text()


def violations(page: Page, rules: list[str] | None = None) -> Mapping[str, Any]:
    """By axe's name of the rule, where it is broken. Injected so: the page's CSP lets no tag in."""
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(axe())
    return dict(page.evaluate(RUN, [rules, RULES]))


def overflow(page: Page, width: int) -> list[str]:
    """What is wider than a screen of `width`."""
    page.set_viewport_size({"width": width, "height": 640})
    return [*page.evaluate(WIDER), *page.evaluate(SPILT)]


def for_phones(page: Page) -> bool:
    """A page of residents or grid workers, who may have set large letters on a small phone."""
    return page.locator("link[href$='/phone.css'], link[href$='/grid.css']").count() > 0


def spilt(page: Page) -> list[str]:
    """Cards that are too small for what they hold."""
    return list(page.evaluate(SPILT))


def lost_when_large(page: Page) -> list[str]:
    """Texts that are cut off when letters are twice as large, or the page grows too wide."""
    page.evaluate("() => { document.documentElement.style.fontSize = '200%' }")
    lost = [*page.evaluate(CUT), *page.evaluate(WIDER)]
    page.evaluate("() => { document.documentElement.style.fontSize = '' }")
    return lost


def walked(page: Page, steps: int) -> list[Mapping[str, Any]]:
    """Where the keyboard comes by so many presses of Tab, until it leaves the page."""
    stops = []
    for _ in range(steps):
        page.keyboard.press("Tab")
        at = page.evaluate(FOCUSED)
        if at is None:
            break
        stops.append(at)
    return stops


def moving(page: Page) -> list[str]:
    """What still moves although the person asked for less of it."""
    running = page.evaluate(
        "() => document.getAnimations().filter((a) => a.playState === 'running')"
        ".map((a) => a.effect.target?.outerHTML.slice(0, 120) ?? '?')"
    )
    return list(running)
