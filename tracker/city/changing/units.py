"""A unit that is new, its name, contact and duties; one that closes, and one that stands again."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime

from tracker.city.amending import Foreseen, Step
from tracker.city.changing.at_work import named, open_whistles
from tracker.city.changing.codes import must_be_alone, must_be_fit
from tracker.city.changing.proposal import Change, Effect
from tracker.commands.tracker import Tracker
from tracker.directory import Directory
from tracker.domain.actors import Actor
from tracker.domain.city.areas import Level, UnknownArea
from tracker.domain.city.units import Unit, UnitEntry, UnitKind
from tracker.domain.errors import Conflict, Invalid, Words

MAY_LEAD = Words(
    zh="{short} 从现在起可以被派为主责或协办",
    en="{short} may be sent as lead or co-handler from now on",
)
MAY_HELP = Words(
    zh="{short} 从现在起可以被派为协办,不能主责",
    en="{short} may be sent as co-handler from now on, never as lead",
)
CLAIMS = Words(
    zh="{n} 个类别的哨,它可以从待认领中认领",
    en="It may claim whistles of {n} categories from the pool",
)
NOT_NAMED = Words(
    zh="还没有类别指定它:派遣时要自己选它,或在“类别”里定为主责、协办",
    en="No category names it yet: choose it when dispatching, or make it a lead in Categories",
)
NOBODY = Words(
    zh="它还没有账号:请在“账号”里开联络员和经办,不然派来的没有人接",
    en="It has no account yet: open a liaison's and a handler's, or nobody takes what is sent",
)
UNDO_ADD = Words(
    zh="要收回:在单位列表里“撤销单位”;代码 {code} 不再给别的单位",
    en='To take it back: "Close a unit" in the list; the code {code} is never given again',
)
SHOWN = Words(
    zh="各页从现在起显示“{short}”;{n} 件在办不变,时限不变",
    en='Pages say "{short}" from now on; {n} open whistles and their deadlines stay',
)
NO_MORE_DUTY = Words(
    zh="不再是责任单位:{n} 个类别仍以它为主责",
    en="It has no whistle duty any more: {n} categories still name it as their lead",
)
AT_WORK = Words(
    zh="{n} 件在办由它办完;从现在起新的不再派给它",
    en="It finishes {n} open whistles; from now on no new one is given to it",
)
OFFERS = Words(
    zh="它的 {n} 个服务事项仍在目录里,请改归别的单位或停办",
    en="Its {n} service items stay in the directory: give them to another unit, or end them",
)
STAFF = Words(
    zh="它的 {n} 个账号仍可登录,请另行停用",
    en="Its {n} accounts still sign in: shut them apart",
)
UNDO_CLOSE = Words(
    zh="要收回:在单位列表里“恢复”", en='To take it back: "Restore" in the list of units'
)
STANDS = Words(zh="{short} 可以再接吹哨", en="{short} may be given whistles again")


@dataclass(frozen=True)
class Add(Change):
    unit: Unit

    def steps(self, city: Directory, today: date, at: datetime, by: Actor) -> Iterable[Step]:
        must_be_fit(self.unit.code)
        must_be_known_apart(city, self.unit)
        must_lie_somewhere(city, self.unit)
        yield Step(UnitEntry, self.unit.code, new=self.unit)

    def effects(self, tracker: Tracker, foreseen: Foreseen) -> Iterator[Effect]:
        unit, city = self.unit, foreseen.after
        if unit.kind is not UnitKind.MEMBER:
            yield Effect(MAY_LEAD if unit.whistle_duty else MAY_HELP, {"short": unit.short})
        if n := sum(city.may_claim(unit.code, category.code) for category in city.categories):
            yield Effect(CLAIMS, {"n": n})
        if unit.whistle_duty:
            yield Effect(NOT_NAMED)
        yield Effect(NOBODY, warns=True)
        yield Effect(UNDO_ADD, {"code": unit.code})


@dataclass(frozen=True)
class Amend(Change):
    unit: Unit

    def steps(self, city: Directory, today: date, at: datetime, by: Actor) -> Iterable[Step]:
        if self.unit.name != city.unit(self.unit.code).name:
            must_be_known_apart(city, self.unit)
        must_lie_somewhere(city, self.unit)
        yield Step(UnitEntry, self.unit.code, lambda entry: entry.revise(self.unit, today, at, by))

    def effects(self, tracker: Tracker, foreseen: Foreseen) -> Iterator[Effect]:
        with tracker.connection() as connection:
            n = len(open_whistles(connection, unit=self.unit.code))
        yield Effect(SHOWN, {"short": self.unit.short, "n": n})
        before = foreseen.before.unit(self.unit.code)
        led = led_by(foreseen.after, self.unit.code)
        if before.whistle_duty and not self.unit.whistle_duty and led:
            yield Effect(NO_MORE_DUTY, {"n": len(led)}, warns=True)


@dataclass(frozen=True)
class Close(Change):
    """From today: an entry that has an end is offered nowhere any more, whichever day it is."""

    code: str

    def steps(self, city: Directory, today: date, at: datetime, by: Actor) -> Iterable[Step]:
        unit = city.current_unit(self.code)
        led = led_by(city, self.code)
        if led:
            raise StillNamed(unit=unit.short, n=len(led), first=led[0])
        yield Step(UnitEntry, self.code, lambda entry: entry.end(today, at, by))

    def effects(self, tracker: Tracker, foreseen: Foreseen) -> Iterator[Effect]:
        with tracker.connection() as connection:
            found = open_whistles(connection, unit=self.code)
        yield Effect(AT_WORK, {"n": len(found)})
        yield from named(found)
        items = [item for item in foreseen.after.service_items if item.unit == self.code]
        if items:
            yield Effect(OFFERS, {"n": len(items)}, warns=True)
        staff = [
            account
            for account in foreseen.after.accounts.values()
            if account.unit == self.code and account.active
        ]
        if staff:
            yield Effect(STAFF, {"n": len(staff)}, warns=True)
        yield Effect(UNDO_CLOSE)


@dataclass(frozen=True)
class Restore(Change):
    code: str

    def steps(self, city: Directory, today: date, at: datetime, by: Actor) -> Iterable[Step]:
        standing = replace(city.unit(self.code), ended_on=None)
        must_be_known_apart(city, standing)
        yield Step(UnitEntry, self.code, lambda entry: entry.revise(standing, today, at, by))

    def effects(self, tracker: Tracker, foreseen: Foreseen) -> Iterator[Effect]:
        yield Effect(STANDS, {"short": foreseen.after.unit(self.code).short})


def led_by(city: Directory, unit: str) -> list[str]:
    """The names of the categories, and of the city's default, that name it for new whistles."""
    named = [
        category.name
        for category in city.categories
        if unit == category.lead_unit or unit in category.co_units
    ]
    lead, co = city.emergency_default
    return named + ([city.city.name] if unit in (lead, *co) else [])


