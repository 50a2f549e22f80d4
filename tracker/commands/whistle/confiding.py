"""保密: only those who must know read it from now on."""

from dataclasses import dataclass

from tracker.commands.command import Given, kept_as
from tracker.commands.fields import Reason
from tracker.commands.whistle.whistle_command import WhistleCommand, category_of
from tracker.domain.errors import Words
from tracker.domain.whistle.refusals.confiding import ConfidentialCategory, ParentIsConfidential
from tracker.domain.whistle.whistle import Whistle


@dataclass(frozen=True, kw_only=True)
class MarkConfidential(WhistleCommand):
    """Doubt closes: one person is enough. Of a merged whistle its parent is marked, and it too."""

    name = "mark-confidential"
    label = Words("标为保密", "Mark confidential")
    said = kept_as(reason="reason")
    guard = Whistle.may_mark_confidential

    reason: Reason

    def decide(self, aggregate: Whistle, given: Given) -> None:
        if aggregate.merged_into is None:
            aggregate.mark_confidential(**given.by)
            return
        parent = given.tracker.whistle(aggregate.merged_into)
        parent.elapse(given.at, given.policy)
        parent.mark_confidential(**given.by)
        given.others.append(parent)


@dataclass(frozen=True, kw_only=True)
class UnmarkConfidential(WhistleCommand):
    """Open it again. A second person confirms."""

    name = "unmark-confidential"
    label = Words("解除保密", "Make it open again")
    said = kept_as(reason="reason")
    guard = Whistle.may_unmark_confidential

    reason: Reason

    def decide(self, aggregate: Whistle, given: Given) -> None:
        if aggregate.merged_into is not None:
            parent = given.tracker.whistle(aggregate.merged_into)
            if parent.confidential:
                raise ParentIsConfidential(number=aggregate.number, into=parent.number)
        for child in map(given.tracker.whistle, aggregate.children):
            own = category_of(given.city, child)
            if own is not None and own.confidential:
                raise ConfidentialCategory(number=child.number, category=own.code)
        aggregate.unmark_confidential(category_of(given.city, aggregate), **given.by)


COMMANDS = (MarkConfidential, UnmarkConfidential)
