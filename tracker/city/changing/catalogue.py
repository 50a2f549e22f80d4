"""A category: new, with other defaults, retired, and one that may be chosen again."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import ClassVar

from tracker.city.amending import Foreseen, Step
from tracker.city.changing.at_work import named, open_whistles
from tracker.city.changing.codes import must_be_alone, must_be_fit
from tracker.city.changing.proposal import Change, Effect
from tracker.city.changing.rerouting import rerouted, tried
from tracker.commands.tracker import Tracker
from tracker.directory import Directory
from tracker.domain.actors import Actor
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


@dataclass(frozen=True)
class Add(Change):
    category: Category

    def steps(self, city: Directory, today: date, at: datetime, by: Actor) -> Iterable[Step]:
        wanted = self.category
        must_be_fit(wanted.code)
        must_lead_somewhere(city, wanted)
        digits = wanted.code.removeprefix(wanted.major)
        if len(digits) != 2 or not digits.isdigit() or digits == wanted.code:
            raise CodeNotOfMajor(given=wanted.code, major=wanted.major)
        must_be_alone(wanted, city.categories)
        yield Step(CategoryEntry, wanted.code, new=wanted)

    def effects(self, tracker: Tracker, foreseen: Foreseen) -> Iterator[Effect]:
        wanted, city = self.category, foreseen.after
        yield Effect(OFFERED, {"name": wanted.name, "unit": city.unit(wanted.lead_unit).short})
        yield promised(city, wanted)
        if wanted.poolable:
            yield claimants(city, wanted)
        if wanted.keywords:
            yield tried(city, wanted)
            yield from rerouted(tracker, foreseen, wanted.code, wanted.keywords)
        else:
            yield Effect(NO_WORDS, warns=True)
        yield Effect(UNDO_ADD, {"code": wanted.code})


@dataclass(frozen=True)
class Amend(Change):
    category: Category

    def steps(self, city: Directory, today: date, at: datetime, by: Actor) -> Iterable[Step]:
        wanted = self.category
        city.current_category(wanted.code)
        must_lead_somewhere(city, wanted)
        must_be_alone(wanted, city.categories)
        yield Step(CategoryEntry, wanted.code, lambda entry: entry.revise(wanted, today, at, by))

    def effects(self, tracker: Tracker, foreseen: Foreseen) -> Iterator[Effect]:
        wanted, before = self.category, foreseen.before.category(self.category.code)
        with tracker.connection() as connection:
            found = open_whistles(connection, category=wanted.code)
        yield Effect(STAY, {"n": len(found)})
        if wanted.lead_unit != before.lead_unit:
            undecided = [one for one in found if one.state in UNDECIDED]
            unit = foreseen.after.unit(wanted.lead_unit).short
            yield Effect(SUGGESTS, {"n": len(undecided), "unit": unit})
            yield from named(undecided)
        if wanted.sla != before.sla:
            yield promised(foreseen.after, wanted)
        if before.poolable and not wanted.poolable:
            yield Effect(POOL, {"n": sum(one.state == State.POOLED for one in found)})
        elif (wanted.poolable, wanted.claimable_by) != (before.poolable, before.claimable_by):
            yield claimants(foreseen.after, wanted)
        if changed := set(wanted.keywords) ^ set(before.keywords):
            yield tried(foreseen.after, wanted)
            yield from rerouted(tracker, foreseen, wanted.code, sorted(changed))


@dataclass(frozen=True)
class Retire(Change):
    code: str

    def steps(self, city: Directory, today: date, at: datetime, by: Actor) -> Iterable[Step]:
        city.current_category(self.code)
        yield Step(CategoryEntry, self.code, lambda entry: entry.end(today, at, by))

    def effects(self, tracker: Tracker, foreseen: Foreseen) -> Iterator[Effect]:
        before = foreseen.before.category(self.code)
        with tracker.connection() as connection:
            found = open_whistles(connection, category=self.code)
        yield Effect(STAY, {"n": len(found)})
        if waiting := [one for one in found if one.state == State.RAISED]:
            yield Effect(CHOOSE, {"n": len(waiting)}, warns=True)
            yield from named(waiting)
        yield from rerouted(tracker, foreseen, self.code, before.keywords)
        yield Effect(UNDO_RETIRE)


@dataclass(frozen=True)
class Restore(Change):
    code: str

    def steps(self, city: Directory, today: date, at: datetime, by: Actor) -> Iterable[Step]:
        standing = replace(city.category(self.code), ended_on=None)
        must_lead_somewhere(city, standing)
        must_be_alone(standing, city.categories)
        yield Step(CategoryEntry, self.code, lambda entry: entry.revise(standing, today, at, by))

    def effects(self, tracker: Tracker, foreseen: Foreseen) -> Iterator[Effect]:
        found, city = foreseen.after.category(self.code), foreseen.after
        yield Effect(OFFERED, {"name": found.name, "unit": city.unit(found.lead_unit).short})
        yield from rerouted(tracker, foreseen, self.code, found.keywords)


def must_lead_somewhere(city: Directory, wanted: Category) -> None:
    """Its family, class and units stand, and who leads may be ordered to."""
    city.current_major(wanted.major)
    city.policy.sla_class(wanted.sla)
    for unit in wanted.co_units:
        city.current_unit(unit)
    if not city.current_unit(wanted.lead_unit).whistle_duty:
        raise LeadWithoutDuty(unit=city.unit(wanted.lead_unit).short)


def promised(city: Directory, wanted: Category) -> Effect:
    sla = city.policy.sla_class(wanted.sla)
    limits = {"respond": told(sla.respond), "resolve": told(sla.resolve)}
    return Effect(PROMISES, {"sla": sla.code, **limits})


def claimants(city: Directory, wanted: Category) -> Effect:
    n = sum(
        city.may_claim(unit.code, wanted.code)
        for unit in (*city.units, *city.responders, *city.members)
    )
    return Effect(CLAIMANTS, {"n": n}, warns=n == 0)


class Told:
    """A limit that is said in the reader's language."""

    NAMES: ClassVar[Mapping[str, Words]] = {
        "natural_minutes": Words("分钟", "minutes"),
        "natural_hours": Words("小时", "hours"),
        "working_hours": Words("工作小时", "working hours"),
        "working_days": Words("工作日", "working days"),
    }

    def __init__(self, value: int, unit: str) -> None:
        name = self.NAMES[unit]
        self.words = Words(f"{value} {name.zh}", f"{value} {name.en}")


def told(limit: object) -> object:
    return Told(limit.value, limit.unit)  # type: ignore[attr-defined]


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
