"""Turns the facts of an imported whistle into the events that a live one would have."""

from collections.abc import Sequence
from functools import partial

from tracker.directory import Directory
from tracker.domain.whistle.ending import Withdrawn
from tracker.domain.whistle.events import Said, State
from tracker.domain.whistle.whistle import Whistle
from tracker.imports.ends import Child, Endings
from tracker.imports.facts import Facts
from tracker.imports.units import Units
from tracker.imports.work import Work


def whistle_of(
    facts: Facts, city: Directory, words: Sequence[Said], children: Sequence[Child] = ()
) -> Whistle:
    """The whistle with all its events, not stored yet."""
    history = History(facts, city, words)
    history.plan(children)
    return history.build()


class History(Units, Work, Endings):
    """Plans all actions. Those of the same moment happen in the order of planning."""

    def plan(self, children: Sequence[Child]) -> None:
        facts = self.facts
        if facts.category is not None:
            self.at(facts.registered_at, self._classified)
        for turn in facts.turns:
            self._plan_turn(turn)
        self._plan_work()
        if facts.closed_at is not None and not facts.self_resolved:
            self.at(facts.closed_at, self._closed)
        for count, moment in enumerate(facts.reopens, start=1):
            self.at(moment, partial(self._reopened, count))
        if facts.self_resolved:
            self.at(facts.closed_at or facts.registered_at, self._self_resolved)
        if facts.withdrawn_at is not None:
            self.at(facts.withdrawn_at, partial(self._end, Withdrawn, State.WITHDRAWN))
        for child in children:
            self.at(child.at, partial(self._adopt, child))
        if facts.excluded is not None:
            self._plan_exclusion(facts.excluded)
