"""问与答: the lead asks the reporter, who answers."""

from dataclasses import dataclass

from tracker.commands.command import Given, kept_as
from tracker.commands.fields import Photos, Reason
from tracker.commands.whistle.whistle_command import OnTheParent, WhistleCommand
from tracker.domain.errors import Words
from tracker.domain.whistle.whistle import Whistle


@dataclass(frozen=True, kw_only=True)
class Ask(WhistleCommand):
    """The lead asks the reporter something; one question at a time."""

    name = "ask"
    label = Words("问吹哨人", "Ask the reporter")
    said = kept_as(text="note")
    guard = Whistle.may_ask

    text: Reason

    def decide(self, aggregate: Whistle, given: Given) -> None:
        aggregate.ask(**given.by_policy)


@dataclass(frozen=True, kw_only=True)
class Answer(OnTheParent):
    """A reporter answers the open question."""

    name = "answer"
    label = Words("回答", "Answer")
    said = kept_as(text="text", photos="photo")
    guard = Whistle.may_answer

    text: Reason
    photos: Photos = ()

    def decide(self, aggregate: Whistle, given: Given) -> None:
        aggregate.answer(**given.by_policy)


COMMANDS = (Ask, Answer)
