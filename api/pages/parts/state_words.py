"""What pages say of a whistle's state and of its clocks: only what has happened."""

from datetime import datetime

from api.pages.frame import present
from api.pages.frame.present import Chip
from api.pages.frame.speech import Speech
from tracker.domain.promises.clocks import Clock, ClockKind
from tracker.domain.whistle.events import State
from tracker.domain.whistle.whistle import Whistle

# Ends that fulfil no promise: what was running then is cancelled (domain.md §4.2, column "Clocks").
CANCELLED_BY = frozenset({State.VOID, State.WITHDRAWN, State.MERGED, State.TRANSFERRED_OUT})


def clock_chip(_: Speech, whistle: Whistle, clock: Clock, now: datetime) -> Chip:
    """The chip of one clock: running, held, kept, missed or cancelled."""
    if clock.stopped_at is None:
        return present.chip_in(_, clock, now, whistle.state)
    if clock.stopped_at <= clock.due and is_cancelled(whistle, clock):
        return Chip("done", "ok", _("已取消"))
    return present.kept_chip(_, clock)


def is_cancelled(whistle: Whistle, clock: Clock) -> bool:
    """Whether a stopped clock ended with the whistle, before its promise was fulfilled."""
    return whistle.state in CANCELLED_BY and _fulfilled(whistle, clock) is None


def _fulfilled(whistle: Whistle, clock: Clock) -> datetime | None:
    match clock.kind:
        case ClockKind.RESPOND if clock.unit is not None:
            part = whistle.assignment_of(clock.unit)
            return part.responded_at if part else None
        case ClockKind.RESPOND:
            return whistle.responded_at
        case ClockKind.CONTROL:
            return whistle.controlled_at
    return whistle.closed_at


def headline(_: Speech, whistle: Whistle, unit: str) -> str:
    """The present state in one sentence for the reporter. `unit`: the lead's name."""
    disputed = whistle.pending_return
    if whistle.state is State.DISPATCHED and disputed is not None and disputed.leads:
        return _("{unit}说不归它管，正在裁定；裁定前仍由它负责", unit=unit)
    sentence = {
        "RAISED": _("哨已收到，指挥部正在受理"),
        "TRIAGED": _("已受理，正在派单"),
        "POOLED": _("已公开，等单位认领"),
        "CLAIMED": _("{unit}认领了，还没到场或联系", unit=unit),
        "DISPATCHED": _("已派给{unit}，还没回应", unit=unit),
        "RESPONDED": _("{unit}已经响应", unit=unit),
        "IN_PROGRESS": _("{unit}正在办", unit=unit),
        "SUSPENDED": _("已挂账，条件具备了就接着办"),
        "SUBMITTED": _("{unit}说办好了，正在核查", unit=unit),
        "VERIFIED": _("办好了，等您一句话"),
        "SELF_RESOLVED": _("网格员当场处置好了"),
        "CLOSED": _("已经办结"),
        "SELF_RESOLVED_CLOSED": _("已经办结"),
        "MERGED": _("和同一处的哨一起办"),
        "VOID": _("没有受理"),
        "WITHDRAWN": _("您已撤回"),
        "TRANSFERRED_OUT": _("已转给专门的部门"),
    }
    return sentence.get(whistle.state, "")
