"""Every refusal has a code, the words in both languages, and the way on. It knows no HTTP.

The kinds (`Conflict`, `Forbidden`, …) say why it is refused; `api/door/problems.py` maps each
kind to its HTTP status.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Self

from tracker.city_zone import city_zone


@dataclass(frozen=True)
class Words:
    """One sentence in both languages; `{names}` are filled from the refusal's facts."""

    zh: str
    en: str

    def say(self, language: str, facts: Mapping[str, object]) -> str:
        """The sentence in `zh` or `en`; a fact that has words of its own is shown by them.

        A moment is shown in the city's zone, `11月26日 16:05`; `{at:year}` shows its year too.
        """
        shown = {name: _in_words(fact, language) for name, fact in facts.items()}
        return (self.en if language == "en" else self.zh).format_map(_Shown(shown))


def _in_words(fact: object, language: str) -> object:
    """A fact as people say it, e.g. a state by its name; several become a list without repeats."""
    if isinstance(fact, tuple):
        listed = dict.fromkeys(str(_in_words(one, language)) for one in fact)
        return ", ".join(listed) if language == "en" else "、".join(listed)
    if isinstance(fact, datetime):
        return _Moment(fact.astimezone(city_zone()), language)
    words = getattr(fact, "words", None)
    return words.say(language, {}) if isinstance(words, Words) else fact


class Named(str):
    """A code among a refusal's facts: machines read the code, people its words."""

    words: Words

    def __new__(cls, code: str, words: Words) -> Self:
        named = super().__new__(cls, code)
        named.words = words
        return named


@dataclass(frozen=True)
class _Moment:
    """A moment as people of the city say it; with the format `year` also in which year."""

    at: datetime
    language: str

    def __format__(self, spec: str) -> str:
        at, with_year = self.at, spec == "year"
        if self.language == "en":
            return f"{at.day} {at:%b}{f' {at.year}' if with_year else ''} {at:%H:%M}"
        return f"{f'{at.year}年' if with_year else ''}{at.month}月{at.day}日 {at:%H:%M}"

    def __str__(self) -> str:
        return format(self)


class _Shown(dict[str, object]):
    """A dash for a fact that was not given."""

    def __missing__(self, key: str) -> str:
        return "—"


class Refusal(Exception):
    """A command that may not happen. `facts` are plain values for messages and machines."""

    code: ClassVar[str] = "refused"
    message: ClassVar[Words] = Words(zh="不能这样做", en="This may not be done")
    remedy: ClassVar[Words] = Words(zh="请核对后再试", en="Check and try again")

    def __init__(self, **facts: object) -> None:
        super().__init__(self.code)
        self.facts: dict[str, Any] = facts

    def __str__(self) -> str:
        return f"{self.code}: {self.message.say('en', self.facts)}"


class Invalid(Refusal):
    """The given values are wrong; `field` names which."""

    code = "invalid"
    field: ClassVar[str | None] = None


class Forbidden(Refusal):
    """This person may not do it; somebody else may."""

    code = "forbidden"


class Conflict(Refusal):
    """The state does not allow it, or somebody else came first."""

    code = "conflict"


class NotFound(Refusal):
    """There is no such thing, or this person may not know of it."""

    code = "not_found"


class UnknownWhistle(NotFound):
    code = "whistle.not_found"
    message = Words(
        zh="没有 {number}",
        en="There is no {number}",
    )
    remedy = Words(
        zh="核对编号",
        en="Check the number",
    )


class VersionMoved(Refusal):
    """`If-Match` named another version than the stream's."""

    code = "whistle.version_moved"
    message = Words(
        zh="{number} 已经变了:现在是第 {version} 版",
        en="{number} has moved on to version {version}",
    )
    remedy = Words(
        zh="刷新后再做",
        en="Reload and try again",
    )
