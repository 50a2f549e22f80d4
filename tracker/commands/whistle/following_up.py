"""回访、结案、重办: whether it was solved, and whether the reporter is satisfied."""

from dataclasses import dataclass
from typing import Literal

from tracker.commands.command import Given, kept_as
from tracker.commands.fields import Flag, Note, Rating, Reason
from tracker.commands.whistle.whistle_command import WhistleCommand
from tracker.domain.errors import Words
from tracker.domain.whistle.whistle import Whistle


@dataclass(frozen=True, kw_only=True)
class FollowUp(WhistleCommand):
    """`resolved` None: the reporter was not reached, or did not say."""

    name = "follow-up"
    label = Words("回访", "Follow up")
    said = kept_as(note="note")
    guard = Whistle.may_follow_up

    resolved: Flag | None = None
    rating: Rating | None = None
    method: Literal["phone", "site", "online", "unreachable"]
    note: Note | None = None
    reasonable: Flag = True

    def decide(self, aggregate: Whistle, given: Given) -> None:
        aggregate.follow_up(
            self.resolved,
            self.rating,
            method=self.method,
            reasonable=self.reasonable,
            **given.by_policy,
        )


@dataclass(frozen=True, kw_only=True)
class Close(WhistleCommand):
    """Close the whistle where a person has to decide it."""

    name = "close"
    label = Words("结案", "Close")
    said = kept_as(reason="reason")
    guard = Whistle.may_close

    reason: Reason | None = None

    def decide(self, aggregate: Whistle, given: Given) -> None:
        aggregate.close(**given.by)


@dataclass(frozen=True, kw_only=True)
class Reopen(WhistleCommand):
    """Reopen a whistle that is not resolved, or that was wrongly made void."""

    name = "reopen"
    label = Words("重办", "Reopen")
    said = kept_as(reason="reason")
    guard = Whistle.may_reopen

    reason: Reason

    def decide(self, aggregate: Whistle, given: Given) -> None:
        aggregate.reopen(**given.by_policy)


COMMANDS = (FollowUp, Close, Reopen)
