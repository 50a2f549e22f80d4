"""A unit's items of service: listed, amended, given to another unit, ended and listed again."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime

from tracker.city.amending import Foreseen, Step
from tracker.city.changing.codes import must_be_alone, must_be_fit
from tracker.city.changing.proposal import Change, Effect
from tracker.commands.tracker import Tracker
from tracker.directory import Directory
from tracker.domain.actors import Actor
from tracker.domain.city.catalogue import ItemEntry, ServiceItem
from tracker.domain.errors import Words

COUNTED = Words(
    zh="{short} 的服务事项由 {was} 项变为 {now} 项",
    en="{short} has {now} service items in place of {was}",
)
PROMISED = Words(
    zh="目录里写明 {n} 个工作日办结;吹哨的派遣和时限不变",
    en="The directory says {n} working days; dispatch and deadlines of whistles do not change",
)
UNDO_ADD = Words(
    zh="要收回:在服务事项列表里“停办”", en='To take it back: "End" in the list of service items'
)
UNDO_END = Words(
    zh="要收回:在服务事项列表里“恢复”", en='To take it back: "Restore" in the list of service items'
)


@dataclass(frozen=True)
class Add(Change):
    item: ServiceItem

    def steps(self, city: Directory, today: date, at: datetime, by: Actor) -> Iterable[Step]:
        must_be_fit(self.item.code)
        must_be_offered_once(city, self.item)
        yield Step(ItemEntry, self.item.code, new=self.item)

    def effects(self, tracker: Tracker, foreseen: Foreseen) -> Iterator[Effect]:
        yield from counted(foreseen, self.item.unit)
        yield Effect(PROMISED, {"n": self.item.limit_working_days})
        yield Effect(UNDO_ADD)


@dataclass(frozen=True)
class Amend(Change):
    item: ServiceItem

    def steps(self, city: Directory, today: date, at: datetime, by: Actor) -> Iterable[Step]:
        must_be_offered_once(city, self.item)
        yield Step(ItemEntry, self.item.code, lambda entry: entry.revise(self.item, today, at, by))

    def effects(self, tracker: Tracker, foreseen: Foreseen) -> Iterator[Effect]:
        before = foreseen.before.service_item(self.item.code)
        yield from counted(foreseen, before.unit, self.item.unit)
        yield Effect(PROMISED, {"n": self.item.limit_working_days})


@dataclass(frozen=True)
class End(Change):
    code: str

    def steps(self, city: Directory, today: date, at: datetime, by: Actor) -> Iterable[Step]:
        city.service_item(self.code)
        yield Step(ItemEntry, self.code, lambda entry: entry.end(today, at, by))

    def effects(self, tracker: Tracker, foreseen: Foreseen) -> Iterator[Effect]:
        yield from counted(foreseen, foreseen.before.service_item(self.code).unit)
        yield Effect(UNDO_END)


@dataclass(frozen=True)
class Restore(Change):
    code: str

    def steps(self, city: Directory, today: date, at: datetime, by: Actor) -> Iterable[Step]:
        standing = replace(city.service_item(self.code), ended_on=None)
        must_be_offered_once(city, standing)
        yield Step(ItemEntry, self.code, lambda entry: entry.revise(standing, today, at, by))

    def effects(self, tracker: Tracker, foreseen: Foreseen) -> Iterator[Effect]:
        yield from counted(foreseen, foreseen.after.service_item(self.code).unit)


def must_be_offered_once(city: Directory, item: ServiceItem) -> None:
    """Of a unit that stands, and no second of that name there."""
    city.current_unit(item.unit)
    must_be_alone(item, [other for other in city.service_items if other.unit == item.unit])


def counted(foreseen: Foreseen, *units: str) -> Iterator[Effect]:
    for unit in dict.fromkeys(units):
        was, now = (
            sum(item.unit == unit for item in city.service_items)
            for city in (foreseen.before, foreseen.after)
        )
        if was != now:
            short = foreseen.after.unit(unit).short
            yield Effect(COUNTED, {"short": short, "was": was, "now": now})
