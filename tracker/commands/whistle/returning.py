"""退单、裁定: a unit says that it is not its duty, and who decides that."""

from dataclasses import dataclass

from tracker.commands.command import Given, kept_as
from tracker.commands.fields import Code, Flag, Reason
from tracker.commands.whistle.whistle_command import WhistleCommand
from tracker.domain.errors import Words
from tracker.domain.whistle.whistle import Whistle

RETURN_REASONS = ("not_our_duty", "wrong_place", "needs_other_lead", "duplicate", "no_authority")


@dataclass(frozen=True, kw_only=True)
class Return(WhistleCommand):
    """`reason` is one of RETURN_REASONS or, for what the list lacks, a sentence."""

    name = "return"
    label = Words("退单", "Return")
    said = kept_as(reason="reason", basis="basis")
    guard = Whistle.may_return

    reason: Reason
    basis: Reason
    suggested_unit: Code | None = None

    def decide(self, aggregate: Whistle, given: Given) -> None:
        unit = self.suggested_unit
        aggregate.return_(
            reason_code=self.reason if self.reason in RETURN_REASONS else None,
            suggested_unit=given.city.current_unit(unit).code if unit else None,
            **given.by_policy,
        )


@dataclass(frozen=True, kw_only=True)
class Adjudicate(WhistleCommand):
    """Decide the return that `unit` asked for. `lead` None: the unit it suggested.

    A lead is followed by another one; a co-handler's part ends.
    """

    name = "adjudicate"
    label = Words("裁定退单", "Decide the return")
    said = kept_as(reason="reason")
    guard = Whistle.may_adjudicate

    unit: Code
    upheld: Flag
    reason: Reason
    lead: Code | None = None

    def decide(self, aggregate: Whistle, given: Given) -> None:
        suggested = aggregate.suggested_by.get(self.unit) if self.upheld else None
        new_lead = self.lead or suggested
        aggregate.adjudicate(
            self.upheld,
            given.city.current_unit(new_lead) if new_lead else None,
            unit=self.unit,
            **given.by_policy,
        )


COMMANDS = (Return, Adjudicate)
