"""A change of the city: foreseen by the same decision that records it.

A `Wish` is one change, of one entry or of several that belong together. `foresee` lets the entries
decide and throws the outcome away after looking at it; `carry_out` lets them decide again and
appends, unless somebody else changed one of them in between.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from eventsourcing.persistence import RecordConflictError

from tracker.city.pack.checking import check
from tracker.city.pack.loading import Changes
from tracker.city.registering import load
from tracker.commands.tracker import Tracker
from tracker.directory import Directory
from tracker.domain.actors import Actor
from tracker.domain.city.entries import Entry, Event
from tracker.domain.city.posts import PostEntry
from tracker.domain.city.registers import OF_PEOPLE, REGISTERS
from tracker.domain.errors import Conflict, Invalid, Words

PATIENCE, PAUSE = 3.0, 0.01  # seconds to see one's own change, and between two looks


class EntryMoved(Conflict):
    """Between preview and confirmation the entry became another one; nothing was recorded."""

    code = "city.entry_moved"
    message = Words(zh="预览之后,这一项被别人改过", en="It was changed by somebody else meanwhile")
    remedy = Words(
        zh="请看新的预览,再确认一次", en="Look at the new preview, and confirm once more"
    )


class NothingToChange(Invalid):
    """Everything is as it is wanted already."""

    code = "city.nothing_to_change"
    message = Words(zh="与现状相同,没有要改的", en="It is so already; there is nothing to change")
    remedy = Words(zh="请先改动某一项", en="Change something first")


class EntryTaken(Conflict):
    """A code belongs to one entry for good, so that the log stays unambiguous."""

    code = "city.entry_taken"
    field = "code"
    message = Words(zh="代码 {given} 已被使用", en="The code {given} is taken")
    remedy = Words(zh="请换一个代码", en="Choose another code")


class GridWithoutPost(Invalid):
    """Every point of the city belongs to exactly one post (domain.md §1.2, row 24)."""

    code = "post.grid_without_post"
    field = "grids"
    message = Words(
        zh="从 {first} 起,{count} 个网格将没有指挥部,首个 {grid}",
        en="From {first} on {count} grids would have no post, the first {grid}",
    )
    remedy = Words(
        zh="请在接手的指挥部里加上这些网格,本部随之减去",
        en="Add them to the post that takes them over; they leave this one by that",
    )


@dataclass(frozen=True)
class Step:
    """What one entry is to decide; `new` is an entry that is not there yet."""

    register: type[Entry]
    code: str
    decide: Callable[[Any], None] = lambda entry: None
    new: Any = None


Wish = Sequence[Step]


@dataclass(frozen=True)
class Foreseen:
    """What the wish would record, the city before and after. `seen` is what it rests on."""

    events: tuple[Event, ...]
    before: Directory
    after: Directory
    at: datetime
    seen: str

    @property
    def today(self) -> date:
        """The city's date at that moment."""
        return self.before.policy.calendar.date_of(self.at)


def foresee(tracker: Tracker, wish: Wish, at: datetime, actor: Actor) -> Foreseen:
    """Let it be decided and look, record nothing. Refuses what `carry_out` would refuse."""
    city = tracker.directory.refresh()
    entries, seen = opened(tracker, city, wish, at, actor)
    events = decided(city, entries)
    return Foreseen(events, city, folded(city, events), at, seen)


def carry_out(tracker: Tracker, wish: Wish, seen: str, at: datetime, actor: Actor) -> Changes:
    """Record it. Raises EntryMoved when the entries are not those that were `seen`."""
    city = tracker.directory.refresh()
    entries, now_seen = opened(tracker, city, wish, at, actor)
    if now_seen != seen:
        raise EntryMoved
    events = decided(city, entries)
    try:
        recordings = tracker.save(*entries)
    except RecordConflictError as first:
        raise EntryMoved from first
    position = max(recording.notification.id for recording in recordings)
    return Changes(events, known(tracker, position))


def known(tracker: Tracker, position: int) -> Directory:
    """The city with what stands at the position, which readers see once nothing older is open."""
    patience = time.monotonic() + PATIENCE
    while (city := tracker.directory.refresh()).version < position:
        if time.monotonic() > patience:
            break
        time.sleep(PAUSE)
    return city


def opened(
    tracker: Tracker, city: Directory, wish: Wish, at: datetime, actor: Actor
) -> tuple[list[Entry], str]:
    """The entries after they decided, unsaved; and from which versions they did."""
    entries: list[Entry] = []
    seen = []
    for step in wish:
        if step.new is None:
            entry = load(tracker, step.register, step.code)
            seen.append(f"{step.code}@{entry.version}")
        elif step.code in city.shelves[step.register.kind]:
            raise EntryTaken(given=step.code)
        else:
            entry = step.register.add(step.new, at, actor)
            seen.append(f"{step.code}@0")
        step.decide(entry)
        entries.append(entry)
    return entries, ",".join(seen)


def decided(city: Directory, entries: Sequence[Entry]) -> tuple[Event, ...]:
    """The events that wait to be saved. Refuses none at all, and codes that lead nowhere."""
    events: tuple[Any, ...] = tuple(event for entry in entries for event in entry.pending_events)
    if not events:
        raise NothingToChange
    shelves = folded(city, events).shelves
    of_the_city = [register.kind for register in REGISTERS if register not in OF_PEOPLE]
    check({kind: list(shelves[kind].values()) for kind in of_the_city})
    return events


def folded(city: Directory, events: Sequence[Event]) -> Directory:
    """The city as it will be; the events have no position yet."""
    return city.fold((city.version, event) for event in events)


def redrawing(
    city: Directory, code: str, grids: Sequence[str], first: date, at: datetime, actor: Actor
) -> Wish:
    """The post has these grids from `first` on; the posts that had one of them lose it.

    A special post goes before the community's, which keeps its grids; a street's post covers its
    street beside them. Raises GridWithoutPost.
    """
    post = city.post(code)
    wanted = {code: tuple(grids)}
    on_the_ground = [one for one in city.posts_on(first) if not one.escalation_only]
    for other in on_the_ground:
        held = other.grids(first)
        left = tuple(grid for grid in held if grid not in grids)
        if other.code != code and left != held and not (post.overrides or other.overrides):
            wanted[other.code] = left
    covered = {grid for one in on_the_ground for grid in wanted.get(one.code, one.grids(first))}
    if homeless := [grid for grid in post.grids(first) if grid not in covered]:
        raise GridWithoutPost(first=first, count=len(homeless), grid=homeless[0])
    return [redrawn(one, held, first, at, actor) for one, held in wanted.items()]


def redrawn(code: str, grids: tuple[str, ...], first: date, at: datetime, actor: Actor) -> Step:
    return Step(PostEntry, code, lambda post: post.redraw(grids, first, at, actor))
