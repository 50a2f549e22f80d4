"""Steps: where each whistle's time went, stay by stay; and what people did on the ground.

A stay that has ended is written once and stays. Which whistles a question is about, where they
belong and what is left out, the facts of the rates say, as of any moment: so steps and rates are
of the same whistles. Questions: `steps_reading.py`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg import Connection

from tracker.domain.whistle.dispatching import Claimed
from tracker.domain.whistle.events import Event, Place, State
from tracker.domain.whistle.following_up import FollowedUp
from tracker.domain.whistle.merging import ChildJoined
from tracker.domain.whistle.overseeing import Corrected
from tracker.domain.whistle.raising import Raised
from tracker.domain.whistle.reopening import Reopened
from tracker.domain.whistle.resolving import VerificationFailed, VerificationPassed
from tracker.domain.whistle.responding import HazardControlled, Responded
from tracker.domain.whistle.returning import ReturnRejected, ReturnRequested, ReturnUpheld
from tracker.domain.whistle.sending import Dispatched
from tracker.domain.whistle.triage import Classified, Located, SelfResolved
from tracker.metrics.indices import Act
from tracker.metrics.steps import STEP_OF, Step
from tracker.projections.engine.reader import Recorded
from tracker.projections.engine.tables import Table


@dataclass(slots=True)
class Standing:
    """A row of steps_whistles: where a whistle is, since when, and in whose hands."""

    whistle: UUID
    step: str | None
    since: datetime | None
    state: str
    cycle: int
    stays: int
    lead: str | None
    disputed: bool
    began_at: datetime
    lat: float | None
    lon: float | None
    address: UUID | None
    confidential: bool

    def place(self, place: Place) -> None:
        self.lat, self.lon = place.lat, place.lon

    def step_now(self) -> str | None:
        step = STEP_OF.get(State(self.state))
        return Step.RETURNS if step is Step.RESPONSE and self.disputed else step

    @property
    def unit(self) -> str | None:
        """Who has it in hand: nobody before it is dispatched."""
        return None if self.step == Step.DISPATCH else self.lead


@dataclass(slots=True)
class Stay:
    """A row of steps_stays."""

    whistle: UUID
    item: int
    cycle: int
    step: str
    unit: str | None
    started_at: datetime
    ended_at: datetime


@dataclass(slots=True)
class ActRow:
    """A row of steps_acts."""

    whistle: UUID
    version: int
    position: int
    kind: str
    at: datetime


@dataclass
class Batch:
    whistles: dict[UUID, Standing]
    stays: list[Stay] = field(default_factory=list)
    acts: list[ActRow] = field(default_factory=list)


WHISTLES = Table("steps_whistles", Standing, key=("whistle",), owner="whistle")
STAYS = Table("steps_stays", Stay, key=("whistle", "item"), owner="whistle")
ACTS = Table("steps_acts", ActRow, key=("whistle", "version"), owner="whistle")


class Steps:
    """Every stay of every whistle in every step."""

    name = "steps"
    topics = "whistle."
    tables = (WHISTLES, STAYS, ACTS)

    def load(self, connection: Connection[Any], events: Sequence[Recorded]) -> Batch:
        ids = {r.event.originator_id for r in events if r.event is not None}
        return Batch({row.whistle: row for row in WHISTLES.load(connection, ids)})

    def fold(self, rows: Batch, recorded: Recorded) -> None:
        event: Event = recorded.event
        if isinstance(event, Raised):
            rows.whistles[event.originator_id] = _opened(event)
        row = rows.whistles[event.originator_id]
        before, in_hand = row.step, row.unit
        if isinstance(event, ChildJoined):
            _wait_of_an_older_child(rows, row, event)
        change(row, event)
        row.step = row.step_now()
        if (row.step, row.unit) != (before, in_hand) or row.since is None:
            _leave(rows, row, before, in_hand, event)
        if (act := act_of(event)) is not None:
            version = event.originator_version
            rows.acts.append(ActRow(row.whistle, version, recorded.position, act, event.timestamp))

    def write(self, connection: Connection[Any], rows: Batch) -> None:
        WHISTLES.write(connection, rows.whistles.values())
        STAYS.write(connection, rows.stays)
        ACTS.write(connection, rows.acts)


def _opened(event: Raised) -> Standing:
    return Standing(
        whistle=event.originator_id,
        step=None,
        since=None,
        state=event.state,
        cycle=1,
        stays=0,
        lead=None,
        disputed=False,
        began_at=event.timestamp,
        lat=event.place.lat,
        lon=event.place.lon,
        address=None,
        confidential=event.confidential,
    )


def change(row: Standing, event: Event) -> None:
    """This event → that change."""
    row.state = event.state
    for said in event.words:
        if said.kind == "address":
            row.address = said.id
    match event:
        case Located(place=place):
            row.place(place)
        case Classified(confidential=confidential):
            row.confidential = confidential
        case Corrected(place=place) if place is not None:
            row.place(place)
        case Dispatched(lead=lead):
            row.lead, row.disputed = lead.unit, False
        case Claimed(assignment=task):
            row.lead, row.disputed = task.unit, False
        case ReturnRequested(unit=unit) if unit == row.lead:
            row.disputed = True
        case ReturnUpheld(unit=unit) | ReturnRejected(unit=unit) if unit == row.lead:
            row.disputed = False
        case Reopened(cycle=cycle, assignment=task):
            row.cycle, row.disputed = cycle, False
            row.lead = task.unit if task else row.lead


def _leave(rows: Batch, row: Standing, step: str | None, unit: str | None, event: Event) -> None:
    """The stay in `step` has ended, and the next one begins."""
    at = event.timestamp
    cycle = row.cycle - isinstance(event, Reopened)
    if step is not None and row.since is not None and at > row.since:
        _add(rows, row, Stay(row.whistle, row.stays, cycle, step, unit, row.since, at))
    row.since = at


def _wait_of_an_older_child(rows: Batch, row: Standing, event: ChildJoined) -> None:
    """Its problem has waited for dispatch since the child was registered."""
    since, until = event.registered_at, row.began_at
    if row.cycle == 1 and since < until:
        stay = Stay(row.whistle, row.stays, 1, Step.DISPATCH, None, since, until)
        _add(rows, row, stay)
        row.began_at = since


def _add(rows: Batch, row: Standing, stay: Stay) -> None:
    rows.stays.append(stay)
    row.stays += 1


def act_of(event: Event) -> Act | None:
    """What somebody went and did, if it was that."""
    match event:
        case Raised(role=("grid_worker" | "grid_chief") as role, source=source) if source == role:
            return Act.FOUND  # on patrol; what somebody told the grid worker was not found
        case SelfResolved():
            return Act.FIXED
        case Responded(kind="arrival"):
            return Act.ARRIVED
        case HazardControlled():
            return Act.CONTROLLED
        case VerificationPassed() | VerificationFailed() if event.role != "system":
            return Act.CHECKED
        case FollowedUp(method="phone" | "site"):
            return Act.FOLLOWED_UP
    return None
