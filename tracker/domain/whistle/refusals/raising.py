"""Why raising a whistle is refused."""

from tracker.domain.errors import Invalid, Words


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
