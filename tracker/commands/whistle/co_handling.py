"""协办: the units that help the one that leads."""

from dataclasses import dataclass

from tracker.commands.command import Given, kept_as
from tracker.commands.fields import Code, Reason
from tracker.commands.whistle.whistle_command import WhistleCommand
from tracker.domain.errors import Words
from tracker.domain.whistle.whistle import Whistle


@dataclass(frozen=True, kw_only=True)
class AddCo(WhistleCommand):
    """The lead asks for a co-handler; a dispatcher adds one."""

    name = "add-co"
    label = Words("增加协办", "Add a co-handler")
    said = kept_as(reason="reason")
    guard = Whistle.may_add_co

    unit: Code
    reason: Reason

    def decide(self, aggregate: Whistle, given: Given) -> None:
        aggregate.add_co(given.city.current_unit(self.unit), **given.by_policy)


@dataclass(frozen=True, kw_only=True)
class RemoveCo(WhistleCommand):
    """Waive the part of a co-handler."""

    name = "remove-co"
    label = Words("撤销协办", "Remove a co-handler")
    said = kept_as(reason="reason")
    guard = Whistle.may_remove_co

    unit: Code
    reason: Reason

    def decide(self, aggregate: Whistle, given: Given) -> None:
        aggregate.remove_co(self.unit, **given.by)


COMMANDS = (AddCo, RemoveCo)
