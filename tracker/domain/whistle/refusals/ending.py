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
        zh="派单后只有市指挥中心可以作废",
        en="After dispatch only the city centre voids",
    )
    remedy = Words(
        zh="请督查或市指挥中心办理",
        en="Ask the supervisor or the city centre",
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
