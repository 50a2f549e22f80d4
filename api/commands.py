"""The commands by the names that clients use: which form each takes, what people call it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from api.door.fields import Form
from api.v1 import bodies
from tracker.commands.application import Tracker
from tracker.commands.deciding import Done
from tracker.domain.errors import Words


@dataclass(frozen=True)
class Command:
    """`method` is the tracker's, where it is not the name with underscores."""

    name: str
    body: type[Form]
    label: Words
    method: str

    @property
    def domain_name(self) -> str:
        """As the aggregate lists it in `open_commands`."""
        return self.name.replace("-", "_")

    def call(self, tracker: Tracker, number: str, form: Form, **common: Any) -> Done:
        """Give the command with the fields of its form; what was left out is None."""
        done: Done = getattr(tracker, self.method)(number, **form.model_dump(), **common)
        return done


def _command(name: str, body: type[Form], zh: str, en: str, method: str | None = None) -> Command:
    return Command(name, body, Words(zh, en), method or name.replace("-", "_"))


ALL = (
    _command("amend", bodies.Amend, "补充", "Add words or photos"),
    _command("join", bodies.Join, "一起吹哨", "Join as another reporter"),
    _command("locate", bodies.Locate, "落格", "Set the place"),
    _command("classify", bodies.Classify, "分类立案", "Classify"),
    _command("self-resolve", bodies.SelfResolve, "自处置", "Resolve on the spot"),
    _command("merge", bodies.Merge, "合并", "Merge into another"),
    _command("unmerge", bodies.Unmerge, "取消合并", "Take out of the merger"),
    _command("pool", bodies.Nothing, "入池待认领", "Open to claims"),
    _command("claim", bodies.Nothing, "认领", "Claim"),
    _command("dispatch", bodies.Dispatch, "派单", "Dispatch"),
    _command("acknowledge", bodies.Nothing, "签收", "Acknowledge"),
    _command("respond", bodies.Respond, "报到", "Respond"),
    _command("start", bodies.Nothing, "开始处置", "Start work"),
    _command("control", bodies.Control, "险情已控制", "Hazard controlled"),
    _command("return", bodies.Return, "退单", "Return", "return_"),
    _command("adjudicate", bodies.Adjudicate, "裁定退单", "Decide the return"),
    _command("add-co", bodies.CoHandler, "增加协办", "Add a co-handler"),
    _command("remove-co", bodies.CoHandler, "撤销协办", "Remove a co-handler"),
    _command("request-extension", bodies.WithReason, "申请延期", "Ask for more time"),
    _command("decide-extension", bodies.DecideExtension, "审批延期", "Decide on more time"),
    _command("suspend", bodies.Suspend, "挂账", "Suspend"),
    _command("resume", bodies.WithReason, "恢复办理", "Resume"),
    _command("submit", bodies.Submit, "办结提交", "Submit as done"),
    _command("verify", bodies.Verify, "核查", "Verify"),
    _command("follow-up", bodies.FollowUp, "回访", "Follow up"),
    _command("close", bodies.MaybeReason, "结案", "Close", "close_whistle"),
    _command("reopen", bodies.WithReason, "重办", "Reopen"),
    _command("withdraw", bodies.MaybeReason, "撤回", "Withdraw"),
    _command("void", bodies.Void, "作废", "Void"),
    _command("transfer-out", bodies.TransferOut, "转出", "Transfer out"),
    _command("escalate", bodies.WithReason, "升级", "Escalate"),
    _command("deescalate", bodies.WithReason, "降级", "De-escalate"),
    _command("supervise", bodies.WithReason, "督办", "Supervise"),
    _command("end-supervision", bodies.MaybeReason, "解除督办", "End supervision"),
    _command("urge", bodies.Urge, "催办", "Urge"),
    _command("exclude", bodies.WithReason, "剔除考核", "Exclude from scoring"),
    _command("correct", bodies.Correct, "更正", "Correct"),
)
BY_NAME: Mapping[str, Command] = {command.name: command for command in ALL}
