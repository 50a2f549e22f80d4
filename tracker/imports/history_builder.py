"""Turns an imported row into events: plans actions, then does them in order of time.

The guards of live commands do not apply, because it happened in another system. The rules of
passing time do: cards and escalations are dated at the due times in the facts. No pool window,
adjudication limit or review date is opened, because the other system had none.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from operator import itemgetter
from typing import Any

from tracker.directory import Directory
from tracker.domain.actors import Actor, Role
from tracker.domain.promises.clocks import Clock, ClockKind, SlaPolicy
from tracker.domain.promises.sla_classes import EMERGENCY
from tracker.domain.whistle.class_clocks import clocks_from
from tracker.domain.whistle.events import Event, Place, Said, State
from tracker.domain.whistle.raising import Raised
from tracker.domain.whistle.triage import Classified
from tracker.domain.whistle.whistle import Whistle, whistle_id
from tracker.imports.facts import Facts
from tracker.routing.routing import place_of_grid
from tracker.words.sensitive import sensitive_theme

IMPORT = Actor("import", Role.SYSTEM)
Action = Callable[[datetime], None]


class HistoryBuilder:
    """Plan actions with `at`, then do them in order of time with `build`."""

    def __init__(self, facts: Facts, city: Directory, words: Sequence[Said]) -> None:
        self.facts, self.city = facts, city
        self.policy: SlaPolicy = city.policy
        self.actions: list[tuple[datetime, int, Action]] = []
        # How often the resolve deadline will move. The last move sets the due time in the facts.
        ends = sum(end is not None for _, end in facts.suspensions)
        self.moves_left = facts.extensions + ends
        self.whistle: Whistle = self._raised(words)

    def build(self) -> Whistle:
        for at, _, action in sorted(self.actions, key=itemgetter(0, 1)):
            self.whistle.elapse(at, self.policy)
            action(at)
        if not self.whistle.is_terminal:
            self.whistle.draw(self.city, at=self.whistle.modified_on)
        return self.whistle

    def at(self, moment: datetime, action: Action) -> None:
        """Plan an action. Actions of the same moment happen in the order of planning."""
        self.actions.append((moment, len(self.actions), action))

    def record(
        self,
        event: type[Event],
        at: datetime,
        to: State | None = None,
        clocks: Sequence[Clock] = (),
        words: Sequence[Said] = (),
        **own: Any,
    ) -> None:
        self.whistle._record(event, IMPORT, at, to=to, clocks=clocks, words=words, **own)

    def _end(self, event: type[Event], to: State, at: datetime, **own: Any) -> None:
        self.record(event, at, to, self.whistle._stopped(at), **own)

    def _raised(self, words: Sequence[Said]) -> Whistle:
        facts, at = self.facts, self.facts.registered_at
        category = self.city.category(facts.category) if facts.category else None
        given = {
            ClockKind.RESPOND: facts.respond_due,
            ClockKind.RESOLVE: self._first_resolve_due(),
        }
        clocks = [
            self._promised(clock, given.get(clock.kind))
            for clock in clocks_from(self.policy, facts.sla_class, at)
            if clock.kind in given  # the facts lack when a hazard was under control
        ]
        basis = "words" if sensitive_theme(facts.text) else None
        if category is not None and category.confidential:
            basis = "category"
        whistle: Whistle = Whistle._create(
            Raised,
            id=whistle_id(facts.number),
            timestamp=at,
            by=IMPORT.account,
            role=IMPORT.role,
            acting_post=None,
            state=State.RAISED,
            clocks=tuple(clocks),
            words=tuple(words),
            number=facts.number,
            place=self._place(),
            category=facts.category,
            category_source="chosen" if category else None,
            suggestion=None,
            sla_class=facts.sla_class,
            urgency=None,
            confidential=basis is not None,
            confidential_basis=basis,
            source="import",
            anonymous=facts.anonymous,
            reporter=None,
            receipt=None,
            occurred_at=None,
            photos=0,
            policy_version=self.policy.version,
            emergency=facts.sla_class == EMERGENCY,
            test=facts.excluded is not None and facts.excluded.kind == "test",
            legacy_id=facts.id,
        )
        return whistle

    def _place(self) -> Place:
        """The grid if the facts name one, with the post that the older system names."""
        facts = self.facts
        day = self.policy.calendar.date_of(facts.registered_at)
        if facts.grid is not None:
            return replace(place_of_grid(self.city, facts.grid, day), post=facts.post)
        post = self.city.post(facts.post)
        return Place(street=post.street, post=post.code, rule="import")

    def _first_resolve_due(self) -> datetime | None:
        """The first resolve deadline: the final one is used only if no fact has moved it."""
        facts = self.facts
        moved = facts.extensions or any(end for _, end in facts.suspensions)
        if moved and facts.original_resolve_due is not None:
            return facts.original_resolve_due
        return None if moved else facts.resolve_due or facts.original_resolve_due

    def _promised(self, clock: Clock, due: datetime | None) -> Clock:
        """The policy's clock, or one that ends at `due` if the older system promised that."""
        if due is None or due == clock.due:
            return clock
        given = self.policy.until(
            clock.kind, due, clock.started_at, unit=clock.unit, cycle=clock.cycle
        )
        return replace(given, reached=clock.reached)

    def _classified(self, at: datetime) -> None:
        self.record(
            Classified,
            at,
            State.TRIAGED,
            category=self.facts.category,
            sla_class=self.facts.sla_class,
            confidential=self.whistle.confidential,
            downgraded=False,
        )
