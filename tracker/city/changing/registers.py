"""What most registers share: an entry is added, amended, ended, and restored.

A register says in one `ChangeableRegister` what is particular to it: how an entry is found, what
is refused, which effects the preview shows.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

from tracker.city.changing.city_change import CityChange, Effect, EntryChange, Preview, Stamp
from tracker.city.changing.codes import must_be_fit
from tracker.commands.tracker import Tracker
from tracker.directory import Directory
from tracker.domain.city.entries import CodedValue, EndingEntry

L = TypeVar("L", bound=CodedValue)
Effects = Callable[[Tracker, Preview, L], Iterator[Effect]]


@dataclass(frozen=True, kw_only=True)
class ChangeableRegister(Generic[L]):
    """A register whose entries may be added, amended, ended and restored one by one."""

    entry: type[EndingEntry]
    find: Callable[[Directory, str], L]  # raises a Refusal for an unknown code
    find_current: Callable[[Directory, str], L]  # refuses an ended entry as unknown
    # What is refused of an entry that is to stand so: the city, the entry, as it was before.
    check: Callable[[Directory, L, L | None], None]
    check_new: Callable[[Directory, L], None] = lambda city, wanted: None
    check_end: Callable[[Directory, L], None] = lambda city, before: None
    # Which effects the preview shows; an entry that ends is given as it stands before.
    if_added: Effects[L]
    if_amended: Effects[L]
    if_ended: Effects[L]
    if_restored: Effects[L]

    def add(self, wanted: L) -> "Add[L]":
        return Add(self, wanted)

    def amend(self, wanted: L) -> "Amend[L]":
        return Amend(self, wanted)

    def end(self, code: str) -> "End[L]":
        """From today on it is offered nowhere; by its code it is still found."""
        return End(self, code)

    def restore(self, code: str) -> "Restore[L]":
        return Restore(self, code)


@dataclass(frozen=True)
class Add(CityChange, Generic[L]):
    register: ChangeableRegister[L]
    wanted: L

    def entry_changes(self, city: Directory, stamp: Stamp) -> Iterable[EntryChange]:
        must_be_fit(self.wanted.code)
        self.register.check_new(city, self.wanted)
        self.register.check(city, self.wanted, None)
        yield EntryChange.add(self.register.entry, self.wanted)

    def effects(self, tracker: Tracker, preview: Preview) -> Iterator[Effect]:
        return self.register.if_added(tracker, preview, self.wanted)


@dataclass(frozen=True)
class Amend(CityChange, Generic[L]):
    register: ChangeableRegister[L]
    wanted: L

    def entry_changes(self, city: Directory, stamp: Stamp) -> Iterable[EntryChange]:
        before = self.register.find_current(city, self.wanted.code)
        self.register.check(city, self.wanted, before)
        yield EntryChange.revise(self.register.entry, self.wanted, stamp)

    def effects(self, tracker: Tracker, preview: Preview) -> Iterator[Effect]:
        return self.register.if_amended(tracker, preview, self.wanted)


@dataclass(frozen=True)
class End(CityChange, Generic[L]):
    register: ChangeableRegister[L]
    code: str

    def entry_changes(self, city: Directory, stamp: Stamp) -> Iterable[EntryChange]:
        self.register.check_end(city, self.register.find_current(city, self.code))
        yield EntryChange.by(
            self.register.entry.end, self.register.entry, self.code, stamp.today, stamp=stamp
        )

    def effects(self, tracker: Tracker, preview: Preview) -> Iterator[Effect]:
        before = self.register.find(preview.before, self.code)
        return self.register.if_ended(tracker, preview, before)


@dataclass(frozen=True)
class Restore(CityChange, Generic[L]):
    register: ChangeableRegister[L]
    code: str

    def entry_changes(self, city: Directory, stamp: Stamp) -> Iterable[EntryChange]:
        ended = self.register.find(city, self.code)
        wanted = replace(ended, ended_on=None)
        self.register.check(city, wanted, ended)
        yield EntryChange.revise(self.register.entry, wanted, stamp)

    def effects(self, tracker: Tracker, preview: Preview) -> Iterator[Effect]:
        restored = self.register.find(preview.after, self.code)
        return self.register.if_restored(tracker, preview, restored)
