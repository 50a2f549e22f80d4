"""补正: a whistle of an older log that breaks a rule of today is brought right, by events.

What was recorded stays as it is, and is never read in another way. The reason stands in the event.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, ClassVar

from tracker.domain.actors import Actor
from tracker.domain.promises.clocks import Clock, ClockKind, SlaPolicy
from tracker.domain.whistle.assignment import Assignment
from tracker.domain.whistle.events import Event
from tracker.domain.whistle.lifecycle import Lifecycle
from tracker.domain.whistle.memory import Memory
from tracker.domain.whistle.parties import Party, arriving
from tracker.domain.whistle.refusals.overseeing import NothingToMend
from tracker.domain.whistle.said import Said
from tracker.domain.whistle.states import State

# A merged whistle whose parent ended so is nobody's work (domain.md §4.3, invariant 11).
ENDED_WITHOUT_ITS_CHILDREN = (State.WITHDRAWN, State.VOID, State.TRANSFERRED_OUT)
SILENT, STALE_PART, ORPHAN = "silent", "unit_clock_of_another_class", "parent_has_ended"
UNHEARD = "child_without_its_people"


class Mended(Event):
    """It broke `rules`; the clocks and parts that were missing or wrong stand as they should.

    `parties` are people of merged whistles whom an older merger did not bring along. What else
    follows is recorded after it, as after any other fact.
    """

    TOPIC: ClassVar[str] = "whistle.mended"
    class_version: ClassVar[int] = 2
    rules: tuple[str, ...]
    parts: tuple[Assignment, ...]
    parties: tuple[Party, ...]

    @staticmethod
    def upcast_v1_v2(state: dict[str, Any]) -> None:
        state |= {"parties": []}

    def assign(self, whistle: Memory) -> None:
        whistle.add_parties(self.parties)
        for part in self.parts:
            whistle.put(part)


class Mending(Lifecycle):
    """Find what an older version left wrong, and put it right."""

    def left_wrong(
        self, policy: SlaPolicy, parent: State | None, children: Iterable[Memory] = ()
    ) -> list[str]:
        """Rules that an older version broke and no consequence puts right; `parent`: its state."""
        found = []
        if self.is_silent:
            found.append(SILENT)
        if self._stale_parts(policy):
            found.append(STALE_PART)
        if self.state is State.MERGED and parent in ENDED_WITHOUT_ITS_CHILDREN:
            found.append(ORPHAN)
        if self._unheard(children):
            found.append(UNHEARD)
        return found

    @property
    def is_silent(self) -> bool:
        """Whether it is open and nothing will ever happen by itself (domain.md §4.3, 13)."""
        return not self.is_terminal and not any(c.running for c in self.clocks.values())

    def mend(
        self,
        rules: Sequence[str],
        *,
        actor: Actor,
        at: datetime,
        policy: SlaPolicy,
        children: Iterable[Memory] = (),
        words: Sequence[Said] = (),
    ) -> None:
        """Put right what no consequence does. Raises NothingToMend where no rule is broken."""
        if not rules:
            raise NothingToMend(number=self.number)
        stale = [self._part_of_class(part, policy, at) for part in self._stale_parts(policy)]
        clocks = [clock for _, own in stale for clock in own]
        if self.is_silent:
            clocks += self._clocks_that_speak(policy, at)
        self._record(
            Mended,
            actor,
            at,
            clocks=clocks,
            words=words,
            rules=tuple(rules),
            parts=tuple(part for part, _ in stale),
            parties=self._unheard(children),
        )

    def _unheard(self, children: Iterable[Memory]) -> tuple[Party, ...]:
        """The people of children of whom nothing stands here, as they are counted here."""
        known, found = {party.child for party in self.parties}, list[Party]()
        for child in children if self.state not in ENDED_WITHOUT_ITS_CHILDREN else ():
            if child.id not in known and child.id in self.children:
                found += arriving(child.parties, child.id, self.parties_ever + len(found))
        return tuple(found)

    def _clocks_that_speak(self, policy: SlaPolicy, at: datetime) -> list[Clock]:
        """What the state owes, from now: it was owed to nobody before."""
        if self.state in (State.SUBMITTED, State.SELF_RESOLVED):
            return [self._check_clock(policy, at)]
        if self.state is State.VERIFIED:
            return [policy.clock(ClockKind.FOLLOW_UP, self.sla_class, at, cycle=self.cycle)]
        return self._clocks_resumed(policy)

    def _stale_parts(self, policy: SlaPolicy) -> list[Assignment]:
        """Parts whose running respond clock is not the one that the whistle's class gives them."""
        return [part for part in self.assignments if part.current and self._stale(part, policy)]

    def _stale(self, part: Assignment, policy: SlaPolicy) -> bool:
        clock = self._clock(ClockKind.RESPOND, part.unit)
        known = part.sla_class is not None  # by a version that moves it by itself
        if known or clock is None or not clock.running or clock.missed_by(self.modified_on):
            return False
        promised = policy.as_promised(clock.policy_version)
        own = promised.clock(ClockKind.RESPOND, self.sla_class, part.assigned_at, cycle=part.cycle)
        return part.respond_due != own.due
