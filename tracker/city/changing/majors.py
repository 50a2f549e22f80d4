"""The families of categories: a new one, another name, one that ends once it is empty."""

from collections.abc import Iterator

from tracker.city.changing.city_change import Effect, Preview
from tracker.city.changing.codes import must_be_alone
from tracker.city.changing.registers import ChangeableRegister
from tracker.commands.tracker import Tracker
from tracker.directory import Directory
from tracker.domain.city.catalogue import Major, MajorEntry
from tracker.domain.errors import Conflict, Invalid, Words

EMPTY = Words(
    zh="里面还没有类别:加了类别,吹哨时才看得到这一大类",
    en="It has no category yet: people see it when raising once it has one",
)
HOLDS = Words(
    zh="{n} 个类别从现在起归在“{name}”下显示,代码和统计不变",
    en='{n} categories stand under "{name}" from now on; codes and figures do not change',
)
GONE = Words(
    zh="新类别不能再归到它下面;以前的统计不变",
    en="No new category can stand in it; earlier figures do not change",
)
UNDO_ADD = Words(
    zh="要收回:在大类列表里“停用”", en='To take it back: "Stop offering" in the list of families'
)
UNDO_END = Words(
    zh="要收回:在大类列表里“恢复”", en='To take it back: "Restore" in the list of families'
)
LONGEST = 8  # letters and digits of a family's code


def must_be_short(city: Directory, major: Major) -> None:
    if len(major.code) > LONGEST:
        raise MajorTooLong(given=major.code)


def must_have_its_own_name(city: Directory, major: Major, before: Major | None) -> None:
    must_be_alone(major, city.majors)


def must_be_empty(city: Directory, major: Major) -> None:
    if inside := categories_of(city, major):
        raise MajorNotEmpty(name=major.name, n=len(inside), first=inside[0])


def if_added(tracker: Tracker, preview: Preview, major: Major) -> Iterator[Effect]:
    yield Effect(EMPTY)
    yield Effect(UNDO_ADD)


def if_amended(tracker: Tracker, preview: Preview, major: Major) -> Iterator[Effect]:
    n = len(categories_of(preview.after, major))
    yield Effect(HOLDS, {"n": n, "name": major.name})


def if_ended(tracker: Tracker, preview: Preview, major: Major) -> Iterator[Effect]:
    yield Effect(GONE)
    yield Effect(UNDO_END)


def if_restored(tracker: Tracker, preview: Preview, major: Major) -> Iterator[Effect]:
    yield Effect(EMPTY)


def categories_of(city: Directory, major: Major) -> list[str]:
    """The names of the family's categories."""
    return [category.name for category in city.categories if category.major == major.code]


MAJORS = ChangeableRegister(
    entry=MajorEntry,
    find=Directory.major,
    find_current=Directory.current_major,
    check=must_have_its_own_name,
    check_new=must_be_short,
    check_end=must_be_empty,
    if_added=if_added,
    if_amended=if_amended,
    if_ended=if_ended,
    if_restored=if_restored,
)


class MajorTooLong(Invalid):
    """A category's code is its family's with two digits more."""

    code = "major.too_long"
    field = "code"
    message = Words(zh="大类代码 {given} 太长", en="The code {given} is too long for a family")
    remedy = Words(zh="最多 8 个字符,例如 E09", en="Use 8 characters at most, e.g. E09")


class MajorNotEmpty(Conflict):
    """Categories under an ended family would be found nowhere."""

    code = "major.not_empty"
    message = Words(
        zh="“{name}”里还有 {n} 个类别,首个:{first}",
        en='"{name}" still has {n} categories, the first: {first}',
    )
    remedy = Words(zh="请先停用这些类别", en="Stop offering those categories first")
