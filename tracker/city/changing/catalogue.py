"""A category: new, with other defaults, retired, and one that may be chosen again."""

from collections.abc import Iterator

from tracker.city.changing.at_work import numbers_of, open_whistles
from tracker.city.changing.city_change import Effect, Preview
from tracker.city.changing.codes import must_be_alone
from tracker.city.changing.phrases import limit_in_words
from tracker.city.changing.registers import ChangeableRegister
from tracker.city.changing.suggestions import keywords_tried, suggestions_moved
from tracker.commands.tracker import Tracker
from tracker.directory import Directory
from tracker.domain.city.catalogue import Category, CategoryEntry
from tracker.domain.errors import Invalid, Words
from tracker.domain.whistle.states import State

OFFERED = Words(
    zh="从现在起吹哨和受理都能选“{name}”,派遣时建议 {unit}",
    en='Whoever raises or classifies may choose "{name}" from now on; {unit} is suggested to lead',
)
STAY = Words(
    zh="{n} 件在办的类别、单位和已承诺的时限都不变",
    en="Of {n} open whistles neither category, units nor promised deadlines change",
)
SUGGESTS = Words(
    zh="其中还没派的 {n} 件,派遣时将建议 {unit}",
    en="For {n} of them, not yet dispatched, {unit} will be suggested",
)
CHOOSE = Words(
    zh="其中 {n} 件待分类的,受理时要另选类别",
    en="For {n} of them, not yet classified, another category has to be chosen",
)
PROMISES = Words(
    zh="以后归入这一类的按 {sla} 承诺:响应 {respond},办结 {resolve}",
    en="Later whistles of this category are promised {sla}: respond {respond}, resolve {resolve}",
)
POOL = Words(
    zh="待认领的 {n} 件照旧可以认领到期满",
    en="{n} in the pool may be claimed until their window ends",
)
CLAIMANTS = Words(
    zh="{n} 个单位和联盟成员可以认领",
    en="{n} units and members of the alliance may claim it",
)
NO_WORDS = Words(
    zh="没有关键词:按文字不会荐到这一类,只能由人选",
    en="It has no keywords: no text will lead there, people have to choose it",
)
UNDO_ADD = Words(
    zh="要收回:在类别列表里“停用”;代码 {code} 不再给别的类别",
    en='To take it back: "Stop offering" in the list; the code {code} is never given again',
)
UNDO_RETIRE = Words(
    zh="要收回:在类别列表里“恢复”", en='To take it back: "Restore" in the list of categories'
)
UNDECIDED = (State.RAISED, State.TRIAGED, State.POOLED)


def must_be_code_of_its_major(city: Directory, wanted: Category) -> None:
    digits = wanted.code.removeprefix(wanted.major)
    if len(digits) != 2 or not digits.isdigit() or digits == wanted.code:
        raise CodeNotOfMajor(given=wanted.code, major=wanted.major)


def must_lead_somewhere(city: Directory, wanted: Category, before: Category | None) -> None:
    """Its family, class and units stand, its lead has whistle duty, no other has its name."""
    city.current_major(wanted.major)
    city.policy.sla_class(wanted.sla)
    for unit in wanted.co_units:
        city.current_unit(unit)
    if not city.current_unit(wanted.lead_unit).whistle_duty:
        raise LeadWithoutDuty(unit=city.unit(wanted.lead_unit).short)
    must_be_alone(wanted, city.categories)


def if_added(tracker: Tracker, preview: Preview, wanted: Category) -> Iterator[Effect]:
    city = preview.after
    yield offered(city, wanted)
    yield promised(city, wanted)
    if wanted.poolable:
        yield claimants(city, wanted)
    if wanted.keywords:
        yield keywords_tried(city, wanted)
        yield from suggestions_moved(tracker, preview, wanted.code, wanted.keywords)
    else:
        yield Effect(NO_WORDS, warns=True)
    yield Effect(UNDO_ADD, {"code": wanted.code})


