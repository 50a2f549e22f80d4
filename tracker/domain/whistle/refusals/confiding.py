"""Why marking confidential, or opening again, is refused."""

from tracker.domain.errors import Conflict, Words


class AlreadyConfidential(Conflict):
    code = "whistle.already_confidential"
    message = Words(zh="{number} 已经保密", en="{number} is confidential already")
    remedy = Words(zh="不用再做", en="Nothing more to do")


class NotConfidential(Conflict):
    code = "whistle.not_confidential"
    message = Words(zh="{number} 没有保密", en="{number} is not confidential")
    remedy = Words(zh="不用再做", en="Nothing more to do")


class ConfidentialCategory(Conflict):
    code = "whistle.confidential_category"
    message = Words(
        zh="{number} 的分类 {category} 一律保密",
        en="Every whistle of category {category} is confidential, {number} too",
    )
    remedy = Words(zh="分类错了，先更正分类", en="If the category is wrong, correct it first")


class ParentIsConfidential(Conflict):
    code = "whistle.parent_is_confidential"
    message = Words(
        zh="{number} 已并入 {into}，随它保密",
        en="{number} follows {into}, and is confidential with it",
    )
    remedy = Words(zh="先解除 {into} 的保密", en="Make {into} open again first")
