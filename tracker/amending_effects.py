"""What a change of the city would do to what is open: counted, in words of both languages."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from psycopg import Connection

from tracker.directory import Directory
from tracker.domain.accounts import AccountDisabled, AccountReassigned
from tracker.domain.areas import PlanSwitchedOff, PlanSwitchedOn
from tracker.domain.catalogue import CategoryChanged, CategoryEnded
from tracker.domain.entries import Event
from tracker.domain.errors import Words
from tracker.domain.policy import CalendarAmended, CalendarPublished, PolicyRevised
from tracker.domain.posts import (
    PostAbsenceNoted,
    PostAppointed,
    PostEnded,
    PostRedrawn,
    PostRelieved,
)
from tracker.domain.sla_classes import Duration
from tracker.domain.units import UnitChanged, UnitEnded
from tracker.projections import board
from tracker.projections.board_query import BoardQuery, Scope


@dataclass(frozen=True)
class Effect:
    """One sentence; `warns` marks one that somebody should think about before he confirms."""

    words: Words
    facts: dict[str, Any] = field(default_factory=dict)
    warns: bool = False

    def say(self, language: str) -> str:
        return self.words.say(language, self.facts)


UNMOVED = Words("已承诺的时限一个不动", "No promised deadline moves")
STAYS = Words(
    "{count} 件在办的哨在这些网格,仍由登记时的指挥部办理;{first} 起登记的归新的指挥部",
    "{count} open whistles lie in these grids and stay with the post of the day on which they were"
    " raised; those raised from {first} on go to the new one",
)
GRIDS = Words("{post}:{before} 个网格 → {after} 个", "{post}: {before} grids → {after}")
IN_CATEGORY = Words(
    "{count} 件在办的哨属于“{name}”,主办与等级不变;此后的按新规定",
    "{count} open whistles are of {name}; their leads and classes stay,"
    " later ones follow the change",
)
LED = Words(
    "{count} 件在办的哨有 {name} 承办,仍由它办完",
    "{count} open whistles have {name} at work; it finishes them",
)
DEFAULT_LEAD = Words(
    "{count} 个类别默认由 {name} 主办:请先改派",
    "{count} categories lead to {name}: change them first",
)
IN_CLASS = Words(
    "等级 {code}:{count} 件在办的哨保持原承诺;此后登记的:响应 {respond},办结 {resolve}",
    "Class {code}: {count} open whistles keep what was promised;"
    " later ones get {respond} to respond and {resolve} to resolve",
)
PROVISIONAL = Words(
    "{count} 件在办的哨有待日历的暂定时限,将重新计算",
    "{count} open whistles wait for a calendar with a provisional deadline; it is computed again",
)
PLAN = Words(
    "{day} 起按 {count} 个网格登记;在办的 {open} 件留在登记时的网格",
    "From {day} on the city has {count} grids; the {open} open whistles stay in that of their day",
)
ACTING = Words("{day} 代行指挥:{before} → {after}", "Acting commander on {day}: {before} → {after}")
POST_ENDS = Words(
    "{count} 件在办的哨归 {name}:请先办结或另派",
    "{count} open whistles belong to {name}: close them or place them elsewhere first",
)
SIGNED_OUT = Words("{name} 在各处的登录立即失效", "{name} is signed out everywhere at once")
OTHER_DUTY = Words(
    "{name} 下次打开页面就是新的职责", "{name} has the new duty from the next page on"
)


@dataclass(frozen=True)
class Worded:
    """A fact that is said differently in each language."""

    words: Words


NOBODY = Worded(Words("无人", "nobody"))
UNITS = {
    "natural_minutes": Words("{n} 分钟", "{n} min"),
    "natural_hours": Words("{n} 小时", "{n} h"),
    "working_hours": Words("{n} 工作时", "{n} working h"),
    "working_days": Words("{n} 工作日", "{n} working days"),
}


def limit(found: Duration) -> Worded:
    words, facts = UNITS[found.unit], {"n": found.value}
    return Worded(Words(words.say("zh", facts), words.say("en", facts)))


def effects_of(
    connection: Connection[Any],
    before: Directory,
    after: Directory,
    events: Sequence[Event],
    at: datetime,
) -> Iterator[Effect]:
    """In the order of the events; what holds for deadlines comes last."""
    seen = Effects(connection, before, after, at)
    computed_again = 0
    for event in events:
        yield from seen.of(event)
        if isinstance(event, CalendarPublished | CalendarAmended):
            computed_again = seen.provisional()
    if computed_again:
        yield Effect(PROVISIONAL, {"count": computed_again})
    else:
        yield Effect(UNMOVED)


# Served by clocks_uncertain.
WAITING_FOR_CALENDAR = """
    SELECT count(DISTINCT whistle) FROM clocks WHERE stopped_at IS NULL AND missing_years <> '{}'
