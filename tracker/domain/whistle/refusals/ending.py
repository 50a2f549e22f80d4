"""Why withdrawing, voiding, transferring out or excluding is refused."""

from tracker.domain.errors import Conflict, Forbidden, Invalid, Words


class NotAVoidReason(Invalid):
    code = "whistle.not_a_void_reason"
    message = Words(
        zh="{reason} 不是作废的理由",
        en="{reason} is no reason to void",
    )
    remedy = Words(
        zh="理由只能是:{known};不得因难办或超期作废",
        en="Only: {known}; never because it is hard or overdue",
    )
    field = "reason"


class OnlyTheCityVoids(Forbidden):
    code = "whistle.only_the_city_voids"
    message = Words(
        zh="派单后、超期后或结案后,由督查提出作废、市指挥中心确认",
        en="After dispatch, after a missed due or after closing the supervisor proposes to void "
        "and the city centre confirms",
    )
    remedy = Words(
        zh="请督查提出、市指挥中心确认",
        en="Ask the supervisor to propose and the city centre to confirm",
    )


class OnlyThePostVoids(Forbidden):
    code = "whistle.only_the_post_voids"
    message = Words(
        zh="派单前由受理员提出作废、指挥长确认",
        en="Before dispatch intake proposes to void and the commander confirms",
    )
    remedy = Words(
        zh="请受理员提出、指挥长确认",
        en="Ask intake to propose and the commander to confirm",
    )


class OthersFollowIt(Conflict):
    code = "whistle.others_follow_it"
    message = Words(
        zh="{number} 并入了 {children} 件,结案后不能作废",
        en="{children} whistles were merged into {number}: closed, it is not voided",
    )
    remedy = Words(
        zh="先把不是同一件事的分出来",
        en="Take out those that are another problem first",
    )


class OnlyTheCityTransfers(Forbidden):
    code = "whistle.only_the_city_transfers"
    message = Words(
        zh="响应时限过半后转出,由市指挥中心确认",
        en="After half of the respond limit the city centre confirms a transfer",
    )
    remedy = Words(
        zh="请市指挥中心确认",
        en="Ask the city centre to confirm",
    )


class OnlyTheCityOverturns(Forbidden):
    code = "whistle.only_the_city_overturns"
    message = Words(
        zh="已作废的事项只有督查或市指挥中心可以恢复",
        en="Only the supervisor or the city centre takes up a void whistle again",
    )
    remedy = Words(
        zh="请向督查或市指挥中心申诉,或重新吹哨",
        en="Appeal to the supervisor or the city centre, or raise a new whistle",
    )


class TooLateToAppeal(Conflict):
    code = "whistle.too_late_to_appeal"
    message = Words(
        zh="作废已超过 7 天",
        en="It was voided more than 7 days ago",
    )
    remedy = Words(
        zh="请重新吹哨",
        en="Raise a new whistle",
    )


class NotATarget(Invalid):
    code = "whistle.not_a_target"
    message = Words(
        zh="{target} 不在转出名单",
        en="{target} is not on the list of targets",
    )
    remedy = Words(
        zh="可转:{known}",
        en="Choose one of: {known}",
    )
    field = "target"


class AlreadyExcluded(Conflict):
    code = "whistle.already_excluded"
    message = Words(
        zh="{number} 已经剔除",
        en="{number} is already left out of the scores",
    )
    remedy = Words(
        zh="不用再做",
        en="Nothing more to do",
    )


class NotAnExclusionReason(Invalid):
    code = "whistle.not_an_exclusion_reason"
    message = Words(
        zh="{reason} 不是剔除的理由",
        en="{reason} is no reason to leave it out of the scores",
    )
    remedy = Words(
        zh="理由只能是:{known};不得因难办或超期剔除",
        en="Only: {known}; never because it is hard or overdue",
    )
    field = "reason"


class OnlyTheSupervisorExcludes(Forbidden):
    code = "whistle.only_the_supervisor_excludes"
    message = Words(
        zh="剔除考核由督查提出",
        en="The supervisor proposes to leave {number} out of the scores",
    )
    remedy = Words(
        zh="请督查提出、审计确认",
        en="Ask the supervisor to propose and the auditor to confirm",
    )


class OnlyTheAuditorConfirms(Forbidden):
    code = "whistle.only_the_auditor_confirms"
    message = Words(
        zh="{number} 的剔除已经提出,由审计确认",
        en="It is proposed to leave {number} out of the scores; the auditor confirms",
    )
    remedy = Words(zh="请审计确认", en="Ask the auditor to confirm")


class MonthIsFrozen(Conflict):
    """A frozen figure is never rewritten (domain.md §6.0)."""

    code = "whistle.month_is_frozen"
    message = Words(
        zh="{number} 计入的 {month} 已经冻结,不能再剔除",
        en="{month}, in which {number} counts, is frozen: it is left out no more",
    )
    remedy = Words(
        zh="冻结以前提出;事后知道的列在调整里",
        en="Propose it before the freeze; what is known later stands among the adjustments",
    )
