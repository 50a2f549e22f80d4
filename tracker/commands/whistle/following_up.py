"""回访、结案、重办: whether it was solved, and whether the reporter is satisfied."""

from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from tracker.commands.command import Given, kept_as
from tracker.commands.fields import (
    DECLINED,
    Flag,
    Moment,
    Note,
    PartyNumber,
    Rating,
    RatingOrDeclined,
    Reason,
)
from tracker.commands.whistle.whistle_command import OnTheParent, WhistleCommand
from tracker.domain.errors import Refusal, Words
from tracker.domain.whistle.following_up import BY_PHONE
from tracker.domain.whistle.refusals.resolving import TooManyReopens
from tracker.domain.whistle.whistle import Whistle


@dataclass(frozen=True, kw_only=True)
class FollowUp(OnTheParent):
    """`resolved` None: the reporter was not reached, or did not say.

    A call is on record with its moment and a rating, which may be "declined": who names no moment
    calls now, and who names no rating was given none.
    `party`: which reporter the city asked, by his number in the whistle; None: the first, or of a
    merged whistle its own.
    """

    name = "follow-up"
    label = Words("回访", "Follow up")
    said = kept_as(note="note")
    guard = Whistle.may_follow_up

    resolved: Flag | None = None
    rating: RatingOrDeclined | None = None
    method: Literal["phone", "site", "online", "unreachable"]
    called_at: Moment | None = None
    note: Note | None = None
    reasonable: Flag = True
    party: PartyNumber | None = None

    def decide(self, aggregate: Whistle, given: Given) -> None:
        came_with = next((p.number for p in aggregate.in_line if p.child == _asked(given)), None)
        rating = self.rating if isinstance(self.rating, int) else None
        by_phone = self.method in BY_PHONE
        unrated = self.method == "phone" and rating is None
        aggregate.follow_up(
            self.resolved,
            rating,
            method=self.method,
            called_at=self.called_at or (given.at if by_phone else None),
            declined=self.rating == DECLINED or unrated,
            reasonable=self.reasonable,
            party=self.party or came_with,
            **given.by_policy,
        )


def _asked(given: Given) -> UUID | None:
    """The whistle to which the command was given; its parent may be the one that is changed."""
    return None if given.number is None else given.tracker.id_of(given.number)


@dataclass(frozen=True, kw_only=True)
class AnswerParty(WhistleCommand):
    """Answer a reporter who said "not solved" while the first one's verdict decides.

    `party` is his number; `note` are words to him alone. `rework`: it goes back to work too.
    """

    name = "answer-party"
    label = Words("答复其他吹哨人", "Answer another reporter")
    said = kept_as(note="note")
    guard = Whistle.may_answer_party

    party: PartyNumber
    note: Reason
    rework: Flag = False

    def decide(self, aggregate: Whistle, given: Given) -> None:
        aggregate.answer_party(self.party, rework=self.rework, **given.by_policy)


@dataclass(frozen=True, kw_only=True)
class Close(WhistleCommand):
    """Close the whistle where a person has to decide it."""

    name = "close"
    label = Words("结案", "Close")
    said = kept_as(reason="reason")
    guard = Whistle.may_close

    reason: Reason

    def decide(self, aggregate: Whistle, given: Given) -> None:
        aggregate.close(**given.by)


@dataclass(frozen=True, kw_only=True)
class Reopen(OnTheParent):
    """Reopen a whistle that is not resolved, or that was wrongly made void."""

    name = "reopen"
    label = Words("重办", "Reopen")
    said = kept_as(reason="reason")
    guard = Whistle.may_reopen

    reason: Reason

    def decide(self, aggregate: Whistle, given: Given) -> None:
        if aggregate.is_closed_for_good:
            aggregate.refuse_reopening(**given.by)
        else:
            aggregate.reopen(**given.by_policy)

    def refusal_after(self, aggregate: Whistle) -> Refusal | None:
        if not (aggregate.is_closed_for_good and aggregate.reopening_refused):
            return None
        return TooManyReopens(number=aggregate.number, limit=aggregate.reopens)


@dataclass(frozen=True, kw_only=True)
class Contradict(OnTheParent):
    """Your own word instead of the verdict that was recorded for you, within seven days.

    "Not solved" sends it back to work, or reopens it where it is closed.
    """

    name = "contradict"
    label = Words("更正回访", "Correct what was recorded")
    said = kept_as(note="note")
    guard = Whistle.may_contradict

    resolved: Flag
    rating: Rating | None = None
    note: Note | None = None

    def decide(self, aggregate: Whistle, given: Given) -> None:
        aggregate.contradict(self.resolved, self.rating, **given.by_policy)


COMMANDS = (FollowUp, Contradict, AnswerParty, Close, Reopen)
