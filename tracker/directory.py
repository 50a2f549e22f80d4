"""The city as it stands: its areas, posts, units, catalogue, policy and accounts.

A `Directory` is folded from the city's events and never changes, so that a whole command sees one
city; `CityDirectory` keeps the newest one.
"""

import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import cached_property
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from eventsourcing.persistence import Notification

from tracker.city_zone import note_zone
from tracker.domain.actors import Actor
from tracker.domain.city.accounts import Account, UnknownAccount
from tracker.domain.city.areas import Area, GridPlan, Level, UnknownArea, UnknownGrid
from tracker.domain.city.catalogue import (
    Category,
    Major,
    ServiceItem,
    UnknownCategory,
    UnknownItem,
    UnknownMajor,
)
from tracker.domain.city.city import City
from tracker.domain.city.entries import CodedValue, Event
from tracker.domain.city.policy import CalendarYear, PolicyTerms, pack_of
from tracker.domain.city.posts import Appointment, CommandPost, UnknownPost
from tracker.domain.city.registers import REGISTERS
from tracker.domain.city.units import Unit, UnitKind, UnknownUnit
from tracker.domain.errors import Conflict, Refusal, Words
from tracker.domain.promises.clocks import SlaClass, SlaPolicy
from tracker.domain.promises.working_time import WorkCalendar

Register = Mapping[str, Any]  # the entries of one kind, by their code


