"""Why a response is refused."""

from tracker.domain.errors import Conflict, Invalid, Words


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
        zh="打开定位后再报到",
        en="Switch on the location and report again",
    )
    field = "lat"


class TooFarAway(Invalid):
    code = "whistle.too_far_away"
    message = Words(
        zh="离现场 {metres} 米,须在 {limit} 米以内",
        en="{metres} m from the place; at most {limit} m",
    )
    remedy = Words(
        zh="到现场后再报到;地点有误请指挥部更正",
        en="Report on site; if the place is wrong, ask the post to correct it",
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


class ArrivalNeedsPhoto(Invalid):
    """The whistle's point is not known exactly, so a picture shows that somebody is there."""

    code = "whistle.arrival_needs_photo"
    message = Words(
        zh="{number} 没有准确位置,到场报到要拍照",
        en="The exact place of {number} is not known; an arrival needs a photo",
    )
    remedy = Words(zh="在现场拍一张照片再报到", en="Take a photo on site and report again")
    field = "photos"


class OutsideItsGrid(Invalid):
    code = "whistle.outside_its_grid"
    message = Words(
        zh="您不在网格 {grid} 内",
        en="You are not in grid {grid}",
    )
    remedy = Words(
        zh="到该网格内再报到;网格有误请指挥部更正",
        en="Report inside that grid; if it is the wrong one, ask the post to correct it",
    )
    field = "lat"


class ArrivalOnly(Invalid):
    """Class E1, or a unit that owes an arrival since the whistle became one."""

    code = "whistle.arrival_only"
    message = Words(
        zh="{number} 是紧急件,必须到场报到",
        en="{number} is an emergency: only an arrival counts",
    )
    remedy = Words(zh="到现场后报到", en="Report on site")
    field = "kind"


class CallRecordNeeded(Invalid):
    code = "whistle.call_record_needed"
    message = Words(
        zh="电话联系要写明何时打的、是否打通",
        en="A call is reported with its time and whether the reporter was reached",
    )
    remedy = Words(
        zh="填写通话时间和是否打通",
        en="Fill in when you called and whether you reached somebody",
    )
    field = "called_at"


class NumberNotOpened(Conflict):
    """Who never saw the reporter's number cannot have called it."""

    code = "whistle.number_not_opened"
    message = Words(
        zh="{unit} 还没有打开过 {number} 吹哨人的电话",
        en="{unit} has not opened the reporter's number of {number}",
    )
    remedy = Words(
        zh="先点“打开电话”,再打;没留电话的到现场报到",
        en="Open the number first, then call; where none was left, report on site",
    )


class NoCallToJudge(Conflict):
    """No unit says that it spoke to him, or he has said already whether it did."""

    code = "whistle.no_call_to_judge"
    message = Words(
        zh="{number} 没有等您确认的通话",
        en="No call on {number} waits for your word",
    )
    remedy = Words(
        zh="还有话要说,用“补充”",
        en="Add words if there is more to say",
    )


class CallOutOfTime(Invalid):
    code = "whistle.call_out_of_time"
    message = Words(
        zh="通话时间 {called_at} 早于吹哨或在将来",
        en="The call at {called_at} lies before the whistle or in the future",
    )
    remedy = Words(zh="按通话记录填写时间", en="Take the time from the phone's list of calls")
    field = "called_at"


class NotYetThere(Conflict):
    code = "whistle.not_yet_there"
    message = Words(
        zh="{unit} 还没有到场报到",
        en="{unit} has not reported on site yet",
    )
    remedy = Words(
        zh="先到场报到,再报告险情已控制",
        en="Report on site first, then say that the hazard is controlled",
    )
