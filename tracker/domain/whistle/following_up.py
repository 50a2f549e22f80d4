"""回访、返工、结案: the reporter decides."""

from collections.abc import Sequence
from datetime import datetime, tzinfo
from typing import Any, ClassVar

from tracker.domain.actors import SYSTEM, Actor, Role
from tracker.domain.promises.clocks import ClockKind, SlaPolicy
from tracker.domain.whistle.calls import SOON, CallsInVain
from tracker.domain.whistle.events import Event
from tracker.domain.whistle.lifecycle import Lifecycle
from tracker.domain.whistle.memory import FollowUpAttempt, Memory, Proposal, Recorded
from tracker.domain.whistle.parties import OUTSIDE, is_reporter, key_of
from tracker.domain.whistle.refusals.raising import TakenBack
from tracker.domain.whistle.refusals.resolving import (
    AnonymousHasNoRating,
    CallBeforeVerdict,
    CallTimeNeeded,
    ClosingNeedsReason,
    NothingToAnswer,
    NothingToClose,
    OnlineOnly,
    OnSiteOnly,
    RatingNeeded,
    SamePersonAgain,
    UnknownParty,
    VerdictGiven,
    VerdictNeeded,
)
from tracker.domain.whistle.said import Said
from tracker.domain.whistle.states import State

BY_PHONE = frozenset({"phone", "unreachable"})  # each has its record of a call
ON_SITE = frozenset({Role.GRID_WORKER, Role.GRID_CHIEF})  # they go there and call nobody


class FollowedUp(Event):
    """What a reporter said, or an attempt to ask. `counted`: it is this whistle's verdict.

    `party` is who was asked, as `Party.number`; 0: nobody, somebody went and looked; None: recorded
    before there were numbers. Of a call `called_at` is on record, and whether a rating was
    `declined`; older logs kept neither. `remark` is the rating of somebody without a name, which
    counts nowhere.
    """

    TOPIC: ClassVar[str] = "whistle.followed_up"
    class_version: ClassVar[int] = 2
    resolved: bool | None
    rating: int | None  # 1–5; None when none was given
    method: str
    attempt: int
    counted: bool
    cycle: int
    called_at: datetime | None
    declined: bool
    remark: int | None
    party: int | None = None

    @staticmethod
    def upcast_v1_v2(state: dict[str, Any]) -> None:
        state.update(called_at=None, declined=False, remark=None)

    def assign(self, whistle: Memory) -> None:
        if self.role not in OUTSIDE and self.by not in whistle.callers:
            whistle.callers.append(self.by)
        first = whistle.first_party
        decides = first.number if first is not None else 0
        asked = self.party if self.party is not None else (decides if self.counted else None)
        if asked is None or asked in (0, decides):
            whistle.attempts.append(FollowUpAttempt(self.called_at or self.timestamp, self.method))
        if asked is not None and self.resolved is not None:
            whistle.verdicts[asked] = self.resolved
            self._record_for(whistle, asked, self.resolved)

    def _record_for(self, whistle: Memory, asked: int, resolved: bool) -> None:
        """Keep what somebody else said that this reporter said."""
        party = whistle.party_numbered(asked)
        if party is None or party.key == self.by:
            whistle.recorded.pop(asked, None)
        else:
            rating = self.remark if self.rating is None else self.rating
            whistle.recorded[asked] = Recorded(self.timestamp, resolved, rating, self.called_at)


class PartyAnswered(Event):
    """One who said "not solved", and does not decide, was answered; the words are for him alone."""

    TOPIC: ClassVar[str] = "whistle.party_answered"
    party: int
    cycle: int

    def assign(self, whistle: Memory) -> None:
        whistle.answered.add(self.party)


class ReworkOrdered(Event):
    """The reporter says it is not solved: back to work in the same cycle.

    `waited_from`: the wait since then is not charged; None: it is, as every wait after the first of
    a cycle, and as all of them once were.
    """

    TOPIC: ClassVar[str] = "whistle.rework_ordered"
    class_version: ClassVar[int] = 2
    cycle: int
    waited_from: datetime | None

    @staticmethod
    def upcast_v1_v2(state: dict[str, Any]) -> None:
        state["waited_from"] = None

    def assign(self, whistle: Memory) -> None:
        whistle.send_back(self.waited_from, self.timestamp)
        whistle.attempts = []
        whistle.ask_again()
        whistle.verified_by = whistle.check = None


