"""网格员: the own grid as map and list, the patrol, and raising for others."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from fastapi import Request, Response

from api.door.access import Person
from api.door.callers import SignedIn, TheTracker, now
from api.pages.frame import assets, present
from api.pages.frame.look import news_of, show, speech_of
from api.pages.frame.route import Notice, pages
from api.pages.frame.speech import Speech
from api.pages.frame.visitor import DESKS, PATROL, acts_for, head, home_of, only
from api.pages.grid.grid_map import Mark, grid_map
from api.pages.grid.patrol import (
    SILENT,
    Item,
    Lines,
    grids_of,
    marked,
    round_of,
    solvable_on_the_spot,
)
from api.pages.parts.acting import Attempt
from api.pages.parts.fields import CommandForm
from api.pages.parts.story import EventTeller, Photo
from api.pages.parts.whistle_view import Viewer
from api.reading.reading import AskedPosition, scope_of, wait_until
from tracker.city_zone import city_zone
from tracker.commands.tracker import Tracker
from tracker.domain.whistle.events import State
from tracker.domain.whistle.whistle import Whistle
from tracker.projections.board import board
from tracker.projections.board.query import LARGEST_PAGE, BoardQuery
from tracker.projections.engine.positions import folded_to

router = pages()

# Commands given on site. The page shows the other commands behind “more”.
ON_SITE = ("verify", "follow-up", "self-resolve")
WALK = (
    *("grid.css", "phone.css", "icons.svg", "mark.svg", "icon-192.png"),
    *("grid.js", "grid-forms.js", "grid-kept.js", "grid-live.js", "clock.js"),
    *("raise.js", "place.js", "outbox.js", "waiting.js", "photos.js", "shell.js"),
)
MOST_KEPT = 40  # whistles that the phone caches for a walk without signal


@router.get("/grid")
def grid(
    request: Request, tracker: TheTracker, caller: SignedIn, position: AskedPosition
) -> Response:
    only(caller, PATROL)
    _, at = speech_of(request), now()
    lines = Lines(tracker, _, caller, at)
    with tracker.connection() as connection:
        wait_until(connection, "board", position)
        stands = folded_to(connection, "board")
        query = BoardQuery(scope_of(caller), at, open=True, sort="due", limit=LARGEST_PAGE)
        rows = sorted(board.find(connection, query).items, key=lines.pressing)
        items = lines.items(connection, rows)
    by_number = {row.number: row for row in rows}
    here = [item for item in items if caller.actor.holds(by_number[item.number].grid)]
    own = marked(here, by_number)
    marks = [
        Mark(item.n, row.lon, row.lat, item.chip.tone, item.href, line_in_words(item))
        for item, row in ((item, by_number[item.number]) for item in own)
        if item.n and row.lat is not None and row.lon is not None
    ]
    plan = {area.code for area in tracker.city.grids(at.astimezone(city_zone()).date())}
    drawn = [code for code in grids_of(caller) if code in plan] or grids_of(caller)[:1]
    to_check = sum(by_number[item.number].state == State.SUBMITTED for item in own)
    return page(
        request,
        tracker,
        caller,
        "grid.html",
        at="/grid",
        map=grid_map(tracker.city, drawn, at.astimezone(city_zone()).date(), marks),
        items=own,
        elsewhere=[item for item in items if item not in here],
        without_point=len(own) - len(marks),
        to_check=to_check,
        stream=news_of(f"grid:{caller.actor.grid}", stands),
        now=at.isoformat(),
    )


def line_in_words(item: Item) -> str:
    return f"{item.n} · {item.title} · {item.chip.words}"


@router.get("/grid/patrol")
def patrol(
    request: Request, tracker: TheTracker, caller: SignedIn, position: AskedPosition
) -> Response:
    only(caller, PATROL | DESKS)
    with tracker.connection() as connection:
        wait_until(connection, "board", position)
    to_do = round_of(tracker, speech_of(request), caller)
    walk = kept_by_phone(to_do.checks, to_do.solvable, to_do.calls)
    return page(
        request,
        tracker,
        caller,
        "grid_patrol.html",
        at="/grid/patrol",
        todo=to_do,
        silent_days=SILENT.days,
        now=now().isoformat(),
        kept=walk if caller.role in PATROL else "",
    )


def kept_by_phone(*lists: Sequence[Item]) -> str:
    """The addresses that the phone caches for this worker until he signs out."""
    items = [item for one in lists for item in one][:MOST_KEPT]
    fresh = [(address, "") for address in ("/grid", "/grid/patrol", "/grid/raise")]
    found = {
        "pages": [*fresh, *((item.href, str(item.version)) for item in items)],
        "assets": [assets.address(name) for name in WALK],
    }
    return json.dumps(found)


@dataclass(frozen=True)
class Checked:
    """The submission to check: the unit's words and pictures."""

    by: str
    when: str
    said: str
    photos: Sequence[Photo]


