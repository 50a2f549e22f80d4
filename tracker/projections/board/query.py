"""A query of the board: scope, filters, order, and the page's start."""

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Self
from uuid import UUID

import msgspec

from tracker.domain.errors import Invalid, Words
from tracker.domain.promises.sla_classes import OF_THE_POST, PROMISES
from tracker.domain.whistle.events import TERMINAL
from tracker.domain.whistle.whistle import whistle_id
from tracker.projections.board.row import BoardRow

LARGEST_PAGE = 200
NEVER = "infinity"  # PostgreSQL's last moment: sorts whistles without a running promise last


class UnknownSort(Invalid):
    """The list cannot be put in that order."""

    code = "query.unknown_sort"
    field: ClassVar[str | None] = "sort"
    message = Words(zh="不能按 {sort} 排序", en="The list cannot be sorted by {sort}")
    remedy = Words(zh="可选:{known}", en="Choose one of: {known}")


class BadCursor(Invalid):
    """Not a cursor that an earlier page of the same order gave."""

    code = "query.bad_cursor"
    field: ClassVar[str | None] = "cursor"
    message = Words(zh="翻页标记无效", en="This is not a cursor of this list")
    remedy = Words(zh="请从第一页重新开始", en="Start again from the first page")


@dataclass(frozen=True)
class Scope:
    """Which rows a person may see: those that match any of the fields, or the whole city's.

    `claimable` are the categories whose pooled whistles a responder sees. `confidential` includes
    confidential whistles, which otherwise only their own units and reporters see. `unplaced` adds
    those that have no post yet, confidential ones excepted. `words_of_confidential`: their words
    are searched too.
    """

    city: bool = False
    posts: Sequence[str] = ()
    streets: Sequence[str] = ()
    grids: Sequence[str] = ()
    units: Sequence[str] = ()
    claimable: Sequence[str] = ()
    reporters: Sequence[str] = ()
    confidential: bool = False
    unplaced: bool = False
    words_of_confidential: bool = False


@dataclass(frozen=True)
class BoardQuery:
    """The filters of `GET /whistles`; None leaves a filter out.

    `unit` is a unit that works on it now, `part` its role: lead or co. `categories` are minor
    ones. `overdue` means at `now`. `raised_to` is not included. `q` is searched in number,
    text, title and address.
    `card` is that of the most urgent promise: none, yellow, red, or paused if none runs. With
    `seen_by`, the promises of other units do not count for it.
    `acted` is an account that did something in it; `numbers` excludes all others.
    """

    scope: Scope
    now: datetime
    states: Sequence[str] | None = None
    open: bool | None = None
    post: str | None = None
    street: str | None = None
    grid: str | None = None
    unit: str | None = None
    part: str | None = None
    categories: Sequence[str] | None = None
    sla_class: str | None = None
    card: str | None = None
    seen_by: str | None = None
    acted: str | None = None
    numbers: Sequence[str] | None = None
    level: int | None = None
    overdue: bool | None = None
    due_before: datetime | None = None
    raised_from: datetime | None = None
    raised_to: datetime | None = None
    q: str | None = None
    sort: str = "newest"  # one of SORTS
    cursor: str | None = None
    limit: int = 50


@dataclass(frozen=True)
class Page:
    """`next` is the cursor of the page after this one, or None."""

    items: list[BoardRow]
    next: str | None


class Cursor(msgspec.Struct, frozen=True, array_like=True):
    """The sort values of a page's last row. Its text is opaque to clients."""

    sort: str
    rank: int = 0
    moment: str | None = None
    id: UUID | None = None

    @classmethod
    def after(cls, row: BoardRow, sort: str) -> Self:
        if sort in ("newest", "oldest"):
            return cls(sort, 0, row.registered_at.isoformat(), row.id)
        due = row.next_due.isoformat() if row.next_due else NEVER
        return cls(sort, -row.level, due, row.id)

    @classmethod
    def read(cls, text: str | None, sort: str) -> Self:
        """None gives the start. Raises BadCursor."""
        if text is None:
            return cls(sort)
        try:
            padded = text.encode("ascii") + b"=" * (-len(text) % 4)
            cursor = msgspec.json.decode(base64.urlsafe_b64decode(padded), type=cls)
            if cursor.moment != NEVER:
                datetime.fromisoformat(cursor.moment or "")
        except (ValueError, binascii.Error, msgspec.MsgspecError) as error:
            raise BadCursor(cursor=text) from error
        if cursor.sort != sort or cursor.id is None:
            raise BadCursor(cursor=text)
        return cursor

    @property
    def text(self) -> str:
        return base64.urlsafe_b64encode(msgspec.json.encode(self)).rstrip(b"=").decode()

    @property
    def parameters(self) -> dict[str, Any]:
        return {"rank": self.rank, "moment": self.moment, "id": self.id}


def scoped(scope: Scope) -> dict[str, Any]:
    """A scope as parameters of a statement."""
    return {
        "city": scope.city,
        "confidential": scope.confidential,
        "unplaced": scope.unplaced,
        "words_of_confidential": scope.words_of_confidential,
        "posts": list(scope.posts),
        "streets": list(scope.streets),
        "grids": list(scope.grids),
        "units": list(scope.units),
        "claimable": list(scope.claimable),
        "reporters": list(scope.reporters),
        "terminal": sorted(TERMINAL),
    }


def matching(query: BoardQuery) -> dict[str, Any]:
    """A query as parameters of a statement, without its order and page."""
    return scoped(query.scope) | {
        "now": query.now,
        "states": None if query.states is None else list(query.states),
        "open": query.open,
        "post": query.post,
        "street": query.street,
        "grid": query.grid,
        "unit": query.unit,
        "part": query.part,
        "categories": None if query.categories is None else list(query.categories),
        "sla_class": query.sla_class,
        "card": query.card,
        "seen_by": query.seen_by,
        "promises": sorted(PROMISES),
        "of_the_post": sorted(OF_THE_POST),
        "acted": query.acted,
        "numbers": None if query.numbers is None else list(query.numbers),
        "level": query.level,
        "overdue": query.overdue,
        "due_before": query.due_before,
        "raised_from": query.raised_from,
        "raised_to": query.raised_to,
        "like": pattern_of(query.q),
        "numbered": whistle_id(query.q or ""),
    }


def pattern_of(q: str | None) -> str | None:
    """A LIKE pattern for texts that contain `q`; `%` and `_` in it are ordinary characters."""
    if not q or not q.strip():
        return None
    plain = q.strip().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{plain}%"
