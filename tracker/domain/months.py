"""月报冻结: a month's figures, kept unchanged as they stood at its freeze (domain.md §6.0).

A stream of one event. What becomes known later changes no frozen figure; a report names it beside.
"""

from datetime import datetime
from hashlib import sha256
from typing import TYPE_CHECKING, ClassVar, Self
from uuid import UUID, uuid5

from eventsourcing.domain import AggregateCreated, BaseAggregate
from eventsourcing.utils import register_topic

MONTHS = UUID("6d656e67-7a69-5000-8000-6d6f6e746873")


def month_id(month: str) -> UUID:
    """The stream of a month written 2026-09, the same in every installation."""
    return uuid5(MONTHS, month)


def digest_of(figures: str) -> str:
    """sha256 over the figures as they are written, hexadecimal."""
    return sha256(figures.encode()).hexdigest()


class MonthFrozen(AggregateCreated):
    """`timestamp` is the moment of the freeze; what becomes known later does not count.

    `figures` is canonical JSON, every row of the city, its streets, posts, units and categories.
    """

    TOPIC: ClassVar[str] = "report.month_frozen"
    month: str
    log_position: int  # what was appended above it does not count either
    figures: str
    digest: str
    definitions: str  # the version of the definitions that the figures follow
    by: str
    role: str

    def apply(self, aggregate: "Month") -> None:
        """Everything about a frozen month is in this one fact."""
        aggregate.frozen = self


register_topic(MonthFrozen.TOPIC, MonthFrozen)


class Month(BaseAggregate[UUID]):
    """A month whose figures stand. There is no command that changes them."""

    TOPIC = "report.month"
    INITIAL_VERSION = 1

    if TYPE_CHECKING:  # the library would write `__init__` for a class with annotations
        frozen: MonthFrozen

    @classmethod
    def freeze(
        cls, month: str, *, at: datetime, position: int, figures: str, definitions: str
    ) -> Self:
        return cls._create(
            MonthFrozen,
            id=month_id(month),
            timestamp=at,
            month=month,
            log_position=position,
            figures=figures,
            digest=digest_of(figures),
            definitions=definitions,
            by="system",
            role="system",
        )
