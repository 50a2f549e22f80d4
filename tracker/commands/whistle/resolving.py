"""办结、核查: the unit says that it is done, and others check."""

from dataclasses import dataclass

from tracker.commands.command import Given, kept_as
from tracker.commands.fields import Flag, Note, Photos, Reason
from tracker.commands.whistle.whistle_command import WhistleCommand, category_of, repeated
from tracker.domain.errors import Words
from tracker.domain.whistle.whistle import Whistle


@dataclass(frozen=True, kw_only=True)
class Submit(WhistleCommand):
    """The lead submits the whistle as done; a co-handler submits its own part."""

    name = "submit"
    label = Words("办结提交", "Submit as done")
    said = kept_as(note="note", photos="photo")
    guard = Whistle.may_submit

    note: Reason
    photos: Photos = ()

    def decide(self, aggregate: Whistle, given: Given) -> None:
        aggregate.submit(
            category_of(given.city, aggregate),
            repeated=repeated(given, aggregate, "photo"),
            **given.by_policy,
        )


@dataclass(frozen=True, kw_only=True)
class Verify(WhistleCommand):
    """Check the work of others."""

    name = "verify"
    label = Words("核查", "Verify")
    said = kept_as(note="note", photos="photo")
    guard = Whistle.may_verify

    passed: Flag
    note: Note | None = None
    photos: Photos = ()

    def decide(self, aggregate: Whistle, given: Given) -> None:
        aggregate.verify(self.passed, **given.by_policy)


COMMANDS = (Submit, Verify)
