"""Why submitting, checking, following up, closing or reopening is refused."""

from tracker.domain.errors import Conflict, Forbidden, Invalid, Words


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
    """Two people checked it; the first verdict counts."""

    code = "whistle.already_verified"
    message = Words(
        zh="{number} 已由 {by} 核查:{verdict}",
        en="{by} has already checked {number}: {verdict}",
    )
    remedy = Words(
        zh="看到的若不一样,用“补充”写进这件哨",
        en="If you saw something else, add it to the whistle as words or photos",
    )


class OnlineOnly(Invalid):
    """A reporter tells his own verdict: he neither calls himself nor is he unreachable."""

    code = "whistle.online_only"
    message = Words(
        zh="您本人的评价只能在线提交",
        en="Your own verdict on {number} is given online",
    )
    remedy = Words(
        zh="方式填 online",
        en="Give the method online",
    )
    field = "method"


class OnSiteOnly(Invalid):
    """A grid worker follows up on site: he calls nobody, so nobody counts as unreachable."""

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


class CallTimeNeeded(Invalid):
    """A follow-up by phone, or one that reached nobody, has a record of the call."""

    code = "whistle.call_time_needed"
    message = Words(
        zh="电话回访要写明何时打的,没打通也要写",
        en="A follow-up by phone says when you called, also when nobody answered",
    )
    remedy = Words(zh="填写通话时间", en="Fill in the time of the call")
    field = "called_at"


class CallBeforeVerdict(Invalid):
    code = "whistle.call_outside_follow_up"
    message = Words(
        zh="通话时间 {called_at} 早于核查通过({verified_at}),或在将来",
        en="The call at {called_at} lies before the check ({verified_at}) or in the future",
    )
    remedy = Words(zh="按通话记录填写时间", en="Take the time from the phone's list of calls")
    field = "called_at"


class RatingNeeded(Invalid):
    """Who is asked by phone rates, or declines to."""

    code = "whistle.rating_needed"
    message = Words(
        zh="电话里问到的人要评几分,或写明不愿评价",
        en="Who is asked by phone gives a rating or declines to",
    )
    remedy = Words(zh="选一个分数,或选“不愿评价”", en="Choose a rating, or “would not rate”")
    field = "rating"


class VerdictGiven(Conflict):
    """Each reporter is asked once after each check."""

    code = "whistle.verdict_given"
    message = Words(
        zh="{number} 的这次评价已经记下",
        en="This verdict on {number} is already recorded",
    )
    remedy = Words(
        zh="还有话要说,用“补充”;结案后可以重办",
        en="Add words if there is more to say; after closing it may be reopened",
    )


class NothingToContradict(Conflict):
    """Nobody else recorded a verdict for him since it was last opened."""

    code = "whistle.nothing_to_contradict"
    message = Words(
        zh="{number} 没有别人替您记下的评价",
        en="Nobody recorded a verdict of yours on {number}",
    )
    remedy = Words(
        zh="等核查通过后自己评价;结案后可以重办",
        en="Give your own verdict after the check; after closing it may be reopened",
    )


class TooLateToContradict(Conflict):
    code = "whistle.too_late_to_contradict"
    message = Words(
        zh="回访记于 {recorded_at},已超过 7 天",
        en="The verdict was recorded at {recorded_at}, more than 7 days ago",
    )
    remedy = Words(
        zh="还没解决的,结案 15 天内可以重办",
        en="If it is not solved, it may be reopened within 15 days of its closing",
    )


class UnknownParty(Invalid):
    code = "whistle.unknown_party"
    message = Words(
        zh="{number} 没有第 {party} 位吹哨人在等答复",
        en="No reporter {party} of {number} is waiting",
    )
    remedy = Words(
        zh="刷新后看谁还在等",
        en="Reload to see who is waiting",
    )
    field = "party"


class NothingToAnswer(Conflict):
    code = "whistle.nothing_to_answer"
    message = Words(
        zh="{number} 没有人说“没解决”在等答复",
        en="Nobody who said “not solved” waits for an answer on {number}",
    )
    remedy = Words(
        zh="不用再做",
        en="Nothing more to do",
    )


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
        zh="请重新吹哨,写上这件的编号,将列入督办",
        en="Raise a new whistle that names this one; it will be supervised",
    )


class NotRespondedYet(Conflict):
    """A co-handler answers before it finishes; else its response would stay missed for ever."""

    code = "whistle.not_responded_yet"
    message = Words(
        zh="{unit} 还没有报到,不能先完成",
        en="{unit} has not responded yet and cannot finish first",
    )
    remedy = Words(zh="先报到,再提交", en="Respond first, then submit")


class HazardNotControlled(Conflict):
    code = "whistle.hazard_not_controlled"
    message = Words(
        zh="{number} 的险情还没有报告控制住",
        en="Nobody has said that the hazard of {number} is controlled",
    )
    remedy = Words(zh="先报“险情已控制”,再提交", en="Say that it is controlled, then submit")


class SamePicture(Invalid):
    """The picture of afterwards is one from before."""

    code = "whistle.same_picture"
    message = Words(
        zh="处理后的照片和之前的是同一张",
        en="The picture of afterwards is one of those from before",
    )
    remedy = Words(zh="拍一张处理后的照片", en="Take a picture of how it is now")
    field = "photos"


class FindingNeeded(Invalid):
    code = "whistle.finding_needed"
    message = Words(
        zh="要写明看到了什么,或附一张照片",
        en="Say what you saw, or add a photo",
    )
    remedy = Words(zh="写一句话或拍一张照片", en="Write a sentence or take a photo")
    field = "note"


class ClosingNeedsReason(Invalid):
    code = "whistle.closing_needs_reason"
    message = Words(
        zh="以诉求不合理结案要写明理由",
        en="To close it as unreasonable needs a reason",
    )
    remedy = Words(zh="写明裁定的理由", en="Write why it was so decided")
    field = "reason"
