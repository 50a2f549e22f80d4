"""What the records of a post's own duty share: summonses and handovers, beside the whistles.

Each is a small stream of its own. An event is a fact with all that a reader needs; what was said
stands in `contents`, as with whistles.
"""

from datetime import datetime
from typing import Any, ClassVar, Self
from uuid import UUID

from eventsourcing.domain import AggregateCreated, AggregateEvent, BaseAggregate
from eventsourcing.utils import register_topic

from tracker.domain.actors import Actor
from tracker.domain.whistle.events import Said


class PostRecordEvent(AggregateEvent):
    """`timestamp` is the moment of the fact, brought in with the command."""

    TOPIC: ClassVar[str]
    by: str  # account, never a person's name
    role: str
    acting_post: str | None  # the post for which the person acted
    words: tuple[Said, ...]

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        if "TOPIC" in cls.__dict__:
            register_topic(cls.TOPIC, cls)

    @property
    def at(self) -> datetime:
        return self.timestamp

    def apply(self, aggregate: Any) -> None:
        self.assign(aggregate)

    def assign(self, record: Any) -> None:
        """What this fact changes. Runs again at every load: no guard, no clock, no look-up."""


class PostRecordOpened(PostRecordEvent, AggregateCreated):
    """The first fact of a record."""


class PostRecord(BaseAggregate[UUID]):
    """Without annotations, which would make the library write `__init__`; see `entries.Entry`."""

    INITIAL_VERSION = 1

    @classmethod
    def _open(
        cls,
        fact: type[PostRecordOpened],
        id: UUID,
        at: datetime,
        actor: Actor,
        words: tuple[Said, ...],
        **facts: Any,
    ) -> Self:
        return cls._create(
            fact,
            id=id,
            timestamp=at,
            by=actor.account,
            role=actor.role,
            acting_post=actor.post,
            words=words,
            **facts,
        )

    def _record(
        self,
        fact: type[PostRecordEvent],
        at: datetime,
        actor: Actor,
        words: tuple[Said, ...] = (),
        **facts: Any,
    ) -> None:
        self.trigger_event(
            fact,
            timestamp=at,
            by=actor.account,
            role=actor.role,
            acting_post=actor.post,
            words=words,
            **facts,
        )
