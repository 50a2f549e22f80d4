"""Why annulling events that never happened is refused."""

from tracker.domain.errors import Conflict, Forbidden, Invalid, Words


class NothingToAnnul(Conflict):
    code = "whistle.nothing_to_annul"
    message = Words(
        zh="{number} 没有系统按时间记下的事",
        en="Nothing of {number} was recorded by time alone",
    )
    remedy = Words(zh="不用再做", en="Nothing more to do")


class OnlyTheCityAsks(Forbidden):
    code = "whistle.only_the_city_annuls"
    message = Words(
        zh="注销误记由市指挥中心提议,审计确认",
        en="The city centre asks to annul, and the auditor confirms",
    )
    remedy = Words(zh="请市指挥中心提议", en="Let the city centre ask for it")


class NotWhatWasAsked(Conflict):
    code = "whistle.not_what_was_asked"
    message = Words(
        zh="提议注销的是 {asked},不是 {events}",
        en="It was asked to annul {asked}, not {events}",
    )
    remedy = Words(
        zh="请核对后确认提议的那几条,或请市指挥中心重新提议",
        en="Confirm those that were asked for, or let the city centre ask again",
    )


class UnknownEvents(Invalid):
    code = "whistle.unknown_events"
    message = Words(zh="{number} 没有这几条记录:{events}", en="{number} has no events {events}")
    remedy = Words(zh="请按时间线上的序号选", en="Choose them by the numbers that the story shows")
    field = "events"


class DoneByPeople(Conflict):
    code = "whistle.done_by_people"
    message = Words(
        zh="第 {event} 条不是系统按时间记下的,不能注销",
        en="Event {event} was not recorded by time alone, and may not be annulled",
    )
    remedy = Words(
        zh="人说的、做的、评的都保留;写错了用更正",
        en="What people said, did and judged stays; what is wrong is corrected",
    )


class AnnulledBefore(Conflict):
    code = "whistle.annulled_before"
    message = Words(zh="第 {event} 条已经注销", en="Event {event} is annulled already")
    remedy = Words(zh="不用再做", en="Nothing more to do")


class ItHappened(Conflict):
    """The moment really came while the clock ran: it was late, and is never annulled for that."""

    code = "whistle.it_happened"
    message = Words(
        zh="第 {event} 条的时间 {moment} 确实过了,不能因为超时而注销",
        en="The moment of event {event}, {moment}, really came: being late is no reason to annul",
    )
    remedy = Words(
        zh="确非单位责任的,由督查提议剔除考核",
        en="If nobody is to blame, the supervisor asks to exclude it from scoring",
    )


class ItsCauseStays(Conflict):
    code = "whistle.its_cause_stays"
    message = Words(
        zh="第 {event} 条随第 {cause} 条而来,不能单独注销",
        en="Event {event} followed from event {cause}, and is not annulled without it",
    )
    remedy = Words(zh="请把这两条一起选上", en="Choose both of them together")


class SomethingRestsOnIt(Conflict):
    """`later` rests on `event`: an event of time is annulled with it, a person's act never."""

    code = "whistle.something_rests_on_it"
    message = Words(
        zh="第 {later} 条({what})以第 {event} 条为依据,没有一起注销",
        en="Event {later} ({what}) rests on event {event}, and is not annulled with it",
    )
    remedy = Words(
        zh="系统记的请一起选上;人做的不能注销,请先另行处理",
        en="Choose it too if time recorded it; what a person did must be dealt with first",
    )
