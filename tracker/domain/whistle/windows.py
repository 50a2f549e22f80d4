"""Windows: so long somebody may act; when a window ends, its theme says what happens then.

`PassingTime` notices that a window has ended. Each theme that opens one answers for its end.
"""

from datetime import datetime

from tracker.domain.promises.clocks import HALF_OF_CLASS, Clock, ClockKind, Duration, SlaPolicy
from tracker.domain.whistle.recording import Recording

WORKING_HOURS_A_DAY = 7
ADJUDICATION = Duration(4, "working_hours")
RETURN_LIMIT = Duration(1, "working_days")
OBJECTION = Duration(24, "natural_hours")  # of the windows of old logs


class Windows(Recording):
    """Open windows, and what the themes answer when one ends."""

    def _window(
        self, kind: ClockKind, policy: SlaPolicy, at: datetime, unit: str | None = None
    ) -> Clock:
        """A window of that kind from `at`, as long as the whistle's class gives it."""
        return policy.window(kind, self._window_limit(kind, policy), at, unit=unit)

    def _window_limit(self, kind: ClockKind, policy: SlaPolicy) -> Duration:
        respond = policy.classes[self.sla_class].respond
        match kind:
            case ClockKind.POOL:
                return half(respond)
            case ClockKind.ADJUDICATE:
                return ADJUDICATION
            case ClockKind.VERIFY:
                return policy.classes[self.sla_class].limit(ClockKind.VERIFY)
            case ClockKind.AUDIT:
                return OBJECTION
        return respond

    def _end_pool_window(self, at: datetime, policy: SlaPolicy) -> None:
        """Nobody claimed it. Answered by `Dispatching`."""
        raise NotImplementedError

    def _end_adjudication_window(self, clock: Clock, at: datetime) -> None:
        """Nobody decided the return. Answered by `Returning`."""
        raise NotImplementedError

    def _end_decision_window(self, at: datetime, policy: SlaPolicy) -> None:
        """Nobody decided the extension. Answered by `Pausing`."""
        raise NotImplementedError

    def _end_approval_window(self, at: datetime, policy: SlaPolicy) -> None:
        """Nobody approved the suspension. Answered by `Pausing`."""
        raise NotImplementedError

    def _end_answer_window(self, at: datetime, policy: SlaPolicy) -> None:
        """The reporter has not answered in time. Answered by `Asking`."""
        raise NotImplementedError

    def _end_review_window(self, at: datetime, policy: SlaPolicy) -> None:
        """The review date of the suspension has come. Answered by `Pausing`."""
        raise NotImplementedError

    def _end_verify_window(self, at: datetime, policy: SlaPolicy) -> None:
        """Nobody wished to check. Answered by `Resolving`."""
        raise NotImplementedError

    def _end_audit_window(self, at: datetime, policy: SlaPolicy) -> None:
        """Nobody objected to a self-resolution of an old log. Answered by `Triage`."""
        raise NotImplementedError


def half(limit: Duration) -> Duration:
    """Half of a limit, rounded up to a whole of its unit; of a working day, in working hours."""
    if limit.unit == "working_days":
        limit = Duration(limit.value * WORKING_HOURS_A_DAY, "working_hours")
    return limit.part(HALF_OF_CLASS)
