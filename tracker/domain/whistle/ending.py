"""撤回、作废、转出: how a whistle ends unsolved. 剔除: it is left out of the scores."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import ClassVar
from uuid import UUID

from tracker.domain.actors import Actor, Role
from tracker.domain.city.city import TransferTarget
from tracker.domain.promises.clocks import ClockKind, Mark, SlaPolicy
from tracker.domain.whistle.events import Event
from tracker.domain.whistle.lifecycle import Lifecycle
from tracker.domain.whistle.memory import Had, Memory, Proposal
from tracker.domain.whistle.parties import Party
from tracker.domain.whistle.refusals.ending import (
    AlreadyExcluded,
    MonthIsFrozen,
    NotAnExclusionReason,
    NotATarget,
    NotAVoidReason,
    OnlyTheAuditorConfirms,
    OnlyTheCityTransfers,
    OnlyTheCityVoids,
    OnlyThePostVoids,
    OnlyTheSupervisorExcludes,
    OthersFollowIt,
)
from tracker.domain.whistle.refusals.lifecycle import AlreadyTerminal
from tracker.domain.whistle.refusals.raising import TakenBack
from tracker.domain.whistle.said import Said
from tracker.domain.whistle.states import State, from_to
from tracker.domain.whistle.windows import half

VOID_REASONS = {
    "no_content": "无内容",
    "test": "测试",
    "abuse": "辱骂",
    "malicious_repeat": "恶意重复",
    "fabricated": "虚构",
}
EXCLUSION_REASONS = {"force_majeure": "不可抗力", "nobodys_duty": "不属任何单位职责"}
VOID_DAYS = timedelta(days=7)  # after closing
VOID_AFTER_CLOSING = frozenset({State.CLOSED, State.SELF_RESOLVED_CLOSED})
COUNTED = frozenset(State) - {State.MERGED, State.VOID}  # in no rate, so never left out of one
TARGETS = {
    "110": "110 报警",
    "119": "119 消防",
    "120": "120 急救",
    "petition": "信访",
    "discipline": "纪检",
    "litigation": "诉讼",
}


class Withdrawn(Event):
    """The last of its reporters took it back."""

    TOPIC: ClassVar[str] = "whistle.withdrawn"

    def assign(self, whistle: Memory) -> None:
        for party in list(whistle.parties):
            whistle.drop_party(party.number)
        whistle.children = {}
        whistle.end_parts()


class ReporterWithdrew(Event):
    """One person took his report back; the whistle goes on. `child`: he came with that one.

    `party` is his number here; 0: a merger that is older than these numbers. `child_ended`: all
    people of that merged whistle have left it.
    """

    TOPIC: ClassVar[str] = "whistle.reporter_withdrew"
    party: int
    child: UUID | None = None
    child_ended: bool = False

    def assign(self, whistle: Memory) -> None:
        whistle.drop_party(self.party)
        if self.child is not None and self.child_ended:
            whistle.children.pop(self.child, None)


class VoidProposed(Event):
    """Somebody asks to void it; another person confirms."""

    TOPIC: ClassVar[str] = "whistle.void_proposed"
    reason_code: str

    def assign(self, whistle: Memory) -> None:
        whistle.proposals["void"] = Proposal(
            self.by, self.timestamp, role=self.role, reason_code=self.reason_code
        )


class Voided(Event):
    """Invalid from the start; two people agreed. It leaves every rate.

    `had` is what comes back if it is overturned; None: recorded before this was kept.
    """

    TOPIC: ClassVar[str] = "whistle.voided"
    reason_code: str
    proposed_by: str
    had: Had | None = None

    def assign(self, whistle: Memory) -> None:
        whistle.proposals = {}
        whistle.voided_at, whistle.voided_by = self.timestamp, (self.proposed_by, self.by)
        whistle.had = self.had
        whistle.end_parts()


class TransferProposed(Event):
    """Somebody asks to hand it to `target`, late: the city centre confirms."""

    TOPIC: ClassVar[str] = "whistle.transfer_proposed"
    target: str

    def assign(self, whistle: Memory) -> None:
        whistle.proposals["transfer-out"] = Proposal(
            self.by, self.timestamp, role=self.role, value=self.target
        )


class TransferredOut(Event):
    """Another authority handles it; the reporter is told how to reach it.

    `reach` is how, on that day; None: recorded before this was kept.
    """

    TOPIC: ClassVar[str] = "whistle.transferred_out"
    target: str
    reach: TransferTarget | None = None
    proposed_by: str | None = None

    def assign(self, whistle: Memory) -> None:
        whistle.proposals = {}
        whistle.end_parts()


class ExclusionProposed(Event):
    """Somebody asks to leave it out of the scores; another person approves."""

    TOPIC: ClassVar[str] = "whistle.exclusion_proposed"

    def assign(self, whistle: Memory) -> None:
        whistle.proposals["exclude"] = Proposal(self.by, self.timestamp)


class ExcludedFromScoring(Event):
    """Left out of the scores, by two people and for a reason; its handling goes on."""

    TOPIC: ClassVar[str] = "whistle.excluded_from_scoring"
    proposed_by: str

    def assign(self, whistle: Memory) -> None:
        whistle.proposals.pop("exclude", None)
        whistle.excluded = True


class Ending(Lifecycle):
    """Withdraw, void, transfer out, exclude from scoring."""

    def may_withdraw(self, actor: Actor, at: datetime) -> None:
        self._must_be_in(*from_to(State.RAISED, State.IN_PROGRESS), State.SUSPENDED)
        if self._party_leaving(actor) is None:
            raise TakenBack(number=self.number)

    def _party_leaving(self, actor: Actor) -> Party | None:
        """The actor's report, or one that nobody can prove to be his."""
        own = self.party_of(actor)
        return own or next((party for party in self.in_line if party.key is None), None)

    @property
    def _hazard_stays(self) -> bool:
        before = (*from_to(State.RAISED, State.POOLED), State.MERGED)
        return self.is_emergency_class and self.state not in before

    def withdraw(
        self,
        *,
        actor: Actor,
        at: datetime,
        child: "Ending | None" = None,
        words: Sequence[Said] = (),
    ) -> None:
        """One person takes his report back; the whistle ends only with the last of all.

        E1 and U2 go on without a reporter once units were sent. `child`: the merged whistle that
        he reported; it ends when all its people have left. The words stand there, else here.
        """
        self.may_withdraw(actor, at)
        if child is not None:
            child._leave_child(self, actor, at, words)
            return
        party = self._party_leaving(actor)
        assert party is not None
        self._lose(party.number, actor, at, words=words)

    def _leave_child(
        self, parent: "Ending", actor: Actor, at: datetime, words: Sequence[Said]
    ) -> None:
        own = self._party_leaving(actor)
        if own is None:
            raise TakenBack(number=self.number)
        known = [p.number for p in parent.parties if p.child == self.id and p.key == own.key]
        self._lose(own.number, actor, at, words=words)
        ended = self.state is State.WITHDRAWN
        parent._lose(known[0] if known else 0, actor, at, child=self.id, child_ended=ended)

    def _lose(
        self,
        party: int,
        actor: Actor,
        at: datetime,
        *,
        words: Sequence[Said] = (),
        child: UUID | None = None,
        child_ended: bool = False,
    ) -> None:
        """He reports it no longer. It ends when nobody does, unless units were sent to a hazard."""
        others = [p for p in self.parties if p.number != party]
        followers = [id for id in self.children if not (child_ended and id == child)]
        if others or followers or self._hazard_stays:
            self._record(
                ReporterWithdrew,
                actor,
                at,
                words=words,
                party=party,
                child=child,
                child_ended=child_ended,
            )
            return
        stopped = self._stopped(at)
        self._record(Withdrawn, actor, at, to=State.WITHDRAWN, clocks=stopped, words=words)

    def may_void(self, actor: Actor, at: datetime) -> None:
        if self.state in VOID_AFTER_CLOSING:
            self._must_be_freshly_closed(at)
        else:
            self._must_be_open()
        proposal = self._void_proposal(actor)
        first, second = self._who_voids
        if actor.role not in (first if proposal is None else second):
            raise self._others_void()

    def _must_be_freshly_closed(self, at: datetime) -> None:
        if self.closed_at is None or at - self.closed_at > VOID_DAYS:
            raise AlreadyTerminal(number=self.number, state=self.state)
        if self.children:
            raise OthersFollowIt(number=self.number, children=len(self.children))

    @property
    def _void_is_late(self) -> bool:
        """Units were sent, a due has passed, or it is closed: then people above decide."""
        dues = (self.clocks.get(ClockKind.RESPOND), self.clocks.get(ClockKind.RESOLVE))
        missed = any(clock is not None and Mark.RED in clock.reached for clock in dues)
        return missed or self.state not in from_to(State.RAISED, State.POOLED)

    @property
    def _who_voids(self) -> tuple[frozenset[Role], frozenset[Role]]:
        """The roles that propose, and those that confirm."""
        if self._void_is_late:
            return frozenset({Role.SUPERVISOR}), frozenset({Role.CITY_CENTRE})
        return frozenset({Role.INTAKE}), frozenset({Role.COMMANDER, Role.DEPUTY_COMMANDER})

    def _void_proposal(self, actor: Actor) -> Proposal | None:
        """The proposal that stands; one of before the dispatch counts no longer after it."""
        proposal = self.proposals.get("void")
        first, _ = self._who_voids
        if proposal is None or proposal.role not in first:
            return None
        return self._confirms("void", actor)

    def confirms_void(self, actor: Actor) -> bool:
        """Whether it is void once this person says so: another has proposed it."""
        return self._void_proposal(actor) is not None

    def _others_void(self) -> OnlyTheCityVoids | OnlyThePostVoids:
        if self._void_is_late:
            return OnlyTheCityVoids(number=self.number, state=self.state)
        return OnlyThePostVoids(number=self.number, state=self.state)

    def void(
        self,
        reason_code: str,
        *,
        actor: Actor,
        at: datetime,
        words: Sequence[Said] = (),
    ) -> None:
        """Declare it invalid: one asks, another confirms.

        Before units are sent and before a due has passed intake asks and the commander confirms;
        later, and within 7 days of closing, the supervisor and the city centre. Never because it
        is hard or overdue: only for a reason of VOID_REASONS. Its children have left it before.
        """
        self.may_void(actor, at)
        if reason_code not in VOID_REASONS:
            raise NotAVoidReason(reason=reason_code, known=", ".join(VOID_REASONS))
        proposal = self._void_proposal(actor)
        if proposal is None:
            self._record(VoidProposed, actor, at, words=words, reason_code=reason_code)
            return
        if self.children:
            raise OthersFollowIt(number=self.number, children=len(self.children))
        running = tuple(self._running(*ClockKind))
        parts = tuple(one for one in self.assignments if one.current)
        self._record(
            Voided,
            actor,
            at,
            to=State.VOID,
            clocks=self._stopped(at),
            words=words,
            reason_code=proposal.reason_code,
            proposed_by=proposal.by,
            had=Had(self.state, parts, running),
        )

    def may_transfer_out(self, actor: Actor, at: datetime) -> None:
        self._must_be_in(*from_to(State.RAISED, State.IN_PROGRESS), State.SUSPENDED)

    def transfer_out(
        self,
        target: str,
        *,
        actor: Actor,
        at: datetime,
        policy: SlaPolicy,
        reach: TransferTarget | None = None,
        children: Sequence["Ending"] = (),
        words: Sequence[Said] = (),
    ) -> None:
        """Hand it to one of TARGETS, which is responsible for it; `reach` says how to reach it.

        After half of the respond limit one asks and the city centre confirms. `children` go along.
        """
        self.may_transfer_out(actor, at)
        if target not in TARGETS:
            raise NotATarget(target=target, known=", ".join(TARGETS))
        proposal = None
        if self._half_of_respond_passed(at, policy):
            proposal = self.proposals.get("transfer-out")
            if proposal is None or proposal.value != target:
                self._record(TransferProposed, actor, at, words=words, target=target)
                return
            self._confirms("transfer-out", actor)
            if actor.role is not Role.CITY_CENTRE:
                raise OnlyTheCityTransfers(number=self.number)
        by = proposal.by if proposal else None
        for whistle in (self, *children):
            said = words if whistle is self else ()
            whistle._hand_out(target, reach, by, actor, at, said)

    def _half_of_respond_passed(self, at: datetime, policy: SlaPolicy) -> bool:
        limit = half(policy.sla_class(self.sla_class).respond)
        return at > policy.due(limit, self.cycle_started_at).at

    def _hand_out(
        self,
        target: str,
        reach: TransferTarget | None,
        proposed_by: str | None,
        actor: Actor,
        at: datetime,
        words: Sequence[Said],
    ) -> None:
        self._record(
            TransferredOut,
            actor,
            at,
            to=State.TRANSFERRED_OUT,
            clocks=self._stopped(at),
            words=words,
            target=target,
            reach=reach,
            proposed_by=proposed_by,
        )

    def may_exclude(self, actor: Actor, at: datetime) -> None:
        self._must_be_in(*COUNTED)
        if self.excluded:
            raise AlreadyExcluded(number=self.number)
        proposal = self._confirms("exclude", actor)
        if proposal is None and actor.role is not Role.SUPERVISOR:
            raise OnlyTheSupervisorExcludes(number=self.number)
        if proposal is not None and actor.role is not Role.AUDITOR:
            raise OnlyTheAuditorConfirms(number=self.number)

    def exclude(
        self,
        reason_code: str,
        *,
        actor: Actor,
        at: datetime,
        frozen: str | None = None,
        words: Sequence[Said] = (),
    ) -> None:
        """Leave it out of the scores: the supervisor proposes, the auditor confirms.

        For a reason of EXCLUSION_REASONS, never because it is overdue. `frozen`: the month in
        which it counts last, written 2026-09, if that is frozen already (domain.md §4.2).
        """
        self.may_exclude(actor, at)
        if reason_code not in EXCLUSION_REASONS:
            known = ", ".join(EXCLUSION_REASONS)
            raise NotAnExclusionReason(number=self.number, reason=reason_code, known=known)
        if frozen is not None:
            raise MonthIsFrozen(number=self.number, month=frozen)
        proposal = self._confirms("exclude", actor)
        if proposal is None:
            self._record(ExclusionProposed, actor, at, words=words)
        else:
            self._record(ExcludedFromScoring, actor, at, words=words, proposed_by=proposal.by)
