"""The families of categories: a new one, another name, one that ends once it is empty."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime

from tracker.city.amending import Foreseen, Step
from tracker.city.changing.codes import must_be_alone, must_be_fit
from tracker.city.changing.proposal import Change, Effect
from tracker.commands.tracker import Tracker
from tracker.directory import Directory
from tracker.domain.actors import Actor
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


@dataclass(frozen=True)
class Add(Change):
    major: Major

    def steps(self, city: Directory, today: date, at: datetime, by: Actor) -> Iterable[Step]:
        must_be_fit(self.major.code)
        if len(self.major.code) > LONGEST:
            raise MajorTooLong(given=self.major.code)
        must_be_alone(self.major, city.majors)
        yield Step(MajorEntry, self.major.code, new=self.major)

    def effects(self, tracker: Tracker, foreseen: Foreseen) -> Iterator[Effect]:
        yield Effect(EMPTY)
        yield Effect(UNDO_ADD)


@dataclass(frozen=True)
class Amend(Change):
    major: Major

    def steps(self, city: Directory, today: date, at: datetime, by: Actor) -> Iterable[Step]:
        must_be_alone(self.major, city.majors)
        yield Step(
            MajorEntry, self.major.code, lambda entry: entry.revise(self.major, today, at, by)
        )

    def effects(self, tracker: Tracker, foreseen: Foreseen) -> Iterator[Effect]:
        yield Effect(HOLDS, {"n": len(held(foreseen.after, self.major)), "name": self.major.name})


@dataclass(frozen=True)
class End(Change):
    code: str

    def steps(self, city: Directory, today: date, at: datetime, by: Actor) -> Iterable[Step]:
        major = city.major(self.code)
        if inside := held(city, major):
            raise MajorNotEmpty(name=major.name, n=len(inside), first=inside[0])
        yield Step(MajorEntry, self.code, lambda entry: entry.end(today, at, by))

    def effects(self, tracker: Tracker, foreseen: Foreseen) -> Iterator[Effect]:
        yield Effect(GONE)
        yield Effect(UNDO_END)


@dataclass(frozen=True)
class Restore(Change):
    code: str

    def steps(self, city: Directory, today: date, at: datetime, by: Actor) -> Iterable[Step]:
        standing = replace(city.major(self.code), ended_on=None)
        must_be_alone(standing, city.majors)
        yield Step(MajorEntry, self.code, lambda entry: entry.revise(standing, today, at, by))

    def effects(self, tracker: Tracker, foreseen: Foreseen) -> Iterator[Effect]:
        yield Effect(EMPTY)


LONGEST = 8


def held(city: Directory, major: Major) -> list[str]:
    """The names of its categories."""
    return [category.name for category in city.categories if category.major == major.code]


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
