"""What every theme of a whistle's life stands on.

The themes (`raising`, `triage`, `dispatching`, …) each hold their events, commands and guards in
one file; `whistle.py` lists them. A command decides (guards first, then due times) and records an
event; the event's `assign` only assigns. A theme inherits `Lifecycle` alone: what several themes
do stands in the parts below, and what one theme asks of another is declared here.
"""

from collections.abc import Sequence
from datetime import datetime

from tracker.domain.actors import Actor
from tracker.domain.promises.clocks import Clock, Mark, SlaPolicy
from tracker.domain.whistle.assignment import Assignment
from tracker.domain.whistle.class_clocks import ClassClocks
from tracker.domain.whistle.guarding import Guarding
from tracker.domain.whistle.said import Said
from tracker.domain.whistle.sending import Sending
from tracker.domain.whistle.windows import Windows


class Lifecycle(Guarding, ClassClocks, Sending, Windows):
    """Memory, guards and shared moves; and what one theme asks of another."""

    def _close(self, actor: Actor, at: datetime, basis: str, words: Sequence[Said] = ()) -> None:
        """Close it. Answered by `FollowingUp`; `Resolving` asks where no follow-up is due."""
        raise NotImplementedError

    def _close_if_decided(self, actor: Actor, at: datetime, policy: SlaPolicy) -> None:
        """Close it where the verdicts allow it. Answered by `FollowingUp`; `Contradicting` asks."""
        raise NotImplementedError

    def _order_rework(self, actor: Actor, at: datetime, policy: SlaPolicy) -> None:
        """Back to work in the same cycle. Answered by `FollowingUp`; `Contradicting` asks."""
        raise NotImplementedError

    def _begin_cycle(
        self, actor: Actor, at: datetime, policy: SlaPolicy, words: Sequence[Said]
    ) -> None:
        """Reopen what is closed. Answered by `Reopening`; `Contradicting` asks."""
        raise NotImplementedError

    def _audit_self_resolution(
        self, actor: Actor, at: datetime, policy: SlaPolicy, passed: bool, words: Sequence[Said]
    ) -> None:
        """Check what was resolved on the spot. Answered by `Triage`; `Resolving.verify` asks."""
        raise NotImplementedError

    def _overturn_self_resolution(self, at: datetime, policy: SlaPolicy) -> None:
        """Back to triage, as after a failed audit. Answered by `Triage`; `Consequences` asks."""
        raise NotImplementedError

    def _withdraw_return(self, part: Assignment, actor: Actor, at: datetime) -> None:
        """A unit that responds disputes no longer. Answered by `Returning`; `Responding` asks."""
        raise NotImplementedError

    def _lapse_requests(self, basis: str, at: datetime) -> None:
        """What the lead asked for lapses. Answered by `Consequences`; `Returning` asks."""
        raise NotImplementedError

    def _reject_return_by_rule(self, part: Assignment, at: datetime) -> None:
        """The return is refused by a rule. Answered by `Returning`; `Consequences` asks."""
        raise NotImplementedError

    def _end_wait(self, at: datetime, policy: SlaPolicy, basis: str) -> None:
        """Wait for the reporter no longer, where it did. Answered by `Asking`; others ask."""
        raise NotImplementedError

    def _resume_by_rule(self, at: datetime, policy: SlaPolicy, basis: str) -> None:
        """End a suspension by a rule. Answered by `Pausing`; `Consequences` asks."""
        raise NotImplementedError

    def _resume_into_class(self, at: datetime, policy: SlaPolicy) -> None:
        """End it because the class may not pause. Answered by `Pausing`; `Consequences` asks."""
        raise NotImplementedError

    def send_help(self, units: Sequence[str], *, at: datetime, policy: SlaPolicy) -> None:
        """More units come to an emergency. Answered by `Dispatching`; `Consequences` asks."""
        raise NotImplementedError

    def _end_lead(self, actor: Actor, at: datetime, policy: SlaPolicy) -> None:
        """Another unit will lead. Answered by `Consequences`; `Dispatching` asks."""
        raise NotImplementedError

    def _lift_miss(self, missed: Clock, actor: Actor, at: datetime) -> None:
        """A due that had passed is kept after all. Answered by `Overseeing`; `Pausing` asks."""
        raise NotImplementedError

    def _escalate_for(self, clock: Clock, mark: Mark, at: datetime) -> None:
        """A clock of the whistle reached a mark. Answered by `Overseeing`; `PassingTime` asks."""
        raise NotImplementedError