def if_amended(tracker: Tracker, preview: Preview, wanted: Category) -> Iterator[Effect]:
    before, city = preview.before.category(wanted.code), preview.after
    with tracker.connection() as connection:
        found = open_whistles(connection, category=wanted.code)
    yield Effect(STAY, {"n": len(found)})
    if wanted.lead_unit != before.lead_unit:
        undecided = [one for one in found if one.state in UNDECIDED]
        unit = city.unit(wanted.lead_unit).short
        yield Effect(SUGGESTS, {"n": len(undecided), "unit": unit})
        yield from numbers_of(undecided)
    if wanted.sla != before.sla:
        yield promised(city, wanted)
    if before.poolable and not wanted.poolable:
        yield Effect(POOL, {"n": sum(one.state == State.POOLED for one in found)})
    elif (wanted.poolable, wanted.claimable_by) != (before.poolable, before.claimable_by):
        yield claimants(city, wanted)
    if changed := set(wanted.keywords) ^ set(before.keywords):
        yield keywords_tried(city, wanted)
        yield from suggestions_moved(tracker, preview, wanted.code, sorted(changed))


def if_ended(tracker: Tracker, preview: Preview, before: Category) -> Iterator[Effect]:
    with tracker.connection() as connection:
        found = open_whistles(connection, category=before.code)
    yield Effect(STAY, {"n": len(found)})
    if waiting := [one for one in found if one.state == State.RAISED]:
        yield Effect(CHOOSE, {"n": len(waiting)}, warns=True)
        yield from numbers_of(waiting)
    yield from suggestions_moved(tracker, preview, before.code, before.keywords)
    yield Effect(UNDO_RETIRE)


def if_restored(tracker: Tracker, preview: Preview, restored: Category) -> Iterator[Effect]:
    yield offered(preview.after, restored)
    yield from suggestions_moved(tracker, preview, restored.code, restored.keywords)


def offered(city: Directory, wanted: Category) -> Effect:
    return Effect(OFFERED, {"name": wanted.name, "unit": city.unit(wanted.lead_unit).short})


def promised(city: Directory, wanted: Category) -> Effect:
    sla = city.policy.sla_class(wanted.sla)
    limits = {"respond": limit_in_words(sla.respond), "resolve": limit_in_words(sla.resolve)}
    return Effect(PROMISES, {"sla": sla.code, **limits})


def claimants(city: Directory, wanted: Category) -> Effect:
    n = sum(
        city.may_claim(unit.code, wanted.code)
        for unit in (*city.units, *city.responders, *city.members)
    )
    return Effect(CLAIMANTS, {"n": n}, warns=n == 0)


CATEGORIES = ChangeableRegister(
    entry=CategoryEntry,
    find=Directory.category,
    find_current=Directory.current_category,
    check=must_lead_somewhere,
    check_new=must_be_code_of_its_major,
    if_added=if_added,
    if_amended=if_amended,
    if_ended=if_ended,
    if_restored=if_restored,
)


class CodeNotOfMajor(Invalid):
    """Figures of a family are those of the codes that begin with its own (board, reports)."""

    code = "category.code_not_of_major"
    field = "code"
    message = Words(zh="{given} 不是大类 {major} 下的代码", en="{given} is no code of {major}")
    remedy = Words(
        zh="请写成大类代码加两位数字,例如 {major}09",
        en="Write the family's code and two digits, e.g. {major}09",
    )


class LeadWithoutDuty(Invalid):
    """Who is suggested to lead would be refused when dispatched."""

    code = "category.lead_without_duty"
    field = "lead"
    message = Words(
        zh="{unit} 没有接哨职责,不能主责", en="{unit} has no whistle duty: it cannot lead"
    )
    remedy = Words(
        zh="请选有接哨职责的单位,或先给它职责", en="Choose one that has, or give it the duty first"
    )
