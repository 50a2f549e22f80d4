"""注销误记: what a wrong clock has recorded counts no longer. A second person confirms."""

from dataclasses import dataclass
from datetime import datetime

from tracker.commands.command import Given, kept_as
from tracker.commands.fields import EventNumbers, Reason
from tracker.commands.whistle.whistle_command import WhistleCommand
from tracker.domain.errors import Words
from tracker.domain.whistle.events import Event
from tracker.domain.whistle.whistle import Whistle


@dataclass(frozen=True, kw_only=True)
class Annul(WhistleCommand):
    """`events` are the numbers that the story shows, all at once: the versions of the stream."""

    name = "annul"
    label = Words("注销误记", "Annul what never happened")
    said = kept_as(reason="reason")
    guard = Whistle.may_annul

    events: EventNumbers
    reason: Reason

    def moment(self, aggregate: Whistle, at: datetime) -> datetime:
        """Now, also where a wrong clock has told what comes later."""
        return at

    def decide(self, aggregate: Whistle, given: Given) -> None:
        passed = [event for event in aggregate.pending_events if isinstance(event, Event)]
        story = [*given.tracker.story(aggregate.id), *passed]
        aggregate.annul(self.events, story, **given.by)
        aggregate.elapse(given.at, given.policy)


COMMANDS = (Annul,)
