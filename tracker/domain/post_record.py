"""What the small records of a post share: summonses and handovers, beside the whistles.

Each is a stream of its own. An event is a fact with all that a reader needs; what was said stands
in `contents`, as with whistles. Events are generic in the record that they change; a bare
`PostRecordEvent` is one of any record.
"""

from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar, Generic, Self
from uuid import UUID

from eventsourcing.domain import AggregateCreated, AggregateEvent, BaseAggregate
from eventsourcing.utils import register_topic

from tracker.domain.actors import Actor
from tracker.domain.whistle.said import Said

if TYPE_CHECKING:
    from typing_extensions import TypeVar  # Python 3.11's own knows no default

    R = TypeVar("R", bound="PostRecord", default=Any)
else:
    from typing import TypeVar

    R = TypeVar("R")


class PostRecordEvent(AggregateEvent, Generic[R]):
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

    def apply(self, aggregate: R) -> None:
        self.assign(aggregate)

    def assign(self, record: R) -> None:
        """What this fact changes. Runs again at every load: no guard, no clock, no look-up."""


class PostRecordOpened(PostRecordEvent[R], AggregateCreated):
    """The first fact of a record."""


class PostRecord(BaseAggregate[UUID]):
    """A record of a post.

    A subclass declares its attributes under TYPE_CHECKING; see `entries.Entry`.
    """

    INITIAL_VERSION = 1

    @classmethod
    def _open(
        cls,
        fact: type[PostRecordOpened],
        id: UUID,
        at: datetime,
        actor: Actor,
        words: tuple[Said, ...],
        **facts: object,
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
        **facts: object,
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
