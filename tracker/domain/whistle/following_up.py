"""回访、返工、结案: the reporter decides."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import ClassVar

from tracker.domain.actors import SYSTEM, Actor, Role
from tracker.domain.promises.clocks import ClockKind, SlaPolicy
from tracker.domain.whistle.events import Event
from tracker.domain.whistle.lifecycle import Lifecycle
from tracker.domain.whistle.memory import FollowUpAttempt, Memory, Proposal
from tracker.domain.whistle.refusals.resolving import (
    AnonymousHasNoRating,
    NothingToClose,
    OnSiteOnly,
    SamePersonAgain,
    VerdictNeeded,
)
from tracker.domain.whistle.said import Said
from tracker.domain.whistle.states import State

ATTEMPTS = 3  # on two days, at different hours: then the reporter counts as unreachable
REPORTERS = frozenset({Role.ANONYMOUS, Role.RESIDENT})
ON_SITE = frozenset({Role.GRID_WORKER, Role.GRID_CHIEF})  # they go there and call nobody


class FollowedUp(Event):
    """What the reporter said, or an attempt to ask. `counted`: it is this whistle's verdict."""

    TOPIC: ClassVar[str] = "whistle.followed_up"
    resolved: bool | None
    rating: int | None  # 1–5; None when none was given
    method: str
    attempt: int
    counted: bool
    cycle: int

    def assign(self, whistle: Memory) -> None:
        whistle.attempts.append(FollowUpAttempt(self.timestamp, self.method))


class ReworkOrdered(Event):
    """The reporter says it is not solved: back to work in the same cycle, the wait charged."""

    TOPIC: ClassVar[str] = "whistle.rework_ordered"
    cycle: int

    def assign(self, whistle: Memory) -> None:
        whistle.reworks += 1
        whistle.attempts = []
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


@dataclass(frozen=True)
class CallsInVain:
    """Calls that reached nobody. Three on at least two days, at different hours, are enough."""

    tried: Sequence[datetime]  # in the city's zone

    @property
    def more(self) -> int:
        """How many calls are still to be made at least."""
        return max(ATTEMPTS - len(self.tried), 0 if self.enough else 1)

    @property
    def same_day(self) -> bool:
        """Whether all were on one day; the next must be on another day."""
        return len({one.date() for one in self.tried}) == 1

    @property
    def same_hour(self) -> bool:
        """Whether all were at one hour; the next must be at another hour."""
        return len({one.hour for one in self.tried}) == 1

    @property
    def enough(self) -> bool:
        """Whether the reporter counts as unreachable."""
        return len(self.tried) >= ATTEMPTS and not self.same_day and not self.same_hour


class FollowingUp(Lifecycle):
    """Follow up, close."""

    def may_follow_up(self, actor: Actor, at: datetime) -> None:
        self._must_be_in(State.VERIFIED, State.MERGED)
        if actor.account in (self.submitted_by, self.verified_by) and not _reports(actor):
            raise SamePersonAgain(number=self.number, by=actor.account)

    def follow_up(
        self,
        resolved: bool | None,
        rating: int | None = None,
        *,
        method: str,
        actor: Actor,
        at: datetime,
        policy: SlaPolicy,
        reasonable: bool = True,
        words: Sequence[Said] = (),
    ) -> None:
        """Record the reporter's verdict: solved closes it, not solved sends it back to work.

        `reasonable=False`: not solved, but the claim is unreasonable; a second person then closes
        it. A site check of an anonymous whistle has no rating. The verdict is the first
        reporter's: of a merged child, or by somebody who joined, it is recorded and not counted.
        """
        self.may_follow_up(actor, at)
        if actor.role in ON_SITE and not self._reported_by(actor) and method != "site":
            raise OnSiteOnly(number=self.number)
        if rating is not None and self.anonymous and method == "site":
            raise AnonymousHasNoRating(number=self.number)
        if method == "unreachable" and (resolved is not None or rating is not None):
            raise VerdictNeeded(number=self.number, method=method)
        counted = self.state is State.VERIFIED and not self._only_joined(actor)
        self._record(
            FollowedUp,
            actor,
            at,
            words=words,
            resolved=resolved,
            rating=rating,
            method=method,
            attempt=len(self.attempts) + 1,
            counted=counted,
            cycle=self.cycle,
        )
        if not counted:
            return
        if resolved:
            self._close(actor, at, "verdict")
        elif resolved is False and reasonable:
            self._order_rework(actor, at, policy)
        elif resolved is False:
            self._record(ClosureProposed, actor, at)
        elif self._unreachable(policy.calendar.timezone):
            self._close(SYSTEM, at, "unreachable")

    @property
    def wants_site_check(self) -> bool:
        """The reporter cannot be asked: no name, or a call reached nobody (domain.md §4.4)."""
        in_vain = any(attempt.method == "unreachable" for attempt in self.attempts)
        return self.anonymous or in_vain

    def _reported_by(self, actor: Actor) -> bool:
        return _reports(actor) or actor.account in (self.reporter, *self.joined)

    def _only_joined(self, actor: Actor) -> bool:
        key = actor.reporter_of or actor.account
        mine = (self.receipt, self.reporter)
        return _reports(actor) and key in self.joined and key not in mine

    def _order_rework(self, actor: Actor, at: datetime, policy: SlaPolicy) -> None:
        running_again = self._resolve_clock(policy)
        self._record(
            ReworkOrdered,
            actor,
            at,
            to=State.IN_PROGRESS,
            clocks=[*self._stopped(at, ClockKind.FOLLOW_UP), running_again],
            cycle=self.cycle,
        )

    def calls_in_vain(self, zone: tzinfo) -> CallsInVain:
        """The calls so far that reached nobody."""
        return CallsInVain(
            [a.at.astimezone(zone) for a in self.attempts if a.method == "unreachable"]
        )

    def _unreachable(self, zone: tzinfo) -> bool:
        return self.calls_in_vain(zone).enough

    def may_close(self, actor: Actor, at: datetime) -> None:
        self._must_be_in(State.VERIFIED)
        if self._confirms("close", actor) is None:
            raise NothingToClose(number=self.number)

    def close(self, *, actor: Actor, at: datetime, words: Sequence[Said] = ()) -> None:
        """Close it as the second person, after a colleague found the claim unreasonable."""
        self.may_close(actor, at)
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


def _reports(actor: Actor) -> bool:
    return actor.role in REPORTERS or actor.reporter_of is not None
