"""The projection of the steps: how long each whistle stayed in each step, and what people did.

A stay that has ended is written once and never changed. Which whistles a question is about, where
they count and which are left out is read from the facts of the rates: so steps and rates are of the
same whistles at any moment. Reading: `time_in_steps.py` and `repeats.py`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from tracker.domain.whistle.confiding import MarkedConfidential, UnmarkedConfidential
from tracker.domain.whistle.consequences import PartEnded
from tracker.domain.whistle.correcting import Corrected
from tracker.domain.whistle.dispatching import Claimed
from tracker.domain.whistle.events import Event, Place, State
from tracker.domain.whistle.following_up import FollowedUp
from tracker.domain.whistle.merging import ChildJoined
from tracker.domain.whistle.raising import Raised
from tracker.domain.whistle.reopening import Reopened
from tracker.domain.whistle.resolving import VerificationFailed, VerificationPassed
from tracker.domain.whistle.responding import HazardControlled, Responded
from tracker.domain.whistle.returning import (
    ReturnRejected,
    ReturnRequested,
    ReturnUpheld,
    ReturnWithdrawn,
)
from tracker.domain.whistle.sending import Dispatched
from tracker.domain.whistle.triage import Classified, Located, SelfResolved
from tracker.eventstore.connections import Connection
from tracker.metrics.indices import Act
from tracker.metrics.steps import STEP_OF, Step
from tracker.projections.engine.reader import Recorded
from tracker.projections.engine.tables import Table


@dataclass(slots=True)
class WhistleRow:
    """A row of steps_whistles: the step of a whistle, since when, and the unit that leads it."""

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
        """The unit whose time it is; None before it is dispatched."""
        return None if self.step == Step.DISPATCH else self.lead


@dataclass(slots=True)
class StayRow:
    """A row of steps_stays: one stay of a whistle in one step, ended."""

    whistle: UUID
    item: int
    cycle: int
    step: str
    unit: str | None
    started_at: datetime
    ended_at: datetime


@dataclass(slots=True)
class ActRow:
    """A row of steps_acts: something that somebody did on the ground."""

    whistle: UUID
    version: int
    position: int
    kind: str
    at: datetime


@dataclass
class Batch:
    """What `load` brought for a batch, and what `fold` adds."""

    whistles: dict[UUID, WhistleRow]
    stays: list[StayRow] = field(default_factory=list)
    acts: list[ActRow] = field(default_factory=list)


WHISTLES = Table("steps_whistles", WhistleRow, key=("whistle",), owner="whistle")
STAYS = Table("steps_stays", StayRow, key=("whistle", "item"), owner="whistle")
ACTS = Table("steps_acts", ActRow, key=("whistle", "version"), owner="whistle")


class Steps:
    """See the head of this file."""

    name = "steps"
    version = 1
    topics = "whistle."
    tables = (WHISTLES, STAYS, ACTS)

    def load(self, connection: Connection, events: Sequence[Recorded]) -> Batch:
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

    def write(self, connection: Connection, rows: Batch) -> None:
        WHISTLES.write(connection, rows.whistles.values())
        STAYS.write(connection, rows.stays)
        ACTS.write(connection, rows.acts)


def _opened(event: Raised) -> WhistleRow:
    return WhistleRow(
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


def change(row: WhistleRow, event: Event) -> None:
    """Change the row by the event, its step excepted."""
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
        case PartEnded(unit=unit, successor=heir) if unit == row.lead:
            row.lead, row.disputed = heir.unit if heir else None, False
        case MarkedConfidential():
            row.confidential = True
        case UnmarkedConfidential():
            row.confidential = False
        case ReturnRequested(unit=unit) if unit == row.lead:
            row.disputed = True
        case ReturnUpheld(unit=unit) | ReturnRejected(unit=unit) | ReturnWithdrawn(unit=unit) if (
            unit == row.lead
        ):
            row.disputed = False
        case Reopened(cycle=cycle, assignment=task):
            row.cycle, row.disputed = cycle, False
            row.lead = task.unit if task else row.lead


def _leave(rows: Batch, row: WhistleRow, step: str | None, unit: str | None, event: Event) -> None:
    """End the stay in `step` and begin the next one."""
    at = event.timestamp
    cycle = row.cycle - isinstance(event, Reopened)
    if step is not None and row.since is not None and at > row.since:
        _add(rows, row, StayRow(row.whistle, row.stays, cycle, step, unit, row.since, at))
    row.since = at


def _wait_of_an_older_child(rows: Batch, row: WhistleRow, event: ChildJoined) -> None:
    """The problem has waited for dispatch since the merged child was registered: add that stay."""
    since, until = event.registered_at, row.began_at
    if row.cycle == 1 and since < until:
        stay = StayRow(row.whistle, row.stays, 1, Step.DISPATCH, None, since, until)
        _add(rows, row, stay)
        row.began_at = since


def _add(rows: Batch, row: WhistleRow, stay: StayRow) -> None:
    rows.stays.append(stay)
    row.stays += 1


def act_of(event: Event) -> Act | None:
    """The act on the ground that the event records; None if it records none."""
    match event:
        case Raised(role=("grid_worker" | "grid_chief") as role, source=source) if source == role:
            return Act.FOUND  # on patrol; what a resident told the grid worker does not count
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
