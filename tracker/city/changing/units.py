"""A unit that is new, its name, contact and duties; one that closes, and one that stands again."""

from collections.abc import Iterator

from tracker.city.changing.at_work import numbers_of, open_whistles
from tracker.city.changing.city_change import Effect, Preview
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
    yield Effect(AT_WORK, {"n": len(found)})
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
