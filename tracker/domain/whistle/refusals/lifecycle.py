"""Why any step may be refused: the state, the unit's part, the second person."""

from tracker.domain.errors import Conflict, Forbidden, Words


class NotInState(Conflict):
    code = "whistle.not_in_state"
    message = Words(
        zh="{number} 现在是“{state}”,这一步要在“{wanted}”时做",
        en="{number} is “{state}”; this is done when it is “{wanted}”",
    )
    remedy = Words(
        zh="刷新后看现在能做什么",
        en="Reload to see what may be done now",
    )


class AlreadyTerminal(Conflict):
    code = "whistle.already_ended"
    message = Words(
        zh="{number} 已经结束({state})",
        en="{number} has already ended ({state})",
    )
    remedy = Words(
        zh="结案 15 天内可以重开,否则请重新吹哨",
        en="Reopen within 15 days of closing, or raise a new whistle",
    )


class AlreadyMerged(Conflict):
    code = "whistle.already_merged"
    message = Words(
        zh="{number} 已并入 {into}",
        en="{number} was merged into {into}",
    )
    remedy = Words(
        zh="到 {into} 上办理,或先解除合并",
        en="Act on {into}, or unmerge first",
    )


class NotTheLead(Forbidden):
    code = "whistle.not_the_lead"
    message = Words(
        zh="{number} 的主办是 {lead}",
        en="The lead of {number} is {lead}",
    )
    remedy = Words(
        zh="请主办单位办理",
        en="Ask the lead unit",
    )


class NotYourTask(Forbidden):
    code = "whistle.not_your_task"
    message = Words(
        zh="{number} 没有派给 {unit}",
        en="{number} was not given to {unit}",
    )
    remedy = Words(
        zh="请派遣员增加为协办",
        en="Ask the dispatcher to add you as a co-handler",
    )


class SecondPersonNeeded(Conflict):
    code = "whistle.second_person_needed"
    message = Words(
        zh="{by} 已经提出,须由另一人确认",
        en="{by} has asked already; another person must confirm",
    )
    remedy = Words(
        zh="请有权限的同事确认",
        en="Ask a colleague with the right to confirm",
    )
