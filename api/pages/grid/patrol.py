"""The patrol: checks to make, people to visit, whistles to solve, and silent grids.

The access table and the whistle itself decide what may be done; the board row does not.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from api.door.access import Person
from api.door.callers import now
from api.pages.frame import present
from api.pages.frame.present import Chip
from api.pages.frame.speech import Speech
from api.pages.parts.story import EventTeller
from api.pages.parts.whistle_view import title_of
from api.reading.reading import scope_of
from api.reading.views import Heard, words_of_rows
from api.service.giving import open_to
from tracker.city_zone import city_zone
from tracker.commands.tracker import Tracker
from tracker.domain.whistle.events import State
from tracker.eventstore.connections import Connection
from tracker.projections.board import board
from tracker.projections.board.last_report_by_grid import last_heard
from tracker.projections.board.query import BoardQuery
from tracker.projections.board.row import BoardRow

# A grid has about eight whistles a month, so by chance one grid in forty is silent for two weeks.
SILENT = timedelta(days=14)
MOST = 60  # whistles loaded one by one; more than anybody checks in a day
WAITS: Mapping[str, Sequence[str]] = {
    "verify": (State.SUBMITTED, State.SELF_RESOLVED),
    "follow-up": (State.VERIFIED,),
    "self-resolve": (State.RAISED, State.TRIAGED),
}
WINDOWS = ("verify", "audit", "follow_up")


@dataclass(frozen=True)
class Item:
    """A whistle as a line to tap. `n`: the number of its mark on the map; 0: no mark."""

    number: str
    href: str
    title: str
    meta: str
    chip: Chip
    due: str
    version: int
    n: int = 0


@dataclass(frozen=True)
class Silent:
    """A grid, and since when it has had no whistle. `days` None: it never had one."""

    name: str
    since: str
    days: int | None
    silent: bool


@dataclass(frozen=True)
class Round:
    """The work on site; each list is sorted by time left."""

    checks: Sequence[Item]
    calls: Sequence[Item]
    solvable: Sequence[Item]
    silent: Sequence[Silent]


class Lines:
    """Makes Items from board rows for one person at one moment."""

    def __init__(self, tracker: Tracker, speech: Speech, person: Person, at: datetime) -> None:
        self.tracker, self.speech, self.person, self.at = tracker, speech, person, at
        self.teller = EventTeller(speech, tracker.city, at)

    def pressing(self, row: BoardRow) -> tuple[bool, datetime]:
        clock = present.leading(list(row.clocks.values()))
        return (clock is None or clock.held_at is not None, clock.due if clock else self.at)

    def item(self, row: BoardRow, heard: Heard, *, window: bool = False) -> Item:
        """`window`: show the deadline of the check or the follow-up, if there is one."""
        _, clock = self.speech, present.leading(list(row.clocks.values()))
        if window:
            own = [c for c in row.clocks.values() if c.kind in WINDOWS and c.stopped_at is None]
            clock = min(own, key=lambda one: one.due, default=clock)
        category = self.teller.category(row.category)
        state = present.state_name(_, row.state)
        return Item(
            number=row.number,
            href=f"/w/{row.number}",
            title=title_of(_, heard.masked(), category),
            meta=" · ".join([category, state, present.class_name(_, row.sla_class)]),
            chip=present.chip_in(_, clock, self.at, row.state),
            due=present.due_line(_, clock, self.at) if clock else "",
            version=row.version,
        )

    def items(self, connection: Connection, rows: Sequence[BoardRow], **how: bool) -> list[Item]:
        heard = words_of_rows(connection, rows, self.person)
        return [self.item(row, heard[row.id], **how) for row in rows]


def round_of(tracker: Tracker, speech: Speech, person: Person) -> Round:
    at = now()
    lines = Lines(tracker, speech, person, at)
    with tracker.connection() as connection:

        def due(command: str) -> list[Item]:
            states = WAITS[command]
            query = BoardQuery(scope_of(person), at, states=states, sort="due", limit=MOST)
            found = board.find(connection, query).items
            rows = [row for row in found if waits_for(tracker, person, row, command)]
            return lines.items(connection, rows, window=command != "self-resolve")

        silent = silence(connection, tracker, speech, person, at)
        return Round(
            checks=due("verify"),
            calls=due("follow-up"),
            solvable=due("self-resolve") if person.actor.grid else (),
            silent=[one for one in silent if one.silent],
        )


def waits_for(tracker: Tracker, person: Person, row: BoardRow, command: str) -> bool:
    """Whether the whistle waits for a command that this person may give."""
    if command == "self-resolve" and not solvable_on_the_spot(tracker, row.category):
        return False
    open_now = open_to(tracker, tracker.whistle(row.id), person)
    return command in {one.name for one in open_now}


def solvable_on_the_spot(tracker: Tracker, category: str | None) -> bool:
    """Whether the catalogue allows self-resolution. Without a category it is classified first."""
    found = tracker.city.registers["category"].get(category or "")
    return found is not None and found.self_resolvable


def grids_of(person: Person) -> Sequence[str]:
    """The grids of the person: a grid worker's own with its parts, otherwise the post's."""
    actor = person.actor
    own = [actor.grid, *sorted(actor.parts)] if actor.grid else []
    if actor.role == "grid_worker":
        return own
    return list(dict.fromkeys([*own, *sorted(person.territory.grids)]))


def silence(
    connection: Connection, tracker: Tracker, _: Speech, person: Person, at: datetime
) -> list[Silent]:
    """The grids of today's plan, the longest silent first. A grid and its parts count together."""
    city, today = tracker.city, at.astimezone(city_zone()).date()
    mine = set(grids_of(person))
    grids = [g for g in city.grids(today) if {g.code, g.split_from} & mine]
    names = {code for g in grids for code in (g.code, g.split_from, *city.parts_of(g.code)) if code}
    heard = last_heard(connection, sorted(names))
    found = []
    for grid in grids:
        known = {grid.code, grid.split_from, *city.parts_of(grid.code)} & heard.keys()
        last = max((heard[code] for code in known), default=None)
        since = present.moment(_, last, at) if last else ""
        days = (at - last).days if last else None
        found.append(Silent(grid.name, since, days, last is None or at - last >= SILENT))
    return sorted(found, key=lambda one: (one.days is not None, -(one.days or 0), one.name))


def marked(items: Sequence[Item], rows: Mapping[str, BoardRow]) -> list[Item]:
    """Number the items that have a point, in the order of the list."""
    n, out = 0, []
    for item in items:
        row = rows[item.number]
        if row.lat is not None and row.lon is not None:
            n += 1
            item = replace(item, n=n)
        out.append(item)
    return out
