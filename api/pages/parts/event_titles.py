"""What each event of a whistle is called, in both languages; `you`: its reporter is reading."""

from collections.abc import Mapping

from tracker.domain.errors import Words

TITLES: Mapping[str, Words] = {
    "whistle.raised": Words("吹哨", "Whistle"),
    "whistle.amended": Words("补充", "Added to"),
    "whistle.reporter_joined": Words("又有人报同一处", "Another person reported the same"),
    "whistle.located": Words("落到网格", "Placed in a grid"),
    "whistle.classified": Words("已受理分类", "Accepted and classified"),
    "whistle.self_resolved": Words("网格员当场处置", "Solved on the spot by the grid worker"),
    "whistle.self_resolution_closed": Words("自处置办结", "Solved on the spot"),
    "whistle.self_resolution_overturned": Words(
        "抽查未通过，重新派单", "Audit failed, dispatched again"
    ),
    "whistle.merged": Words("与同一处的哨并案", "Merged with another whistle of the same place"),
    "whistle.unmerged": Words("解除并案", "Taken out of the merger"),
    "whistle.child_joined": Words("{number} 并入", "{number} merged into this"),
    "whistle.child_left": Words("一件并案分出", "A merged whistle left"),
    "whistle.pooled": Words("放入待认领", "Opened to claims"),
    "whistle.claimed": Words("{unit}认领", "Claimed by {unit}"),
    "whistle.dispatched": Words("派给{unit}", "Dispatched to {unit}"),
    "whistle.emergency_began": Words("转为紧急件，立即处置", "It is an emergency now"),
    "whistle.parts_moved": Words("单位时限随等级调整", "Units' limits follow the new class"),
    "whistle.part_ended": Words("{unit}不再承办", "{unit} has no part in it any more"),
    "whistle.requests_lapsed": Words("待批的申请失效", "Pending requests lapsed"),
    "whistle.class_raised": Words("随并入的一件提高等级", "Its class rose with one merged into it"),
    "whistle.mended": Words("按现行规则补正", "Put right by today's rules"),
    "whistle.pool_left": Words("退出待认领", "No longer open to claims"),
    "whistle.pool_moved": Words("到点改派{lead}", "{lead} will be sent when the window ends"),
    "whistle.marked_confidential": Words("标为保密", "Marked confidential"),
    "whistle.unmark_proposed": Words("提议解除保密", "Opening it proposed"),
    "whistle.unmarked_confidential": Words("解除保密", "No longer confidential"),
    "whistle.acknowledged": Words("{unit}签收", "Acknowledged by {unit}"),
    "whistle.co_requested": Words("{unit}请求协办", "{unit} asks for a co-handler"),
    "whistle.co_added": Words("增加协办 {unit}", "Co-handler {unit} added"),
    "whistle.co_removed": Words("撤下协办 {unit}", "Co-handler {unit} removed"),
    "whistle.co_finished": Words("协办 {unit}完成", "Co-handler {unit} finished"),
    "whistle.contact_opened": Words("打开了联系方式", "Contact opened"),
    "whistle.call_confirmed": Words(
        "吹哨人说与{unit}通过话", "The reporter says that {unit} spoke to them"
    ),
    "whistle.call_denied": Words(
        "吹哨人说{unit}没有与其通话", "The reporter says that {unit} did not speak to them"
    ),
    "whistle.responded": Words("{unit}报到", "{unit} responded"),
    "whistle.call_attempted": Words("{unit}打电话没有联系上", "{unit} called and reached nobody"),
    "whistle.started": Words("{unit}开始办理", "{unit} started work"),
    "whistle.hazard_controlled": Words("{unit}控制住险情", "{unit} controlled the hazard"),
    "whistle.return_requested": Words("{unit}申请退单", "{unit} asks to return it"),
    "whistle.return_upheld": Words("退单成立", "Return upheld"),
    "whistle.return_rejected": Words("退单不成立", "Return rejected"),
    "whistle.return_withdrawn": Words(
        "{unit}已去办，退单撤回", "{unit} went to work: return withdrawn"
    ),
    "whistle.extension_requested": Words("{unit}申请延期", "{unit} asks for more time"),
    "whistle.extension_granted": Words("同意延期", "More time granted"),
    "whistle.miss_lifted": Words("超期记录撤销", "Overdue mark taken back"),
    "whistle.extension_refused": Words("不同意延期", "More time refused"),
    "whistle.reporter_asked": Words("{unit}问吹哨人", "{unit} asks the reporter"),
    "whistle.reporter_answered": Words("吹哨人回答", "The reporter answers"),
    "whistle.wait_ended": Words("不再等回答", "Waiting for the answer ended"),
    "whistle.suspension_proposed": Words("{unit}申请挂账", "{unit} asks to suspend it"),
    "whistle.suspension_refused": Words("挂账没有批", "Suspension not approved"),
    "whistle.suspended": Words("挂账", "Suspended"),
    "whistle.resumed": Words("恢复办理", "Resumed"),
    "whistle.submitted": Words("{unit}办结提交", "{unit} says it is done"),
    "whistle.verification_passed": Words("核查通过", "Check passed"),
    "whistle.verification_failed": Words("核查不通过，返工", "Check failed, back to work"),
    "whistle.verification_waived": Words("免核查", "Check waived"),
    "whistle.rework_ordered": Words("返工", "Back to work"),
    "whistle.verdict_contradicted": Words(
        "吹哨人更正了回访", "A reporter corrected what was recorded"
    ),
    "whistle.closure_proposed": Words("提议结案", "Closing proposed"),
    "whistle.closed": Words("办结", "Closed"),
    "whistle.reopened": Words("重新办理", "Opened again"),
    "whistle.reopening_refused": Words("要求再次重办，转督办", "Asked again, supervised instead"),
    "whistle.raised_again": Words("上一件没解决，重新吹哨", "Raised again, still unsolved"),
    "whistle.withdrawn": Words("撤回", "Taken back"),
    "whistle.reporter_withdrew": Words(
        "一位吹哨人撤回，事情继续办", "One reporter took it back; the work goes on"
    ),
    "whistle.party_answered": Words("答复了一位吹哨人", "A reporter was answered"),
    "whistle.void_proposed": Words("提议作废", "Voiding proposed"),
    "whistle.voided": Words("作废", "Void"),
    "whistle.void_overturned": Words("撤销作废，恢复办理", "Valid after all; work goes on"),
    "whistle.transfer_proposed": Words("提议转出", "Transfer proposed"),
    "whistle.transferred_out": Words("转出", "Transferred out"),
    "whistle.exclusion_proposed": Words("提议剔除考核", "Exclusion from scoring proposed"),
    "whistle.excluded_from_scoring": Words("剔除考核", "Excluded from scoring"),
    "whistle.escalated": Words("升到第 {level} 级", "Escalated to level {level}"),
    "whistle.deescalated": Words("降到第 {level} 级", "De-escalated to level {level}"),
    "whistle.supervision_opened": Words("立案督办", "Supervision opened"),
    "whistle.supervision_closed": Words("督办结束", "Supervision ended"),
    "whistle.annulment_asked": Words("提议注销误记", "Annulling what never happened asked for"),
    "whistle.annulled": Words("误记已注销", "What never happened is annulled"),
    "whistle.urged": Words("催办", "Reminder"),
    "whistle.handed_over": Words("改由{post}办理", "{post} goes on with it"),
    "whistle.correction_proposed": Words("提议更正", "Correction proposed"),
    "whistle.corrected": Words("更正", "Corrected"),
}
TITLES_FOR_YOU: Mapping[str, Words] = {
    "whistle.raised": Words("您吹哨了", "You blew the whistle"),
    "whistle.amended": Words("您作了补充", "You added something"),
    "whistle.reporter_asked": Words("{unit}问您", "{unit} asks you"),
    "whistle.reporter_answered": Words("您回答了", "You answered"),
    "whistle.reporter_joined": Words("您一起吹哨了", "You joined this whistle"),
    "whistle.withdrawn": Words("您撤回了", "You took it back"),
    "whistle.urged": Words("您催了一次", "You sent a reminder"),
    "whistle.reporter_withdrew": Words(
        "您撤回了，事情继续办", "You took it back; the work goes on"
    ),
    "whistle.contact_opened": Words("工作人员看了您的电话", "Somebody at work saw your number"),
    "whistle.call_confirmed": Words("您说与{unit}通过话", "You said that {unit} spoke to you"),
    "whistle.call_denied": Words(
        "您说{unit}没有与您通话", "You said that {unit} did not speak to you"
    ),
    "whistle.verdict_contradicted": Words("您更正了回访", "You corrected what was recorded"),
    "whistle.party_answered": Words("给您的答复", "An answer to you"),
}


def title_of(topic: str, *, you: bool = False) -> Words | None:
    """The title of an event by its topic; None for those that the story says by their facts."""
    own = TITLES_FOR_YOU.get(topic) if you else None
    return own or TITLES.get(topic)
