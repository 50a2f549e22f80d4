"""An absence from an office at a post, and who commands meanwhile."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from tracker.city.changing.city_change import (
    CityChange,
    Effect,
    EntryChange,
    Preview,
    Stamp,
    must_be_ahead,
)
from tracker.city.changing.posts import commanding
from tracker.commands.tracker import Tracker
from tracker.directory import Directory
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
class Leave(CityChange):
    """Somebody of the post is away, from today or a later day on."""

    post: str
    absence: Absence

    def entry_changes(self, city: Directory, stamp: Stamp) -> Iterable[EntryChange]:
        must_be_ahead(self.absence.first, stamp.today)
        city.post(self.post)
        yield EntryChange.by(
            PostEntry.note_absence, PostEntry, self.post, self.absence, stamp=stamp
        )

    def effects(self, tracker: Tracker, preview: Preview) -> Iterator[Effect]:
        yield Effect(AWAY, vars(self.absence))
        for day in (self.absence.first, self.absence.until):
            yield commanding(preview, self.post, day)


@dataclass(frozen=True)
class Return(CityChange):
    """Somebody is back earlier than was noted; on its first day an absence is called off."""

    post: str
    holder: str
    on: date

    def entry_changes(self, city: Directory, stamp: Stamp) -> Iterable[EntryChange]:
        must_be_ahead(self.on, stamp.today)
        city.post(self.post)
        yield EntryChange.by(
            PostEntry.end_absence, PostEntry, self.post, self.holder, self.on, stamp=stamp
        )

    def effects(self, tracker: Tracker, preview: Preview) -> Iterator[Effect]:
        away = preview.before.post(self.post).away(self.holder, self.on)
        words = NEVER_AWAY if away and away.first == self.on else BACK
        yield Effect(words, {"holder": self.holder, "on": self.on, "first": self.on})
        yield commanding(preview, self.post, self.on)
