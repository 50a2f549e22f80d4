"""注销误记: what never happened counts no longer, e.g. what a clock a day ahead has recorded.

Only what time alone recorded may be annulled: marks of clocks, and the levels and supervisions that
a rule drew from them. Whoever was really late stays late. What time has brought meanwhile is
recorded anew.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from tracker.domain.actors import Actor, Role
from tracker.domain.whistle.events import Event
from tracker.domain.whistle.lifecycle import Lifecycle
from tracker.domain.whistle.memory import Had, Memory, Proposal
from tracker.domain.whistle.refusals.annulling import (
    AnnulledBefore,
    DoneByPeople,
    ItHappened,
    NothingToAnnul,
    NotWhatWasAsked,
    OnlyTheCityAsks,
    UnknownEvents,
)
from tracker.domain.whistle.refusals.lifecycle import SecondPersonNeeded
from tracker.domain.whistle.said import Said
from tracker.domain.whistle.without import Without, reached_by, stopped_late


@dataclass(frozen=True)
class NamedEvent:
    """An event of the whistle's own stream."""

    version: int
    topic: str


class AnnulmentAsked(Event):
    """The city centre asks to annul these events; the auditor confirms."""

    TOPIC: ClassVar[str] = "whistle.annulment_asked"
    events: tuple[NamedEvent, ...]

    def tells_until(self, whistle: Memory) -> datetime:
        """It stands at its own moment, which may lie before what a wrong clock told."""
        return whistle.told_until

    def assign(self, whistle: Memory) -> None:
        versions = tuple(one.version for one in self.events)
        whistle.proposals["annul"] = Proposal(self.by, self.timestamp, events=versions)


class Annulled(Event):
    """These events never happened. It holds what is restored, so that no fold looks back.

    `clocks`: those that had reached a mark which they never reached; `until` the moment of the last
    event that stays; `highest_level` what the rates count, and `had` what comes back after a void.
    """

    TOPIC: ClassVar[str] = "whistle.annulled"
    proposed_by: str
    events: tuple[NamedEvent, ...]
    until: datetime
    card: str
    level: int
    levels: tuple[int, ...]
    highest_level: int
    supervised: bool
    had: Had | None

    @property
    def versions(self) -> frozenset[int]:
        return frozenset(one.version for one in self.events)

    def tells_until(self, whistle: Memory) -> datetime:
        return self.until

    def assign(self, whistle: Memory) -> None:
        whistle.proposals.pop("annul", None)
        whistle.by_time = [one for one in whistle.by_time if one not in self.versions]
        whistle.card, whistle.supervised = self.card, self.supervised
        whistle.level, whistle.levels = self.level, list(self.levels)
        whistle.had = self.had


class Annulling(Lifecycle):
    """Annul what never happened: one asks, another confirms."""

    def may_annul(self, actor: Actor, at: datetime) -> None:
        asked = "annul" in self.proposals
        if actor.role not in ({Role.CITY_CENTRE, Role.AUDITOR} if asked else {Role.CITY_CENTRE}):
            raise OnlyTheCityAsks(number=self.number)
        if not self.by_time:
            raise NothingToAnnul(number=self.number)

    def annul(
        self,
        events: Sequence[int],
        story: Sequence[Event],
        *,
        actor: Actor,
        at: datetime,
        words: Sequence[Said] = (),
    ) -> None:
        """Annul the events of these versions. `story`: all events of this whistle, in their order.

        The clocks, the card, the level and the supervision are then as if they had not been. What
        a mark that stays brings about by a rule, and another event had brought before, is recorded.
        """
        self.may_annul(actor, at)
        named = self._named(frozenset(events), story)
        proposal = self.proposals.get("annul")
        versions = tuple(one.version for one in named)
        if actor.role == Role.AUDITOR and proposal is not None and proposal.events != versions:
            raise NotWhatWasAsked(number=self.number, asked=proposal.events, events=versions)
        if proposal is not None and proposal.events == versions and proposal.by == actor.account:
            raise SecondPersonNeeded(number=self.number, by=proposal.by, command="annul")
        without = _without(self.number, versions, story)
        past = without.tell(story)
        self._must_not_be_late(past, versions, story)
        if proposal is None or actor.role != Role.AUDITOR:
            self._record_at(at, AnnulmentAsked, actor, words=words, events=named)
            return
        self._record_at(
            max(at, past.told_until),
            Annulled,
            actor,
            clocks=[
                past.clocks[key] for key, one in self.clocks.items() if past.clocks[key] != one
            ],
            words=words,
            proposed_by=proposal.by,
            events=named,
            until=past.told_until,
            card=past.card,
            level=past.level,
            levels=tuple(past.levels),
            highest_level=without.highest_level,
            supervised=past.supervised,
            had=past.had,
        )
        for clock, mark in without.owed:
            self._escalate_for(clock, mark, at)

    def _named(self, wanted: frozenset[int], story: Sequence[Event]) -> tuple[NamedEvent, ...]:
        """The events of these versions, each of which time alone recorded."""
        by_version = {event.originator_version: event for event in story}
        unknown = tuple(sorted(wanted - by_version.keys()))
        if unknown or not wanted:
            raise UnknownEvents(number=self.number, events=unknown)
        for version in sorted(wanted):
            if not by_version[version].is_of_time:
                raise DoneByPeople(number=self.number, event=version)
            if version not in self.by_time:
                raise AnnulledBefore(number=self.number, event=version)
        return tuple(NamedEvent(one, by_version[one].TOPIC) for one in sorted(wanted))

    def _must_not_be_late(
        self, past: Memory, versions: Iterable[int], story: Sequence[Event]
    ) -> None:
        """Being late is no reason. A clock that was stopped at the very moment of an event of time
        has that moment from it, as nothing is recorded before what is told already: nobody knows
        when it was stopped."""
        gone = [event for event in story if event.originator_version in set(versions)]
        told = {event.timestamp for event in story if event.is_of_time}
        for event in gone:
            reached = reached_by(event)
            clock = past.clocks.get(reached[0]) if reached else None
            moment = stopped_late(clock, reached) if reached else None
            ended = (clock.stopped_at or clock.held_at) if clock else None
            if moment is not None and ended not in told:
                raise ItHappened(number=self.number, event=event.originator_version, moment=moment)


def _without(number: str, versions: Iterable[int], story: Sequence[Event]) -> Without:
    annulled = {
        event.originator_version: event.versions for event in story if isinstance(event, Annulled)
    }
    return Without(number, frozenset(versions), annulled)
