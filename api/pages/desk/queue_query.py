"""Reads a queue: the rows of a page, the rows that an open page still shows, and the counts."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from api.door import access
from api.door.access import Person
from api.door.subjects import WhistleSubject
from api.pages.desk.queue_rows import STEPS, QueueRequest
from tracker.domain.whistle.whistle import whistle_id
from tracker.eventstore.connections import Connection
from tracker.projections.board import board
from tracker.projections.board.query import LARGEST_PAGE, BoardQuery, Page, Scope
from tracker.projections.board.row import BoardRow

CARD_OF = {"bad": "red", "warn": "yellow", "ok": "none", "pause": "paused"}

PARTS = ("lead", "co")

Tally = Mapping[tuple[str, str], int]  # number of whistles by (state, card)


@dataclass(frozen=True)
class StateGroup:
    key: str
    label: str
    states: Sequence[str]


@dataclass(frozen=True)
class QueueFilter:
    """Which rows a queue has: those of a scope, or a unit's own with the pool it may claim from."""

    scope: Scope
    groups: Sequence[StateGroup]
    unit: str | None
    pool: bool

    def group(self, key: str) -> StateGroup:
        """The group with this key. The first group is the whole list, and the default."""
        return next((one for one in self.groups if one.key == key), self.groups[0])


class QueueQuery:
    """The questions about one person's queue at one moment."""

    def __init__(
        self,
        connection: Connection,
        filter: QueueFilter,
        person: Person,
        request: QueueRequest,
        now: datetime,
    ) -> None:
        self.connection, self.filter, self.person = connection, filter, person
        self.request, self.now = request, now
        self.group = filter.group(request.state)

    def query(self, **more: Any) -> BoardQuery:
        return BoardQuery(
            self.filter.scope,
            self.now,
            unit=self.filter.unit,
            seen_by=self.person.actor.unit,
            sort="due",
            **more,
        )

    def pool_query(self, **more: Any) -> BoardQuery:
        scope = Scope(claimable=self.filter.scope.claimable)
        seen_by = self.person.actor.unit
        return BoardQuery(scope, self.now, ["POOLED"], seen_by=seen_by, sort="due", **more)

    def merged_one(self) -> list[BoardRow]:
        """The merged whistle whose own number is searched for; its row leads to the parent."""
        if not self.request.q or self.request.cursor:
            return []
        asked = BoardQuery(self.filter.scope, self.now, ["MERGED"], q=self.request.q)
        found = board.find(self.connection, asked).items
        return [row for row in found if row.id == whistle_id(self.request.q)]

    def page(self) -> Page:
        """As many rows as requested, not yet sorted.

        Pool rows are included only up to the last own row's deadline: later ones would stand behind
        own rows that are not on this page. The largest page has all pool rows, because the pages
        after it have none.
        """
        page = Page([], None)
        if self.includes_own:
            cursor = self.request.cursor or None
            page = self.rows_of(self.query(**self.narrow, cursor=cursor), self.request.row_limit)
        page = Page([*self.merged_one(), *page.items], page.next)
        if not self.includes_pool or self.request.cursor:
            return page
        pool = self.rows_of(self.pool_query(**self.searched), STEPS[-1]).items
        last = page.items[-1].next_due if page.next else None
        if last is not None and self.request.row_limit < STEPS[-1]:
            pool = [row for row in pool if row.next_due is not None and row.next_due <= last]
        return Page([*page.items, *pool], page.next)

    @property
    def includes_own(self) -> bool:
        return list(self.group.states) != ["POOLED"] or not self.filter.pool

    @property
    def includes_pool(self) -> bool:
        """Whether the list includes the whistles that this unit may claim."""
        narrowed = self.request.mine or self.part
        return self.filter.pool and "POOLED" in self.group.states and not narrowed

    @property
    def part(self) -> str | None:
        """The unit's part to filter by, lead or co; None, also for an unknown part: no filter."""
        return self.request.part if self.filter.unit and self.request.part in PARTS else None

    @property
    def searched(self) -> dict[str, Any]:
        return {"q": self.request.q or None, "card": CARD_OF.get(self.request.card)}

    @property
    def narrow(self) -> dict[str, Any]:
        acted = self.person.actor.account if self.request.mine else None
        return {
            **self.searched,
            "states": self.group.states,
            "acted": acted,
            "part": self.part,
        }

    def rows_of(self, query: BoardQuery, count: int) -> Page:
        """Up to `count` rows; asks several times, since one query has at most LARGEST_PAGE."""
        items: list[BoardRow] = []
        page = Page([], query.cursor)
        while len(items) < count:
            limit = min(LARGEST_PAGE, count - len(items))
            page = board.find(self.connection, replace(query, cursor=page.next, limit=limit))
            items += page.items
            if page.next is None:
                break
        return Page(items, page.next)

    def still_listed(self, numbers: Sequence[str]) -> set[str]:
        """Those of these numbers that the list includes, on this page or a later one."""
        named: dict[str, Any] = {"numbers": numbers, "limit": LARGEST_PAGE}
        queries = [self.query(**self.narrow, **named)] if self.includes_own else []
        queries += [self.pool_query(**self.searched, **named)] if self.includes_pool else []
        pages = [board.find(self.connection, query) for query in queries]
        return {row.number for page in pages for row in page.items}

    def rows_by_number(self, numbers: Iterable[str]) -> list[BoardRow]:
        """The rows of these numbers that this person may see, also those not in the list."""
        rows = board.by_numbers(self.connection, list(numbers)) if numbers else []
        return [row for row in rows if self.may_show(row)]

    def may_show(self, row: BoardRow) -> bool:
        """Whether the person may read it, or could see it in the pool before it was claimed."""
        could_claim = row.category in self.person.claimable and not row.confidential
        from_the_pool = could_claim and row.state == "CLAIMED"
        return from_the_pool or access.may_read(self.person, WhistleSubject.of_row(row))

    def tally(self) -> Tally:
        """The number of whistles by state and card."""
        states = sorted({state for f in self.filter.groups for state in f.states})
        found = board.counts(self.connection, self.query(states=states))
        if self.filter.pool:
            found = [*found, *board.counts(self.connection, self.pool_query())]
        tally: dict[tuple[str, str], int] = {}
        for count in found:
            key = (count.state, count.card)
            tally[key] = tally.get(key, 0) + count.whistles
        return tally

    def count_acted_in(self) -> int:
        """The number of whistles in the chosen group in which this person has acted."""
        return self.count(acted=self.person.actor.account)

    def count_by_part(self) -> dict[str, int]:
        """The number of whistles in the chosen group by the unit's part: lead or co."""
        return {part: self.count(part=part) for part in PARTS} if self.filter.unit else {}

    def count(self, **more: Any) -> int:
        query = self.query(states=list(self.group.states), **more)
        return sum(count.whistles for count in board.counts(self.connection, query))

    def last_closed(self, limit: int) -> list[BoardRow]:
        closed = ["CLOSED", "SELF_RESOLVED_CLOSED"]
        query = replace(self.query(states=closed, limit=STEPS[0]), sort="newest")
        rows = board.find(self.connection, query).items
        rows.sort(key=lambda row: row.closed_at or row.registered_at, reverse=True)
        return rows[:limit]


def count_in(tally: Tally, chosen: StateGroup) -> int:
    return sum(n for (state, _), n in tally.items() if state in chosen.states)
