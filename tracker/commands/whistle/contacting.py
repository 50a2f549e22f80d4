"""联系: open a reporter's number for one's work; as a reporter, say whether they really called."""

from dataclasses import dataclass

from tracker.commands.command import Given, kept_as
from tracker.commands.fields import Code, Note, Reason
from tracker.commands.whistle.whistle_command import OnTheParent
from tracker.domain.errors import Words
from tracker.domain.whistle.whistle import Whistle


@dataclass(frozen=True, kw_only=True)
class OpenContact(OnTheParent):
    """Name and number of the reporters are shown to you; your reason goes on record.

    A call counts as a response only after your unit opened the number.
    """

    name = "open-contact"
    label = Words("打开电话", "Open the number")
    said = kept_as(reason="reason")
    guard = Whistle.may_open_contact

    reason: Reason

    def decide(self, aggregate: Whistle, given: Given) -> None:
        aggregate.open_contact(**given.by)


@dataclass(frozen=True, kw_only=True)
class ConfirmCall(OnTheParent):
    """As its reporter: the unit spoke to you. `unit`: which; None: the one that said so last."""

    name = "confirm-call"
    label = Words("是，通过话", "Yes, we spoke")
    said = kept_as(note="note")
    guard = Whistle.may_judge_call

    unit: Code | None = None
    note: Note | None = None

    def decide(self, aggregate: Whistle, given: Given) -> None:
        aggregate.confirm_call(self.unit, **given.by)


@dataclass(frozen=True, kw_only=True)
class DenyCall(OnTheParent):
    """As its reporter: the unit did not speak to you. A supervision is opened."""

    name = "deny-call"
    label = Words("没有通过话", "No, nobody spoke to me")
    said = kept_as(note="note")
    guard = Whistle.may_judge_call

    unit: Code | None = None
    note: Note | None = None

    def decide(self, aggregate: Whistle, given: Given) -> None:
        aggregate.deny_call(self.unit, **given.by)


COMMANDS = (OpenContact, ConfirmCall, DenyCall)
