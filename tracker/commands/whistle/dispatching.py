"""入池、认领、派单、签收: how a whistle comes to its units."""

from dataclasses import dataclass

from tracker.commands.command import Given, kept_as
from tracker.commands.fields import Code, Reason, Units
from tracker.commands.whistle.whistle_command import WhistleCommand, category_of
from tracker.domain.errors import Words
from tracker.domain.whistle.whistle import Whistle


@dataclass(frozen=True, kw_only=True)
class Pool(WhistleCommand):
    """Open the whistle to claims by every capable unit, until the claim window ends."""

    name = "pool"
    label = Words("入池待认领", "Open to claims")
    guard = Whistle.may_pool

    def decide(self, aggregate: Whistle, given: Given) -> None:
        category = category_of(given.city, aggregate)
        aggregate.pool(category, actor=given.actor, at=given.at, policy=given.policy)


@dataclass(frozen=True, kw_only=True)
class Claim(WhistleCommand):
    """The actor's unit takes the whistle. Of several claims at once, the first is kept."""

    name = "claim"
    label = Words("认领", "Claim")
    guard = Whistle.may_claim

    def decide(self, aggregate: Whistle, given: Given) -> None:
        unit, category = given.actor.unit or "", aggregate.category
        capable = category is not None and given.city.may_claim(unit, category)
        aggregate.claim(unit, capable=capable, actor=given.actor, at=given.at, policy=given.policy)


@dataclass(frozen=True, kw_only=True)
class Dispatch(WhistleCommand):
    """Exactly one lead, and any co-handlers."""

    name = "dispatch"
    label = Words("派单", "Dispatch")
    said = kept_as(reason="reason")
    guard = Whistle.may_dispatch

    lead: Code
    co: Units = ()
    reason: Reason | None = None

    def decide(self, aggregate: Whistle, given: Given) -> None:
        city = given.city
        aggregate.dispatch(
            city.current_unit(self.lead),
            tuple(city.current_unit(unit) for unit in self.co),
            **given.by_policy,
        )


@dataclass(frozen=True, kw_only=True)
class Acknowledge(WhistleCommand):
    """The unit has seen it. No clock stops."""

    name = "acknowledge"
    label = Words("签收", "Acknowledge")
    guard = Whistle.may_acknowledge

    def decide(self, aggregate: Whistle, given: Given) -> None:
        aggregate.acknowledge(actor=given.actor, at=given.at)


COMMANDS = (Pool, Claim, Dispatch, Acknowledge)
