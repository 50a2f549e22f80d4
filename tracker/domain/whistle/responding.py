"""报到、开工: the unit arrives or calls, starts the work, controls the hazard of an E1."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from tracker.domain.actors import Actor
from tracker.domain.promises.clocks import EMERGENCY, ClockKind
from tracker.domain.whistle.calls import SOON
from tracker.domain.whistle.events import Event
from tracker.domain.whistle.lifecycle import Lifecycle
from tracker.domain.whistle.memory import CallClaim, Memory
from tracker.domain.whistle.place import Place, metres_between, same_grid
from tracker.domain.whistle.refusals.resolving import FindingNeeded
from tracker.domain.whistle.refusals.responding import (
    AlreadyResponded,
    ArrivalNeedsPhoto,
    ArrivalNeedsPoint,
    ArrivalOnly,
    CallOutOfTime,
    CallRecordNeeded,
    NoHazardToControl,
    NotYetThere,
    NumberNotOpened,
    OutsideItsGrid,
    TooFarAway,
)
from tracker.domain.whistle.said import Said
from tracker.domain.whistle.states import AWAITING_RESPONSE, State, from_to

ARRIVAL_METRES = 200


@dataclass(frozen=True)
class CallRecord:
    """That the unit called the reporter, when, and whether it spoke to anybody."""

    called_at: datetime
    reached: bool


class Responded(Event):
    """A unit arrived on site or reached the reporter. Its own respond clock stops here; the
    whistle's at the first response of a lead."""

    TOPIC: ClassVar[str] = "whistle.responded"
    unit: str
    kind: str  # "arrival" or "call"
    lead: bool
    distance_m: float | None  # from the whistle's point; None for a call or an unknown point
    called_at: datetime | None = None  # of a call; None in logs that kept no record of calls

    def assign(self, whistle: Memory) -> None:
        whistle.assignments = [
            a.respond(self.timestamp, self.kind) if a.unit == self.unit and a.current else a
            for a in whistle.assignments
        ]
        if self.kind == "call":
            whistle.calls.pop(self.unit, None)
            first = whistle.first_party
            asked = first.number if first is not None else 0
            whistle.calls[self.unit] = CallClaim(self.called_at, asked)
        if self.kind == "arrival" and self.unit not in whistle.arrived:
            whistle.arrived.append(self.unit)
        if self.lead and whistle.responded_at is None:
            whistle.responded_at = self.timestamp


class CallAttempted(Event):
    """A unit called and reached nobody: no response, and its respond clock runs on."""

    TOPIC: ClassVar[str] = "whistle.call_attempted"
    unit: str
    called_at: datetime


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
        self._must_be_in(*from_to(State.CLAIMED, State.IN_PROGRESS), State.SUSPENDED)
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
        call: CallRecord | None = None,
        words: Sequence[Said] = (),
    ) -> None:
        """Report for duty, with evidence: an arrival, or the record of a call.

        An arrival is within 200 m of the whistle's point. Where that is unknown, or less exact than
        500 m, it is in the whistle's grid and shows a photo; without a grid, anywhere. A call is
        made to a number that the unit opened before; one that reached nobody is recorded and is no
        response.
        """
        self.may_respond(actor, at)
        part = self._must_be_assigned(actor)
        if kind == "call":
            call = self._must_be_a_call(call, at)
            if not self.opened_by(part):
                raise NumberNotOpened(number=self.number, unit=part.unit)
            if not call.reached:
                when = call.called_at
                self._record(CallAttempted, actor, at, words=words, unit=part.unit, called_at=when)
                return
        distance = self._must_have_arrived(point, words) if kind == "arrival" else None
        self._withdraw_return(part, actor, at)
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
            called_at=call.called_at if call and kind == "call" else None,
        )

    def _must_be_a_call(self, call: CallRecord | None, at: datetime) -> CallRecord:
        if self.sla_class == EMERGENCY:
            raise ArrivalOnly(number=self.number)
        if call is None:
            raise CallRecordNeeded(number=self.number)
        if not self.registered_at - SOON <= call.called_at <= at:
            raise CallOutOfTime(number=self.number, called_at=call.called_at)
        return call

    def _must_have_arrived(self, point: Place | None, words: Sequence[Said]) -> float | None:
        """The metres from the whistle's point; None where it is not known exactly."""
        if point is None or point.lat is None:
            raise ArrivalNeedsPoint(number=self.number)
        if not self.place.exact:
            if self.place.grid is not None and not same_grid(point.grid, self.place.grid):
                raise OutsideItsGrid(number=self.number, grid=self.place.grid)
            if not any(word.kind == "photo" for word in words):
                raise ArrivalNeedsPhoto(number=self.number)
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
        part = self._must_be_assigned(actor)
        if not self._running(ClockKind.CONTROL):
            raise NoHazardToControl(number=self.number)
        if part.unit not in self.arrived:
            raise NotYetThere(number=self.number, unit=part.unit)

    def control(self, *, actor: Actor, at: datetime, words: Sequence[Said] = ()) -> None:
        """The hazard is under control (class E1)."""
        self.may_control(actor, at)
        if not words:
            raise FindingNeeded(number=self.number)
        stopped = self._stopped(at, ClockKind.CONTROL)
        self._record(HazardControlled, actor, at, clocks=stopped, words=words, unit=actor.unit)
