"""Why something counts or is left out: a sentence in both languages for each reason in a cohort.

`{counted}` is the moment under which it counts, `{decided}` when that happened which decided it.
"""

from tracker.domain.errors import Words
from tracker.metrics.cohorts import Cohort

EVERYWHERE: dict[str, Words] = {
    "test": Words(zh="测试件,不统计", en="A test: left out"),
    "void": Words(zh="{decided} 作废,不统计", en="Void since {decided}: left out"),
    "merged": Words(
        zh="{decided} 并入他哨,随主哨统计", en="Merged since {decided}: counted with its parent"
    ),
    "transferred_out": Words(zh="{decided} 转出,不统计", en="Transferred out {decided}: left out"),
    "excluded": Words(zh="经批准剔除,不统计", en="Excluded with approval: left out"),
    "self_resolved": Words(
        zh="网格员当场处置,只计入吹哨量和自处置率",
        en="Fixed on the spot by the grid worker: in volume and self-resolution rate only",
    ),
    "withdrawn": Words(
        zh="时限 {counted},{decided} 撤回,未过时限,不统计",
        en="Due {counted}, withdrawn in time, on {decided}: left out",
    ),
    "suspended": Words(
        zh="{decided} 起挂账,恢复后按新时限统计",
        en="Suspended since {decided}: counts under its new due time once resumed",
    ),
    "waiting": Words(
        zh="{decided} 起等吹哨人回答,回答后按新时限统计",
        en="Waiting for the reporter since {decided}: counts under its new due time afterwards",
    ),
}

_RESPONSE: dict[str, Words] = {
    "not_dispatched": Words(
        zh="响应时限 {counted},没有派单或认领,未响应",
        en="Due {counted}, neither dispatched nor claimed, not answered",
    ),
    "unanswered": Words(zh="响应时限 {counted},未响应", en="Due {counted}, not answered"),
    "on_time": Words(
        zh="响应时限 {counted},{decided} 响应,按时", en="Due {counted}, answered {decided}: on time"
    ),
    "late": Words(
        zh="响应时限 {counted},{decided} 响应,超时", en="Due {counted}, answered {decided}: late"
    ),
    "returned_in_time": Words(
        zh="{unit} 响应时限 {counted},{decided} 申请退单并获准,不统计",
        en="{unit} was due {counted} and asked to return it on {decided}, upheld: left out",
    ),
    "waived": Words(
        zh="{unit} 响应时限 {counted},{decided} 在先免去承办,不统计",
        en="{unit} was due {counted} and was relieved before, on {decided}: left out",
    ),
}

_RESOLUTION: dict[str, Words] = {
    "unresolved": Words(zh="办结时限 {counted},未办结", en="Due {counted}, not resolved"),
    "unchecked": Words(
        zh="办结时限 {counted},{decided} 提交,待核查,暂按期",
        en="Due {counted}, submitted {decided}, not checked yet: on time so far",
    ),
    "unchecked_late": Words(
        zh="办结时限 {counted},{decided} 提交,待核查,超期",
        en="Due {counted}, submitted {decided}, not checked yet: late",
    ),
    "on_time": Words(
        zh="办结时限 {counted},{decided} 提交并通过,按期",
        en="Due {counted}, submitted {decided} and passed: on time",
    ),
    "late": Words(
        zh="办结时限 {counted},{decided} 提交并通过,超期",
        en="Due {counted}, submitted {decided} and passed: late",
    ),
}

SENTENCES: dict[str, dict[str, Words]] = {
    Cohort.RAISED: {
        "valid": Words(zh="{counted} 登记", en="Registered {counted}"),
        "self_resolved": Words(
            zh="{counted} 登记,网格员当场处置", en="Registered {counted}, fixed on the spot"
        ),
    },
    Cohort.RESPONSE: _RESPONSE,
    Cohort.ASSIGNED_RESPONSE: _RESPONSE,
    Cohort.RESOLUTION: _RESOLUTION,
    Cohort.LED_RESOLUTION: _RESOLUTION,
    Cohort.REWORK: _RESOLUTION,
    Cohort.FOLLOW_UP: {
        "solved": Words(zh="{counted} 首次回访:已解决", en="First follow-up {counted}: solved"),
        "unsolved": Words(
            zh="{counted} 首次回访:未解决", en="First follow-up {counted}: not solved"
        ),
        "no_verdict": Words(
            zh="{counted} 回访没有结论", en="Followed up {counted} without a verdict"
        ),
    },
    Cohort.VERIFICATION: {
        "on_time": Words(
            zh="核查时限 {counted},{decided} 核查,按时",
            en="Check due {counted}, done {decided}: on time",
        ),
        "late": Words(
            zh="核查时限 {counted},{decided} 核查,超时",
            en="Check due {counted}, done {decided}: late",
        ),
        "unchecked": Words(zh="核查时限 {counted},未核查", en="Check due {counted}, not done"),
    },
    Cohort.CONTACT: {
        "heard": Words(zh="{counted} 回访问到本人", en="Heard on {counted}"),
        "declined": Words(zh="{counted} 回访,不肯评分", en="Asked on {counted}, declined to rate"),
        "unreachable": Words(
            zh="{counted} 起回访,三次联系不上", en="Called from {counted} on, never reached"
        ),
    },
    Cohort.SUBMISSION: {
        "first_time_right": Words(
            zh="{counted} 首次提交,没有返工", en="First submitted {counted}, never sent back"
        ),
        "reworked": Words(
            zh="{counted} 首次提交,后来返工", en="First submitted {counted}, sent back afterwards"
        ),
    },
    Cohort.CLOSED: {
        "closed": Words(zh="{counted} 结案", en="Closed {counted}"),
        "reopened": Words(zh="{counted} 结案,后来重开", en="Closed {counted}, reopened since"),
    },
    Cohort.ASSIGNMENT: {
        "kept": Words(zh="{counted} 派给 {unit}", en="Given to {unit} on {counted}"),
        "returned": Words(
            zh="{counted} 派给 {unit},退单获准", en="Given to {unit} on {counted}, return upheld"
        ),
    },
    Cohort.RETURN: {
        "undecided": Words(
            zh="{unit} {counted} 申请退单,尚未裁定", en="{unit} asked on {counted}, not decided yet"
        ),
        "upheld": Words(
            zh="{unit} {counted} 申请退单,{decided} 获准",
            en="{unit} asked on {counted}, upheld {decided}",
        ),
        "by_rule": Words(
            zh="{unit} {counted} 申请退单,{decided} 无人裁定或转为紧急,不算不当",
            en="{unit} asked on {counted}; by {decided} nobody had decided, or it became an "
            "emergency: not improper",
        ),
        "rejected": Words(
            zh="{unit} {counted} 申请退单,{decided} 驳回",
            en="{unit} asked on {counted}, rejected {decided}",
        ),
    },
    Cohort.SUSPENDED: {"suspended": Words(zh="{counted} 起挂账", en="Suspended since {counted}")},
    Cohort.OVERDUE: {
        "unresolved": Words(
            zh="办结时限 {counted} 已过,未办结", en="Past its due time {counted}, not resolved"
        )
    },
}


def sentence(cohort: str, reason: str) -> Words:
    """The cohort's own sentence for the reason, or the one that all cohorts share."""
    own = SENTENCES[cohort].get(reason)
    return own if own is not None else EVERYWHERE[reason]
