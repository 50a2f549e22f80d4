"""延期、挂账: more time, and what cannot be done now."""

from dataclasses import dataclass

from tracker.commands.command import Given, kept_as
from tracker.commands.fields import Day, Flag, Reason
from tracker.commands.whistle.whistle_command import WhistleCommand
from tracker.domain.errors import Words
from tracker.domain.whistle.whistle import Whistle


@dataclass(frozen=True, kw_only=True)
class RequestExtension(WhistleCommand):
    """The lead asks for more time, before its deadline."""

    name = "request-extension"
    label = Words("申请延期", "Ask for more time")
    said = kept_as(reason="reason")
    guard = Whistle.may_request_extension

    reason: Reason

    def decide(self, aggregate: Whistle, given: Given) -> None:
        aggregate.request_extension(**given.by_policy)


@dataclass(frozen=True, kw_only=True)
class DecideExtension(WhistleCommand):
    """Grant more time, or refuse it."""

    name = "decide-extension"
    label = Words("审批延期", "Decide on more time")
    said = kept_as(reason="reason")
    guard = Whistle.may_decide_extension

    granted: Flag
    reason: Reason

    def decide(self, aggregate: Whistle, given: Given) -> None:
        aggregate.decide_extension(self.granted, **given.by_policy)


@dataclass(frozen=True, kw_only=True)
class Suspend(WhistleCommand):
    """`reason` is one of `SUSPEND_REASONS`; a second person confirms."""

    name = "suspend"
    label = Words("挂账", "Suspend")
    said = kept_as(reason="reason", safety_measure="note")
    guard = Whistle.may_suspend

    reason: Reason
    review_on: Day
    safety_measure: Reason

    def decide(self, aggregate: Whistle, given: Given) -> None:
        aggregate.suspend(self.review_on, self.reason, **given.by_policy)


@dataclass(frozen=True, kw_only=True)
class Resume(WhistleCommand):
    """Work goes on before the review date."""

    name = "resume"
    label = Words("恢复办理", "Resume")
    said = kept_as(reason="reason")
    guard = Whistle.may_resume

    reason: Reason

    def decide(self, aggregate: Whistle, given: Given) -> None:
        aggregate.resume(**given.by_policy)


COMMANDS = (RequestExtension, DecideExtension, Suspend, Resume)
