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
from tracker.domain.whistle.states import State
from tracker.domain.whistle.whistle import Whistle


@dataclass(frozen=True, kw_only=True)
class WhistleCommand(Command[Whistle]):
    """`guard` refuses where the command cannot even begin, whatever its fields say."""

    guard: ClassVar[Callable[[Whistle, Actor, datetime], None]]
    on_parent: ClassVar[bool] = False  # the guard looks at the parent of a merged whistle

    def stream(self, tracker: Tracker, number: str | UUID) -> UUID:
        return tracker.id_of(number)

    def load(self, tracker: Tracker, number: str | UUID) -> Whistle:
        return tracker.whistle(number)

    def let_time_pass(self, aggregate: Whistle, given: Given) -> None:
        aggregate.elapse(given.at, given.policy)


@dataclass(frozen=True, kw_only=True)
class OnTheParent(WhistleCommand):
    """Given to a merged whistle, it goes to the one that is worked on (domain.md §4.6)."""

    on_parent = True

    def stream(self, tracker: Tracker, number: str | UUID) -> UUID:
        return worked_on(tracker, tracker.whistle(number)).id

    def load(self, tracker: Tracker, number: str | UUID) -> Whistle:
        return worked_on(tracker, tracker.whistle(number))

    def goes_elsewhere(self, tracker: Tracker, number: str | UUID) -> bool:
        return self.stream(tracker, number) != tracker.id_of(number)


def worked_on(tracker: Tracker, whistle: Whistle) -> Whistle:
    """The parent of a merged whistle; any other whistle itself."""
    if whistle.state is State.MERGED and whistle.merged_into is not None:
        return tracker.whistle(whistle.merged_into)
    return whistle


def category_of(city: Directory, whistle: Whistle) -> Category | None:
    """The whistle's category in the city's present register; None while it has none."""
    return city.category(whistle.category) if whistle.category else None
