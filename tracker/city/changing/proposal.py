"""A change of the city by its administrator: what it touches, what would come of it, what follows.

`tracker.city.amending` decides what is recorded; here stands, for each kind of change, what an
administrator has to know before he confirms it, and what is done besides once it is recorded.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from tracker.city.amending import Foreseen, Step, carry_out, foresee
from tracker.commands.tracker import Tracker
from tracker.directory import Directory
from tracker.domain.actors import Actor
from tracker.domain.errors import Invalid, Words


@dataclass(frozen=True)
class Effect:
    """One sentence about what would happen; `warns` is something to be done besides."""

    words: Words
    facts: dict[str, Any] = field(default_factory=dict)
    warns: bool = False

    def say(self, language: str) -> str:
        return self.words.say(language, self.facts)


@dataclass(frozen=True)
class Done:
    """What was done once a change was recorded; `secret` is shown once."""

    effects: Sequence[Effect] = ()
    secret: str | None = None


class Change:
    """One kind of change. A change is a value: the same values wish for the same."""

    def steps(self, city: Directory, today: date, at: datetime, by: Actor) -> Iterable[Step]:
        """What it touches. Refuses what cannot be wished for."""
        raise NotImplementedError

    def effects(self, tracker: Tracker, foreseen: Foreseen) -> Iterator[Effect]:
        """What would come of it, computed from the projections and the whistles themselves."""
        yield from ()

    def follow(self, tracker: Tracker, at: datetime, by: Actor) -> Done:
        """What is done once it is recorded."""
        return Done()


def preview(tracker: Tracker, change: Change, at: datetime, by: Actor) -> Foreseen:
    """What it would record. Nothing is written."""
    return foresee(tracker, wish_of(tracker, change, at, by), at, by)


def confirm(tracker: Tracker, change: Change, seen: str, at: datetime, by: Actor) -> Done:
    """Record what was `seen`. Raises EntryMoved where somebody changed the same meanwhile."""
    carry_out(tracker, wish_of(tracker, change, at, by), seen, at, by)
    return change.follow(tracker, at, by)


def wish_of(tracker: Tracker, change: Change, at: datetime, by: Actor) -> list[Step]:
    city = tracker.directory.refresh()
    return list(change.steps(city, city.policy.calendar.date_of(at), at, by))


class DayIsPast(Invalid):
    """What already happened under the old order keeps it."""

    code = "change.day_past"
    field = "first"
    message = Words(zh="{day} 已经过去", en="{day} is past")
    remedy = Words(zh="请选今天或以后的日期", en="Choose today or a later day")


def must_be_ahead(day: date, today: date) -> None:
    if day < today:
        raise DayIsPast(day=day)
