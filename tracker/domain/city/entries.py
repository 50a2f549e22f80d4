"""What the registers of the city share: an entry is added, changed, ended and restored, by event.

What an entry says is a frozen value (`Area`, `Unit`, `Category`, …). Each event knows how it
changes that value; the entry's aggregate and the `Directory` of the whole city fold with the same
function. Entries and events are generic in their value; `Entry` and `Event` without one are those
of any register.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from datetime import date, datetime
from hashlib import sha256
from typing import TYPE_CHECKING, Any, ClassVar, Generic, Self
from uuid import UUID, uuid5

from eventsourcing.domain import AggregateCreated, AggregateEvent, BaseAggregate
from eventsourcing.utils import register_topic

from tracker.domain.actors import Actor

CITY = UUID("6d656e67-7a69-5000-8000-736861006f64")


def entry_id(kind: str, code: str) -> UUID:
    """The same kind and code give the same stream in every installation."""
    return uuid5(CITY, f"{kind}:{code}")


@dataclass(frozen=True, kw_only=True)
class RegisterValue:
    """What an entry of a register says."""

    @property
    def key(self) -> str:
        """What no other entry of its kind has."""
        raise NotImplementedError


@dataclass(frozen=True, kw_only=True)
class CodedValue(RegisterValue):
    """A value with a code. `ended_on`: the first day on which it no longer stands; None: it does.

    An ended entry is still found by its code, for the whistles of its time.
    """

    code: str
    name: str
    ended_on: date | None = None

    @property
    def key(self) -> str:
        return self.code


if TYPE_CHECKING:
    from typing_extensions import TypeVar  # Python 3.11's own knows no default

    V = TypeVar("V", bound=RegisterValue, default=Any)
    Coded = TypeVar("Coded", bound=CodedValue, default=Any)
else:
    from typing import TypeVar

    V, Coded = TypeVar("V"), TypeVar("Coded")


class Event(AggregateEvent, Generic[V]):
    """A fact about an entry. `timestamp` is when it was recorded, not its first day."""

    TOPIC: ClassVar[str]
    KIND: ClassVar[str]
    code: str
    by: str  # account, never a person's name
    role: str

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        if "TOPIC" in cls.__dict__:
            cls.KIND = cls.TOPIC.removeprefix("city.").split("_")[0]
            register_topic(cls.TOPIC, cls)

    def apply(self, aggregate: "Entry[V]") -> None:
        aggregate.entry = self.change(aggregate.entry)

    def change(self, before: V) -> V:
        """The value after this fact. Runs again at every load and in every fold."""
        raise NotImplementedError


class Added(Event[V], AggregateCreated):
    """A new entry, whole: each register declares `entry` with its own type."""

    if TYPE_CHECKING:  # not a field of this class, or `COMMON` would hold it
        entry: V

    def apply(self, aggregate: "Entry[V]") -> None:
        aggregate.entry = self.entry

    def change(self, before: V | None) -> V:
        return self.entry


class Changed(Event[V]):
    """Only what changed: each register declares the fields that may; None: as before."""

    def change(self, before: V) -> V:
        return replace(before, **self.changes())

    def changes(self) -> dict[str, object]:
        """The new values under the names of the value's fields."""
        own = (field.name for field in fields(self) if field.name not in COMMON)
        return {name: value for name in own if (value := getattr(self, name)) is not None}


COMMON = frozenset(field.name for field in (*fields(Added), *fields(Changed)))


class Ended(Event[Coded]):
    """The entry stands no longer from that day on."""

    on: date

    def change(self, before: Coded) -> Coded:
        return replace(before, ended_on=self.on)


class Restored(Event[Coded]):
    """An ended entry stands again."""

    def change(self, before: Coded) -> Coded:
        return replace(before, ended_on=None)


def facts_of(event: Event) -> dict[str, object]:
    """What the event says itself, by name."""
    return {name: value for name, value in vars(event).items() if name not in COMMON}


def digest_of(events: Iterable[Event]) -> str:
    """The same for the same facts on the same versions of their streams, whenever it is asked."""
    lines = [
        [event.TOPIC, event.code, event.originator_version, facts_of(event)] for event in events
    ]
    return sha256(json.dumps(lines, default=repr, sort_keys=True).encode()).hexdigest()


class Entry(BaseAggregate[UUID], Generic[V]):
    """One entry of a register. Its methods decide which events a change needs.

    Not a subclass of `Aggregate`, whose `Created` event would ask each register for a topic that
    no stream ever uses. Annotations stand under TYPE_CHECKING alone: the library would make a
    dataclass of a class that has them, and write its `__init__`.
    """

    INITIAL_VERSION = 1
    kind = ""

    if TYPE_CHECKING:
        entry: V
        added: type[Added]
        changed: type[Changed]

    @classmethod
    def add(cls, entry: V, at: datetime, actor: Actor) -> Self:
        """Open the stream of a new entry."""
        return cls._create(
            cls.added,
            id=entry_id(cls.kind, entry.key),
            timestamp=at,
            code=entry.key,
            by=actor.account,
            role=actor.role,
            entry=entry,
        )

    def revise(self, wanted: V, today: date, at: datetime, actor: Actor) -> None:
        """Bring the entry to what is wanted; what does not differ makes no event.

        `today` is the city's date, from which on a change holds that gives no date of its own.
        """
        changes = differences(self.entry, wanted, self.changed)
        if changes:
            self.record(self.changed, at, actor, **changes)

    def record(self, event_class: type[Event], at: datetime, actor: Actor, **facts: object) -> None:
        self.trigger_event(
            event_class,
            timestamp=at,
            code=self.entry.key,
            by=actor.account,
            role=actor.role,
            **facts,
        )


class EndingEntry(Entry[Coded]):
    """An entry that may end, and stand again."""

    if TYPE_CHECKING:
        ended: type[Ended]
        restored: type[Restored]

    def revise(self, wanted: Coded, today: date, at: datetime, actor: Actor) -> None:
        if self.entry.ended_on is not None and wanted.ended_on is None:
            self.record(self.restored, at, actor)
        super().revise(wanted, today, at, actor)
        if wanted.ended_on is not None:
            self.end(wanted.ended_on, at, actor)

    def end(self, on: date, at: datetime, actor: Actor) -> None:
        """It stands no longer from `on`; its history stays."""
        if self.entry.ended_on != on:
            self.record(self.ended, at, actor, on=on)


def differences(
    before: RegisterValue, wanted: RegisterValue, changed: type[Changed]
) -> Mapping[str, object]:
    """The new values of those fields that `changed` can carry and that are not as wanted."""
    names = (field.name for field in fields(changed) if field.name not in COMMON)
    return {
        name: getattr(wanted, name)
        for name in names
        if getattr(wanted, name) != getattr(before, name)
    }