"""
EVERYWHERE = Scope(city=True, confidential=True)


class Effects:
    def __init__(
        self, connection: Connection[Any], before: Directory, after: Directory, at: datetime
    ) -> None:
        self.connection, self.before, self.after, self.at = connection, before, after, at
        self.today = at.astimezone(ZoneInfo(before.promises.hours.timezone)).date()

    def of(self, event: Event) -> Iterator[Effect]:
        match event:
            case PostRedrawn():
                yield from self.redrawn(event)
            case PostAppointed() | PostRelieved() | PostAbsenceNoted():
                yield from self.acting(event)
            case PostEnded():
                name = self.before.post(event.code).name
                yield self.counted(POST_ENDS, name=name, post=event.code)
            case UnitEnded() | UnitChanged():
                yield from self.unit(event)
            case CategoryChanged() | CategoryEnded():
                name = self.before.category(event.code).name
                yield self.counted(IN_CATEGORY, name=name, category=event.code)
            case PolicyRevised():
                yield from self.revised(event)
            case PlanSwitchedOn(first=day) | PlanSwitchedOff(on=day):
                grids = len(self.after.grids(day))
                yield Effect(PLAN, {"day": day, "count": grids, "open": self.open()})
            case AccountDisabled():
                yield Effect(SIGNED_OUT, {"name": event.code})
            case AccountReassigned():
                yield Effect(OTHER_DUTY, {"name": event.code})

    def open(self, scope: Scope = EVERYWHERE, **narrow: Any) -> int:
        """How many open whistles the board has."""
        asked = BoardQuery(scope, self.at, open=True, **narrow)
        return sum(one.whistles for one in board.counts(self.connection, asked))

    def counted(self, words: Words, name: str, **narrow: Any) -> Effect:
        return Effect(words, {"count": self.open(**narrow), "name": name})

    def redrawn(self, event: PostRedrawn) -> Iterator[Effect]:
        post = self.before.post(event.code)
        held, wanted = set(post.grids(event.first)), set(event.grids)
        yield Effect(GRIDS, {"post": post.name, "before": len(held), "after": len(wanted)})
        if gained := sorted(wanted - held):
            count = self.open(Scope(grids=gained, confidential=True))
            yield Effect(STAYS, {"count": count, "first": event.first})

    def acting(self, event: Event) -> Iterator[Effect]:
        match event:
            case PostAppointed(appointment=held):
                day = held.first
            case PostAbsenceNoted(absence=away):
                day = away.first
            case _:
                day = event.on  # type: ignore[attr-defined]
        was = self.before.acting_commander(event.code, day)
        will_be = self.after.acting_commander(event.code, day)
        yield Effect(
            ACTING,
            {
                "day": day,
                "before": was.holder if was else NOBODY,
                "after": will_be.holder if will_be else NOBODY,
            },
            warns=will_be is None,
        )

    def unit(self, event: Event) -> Iterator[Effect]:
        unit = self.before.unit(event.code)
        yield self.counted(LED, name=unit.name, unit=unit.code)
        if not (isinstance(event, UnitEnded) or event.changes().get("whistle_duty") is False):  # type: ignore[attr-defined]
            return
        leads = sum(one.lead_unit == unit.code for one in self.after.categories)
        if leads:
            yield Effect(DEFAULT_LEAD, {"count": leads, "name": unit.name}, warns=True)

    def revised(self, event: PolicyRevised) -> Iterator[Effect]:
        for found in event.classes:
            facts = {
                "code": found.code,
                "count": self.open(sla_class=found.code),
                "respond": limit(found.respond),
                "resolve": limit(found.resolve),
            }
            yield Effect(IN_CLASS, facts)

    def provisional(self) -> int:
        found = self.connection.execute(WAITING_FOR_CALENDAR).fetchone()
        return int(found[0]) if found else 0
