"""What an administrator typed into the form of a change: read once, each mistake at its field."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from api.pages.frame.route import Filled, Said
from api.pages.frame.speech import Speech
from api.pages.parts.fields import Field, Group, Options
from tracker.directory import Directory
from tracker.domain.errors import Refusal

NOTHING = Filled({}, {})


class Mistyped(Exception):
    """Some fields cannot be taken: `errors` by the name of the field."""

    def __init__(self, errors: Mapping[str, str]) -> None:
        super().__init__(", ".join(errors))
        self.errors = errors


@dataclass
class Ask:
    """One asking: the city, the entry's code, and what was typed (`sent`), or not yet."""

    speech: Speech
    city: Directory
    today: date
    code: str
    filled: Filled = NOTHING
    sent: bool = False
    errors: dict[str, str] = field(default_factory=dict)

    def typed(self, name: str, otherwise: str = "") -> str:
        return self.filled.text(name) if self.sent else otherwise

    def all(self, name: str, otherwise: Iterable[str] = ()) -> tuple[str, ...]:
        """What is chosen, each once: a long list may show one thing in two of its groups."""
        return tuple(dict.fromkeys(self.filled.all(name) if self.sent else otherwise))

    def needed(self, name: str, at_most: int = 200) -> str:
        """A text that must be there. A mistake is kept for `check`."""
        found = self.filled.text(name)
        if not found:
            self.errors[name] = self.speech("这一项要填")
        elif len(found) > at_most:
            self.errors[name] = self.speech("最多 {n} 个字", n=at_most)
        return found

    def day(self, name: str, *, must: bool = True) -> date | None:
        found = self.filled.text(name)
        if not found and not must:
            return None
        try:
            return date.fromisoformat(found)
        except ValueError:
            self.errors[name] = self.speech("写成 2026-11-26 这样的日期")
            return None

    def number(self, name: str, about: str = "") -> int:
        """`about` names the field in its mistake, where its label stands far from it."""
        found = self.filled.text(name)
        if found.isascii() and found.isdigit() and 1 <= int(found[:6]) <= 99_999:
            return int(found)
        wrong = self.speech("写一个从 1 起的整数")
        self.errors[name] = (
            self.speech("{what}：{wrong}", what=about, wrong=wrong) if about else wrong
        )
        return 1

    def time(self, name: str) -> str:
        """A time of day as "HH:MM"."""
        found = self.filled.text(name)
        if not is_time(found):
            self.errors[name] = self.speech("写成 08:30 这样的时刻")
        return found

    def yes(self, name: str) -> bool:
        return self.filled.text(name) == "yes"

    def refuse(self, name: str, refusal: Refusal) -> None:
        """What the domain refuses, at the field that it is about."""
        told = Said.refused(refusal, self.speech.language)
        stop = "。" if self.speech.language == "zh" else ". "
        self.errors[name] = f"{told.message}{stop}{told.remedy}"

    def check(self) -> None:
        """Raises Mistyped if anything that was read so far cannot be taken."""
        if self.errors:
            raise Mistyped(self.errors)

    # --- controls ---

    def line(
        self,
        name: str,
        label: str,
        value: str = "",
        *,
        kind: str = "text",
        hint: str = "",
        must: bool = True,
    ) -> Field:
        return self._field(name, label, kind, must, hint, value=self.typed(name, value))

    def area(self, name: str, label: str, value: str = "", *, hint: str = "") -> Field:
        shown = self._field(name, label, "area", False, hint, value=self.typed(name, value))
        return replace(shown, at_most=20_000)

    def pick(
        self,
        name: str,
        label: str,
        groups: Sequence[Group] | Options,
        value: str = "",
        *,
        must: bool = True,
        hint: str = "",
    ) -> Field:
        chosen = [self.typed(name, value)]
        return self._field(
            name, label, "select", must, hint, groups=_grouped(groups), chosen=chosen
        )

    def several(
        self,
        name: str,
        label: str,
        groups: Sequence[Group] | Options,
        chosen: Iterable[str] = (),
        *,
        hint: str = "",
    ) -> Field:
        return self._field(
            name,
            label,
            "many",
            False,
            hint,
            groups=_grouped(groups),
            chosen=self.all(name, chosen),
        )

    def yes_or_no(self, name: str, label: str, value: bool, *, hint: str = "") -> Field:
        _ = self.speech
        options = [("yes", _("是")), ("no", _("否"))]
        return self._field(
            name,
            label,
            "choice",
            True,
            hint,
            options=options,
            value=self.typed(name, "yes" if value else "no"),
        )

    def _field(
        self, name: str, label: str, kind: str, must: bool, hint: str, **more: object
    ) -> Field:
        return Field(
            name=name,
            id=name,
            label=label,
            kind=kind,
            required=must,
            hint=hint,
            error=self.errors.get(name, ""),
            **more,  # type: ignore[arg-type]
        )


def _grouped(groups: Sequence[Group] | Options) -> Sequence[Group]:
    if groups and isinstance(groups[0], Group):
        return groups  # type: ignore[return-value]
    return [Group("", groups)]  # type: ignore[arg-type]


def is_time(text: str) -> bool:
    hours, _sep, minutes = text.partition(":")
    plain = len(text) == 5 and text.isascii() and hours.isdigit() and minutes.isdigit()
    return plain and int(hours) < 24 and int(minutes) < 60
