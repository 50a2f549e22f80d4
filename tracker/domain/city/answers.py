"""答复模板: sentences that a unit writes again and again, by step and category.

Some come with the product; a unit adds its own, and ends them. Places in braces, {地点} and its
like, are filled in from the whistle when the sentence is taken.
"""

from dataclasses import dataclass
from typing import ClassVar

from tracker.domain.city.entries import Added, Changed, CodedValue, Ended, EndingEntry, Restored
from tracker.domain.errors import Invalid, Words

STEPS = ("respond", "submit", "request-extension", "suspend", "return")
LONGEST_NAME, LONGEST_TEXT = 30, 500


@dataclass(frozen=True, kw_only=True)
class Answer(CodedValue):
    """`name` is what the unit calls it; `category` a minor or a major one, empty for all."""

    unit: str
    step: str
    text: str
    category: str = ""

    def fits(self, step: str, category: str | None) -> bool:
        return self.step == step and (category or "").startswith(self.category)


class AnswerAdded(Added[Answer]):
    TOPIC: ClassVar[str] = "city.answer_added"
    entry: Answer


class AnswerChanged(Changed[Answer]):
    TOPIC: ClassVar[str] = "city.answer_changed"
    name: str | None = None
    step: str | None = None
    text: str | None = None
    category: str | None = None


class AnswerEnded(Ended[Answer]):
    TOPIC: ClassVar[str] = "city.answer_ended"


class AnswerRestored(Restored[Answer]):
    TOPIC: ClassVar[str] = "city.answer_restored"


class AnswerEntry(EndingEntry[Answer]):
    TOPIC = "city.answer"
    kind = "answer"
    added, changed, ended, restored = AnswerAdded, AnswerChanged, AnswerEnded, AnswerRestored


class AnswerNotWhole(Invalid):
    """A name and a text, each within its length."""

    code = "answer.not_whole"
    message = Words(
        zh="模板要有名称（{name} 字以内）和内容（{text} 字以内）",
        en="A template has a name (up to {name} characters) and a text (up to {text})",
    )
    remedy = Words(zh="请补全再保存", en="Fill in both and save again")


class UnknownStep(Invalid):
    code = "answer.unknown_step"
    field = "step"
    message = Words(zh="没有“{given}”这一步", en="There is no step {given}")
    remedy = Words(zh="请从列出的步骤中选择", en="Choose one of the listed steps")


class NotYourAnswer(Invalid):
    """A template of another unit, or none at all."""

    code = "answer.not_yours"
    message = Words(zh="本单位没有这个模板", en="Your unit has no such template")
    remedy = Words(zh="请刷新后再试", en="Reload the page and try again")