def must_be_known_apart(city: Directory, unit: Unit) -> None:
    """A unit with duties may be in the alliance as well: a name is alone within its kind."""
    standing = {
        UnitKind.UNIT: city.units,
        UnitKind.RESPONDER: city.responders,
        UnitKind.MEMBER: city.members,
    }
    must_be_alone(unit, standing[unit.kind])


def must_lie_somewhere(city: Directory, unit: Unit) -> None:
    """A member of the alliance claims by its sector, and belongs to a community."""
    if unit.kind is not UnitKind.MEMBER:
        return
    if not unit.sector:
        raise MemberWithoutSector
    if city.area(unit.community).level is not Level.COMMUNITY:
        raise UnknownArea(given=unit.community)


class StillNamed(Conflict):
    """A unit that a category still names cannot close: new whistles would go to nobody."""

    code = "unit.still_named"
    message = Words(
        zh="{n} 个类别还指定 {unit},首个:{first}",
        en="{n} categories still name {unit}, the first: {first}",
    )
    remedy = Words(
        zh="请先给这些类别改主责或协办单位", en="Give those categories other units first"
    )


class MemberWithoutSector(Invalid):
    """Categories say by sector which members of the alliance may claim."""

    code = "unit.member_without_sector"
    field = "sector"
    message = Words(zh="联盟成员要有行业类别", en="A member of the alliance has a sector")
    remedy = Words(zh="请选择它的行业类别", en="Choose its sector")
