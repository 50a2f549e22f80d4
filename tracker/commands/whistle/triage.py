"""落格、立案、自处置、并案: what it is, where it is, and whether it is one of many."""

from dataclasses import dataclass
from datetime import datetime

from tracker.commands.command import Given, WordsNeeded, kept_as
from tracker.commands.fields import (
    Code,
    Crs,
    GridRef,
    Latitude,
    Line,
    Location,
    Longitude,
    Note,
    Point,
    Reason,
    SomePhotos,
)
from tracker.commands.places import place_of, same_named_place
from tracker.commands.tracker import Tracker
from tracker.commands.whistle.whistle_command import WhistleCommand, category_of, repeated
from tracker.directory import Directory
from tracker.domain.actors import Actor
from tracker.domain.errors import Words
from tracker.domain.whistle.refusals.merging import CannotMerge
from tracker.domain.whistle.states import MergeBar
from tracker.domain.whistle.whistle import Whistle


@dataclass(frozen=True, kw_only=True)
class Locate(WhistleCommand):
    """A point, or a grid by its code, in the grid plan of the day of registration."""

    name = "locate"
    label = Words("落格", "Set the place")
    guard = Whistle.may_locate

    lat: Latitude | None = None
    lon: Longitude | None = None
    crs: Crs = "WGS84"
    grid: Code | None = None

    def decide(self, aggregate: Whistle, given: Given) -> None:
        place = place_of(given.city, self._location(), aggregate.registered_at)
        aggregate.locate(place, actor=given.actor, at=given.at, policy=given.policy)

    def _location(self) -> Location:
        if self.grid is not None:
            return GridRef(self.grid)
        if self.lat is None or self.lon is None:
            raise WordsNeeded(name="lat, lon / grid")
        return Point(self.lat, self.lon, crs=self.crs)


@dataclass(frozen=True, kw_only=True)
class Classify(WhistleCommand):
    """Category and class. `sla_class` None: that of the category."""

    name = "classify"
    label = Words("分类立案", "Classify")
    said = kept_as(reason="reason")
    guard = Whistle.may_classify

    category: Code
    sla_class: Code | None = None
    reason: Reason | None = None

    def decide(self, aggregate: Whistle, given: Given) -> None:
        chosen = given.policy.sla_class(self.sla_class).code if self.sla_class else None
        aggregate.classify(
            given.city.current_category(self.category), sla_class=chosen, **given.by_policy
        )


@dataclass(frozen=True, kw_only=True)
class SelfResolve(WhistleCommand):
    """Resolved on the spot, with one photo from before and one from after."""

    name = "self-resolve"
    label = Words("自处置", "Resolve on the spot")
    said = kept_as(before="photo_before", after="photo_after", note="note")
    guard = Whistle.may_self_resolve

    before: SomePhotos
    after: SomePhotos
    note: Note | None = None

    def decide(self, aggregate: Whistle, given: Given) -> None:
        aggregate.self_resolve(
            category_of(given.city, aggregate),
            repeated=repeated(given, aggregate, "photo_after"),
            **given.by_policy,
        )


@dataclass(frozen=True, kw_only=True)
class Merge(WhistleCommand):
    """Follow another whistle of the same problem; the children of the child follow it too."""

    name = "merge"
    label = Words("合并", "Merge into another")
    guard = Whistle.may_merge
    names = ("into",)

    into: Line

    def decide(self, aggregate: Whistle, given: Given) -> None:
        parent = given.tracker.whistle(self.into)
        if parent.id == aggregate.id:
            raise CannotMerge(number=aggregate.number, into=parent.number, why=MergeBar.ITSELF)
        policy, who = given.policy, given.actor
        parent.elapse(given.at, policy)
        grandchildren = [given.tracker.whistle(id) for id in aggregate.children]
        same = likeness(given.tracker, aggregate, parent)
        released = aggregate.merge(parent, actor=who, at=given.at, policy=policy, **same)
        for grandchild in grandchildren:
            grandchild.follow_new_parent(parent, actor=who, at=given.at)
            brought = released[grandchild.id]
            parent.adopt(grandchild, actor=who, at=given.at, policy=policy, brought=brought)
        given.others.extend([parent, *grandchildren])


def may_merge(
    tracker: Tracker, child: Whistle, parent: Whistle, actor: Actor, at: datetime
) -> None:
    """Refuses as `Merge` would; for a page on which a person still compares the two."""
    child.may_merge_into(parent, actor, at, **likeness(tracker, child, parent))


def likeness(tracker: Tracker, child: Whistle, parent: Whistle) -> dict[str, bool]:
    """Facts that the domain does not have: same category family, same address."""
    return {
        "same_family": _same_family(tracker.city, child, parent),
        "same_named_place": same_named_place(tracker, child, parent),
    }


def _same_family(city: Directory, one: Whistle, other: Whistle) -> bool:
    first, second = category_of(city, one), category_of(city, other)
    return first is not None and second is not None and first.major == second.major


@dataclass(frozen=True, kw_only=True)
class Unmerge(WhistleCommand):
    """It is not the same problem: take it out of the merger."""

    name = "unmerge"
    label = Words("取消合并", "Take out of the merger")
    said = kept_as(reason="reason")
    guard = Whistle.may_unmerge

    reason: Reason

    def decide(self, aggregate: Whistle, given: Given) -> None:
        aggregate.may_unmerge(given.actor, given.at)
        assert aggregate.merged_into is not None
        parent = given.tracker.whistle(aggregate.merged_into)
        parent.elapse(given.at, given.policy)
        aggregate.unmerge(parent, **given.by_policy)
        for one in (aggregate, parent):
            one.elapse(given.at, given.policy)  # what fell due of its own while they were one
        given.others.append(parent)


COMMANDS = (Locate, Classify, SelfResolve, Merge, Unmerge)
