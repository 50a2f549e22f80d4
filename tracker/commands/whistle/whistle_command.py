"""What all commands on a whistle share: the stream they change, and their guard."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from tracker.commands.command import Command, Given
from tracker.commands.tracker import Tracker
from tracker.directory import Directory
from tracker.domain.actors import SYSTEM, Actor
from tracker.domain.city.catalogue import Category
from tracker.domain.whistle.parties import is_reporter
from tracker.domain.whistle.soundness import assert_sound, broken_rules
from tracker.domain.whistle.states import State
from tracker.domain.whistle.whistle import Whistle
from tracker.eventstore.contents import repeated_photos

REPORTED = frozenset({"title", "text"})  # the kinds of words in which a problem is told


@dataclass(frozen=True, kw_only=True)
class WhistleCommand(Command[Whistle]):
    """`guard` refuses where the command cannot even begin, whatever its fields say.

    `names`: the fields that hold the number of another whistle.
    """

    guard: ClassVar[Callable[[Whistle, Actor, datetime], None]]
    names: ClassVar[tuple[str, ...]] = ()
    on_parent: ClassVar[bool] = False  # the guard looks at the parent of a merged whistle

    def stream(self, tracker: Tracker, number: str | UUID) -> UUID:
        return tracker.id_of(number)

    def load(self, tracker: Tracker, number: str | UUID) -> Whistle:
        return tracker.whistle(number)

    def moment(self, aggregate: Whistle, at: datetime) -> datetime:
        return max(at, aggregate.told_until)

    def let_time_pass(self, aggregate: Whistle, given: Given) -> None:
        aggregate.elapse(given.at, given.policy)

    def carry_out(self, aggregate: Whistle, given: Given) -> None:
        """Decide, and draw what follows, for this whistle and for the others that it changes.

        Raises Unsound where the result would break a rule that held before.
        """
        held = broken_rules(aggregate, given.city)
        self.decide(aggregate, given)
        _close_for_its_words(aggregate, given)
        changed = [one for one in given.others if isinstance(one, Whistle)]
        for whistle in (aggregate, *changed):
            whistle.draw(given.city, at=given.at)
            _close_parent_too(whistle, aggregate, given)
            _close_children_too(whistle, aggregate, given)
        assert_sound(aggregate, given.city, held)
        for whistle in changed:
            if broken_rules(whistle, given.city):
                before = broken_rules(given.tracker.whistle(whistle.id), given.city)
                assert_sound(whistle, given.city, before)


def _close_for_its_words(whistle: Whistle, given: Given) -> None:
    """Sensitive words close it: whoever tells the problem with them, and whatever its reporter
    says. What an office notes about them, e.g. that they were none, closes nothing."""
    told = given.sensitive if is_reporter(given.actor) else given.sensitive & REPORTED
    if told and not whistle.confidential:
        whistle.mark_confidential(actor=SYSTEM, at=given.at, basis="words")


def _close_children_too(parent: Whistle, aggregate: Whistle, given: Given) -> None:
    """Children become confidential with their parent (domain.md §4.5)."""
    if not parent.became_confidential:
        return
    loaded = _loaded(aggregate, given)
    for id in parent.children:
        child = loaded.get(id) or given.tracker.whistle(id)
        child.follow_into_confidence(actor=SYSTEM, at=given.at)
        if id not in loaded:
            given.others.append(child)


def _close_parent_too(child: Whistle, aggregate: Whistle, given: Given) -> None:
    """What a child's category demands, its parent keeps too, and with it the other children."""
    if child.merged_into is None or not child.became_confidential:
        return
    loaded = _loaded(aggregate, given)
    parent = loaded.get(child.merged_into) or given.tracker.whistle(child.merged_into)
    if parent.confidential:
        return
    if parent.id not in loaded:
        parent.elapse(given.at, given.policy)
        given.others.append(parent)
    parent.mark_confidential(actor=SYSTEM, at=given.at, basis="category")
    parent.draw(given.city, at=given.at)
    _close_children_too(parent, aggregate, given)


def _loaded(aggregate: Whistle, given: Given) -> dict[UUID, Whistle]:
    """The whistles that this command holds already; none is loaded twice."""
    return {one.id: one for one in (aggregate, *given.others) if isinstance(one, Whistle)}


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


def repeated(given: Given, whistle: Whistle, kind: str) -> frozenset[UUID]:
    """This command's photos of that kind that show the same as an older one, of the whistle or of
    the command's other kinds."""
    shown = [word for word in given.words if word.kind.startswith("photo")]
    new = [word.id for word in shown if word.kind == kind]
    if not new:
        return frozenset()
    with given.tracker.connection() as connection:
        beside = [word.id for word in shown if word.kind != kind]
        return repeated_photos(connection, whistle.id, new, beside)


def category_of(city: Directory, whistle: Whistle) -> Category | None:
    """The whistle's category in the city's present register; None while it has none."""
    return city.category(whistle.category) if whistle.category else None
