"""The next version of the SLA policy: limits of its classes, the working hours, or both."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from tracker.city.changing.at_work import open_whistles
from tracker.city.changing.city_change import CityChange, Effect, EntryChange, Preview, Stamp
from tracker.city.changing.phrases import hours_in_words, limit_in_words
from tracker.commands.tracker import Tracker
from tracker.directory import Directory
from tracker.domain.city.policy import PolicyEntry, WorkingHours
from tracker.domain.errors import Words
from tracker.domain.promises.clocks import SlaPolicy
from tracker.domain.promises.sla_classes import ClockKind, SlaClass

NEXT = Words(
    zh="第 {version} 版政策,确认后登记的吹哨适用",
    en="Version {version}, for what is registered from now on",
)
LIMITS = {
    "respond": Words("{sla} 响应时限:{was} → {now}", "{sla}, respond: {was} → {now}"),
    "control": Words("{sla} 控制时限:{was} → {now}", "{sla}, control: {was} → {now}"),
    "resolve": Words("{sla} 办结时限:{was} → {now}", "{sla}, resolve: {was} → {now}"),
    "follow_up": Words("{sla} 回访时限:{was} → {now}", "{sla}, follow-up: {was} → {now}"),
}
HOURS = Words(zh="工作时间:{was} → {now}", en="Working hours: {was} → {now}")
AS_OF_NOW = Words(
    zh="例:现在登记一件 {sla},办结期 {was} → {now}",
    en="Example: {sla} registered now would be resolved by {was} → {now}",
)
AGAIN = Words(
    zh="在办的以后暂停恢复、延期、补日历,仍按登记时的版本算;改了等级的,按改的那天的版本",
    en="Open whistles that are later resumed, extended or wait for a calendar keep the version they"
    " were promised under; a new class is a new promise, under the version of that day",
)
UNTOUCHED = Words(
    zh="{n} 件在办按原来承诺的时限办完,一个都不动",
    en="{n} open whistles keep the deadlines that were promised; none moves",
)


@dataclass(frozen=True)
class RevisePolicy(CityChange):
    """These classes and these hours; a class that is not named stays, and so do hours of None."""

    classes: tuple[SlaClass, ...] = ()
    hours: WorkingHours | None = None

    def entry_changes(self, city: Directory, stamp: Stamp) -> Iterable[EntryChange]:
        before = city.policy_terms
        new = {found.code: found for found in self.classes}
        wanted = replace(
            before,
            classes=tuple(new.get(found.code, found) for found in before.classes),
            hours=self.hours or before.hours,
        )
        yield EntryChange.revise(PolicyEntry, wanted, stamp)

    def effects(self, tracker: Tracker, preview: Preview) -> Iterator[Effect]:
        old, new = preview.before, preview.after
        yield Effect(NEXT, {"version": new.policy_terms.version})
        if old.policy_terms.hours != new.policy_terms.hours:
            hours = {
                "was": hours_in_words(old.policy_terms.hours),
                "now": hours_in_words(new.policy_terms.hours),
            }
            yield Effect(HOURS, hours)
        for sla in new.sla_classes:
            yield from _class_effects(old.policy, new.policy, sla.code, preview.at)
        yield Effect(AGAIN)
        with tracker.connection() as connection:
            yield Effect(UNTOUCHED, {"n": len(open_whistles(connection))})


def _class_effects(old: SlaPolicy, new: SlaPolicy, code: str, at: datetime) -> Iterator[Effect]:
    """Each limit of the class that changes, and an example where the resolve deadline moves."""
    was, sla = old.sla_class(code), new.sla_class(code)
    for name, words in LIMITS.items():
        before, after = getattr(was, name), getattr(sla, name)
        if before != after:
            facts: dict[str, Any] = {"was": limit_in_words(before), "now": limit_in_words(after)}
            yield Effect(words, {"sla": code, **facts})
    dues = [policy.clock(ClockKind.RESOLVE, code, at).due for policy in (old, new)]
    if dues[0] != dues[1]:
        zone = new.calendar.timezone
        was_due, now_due = (f"{due.astimezone(zone):%m-%d %H:%M}" for due in dues)
        yield Effect(AS_OF_NOW, {"sla": code, "was": was_due, "now": now_due})
