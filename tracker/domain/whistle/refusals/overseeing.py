"""Why escalating, supervising or correcting is refused."""

from tracker.domain.errors import Conflict, Invalid, Words


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


class NotTheNextLevel(Invalid):
    code = "whistle.not_the_next_level"
    message = Words(
        zh="不能升到第 {level} 级，下一级是第 {following} 级",
        en="It does not go to level {level}; the next one is {following}",
    )
    remedy = Words(
        zh="逐级上升；只有紧急事项可以越级",
        en="One level at a time; only an emergency goes to any higher one",
    )
    field = "level"


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
    """The post handles it already."""

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


class NothingToMend(Conflict):
    code = "whistle.nothing_to_mend"
    message = Words(
        zh="{number} 没有要补正的",
        en="Nothing of {number} is to be mended",
    )
    remedy = Words(
        zh="不用再做",
        en="Nothing more to do",
    )


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
