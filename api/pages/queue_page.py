"""Queue and board: one list sorted by time left, its filters with counts, the detail beside it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Self
from urllib.parse import parse_qsl, urlencode, urlsplit
from uuid import uuid4

from fastapi import Request, Response

from api import access
from api.access import Person
from api.callers import now
from api.commands import BY_NAME
from api.pages import present
from api.pages.acting import SHORTCUTS, Attempt
from api.pages.look import show, speech_of
from api.pages.present import Chip
from api.pages.speech import Speech
from api.pages.story import Teller
from api.pages.visitor import acts_for, head
from api.pages.whistle_view import Viewer, WhistleView, title_of
from api.reading import readable, wait_until
from api.subjects import WhistleSubject
from api.views import Heard, words_of_rows
from tracker.application import Tracker
from tracker.domain.errors import Refusal
from tracker.projections import board
from tracker.projections.board_query import BoardQuery, Page, Scope
from tracker.projections.board_row import BoardRow

PAGE, LARGEST = 50, 200
CARDS = ("bad", "warn", "ok", "pause")
URGENCY_OF_CARD = {"bad": "late", "warn": "yellow", "ok": "running", "pause": "none"}

# What usually comes next in a state. The button only leads there: whether it may happen is decided
# by the table and the domain when it is pressed.
NEXT: Mapping[str, Sequence[str]] = {
    "RAISED": ("classify",),
    "TRIAGED": ("dispatch", "classify"),
    "POOLED": ("claim", "dispatch"),
    "CLAIMED": ("respond",),
    "DISPATCHED": ("respond",),
    "RESPONDED": ("start",),
    "IN_PROGRESS": ("submit",),
    "SUSPENDED": ("resume",),
    "SUBMITTED": ("verify",),
    "VERIFIED": ("follow-up",),
    "SELF_RESOLVED": ("verify",),
}
AT_ONCE = frozenset({"claim", "start"})  # a button on the row does it; the others ask something


@dataclass(frozen=True)
class Asked:
    """The address of a list: what is filtered, searched, selected."""

    base: str
    state: str = ""
    card: str = ""
    level: str = ""
    part: str = ""
    q: str = ""
    cursor: str = ""
    w: str = ""
    do: str = ""  # the command whose form stands open
    position: int = 0

    @classmethod
    def of(cls, base: str, given: Mapping[str, str]) -> Self:
        names = ("state", "card", "level", "part", "q", "cursor", "w", "do")
        position = given.get("position", "")
        return cls(
            base,
            **{name: given.get(name, "")[:500] for name in names},
            position=int(position) if position.isdecimal() and len(position) < 19 else 0,
        )

    @classmethod
    def back_from(cls, address: str) -> Self:
        parts = urlsplit(address)
        return cls.of(parts.path, dict(parse_qsl(parts.query)))

    def link(self, **changes: str) -> str:
        there = replace(self, **{"position": 0, "do": "", **changes})
        said = {k: v for k, v in vars(there).items() if v and k != "base"}
        return f"{there.base}?{urlencode(said)}" if said else there.base


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
    post: str | None = None
    pool: bool = False
    keys: Sequence[str] = ()  # commands whose keys stand below the list


@dataclass(frozen=True)
class Action:
    label: str
    href: str
    post: bool
    shortcut: str
    key: str = field(default_factory=lambda: uuid4().hex)
    back: str = ""


@dataclass(frozen=True)
class Row:
    number: str
    href: str
    title: str
    meta: str
    chip: Chip
    due: str
    iso: str
    step: int
    class_name: str
    selected: bool
    action: Action | None
    lost: str = ""


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
        self.teller = Teller(self.speech, tracker.city, self.now)

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
        shown = [self.row(row, heard[row.id], lost if row.number == number else "") for row in rows]
        total = sum(tally.values())
        current = next((f for f in desk.filters if f.key == asked.state), desk.filters[0])
        return show(
            self.request,
            "queue.html",
            409 if attempt else 200,
            **head(self.request, self.tracker.city, self.person),
            heading=current.label,
            of=desk.heading,
            total=len(shown) if asked.q else self.count(tally, current),
            tally=_("{n} 件 · 按剩余时间", n=len(shown) if asked.q else self.count(tally, current)),
            here_path=asked.base,
            kept=[(k, v) for k, v in (("state", asked.state), ("card", asked.card)) if v],
            q=asked.q,
            said=None,
            rows=shown,
            empty=self.nothing(total),
            more=asked.link(cursor=found.next, w="") if found.next else None,
            sections=self.sections(desk, tally),
            whistle=pane,
            shortcuts=self.shortcuts(desk),
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
        return BoardQuery(scope=desk.scope, now=self.now, sort="due", post=desk.post, **more)

    def find(self, connection: Any, desk: Desk) -> Page:
        """The rows of this page. A card is read off each row, so its pages are read in full."""
        asked = self.asked
        chosen = next((f for f in desk.filters if f.key == asked.state), desk.filters[0])
        narrow: dict[str, Any] = {
            "states": chosen.states,
            "q": asked.q or None,
            "cursor": asked.cursor or None,
            "limit": LARGEST if asked.card else PAGE,
        }
        page = Page([], None)
        if list(chosen.states) != ["POOLED"] or not desk.pool:
            page = board.find(connection, self.query(desk, unit=desk.unit, **narrow))
        rows = list(page.items)
        if desk.pool and "POOLED" in chosen.states and not asked.cursor:
            rows += self.pool(connection, desk)
        rows = [row for row in rows if not asked.card or self.card(row) == asked.card]
        if asked.part:
            rows = [row for row in rows if (row.lead == desk.unit) == (asked.part == "lead")]
        rows.sort(key=self.pressing)
        return Page(rows, page.next)

    def pool(self, connection: Any, desk: Desk) -> list[BoardRow]:
        """What this unit may claim; short by its nature, so always whole."""
        scope = Scope(claimable=desk.scope.claimable)
        asked = BoardQuery(
            scope, self.now, states=["POOLED"], q=self.asked.q or None, sort="due", limit=LARGEST
        )
        return board.find(connection, asked).items

    def tally(self, connection: Any, desk: Desk) -> dict[tuple[str, str], int]:
        """How many whistles there are of each state and urgency."""
        states = sorted({state for f in desk.filters for state in f.states})
        found = board.counts(connection, self.query(desk, unit=desk.unit, states=states))
        if desk.pool:
            pooled = BoardQuery(Scope(claimable=desk.scope.claimable), self.now, states=["POOLED"])
            found = [*found, *board.counts(connection, pooled)]
        tally: dict[tuple[str, str], int] = {}
        for count in found:
            key = (count.state, count.urgency)
            tally[key] = tally.get(key, 0) + count.whistles
        return tally

    @staticmethod
    def count(tally: Mapping[tuple[str, str], int], chosen: Filter) -> int:
        return sum(n for (state, _), n in tally.items() if state in chosen.states)

    def with_lost(
        self, connection: Any, rows: Sequence[BoardRow], attempt: Attempt | None, number: str
    ) -> list[BoardRow]:
        """The row that somebody else took stays where the eye is, and says who has it."""
        if attempt is None or any(row.number == number for row in rows):
            return list(rows)
        gone = board.by_number(connection, number)
        return [gone, *rows] if gone else list(rows)

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
        current = next((f for f in desk.filters if f.key == asked.state), desk.filters[0])
        cards = [
            Entry(
                names[card],
                asked.link(card="" if asked.card == card else card, **fresh),
                sum(
                    n
                    for (state, urgency), n in tally.items()
                    if urgency == URGENCY_OF_CARD[card] and state in current.states
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

    def clock(self, row: BoardRow) -> Any:
        own = self.person.actor.unit
        return present.leading(list(row.clocks.values()), [own] if own else None)

    def pressing(self, row: BoardRow) -> tuple[bool, datetime]:
        """By the deadline that is shown: running ones first, the earliest on top."""
        clock = self.clock(row)
        return (clock is None or clock.held_at is not None, clock.due if clock else self.now)

    def card(self, row: BoardRow) -> str:
        tone = present.chip(self.speech, self.clock(row), self.now, "").tone
        return "pause" if tone == "done" else tone

    def row(self, row: BoardRow, heard: Heard, lost: str = "") -> Row:
        _, clock = self.speech, self.clock(row)
        category = self.teller.category(row.category)
        return Row(
            number=row.number,
            href=self.asked.link(w=row.number),
            title=title_of(_, heard.masked(), category),
            meta=self.meta(row, category),
            chip=present.chip(_, clock, self.now, present.state_name(_, row.state)),
            due=present.due_line(_, clock, self.now) if clock else "",
            iso=clock.due.isoformat() if clock else "",
            step=present.STEPS.get(row.sla_class, 1),
            class_name=present.class_name(_, row.sla_class),
            selected=row.number == self.asked.w,
            action=None if lost else self.action(row),
            lost=lost,
        )

    def meta(self, row: BoardRow, category: str) -> str:
        _, own, city = self.speech, self.person.actor.unit, self.tracker.city
        place = city.grid(row.grid).name if row.grid else _("待落格")
        parts = [place, category, present.state_name(_, row.state)]
        if row.lead and row.lead != own:
            parts.append(_("主办 {unit}", unit=self.teller.unit(row.lead)))
        if own and own == row.lead:
            parts.append(_("主办"))
        if own and own in row.co:
            parts.append(_("协办"))
        if row.children:
            parts.append(_("并案 {n} 件", n=row.children))
        if row.supervised:
            parts.append(_("督办"))
        return " · ".join(parts)

    def action(self, row: BoardRow) -> Action | None:
        """The step that usually comes next, if the table lets this person take it."""
        subject = WhistleSubject.of_row(row)
        for name in NEXT.get(row.state, ()):
            if access.may(name, self.person, subject):
                return self.button(row, name)
        return None

    def button(self, row: BoardRow, name: str) -> Action:
        label = BY_NAME[name].label.say(self.speech.language, {})
        selected = self.asked.link(w=row.number)
        at_once = name in AT_ONCE
        opened = f"{self.asked.link(w=row.number, do=name)}#do-{name}"
        href = f"/w/{row.number}/{name}" if at_once else opened
        return Action(label, href, at_once, SHORTCUTS.get(name, ""), back=selected)

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


def title_for(tracker: Tracker, person: Person) -> str:
    return acts_for(tracker.city, person)
