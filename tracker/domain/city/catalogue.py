"""问题分类与服务事项: what kind of problem it is, and who leads, helps and may claim it."""

from dataclasses import dataclass
from typing import ClassVar

from tracker.domain.city.entries import Added, Changed, CodedValue, Ended, EndingEntry, Restored
from tracker.domain.errors import Invalid, Words


@dataclass(frozen=True)
class Claimable:
    """Who may claim: `anyone` with whistle duty or in the alliance, or only those named."""

    anyone: bool = False
    units: tuple[str, ...] = ()
    sectors: tuple[str, ...] = ()  # of alliance members


@dataclass(frozen=True, kw_only=True)
class Major(CodedValue):
    """A family of categories; `type` is component 部件, event 事件 or service 服务."""

    type: str


@dataclass(frozen=True, kw_only=True)
class Category(CodedValue):
    major: str
    lead_unit: str
    co_units: tuple[str, ...]
    sla: str  # code of the SLA class
    self_resolvable: bool
    photo_required: bool
    poolable: bool
    confidential: bool
    keywords: tuple[str, ...]
    claimable_by: Claimable = Claimable()


class MajorAdded(Added[Major]):
    TOPIC: ClassVar[str] = "city.major_added"
    entry: Major


class MajorChanged(Changed[Major]):
    TOPIC: ClassVar[str] = "city.major_changed"
    name: str | None = None
    type: str | None = None


class MajorEnded(Ended[Major]):
    TOPIC: ClassVar[str] = "city.major_ended"


class MajorRestored(Restored[Major]):
    TOPIC: ClassVar[str] = "city.major_restored"


class MajorEntry(EndingEntry[Major]):
    TOPIC = "city.major"
    kind = "major"
    added, changed, ended, restored = MajorAdded, MajorChanged, MajorEnded, MajorRestored


class CategoryAdded(Added[Category]):
    TOPIC: ClassVar[str] = "city.category_added"
    entry: Category


class CategoryChanged(Changed[Category]):
    TOPIC: ClassVar[str] = "city.category_changed"
    name: str | None = None
    major: str | None = None
    lead_unit: str | None = None
    co_units: tuple[str, ...] | None = None
    sla: str | None = None
    self_resolvable: bool | None = None
    photo_required: bool | None = None
    poolable: bool | None = None
    confidential: bool | None = None
    keywords: tuple[str, ...] | None = None
    claimable_by: Claimable | None = None


class CategoryEnded(Ended[Category]):
    TOPIC: ClassVar[str] = "city.category_ended"


class CategoryRestored(Restored[Category]):
    TOPIC: ClassVar[str] = "city.category_restored"


class CategoryEntry(EndingEntry[Category]):
    TOPIC = "city.category"
    kind = "category"
    added, changed, ended, restored = (
        CategoryAdded,
        CategoryChanged,
        CategoryEnded,
        CategoryRestored,
    )


@dataclass(frozen=True, kw_only=True)
class ServiceItem(CodedValue):
    """One of a unit's items of service: who handles it and within how many working days."""

    unit: str
    handling: str
    limit_working_days: int


class ItemAdded(Added[ServiceItem]):
    TOPIC: ClassVar[str] = "city.item_added"
    entry: ServiceItem


class ItemChanged(Changed[ServiceItem]):
    TOPIC: ClassVar[str] = "city.item_changed"
    name: str | None = None
    unit: str | None = None
    handling: str | None = None
    limit_working_days: int | None = None


class ItemEnded(Ended[ServiceItem]):
    TOPIC: ClassVar[str] = "city.item_ended"


class ItemRestored(Restored[ServiceItem]):
    TOPIC: ClassVar[str] = "city.item_restored"


class ItemEntry(EndingEntry[ServiceItem]):
    TOPIC = "city.item"
    kind = "item"
    added, changed, ended, restored = ItemAdded, ItemChanged, ItemEnded, ItemRestored


class UnknownCategory(Invalid):
    """No category has that code."""

    code = "category.unknown"
    field = "category"
    message = Words(zh="没有代码为 {given} 的分类", en="No category has the code {given}")
    remedy = Words(
        zh="请在分类目录中选择,或留空", en="Choose one from the directory, or leave it out"
    )


class UnknownMajor(Invalid):
    """No family of categories has that code."""

    code = "major.unknown"
    field = "major"
    message = Words(zh="没有代码为 {given} 的大类", en="No family of categories is called {given}")
    remedy = Words(zh="请在大类列表中选择", en="Choose one from the list of families")


class UnknownItem(Invalid):
    """No item of service has that code."""

    code = "item.unknown"
    field = "item"
    message = Words(zh="没有服务事项 {given}", en="There is no service item {given}")
    remedy = Words(zh="请在服务事项列表中选择", en="Choose one from the list of service items")
