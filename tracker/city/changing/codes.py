"""The code of a new entry, which stays its own for good, and a name that nobody else has."""

import re
from collections.abc import Iterable

from tracker.directory import Directory
from tracker.domain.city.entries import CodedValue
from tracker.domain.errors import Conflict, Invalid, Words

FIT = re.compile(r"[A-Z0-9][A-Z0-9-]{0,19}")


def must_be_fit(code: str) -> None:
    """A code stands in addresses, in tables and in every later event: letters and digits only."""
    if not FIT.fullmatch(code):
        raise CodeUnfit(given=code)


def must_be_alone(
    wanted: CodedValue, among: Iterable[CodedValue], refusal: type["NameTaken"] | None = None
) -> None:
    """Raises NameTaken where another entry of the list has the name."""
    for other in among:
        if other.name == wanted.name and other.code != wanted.code:
            raise (refusal or NameTaken)(given=wanted.name, other=other.code)


def next_code(city: Directory, kind: str, prefix: str, digits: int = 2) -> str:
    """A free code: `prefix`, then the highest number that any entry of the kind has, plus one."""
    taken = [code.removeprefix(prefix) for code in city.registers[kind] if code.startswith(prefix)]
    highest = max((int(rest) for rest in taken if rest.isascii() and rest.isdigit()), default=0)
    return f"{prefix}{highest + 1:0{digits}}"


class CodeUnfit(Invalid):
    """A code is capital letters, digits and hyphens, twenty at most."""

    code = "city.code_unfit"
    field = "code"
    message = Words(zh="{given} 不能用作代码", en="{given} cannot be a code")
    remedy = Words(
        zh="请用大写字母、数字和连字符,以字母或数字开头,最多 20 个",
        en="Use capital letters, digits and hyphens, a letter or digit first, 20 at most",
    )


class NameTaken(Conflict):
    """Another entry of the same list has that name."""

    code = "city.name_taken"
    field = "name"
    message = Words(zh="{other} 已经叫“{given}”", en='{other} is called "{given}" already')
    remedy = Words(zh="请换一个能区分的名称", en="Choose a name that tells them apart")
