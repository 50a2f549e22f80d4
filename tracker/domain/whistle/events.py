"""What every event of a whistle carries, and how events get their stable names.

An event is a fact in the past tense with all that a reader needs. Its `timestamp` is the moment
of the fact, brought in with the command: the domain has no clock of its own.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from eventsourcing.domain import Aggregate
from eventsourcing.utils import register_topic

from tracker.domain.promises.clocks import Clock
from tracker.domain.whistle.states import TERMINAL as TERMINAL
from tracker.domain.whistle.states import State as State


@dataclass(frozen=True)
class Said:
    """That something was said or shown: where it stands in `contents`, and its salted digest."""

    id: UUID
    kind: (
        str  # text, title, address, reporter, note, reason, basis, photo, photo_before, photo_after
    )
    digest: str


@dataclass(frozen=True)
class Place:
    """Where, as found in the grid plan valid on the day; every part may be unknown."""

    grid: str | None = None
    community: str | None = None
    street: str | None = None
    post: str | None = None
    lat: float | None = None  # WGS84 degrees
    lon: float | None = None
    accuracy_m: float | None = None
    plan: str | None = None  # the grid plan that answered
    rule: str | None = None  # which rule chose the post, e.g. "grid", "special_area", "named_grid"


@dataclass(frozen=True)
class Suggestion:
    """A category found by keywords; a suggestion until a person confirms it."""

    category: str
    keywords: tuple[str, ...]
    rule: str  # e.g. "keywords"
    version: int  # version of the city's categories that gave it


class Event(Aggregate.Event):
    """A fact about a whistle. `timestamp` is when it happened; `state` is the state it leads to.

    `clocks` holds each clock that this fact started, moved, held or stopped, whole, as it stands
    afterwards; `words` the places in `contents` of what was said with it.
    """

    TOPIC: ClassVar[str]
    by: str  # account, never a person's name
    role: str
    acting_post: str | None  # the post for which the actor acted
    state: State
    clocks: tuple[Clock, ...]
    words: tuple[Said, ...]

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        if "TOPIC" in cls.__dict__:
            register_topic(cls.TOPIC, cls)

    @property
    def at(self) -> datetime:
        return self.timestamp

    def apply(self, aggregate: Any) -> None:
        """Assign what every event carries, then its own: no guard, no clock, no look-up."""
        aggregate.state = self.state
        for clock in self.clocks:
            aggregate.clocks[clock.key] = clock
        self.assign(aggregate)

    def assign(self, whistle: Any) -> None:
        """What this event alone changes. Runs again at every load."""
