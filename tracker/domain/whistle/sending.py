"""派遣: units are sent, by a dispatcher, by an emergency or by an upheld return."""

from collections.abc import Sequence
from datetime import datetime
from typing import ClassVar

from tracker.domain.actors import Actor
from tracker.domain.promises.clocks import Clock, ClockKind, SlaPolicy
from tracker.domain.whistle.assignment import Assignment, Part
from tracker.domain.whistle.class_clocks import cards_only
from tracker.domain.whistle.events import Event
from tracker.domain.whistle.memory import Memory
from tracker.domain.whistle.recording import Recording
from tracker.domain.whistle.said import Said
from tracker.domain.whistle.states import State
from tracker.domain.whistle.windows import RETURN_LIMIT


class Dispatched(Event):
    """One lead and any co-handlers are ordered; `basis` says by what."""

    TOPIC: ClassVar[str] = "whistle.dispatched"
    lead: Assignment
    co: tuple[Assignment, ...]
    basis: str  # command, emergency, pool_window, return_upheld, designation
    rule: str | None

    def assign(self, whistle: Memory) -> None:
        for part in (*self.co, self.lead):
            whistle.put(part)
        whistle.words.extend(self.words)
        whistle.designated = whistle.designated or self.basis == "designation"


class Sending(Recording):
    """Give units their parts, with clocks of their own."""

    def _send(
        self,
        units: Sequence[str],
        basis: str,
        actor: Actor,
        at: datetime,
        policy: SlaPolicy,
        rule: str | None = None,
        words: Sequence[Said] = (),
    ) -> None:
        """Send `units`, the lead first; their own clocks run from `at`."""
        sent = [
            self._new_part(unit, Part.CO if i else Part.LEAD, policy, at)
            for i, unit in enumerate(units)
        ]
        self._record(
            Dispatched,
            actor,
            at,
            to=State.DISPATCHED,
            clocks=[*self._stopped(at, ClockKind.POOL), *(clock for _, clock in sent)],
            words=words,
            lead=sent[0][0],
            co=tuple(part for part, _ in sent[1:]),
            basis=basis,
            rule=rule,
        )

    def _new_part(
        self, unit: str, role: Part, policy: SlaPolicy, at: datetime, cycle: int | None = None
    ) -> tuple[Assignment, Clock]:
        """A unit's part and its own respond clock, both from `at`; None: of the present cycle."""
        turn = cycle or self.cycle
        respond = policy.clock(ClockKind.RESPOND, self.sla_class, at, unit=unit, cycle=turn)
        resolve = policy.clock(ClockKind.RESOLVE, self.sla_class, at, cycle=turn)
        part = Assignment(
            *(unit, role, at, respond.due, resolve.due, turn),
            sla_class=self.sla_class,
            return_by=policy.due(RETURN_LIMIT, at).at,
        )
        return part, cards_only(respond)
