"""Why correcting a fact is refused."""

from tracker.domain.errors import Forbidden, Invalid, Words


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


class OnlyTheReceivingPost(Forbidden):
    code = "whistle.only_the_receiving_post"
    message = Words(
        zh="改到 {post} 要由 {post} 同意",
        en="Only {post}, which would receive {number}, may approve this",
    )
    remedy = Words(
        zh="请 {post} 或市指挥中心确认",
        en="Ask {post} or the city centre to approve it",
    )


class OnlyAboveThePost(Forbidden):
    code = "whistle.only_above_the_post"
    message = Words(
        zh="{number} 改为更宽的等级 {sla_class}，要由上级同意",
        en="Only somebody above the post may give {number} the milder class {sla_class}",
    )
    remedy = Words(
        zh="请督查或市指挥中心确认",
        en="Ask the supervisor or the city centre to approve it",
    )


class OccurredAfterRaised(Invalid):
    """domain.md §4.2, correct: a corrected time obeys occurred_at ≤ raised_at."""

    code = "whistle.occurred_after_raised"
    message = Words(
        zh="发生时间 {occurred_at:year} 晚于登记时间 {registered_at:year}",
        en="{occurred_at:year} is later than the registration at {registered_at:year}",
    )
    remedy = Words(
        zh="填登记以前的时间",
        en="Give a time before the registration",
    )
    field = "value"
