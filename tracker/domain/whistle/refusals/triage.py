"""Why classifying or resolving on the spot is refused."""

from tracker.domain.errors import Conflict, Forbidden, Invalid, Words


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


class UseCorrect(Conflict):
    """One person may not do it alone; `field` names the fact."""

    code = "whistle.use_correct"
    message = Words(
        zh="现在改 {number} 的这一项要两个人确认",
        en="Changing this of {number} now takes two people",
    )
    remedy = Words(
        zh="请用“更正”提出并写明原因，由另一人确认",
        en="Propose it as a correction with its reason; another person approves it",
    )


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
