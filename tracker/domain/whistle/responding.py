"""报到、开工: the unit arrives or calls, starts the work, controls the hazard of an E1."""

from collections.abc import Sequence
from datetime import datetime
from typing import ClassVar

from tracker.domain.actors import Actor
from tracker.domain.promises.clocks import ClockKind
from tracker.domain.whistle.events import Event
from tracker.domain.whistle.lifecycle import Lifecycle
from tracker.domain.whistle.memory import Memory
from tracker.domain.whistle.place import Place, metres_between
from tracker.domain.whistle.refusals.responding import (
    AlreadyResponded,
    ArrivalNeedsPoint,
    NoHazardToControl,
    TooFarAway,
)
from tracker.domain.whistle.said import Said
from tracker.domain.whistle.states import AWAITING_RESPONSE, State, from_to

ARRIVAL_METRES = 200


class Responded(Event):
    """A unit arrived on site or reached the reporter. Its own respond clock stops here; the
    whistle's at the first response of a lead."""

    TOPIC: ClassVar[str] = "whistle.responded"
    unit: str
    kind: str  # "arrival" or "call"
    lead: bool
    distance_m: float | None  # from the whistle's point; None for a call or an unknown point

    def assign(self, whistle: Memory) -> None:
        whistle.assignments = [
            a.respond(self.timestamp, self.kind) if a.unit == self.unit and a.current else a
            for a in whistle.assignments
        ]
        if self.lead and whistle.responded_at is None:
            whistle.responded_at = self.timestamp


class Started(Event):
    """The lead starts the work."""

    TOPIC: ClassVar[str] = "whistle.started"
    unit: str


class HazardControlled(Event):
    """E1 only: the danger is under control; the control clock stops."""

    TOPIC: ClassVar[str] = "whistle.hazard_controlled"
    unit: str

    def assign(self, whistle: Memory) -> None:
        whistle.controlled_at = self.timestamp


class Responding(Lifecycle):
    """Respond with evidence, start, control a hazard."""

    def may_respond(self, actor: Actor, at: datetime) -> None:
        self._must_be_in(*from_to(State.CLAIMED, State.IN_PROGRESS))
        part = self._must_be_assigned(actor)
        if not part.awaits_response:
            raise AlreadyResponded(number=self.number, unit=part.unit)

    def respond(
        self,
        kind: str,
        *,
        actor: Actor,
        at: datetime,
        point: Place | None = None,
        words: Sequence[Said] = (),
    ) -> None:
        """Report for duty, with evidence: an arrival within 200 m of the place, or a call.

        Raises ArrivalNeedsPoint, or TooFarAway beyond 200 m. Where the whistle's point is unknown
        or worse than 500 m, any point counts.
        """
        self.may_respond(actor, at)
        part = self._must_be_assigned(actor)
        distance = self._arrival_distance(point) if kind == "arrival" else None
        clocks = [
            clock.stop(at)
            for clock in self._running(ClockKind.RESPOND)
            if clock.unit == part.unit or (clock.unit is None and part.leads)
        ]
        first = part.leads and self.state in AWAITING_RESPONSE
        self._record(
            Responded,
            actor,
            at,
            to=State.RESPONDED if first else None,
            clocks=clocks,
            words=words,
            unit=part.unit,
            kind=kind,
            lead=part.leads,
            distance_m=distance,
        )

    def _arrival_distance(self, point: Place | None) -> float | None:
        if point is None or point.lat is None:
            raise ArrivalNeedsPoint(number=self.number)
        if not self.place.exact:
            return None
        distance = round(metres_between(point, self.place), 1)
        if distance > ARRIVAL_METRES:
            raise TooFarAway(number=self.number, metres=round(distance), limit=ARRIVAL_METRES)
        return distance

    def may_start(self, actor: Actor, at: datetime) -> None:
        self._must_be_in(State.RESPONDED)
        self._must_lead(actor)

    def start(self, *, actor: Actor, at: datetime) -> None:
        self.may_start(actor, at)
        self._record(Started, actor, at, to=State.IN_PROGRESS, unit=actor.unit)

    def may_control(self, actor: Actor, at: datetime) -> None:
        self._must_be_in(*from_to(State.CLAIMED, State.IN_PROGRESS))
        self._must_be_assigned(actor)
        if not self._running(ClockKind.CONTROL):
            raise NoHazardToControl(number=self.number)

    def control(self, *, actor: Actor, at: datetime, words: Sequence[Said] = ()) -> None:
        """The hazard is under control (class E1)."""
        self.may_control(actor, at)
        stopped = self._stopped(at, ClockKind.CONTROL)
        self._record(HazardControlled, actor, at, clocks=stopped, words=words, unit=actor.unit)
