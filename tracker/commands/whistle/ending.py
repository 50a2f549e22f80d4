"""撤回、作废、转出、剔除: the other ends of a whistle, and leaving it out of the scores."""

from dataclasses import dataclass

from tracker.commands.command import Given, kept_as
from tracker.commands.fields import Line, Reason
from tracker.commands.whistle.whistle_command import WhistleCommand, worked_on
from tracker.domain.errors import Words
from tracker.domain.promises.clocks import ClockKind
from tracker.domain.whistle.ending import EXCLUSION_REASONS, VOID_REASONS
from tracker.domain.whistle.states import State
from tracker.domain.whistle.whistle import Whistle
from tracker.metrics.freezing import CalendarMissing, freeze_moment

VOID_CODES = {zh: code for code, zh in VOID_REASONS.items()}
EXCLUSION_CODES = {zh: code for code, zh in EXCLUSION_REASONS.items()}
TARGET_CODES = {"信访": "petition", "纪检": "discipline", "诉讼": "litigation"}


@dataclass(frozen=True, kw_only=True)
class Withdraw(WhistleCommand):
    """One person's report is taken back; the whistle ends when it was the last of all."""

    name = "withdraw"
    label = Words("撤回", "Withdraw")
    said = kept_as(reason="reason")
    guard = Whistle.may_withdraw
    on_parent = True

    reason: Reason | None = None

    def decide(self, aggregate: Whistle, given: Given) -> None:
        if aggregate.state is State.MERGED:
            parent = worked_on(given.tracker, aggregate)
            parent.elapse(given.at, given.policy)
            given.others.append(parent)
            parent.withdraw(child=aggregate, **given.by)
            return
        own = aggregate.party_of(given.actor)
        child = given.tracker.whistle(own.child) if own and own.child else None
        if child is not None:
            given.others.append(child)
        aggregate.withdraw(child=child, **given.by)


@dataclass(frozen=True, kw_only=True)
class Void(WhistleCommand):
    """`reason` is a code of VOID_REASONS or its Chinese word; a second person confirms."""

    name = "void"
    label = Words("作废", "Void")
    said = kept_as(basis="basis")
    guard = Whistle.may_void

    reason: Reason
    basis: Reason | None = None

    def decide(self, aggregate: Whistle, given: Given) -> None:
        code = VOID_CODES.get(self.reason, self.reason)
        aggregate.may_void(given.actor, given.at)
        if aggregate.confirms_void(given.actor):
            _let_children_go(aggregate, given)
        aggregate.void(code, **given.by)


def _let_children_go(parent: Whistle, given: Given) -> None:
    """Each child of a whistle that is voided goes back to its own life (domain.md §4.6)."""
    for id in list(parent.children):
        child = given.tracker.whistle(id)
        child.unmerge(parent, actor=given.actor, at=given.at, policy=given.policy)
        child.elapse(given.at, given.policy)
        given.others.append(child)


@dataclass(frozen=True, kw_only=True)
class TransferOut(WhistleCommand):
    """Another system has to handle it. `target` is a code of TARGETS or its Chinese word."""

    name = "transfer-out"
    label = Words("转出", "Transfer out")
    said = kept_as(reason="reason")
    guard = Whistle.may_transfer_out

    target: Line
    reason: Reason

    def decide(self, aggregate: Whistle, given: Given) -> None:
        code = TARGET_CODES.get(self.target, self.target)
        known = given.city.city.transfer_targets
        children = [given.tracker.whistle(id) for id in aggregate.children]
        aggregate.transfer_out(
            code,
            reach=next((one for one in known if one.code == code), None),
            children=children,
            **given.by_policy,
        )
        given.others.extend(children)


@dataclass(frozen=True, kw_only=True)
class Exclude(WhistleCommand):
    """`reason` is a code of EXCLUSION_REASONS or its Chinese word; the auditor confirms."""

    name = "exclude"
    label = Words("剔除考核", "Exclude from scoring")
    said = kept_as(reason="reason")
    guard = Whistle.may_exclude

    reason: Reason

    def decide(self, aggregate: Whistle, given: Given) -> None:
        code = EXCLUSION_CODES.get(self.reason, self.reason)
        frozen = _frozen_month(aggregate, given)
        aggregate.exclude(code, frozen=frozen, **given.by)


def _frozen_month(whistle: Whistle, given: Given) -> str | None:
    """The month of its resolve due, in which it counts last, once that is frozen; else None."""
    calendar = given.policy.calendar
    month = f"{calendar.date_of(whistle.clocks[ClockKind.RESOLVE].due):%Y-%m}"
    try:
        return month if given.at >= freeze_moment(month, calendar) else None
    except CalendarMissing:
        return None


COMMANDS = (Withdraw, Void, TransferOut, Exclude)
