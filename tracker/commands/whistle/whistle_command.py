"""What all commands on a whistle share: the stream they change, and their guard."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from tracker.commands.command import Command, Given
from tracker.commands.tracker import Tracker
from tracker.directory import Directory
from tracker.domain.actors import Actor
from tracker.domain.city.catalogue import Category
from tracker.domain.whistle.whistle import Whistle


@dataclass(frozen=True, kw_only=True)
class WhistleCommand(Command[Whistle]):
    """`guard` refuses where the command cannot even begin, whatever its fields say."""

    guard: ClassVar[Callable[[Whistle, Actor, datetime], None]]

    def stream(self, tracker: Tracker, number: str | UUID) -> UUID:
        return tracker.id_of(number)

    def load(self, tracker: Tracker, number: str | UUID) -> Whistle:
        return tracker.whistle(number)

    def let_time_pass(self, aggregate: Whistle, given: Given) -> None:
        aggregate.elapse(given.at, given.policy)


def category_of(city: Directory, whistle: Whistle) -> Category | None:
    """The whistle's category in the city's present register; None while it has none."""
    return city.category(whistle.category) if whistle.category else None
