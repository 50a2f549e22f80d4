"""The page of a queue: one list sorted by time left, filters with counts, the detail beside it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import uuid4

from fastapi import Request, Response

from api.door.access import Person
from api.door.callers import now
from api.pages.desk.queue_query import CARD_OF, QueueFilter, QueueQuery, StateGroup, Tally, count_in
from api.pages.desk.queue_rows import (
    QueueRequest,
    RemovedRow,
    Row,
    Rows,
    UnchangedRow,
    missing_numbers,
    position_of_page,
    yellow_turns,
)
from api.pages.frame.look import news_of, show, speech_of
from api.pages.frame.route import Notice
from api.pages.frame.speech import Speech
from api.pages.frame.visitor import head, places_by_key
from api.pages.parts.acting import SHORTCUTS, Attempt, outcome
from api.pages.parts.whistle_view import Viewer, WhistleView
from api.reading.reading import readable, wait_until
from api.reading.views import words_of_rows
from tracker.commands.tracker import Tracker
from tracker.commands.whistle.commands import BY_NAME
from tracker.domain.errors import Refusal
from tracker.projections import clocks
from tracker.projections.board.query import Scope
from tracker.projections.board.row import BoardRow
from tracker.projections.engine.positions import folded_to

LATELY = 3
RACES = frozenset({"claim"})  # never held for undo, because another unit could be faster
CARDS = ("bad", "warn", "ok", "pause")


@dataclass(frozen=True)
class QueueConfig:
    """How a post or a unit shows its queue: which rows, which groups of states, which commands."""

    heading: str
    groups: Sequence[StateGroup]
    scope: Scope
    unit: str | None = None
    pool: bool = False
    keys: Sequence[str] = ()  # commands whose keyboard shortcuts are named below the list
    many: Sequence[str] = ()  # commands that may be given to several rows at once
    stream: str = "city"  # scope of the events that renew the list
    template: str = "queue.html"  # or one that extends it by the blocks beside, tools, above, below
    more: Mapping[str, Any] = field(default_factory=dict)  # additional values for such a template

    @property
    def filter(self) -> QueueFilter:
        return QueueFilter(self.scope, self.groups, self.unit, self.pool)


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
    """Makes the page of a queue for one person at one moment."""

    def __init__(
        self, request: Request, tracker: Tracker, person: Person, asked: QueueRequest
    ) -> None:
        self.request, self.tracker, self.person, self.asked = request, tracker, person, asked
        self.now: datetime = now()
        self.speech: Speech = speech_of(request)
        self.rows = Rows(self.speech, tracker.city, person, self.now, asked)

    def page(
        self,
        config: QueueConfig,
        attempt: Attempt | None = None,
        number: str = "",
        results: Mapping[str, Notice] | None = None,
    ) -> Response:
        """The page. `attempt`: a refused command, shown in the detail or on its row (`number`).

        `results`: by number, the outcome of a command that was given to several rows.
        """
        _, asked, results = self.speech, self.asked, results or {}
        pane = self.pane(attempt if asked.w == number else None)
        shown_in_pane = pane is not None and asked.w == number
        lost = {number: attempt.said.message} if attempt and not shown_in_pane else {}
        lost |= {one: said.message for one, said in results.items() if not said.kind}
        with self.tracker.connection() as connection:
            wait_until(connection, "board", asked.position)
            stands = folded_to(connection, "board")
            query = QueueQuery(connection, config.filter, self.person, asked, self.now)
            page = query.page()
            page.items.sort(key=self.rows.by_deadline)
            tally, mine, parts = query.tally(), query.count_acted_in(), query.count_by_part()
            named = [*([number] if attempt else []), *results]
            rows = with_acted_rows(query, page.items, named)
            shown = self.rows_to_send(connection, rows, lost, results)
            below, gone = self.rows_missing_from_page(query, rows)
            lately = self.last_closed(query) if not rows else []
        at_row = any(row.number == number for row in rows)
        count = parts.get(query.part or "", count_in(tally, query.group))
        count = len(shown) if asked.q or asked.mine else count
        longer = asked.longer if page.next else None
        answer = show(
            self.request,
            config.template,
            409 if attempt else 200,
            **head(self.request, self.tracker.city, self.person),
            heading=query.group.label,
            of=config.heading,
            total=count,
            tally=_("{n} 件 · 按剩余时间", n=count),
            here_path=asked.base,
            kept=[(k, v) for k in ("state", "card", "part", "mine") if (v := getattr(asked, k))],
            q=asked.q,
            said=attempt.said if attempt and lost and not at_row else self.summary(results),
            rows=shown,
            below=below,
            gone=gone,
            empty=self.empty_message(sum(tally.values())),
            lately=lately,
            longer=longer,
            more=asked.link(cursor=page.next, w="") if page.next and not longer else None,
            sections=self.sections(config, query.group, tally, parts, mine),
            whistle=pane,
            shortcuts=self.shortcuts(config),
            many=[(name, self.label(name), name not in RACES) for name in config.many],
            many_key=uuid4().hex,
            back=asked.link(),
            list_of=asked.list,
            long=asked.rows,
            stands=stands,
            stream=news_of(config.stream, stands),
            now=self.now.isoformat(),
            places_by_key=places_by_key(self.person),
            **config.more,
        )
        if attempt or results:
            answer.headers["HX-Push-Url"] = (
                "false"  # the address of a POST must not be in the history
            )
        elif asked.position:
            joint = "&" if "?" in asked.link() else "?"
            answer.headers["HX-Replace-Url"] = f"{asked.link()}{joint}position={asked.position}"
        return answer

    def rows_to_send(
        self,
        connection: Any,
        rows: Sequence[BoardRow],
        lost: Mapping[str, str],
        results: Mapping[str, Notice],
    ) -> list[Row | UnchangedRow]:
        """The rows in their order; a row that the page already has unchanged is an UnchangedRow."""
        until = position_of_page(self.request.headers)
        named = {*lost, *results}
        whole = [row for row in rows if row.position > until or row.number in named]
        heard = words_of_rows(connection, whole, self.person)
        turns = yellow_turns(clocks.of(connection, [row.id for row in whole]))
        drawn = {
            row.id: self.rows.row(
                row,
                heard[row.id],
                turns,
                lost=lost.get(row.number, ""),
                result=results[row.number].message if row.number in results else "",
            )
            for row in whole
        }
        return [drawn.get(row.id) or UnchangedRow(row.number, row.version) for row in rows]

    def rows_missing_from_page(
        self, query: QueueQuery, rows: Sequence[BoardRow]
    ) -> tuple[list[Row | UnchangedRow], list[RemovedRow]]:
        """Rows that the open page shows but this page lacks: rows further down, removed rows."""
        here = {row.number for row in rows}
        missed = [number for number in missing_numbers(self.request.headers) if number not in here]
        if not missed:
            return [], []
        listed, seen = query.still_listed(missed), query.rows_by_number(missed)
        below = [row for row in seen if row.number in listed]
        left = [row for row in seen if row.number not in listed]
        gone = [RemovedRow(row.number, self.rows.where_it_went(row)) for row in left]
        return self.rows_to_send(query.connection, below, {}, {}), gone

    def label(self, name: str) -> str:
        return BY_NAME[name].label.say(self.speech.language, {})

    def summary(self, results: Mapping[str, Notice]) -> Notice | None:
        """A sentence with the number of successes; each row shows its own outcome besides."""
        if not results:
            return None
        _, done = self.speech, sum(1 for said in results.values() if said.kind)
        if done == len(results):
            return Notice(_("{n} 件都办好了", n=done), kind="good")
        left = len(results) - done
        return Notice(
            _("办好 {done} 件，{left} 件没有办成", done=done, left=left), _("原因在各行里")
        )

    def shortcuts(self, config: QueueConfig) -> list[tuple[Sequence[str], str]]:
        _ = self.speech
        keys = [((SHORTCUTS[name],), self.label(name)) for name in config.keys]
        return [
            (("J", "K"), _("上下")),
            *keys,
            (("/",), _("搜索")),
            (("?",), _("全部快捷键")),
        ]

    def last_closed(self, query: QueueQuery) -> list[Entry]:
        """The whistles closed last, which an empty list shows instead of rows."""
        rows = query.last_closed(LATELY)
        heard = words_of_rows(query.connection, rows, self.person)
        return [
            Entry(self.rows.title(row, heard[row.id]), f"/w/{row.number}", 0, current=False)
            for row in rows
        ]

    def sections(
        self,
        config: QueueConfig,
        current: StateGroup,
        tally: Tally,
        parts: Mapping[str, int],
        mine: int,
    ) -> list[Section]:
        _, asked = self.speech, self.asked
        fresh = {"cursor": "", "w": ""}
        states = [
            Entry(
                f.label,
                asked.link(state=f.key, card="", **fresh),
                count_in(tally, f),
                asked.state == f.key,
            )
            for f in config.groups
        ]
        names = {
            "bad": _("红牌 已超时"),
            "warn": _("黄牌 快到期"),
            "ok": _("绿牌 从容"),
            "pause": _("暂停或无时限"),
        }
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
        roles = [
            Entry(
                {"lead": _("主办"), "co": _("协办")}[part],
                asked.link(part="" if asked.part == part else part, **fresh),
                count,
                asked.part == part,
            )
            for part, count in parts.items()
        ]
        toggled = asked.link(mine="" if asked.mine else "1", **fresh)
        own = [Entry(_("我经办的"), toggled, mine, bool(asked.mine))]
        return [
            Section(_("待办"), states),
            Section(_("时限"), cards),
            *([Section(_("分工"), roles)] if roles else []),
            Section(_("经办"), own),
        ]

    def empty_message(self, total: int) -> str:
        _, asked = self.speech, self.asked
        if asked.q or asked.card or asked.part or asked.mine or (asked.state and total):
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


def with_acted_rows(
    query: QueueQuery, rows: Sequence[BoardRow], numbers: Iterable[str]
) -> Sequence[BoardRow]:
    """The rows plus those of `numbers`: a row that another unit took stays and says who has it."""
    shown = {row.number for row in rows}
    return [*query.rows_by_number([number for number in numbers if number not in shown]), *rows]
