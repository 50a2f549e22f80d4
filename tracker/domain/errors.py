"""Every refusal has a code, the words in both languages, and the way on. It knows no HTTP.

The kinds (`Conflict`, `Forbidden`, …) say what stands in the way; `api/problems.py` maps them once.
"""

from dataclasses import dataclass
from typing import Any, ClassVar


@dataclass(frozen=True)
class Words:
    """One sentence in both languages; `{names}` are filled from the refusal's facts."""

    zh: str
    en: str

    def say(self, language: str, facts: dict[str, Any]) -> str:
        """The sentence in `zh` or `en`; a fact with words of its own, e.g. a state, says them."""
        shown = {name: spoken(fact, language) for name, fact in facts.items()}
        return (self.en if language == "en" else self.zh).format_map(_Shown(shown))


def spoken(fact: Any, language: str) -> Any:
    """A fact as people say it; several are told one after the other."""
    if isinstance(fact, tuple):
        told = dict.fromkeys(str(spoken(one, language)) for one in fact)
        return ", ".join(told) if language == "en" else "、".join(told)
    words = getattr(fact, "words", None)
    return words.say(language, {}) if isinstance(words, Words) else fact


class _Shown(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return "—"


class Refusal(Exception):
    """A command that may not happen. `facts` are plain values for messages and machines."""

    code: ClassVar[str] = "refused"
    message: ClassVar[Words] = Words(zh="不能这样做", en="This may not be done")
    remedy: ClassVar[Words] = Words(zh="请核对后再试", en="Check and try again")

    def __init__(self, **facts: Any) -> None:
        super().__init__(self.code)
        self.facts = facts

    def __str__(self) -> str:
        return f"{self.code}: {self.message.say('en', self.facts)}"


class Invalid(Refusal):
    """What was said cannot be taken; `field` names where."""

    code = "invalid"
    field: ClassVar[str | None] = None


class Forbidden(Refusal):
    """This person may not do it; somebody else may."""

    code = "forbidden"


class Conflict(Refusal):
    """The state of the whistle, or somebody who came first, stands in the way."""

    code = "conflict"


class NotFound(Refusal):
    """There is no such thing, or not for this person."""

    code = "not_found"


class NothingSaid(Invalid):
    code = "whistle.nothing_said"
    message = Words(
        zh="没有文字也没有照片",
        en="Neither words nor a picture",
    )
    remedy = Words(
        zh="写一句话或拍一张照片",
        en="Write a sentence or take a picture",
    )
    field = "text"


class OccurredInTheFuture(Invalid):
    code = "whistle.occurred_in_the_future"
    message = Words(
        zh="发生时间 {occurred_at} 在将来",
        en="{occurred_at} is in the future",
    )
    remedy = Words(
        zh="核对手机时间,或不填发生时间",
        en="Check the phone's clock, or leave the time out",
    )
    field = "occurred_at"


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


class DowngradeNeedsReason(Invalid):
    code = "whistle.downgrade_needs_reason"
    message = Words(
        zh="从紧急降级须写明原因",
        en="Leaving the emergency class needs a reason",
    )
    remedy = Words(
        zh="填写原因后再提交",
        en="Give the reason and submit again",
    )
    field = "reason"


class NotSelfResolvable(Conflict):
    code = "whistle.not_self_resolvable"
    message = Words(
        zh="{number} 不能自处置({why})",
        en="{number} may not be self-resolved ({why})",
    )
    remedy = Words(
        zh="请分类后派单",
        en="Classify and dispatch it",
    )


class NotYourGrid(Forbidden):
    code = "whistle.not_your_grid"
    message = Words(
        zh="{number} 在网格 {grid},不在您的网格",
        en="{number} lies in grid {grid}, not in yours",
    )
    remedy = Words(
        zh="请本网格的网格员处理",
        en="Ask the grid worker of that grid",
    )


class PhotosNeeded(Invalid):
    code = "whistle.photos_needed"
    message = Words(
        zh="{number} 需要照片作为凭据",
        en="{number} needs pictures as evidence",
    )
    remedy = Words(
        zh="补上处置前后的照片",
        en="Add the pictures from before and after",
    )
    field = "photos"


class CannotMerge(Conflict):
    code = "whistle.cannot_merge"
    message = Words(
        zh="{number} 不能并入 {into}:{why}",
        en="{number} cannot be merged into {into}: {why}",
    )
    remedy = Words(
        zh="只合并同类、50 米内或同名地点、30 天内、未结束的事项",
        en="Only the same family, within 50 m or at the same named place, within 30 days, open",
    )


class TooLateToUnmerge(Conflict):
    code = "whistle.too_late_to_unmerge"
    message = Words(
        zh="{into} 结案已超过 15 天",
        en="{into} was closed more than 15 days ago",
    )
    remedy = Words(
        zh="请重新吹哨",
        en="Raise a new whistle",
    )


class NotPoolable(Conflict):
    code = "whistle.not_poolable"
    message = Words(
        zh="{number} 不能进认领池",
        en="{number} may not be opened to claims",
    )
    remedy = Words(
        zh="请直接派单",
        en="Dispatch it",
    )


class AlreadyClaimed(Conflict):
    """Two units reached for one whistle; the log kept the first."""

    code = "whistle.already_claimed"
    message = Words(
        zh="{number} 已由 {lead} 认领",
        en="{lead} has already claimed {number}",
    )
    remedy = Words(
        zh="可申请作为协办单位加入",
        en="Ask to join as a co-handler",
    )


class NotPooled(Conflict):
    code = "whistle.not_pooled"
    message = Words(
        zh="{number} 不在认领池({state})",
        en="{number} is not in the pool ({state})",
    )
    remedy = Words(
        zh="请从认领池里选一件",
        en="Choose one from the pool",
    )


class NotCapable(Forbidden):
    code = "whistle.not_capable"
    message = Words(
        zh="{unit} 不能认领这一类事项",
        en="{unit} may not claim this category",
    )
    remedy = Words(
        zh="请选择本单位可认领的类别",
        en="Choose a category that your unit may claim",
    )


class AlreadyAssigned(Conflict):
    code = "whistle.already_assigned"
    message = Words(
        zh="{number} 已派给 {lead}",
        en="{number} has been given to {lead}",
    )
    remedy = Words(
        zh="可增加协办,或等退单裁定",
        en="Add a co-handler, or wait for a return to be decided",
    )


class NotOnDuty(Invalid):
    code = "whistle.not_on_duty"
    message = Words(
        zh="{unit} 不在吹哨责任单位名单",
        en="{unit} is not on the duty list",
    )
    remedy = Words(
        zh="从责任单位名单里选主办",
        en="Choose the lead from the duty list",
    )
    field = "lead"


class UnitTwice(Invalid):
    code = "whistle.unit_twice"
    message = Words(
        zh="同一单位出现了两次",
        en="A unit is named twice",
    )
    remedy = Words(
        zh="主办和协办不要重复",
        en="Name each unit once",
    )
    field = "co"


class LeadCannotBeRemoved(Conflict):
    code = "whistle.lead_cannot_be_removed"
    message = Words(
        zh="{lead} 是主办,不能移除",
        en="{lead} leads and cannot be removed",
    )
    remedy = Words(
        zh="主办要退出请走退单",
        en="A lead leaves by a return",
    )


class AlreadyResponded(Conflict):
    code = "whistle.already_responded"
    message = Words(
        zh="{unit} 已经报到",
        en="{unit} has already responded",
    )
    remedy = Words(
        zh="可以开始办理",
        en="Start the work",
    )


class ArrivalNeedsPoint(Invalid):
    code = "whistle.arrival_needs_point"
    message = Words(
        zh="到场报到需要定位",
        en="An arrival needs a point",
    )
    remedy = Words(
        zh="打开定位后再报到,或改用电话联系",
        en="Switch on the location, or report a call",
    )
    field = "lat"


class TooFarAway(Invalid):
    code = "whistle.too_far_away"
    message = Words(
        zh="离现场 {metres} 米,须在 {limit} 米以内",
        en="{metres} m from the place; at most {limit} m",
    )
    remedy = Words(
        zh="到现场后再报到,或改用电话联系",
        en="Report on site, or report a call",
    )
    field = "lat"


class NoHazardToControl(Conflict):
    code = "whistle.no_hazard"
    message = Words(
        zh="{number} 没有待控制的险情",
        en="{number} has no hazard to control",
    )
    remedy = Words(
        zh="直接办理",
        en="Go on with the work",
    )


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
        zh="最多可以批 {days} 天",
        en="At most {days} days may be approved",
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


class SamePersonAgain(Forbidden):
    code = "whistle.same_person"
    message = Words(
        zh="{by} 做过上一步,不能自己核自己",
        en="{by} did the step before; nobody checks their own work",
    )
    remedy = Words(
        zh="请另一位同事办理",
        en="Ask a colleague",
    )


class AlreadyVerified(Conflict):
    """Two people went to look; the log kept the first."""

    code = "whistle.already_verified"
    message = Words(
        zh="{number} 已由 {by} 核查:{verdict}",
        en="{by} has already checked {number}: {verdict}",
    )
    remedy = Words(
        zh="看到的若不一样,用“补充”写进这件哨",
        en="If you saw something else, add it to the whistle as words or photos",
    )


class OnSiteOnly(Invalid):
    """A grid worker's follow-up is a site check: nobody is called, nobody counts as unreachable."""

    code = "whistle.on_site_only"
    message = Words(
        zh="网格员回访 {number} 只能上门查看",
        en="A grid worker follows {number} up on site only",
    )
    remedy = Words(
        zh="回访方式选“上门”,电话请回访员打",
        en="Choose “on site”; calls are the follow-up agent's",
    )
    field = "method"


class CoTasksOpen(Conflict):
    code = "whistle.co_tasks_open"
    message = Words(
        zh="协办 {units} 还没有完成",
        en="{units} have not finished their part",
    )
    remedy = Words(
        zh="请协办提交,或请派遣员免除",
        en="Let them submit, or ask the dispatcher to waive them",
    )


class AnonymousHasNoRating(Invalid):
    code = "whistle.anonymous_has_no_rating"
    message = Words(
        zh="匿名事项由现场核实,没有满意度",
        en="An anonymous whistle is checked on site and has no rating",
    )
    remedy = Words(
        zh="不要填写满意度",
        en="Leave the rating out",
    )
    field = "rating"


class VerdictNeeded(Invalid):
    code = "whistle.verdict_mismatch"
    message = Words(
        zh="联系不上就没有结论",
        en="Who was not reached gave no verdict",
    )
    remedy = Words(
        zh="联系不上时不填结论和满意度",
        en="Leave verdict and rating out when unreachable",
    )
    field = "resolved"


class NothingToClose(Conflict):
    code = "whistle.nothing_to_close"
    message = Words(
        zh="{number} 要先回访",
        en="{number} has to be followed up first",
    )
    remedy = Words(
        zh="先回访;诉求不合理时提出结案,由另一人确认",
        en="Follow up first; an unreasonable claim is closed by a second person",
    )


class TooLateToReopen(Conflict):
    code = "whistle.too_late_to_reopen"
    message = Words(
        zh="结案已超过 15 天",
        en="It was closed more than 15 days ago",
    )
    remedy = Words(
        zh="请重新吹哨",
        en="Raise a new whistle",
    )


class TooManyReopens(Conflict):
    code = "whistle.too_many_reopens"
    message = Words(
        zh="已经重开 {limit} 次",
        en="It has been reopened {limit} times",
    )
    remedy = Words(
        zh="请重新吹哨,将列入督办",
        en="Raise a new whistle; it will be supervised",
    )


class HazardStays(Conflict):
    code = "whistle.hazard_stays"
    message = Words(
        zh="{sla_class} 派出后不能撤回,险情还在",
        en="Class {sla_class} stays once units were sent: the hazard is still there",
    )
    remedy = Words(
        zh="请等待处置",
        en="Wait for the units",
    )


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


class HighestLevel(Conflict):
    code = "whistle.highest_level"
    message = Words(
        zh="{number} 已在最高级",
        en="{number} is at the highest level already",
    )
    remedy = Words(
        zh="请州级处理或降级",
        en="Let the prefecture act, or send it back down",
    )


class PrefectureNotYet(Conflict):
    code = "whistle.prefecture_not_yet"
    message = Words(
        zh="市级超期两倍后才能到州级",
        en="Only what is 200 % overdue at the city goes to the prefecture",
    )
    remedy = Words(
        zh="请市级先处理",
        en="Let the city act first",
    )


class LowestLevel(Conflict):
    code = "whistle.lowest_level"
    message = Words(
        zh="{number} 没有升级过",
        en="{number} has not been escalated",
    )
    remedy = Words(
        zh="不用降级",
        en="Nothing to send back",
    )


class AlreadyThere(Conflict):
    """The post works on it already."""

    code = "whistle.already_there"
    message = Words(zh="{number} 已在 {post} 办理", en="{number} is with {post} already")
    remedy = Words(zh="无须移交", en="Nothing is to be handed over")


class AlreadySupervised(Conflict):
    code = "whistle.already_supervised"
    message = Words(
        zh="{number} 已在督办",
        en="{number} is already under supervision",
    )
    remedy = Words(
        zh="不用再做",
        en="Nothing more to do",
    )


class NotSupervised(Conflict):
    code = "whistle.not_supervised"
    message = Words(
        zh="{number} 没有在督办",
        en="{number} is not under supervision",
    )
    remedy = Words(
        zh="不用再做",
        en="Nothing more to do",
    )


class NotCorrectable(Invalid):
    code = "whistle.not_correctable"
    message = Words(
        zh="{name} 不能更正",
        en="{name} cannot be corrected",
    )
    remedy = Words(
        zh="可更正:{known}",
        en="Choose one of: {known}",
    )
    field = "field"


class NothingToRecompute(Conflict):
    code = "whistle.nothing_to_recompute"
    message = Words(
        zh="{number} 没有待重算的时限",
        en="No deadline of {number} waits for a calendar",
    )
    remedy = Words(
        zh="不用再做",
        en="Nothing more to do",
    )


class UnknownWhistle(NotFound):
    code = "whistle.not_found"
    message = Words(
        zh="没有 {number}",
        en="There is no {number}",
    )
    remedy = Words(
        zh="核对编号",
        en="Check the number",
    )


class VersionMoved(Refusal):
    """`If-Match` named another version than the stream's."""

    code = "whistle.version_moved"
    message = Words(
        zh="{number} 已经变了:现在是第 {version} 版",
        en="{number} has moved on to version {version}",
    )
    remedy = Words(
        zh="刷新后再做",
        en="Reload and try again",
    )
