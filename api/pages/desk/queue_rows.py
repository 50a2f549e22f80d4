"""One row of a queue: deadline, title, and the usual next command."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, ClassVar, Self
from urllib.parse import parse_qsl, urlencode, urlsplit
from uuid import UUID, uuid4

from api.door import access
from api.door.access import Person
from api.door.subjects import WhistleSubject
from api.pages.frame import present
from api.pages.frame.present import Chip
from api.pages.frame.speech import Speech
from api.pages.parts.acting import SHORTCUTS
from api.pages.parts.story import EventTeller
from api.pages.parts.whistle_view import title_of
from api.reading.views import Heard
from tracker.commands.whistle.commands import BY_NAME
from tracker.directory import Directory
from tracker.domain.promises.clocks import Mark
from tracker.projections.board.row import BoardRow
from tracker.projections.clocks import ClockRow

STEPS = (30, 200, 500)  # rows on a page: at first, and after each request for more

# The usual next command in a state. The button only offers it: the access table and the domain
# # decide when it is pressed.
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
AT_ONCE = frozenset({"claim", "start"})  # the row's button does it; the others open a form

# Request header: rows unchanged since this position are sent without cells. A header and not a
# # parameter, because addresses are bookmarked.
SINCE = "list-since"
# Request header: row numbers that the page shows but the last response lacked.
MISSING, MOST_MISSING = "list-missed", 200

Turns = Mapping[tuple[UUID, str], datetime]  # by (whistle, clock): when the clock turns yellow


def yellow_turns(clocks: Iterable[ClockRow]) -> Turns:
    marked = ((clock, clock.marks.get(Mark.YELLOW)) for clock in clocks)
    return {(clock.whistle, clock.key): at for clock, at in marked if at is not None}


@dataclass(frozen=True)
class QueueRequest:
    """The parameters in a queue's address: filters, search, selection."""

    base: str
    state: str = ""
    card: str = ""
    level: str = ""
    part: str = ""  # the unit's part: lead or co
    mine: str = ""  # not empty: only whistles in which this account has acted
    q: str = ""
    cursor: str = ""
    rows: str = ""  # rows on the page: one of STEPS
    w: str = ""
    do: str = ""  # the command whose form is open
    done: str = ""  # outcome of the last command: done or proposed
    position: int = 0

    @classmethod
    def of(cls, base: str, given: Mapping[str, str]) -> Self:
        names = ("state", "card", "level", "part", "mine", "q", "cursor", "rows", "w", "do", "done")
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
        fresh: dict[str, Any] = {"position": 0, "do": "", "done": "", **changes}
        there = replace(self, **fresh)
        said = {k: v for k, v in vars(there).items() if v and k != "base"}
        return f"{there.base}?{urlencode(said)}" if said else there.base

    @property
    def list(self) -> str:
        """The list's address without selection and page length."""
        return self.link(w="", rows="")

    @property
    def row_limit(self) -> int:
        """The most rows on the page. A value that is not in STEPS counts as the first step."""
        return next((step for step in STEPS if self.rows == f"{step}"), STEPS[0])

    @property
    def longer(self) -> str | None:
        """The address of the same list with more rows on one page; None: already the longest."""
        more = next((step for step in STEPS if step > self.row_limit), None)
        return self.link(rows=f"{more}", w="") if more else None


def missing_numbers(headers: Mapping[str, str]) -> list[str]:
    return [number for number in headers.get(MISSING, "").split(",") if number][:MOST_MISSING]


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
    exact: str
    step: int
    class_name: str
    selected: bool
    action: Action | None
    version: int = 0
    lost: str = ""
    result: str = ""  # the outcome, after a command on several rows
    same: ClassVar[bool] = False


@dataclass(frozen=True)
class UnchangedRow:
    """A row that the page already has unchanged: sent without cells, only to keep its place."""

    number: str
    version: int
    same: ClassVar[bool] = True


@dataclass(frozen=True)
class RemovedRow:
    """A row that is no longer in the list, and where it went."""

    number: str
    where_it_went: str


def position_of_page(headers: Mapping[str, str]) -> int:
    """The log position up to which the page's rows are current; 0: it has none yet."""
    given = headers.get(SINCE, "")
    return int(given) if given.isascii() and given.isdecimal() and len(given) < 19 else 0


class Rows:
    """Makes the rows of one queue for one person at one moment."""

    def __init__(
        self, speech: Speech, city: Directory, person: Person, now: datetime, asked: QueueRequest
    ) -> None:
        self.speech, self.city, self.person = speech, city, person
        self.now, self.asked = now, asked
        self.teller = EventTeller(speech, city, now)

    def clock(self, row: BoardRow) -> Any:
        own = self.person.actor.unit
        return present.leading(list(row.clocks.values()), [own] if own else None)

    def by_deadline(self, row: BoardRow) -> tuple[bool, datetime]:
        """Sort key by the shown deadline: running clocks first, the earliest on top."""
        clock = self.clock(row)
        return (clock is None or clock.held_at is not None, clock.due if clock else self.now)

    def row(
        self, row: BoardRow, heard: Heard, turns: Turns, lost: str = "", result: str = ""
    ) -> Row:
        _, clock = self.speech, self.clock(row)
        key = next((key for key, one in row.clocks.items() if one is clock), "")
        category = self.teller.category(row.category)
        return Row(
            number=row.number,
            href=self.asked.link(w=row.merged_into_number or row.number),
            title=self.title(row, heard),
            meta=self.meta(row, category),
            chip=present.chip_in(_, clock, self.now, row.state, turns.get((row.id, key))),
            due=present.due_line(_, clock, self.now) if clock else "",
            iso=clock.due.isoformat() if clock else "",
            exact=present.exact(clock.due) if clock else "",
            step=present.STEPS.get(row.sla_class, 1),
            class_name=present.class_name(_, row.sla_class),
            selected=row.number == self.asked.w,
            action=None if lost else self.action(row),
            version=row.version,
            lost=lost,
            result=result,
        )

    def where_it_went(self, row: BoardRow) -> str:
        """A sentence that says where a removed row went."""
        _, own = self.speech, self.person.actor.unit
        lead = self.teller.unit(row.lead) if row.lead and row.lead != own else ""
        if lead and row.state == "CLAIMED":
            return _("已被 {unit} 认领", unit=lead)
        if lead and row.state == "DISPATCHED":
            return _("已派给 {unit}", unit=lead)
        return _("已移出这一列，现在：{state}", state=present.state_name(_, row.state))

    def title(self, row: BoardRow, heard: Heard) -> str:
        return title_of(self.speech, heard.masked(), self.teller.category(row.category))

    def meta(self, row: BoardRow, category: str) -> str:
        """State, parts, place. What changes comes first, as narrow lists cut the end off."""
        _, own, city = self.speech, self.person.actor.unit, self.city
        place = city.grid(row.grid).name if row.grid else _("待落格")
        parts = [present.state_name(_, row.state)]
        if row.lead and row.lead != own:
            parts.append(_("主办 {unit}", unit=self.teller.unit(row.lead)))
        if own and own == row.lead:
            parts.append(_("主办"))
        if own and own in row.co:
            parts.append(_("协办"))
        if row.merged_into_number:
            parts.append(_("和 {number} 一起办", number=row.merged_into_number))
        if row.children:
            parts.append(_("并案 {n} 件", n=row.children))
        if row.supervised:
            parts.append(_("督办"))
        return " · ".join([*parts, place, category])

    def action(self, row: BoardRow) -> Action | None:
        """The usual next command, if the access table allows it to this person."""
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
