"""The form of a change: each field is declared and read by one call.

`form.text("name", _("名称"), before.name)` puts a field on the page and returns what stands in it:
`before.name` until the form is sent, then what was typed. Every mistake is kept for its field, so
that one answer shows all of them; after its last field a form calls `check`.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from api.pages.frame.route import Filled, Notice
from api.pages.frame.speech import Speech
from api.pages.parts.fields import Field, Group, Options
from tracker.city.changing.city_change import CityChange
from tracker.directory import Directory
from tracker.domain.errors import Refusal

NOTHING = Filled({}, {})
Cells = list["Field | Table | None"]


class NotFilledIn(Exception):
    """The form is not sent yet, or has mistakes: it is shown, and no change comes of it."""


@dataclass(frozen=True)
class Row:
    """`id` may be linked to. A cell is None where the thing has no such field."""

    id: str
    label: str
    cells: Sequence[Any]


@dataclass(frozen=True)
class Table:
    """Fields in a table. `more` is the label of the button for more empty rows, "" for none."""

    name: str
    label: str
    columns: Sequence[str]
    rows: Sequence[Row]
    hint: str = ""
    error: str = ""
    more: str = ""
    kind: str = "table"


@dataclass
class Form:
    """One form: the city, the code of the entry, what was typed, and the fields made so far.

    With `sent` the fields hold what was typed, otherwise what stands; with `shown_only` mistakes
    are not looked for, since nobody asked for a preview yet.
    """

    speech: Speech
    city: Directory
    today: date
    code: str
    filled: Filled = NOTHING
    sent: bool = False
    shown_only: bool = False
    errors: dict[str, str] = field(default_factory=dict)
    made: Cells = field(default_factory=list)

    # Fields

    def text(
        self,
        name: str,
        label: str,
        value: str = "",
        *,
        hint: str = "",
        must: bool = True,
        at_most: int = 200,
        kind: str = "text",
    ) -> str:
        """One line, or with `kind` area several; empty only where it need not be there."""
        value = self._typed(name, value)
        if must and not value:
            self.mistake(name, self.speech("这一项要填"))
        elif len(value) > at_most:
            self.mistake(name, self.speech("最多 {n} 个字", n=at_most))
        shown_at_most = at_most if kind == "area" else Field.at_most
        return self._made(name, label, kind, must, hint, value=value, at_most=shown_at_most)

    def area(self, name: str, label: str, value: str = "", *, hint: str = "") -> str:
        return self.text(name, label, value, hint=hint, must=False, at_most=20_000, kind="area")

    def day(
        self, name: str, label: str, value: date | None = None, *, hint: str = "", must: bool = True
    ) -> date | None:
        typed = self._typed(name, value.isoformat() if value else "")
        self._made(name, label, "date", must, hint, value=typed)
        try:
            return date.fromisoformat(typed) if typed or must else None
        except ValueError:
            self.mistake(name, self.speech("写成 2026-11-26 这样的日期"))
            return None

    def number(
        self, name: str, label: str, value: int | None = None, *, hint: str = "", about: str = ""
    ) -> int:
        """From 1 to 99,999. `about` names a field of a table in its mistake."""
        typed = self._typed(name, str(value) if value else "")
        self._made(name, label, "number", True, hint, value=typed)
        if typed.isascii() and typed.isdigit() and 1 <= int(typed[:6]) <= 99_999:
            return int(typed)
        wrong = self.speech("写一个从 1 起的整数")
        named = self.speech("{what}：{wrong}", what=about, wrong=wrong)
        self.mistake(name, named if about else wrong)
        return 1

    def pick(
        self,
        name: str,
        label: str,
        groups: Sequence[Group] | Options,
        value: str = "",
        *,
        must: bool = True,
        hint: str = "",
    ) -> str:
        """One of a list, or "" where it need not be chosen."""
        value, groups = self._typed(name, value), _grouped(groups)
        listed = {code for group in groups for code, _ in group.options}
        if must and not value:
            self.mistake(name, self.speech("这一项要填"))
        elif self.sent and value and value not in listed:
            self.mistake(name, self.speech("请在列表中选择"))
        return self._made(name, label, "select", must, hint, value, groups=groups, chosen=[value])

    def several(
        self,
        name: str,
        label: str,
        groups: Sequence[Group] | Options,
        chosen: Iterable[str] = (),
        *,
        hint: str = "",
    ) -> tuple[str, ...]:
        """What is chosen, each once: a long list may show one thing in two of its groups."""
        codes = tuple(dict.fromkeys(self.filled.all(name) if self.sent else chosen))
        self._made(name, label, "many", False, hint, groups=_grouped(groups), chosen=codes)
        return codes

    def yes(self, name: str, label: str, value: bool, *, hint: str = "") -> bool:
        _ = self.speech
        options = [("yes", _("是")), ("no", _("否"))]
        typed = self._typed(name, "yes" if value else "no")
        return self._made(name, label, "choice", True, hint, typed, options=options) == "yes"

    @contextmanager
    def row(self, rows: list[Row], id: str, label: str) -> Iterator[Cells]:
        """The fields made inside are the cells of one row of a table."""
        whole, self.made = self.made, []
        yield self.made
        rows.append(Row(id, label, self.made))
        self.made = whole

    def table(
        self, name: str, label: str, columns: Sequence[str], rows: Sequence[Row], **more: str
    ) -> None:
        self.made.append(Table(name, label, columns, rows, **more))

    def _typed(self, name: str, otherwise: str) -> str:
        return self.filled.text(name) if self.sent else otherwise

    def _made(
        self, name: str, label: str, kind: str, must: bool, hint: str, value: str = "", **more: Any
    ) -> str:
        self.made.append(
            Field(name, name, label, kind, required=must, hint=hint, value=value, **more)
        )
        return value

    # Mistakes

    def mistake(self, name: str, words: str) -> None:
        """Say it at the field, in place of what was said there before."""
        self.errors[name] = words

    def refuse(self, name: str, refusal: Refusal) -> None:
        """Say at the field what the domain refuses."""
        said = Notice.refused(refusal, self.speech.language)
        stop = "。" if self.speech.language == "zh" else ". "
        self.errors[name] = f"{said.message}{stop}{said.remedy}"

    def check(self) -> None:
        """Raises NotFilledIn where the form is only shown, or a field has a mistake."""
        if self.shown_only or self.errors:
            raise NotFilledIn

    # What the page shows

    def leaves(self) -> Iterator[Field]:
        """Every field, also those in tables."""
        for one in self.made:
            if isinstance(one, Table):
                yield from (cell for row in one.rows for cell in row.cells if cell is not None)
            elif one is not None:
                yield one

    def fields(self) -> list[Any]:
        """The fields and tables, each with its mistake."""
        return [self._with_mistakes(one) for one in self.made]

    def _with_mistakes(self, one: Any) -> Any:
        if one is None:
            return None
        error = "" if self.shown_only else self.errors.get(one.name, "")
        if not isinstance(one, Table):
            return replace(one, error=error)
        rows = [replace(row, cells=[self._with_mistakes(c) for c in row.cells]) for row in one.rows]
        return replace(one, error=error, rows=rows)


def _grouped(groups: Sequence[Group] | Options) -> Sequence[Group]:
    named = [group for group in groups if isinstance(group, Group)]
    return named or [Group("", [option for option in groups if not isinstance(option, Group)])]


@dataclass(frozen=True)
class ChangeForm:
    """One kind of change. `back` is the list on which its entry stands.

    `change` makes the fields and returns the change; it raises NotFilledIn by `Form.check`. A
    change without fields is previewed at once.
    """

    title: str  # Chinese; the page says it in the reader's language
    change: Callable[[Form], CityChange]
    back: str


def is_time(text: str) -> bool:
    """Whether it is a time of day as "HH:MM"."""
    hours, _sep, minutes = text.partition(":")
    plain = len(text) == 5 and text.isascii() and hours.isdigit() and minutes.isdigit()
    return plain and int(hours) < 24 and int(minutes) < 60