class ClosureProposed(Event):
    """Not solved, but unreasonable or outside the law: a second person decides."""

    TOPIC: ClassVar[str] = "whistle.closure_proposed"

    def assign(self, whistle: Memory) -> None:
        whistle.proposals["close"] = Proposal(self.by, self.timestamp)


class Closed(Event):
    """The whistle is over; `basis` says why it may be."""

    TOPIC: ClassVar[str] = "whistle.closed"
    basis: str  # verdict, unreachable, not_sampled, adjudicated
    cycle: int

    def assign(self, whistle: Memory) -> None:
        whistle.closed_at = self.timestamp
        whistle.proposals = {}


class FollowingUp(Lifecycle):
    """Follow up, close."""

    def may_follow_up(self, actor: Actor, at: datetime) -> None:
        self._must_be_in(State.VERIFIED)
        if actor.account in self.doers and not is_reporter(actor):
            raise SamePersonAgain(number=self.number, by=actor.account)
        own = self.party_of(actor)
        if own is not None and own.number in self.verdicts:
            raise VerdictGiven(number=self.number)
        if is_reporter(actor) and own is None and key_of(actor) in self.left:
            raise TakenBack(number=self.number)

    def follow_up(
        self,
        resolved: bool | None,
        rating: int | None = None,
        *,
        method: str,
        called_at: datetime | None = None,
        declined: bool = False,
        actor: Actor,
        at: datetime,
        policy: SlaPolicy,
        reasonable: bool = True,
        party: int | None = None,
        words: Sequence[Said] = (),
    ) -> None:
        """Record a reporter's verdict: the first one's decides, the others' are heard.

        Solved closes it, unless another's "not solved" is unanswered; not solved sends it back to
        work. `reasonable=False`: not solved, but the claim is unreasonable; a second person then
        closes it. `party`: whom the city asked, a `Party.number`; None: the first. Of a call,
        `called_at` is needed, and a rating or that it was declined. A site check of an anonymous
        whistle has no rating. Each is asked once after each check.
        """
        self.may_follow_up(actor, at)
        if is_reporter(actor) and method != "online":
            raise OnlineOnly(number=self.number)
        if actor.role in ON_SITE and self.party_of(actor) is None and method != "site":
            raise OnSiteOnly(number=self.number)
        if rating is not None and self.anonymous and method == "site":
            raise AnonymousHasNoRating(number=self.number)
        rated = rating is not None or declined
        if method == "unreachable" and (resolved is not None or rated):
            raise VerdictNeeded(number=self.number, method=method)
        if method in BY_PHONE:
            self._must_be_on_record(called_at, at)
        if method == "phone" and not rated:
            raise RatingNeeded(number=self.number)
        asked = self._asked(actor, method, party)
        if resolved is not None and asked in self.verdicts:
            raise VerdictGiven(number=self.number)
        counted = asked == self.decides
        self._record(
            FollowedUp,
            actor,
            at,
            words=words,
            resolved=resolved,
            rating=None if self.anonymous else rating,
            method=method,
            attempt=len(self.attempts) + 1,
            counted=counted,
            cycle=self.cycle,
            called_at=called_at if method in BY_PHONE else None,
            declined=declined,
            remark=rating if self.anonymous else None,
            party=asked,
        )
        if counted and resolved is False:
            if reasonable:
                self._order_rework(actor, at, policy)
            else:
                self._record(ClosureProposed, actor, at)
            return
        self._close_if_decided(actor, at, policy)

    def _must_be_on_record(self, called_at: datetime | None, at: datetime) -> None:
        """The time of the call, after it was found done."""
        if called_at is None:
            raise CallTimeNeeded(number=self.number)
        verified_at = self.verified_at or self.registered_at
        if not verified_at - SOON <= called_at <= at:
            raise CallBeforeVerdict(
                number=self.number, called_at=called_at, verified_at=verified_at
            )

    def _asked(self, actor: Actor, method: str, party: int | None) -> int:
        """Who gives this verdict, as `Party.number`; 0: who looks at the place."""
        own, first = self.party_of(actor), self.first_party
        if own is not None and (is_reporter(actor) or method == "online" or own.staff):
            return own.number
        if party is not None and not is_reporter(actor):
            if self.party_numbered(party) is None:
                raise UnknownParty(number=self.number, party=party)
            return party
        if first is None or (first.staff and method == "site"):
            return 0
        return first.number

    def _close_if_decided(self, actor: Actor, at: datetime, policy: SlaPolicy) -> None:
        """Close it when the verdict that counts allows it and nobody's "not solved" is open."""
        if self.unanswered:
            return
        if self.verdicts.get(self.decides):
            self._close(actor, at, "verdict")
        elif self.decides not in self.verdicts and self._unreachable(policy.calendar.timezone):
            self._close(SYSTEM, at, "unreachable")

    def may_answer_party(self, actor: Actor, at: datetime) -> None:
        self._must_be_in(State.VERIFIED)
        if not self.unanswered:
            raise NothingToAnswer(number=self.number)

    def answer_party(
        self,
        party: int,
        *,
        rework: bool = False,
        actor: Actor,
        at: datetime,
        policy: SlaPolicy,
        words: Sequence[Said],
    ) -> None:
        """Answer a reporter who said "not solved" and does not decide: by words or by more work.

        domain.md §4.6. Then it closes, if the first said solved and nobody else waits.
        """
        self.may_answer_party(actor, at)
        if party not in {one.number for one in self.unanswered}:
            raise UnknownParty(number=self.number, party=party)
        self._record(PartyAnswered, actor, at, words=words, party=party, cycle=self.cycle)
        if rework:
            self._order_rework(actor, at, policy)
        else:
            self._close_if_decided(actor, at, policy)

    @property
    def wants_site_check(self) -> bool:
        """The reporter cannot be asked: no name, or a call reached nobody (domain.md §4.4)."""
        in_vain = any(attempt.method == "unreachable" for attempt in self.attempts)
        return self.anonymous or in_vain or self.decides == 0

    def _order_rework(self, actor: Actor, at: datetime, policy: SlaPolicy) -> None:
        waited_from, running_again = self._back_from_waiting(policy, at)
        self._record(
            ReworkOrdered,
            actor,
            at,
            to=self.back_to_work,
            clocks=[*self._stopped(at, ClockKind.FOLLOW_UP), running_again],
            cycle=self.cycle,
            waited_from=waited_from,
        )

    def calls_in_vain(self, zone: tzinfo) -> CallsInVain:
        """The calls so far that reached nobody."""
        return CallsInVain(
            [a.at.astimezone(zone) for a in self.attempts if a.method == "unreachable"],
            urgent=self.is_emergency_class,
        )

    def _unreachable(self, zone: tzinfo) -> bool:
        return self.calls_in_vain(zone).enough

    def may_close(self, actor: Actor, at: datetime) -> None:
        self._must_be_in(State.VERIFIED)
        if self._confirms("close", actor) is None:
            raise NothingToClose(number=self.number)
        if actor.account in (*self.doers, *self.callers):
            raise SamePersonAgain(number=self.number, by=actor.account)

    def close(self, *, actor: Actor, at: datetime, words: Sequence[Said] = ()) -> None:
        """Close it as the second person, after a colleague found the claim unreasonable."""
        self.may_close(actor, at)
        if not words:
            raise ClosingNeedsReason(number=self.number)
        self._close(actor, at, "adjudicated", words)

    def _close(self, actor: Actor, at: datetime, basis: str, words: Sequence[Said] = ()) -> None:
        self._record(
            Closed,
            actor,
            at,
            to=State.CLOSED,
            clocks=self._stopped(at),
            words=words,
            basis=basis,
            cycle=self.cycle,
        )
