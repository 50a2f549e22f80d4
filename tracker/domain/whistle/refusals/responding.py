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
