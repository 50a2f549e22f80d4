"""What people do on the pages, and how a scene is set before they come."""

from datetime import UTC, datetime
from typing import Any

from playwright.sync_api import Page

from tests.browser.site import Site
from tests.giving import OPENED, actor_named, command_named
from tests.made_of import DEMO_PASSWORD
from tests.waiting import until_folded
from tracker.commands.fields import GridRef, Point
from tracker.commands.places import place_of
from tracker.commands.whistle.raising import Raise
from tracker.domain.actors import Actor, Role

GRID = "53250300100103"  # of the community that CP01 serves
HELP = "E0708"  # anybody with whistle duty may claim it; no photo is asked for
WORKER = f"gw-{GRID}"
NOBODY = Actor("anonymous", Role.ANONYMOUS)


def sign_in(page: Page, account: str) -> None:
    """Sign in; the page that opens is the one of this account's work."""
    page.goto("/login")
    page.fill("#username", account)
    page.fill("#password", DEMO_PASSWORD)
    page.click("main button")
    page.wait_for_url(lambda address: "/login" not in address)


def somewhere(site: Site) -> Point:
    """A point of the grid: the middle of its corners, for it is convex."""
    ring = site.tracker.city.grid(GRID).geometry[0][0][:-1]
    lon, lat = (sum(corner[n] for corner in ring) / len(ring) for n in (0, 1))
    assert place_of(site.tracker.city, Point(lat, lon), datetime.now(UTC)).grid == GRID
    return Point(lat, lon, None, "WGS84")


def raised(site: Site, text: str, **fields: Any) -> str:
    """A whistle in the grid, raised by nobody in particular, and on the board; its number."""
    done = site.tracker.open(
        Raise(text=text, location=GridRef(GRID), **fields), actor=NOBODY, at=datetime.now(UTC)
    )
    shown(site, done.position)
    return str(done.aggregate.number)


def gives(site: Site, account: str, command: str, number: str, **fields: Any) -> None:
    """A command by the demo account, and the board has it."""
    if (command, fields.get("kind")) == ("respond", "call"):
        gives(site, account, "open_contact", number, **OPENED)
    actor = actor_named(site.tracker, account)
    asked = command_named(command, **fields)
    shown(site, site.tracker.give(asked, number, actor=actor, at=datetime.now(UTC)).position)


def shown(site: Site, position: int) -> None:
    with site.tracker.connection() as connection:
        until_folded(connection, position, "board")


def classified(site: Site, text: str) -> str:
    number = raised(site, text, category=HELP)
    gives(site, "intake-cp01", "classify", number, category=HELP)
    return number


def pooled(site: Site, text: str) -> str:
    number = classified(site, text)
    gives(site, "dispatcher-cp01", "pool", number)
    return number


def dispatched(site: Site, text: str, lead: str = "U01") -> str:
    number = classified(site, text)
    gives(site, "dispatcher-cp01", "dispatch", number, lead=lead)
    return number