@dataclass(frozen=True, eq=False)
class Directory:
    """The city at one position of the log.

    The lists hold what stands now; by its code an ended entry is still found. An unknown code is
    refused by the class of its kind (`UnknownUnit`, `UnknownPost`, …).
    """

    version: int = 0  # position of the last event of the city that is in it
    catalogue_version: int = 0  # grows by one with each change of the categories
    catalogue_changed_at: datetime | None = None
    calendar_version: int = 0
    former_terms: tuple[PolicyTerms, ...] = ()  # the versions before the one in force
    registers: Mapping[str, Register] = field(
        default_factory=lambda: {register.kind: {} for register in REGISTERS}
    )

    def fold(self, events: Iterable[tuple[int, Event]]) -> "Directory":
        """The city after these events, each with its position; this one stays as it is."""
        registers = {kind: dict(register) for kind, register in self.registers.items()}
        version, calendar = self.version, self.calendar_version
        catalogue, changed_at = self.catalogue_version, self.catalogue_changed_at
        former = self.former_terms
        for position, event in events:
            register = registers[event.KIND]
            before = register.get(event.code)
            register[event.code] = event.change(before)
            version = position
            match event.KIND:
                case "calendar":
                    calendar += 1
                case "policy" if before is not None:
                    former = (*former, before)
                case "category" if event.timestamp != changed_at:
                    # What is recorded at one moment is one change, however many it names.
                    catalogue, changed_at = catalogue + 1, event.timestamp
        return replace(
            self,
            version=version,
            catalogue_version=catalogue,
            catalogue_changed_at=changed_at,
            calendar_version=calendar,
            former_terms=former,
            registers=registers,
        )

    @property
    def is_loaded(self) -> bool:
        return bool(self.registers["city"] and self.registers["policy"])

    @cached_property
    def city(self) -> City:
        city: City | None = next(iter(self.registers["city"].values()), None)
        if city is None:
            raise CityNotLoaded
        return city

    @cached_property
    def policy(self) -> SlaPolicy:
        """The policy in force with its former versions, on the calendar as it is known now."""
        former = {before.version: self._policy(before) for before in self.former_terms}
        return replace(self._policy(self.policy_terms), former=former)

    def _policy(self, terms: PolicyTerms) -> SlaPolicy:
        years = sorted(self.registers["calendar"].values(), key=_code)
        return SlaPolicy(
            version=terms.version,
            classes={found.code: found for found in terms.classes},
            calendar=WorkCalendar.from_pack(
                pack_of(terms.hours, years), version=self.calendar_version
            ),
        )

    @property
    def zone(self) -> ZoneInfo:
        """The zone of the city's working hours, which is the city's own."""
        return ZoneInfo(self.policy_terms.hours.timezone)

    @property
    def policy_terms(self) -> PolicyTerms:
        terms: PolicyTerms | None = next(iter(self.registers["policy"].values()), None)
        if terms is None:
            raise CityNotLoaded
        return terms

    @property
    def sla_classes(self) -> tuple[SlaClass, ...]:
        """In order of urgency."""
        return self.policy_terms.classes

    @cached_property
    def calendar_years(self) -> tuple[CalendarYear, ...]:
        return tuple(self._standing("calendar"))

    # Areas and grids

    @cached_property
    def areas(self) -> tuple[Area, ...]:
        """Prefecture, city, streets, communities and the grids of every plan."""
        return tuple(self._standing("area"))

    def areas_of(self, level: Level) -> tuple[Area, ...]:
        return tuple(area for area in self.areas if area.level is level)

    def area(self, code: str) -> Area:
        found: Area = self._found("area", code, UnknownArea)
        return found

    def grid(self, code: str) -> Area:
        """A grid of any plan, whether in force or not."""
        found: Area | None = self.registers["area"].get(code)
        if found is None or found.level is not Level.COMPOUND:
            raise UnknownGrid(given=code)
        return found

    @cached_property
    def plans(self) -> tuple[GridPlan, ...]:
        return tuple(self._standing("plan"))

    def plan(self, on: date) -> GridPlan | None:
        """The plan in force on that day: of several, the one that began last."""
        begun = [
            (since, plan.code, plan)
            for plan in self.plans
            if (since := plan.in_force_since(on)) is not None
        ]
        return max(begun)[2] if begun else None

    def grids(self, on: date) -> tuple[Area, ...]:
        """The grids of the plan in force on that day, by code; none before the first plan."""
        plan = self.plan(on)
        return tuple(self.grid(code) for code in sorted(plan.grids)) if plan else ()

    # Posts

    @cached_property
    def posts(self) -> tuple[CommandPost, ...]:
        return tuple(self._standing("post"))

    def posts_on(self, on: date) -> tuple[CommandPost, ...]:
        """The posts of that day, those ended since included."""
        return tuple(post for post in self.registers["post"].values() if post.stands(on))

    def post(self, code: str) -> CommandPost:
        found: CommandPost = self._found("post", code, UnknownPost)
        return found

    def acting_commander(self, post: str, on: date) -> Appointment | None:
        """Who commands at the post on that day, perhaps a deputy; None where it is vacant."""
        return self.post(post).acting_commander(on)

    # Units

    @cached_property
    def units(self) -> tuple[Unit, ...]:
        """The units with duties; see also `responders` and `members`."""
        return self._units(UnitKind.UNIT)

    @cached_property
    def responders(self) -> tuple[Unit, ...]:
        return self._units(UnitKind.RESPONDER)

    @cached_property
    def members(self) -> tuple[Unit, ...]:
        """The members of the alliance."""
        return self._units(UnitKind.MEMBER)

    def unit(self, code: str) -> Unit:
        """A unit, an extra responder or a member of the alliance."""
        found: Unit = self._found("unit", code, UnknownUnit)
        return found

    def current_unit(self, code: str) -> Unit:
        """A unit that may be given a whistle today; an ended one is refused as unknown."""
        found = self.unit(code)
        if found.ended_on is not None:
            raise UnknownUnit(given=code)
        return found

    @property
    def emergency_default(self) -> tuple[str, tuple[str, ...]]:
        """Lead and co units of an emergency whose category nobody knows yet."""
        return self.city.emergency_lead, self.city.emergency_co

    # Catalogue

    @cached_property
    def majors(self) -> tuple[Major, ...]:
        return tuple(self._standing("major"))

    def major(self, code: str) -> Major:
        found: Major = self._found("major", code, UnknownMajor)
        return found

    def current_major(self, code: str) -> Major:
        """A family in which a category may stand; an ended one is refused as unknown."""
        found = self.major(code)
        if found.ended_on is not None:
            raise UnknownMajor(given=code)
        return found

    @cached_property
    def categories(self) -> tuple[Category, ...]:
        return tuple(self._standing("category"))

    def category(self, code: str) -> Category:
        found: Category = self._found("category", code, UnknownCategory)
        return found

    def current_category(self, code: str) -> Category:
        """A category that may be chosen today; an ended one is refused as unknown."""
        found = self.category(code)
        if found.ended_on is not None:
            raise UnknownCategory(given=code)
        return found

    def minors_of(self, code: str) -> list[str]:
        """The categories that belong to a major now, ended ones too; of a minor one it alone."""
        if code not in self.registers["major"]:
            return [code]
        every = self.registers["category"].values()
        return sorted(one.code for one in every if one.major == code)

    @cached_property
    def service_items(self) -> tuple[ServiceItem, ...]:
        return tuple(self._standing("item"))

    def service_item(self, code: str) -> ServiceItem:
        found: ServiceItem = self._found("item", code, UnknownItem)
        return found

    def current_item(self, code: str) -> ServiceItem:
        """A service item that is offered today; an ended one is refused as unknown."""
        found = self.service_item(code)
        if found.ended_on is not None:
            raise UnknownItem(given=code)
        return found

    def may_claim(self, responder: str, category: str) -> bool:
        """Whether the unit or member may take whistles of the category from the pool."""
        unit, problem = self.unit(responder), self.category(category)
        if not problem.poolable or problem.confidential or unit.ended_on or problem.ended_on:
            return False
        claimable, member = problem.claimable_by, unit.kind is UnitKind.MEMBER
        if claimable.anyone:
            return member or unit.whistle_duty
        return unit.code in claimable.units or (member and unit.sector in claimable.sectors)

    # Accounts

    @property
    def accounts(self) -> Mapping[str, Account]:
        return self.registers["account"]

    def account(self, username: str) -> Account:
        """The account, active or not."""
        found = self.accounts.get(username)
        if found is None:
            raise UnknownAccount(username=username)
        return found

    def actor(self, account: Account) -> Actor:
        """The account as it acts; a grid worker also in the grids that were split from the own."""
        return replace(account.actor(), parts=self.parts_of(account.grid))

    def parts_of(self, grid: str | None) -> frozenset[str]:
        """The grids that were split from this one, whichever plan is in force."""
        return self._parts.get(grid, frozenset()) if grid else frozenset()

    @cached_property
    def _parts(self) -> Mapping[str, frozenset[str]]:
        found: dict[str, set[str]] = {}
        for area in self.registers["area"].values():
            if area.split_from:
                found.setdefault(area.split_from, set()).add(area.code)
        return {whole: frozenset(parts) for whole, parts in found.items()}

    def _found(self, kind: str, code: str, unknown: type[Refusal]) -> Any:
        found = self.registers[kind].get(code)
        if found is None:
            raise unknown(given=code)
        return found

    def _units(self, kind: UnitKind) -> tuple[Unit, ...]:
        return tuple(unit for unit in self._standing("unit") if unit.kind is kind)

    def _standing(self, kind: str) -> Sequence[Any]:
        entries: Iterable[CodedValue] = self.registers[kind].values()
        return sorted((entry for entry in entries if entry.ended_on is None), key=_code)


