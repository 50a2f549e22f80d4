"""A unit that is new, its name, contact and duties; one that closes, and one that stands again."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from tracker.city.changing.at_work import numbers_of, open_whistles
from tracker.city.changing.city_change import CityChange, Effect, EntryChange, Preview, Stamp
from tracker.city.changing.codes import must_be_alone
from tracker.city.changing.registers import ChangeableRegister
from tracker.commands.tracker import Tracker
from tracker.directory import Directory
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
TAKEN_OVER = Words(
    zh="{n} 件在办由 {heir} 原样接着办,接手单位的时限从接手起算",
    en="{heir} goes on with its {n} open whistles as they stand; its own limits begin then",
)
BACK_TO_TRIAGE = Words(
    zh="没有指定接手单位:{n} 件在办退回待派单,吹哨的时限照走",
    en="Nobody takes it over: its {n} open whistles go back to be dispatched; their clocks run on",
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


def check(city: Directory, unit: Unit, before: Unit | None) -> None:
    """What a pack once loaded is left alone as long as nobody changes it."""
    if before is None or before.ended_on or unit.name != before.name:
        must_have_its_own_name(city, unit)
    place = (unit.sector, unit.community)
    if before is None or place != (before.sector, before.community):
        must_have_sector_and_community(city, unit)


def must_not_be_named(city: Directory, unit: Unit) -> None:
    if led := led_by(city, unit.code):
        raise StillNamed(unit=unit.short, n=len(led), first=led[0])


def if_added(tracker: Tracker, preview: Preview, unit: Unit) -> Iterator[Effect]:
    if unit.kind is not UnitKind.MEMBER:
        yield Effect(MAY_LEAD if unit.whistle_duty else MAY_HELP, {"short": unit.short})
    city = preview.after
    if n := sum(city.may_claim(unit.code, category.code) for category in city.categories):
        yield Effect(CLAIMS, {"n": n})
    if unit.whistle_duty:
        yield Effect(NOT_NAMED)
    yield Effect(NOBODY, warns=True)
    yield Effect(UNDO_ADD, {"code": unit.code})


def if_amended(tracker: Tracker, preview: Preview, unit: Unit) -> Iterator[Effect]:
    with tracker.connection() as connection:
        n = len(open_whistles(connection, unit=unit.code))
    yield Effect(SHOWN, {"short": unit.short, "n": n})
    before = preview.before.unit(unit.code)
    led = led_by(preview.after, unit.code)
    if before.whistle_duty and not unit.whistle_duty and led:
        yield Effect(NO_MORE_DUTY, {"n": len(led)}, warns=True)


def if_ended(tracker: Tracker, preview: Preview, unit: Unit) -> Iterator[Effect]:
    with tracker.connection() as connection:
        found = open_whistles(connection, unit=unit.code)
    heir = preview.after.unit(unit.code).successor
    if heir:
        yield Effect(TAKEN_OVER, {"n": len(found), "heir": preview.after.unit(heir).short})
    else:
        yield Effect(BACK_TO_TRIAGE, {"n": len(found)}, warns=bool(found))
    yield from numbers_of(found)
    items = sum(item.unit == unit.code for item in preview.after.service_items)
    if items:
        yield Effect(OFFERS, {"n": items}, warns=True)
    accounts = preview.after.accounts.values()
    staff = sum(account.unit == unit.code and account.active for account in accounts)
    if staff:
        yield Effect(STAFF, {"n": staff}, warns=True)
    yield Effect(UNDO_CLOSE)


def if_restored(tracker: Tracker, preview: Preview, unit: Unit) -> Iterator[Effect]:
    yield Effect(STANDS, {"short": unit.short})


def led_by(city: Directory, unit: str) -> list[str]:
    """The names of the categories, and of the city's default, that name it for new whistles."""
    named = [
        category.name
        for category in city.categories
        if unit == category.lead_unit or unit in category.co_units
    ]
    lead, co = city.emergency_default
    return named + ([city.city.name] if unit in (lead, *co) else [])


def must_have_its_own_name(city: Directory, unit: Unit) -> None:
    """A unit with duties may be in the alliance as well: a name is alone within its kind."""
    standing = {
        UnitKind.UNIT: city.units,
        UnitKind.RESPONDER: city.responders,
        UnitKind.MEMBER: city.members,
    }
    must_be_alone(unit, standing[unit.kind])


def must_have_sector_and_community(city: Directory, unit: Unit) -> None:
    """A member of the alliance claims by its sector, and belongs to a community."""
    if unit.kind is not UnitKind.MEMBER:
        return
    if not unit.sector:
        raise MemberWithoutSector
    if city.area(unit.community).level is not Level.COMMUNITY:
        raise UnknownArea(given=unit.community)


@dataclass(frozen=True)
class CloseUnit(CityChange):
    """A unit closes, and `successor` takes its whistles over; "": they go back to triage."""

    code: str
    successor: str = ""

    def entry_changes(self, city: Directory, stamp: Stamp) -> Iterable[EntryChange]:
        unit = city.current_unit(self.code)
        must_not_be_named(city, unit)
        if self.successor and city.current_unit(self.successor).code == self.code:
            raise OwnSuccessor(unit=unit.short)
        closed = replace(unit, successor=self.successor, ended_on=stamp.today)
        yield EntryChange.revise(UnitEntry, closed, stamp)

    def effects(self, tracker: Tracker, preview: Preview) -> Iterator[Effect]:
        return if_ended(tracker, preview, preview.before.unit(self.code))


class OwnSuccessor(Invalid):
    """A unit that closes cannot take over its own whistles."""

    code = "unit.own_successor"
    field = "successor"
    message = Words(zh="{unit} 不能接手自己", en="{unit} cannot take over from itself")
    remedy = Words(zh="选另一家单位", en="Choose another unit")


UNITS = ChangeableRegister(
    entry=UnitEntry,
    find=Directory.unit,
    find_current=Directory.current_unit,
    check=check,
    check_end=must_not_be_named,
    if_added=if_added,
    if_amended=if_amended,
    if_ended=if_ended,
    if_restored=if_restored,
)


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
