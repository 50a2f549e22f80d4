"""撤回、作废、转出、剔除: the other ends of a whistle, and leaving it out of the scores."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, ClassVar

from tracker.domain.actors import Actor, Role
from tracker.domain.promises.clocks import SlaPolicy
from tracker.domain.whistle.events import Event, Said, State
from tracker.domain.whistle.lifecycle import BEFORE_DISPATCH, DISPATCHED_STATES, Proposal, is_city
from tracker.domain.whistle.refusals.ending import (
    AlreadyExcluded,
    HazardStays,
    NotATarget,
    NotAVoidReason,
    OnlyTheCityOverturns,
    OnlyTheCityVoids,
    TooLateToAppeal,
)
from tracker.domain.whistle.refusals.resolving import SamePersonAgain
from tracker.domain.whistle.resolving import Resolving

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
APPEAL_DAYS = timedelta(days=7)
BEFORE_SUBMISSION = (
    *BEFORE_DISPATCH,
    State.POOLED,
    *DISPATCHED_STATES,
    State.RESPONDED,
    State.IN_PROGRESS,
    State.SUSPENDED,
)


class Withdrawn(Event):
    """Taken back by the reporter."""

    TOPIC: ClassVar[str] = "whistle.withdrawn"

    def assign(self, whistle: Any) -> None:
        whistle._end_tasks()


class VoidProposed(Event):
    TOPIC: ClassVar[str] = "whistle.void_proposed"
    reason_code: str

    def assign(self, whistle: Any) -> None:
        facts = {"reason_code": self.reason_code, "role": self.role}
        whistle.proposals["void"] = Proposal(self.by, self.timestamp, facts)


class Voided(Event):
    """Invalid from the start; two people agreed. It leaves every rate."""

    TOPIC: ClassVar[str] = "whistle.voided"
    reason_code: str
    proposed_by: str

    def assign(self, whistle: Any) -> None:
        whistle.proposals = {}
        whistle.voided_at, whistle.voided_by = self.timestamp, (self.proposed_by, self.by)
        whistle._end_tasks()


class VoidOverturned(Event):
    """Valid after all: back to triage, the clocks as from the registration."""

    TOPIC: ClassVar[str] = "whistle.void_overturned"

    def assign(self, whistle: Any) -> None:
        whistle.voided_at, whistle.voided_by = None, ()
        whistle.extension_by = whistle.review_on = None


class TransferredOut(Event):
    """Somebody else's to handle; the reporter is told how to reach them."""

    TOPIC: ClassVar[str] = "whistle.transferred_out"
    target: str

    def assign(self, whistle: Any) -> None:
        whistle._end_tasks()


class ExclusionProposed(Event):
    TOPIC: ClassVar[str] = "whistle.exclusion_proposed"

    def assign(self, whistle: Any) -> None:
        whistle.proposals["exclude"] = Proposal(self.by, self.timestamp, {})


class ExcludedFromScoring(Event):
    """Left out of the scores, by two people and for a reason; its handling goes on."""

    TOPIC: ClassVar[str] = "whistle.excluded_from_scoring"
    proposed_by: str

    def assign(self, whistle: Any) -> None:
        whistle.proposals.pop("exclude", None)
        whistle.excluded = True


class Ending(Resolving):
    """Withdraw, void and take that back, transfer out, exclude from scoring."""

    def may_withdraw(self, actor: Actor, at: datetime) -> None:
        self._must_be_in(*BEFORE_SUBMISSION)
        if self.is_emergency_class and self.state not in (*BEFORE_DISPATCH, State.POOLED):
            raise HazardStays(number=self.number, sla_class=self.sla_class)

    def withdraw(self, *, actor: Actor, at: datetime, words: Sequence[Said] = ()) -> None:
        """Taken back before the unit says done; a hazard that units were sent to stays."""
        self.may_withdraw(actor, at)
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
        """Invalid: one proposes, a second person confirms; once units were sent, the city centre.

        Never because it is hard or overdue: only for a reason of VOID_REASONS.
        """
        self.may_void(actor, at)
        if reason_code not in VOID_REASONS:
            raise NotAVoidReason(reason=reason_code, known=", ".join(VOID_REASONS))
        proposal = self._confirms("void", actor)
        if proposal is None:
            self._record(VoidProposed, actor, at, words=words, reason_code=reason_code)
            return
        city = is_city(actor) or proposal.facts["role"] == Role.CITY_CENTRE
        if self.state not in BEFORE_DISPATCH and not city:
            raise OnlyTheCityVoids(number=self.number, state=self.state)
        self._record(
            Voided,
            actor,
            at,
            to=State.VOID,
            clocks=self._stopped(at),
            words=words,
            reason_code=proposal.facts["reason_code"],
            proposed_by=proposal.by,
        )

    def may_reopen(self, actor: Actor, at: datetime) -> None:
        if self.state is State.VOID:
            self._may_overturn(actor, at)
        else:
            super().may_reopen(actor, at)

    def _may_overturn(self, actor: Actor, at: datetime) -> None:
        if actor.role not in (Role.SUPERVISOR, Role.CITY_CENTRE):
            raise OnlyTheCityOverturns(number=self.number)
        if actor.account in self.voided_by:
            raise SamePersonAgain(number=self.number, by=actor.account)
        if self.voided_at is None or at - self.voided_at > APPEAL_DAYS:
            raise TooLateToAppeal(number=self.number)

    def reopen(
        self, *, actor: Actor, at: datetime, policy: SlaPolicy, words: Sequence[Said] = ()
    ) -> None:
        """A closed one: see `Resolving`. A void one: within 7 days, by a third person above."""
        if self.state is not State.VOID:
            super().reopen(actor=actor, at=at, policy=policy, words=words)
            return
        self._may_overturn(actor, at)
        resumed = self._clocks_resumed(policy)
        self._record(VoidOverturned, actor, at, to=State.TRIAGED, clocks=resumed, words=words)

    def may_transfer_out(self, actor: Actor, at: datetime) -> None:
        self._must_be_in(
            *BEFORE_DISPATCH, State.POOLED, *DISPATCHED_STATES, State.RESPONDED, State.IN_PROGRESS
        )

    def transfer_out(
        self, target: str, *, actor: Actor, at: datetime, words: Sequence[Said] = ()
    ) -> None:
        """To one of TARGETS, whose it is."""
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