def _code(entry: CodedValue) -> str:
    return entry.code


class Log(Protocol):
    """The part of the recorder that the directory reads."""

    def read(
        self, after: int, limit: int, topics_prefix: str | None = None
    ) -> Sequence[Notification]: ...


class Decoder(Protocol):
    def to_domain_event(self, stored_event: Any, /) -> Any: ...


BATCH = 4096


class CityDirectory:
    """The newest `Directory` of a process, brought up to date at most once in `patience` seconds.

    Any thread may ask: one of them reads the log, the others get the last directory meanwhile.
    """

    def __init__(
        self,
        recorder: Log,
        mapper: Decoder,
        patience: float = 1.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._recorder, self._mapper = recorder, mapper
        self._patience, self._clock = patience, clock
        self._reading = threading.Lock()
        self._newest = Directory()
        self._read_at: float | None = None

    def now(self) -> Directory:
        """The city, at most `patience` seconds old; the first call reads all of it."""
        if self._read_at is None:
            return self.refresh()
        if self._clock() - self._read_at >= self._patience and self._reading.acquire(False):
            try:
                self._read()
            finally:
                self._reading.release()
        return self._newest

    def refresh(self) -> Directory:
        """The city with everything that can be read in the log now: ask it after a change."""
        with self._reading:
            self._read()
        return self._newest

    def _read(self) -> None:
        while True:
            found = self._recorder.read(self._newest.version, BATCH, topics_prefix="city.")
            if found:
                self._newest = self._newest.fold(
                    (notification.id, self._mapper.to_domain_event(notification))
                    for notification in found
                )
            if len(found) < BATCH:
                break
        if self._newest.is_loaded:
            note_zone(self._newest.zone)
        self._read_at = self._clock()


class CityNotLoaded(Conflict):
    """The log is empty: there is no city yet to which a whistle could belong."""

    code = "city.not_loaded"
    message = Words(zh="尚未载入城市目录", en="No city has been loaded yet")
    remedy = Words(
        zh="请管理员运行 tracker load-city", en="Ask the administrator to run tracker load-city"
    )
