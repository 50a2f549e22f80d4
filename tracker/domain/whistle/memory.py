"""What a whistle remembers: every attribute, by its type. Only events change it.

An event's `assign` is typed with `Memory`, so that a misspelt attribute fails the type check.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import TYPE_CHECKING, ClassVar
from uuid import UUID

from tracker.domain.actors import Actor
from tracker.domain.promises.clocks import Clock
from tracker.domain.promises.sla_classes import NATURAL_CLASSES
from tracker.domain.whistle.assignment import Assignment, AssignmentState, Part
from tracker.domain.whistle.parties import Party, key_of
from tracker.domain.whistle.place import Place
from tracker.domain.whistle.said import Said
from tracker.domain.whistle.standing import Standing
from tracker.domain.whistle.states import TERMINAL, State, Verdict

if TYPE_CHECKING:
    from eventsourcing.domain import Aggregate as _Base
else:
    # Only `Whistle` itself is an Aggregate: the library makes an event class of its own for each
    # aggregate class, and a dataclass of each that has annotations.
    _Base = object

SAMPLE_SHARE = 10  # one in ten: audits of self-resolved whistles, follow-ups of enquiries


def in_sample(whistle: UUID, salt: str) -> bool:
    """Whether the whistle of that id is drawn: see `Memory.sampled`."""
    return (whistle.int + sum(salt.encode())) % SAMPLE_SHARE == 0


@dataclass(frozen=True)
class Suggestion:
    """A category found by keywords; a suggestion until a person confirms it."""

    category: str
    keywords: tuple[str, ...]
    rule: str  # e.g. "keywords"
    version: int  # version of the city's categories that gave it


@dataclass(frozen=True)
class Proposal:
    """A command that one person asked for and another must confirm.

    `by` is the account. Of the rest, only what the command asks for is set.
    """

    by: str
    at: datetime
    role: str | None = None  # to void: of who asked
    reason_code: str | None = None  # to void, to suspend
    review_on: date | None = None  # to suspend
    field: str | None = None  # to correct
    value: str | None = None  # to correct
    post: str | None = None  # to correct the place: the post that would receive it
    events: tuple[int, ...] = ()  # to annul: their versions


@dataclass(frozen=True)
class FollowUpAttempt:
    """A call or visit to the reporter, whether or not anybody was reached."""

    at: datetime  # of the call itself, where that is on record
    method: str


@dataclass(frozen=True)
class Opening:
    """Somebody was shown the contact, for his unit where he works for one."""

    account: str
    unit: str | None
    at: datetime


@dataclass(frozen=True)
class CallClaim:
    """A unit says that it spoke to this reporter, who has not said yet whether that is so."""

    called_at: datetime | None
    party: int  # `Party.number`; 0: nobody was left who could say


@dataclass(frozen=True)
class Recorded:
    """A verdict that somebody else wrote down for a reporter, at that moment."""

    at: datetime
    resolved: bool
    rating: int | None  # of somebody without a name: his remark
    called_at: datetime | None


@dataclass(frozen=True)
class Check:
    """Who checked the work last, and what he found."""

    by: str
    verdict: Verdict


@dataclass(frozen=True)
class Had:
    """What a whistle had when it was voided, so that it has it again if that is overturned."""

    state: State
    parts: tuple[Assignment, ...]
    clocks: tuple[Clock, ...]  # those that ran or were held


class Memory(_Base):
    """The state of one whistle, as its events have left it.

    What has no value in `__init__` is set by the first event, `Raised`, or by every event.
    """

    TOPIC: ClassVar[str]

    state: State
    number: str
    place: Place
    category: str | None
    category_source: str | None  # "chosen" by a person, or "suggested" by keywords
    suggestion: Suggestion | None
    sla_class: str
    urgency: str | None
    confidential: bool
    source: str
    anonymous: bool
    reporter: str | None  # account
    receipt: str | None  # keyed hash of the receipt code of a reporter without an account
    occurred_at: datetime | None
    registered_at: datetime
    cycle_started_at: datetime
    emergency: bool
    test: bool
    legacy_id: str | None
    photos: int
    told_until: datetime  # up to this moment its story is told: nothing is recorded before it

    def __init__(self) -> None:
        self.clocks: dict[str, Clock] = {}  # by `Clock.key`
        self.assignments: list[Assignment] = []
        self.words: list[Said] = []
        self.parties: list[Party] = []  # who reports it now, in the order in which they came here
        self.parties_ever = 0
        self.left: list[str] = []  # keys of those who took their report back
        self.verdicts: dict[int, bool] = {}  # since the last check, by `Party.number`
        self.answered: set[int] = set()  # whose "not solved" was answered since then
        self.openings: list[Opening] = []  # of the contact
        self.calls: dict[str, CallClaim] = {}  # by unit, of this cycle, the latest last
        self.recorded: dict[int, Recorded] = {}  # in this cycle, by `Party.number`; not his own
        self.proposals: dict[str, Proposal] = {}  # by the name of the command
        self.by_time: list[int] = []  # versions of what time alone recorded and nobody annulled
        self.level = 1
        self.levels: list[int] = []  # those from which it was escalated, the last one last
        self.card = "none"  # or "yellow", "red"
        self.supervised = False
        self.supervised_late = False  # because the resolve due had passed
        self.late_levels: set[int] = set()  # those of `levels` and `level` that this due brought
        self.excluded = False
        self.cycle = 1
        self.reworks = 0
        self.reopens = 0
        self.reopening_refused = False  # it was wished once more than it may be
        self.earlier_number: str | None = None  # it was raised because that one is not solved
        self.extensions = 0
        self.pauses: list[tuple[datetime, datetime]] = []
        self.sent_back = False  # in this cycle: its first wait for a check or verdict is over
        self.suspensions: list[tuple[datetime, datetime]] = []  # of `pauses` those by suspending
        self.waited_for_reporter = False
        self.question_of: str | None = None  # the unit that asked; None: no question is open
        self.merged_into: UUID | None = None
        self.merged_into_number: str | None = None
        self.children: dict[UUID, str] = {}
        self.alone: Standing | None = None  # what it promised before its first child joined
        self.merged_as: Standing | None = None  # what it promised when the last one joined or left
        self.brought: dict[UUID, Standing] = {}  # what each child promised, where it is recorded
        self.said_here: dict[UUID, list[tuple[str, Said]]] = {}  # by whose key, of a child's people
        self.attempts: list[FollowUpAttempt] = []
        self.submitted_by: str | None = None
        self.submitted_unit: str | None = None
        self.submitted_at: datetime | None = None
        self.verified_by: str | None = None
        self.verified_at: datetime | None = None  # the last time that it passed
        self.check: Check | None = None  # None: nobody checked the last (self-)resolution
        self.resolver: str | None = None  # who resolved it on the spot
        self.audited = False
        self.returned_units: list[str] = []
        self.suggested_unit: str | None = None
        self.suggested_by: dict[str, str | None] = {}  # by the unit that returned it
        self.hops = 0  # returns that were upheld
        self.designated = False
        self.extension_by: str | None = None
        self.review_on: date | None = None
        self.pool_lead: str | None = None
        self.pool_co: tuple[str, ...] = ()
        self.responded_at: datetime | None = None
        self.controlled_at: datetime | None = None  # E1: the hazard, in this cycle
        self.arrived: list[str] = []  # units that were on site in this cycle
        self.doers: list[str] = []  # who resolved, submitted or checked in this cycle
        self.callers: list[str] = []  # who followed up in this cycle, save reporters
        self.closed_at: datetime | None = None
        self.voided_at: datetime | None = None
        self.had: Had | None = None  # what it had when it was voided
        self.voided_by: tuple[str, ...] = ()  # both accounts; empty: it is not void

    # --- questions -------------------------------------------------------------------------------

    @property
    def lead(self) -> str | None:
        """The unit that answers for the outcome now, or None before dispatch."""
        return next((a.unit for a in self.assignments if a.leads), None)

    @property
    def co(self) -> list[str]:
        return [a.unit for a in self.assignments if a.current and a.role is Part.CO]

    @property
    def back_to_work(self) -> State:
        """Where a failed check leads: to the lead's work, or to triage where its unit has ended."""
        return State.TRIAGED if self.lead is None else State.IN_PROGRESS

    @property
    def is_terminal(self) -> bool:
        return self.state in TERMINAL

    @property
    def is_emergency_class(self) -> bool:
        """E1 and U2: natural clocks, every whistle verified, no withdrawal once units are out,
        and calls in vain on one day."""
        return self.sla_class in NATURAL_CLASSES

    def assignment_of(self, unit: str | None) -> Assignment | None:
        """The unit's current part, or None."""
        return next((a for a in self.assignments if a.unit == unit and a.current), None)

    def opened_by(self, part: Assignment) -> bool:
        """Whether somebody of the unit was shown the contact since it has this part."""
        return any(o.unit == part.unit and o.at >= part.assigned_at for o in self.openings)

    def opened_for_its_part(self, actor: Actor) -> bool:
        """Whether he was shown the contact for the part that his unit has now."""
        part = self.assignment_of(actor.unit)
        mine = [one for one in self.openings if one.account == actor.account]
        return part is not None and any(one.at >= part.assigned_at for one in mine)

    def sampled(self, salt: str) -> bool:
        """One in ten, the same ones at every asking: drawn from the whistle's own id."""
        return in_sample(self.id, salt)

    # --- the people who reported it (domain.md §4.6) ---------------------------------------------

    @property
    def in_line(self) -> list[Party]:
        """The reporters in the order of their own reports, staff last."""
        return sorted(self.parties, key=lambda party: party.place_in_line)

    @property
    def first_party(self) -> Party | None:
        """Whose verdict decides; None: it goes on without a reporter."""
        return next(iter(self.in_line), None)

    @property
    def decides(self) -> int:
        """Whose verdict counts, as `Party.number`; 0: no reporter's, somebody goes and looks."""
        first = self.first_party
        return 0 if first is None or first.staff else first.number

    @property
    def joined(self) -> list[str]:
        """Accounts and receipts of all reporters but the one who raised it."""
        return [party.key for party in self.parties if party.key and party.number > 1]

    def party_of(self, actor: Actor) -> Party | None:
        """The actor's own report: made here before made elsewhere; None: he reported nothing."""
        own = [party for party in self.in_line if party.key == key_of(actor)]
        return next((party for party in own if party.child is None), next(iter(own), None))

    def party_numbered(self, number: int) -> Party | None:
        return next((party for party in self.parties if party.number == number), None)

    @property
    def unanswered(self) -> list[Party]:
        """Those whose "not solved" since the last check nobody has answered; not the first's."""
        first = self.first_party
        return [
            party
            for party in self.in_line
            if party is not first
            and not party.staff
            and self.verdicts.get(party.number) is False
            and party.number not in self.answered
        ]

    # --- changes that several events make --------------------------------------------------------

    def send_back(self, waited_from: datetime | None, at: datetime) -> None:
        """Back to work; the wait since `waited_from` is a pause. None: it is charged."""
        self.reworks += 1
        self.sent_back = True
        if waited_from is not None:
            self.pauses.append((waited_from, at))

    def add_party(self, key: str | None, since: datetime, *, staff: bool) -> None:
        """Somebody reports it here."""
        self.parties_ever += 1
        self.parties.append(Party(self.parties_ever, key, since, staff))

    def add_parties(self, arrived: Sequence[Party]) -> None:
        """People come with a child."""
        self.parties.extend(arrived)
        self.parties_ever = max([self.parties_ever, *(one.number for one in arrived)])

    def drop_party(self, number: int) -> None:
        """Somebody takes his report back."""
        gone = self.party_numbered(number)
        if gone is not None and gone.key is not None:
            self.left.append(gone.key)
        self.parties = [party for party in self.parties if party.number != number]

    def keep_for_child(self, key: str, words: Sequence[Said]) -> None:
        """Somebody who came with a child says more; it goes with him if they are parted."""
        came = next((p for p in self.in_line if p.key == key), None)
        if came is not None and came.child is not None:
            said = self.said_here.setdefault(came.child, [])
            said.extend((key, word) for word in words)

    def ask_again(self) -> None:
        """What was said of an earlier solution counts no longer."""
        self.verdicts, self.answered = {}, set()

    def note_by_hand(self) -> None:
        """What a person decided is the whistle's own, whichever child leaves it afterwards."""
        if self.alone is not None:
            levels, watched = tuple(self.levels), self.supervised
            self.alone = replace(self.alone, level=self.level, levels=levels, supervised=watched)

    def took_part(self, account: str) -> None:
        """He resolved, submitted or checked: in this cycle he neither follows up nor closes."""
        self.doers = [*self.doers, account] if account not in self.doers else self.doers

    def note_childs_class(self, child: UUID, sla_class: str) -> None:
        """A child turned out to be of that class: the class goes when the child does."""
        if child in self.brought and self.merged_as is not None:
            self.brought[child] = replace(self.brought[child], sla_class=sla_class)
            self.merged_as = replace(self.merged_as, sla_class=sla_class)

    def put(self, assignment: Assignment) -> None:
        """One current part for each unit: the newer replaces the older of the same unit."""
        others = [a for a in self.assignments if not (a.unit == assignment.unit and a.current)]
        self.assignments = [*others, assignment]

    def turn_part(self, unit: str, state: AssignmentState) -> None:
        """The unit's current part comes into that state."""
        self.assignments = [
            a.become(state) if a.unit == unit and a.current else a for a in self.assignments
        ]

    def settle_return(self, unit: str) -> None:
        """The return of that unit is pending no more; its part stays with it."""
        self.assignments = [a.settle() if a.unit == unit else a for a in self.assignments]

    def settle_returns(self) -> None:
        """No return is pending any more; the parts stay with their units."""
        self.assignments = [a.settle() for a in self.assignments]

    def end_parts(self, state: AssignmentState = AssignmentState.REMOVED) -> None:
        """No unit has a current part any more."""
        self.assignments = [a.become(state) if a.current else a for a in self.assignments]
