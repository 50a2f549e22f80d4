"""更正回访: a reporter's own word replaces a verdict that somebody else recorded as his.

domain.md §4.2, followUp: the recorded verdict stands on his page, and for seven days he may
contradict it. What follows from his word is decided in docs/decisions/15-lifecycle.md.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import ClassVar

from tracker.domain.actors import Actor
from tracker.domain.promises.clocks import SlaPolicy
from tracker.domain.whistle.events import Event
from tracker.domain.whistle.lifecycle import Lifecycle
from tracker.domain.whistle.memory import Memory, Recorded
from tracker.domain.whistle.parties import Party
from tracker.domain.whistle.refusals.resolving import NothingToContradict, TooLateToContradict
from tracker.domain.whistle.reopening import MAX_REOPENS
from tracker.domain.whistle.said import Said
from tracker.domain.whistle.states import State

CONTRADICTION = timedelta(days=7)  # from when the verdict was recorded


class VerdictContradicted(Event):
    """A reporter says what he really said, or thinks; it replaces what was recorded.

    `recorded_at` is the timestamp of the `FollowedUp` whose verdict and rating it replaces.
    `remark` is the rating of somebody without a name, which counts nowhere.
    """

    TOPIC: ClassVar[str] = "whistle.verdict_contradicted"
    party: int
    resolved: bool
    rating: int | None
    remark: int | None
    counted: bool
    cycle: int
    recorded_at: datetime

    def assign(self, whistle: Memory) -> None:
        whistle.recorded.pop(self.party, None)
        if self.state is State.VERIFIED:
            whistle.verdicts[self.party] = self.resolved


class Contradicting(Lifecycle):
    """Contradict a recorded verdict."""

    def may_contradict(self, actor: Actor, at: datetime) -> None:
        if self.state is not State.CLOSED:
            self._must_be_open()
        recorded = self.recorded_of(self.party_of(actor))
        if recorded is None:
            raise NothingToContradict(number=self.number)
        if at > contradicted_until(recorded):
            raise TooLateToContradict(number=self.number, recorded_at=recorded.at)

    def recorded_of(self, party: Party | None) -> Recorded | None:
        """What somebody else recorded as this reporter's verdict in this cycle."""
        return None if party is None else self.recorded.get(party.number)

    def contradict(
        self,
        resolved: bool,
        rating: int | None = None,
        *,
        actor: Actor,
        at: datetime,
        policy: SlaPolicy,
        words: Sequence[Said] = (),
    ) -> None:
        """Replace the recorded verdict and rating by the reporter's own.

        Where he turns a "solved" into "not solved": to be closed still, it goes back to work, or
        waits for an answer to him if another's word decides; closed, it is reopened, as by him,
        unless it was reopened as often as it may be. At work already, it stays at work. "Solved"
        closes what waits for that alone.
        """
        self.may_contradict(actor, at)
        party = self.party_of(actor)
        recorded = self.recorded_of(party)
        assert party is not None and recorded is not None
        counted = party.number == self.decides
        self._record(
            VerdictContradicted,
            actor,
            at,
            words=words,
            party=party.number,
            resolved=resolved,
            rating=None if self.anonymous else rating,
            remark=rating if self.anonymous else None,
            counted=counted,
            cycle=self.cycle,
            recorded_at=recorded.at,
        )
        turned = recorded.resolved and not resolved
        if self.state is State.VERIFIED and turned and counted:
            self._order_rework(actor, at, policy)
        elif self.state is State.VERIFIED:
            self._close_if_decided(actor, at, policy)
        elif self.state is State.CLOSED and turned and self.reopens < MAX_REOPENS:
            self._begin_cycle(actor, at, policy, ())


def contradicted_until(recorded: Recorded) -> datetime:
    """The last moment at which it may be contradicted."""
    return recorded.at + CONTRADICTION
