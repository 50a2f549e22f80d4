"""A row of a list: its deadline, what it is about, and the step that usually comes next."""

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
from api.pages.parts.story import Teller
from api.pages.parts.whistle_view import title_of
from api.reading.views import Heard
from tracker.commands.whistle.commands import BY_NAME
from tracker.directory import Directory
from tracker.domain.promises.clocks import Mark
from tracker.projections.board.row import BoardRow
from tracker.projections.clocks import ClockRow

STEPS = (30, 200, 500)  # how many rows a page shows: the first, and each time more are asked for

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

# A header, for an address is kept and opened again: rows unchanged since then come without cells.
SINCE = "list-since"
# … and one with the numbers of rows that the page has and did not find in the last answer.
MISSING, MOST_MISSING = "list-missed", 200

Turns = Mapping[tuple[UUID, str], datetime]  # when each clock of a whistle turns yellow


def yellow_turns(clocks: Iterable[ClockRow]) -> Turns:
    marked = ((clock, clock.marks.get(Mark.YELLOW)) for clock in clocks)
    return {(clock.whistle, clock.key): at for clock, at in marked if at is not None}


@dataclass(frozen=True)
class QueueRequest:
    """The address of a list: what is filtered, searched, selected."""

    base: str
    state: str = ""
    card: str = ""
    level: str = ""
    part: str = ""  # what the unit is in it: lead or co
    mine: str = ""  # only what this account has acted in
    q: str = ""
    cursor: str = ""
    rows: str = ""  # how many of them the page shows at once: one of STEPS
    w: str = ""
    do: str = ""  # the command whose form stands open
    done: str = ""  # how the last command went
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
        """The list itself, whatever is selected in it and however much of it is shown."""
        return self.link(w="", rows="")

    @property
    def row_limit(self) -> int:
        """How many rows the page shows at most; what is no step is the first one."""
        return next((step for step in STEPS if self.rows == f"{step}"), STEPS[0])

    @property
    def longer(self) -> str | None:
        """The same list with more of it on one page; None where it is as long as it gets."""
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
    result: str = ""  # how it went, when several were done at once
    same: ClassVar[bool] = False


@dataclass(frozen=True)
class UnchangedRow:
    """A row that the page already has as it is: only its place in the list is told."""

    number: str
    version: int
    same: ClassVar[bool] = True


@dataclass(frozen=True)
class RemovedRow:
    """A row that is in the list no more, and where it is."""

    number: str
    where_it_went: str


def position_of_page(headers: Mapping[str, str]) -> int:
    """The position that the asking page's rows are as new as; 0 if it has none yet."""
    given = headers.get(SINCE, "")
    return int(given) if given.isascii() and given.isdecimal() and len(given) < 19 else 0


class Rows:
    """Shows the rows of one list to one person at one moment."""

    def __init__(
        self, speech: Speech, city: Directory, person: Person, now: datetime, asked: QueueRequest
    ) -> None:
        self.speech, self.city, self.person = speech, city, person
        self.now, self.asked = now, asked
        self.teller = Teller(speech, city, now)

    def clock(self, row: BoardRow) -> Any:
        own = self.person.actor.unit
        return present.leading(list(row.clocks.values()), [own] if own else None)

    def by_deadline(self, row: BoardRow) -> tuple[bool, datetime]:
        """By the deadline that is shown: running ones first, the earliest on top."""
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
            href=self.asked.link(w=row.number),
            title=self.title(row, heard),
            meta=self.meta(row, category),
            chip=present.chip(
                *(_, clock, self.now, present.state_name(_, row.state)), turns.get((row.id, key))
            ),
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
        """Where a row is that left the list."""
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
        """What changes first: a narrow list cuts the end off."""
        _, own, city = self.speech, self.person.actor.unit, self.city
        place = city.grid(row.grid).name if row.grid else _("待落格")
        parts = [present.state_name(_, row.state)]
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
        return " · ".join([*parts, place, category])

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
