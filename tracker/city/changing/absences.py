"""Who is away from an office at a post, and who commands meanwhile: told before it is noted."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime

from tracker.city.amending import Foreseen, Step
from tracker.city.changing.posts import commanding
from tracker.city.changing.proposal import Change, Effect, must_be_ahead
from tracker.commands.tracker import Tracker
from tracker.directory import Directory
from tracker.domain.actors import Actor
from tracker.domain.city.posts import Absence, PostEntry
from tracker.domain.errors import Words

AWAY = Words(
    zh="{holder} 自 {first} 离岗,{until} 回岗", en="{holder} is away from {first}, back on {until}"
)
NEVER_AWAY = Words(
    zh="{holder} 自 {first} 的离岗取消", en="The absence of {holder} from {first} is called off"
)
BACK = Words(zh="{holder} 自 {on} 回岗", en="{holder} is back on {on}")


@dataclass(frozen=True)
class Leave(Change):
    """Somebody of the post is away, from today or a later day on."""

    post: str
    absence: Absence

    def steps(self, city: Directory, today: date, at: datetime, by: Actor) -> Iterable[Step]:
        must_be_ahead(self.absence.first, today)
        city.post(self.post)
        yield Step(PostEntry, self.post, lambda entry: entry.note_absence(self.absence, at, by))

    def effects(self, tracker: Tracker, foreseen: Foreseen) -> Iterator[Effect]:
        yield Effect(AWAY, vars(self.absence))
        for day in (self.absence.first, self.absence.until):
            yield commanding(foreseen, self.post, day)


@dataclass(frozen=True)
class Return(Change):
    """Back earlier than was noted; on the first day of an absence it never was one."""

    post: str
    holder: str
    on: date

    def steps(self, city: Directory, today: date, at: datetime, by: Actor) -> Iterable[Step]:
        must_be_ahead(self.on, today)
        city.post(self.post)
        yield Step(
            PostEntry, self.post, lambda entry: entry.end_absence(self.holder, self.on, at, by)
        )

    def effects(self, tracker: Tracker, foreseen: Foreseen) -> Iterator[Effect]:
        away = foreseen.before.post(self.post).away(self.holder, self.on)
        words = NEVER_AWAY if away and away.first == self.on else BACK
        yield Effect(words, {"holder": self.holder, "on": self.on, "first": self.on})
        yield commanding(foreseen, self.post, self.on)
