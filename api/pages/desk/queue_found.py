"""The rows of a queue: those of the page, those that an open page has beside them, and how many."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from psycopg import Connection

from api.door import access
from api.door.access import Person
from api.door.subjects import WhistleSubject
from api.pages.desk.queue_rows import STEPS, Asked
from tracker.projections.board import board
from tracker.projections.board.query import LARGEST_PAGE, BoardQuery, Page, Scope
from tracker.projections.board.row import BoardRow

CARD_OF = {"bad": "red", "warn": "yellow", "ok": "none", "pause": "paused"}

PARTS = ("lead", "co")

Tally = Mapping[tuple[str, str], int]  # whistles by state and card


@dataclass(frozen=True)
class Filter:
    key: str
    label: str
    states: Sequence[str]


@dataclass(frozen=True)
class Reach:
    """Whose rows a list has: of a scope, or of a unit with the pool from which it may claim."""

    scope: Scope
    filters: Sequence[Filter]
    unit: str | None
    pool: bool

    def chosen(self, key: str) -> Filter:
        """The group of that name; the first one is the whole list."""
        return next((one for one in self.filters if one.key == key), self.filters[0])


class Found:
    """What one person's list has at one moment."""

    def __init__(
        self, connection: Connection[Any], reach: Reach, person: Person, asked: Asked, now: datetime
    ) -> None:
        self.connection, self.reach, self.person = connection, reach, person
        self.asked, self.now = asked, now
        self.chosen = reach.chosen(asked.state)

    def query(self, **more: Any) -> BoardQuery:
        return BoardQuery(
            self.reach.scope,
            self.now,
            unit=self.reach.unit,
            seen_by=self.person.actor.unit,
            sort="due",
            **more,
        )

    def pool_query(self, **more: Any) -> BoardQuery:
        scope = Scope(claimable=self.reach.scope.claimable)
        seen_by = self.person.actor.unit
        return BoardQuery(scope, self.now, ["POOLED"], seen_by=seen_by, sort="due", **more)

    def page(self) -> Page:
        """As many rows as are asked for, in no order yet.

        Of the pool as far as the own rows go: what is due later stands behind own rows that are
        not on the page. The largest page has all of it, since no page after that has any.
        """
        page = Page([], None)
        if self.has_own:
            cursor = self.asked.cursor or None
            page = self.rows_of(self.query(**self.narrow, cursor=cursor), self.asked.shown)
        if not self.has_pool or self.asked.cursor:
            return page
        pool = self.rows_of(self.pool_query(**self.searched), STEPS[-1]).items
        last = page.items[-1].next_due if page.next else None
        if last is not None and self.asked.shown < STEPS[-1]:
            pool = [row for row in pool if row.next_due is not None and row.next_due <= last]
        return Page([*page.items, *pool], page.next)

    @property
    def has_own(self) -> bool:
        return list(self.chosen.states) != ["POOLED"] or not self.reach.pool

    @property
    def has_pool(self) -> bool:
        """Whether the list has what this unit may claim."""
        narrowed = self.asked.mine or self.part
        return self.reach.pool and "POOLED" in self.chosen.states and not narrowed

    @property
    def part(self) -> str | None:
        """Of the unit whose list it is; what is no part of a unit filters nothing."""
        return self.asked.part if self.reach.unit and self.asked.part in PARTS else None

    @property
    def searched(self) -> dict[str, Any]:
        return {"q": self.asked.q or None, "card": CARD_OF.get(self.asked.card)}

    @property
    def narrow(self) -> dict[str, Any]:
        acted = self.person.actor.account if self.asked.mine else None
        return {
            **self.searched,
            "states": self.chosen.states,
            "acted": acted,
            "part": self.part,
        }

    def rows_of(self, query: BoardQuery, many: int) -> Page:
        """So many rows, however many questions that takes."""
        items: list[BoardRow] = []
        page = Page([], query.cursor)
        while len(items) < many:
            limit = min(LARGEST_PAGE, many - len(items))
            page = board.find(self.connection, replace(query, cursor=page.next, limit=limit))
            items += page.items
            if page.next is None:
                break
        return Page(items, page.next)

    def still_listed(self, numbers: Sequence[str]) -> set[str]:
        """Those among them that the list has, on this page or further down."""
        named: dict[str, Any] = {"numbers": numbers, "limit": LARGEST_PAGE}
        queries = [self.query(**self.narrow, **named)] if self.has_own else []
        queries += [self.pool_query(**self.searched, **named)] if self.has_pool else []
        pages = [board.find(self.connection, query) for query in queries]
        return {row.number for page in pages for row in page.items}

    def named(self, numbers: Iterable[str]) -> list[BoardRow]:
        """The rows of these numbers that this person may see, in the list or not."""
        rows = board.by_numbers(self.connection, list(numbers)) if numbers else []
        return [row for row in rows if self.was_seen(row)]

    def was_seen(self, row: BoardRow) -> bool:
        """Readable now, or claimed out of the pool in which this person could see it."""
        could_claim = row.category in self.person.claimable and not row.confidential
        from_the_pool = could_claim and row.state == "CLAIMED"
        return from_the_pool or access.may_read(self.person, WhistleSubject.of_row(row))

    def tally(self) -> Tally:
        """How many whistles there are of each state and card."""
        states = sorted({state for f in self.reach.filters for state in f.states})
        found = board.counts(self.connection, self.query(states=states))
        if self.reach.pool:
            found = [*found, *board.counts(self.connection, self.pool_query())]
        tally: dict[tuple[str, str], int] = {}
        for count in found:
            key = (count.state, count.card)
            tally[key] = tally.get(key, 0) + count.whistles
        return tally

    def acted_in(self) -> int:
        """How many of the chosen group this person has acted in."""
        return self.counted(acted=self.person.actor.account)

    def parts(self) -> dict[str, int]:
        """How many of the chosen group the unit leads, and in how many it helps."""
        return {part: self.counted(part=part) for part in PARTS} if self.reach.unit else {}

    def counted(self, **more: Any) -> int:
        query = self.query(states=list(self.chosen.states), **more)
        return sum(count.whistles for count in board.counts(self.connection, query))

    def closed_lately(self, many: int) -> list[BoardRow]:
        closed = ["CLOSED", "SELF_RESOLVED_CLOSED"]
        query = replace(self.query(states=closed, limit=STEPS[0]), sort="newest")
        rows = board.find(self.connection, query).items
        rows.sort(key=lambda row: row.closed_at or row.registered_at, reverse=True)
        return rows[:many]


def counted_of(tally: Tally, chosen: Filter) -> int:
    return sum(n for (state, _), n in tally.items() if state in chosen.states)
