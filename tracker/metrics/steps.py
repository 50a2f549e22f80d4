"""The steps of a whistle and what counts as a repeat. The page of definitions reads this file."""

from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum

from tracker.domain.errors import Words
from tracker.domain.whistle.states import State


class Step(StrEnum):
    """In the order in which a whistle passes through them."""

    DISPATCH = "dispatch"
    RETURNS = "returns"
    RESPONSE = "response"
    WORK = "work"
    SUSPENDED = "suspended"
    VERIFICATION = "verification"
    FOLLOW_UP = "follow_up"


STEP_WORDS: Mapping[Step, Words] = {
    Step.DISPATCH: Words("等待派单", "waiting for dispatch"),
    Step.RETURNS: Words("退单裁定中", "in returns"),
    Step.RESPONSE: Words("等待响应", "waiting for response"),
    Step.WORK: Words("办理中", "at work"),
    Step.SUSPENDED: Words("挂账中", "suspended"),
    Step.VERIFICATION: Words("等待核查", "waiting for verification"),
    Step.FOLLOW_UP: Words("等待回访", "waiting for follow-up"),
}

# A state without a step is an end. While a return of the lead waits for its decision, the step is
# RETURNS instead of RESPONSE.
STEP_OF: Mapping[State, Step] = {
    State.RAISED: Step.DISPATCH,
    State.TRIAGED: Step.DISPATCH,
    State.POOLED: Step.DISPATCH,
    State.CLAIMED: Step.RESPONSE,
    State.DISPATCHED: Step.RESPONSE,
    State.RESPONDED: Step.WORK,
    State.IN_PROGRESS: Step.WORK,
    State.SUSPENDED: Step.SUSPENDED,
    State.SUBMITTED: Step.VERIFICATION,
    State.SELF_RESOLVED: Step.VERIFICATION,
    State.VERIFIED: Step.FOLLOW_UP,
}

STEPS_DEFINITION = Words(
    zh="期内首次结案、非自处置的吹哨(与平均办理时长同一批),各环节停留的自然分钟;首个办理周期;"
    "中位数与 P90 按最近秩,只在到过该环节的吹哨中取;占比为该环节时间之和除以全部环节时间之和;"
    "单位行只算由该单位主责期间的停留,派单前的等待不属于任何单位",
    en="Whistles first closed in the period and not self-resolved (those of the mean handling "
    "time): natural minutes spent in each step of the first cycle. Median and P90 by nearest rank "
    "among those that passed the step; the share is the step's time over the time of all steps. A "
    "unit's row has the stays during which it led; waiting for dispatch is no unit's",
)

NEAR_METRES = 50
AGAIN_WITHIN = timedelta(days=30)
REPEAT_DEFINITION = Words(
    zh="期内登记的有效吹哨(并入他哨和保密的除外)中,此前 30 个自然日内、同一小类、相距不超过 50 米"
    "或同一网格且地址文字相同,已有登记的为重复吹哨;重复率 = 重复件数 ÷ 有类别的有效件数;"
    "高发点位不分类别,以最早一件为中心 50 米内或同一地址归为一处",
    en="Of the valid whistles registered in the period (merged and confidential ones left out): "
    "one with the same minor category at most 50 m away, or with the same address in the same "
    "grid, within the 30 natural days before it, is a repeat. Repeat rate = repeats / valid "
    "whistles with a category. Places take all categories together: what lies within 50 m of the "
    "earliest one there, or has its address",
)
