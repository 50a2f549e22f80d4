"""What every event of a whistle carries, and how events get their stable names.

An event is a fact in the past tense with all that a reader needs. Its `timestamp` is the moment
of the fact, brought in with the command: the domain has no clock of its own.
"""

from datetime import datetime
from typing import ClassVar

from eventsourcing.domain import Aggregate
from eventsourcing.utils import register_topic

from tracker.domain.actors import Role
from tracker.domain.promises.clocks import Clock
from tracker.domain.whistle.memory import Memory
from tracker.domain.whistle.memory import Suggestion as Suggestion
from tracker.domain.whistle.place import Place as Place
from tracker.domain.whistle.said import Said as Said
from tracker.domain.whistle.states import TERMINAL as TERMINAL
from tracker.domain.whistle.states import State as State


class Event(Aggregate.Event):
    """A fact about a whistle. `timestamp` is when it happened; `state` is the state it leads to.

    `clocks` holds each clock that this fact started, moved, held or stopped, whole, as it stands
    afterwards; `words` the places in `contents` of what was said with it.
    """

    TOPIC: ClassVar[str]
    of_time: ClassVar[bool] = False  # recorded because a moment came; such a one may be annulled
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

    def apply(self, aggregate: Memory) -> None:
        """Assign what every event carries, then its own: no guard, no clock, no look-up."""
        aggregate.state = self.state
        aggregate.told_until = self.tells_until(aggregate)
        if self.is_of_time:
            aggregate.by_time.append(self.originator_version)
        for clock in self.clocks:
            aggregate.clocks[clock.key] = clock
        self.assign(aggregate)

    @property
    def is_of_time(self) -> bool:
        """Whether time alone recorded it, by a rule, and no person."""
        return self.of_time and self.role == Role.SYSTEM

    def tells_until(self, whistle: Memory) -> datetime:
        """Up to when the story is told with this event.

        What time alone recorded may come from a clock that ran ahead: nobody's act is dated by it.
        """
        return whistle.told_until if self.is_of_time else self.timestamp

    def assign(self, whistle: Memory) -> None:
        """What this event alone changes. Runs again at every load."""
