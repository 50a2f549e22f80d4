"""Why an extension or a suspension is refused."""

from collections.abc import Mapping

from tracker.domain.errors import Conflict, Forbidden, Invalid, Named, Words


class ExtensionPending(Conflict):
    code = "whistle.extension_pending"
    message = Words(
        zh="已有一项延期申请待批",
        en="An extension is already waiting for a decision",
    )
    remedy = Words(
        zh="等待批复",
        en="Wait for the decision",
    )


class TooLateToExtend(Conflict):
    code = "whistle.too_late_to_extend"
    message = Words(
        zh="时限 {due} 已过,不能再申请延期",
        en="The deadline {due} has passed; too late to extend",
    )
    remedy = Words(
        zh="请尽快办结",
        en="Finish as soon as you can",
    )


class NoExtensionLeft(Conflict):
    code = "whistle.no_extension_left"
    message = Words(
        zh="{sla_class} 不能(再)延期",
        en="Class {sla_class} allows no (further) extension",
    )
    remedy = Words(
        zh="请按期办结,或申请挂账",
        en="Finish in time, or ask for a suspension",
    )


class NoExtensionPending(Conflict):
    code = "whistle.no_extension_pending"
    message = Words(
        zh="{number} 没有待批的延期",
        en="No extension of {number} waits for a decision",
    )
    remedy = Words(
        zh="刷新后再看",
        en="Reload and look again",
    )


class RequesterCannotDecide(Forbidden):
    code = "whistle.requester_cannot_decide"
    message = Words(
        zh="申请人不能批自己的延期",
        en="The requester may not decide the extension",
    )
    remedy = Words(
        zh="请批准人处理",
        en="Ask the approver",
    )


class NotTheApprover(Forbidden):
    code = "whistle.not_the_approver"
    message = Words(
        zh="须由 {approver} 批准",
        en="{approver} has to approve",
    )
    remedy = Words(
        zh="请有权限的批准人处理",
        en="Ask the approver",
    )


CITYS = "city_supervisor"
STREETS = "subdistrict_dispatcher"
APPROVER_WORDS: Mapping[str, Words] = {
    STREETS: Words(
        "街道派遣员、指挥长或市指挥中心", "the street's dispatcher, commander or the city"
    ),
    CITYS: Words("督查或市指挥中心", "the supervisor or the city centre"),
}


def approver_named(approver: str) -> Named:
    """Who approves, as the policy names him, and in words."""
    return Named(approver, APPROVER_WORDS[approver])


class NotPausable(Conflict):
    code = "whistle.not_pausable"
    message = Words(
        zh="{sla_class} 不能挂账",
        en="Class {sla_class} may not be suspended",
    )
    remedy = Words(
        zh="请继续办理",
        en="Go on with the work",
    )


class TooLateToSuspend(Conflict):
    """What is red stays red: no breach leaves its month by a suspension (domain.md §6.2)."""

    code = "whistle.too_late_to_suspend"
    message = Words(
        zh="办理时限 {due} 已过，不能再挂账",
        en="The deadline {due} has passed; too late to suspend",
    )
    remedy = Words(
        zh="请尽快办结",
        en="Finish as soon as you can",
    )


class NotASuspendReason(Invalid):
    """Only what the list names suspends a whistle: "too hard" is none (domain.md §4.2)."""

    code = "whistle.not_a_suspend_reason"
    message = Words(zh="“{reason}” 不是挂账理由", en="{reason} is no reason to suspend")
    remedy = Words(zh="请从 {known} 中选择", en="Choose one of {known}")
    field = "reason"


class SafetyMeasureNeeded(Invalid):
    code = "whistle.safety_measure_needed"
    message = Words(
        zh="要写明挂账期间的临时安全措施",
        en="Say what keeps people safe while it is suspended",
    )
    remedy = Words(
        zh="写一句话再提交",
        en="Write a sentence and submit again",
    )
    field = "safety_measure"


class ReviewTooSoon(Invalid):
    code = "whistle.review_too_soon"
    message = Words(
        zh="复核日期 {review_on} 不在将来",
        en="The review date {review_on} is not in the future",
    )
    remedy = Words(
        zh="选择明天以后的日期",
        en="Choose a later date",
    )
    field = "review_on"


class ReviewTooFar(Invalid):
    code = "whistle.review_too_far"
    message = Words(
        zh="还可以批 {days} 天",
        en="{days} more days may be approved",
    )
    remedy = Words(
        zh="缩短日期,或请市指挥中心批准",
        en="Shorten it, or ask the city centre",
    )
    field = "review_on"


class WaitedAlready(Conflict):
    code = "whistle.waited_already"
    message = Words(
        zh="等待反映人只能用一次",
        en="Waiting for the reporter is allowed once",
    )
    remedy = Words(
        zh="请继续办理或另选原因",
        en="Go on, or give another reason",
    )
