"""Queue and board: one list sorted by time left, its filters with counts, the detail beside it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from fastapi import Request, Response

from api import access
from api.access import Person
from api.callers import now
from api.commands import BY_NAME
from api.pages.acting import SHORTCUTS, Attempt
from api.pages.look import show, speech_of
from api.pages.queue_rows import Asked, Rows
from api.pages.speech import Speech
from api.pages.visitor import head
from api.pages.whistle_view import Viewer, WhistleView
from api.reading import readable, wait_until
from api.subjects import WhistleSubject
from api.views import words_of_rows
from tracker.application import Tracker
from tracker.domain.errors import Refusal
from tracker.projections import board
from tracker.projections.board_query import BoardQuery, Page, Scope
from tracker.projections.board_row import BoardRow

PAGE, LARGEST = 50, 200
CARDS = ("bad", "warn", "ok", "pause")
CARD_OF = {"bad": "red", "warn": "yellow", "ok": "none", "pause": "paused"}


@dataclass(frozen=True)
class Filter:
    key: str
    label: str
    states: Sequence[str]


@dataclass(frozen=True)
class Desk:
    """Whose list it is: its rows, its own groups of states, and the pool that may be claimed."""

    heading: str
    filters: Sequence[Filter]
    scope: Scope
    unit: str | None = None
    pool: bool = False
    keys: Sequence[str] = ()  # commands whose keys stand below the list
    stream: str = "city"  # whose news renews the list; what a person may not read is left out
    template: str = (
        "queue.html"  # one that extends it fills its blocks: beside, tools, above, below
    )
    more: Mapping[str, Any] = field(default_factory=dict)  # what such a template shows besides

    def chosen(self, key: str) -> Filter:
        """The group of that name; the first one is the whole list."""
        return next((one for one in self.filters if one.key == key), self.filters[0])


@dataclass(frozen=True)
class Entry:
    label: str
    href: str
    count: int
    current: bool
    icon: str | None = None


@dataclass(frozen=True)
class Section:
    title: str
    entries: Sequence[Entry]


class Queue:
    """Makes one list for one person at one moment."""

    def __init__(self, request: Request, tracker: Tracker, person: Person, asked: Asked) -> None:
        self.request, self.tracker, self.person, self.asked = request, tracker, person, asked
        self.now: datetime = now()
        self.speech: Speech = speech_of(request)
        self.rows = Rows(self.speech, tracker.city, person, self.now, asked)

    def page(self, desk: Desk, attempt: Attempt | None = None, number: str = "") -> Response:
        """The list; after a refusal, with what was said where it happened."""
        _, asked = self.speech, self.asked
        with self.tracker.connection() as connection:
            wait_until(connection, "board", asked.position)
            found = self.find(connection, desk)
            tally = self.tally(connection, desk)
            rows = self.with_lost(connection, found.items, attempt, number)
            heard = words_of_rows(connection, rows)
        pane = self.pane(attempt if asked.w == number else None)
        told_there = pane is not None and asked.w == number
        lost = attempt.said.message if attempt and not told_there else ""
        at_row = any(row.number == number for row in rows)
        shown = [
            self.rows.row(row, heard[row.id], lost if row.number == number else "") for row in rows
        ]
        current = desk.chosen(asked.state)
        count = len(shown) if asked.q else self.count(tally, current)
        return show(
            self.request,
            desk.template,
            409 if attempt else 200,
            **head(self.request, self.tracker.city, self.person),
            heading=current.label,
            of=desk.heading,
            total=count,
            tally=_("{n} 件 · 按剩余时间", n=count),
            here_path=asked.base,
            kept=[(k, v) for k, v in (("state", asked.state), ("card", asked.card)) if v],
            q=asked.q,
            said=attempt.said if attempt and lost and not at_row else None,
            rows=shown,
            empty=self.nothing(sum(tally.values())),
            more=asked.link(cursor=found.next, w="") if found.next else None,
            sections=self.sections(desk, tally),
            whistle=pane,
            shortcuts=self.shortcuts(desk),
            **desk.more,
        )

    def shortcuts(self, desk: Desk) -> list[tuple[Sequence[str], str]]:
        _, language = self.speech, self.speech.language
        keys = [((SHORTCUTS[name],), BY_NAME[name].label.say(language, {})) for name in desk.keys]
        return [
            (("J", "K"), _("上下")),
            *keys,
            (("/",), _("搜索")),
            (("?",), _("全部快捷键")),
        ]

    def query(self, desk: Desk, **more: Any) -> BoardQuery:
        return BoardQuery(desk.scope, self.now, seen_by=self.person.actor.unit, sort="due", **more)

    def find(self, connection: Any, desk: Desk) -> Page:
        asked = self.asked
        chosen = desk.chosen(asked.state)
        narrow: dict[str, Any] = {
            "states": chosen.states,
            "q": asked.q or None,
            "card": CARD_OF.get(asked.card),
            "cursor": asked.cursor or None,
            "limit": PAGE,
        }
        page = Page([], None)
        if list(chosen.states) != ["POOLED"] or not desk.pool:
            page = board.find(connection, self.query(desk, unit=desk.unit, **narrow))
        rows = list(page.items)
        if desk.pool and "POOLED" in chosen.states and not asked.cursor:
            rows += self.pool(connection, desk)
        if asked.part:
            rows = [row for row in rows if (row.lead == desk.unit) == (asked.part == "lead")]
        rows.sort(key=self.rows.pressing)
        return Page(rows, page.next)

    def pool(self, connection: Any, desk: Desk) -> list[BoardRow]:
        """What this unit may claim; short by its nature, so always whole."""
        asked = self.pool_query(
            desk, q=self.asked.q or None, card=CARD_OF.get(self.asked.card), limit=LARGEST
        )
        return board.find(connection, asked).items

    def pool_query(self, desk: Desk, **more: Any) -> BoardQuery:
        scope = Scope(claimable=desk.scope.claimable)
        seen_by = self.person.actor.unit
        return BoardQuery(scope, self.now, ["POOLED"], seen_by=seen_by, sort="due", **more)

    def tally(self, connection: Any, desk: Desk) -> dict[tuple[str, str], int]:
        """How many whistles there are of each state and card."""
        states = sorted({state for f in desk.filters for state in f.states})
        found = board.counts(connection, self.query(desk, unit=desk.unit, states=states))
        if desk.pool:
            found = [*found, *board.counts(connection, self.pool_query(desk))]
        tally: dict[tuple[str, str], int] = {}
        for count in found:
            key = (count.state, count.card)
            tally[key] = tally.get(key, 0) + count.whistles
        return tally

    @staticmethod
    def count(tally: Mapping[tuple[str, str], int], chosen: Filter) -> int:
        return sum(n for (state, _), n in tally.items() if state in chosen.states)

    def with_lost(
        self, connection: Any, rows: Sequence[BoardRow], attempt: Attempt | None, number: str
    ) -> list[BoardRow]:
        """The row that somebody else took stays, and says who has it."""
        if attempt is None or any(row.number == number for row in rows):
            return list(rows)
        gone = board.by_number(connection, number)
        if gone is None or not self.was_seen(gone):
            return list(rows)
        return [gone, *rows]

    def was_seen(self, row: BoardRow) -> bool:
        """Readable now, or claimed out of the pool in which this person could see it."""
        could_claim = row.category in self.person.claimable and not row.confidential
        from_the_pool = could_claim and row.state == "CLAIMED"
        return from_the_pool or access.may_read(self.person, WhistleSubject.of_row(row))

    def sections(self, desk: Desk, tally: Mapping[tuple[str, str], int]) -> list[Section]:
        _, asked = self.speech, self.asked
        fresh = {"cursor": "", "w": ""}
        states = [
            Entry(
                f.label,
                asked.link(state=f.key, card="", **fresh),
                self.count(tally, f),
                asked.state == f.key,
            )
            for f in desk.filters
        ]
        names = {
            "bad": _("红牌 已超时"),
            "warn": _("黄牌 快到期"),
            "ok": _("绿牌 从容"),
            "pause": _("暂停或无时限"),
        }
        current = desk.chosen(asked.state)
        cards = [
            Entry(
                names[card],
                asked.link(card="" if asked.card == card else card, **fresh),
                sum(
                    n
                    for (state, shown), n in tally.items()
                    if shown == CARD_OF[card] and state in current.states
                ),
                asked.card == card,
                card,
            )
            for card in CARDS
        ]
        return [Section(_("待办"), states), Section(_("时限"), cards)]

    def nothing(self, total: int) -> str:
        _, asked = self.speech, self.asked
        if asked.q or asked.card or (asked.state and total):
            return _("没有符合的事项")
        return _("没有待办")

    def pane(self, attempt: Attempt | None) -> WhistleView | None:
        """The selected whistle, if this person may see it."""
        if not self.asked.w:
            return None
        try:
            whistle = readable(self.tracker, self.asked.w, self.person)
        except Refusal:
            return None
        viewer = Viewer(self.tracker, self.speech, self.person, self.now)
        here = self.asked.link()
        shown = viewer.staff(whistle, here, attempt, do=self.asked.do)
        return replace(shown, back=self.asked.link(w=""))
