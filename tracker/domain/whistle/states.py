"""The states of a whistle (domain.md §4.1), and what people call them."""

from collections.abc import Mapping
from enum import StrEnum
from functools import cache

from tracker.domain.errors import Words


class State(StrEnum):
    """RETURN_PENDING belongs to an assignment, REWORK is IN_PROGRESS after a failed check."""

    RAISED = "RAISED"
    TRIAGED = "TRIAGED"
    POOLED = "POOLED"
    CLAIMED = "CLAIMED"
    DISPATCHED = "DISPATCHED"
    RESPONDED = "RESPONDED"
    IN_PROGRESS = "IN_PROGRESS"
    SUSPENDED = "SUSPENDED"
    SUBMITTED = "SUBMITTED"
    VERIFIED = "VERIFIED"
    SELF_RESOLVED = "SELF_RESOLVED"
    CLOSED = "CLOSED"
    SELF_RESOLVED_CLOSED = "SELF_RESOLVED_CLOSED"
    MERGED = "MERGED"
    VOID = "VOID"
    WITHDRAWN = "WITHDRAWN"
    TRANSFERRED_OUT = "TRANSFERRED_OUT"

    @property
    def words(self) -> Words:
        return STATE_WORDS[self]


class Verdict(StrEnum):
    """What a check found."""

    PASSED = "passed"
    FAILED = "failed"

    @property
    def words(self) -> Words:
        passed = self is Verdict.PASSED
        return Words("通过", "passed") if passed else Words("不通过", "not passed")


class MergeBar(StrEnum):
    """Why a whistle may not be merged into another."""

    ITSELF = "itself"
    CHAIN = "chain"
    TERMINAL = "terminal"
    STATE = "state"
    CONFIDENTIAL = "confidential"
    CATEGORY = "category"
    TOO_OLD = "too_old"
    TOO_FAR = "too_far"

    @property
    def words(self) -> Words:
        return MERGE_BAR_WORDS[self]


TERMINAL = frozenset(
    {
        State.CLOSED,
        State.SELF_RESOLVED_CLOSED,
        State.MERGED,
        State.VOID,
        State.WITHDRAWN,
        State.TRANSFERRED_OUT,
    }
)
MAIN_LINE = (
    State.RAISED,
    State.TRIAGED,
    State.POOLED,
    State.CLAIMED,
    State.DISPATCHED,
    State.RESPONDED,
    State.IN_PROGRESS,
    State.SUBMITTED,
    State.VERIFIED,
    State.CLOSED,
)
BEFORE_DISPATCH = (State.RAISED, State.TRIAGED)
AWAITING_RESPONSE = (State.CLAIMED, State.DISPATCHED)


@cache
def from_to(first: State, last: State) -> tuple[State, ...]:
    """The states that domain.md §4.2 writes as `first…last`: without SUSPENDED, which it names."""
    return MAIN_LINE[MAIN_LINE.index(first) : MAIN_LINE.index(last) + 1]


MERGE_BAR_WORDS: Mapping[MergeBar, Words] = {
    MergeBar.ITSELF: Words("就是它自己", "it is the same one"),
    MergeBar.CHAIN: Words("那件已并入别的", "that one follows another itself"),
    MergeBar.TERMINAL: Words("那件已经结束", "that one is over"),
    MergeBar.STATE: Words("那件还没受理，或已提交办结", "that one is not accepted yet, or done"),
    MergeBar.CONFIDENTIAL: Words("一件保密、一件不保密", "only one of them is confidential"),
    MergeBar.CATEGORY: Words("不是同一类", "not the same kind"),
    MergeBar.TOO_OLD: Words("相隔超过 30 天", "more than 30 days apart"),
    MergeBar.TOO_FAR: Words(
        "不在 50 米以内，也不是同一地名", "not within 50 m, and not under the same name"
    ),
}

STATE_WORDS: Mapping[State, Words] = {
    State.RAISED: Words("待受理", "To be accepted"),
    State.TRIAGED: Words("待派单", "To be dispatched"),
    State.POOLED: Words("待认领", "To be claimed"),
    State.CLAIMED: Words("待响应", "Awaiting response"),
    State.DISPATCHED: Words("待响应", "Awaiting response"),
    State.RESPONDED: Words("已响应", "Responded"),
    State.IN_PROGRESS: Words("办理中", "In progress"),
    State.SUSPENDED: Words("已挂账", "Suspended"),
    State.SUBMITTED: Words("待核查", "To be checked"),
    State.VERIFIED: Words("待回访", "To be followed up"),
    State.SELF_RESOLVED: Words("自处置待抽查", "Solved on the spot, audit due"),
    State.CLOSED: Words("已办结", "Closed"),
    State.SELF_RESOLVED_CLOSED: Words("自处置办结", "Solved on the spot"),
    State.MERGED: Words("已并案", "Merged"),
    State.VOID: Words("已作废", "Void"),
    State.WITHDRAWN: Words("已撤回", "Withdrawn"),
    State.TRANSFERRED_OUT: Words("已转出", "Transferred out"),
}
