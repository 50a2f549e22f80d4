"""Queue and board: one list sorted by time left, its filters with counts, the detail beside it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import uuid4

from fastapi import Request, Response

from api import access
from api.access import Person
from api.callers import now
from api.commands import BY_NAME
from api.pages.acting import SHORTCUTS, Attempt, outcome
from api.pages.look import news_of, show, speech_of
from api.pages.queue_rows import Asked, Rows, turns_of
from api.pages.route import Said
from api.pages.speech import Speech
from api.pages.visitor import head, places_by_key
from api.pages.whistle_view import Viewer, WhistleView
from api.reading import readable, wait_until
from api.subjects import WhistleSubject
from api.views import words_of_rows
from tracker.application import Tracker
from tracker.domain.errors import Refusal
from tracker.projections import board, clocks
from tracker.projections.board_query import BoardQuery, Page, Scope
from tracker.projections.board_row import BoardRow
from tracker.projections.positions import folded_to

PAGE, LARGEST, LATELY = 50, 200, 3
RACES = frozenset({"claim"})  # given at once: who waits, to be able to think again, is too late
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
    many: Sequence[str] = ()  # commands that several rows may be given at once
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

    def page(
        self,
        desk: Desk,
        attempt: Attempt | None = None,
        number: str = "",
        results: Mapping[str, Said] | None = None,
    ) -> Response:
        """The list; after a refusal, with what was said where it happened.

        `results` says of each row how it went when several were done at once.
        """
        _, asked, told = self.speech, self.asked, results or {}
        pane = self.pane(attempt if asked.w == number else None)
        told_there = pane is not None and asked.w == number
        lost = {number: attempt.said.message} if attempt and not told_there else {}
        lost |= {one: said.message for one, said in told.items() if not said.kind}
        with self.tracker.connection() as connection:
            wait_until(connection, "board", asked.position)
            stands = folded_to(connection, "board")
            found = self.find(connection, desk)
            tally = self.tally(connection, desk)
            mine = self.acted_in(connection, desk)
            named = [*([number] if attempt else []), *told]
            rows = self.with_lost(connection, found.items, named)
            heard = words_of_rows(connection, rows)
            turns = turns_of(clocks.of(connection, [row.id for row in rows]))
            lately = self.closed_lately(connection, desk) if not rows else []
        shown = [
            self.rows.row(
                row,
                heard[row.id],
                turns,
                lost=lost.get(row.number, ""),
                told=told[row.number].message if row.number in told else "",
            )
            for row in rows
        ]
        at_row = any(row.number == number for row in rows)
        current = desk.chosen(asked.state)
        count = len(shown) if asked.q or asked.mine else self.count(tally, current)
        answer = show(
            self.request,
            desk.template,
            409 if attempt else 200,
            **head(self.request, self.tracker.city, self.person),
            heading=current.label,
            of=desk.heading,
            total=count,
            tally=_("{n} 件 · 按剩余时间", n=count),
            here_path=asked.base,
            kept=[(k, v) for k in ("state", "card", "mine") if (v := getattr(asked, k))],
            q=asked.q,
            said=attempt.said if attempt and lost and not at_row else self.in_all(told),
            rows=shown,
            empty=self.nothing(sum(tally.values())),
            lately=lately,
            more=asked.link(cursor=found.next, w="") if found.next else None,
            sections=self.sections(desk, tally, mine),
            whistle=pane,
            shortcuts=self.shortcuts(desk),
            many=[(name, self.label(name), name not in RACES) for name in desk.many],
            many_key=uuid4().hex,
            back=asked.link(),
            list_of=asked.list,
            stream=news_of(desk.stream, stands),
            now=self.now.isoformat(),
            places_by_key=places_by_key(self.person),
            **desk.more,
        )
        if attempt or told:
            answer.headers["HX-Push-Url"] = (
                "false"  # a POST's own address is no place to go back to
            )
        elif asked.position:
            joint = "&" if "?" in asked.link() else "?"
            answer.headers["HX-Replace-Url"] = f"{asked.link()}{joint}position={asked.position}"
        return answer

    def label(self, name: str) -> str:
        return BY_NAME[name].label.say(self.speech.language, {})

    def in_all(self, told: Mapping[str, Said]) -> Said | None:
        """Of several at once: how many went well; each row says it of itself besides."""
        if not told:
            return None
        _, done = self.speech, sum(1 for said in told.values() if said.kind)
        if done == len(told):
            return Said(_("{n} 件都办好了", n=done), kind="good")
        left = len(told) - done
        return Said(_("办好 {done} 件，{left} 件没有办成", done=done, left=left), _("原因在各行里"))

    def shortcuts(self, desk: Desk) -> list[tuple[Sequence[str], str]]:
        _ = self.speech
        keys = [((SHORTCUTS[name],), self.label(name)) for name in desk.keys]
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
            "acted": self.acting,
            "cursor": asked.cursor or None,
            "limit": PAGE,
        }
        page = Page([], None)
        if list(chosen.states) != ["POOLED"] or not desk.pool:
            page = board.find(connection, self.query(desk, unit=desk.unit, **narrow))
        rows = list(page.items)
        if desk.pool and "POOLED" in chosen.states and not (asked.cursor or asked.mine):
            rows += self.pool(connection, desk)
        rows.sort(key=self.rows.pressing)
        return Page(rows, page.next)

    @property
    def acting(self) -> str | None:
        return self.person.actor.account if self.asked.mine else None

    def acted_in(self, connection: Any, desk: Desk) -> int | None:
        """How many of the chosen group this person has acted in."""
        states = list(desk.chosen(self.asked.state).states)
        query = self.query(desk, unit=desk.unit, states=states, acted=self.person.actor.account)
        return sum(count.whistles for count in board.counts(connection, query))

    def closed_lately(self, connection: Any, desk: Desk) -> list[Entry]:
        """What an empty list shows instead: the last that were done."""
        closed = ["CLOSED", "SELF_RESOLVED_CLOSED"]
        query = replace(self.query(desk, unit=desk.unit, states=closed, limit=PAGE), sort="newest")
        rows = board.find(connection, query).items
        rows.sort(key=lambda row: row.closed_at or row.registered_at, reverse=True)
        heard = words_of_rows(connection, rows[:LATELY])
        return [
            Entry(self.rows.title(row, heard[row.id]), f"/w/{row.number}", 0, current=False)
            for row in rows[:LATELY]
        ]

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
        self, connection: Any, rows: Sequence[BoardRow], named: Iterable[str]
    ) -> list[BoardRow]:
        """A row that somebody else took stays, and says who has it."""
        shown = {row.number for row in rows}
        gone = [board.by_number(connection, number) for number in named if number not in shown]
        return [*(row for row in gone if row is not None and self.was_seen(row)), *rows]

    def was_seen(self, row: BoardRow) -> bool:
        """Readable now, or claimed out of the pool in which this person could see it."""
        could_claim = row.category in self.person.claimable and not row.confidential
        from_the_pool = could_claim and row.state == "CLAIMED"
        return from_the_pool or access.may_read(self.person, WhistleSubject.of_row(row))

    def sections(
        self, desk: Desk, tally: Mapping[tuple[str, str], int], mine: int | None
    ) -> list[Section]:
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
        toggled = asked.link(mine="" if asked.mine else "1", **fresh)
        own = [Entry(_("我经办的"), toggled, mine or 0, bool(asked.mine))]
        return [
            Section(_("待办"), states),
            Section(_("时限"), cards),
            *([Section(_("经办"), own)] if mine is not None else []),
        ]

    def nothing(self, total: int) -> str:
        _, asked = self.speech, self.asked
        if asked.q or asked.card or asked.mine or (asked.state and total):
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
        said = outcome(self.speech, self.asked.done)
        shown = viewer.staff(whistle, here, attempt, said, do=self.asked.do)
        return replace(shown, back=self.asked.link(w=""))