def whistle_page(
    request: Request,
    tracker: Tracker,
    person: Person,
    whistle: Whistle,
    attempt: Attempt | None = None,
    said: Notice | None = None,
) -> Response:
    """One whistle on a phone: the commands on site come first, with a field for a picture."""
    _, at = speech_of(request), now()
    viewer = Viewer(tracker, _, person, at)
    shown = viewer.staff(whistle, f"/w/{whistle.number}", attempt, said)
    solvable = solvable_on_the_spot(tracker, whistle.category)
    first = [
        form
        for form in shown.forms
        if form.name in ON_SITE and (form.name != "self-resolve" or solvable or form.refusal)
    ]
    return page(
        request,
        tracker,
        person,
        "grid_whistle.html",
        409 if attempt else 200,
        at="",
        whistle=shown,
        on_site=[on_site(_, form) for form in first],
        others=[form for form in shown.forms if form not in first],
        done=done_by_whom(viewer, whistle),
        may_add=any(form.name == "amend" for form in shown.forms),
        now=at.isoformat(),
    )


def on_site(_: Speech, form: CommandForm) -> CommandForm:
    """Fields for a check on site: without calling and rating, only what one can see."""
    if form.name != "follow-up":
        return replace(form, open=True)
    asked = [f for f in form.fields if f.name in ("resolved", "note")]
    return replace(form, label=_("上门回访"), submit=_("提交"), fields=asked, open=True)


def done_by_whom(viewer: Viewer, whistle: Whistle) -> Checked | None:
    """The last submission or self-resolution; None if there is none."""
    _, teller = viewer.speech, EventTeller(viewer.speech, viewer.city, viewer.now)
    ends = ("whistle.submitted", "whistle.self_resolved")
    line = next((one for one in reversed(viewer.story_lines(whistle)) if one.topic in ends), None)
    if line is None:
        return None
    unit = line.facts.get("unit")
    by = teller.unit(unit) if unit else _("网格员")
    when = present.moment(_, line.at, viewer.now)
    return Checked(by, when, teller.said(line), teller.photos(line))


def page(
    request: Request,
    tracker: Tracker,
    person: Person,
    template: str,
    answered: int = 200,
    /,
    *,
    at: str,
    kept: str = "",
    **values: Any,
) -> Response:
    """Render a page. `at`: the current tab; `kept`: the addresses that the phone caches."""
    _ = speech_of(request)
    patrols = person.role in PATROL
    own = ("/grid", _("网格"), "pin") if patrols else (home_of(person), _("指挥部"), "back")
    tabs = [own, ("/grid/patrol", _("巡查"), "walk")]
    return show(
        request,
        template,
        answered,
        **head(request, tracker.city, person),
        tabs=[(*tab, tab[0] == at) for tab in tabs],
        patrols=patrols,
        grid_name=acts_for(tracker.city, person),
        kept=kept,
        **values,
    )
