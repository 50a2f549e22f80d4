"""Why a dispatch or a claim is refused."""

from tracker.domain.errors import Conflict, Forbidden, Invalid, Words


class NotPoolable(Conflict):
    code = "whistle.not_poolable"
    message = Words(
        zh="{number} 不能进认领池",
        en="{number} may not be opened to claims",
    )
    remedy = Words(
        zh="请直接派单",
        en="Dispatch it",
    )


class AlreadyClaimed(Conflict):
    """Two units claimed one whistle; the first one has it."""

    code = "whistle.already_claimed"
    message = Words(
        zh="{number} 已由 {lead} 认领",
        en="{lead} has already claimed {number}",
    )
    remedy = Words(
        zh="可申请作为协办单位加入",
        en="Ask to join as a co-handler",
    )


class NotPooled(Conflict):
    code = "whistle.not_pooled"
    message = Words(
        zh="{number} 不在认领池({state})",
        en="{number} is not in the pool ({state})",
    )
    remedy = Words(
        zh="请从认领池里选一件",
        en="Choose one from the pool",
    )


class NotClaimable(Conflict):
    """It became confidential after it was opened to claims: who handles it, the post decides."""

    code = "whistle.not_claimable"
    message = Words(
        zh="{number} 已转为保密,不能认领",
        en="{number} has become confidential and may not be claimed",
    )
    remedy = Words(
        zh="由指挥部直接派单",
        en="Its post dispatches it",
    )


class NotCapable(Forbidden):
    code = "whistle.not_capable"
    message = Words(
        zh="{unit} 不能认领这一类事项",
        en="{unit} may not claim this category",
    )
    remedy = Words(
        zh="请选择本单位可认领的类别",
        en="Choose a category that your unit may claim",
    )


class AlreadyAssigned(Conflict):
    code = "whistle.already_assigned"
    message = Words(
        zh="{number} 已派给 {lead}",
        en="{number} has been given to {lead}",
    )
    remedy = Words(
        zh="可增加协办,或等退单裁定",
        en="Add a co-handler, or wait for a return to be decided",
    )


class NotOnDuty(Invalid):
    code = "whistle.not_on_duty"
    message = Words(
        zh="{unit} 不在吹哨责任单位名单",
        en="{unit} is not on the duty list",
    )
    remedy = Words(
        zh="从责任单位名单里选主办",
        en="Choose the lead from the duty list",
    )
    field = "lead"


class UnitTwice(Invalid):
    code = "whistle.unit_twice"
    message = Words(
        zh="同一单位出现了两次",
        en="A unit is named twice",
    )
    remedy = Words(
        zh="主办和协办不要重复",
        en="Name each unit once",
    )
    field = "co"


class LeadCannotBeRemoved(Conflict):
    code = "whistle.lead_cannot_be_removed"
    message = Words(
        zh="{lead} 是主办,不能移除",
        en="{lead} leads and cannot be removed",
    )
    remedy = Words(
        zh="主办要退出请走退单",
        en="A lead leaves by a return",
    )
