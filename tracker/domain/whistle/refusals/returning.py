"""Why a return, or the decision on it, is refused."""

from tracker.domain.errors import Conflict, Forbidden, Invalid, Words


class EmergencyNotReturnable(Conflict):
    code = "whistle.emergency_not_returnable"
    message = Words(
        zh="紧急事项不能退单",
        en="An emergency may not be returned",
    )
    remedy = Words(
        zh="先处置,后争议",
        en="Act first, dispute later",
    )


class ReturnPending(Conflict):
    code = "whistle.return_pending"
    message = Words(
        zh="{unit} 的退单正在裁定",
        en="A return by {unit} is being decided",
    )
    remedy = Words(
        zh="等待裁定",
        en="Wait for the decision",
    )


class ClaimedByItself(Conflict):
    code = "whistle.claimed_by_itself"
    message = Words(
        zh="{unit} 自己认领的，不能退单",
        en="{unit} has claimed it itself and may not return it",
    )
    remedy = Words(
        zh="请继续办理，可申请协办",
        en="Go on, and ask for a co-handler if needed",
    )


class Designated(Conflict):
    code = "whistle.designated"
    message = Words(
        zh="{unit} 是指定管辖,不能再退",
        en="{unit} was designated; no further return",
    )
    remedy = Words(
        zh="请按指定办理",
        en="Handle it as designated",
    )


class AlreadyReturned(Conflict):
    code = "whistle.already_returned"
    message = Words(
        zh="{unit} 已退过一次",
        en="{unit} has returned it once already",
    )
    remedy = Words(
        zh="每单位每件只能退一次",
        en="One return for each unit and whistle",
    )


class ReturnTooLate(Conflict):
    code = "whistle.return_too_late"
    message = Words(
        zh="退单时限 {closed_at} 已过",
        en="The time to return ended at {closed_at}",
    )
    remedy = Words(
        zh="请继续办理,可申请协办",
        en="Go on, and ask for a co-handler if needed",
    )


class CityDecides(Forbidden):
    code = "whistle.city_decides"
    message = Words(
        zh="涉及两个单位或第二次争议,由市指挥中心裁定",
        en="Two bureaux or a second dispute: the city centre decides",
    )
    remedy = Words(
        zh="请市指挥中心裁定",
        en="Ask the city centre",
    )


class NoReturnPending(Conflict):
    code = "whistle.no_return_pending"
    message = Words(
        zh="{number} 没有待裁定的退单",
        en="No return of {number} waits for a decision",
    )
    remedy = Words(
        zh="刷新后再看",
        en="Reload and look again",
    )


class NewLeadNeeded(Invalid):
    code = "whistle.new_lead_needed"
    message = Words(
        zh="支持退单须指定另一个主办单位",
        en="Upholding a return needs another lead",
    )
    remedy = Words(
        zh="选择新的主办单位",
        en="Choose the new lead",
    )
    field = "lead"
