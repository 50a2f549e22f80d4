"""A unit's name, contact and duties; a unit that closes, and one that stands again."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime

from tracker.amending import Foreseen, Step
from tracker.application import Tracker
from tracker.changing.at_work import open_whistles
from tracker.changing.proposal import Change, Effect, must_be_ahead
from tracker.directory import Directory
from tracker.domain.actors import Actor
from tracker.domain.errors import Conflict, Words
from tracker.domain.units import Unit, UnitEntry

SHOWN = Words(
    zh="各页从现在起显示“{short}”;{n} 件在办不变,时限不变",
    en='Pages say "{short}" from now on; {n} open whistles and their deadlines stay',
)
NO_MORE_DUTY = Words(
    zh="不再是责任单位:{n} 个类别仍以它为主责",
    en="It has no whistle duty any more: {n} categories still name it as their lead",
)
AT_WORK = Words(
    zh="{n} 件在办由它办完;新的不再派给它",
    en="It finishes {n} open whistles; no new one is given to it",
)
STAFF = Words(
    zh="它的 {n} 个账号仍可登录,请另行停用",
    en="Its {n} accounts still sign in: shut them apart",
)
STANDS = Words(zh="{short} 可以再接吹哨", en="{short} may be given whistles again")


@dataclass(frozen=True)
class Amend(Change):
    unit: Unit

    def steps(self, city: Directory, today: date, at: datetime, by: Actor) -> Iterable[Step]:
        city.unit(self.unit.code)
        yield Step(UnitEntry, self.unit.code, lambda entry: entry.keep(self.unit, today, at, by))

    def effects(self, tracker: Tracker, foreseen: Foreseen) -> Iterator[Effect]:
        with tracker.connection() as connection:
            n = len(open_whistles(connection, unit=self.unit.code))
        yield Effect(SHOWN, {"short": self.unit.short, "n": n})
        before = foreseen.before.unit(self.unit.code)
        led = led_by(foreseen.after, self.unit.code)
        if before.whistle_duty and not self.unit.whistle_duty and led:
            yield Effect(NO_MORE_DUTY, {"n": len(led)}, warns=True)


@dataclass(frozen=True)
class Close(Change):
    code: str
    on: date

    def steps(self, city: Directory, today: date, at: datetime, by: Actor) -> Iterable[Step]:
        unit = city.unit(self.code)
        must_be_ahead(self.on, today)
        led = led_by(city, self.code)
        if led:
            raise StillNamed(unit=unit.short, n=len(led), first=led[0])
        yield Step(UnitEntry, self.code, lambda entry: entry.end(self.on, at, by))

    def effects(self, tracker: Tracker, foreseen: Foreseen) -> Iterator[Effect]:
        with tracker.connection() as connection:
            n = len(open_whistles(connection, unit=self.code))
        yield Effect(AT_WORK, {"n": n})
        staff = [
            account
            for account in foreseen.after.accounts.values()
            if account.unit == self.code and account.active
        ]
        if staff:
            yield Effect(STAFF, {"n": len(staff)}, warns=True)


@dataclass(frozen=True)
class Restore(Change):
    unit: Unit  # as it is to stand: not ended

    def steps(self, city: Directory, today: date, at: datetime, by: Actor) -> Iterable[Step]:
        yield Step(UnitEntry, self.unit.code, lambda entry: entry.keep(self.unit, today, at, by))

    def effects(self, tracker: Tracker, foreseen: Foreseen) -> Iterator[Effect]:
        yield Effect(STANDS, {"short": self.unit.short})


def led_by(city: Directory, unit: str) -> list[str]:
    """The names of the categories, and of the city's default, that name it for new whistles."""
    named = [
        category.name
        for category in city.categories
        if unit == category.lead_unit or unit in category.co_units
    ]
    lead, co = city.emergency_default
    return named + ([city.city.name] if unit in (lead, *co) else [])


class StillNamed(Conflict):
    """A unit that a category still names cannot close: new whistles would go to nobody."""

    code = "unit.still_named"
    message = Words(
        zh="{n} 个类别还指定 {unit},首个:{first}",
        en="{n} categories still name {unit}, the first: {first}",
    )
    remedy = Words(
        zh="请先给这些类别改主责或协办单位", en="Give those categories other units first"
    )
