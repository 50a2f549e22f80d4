"""A change of the city is previewed, then recorded, by the same decision.

`preview` lets the entries decide and throws them away after looking at their events; `confirm`
lets them decide again and appends the events, unless somebody changed one of them in between.
"""

import time
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from eventsourcing.persistence import RecordConflictError

from tracker.city.changing.city_change import ChangeResult, CityChange, Preview, Stamp
from tracker.city.pack.checking import check, check_zone
from tracker.city.registering import load
from tracker.commands.tracker import Tracker
from tracker.directory import Directory
from tracker.domain.actors import Actor
from tracker.domain.city.entries import Entry, Event
from tracker.domain.city.registers import OF_PEOPLE, REGISTERS
from tracker.domain.errors import Conflict, Invalid, Words

PATIENCE, PAUSE = 3.0, 0.01  # seconds to wait for one's own events, and between two looks


def preview(tracker: Tracker, change: CityChange, at: datetime, by: Actor) -> Preview:
    """What the change would record; nothing is written. Refuses what `confirm` would refuse."""
    city = tracker.directory.refresh()
    entries, versions = decided(tracker, city, change, at, by)
    events = checked_events(city, entries)
    return Preview(events, city, folded(city, events), at, versions)


def confirm(
    tracker: Tracker, change: CityChange, versions: str, at: datetime, by: Actor
) -> ChangeResult:
    """Record the change, then do what follows it.

    Raises EntryMoved where the entries have other versions than those of the preview.
    """
    city = tracker.directory.refresh()
    entries, versions_now = decided(tracker, city, change, at, by)
    if versions_now != versions:
        raise EntryMoved
    checked_events(city, entries)
    try:
        recordings = tracker.save(*entries)
    except RecordConflictError as first:
        raise EntryMoved from first
    wait_until_readable(tracker, max(recording.notification.id for recording in recordings))
    return change.follow(tracker, at, by)


def decided(
    tracker: Tracker, city: Directory, change: CityChange, at: datetime, by: Actor
) -> tuple[list[Entry], str]:
    """The entries after they decided, not saved; and the versions on which they did."""
    stamp = Stamp(city.policy.calendar.date_of(at), at, by)
    entries: list[Entry] = []
    versions = []
    for one in change.entry_changes(city, stamp):
        if one.new is None:
            entry = load(tracker, one.register, one.code)
            versions.append(f"{one.code}@{entry.version}")
        elif one.code in city.registers[one.register.kind]:
            raise EntryTaken(given=one.code)
        else:
            entry = one.register.add(one.new, at, by)
            versions.append(f"{one.code}@0")
        one.decide(entry)
        entries.append(entry)
    return entries, ",".join(versions)


def checked_events(city: Directory, entries: Sequence[Entry]) -> tuple[Event, ...]:
    """The events that wait to be saved.

    Raises NothingToChange where there is none, PackBroken where an entry would name a code that
    is not there, ZoneIsFixed where the city would get another time zone.
    """
    events: tuple[Any, ...] = tuple(event for entry in entries for event in entry.pending_events)
    if not events:
        raise NothingToChange
    registers = folded(city, events).registers
    of_the_city = [register.kind for register in REGISTERS if register not in OF_PEOPLE]
    entries_of = {kind: list(registers[kind].values()) for kind in of_the_city}
    check(entries_of)
    check_zone(city, entries_of)
    return events


def folded(city: Directory, events: Sequence[Event]) -> Directory:
    """The city after these events, which have no position yet."""
    return city.fold((city.version, event) for event in events)


def wait_until_readable(tracker: Tracker, position: int) -> None:
    """Wait until the city is read up to `position`: an older transaction may still hide it.

    After `PATIENCE` seconds it gives up; the events are recorded all the same.
    """
    until = time.monotonic() + PATIENCE
    while tracker.directory.refresh().version < position and time.monotonic() < until:
        time.sleep(PAUSE)


class EntryMoved(Conflict):
    """Somebody changed the entry between preview and confirmation; nothing was recorded."""

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
