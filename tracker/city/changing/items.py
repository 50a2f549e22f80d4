"""A unit's items of service: listed, amended, given to another unit, ended and listed again."""

from collections.abc import Iterator

from tracker.city.changing.city_change import Effect, Preview
from tracker.city.changing.codes import must_be_alone
from tracker.city.changing.registers import ChangeableRegister
from tracker.commands.tracker import Tracker
from tracker.directory import Directory
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


def must_be_offered_once(city: Directory, item: ServiceItem, before: ServiceItem | None) -> None:
    """Its unit stands, and no other item of the unit has its name."""
    city.current_unit(item.unit)
    must_be_alone(item, [other for other in city.service_items if other.unit == item.unit])


def if_added(tracker: Tracker, preview: Preview, item: ServiceItem) -> Iterator[Effect]:
    yield from counted(preview, item.unit)
    yield Effect(PROMISED, {"n": item.limit_working_days})
    yield Effect(UNDO_ADD)


def if_amended(tracker: Tracker, preview: Preview, item: ServiceItem) -> Iterator[Effect]:
    before = preview.before.service_item(item.code)
    yield from counted(preview, before.unit, item.unit)
    yield Effect(PROMISED, {"n": item.limit_working_days})


def if_ended(tracker: Tracker, preview: Preview, item: ServiceItem) -> Iterator[Effect]:
    yield from counted(preview, item.unit)
    yield Effect(UNDO_END)


def if_restored(tracker: Tracker, preview: Preview, item: ServiceItem) -> Iterator[Effect]:
    yield from counted(preview, item.unit)


def counted(preview: Preview, *units: str) -> Iterator[Effect]:
    """How many items each of the units has before and after, where that changes."""
    for unit in dict.fromkeys(units):
        was, now = (
            sum(item.unit == unit for item in city.service_items)
            for city in (preview.before, preview.after)
        )
        if was != now:
            short = preview.after.unit(unit).short
            yield Effect(COUNTED, {"short": short, "was": was, "now": now})


ITEMS = ChangeableRegister(
    entry=ItemEntry,
    find=Directory.service_item,
    find_current=Directory.current_item,
    check=must_be_offered_once,
    if_added=if_added,
    if_amended=if_amended,
    if_ended=if_ended,
    if_restored=if_restored,
)
