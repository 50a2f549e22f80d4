"""Why raising a whistle is refused."""

from tracker.domain.errors import Conflict, Invalid, Words


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
        zh="发生时间 {occurred_at:year} 在将来",
        en="{occurred_at:year} is in the future",
    )
    remedy = Words(
        zh="核对手机时间,或不填发生时间",
        en="Check the phone's clock, or leave the time out",
    )
    field = "occurred_at"


class AlreadyReported(Conflict):
    code = "whistle.already_reported"
    message = Words(
        zh="您已经报过 {number}",
        en="You have reported {number} already",
    )
    remedy = Words(
        zh="要补充的话,用“补充”",
        en="Add words or photos to it",
    )


class NotJoinable(Conflict):
    code = "whistle.not_joinable"
    message = Words(
        zh="{number} 是保密件,不能一起吹哨",
        en="{number} is confidential and cannot be joined",
    )
    remedy = Words(
        zh="请作为新的一件吹哨",
        en="Raise a new whistle",
    )


class TakenBack(Conflict):
    code = "whistle.report_taken_back"
    message = Words(
        zh="您已撤回自己的吹哨",
        en="You have taken your report back",
    )
    remedy = Words(
        zh="还有问题请重新吹哨",
        en="Raise a new whistle if something is still wrong",
    )


class TooLateToAmend(Conflict):
    code = "whistle.too_late_to_amend"
    message = Words(
        zh="{number} 结案已超过 15 天",
        en="{number} was closed more than 15 days ago",
    )
    remedy = Words(
        zh="请重新吹哨",
        en="Raise a new whistle",
    )
