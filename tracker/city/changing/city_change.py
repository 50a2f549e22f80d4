"""What a change of the city is: the entries that it changes, its effects, what follows it."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Self

from tracker.commands.tracker import Tracker
from tracker.directory import Directory
from tracker.domain.actors import Actor
from tracker.domain.city.entries import Entry, Event
from tracker.domain.errors import Invalid, Words


@dataclass(frozen=True)
class Stamp:
    """When a change is made, and by whom. `today` is the city's date at the moment `at`."""

    today: date
    at: datetime
    by: Actor


@dataclass(frozen=True)
class EntryChange:
    """What one entry of a register decides; `new` is an entry that is not there yet."""

    register: type[Entry]
    code: str
    decide: Callable[[Any], None] = lambda entry: None
    new: Any = None

    @classmethod
    def add(cls, register: type[Entry], new: Any) -> Self:
        return cls(register, new.key, new=new)

    @classmethod
    def revise(cls, register: type[Entry], wanted: Any, stamp: Stamp) -> Self:
        """Bring the entry to `wanted`; what is so already makes no event."""
        return cls.by(register.revise, register, wanted.key, wanted, stamp.today, stamp=stamp)

    @classmethod
    def by(
        cls,
        method: Callable[..., None],
        register: type[Entry],
        code: str,
        *facts: Any,
        stamp: Stamp,
    ) -> Self:
        """The entry decides by `method`, which takes the facts, the moment and the person."""
        return cls(register, code, lambda entry: method(entry, *facts, stamp.at, stamp.by))


@dataclass(frozen=True)
class Preview:
    """The events that a change would record, and the city before and after them.

    `versions` names the entries and the version of each that decided: who confirms the change
    confirms it on these.
    """

    events: tuple[Event, ...]
    before: Directory
    after: Directory
    at: datetime
    versions: str

    @property
    def today(self) -> date:
        """The city's date at that moment."""
        return self.before.policy.calendar.date_of(self.at)


@dataclass(frozen=True)
class Effect:
    """One sentence about what would happen; `warns`: it leaves something to be done."""

    words: Words
    facts: dict[str, Any] = field(default_factory=dict)
    warns: bool = False

    def say(self, language: str) -> str:
        return self.words.say(language, self.facts)


@dataclass(frozen=True)
class ChangeResult:
    """What was done after a change was recorded; `secret` is a password that is shown once."""

    effects: Sequence[Effect] = ()
    secret: str | None = None


class CityChange:
    """One change, of one entry or of several that belong together. Subclasses are frozen values."""

    def entry_changes(self, city: Directory, stamp: Stamp) -> Iterable[EntryChange]:
        """The entries that it changes. Raises a Refusal for what cannot be."""
        raise NotImplementedError

    def effects(self, tracker: Tracker, preview: Preview) -> Iterator[Effect]:
        """What the change would mean, counted in the projections and tried on open whistles."""
        yield from ()

    def follow(self, tracker: Tracker, at: datetime, by: Actor) -> ChangeResult:
        """What is done once the change is recorded."""
        return ChangeResult()


class DayIsPast(Invalid):
    """What already happened under the old order keeps it."""

    code = "change.day_past"
    field = "first"
    message = Words(zh="{day} 已经过去", en="{day} is past")
    remedy = Words(zh="请选今天或以后的日期", en="Choose today or a later day")


def must_be_ahead(day: date, today: date) -> None:
    if day < today:
        raise DayIsPast(day=day)
