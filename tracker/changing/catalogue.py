"""A category's defaults: who leads and helps, which class, which words, whether it is pooled."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar

from tracker.amending import Foreseen, Step
from tracker.application import Tracker
from tracker.changing.at_work import open_whistles
from tracker.changing.proposal import Change, Effect
from tracker.directory import Directory
from tracker.domain.actors import Actor
from tracker.domain.catalogue import Category, CategoryEntry
from tracker.domain.errors import Words
from tracker.domain.states import State
from tracker.policies.routing import suggest

STAY = Words(
    zh="{n} 件在办的类别、单位和已承诺的时限都不变",
    en="Of {n} open whistles neither category, units nor promised deadlines change",
)
SUGGESTS = Words(
    zh="其中还没派的 {n} 件,派遣时将建议 {unit}",
    en="For {n} of them, not yet dispatched, {unit} will be suggested",
)
PROMISES = Words(
    zh="以后归入这一类的按 {sla} 承诺:响应 {respond},办结 {resolve}",
    en="Later whistles of this category are promised {sla}: respond {respond}, resolve {resolve}",
)
POOL = Words(
    zh="待认领的 {n} 件照旧可以认领到期满",
    en="{n} in the pool may be claimed until their window ends",
)
WORDS = Words(
    zh="关键词试算:{n} 个关键词里 {own} 个会归到这一类",
    en="Keywords tried out: {own} of {n} would lead to this category",
)
UNDECIDED = (State.RAISED, State.TRIAGED, State.POOLED)


@dataclass(frozen=True)
class Amend(Change):
    category: Category

    def steps(self, city: Directory, today: date, at: datetime, by: Actor) -> Iterable[Step]:
        wanted = self.category
        city.current_category(wanted.code)
        city.policy.sla_class(wanted.sla)
        for unit in (wanted.lead_unit, *wanted.co_units):
            city.current_unit(unit)
        yield Step(CategoryEntry, wanted.code, lambda entry: entry.keep(wanted, today, at, by))

    def effects(self, tracker: Tracker, foreseen: Foreseen) -> Iterator[Effect]:
        wanted, before = self.category, foreseen.before.category(self.category.code)
        with tracker.connection() as connection:
            found = open_whistles(connection, category=wanted.code)
        yield Effect(STAY, {"n": len(found)})
        if wanted.lead_unit != before.lead_unit:
            n = sum(one.state in UNDECIDED for one in found)
            unit = foreseen.after.unit(wanted.lead_unit).short
            yield Effect(SUGGESTS, {"n": n, "unit": unit})
        if wanted.sla != before.sla:
            sla = foreseen.after.policy.sla_class(wanted.sla)
            limits = {"respond": told(sla.respond), "resolve": told(sla.resolve)}
            yield Effect(PROMISES, {"sla": sla.code, **limits})
        if before.poolable and not wanted.poolable:
            yield Effect(POOL, {"n": sum(one.state == State.POOLED for one in found)})
        if wanted.keywords != before.keywords:
            yield self._tried(foreseen.after)

    def _tried(self, city: Directory) -> Effect:
        tried = [suggest(city, keyword) for keyword in self.category.keywords]
        own = sum(one is not None and one.category == self.category.code for one in tried)
        return Effect(WORDS, {"n": len(tried), "own": own}, warns=own < len(tried))


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
