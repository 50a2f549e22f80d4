"""撤回、作废、转出: how a whistle ends unsolved. 剔除: it is left out of the scores."""

from collections.abc import Sequence
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from tracker.domain.actors import Actor, Role
from tracker.domain.whistle.events import Event
from tracker.domain.whistle.guarding import is_city
from tracker.domain.whistle.lifecycle import Lifecycle
from tracker.domain.whistle.memory import Memory, Proposal
from tracker.domain.whistle.parties import Party
from tracker.domain.whistle.refusals.ending import (
    AlreadyExcluded,
    NotATarget,
    NotAVoidReason,
    OnlyTheCityVoids,
)
from tracker.domain.whistle.refusals.raising import TakenBack
from tracker.domain.whistle.said import Said
from tracker.domain.whistle.states import BEFORE_DISPATCH, State, from_to

VOID_REASONS = {
    "no_content": "无内容",
    "test": "测试",
    "abuse": "辱骂",
    "malicious_repeat": "恶意重复",
    "fabricated": "虚构",
}
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
    """Invalid from the start; two people agreed. It leaves every rate."""

    TOPIC: ClassVar[str] = "whistle.voided"
    reason_code: str
    proposed_by: str

    def assign(self, whistle: Memory) -> None:
        whistle.proposals = {}
        whistle.voided_at, whistle.voided_by = self.timestamp, (self.proposed_by, self.by)
        whistle.end_parts()


class TransferredOut(Event):
    """Another authority handles it; the reporter is told how to reach it."""

    TOPIC: ClassVar[str] = "whistle.transferred_out"
    target: str

    def assign(self, whistle: Memory) -> None:
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
        self._must_be_open()
        if self.state not in BEFORE_DISPATCH and actor.role not in (
            Role.SUPERVISOR,
            Role.CITY_CENTRE,
        ):
            raise OnlyTheCityVoids(number=self.number, state=self.state)
        self._confirms("void", actor)

    def void(
        self, reason_code: str, *, actor: Actor, at: datetime, words: Sequence[Said] = ()
    ) -> None:
        """Declare it invalid: one asks, another confirms; after dispatch, the city centre is one.

        Never because it is hard or overdue: only for a reason of VOID_REASONS.
        """
        self.may_void(actor, at)
        if reason_code not in VOID_REASONS:
            raise NotAVoidReason(reason=reason_code, known=", ".join(VOID_REASONS))
        proposal = self._confirms("void", actor)
        if proposal is None:
            self._record(VoidProposed, actor, at, words=words, reason_code=reason_code)
            return
        city = is_city(actor) or proposal.role == Role.CITY_CENTRE
        if self.state not in BEFORE_DISPATCH and not city:
            raise OnlyTheCityVoids(number=self.number, state=self.state)
        self._record(
            Voided,
            actor,
            at,
            to=State.VOID,
            clocks=self._stopped(at),
            words=words,
            reason_code=proposal.reason_code,
            proposed_by=proposal.by,
        )

    def may_transfer_out(self, actor: Actor, at: datetime) -> None:
        self._must_be_in(*from_to(State.RAISED, State.IN_PROGRESS))

    def transfer_out(
        self, target: str, *, actor: Actor, at: datetime, words: Sequence[Said] = ()
    ) -> None:
        """Hand it to one of TARGETS, which is responsible for it."""
        self.may_transfer_out(actor, at)
        if target not in TARGETS:
            raise NotATarget(target=target, known=", ".join(TARGETS))
        stopped = self._stopped(at)
        self._record(
            TransferredOut,
            actor,
            at,
            to=State.TRANSFERRED_OUT,
            clocks=stopped,
            words=words,
            target=target,
        )

    def may_exclude(self, actor: Actor, at: datetime) -> None:
        if self.excluded:
            raise AlreadyExcluded(number=self.number)
        self._confirms("exclude", actor)

    def exclude(self, *, actor: Actor, at: datetime, words: Sequence[Said] = ()) -> None:
        """Leave it out of the scores: one proposes, another approves, both with a reason."""
        self.may_exclude(actor, at)
        proposal = self._confirms("exclude", actor)
        if proposal is None:
            self._record(ExclusionProposed, actor, at, words=words)
        else:
            self._record(ExcludedFromScoring, actor, at, words=words, proposed_by=proposal.by)
