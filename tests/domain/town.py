"""A town in memory: the real commands on the real registers, given as the tracker gives them.

Only what writes and reads is left out: streams are lists, and pictures were uploaded before.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from copy import copy
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import lru_cache
from typing import Any, cast
from uuid import UUID

from api.door.access import Person, Territory, may
from api.door.subjects import WhistleSubject
from tests.domain.city_time import PACK, SHANGHAI
from tracker.city.pack import citypack
from tracker.city_zone import note_zone
from tracker.commands.command import Given
from tracker.commands.spoken import Spoken
from tracker.commands.tracker import Tracker
from tracker.commands.whistle.overseeing import LetTimePass, RecomputeDeadlines
from tracker.commands.whistle.raising import Raise
from tracker.commands.whistle.whistle_command import WhistleCommand
from tracker.directory import Directory
from tracker.domain.actors import SYSTEM, Actor
from tracker.domain.city.policy import CalendarYear, OwnDay
from tracker.domain.errors import UnknownWhistle
from tracker.domain.whistle.events import Event
from tracker.domain.whistle.refusals.overseeing import NothingToRecompute
from tracker.domain.whistle.said import Said
from tracker.domain.whistle.whistle import Whistle, whistle_id
from tracker.eventstore.connections import Pool

STREET = "532503001"
Watch = Callable[[Whistle, Event], None]


class SpokenHere(Spoken):
    """Words of a command where every picture was uploaded before."""

    def show(self, photos: Iterable[UUID], kind: str = "photo") -> Spoken:
        for photo in dict.fromkeys(photos):
            self.refs.append(Said(photo, kind, "digest"))
        return self


def registers() -> Directory:
    """Mengzi as it is loaded, without a database."""
    note_zone(SHANGHAI)
    found = {kind: {one.code: one for one in all} for kind, all in citypack.entries(PACK).items()}
    empty = Directory()
    return Directory(version=1, calendar_version=1, registers={**empty.registers, **found})


MENGZI = registers()


class NothingStored:
    """A connection to a database without words and pictures."""

    def execute(self, *query: object) -> Iterator[tuple[object, ...]]:
        return iter(())


@dataclass
class Town:
    """Its whistles, its registers and its time. `watch` is shown each event before it is folded."""

    now: datetime
    city: Directory = MENGZI
    watch: Watch = lambda whistle, event: None
    streams: dict[UUID, list[Event]] = field(default_factory=dict)
    live: dict[UUID, Whistle] = field(default_factory=dict)

    # --- what a command asks of the tracker ------------------------------------------------------

    def whistle(self, number: str | UUID) -> Whistle:
        """A copy of its own, as if folded from the stream."""
        found = self.live.get(self.id_of(number))
        if found is None:
            raise UnknownWhistle(number=str(number))
        return own_copy(found)

    def story(self, whistle: UUID) -> list[Event]:
        return list(self.streams[whistle])

    id_of = staticmethod(Tracker.id_of)

    @contextmanager
    def connection(self) -> Iterator["NothingStored"]:
        """For the questions that a command asks of stored words: there are none."""
        yield NothingStored()

    # --- giving ----------------------------------------------------------------------------------

    def open(self, command: Raise, *, actor: Actor, receipt: str | None = None) -> Whistle:
        number = f"W-260302-{len(self.live) + 1:06d}"
        given = self._given(actor, self._words(command, whistle_id(number)), receipt, None)
        whistle = command.begin(number, given)
        self._keep([whistle])
        return whistle

    def give(
        self,
        command: WhistleCommand,
        number: UUID,
        *,
        actor: Actor,
        receipt: str | None = None,
    ) -> Whistle:
        """As `Tracker.give`. Raises what the command refuses with; then nothing is kept."""
        tracker = cast(Tracker, self)
        words = self._words(command, command.stream(tracker, number))
        whistle = command.load(tracker, number)
        given = self._given(actor, words, receipt, number)
        given = replace(given, at=command.moment(whistle, self.now))
        command.let_time_pass(whistle, given)
        command.carry_out(whistle, given)
        self._keep([whistle, *cast(list[Whistle], given.others)])
        return self.live[whistle.id]

    def _given(
        self, actor: Actor, words: tuple[Any, ...], receipt: str | None, number: UUID | None
    ) -> Given:
        tracker = cast(Tracker, self)
        return Given(tracker, self.city, actor, self.now, words, receipt, number=number)

    def _words(self, command: Any, whistle: UUID) -> tuple[Any, ...]:
        spoken = SpokenHere(cast(Pool, None), whistle)
        command.speak(spoken)
        return tuple(spoken.refs)

    def _keep(self, changed: Iterable[Whistle]) -> None:
        for whistle in changed:
            events = [one for one in whistle.collect_events() if isinstance(one, Event)]
            known = self.live.get(whistle.id)
            if known is not None:
                expected = known.version + len(events)
                assert whistle.version == expected, "two copies of one whistle were changed"
            for event in events:
                self.watch(whistle, event)
            self.streams.setdefault(whistle.id, []).extend(events)
            self.live[whistle.id] = own_copy(whistle)

    # --- what happens by itself ------------------------------------------------------------------

    def sweep(self) -> None:
        """What fell due is recorded, and open whistles follow the registers."""
        for id in list(self.live):
            self.give(LetTimePass(), id, actor=SYSTEM)

    def change(self, kind: str, code: str, **changes: Any) -> None:
        """An entry of a register changes, and the whistles follow."""
        entry = replace(self.city.registers[kind][code], **changes)
        self._enter(kind, entry)
        self.sweep()

    def a_calendar_arrives(self, year: int, *days_off: date) -> None:
        days = tuple(OwnDay(on, "holiday_weekday_off") for on in days_off)
        self._enter("calendar", CalendarYear(code=str(year), name=str(year), days=days))
        for id in list(self.live):
            try:
                self.give(RecomputeDeadlines(), id, actor=SYSTEM)
            except NothingToRecompute:
                continue

    def _enter(self, kind: str, entry: Any) -> None:
        register = {**self.city.registers[kind], entry.code: entry}
        calendars = self.city.calendar_version + (kind == "calendar")
        self.city = replace(
            self.city,
            registers={**self.city.registers, kind: register},
            calendar_version=calendars,
        )


def own_copy(whistle: Whistle) -> Whistle:
    """A copy that shares only what never changes."""
    twin: Whistle = object.__new__(Whistle)
    for name, value in vars(whistle).items():
        vars(twin)[name] = copy(value) if isinstance(value, list | dict | set | deque) else value
    twin.said_here = {child: list(said) for child, said in whistle.said_here.items()}
    return twin


@lru_cache(maxsize=2000)
def person(actor: Actor, city: Directory) -> Person:
    """The actor at the door, with the territory of his post and what his unit may claim."""
    post = city.post(actor.post) if actor.post else None
    unit = actor.unit
    can = {c.code for c in city.categories if city.may_claim(unit, c.code)} if unit else set()
    territory = Territory(street=post.street) if post else Territory()
    return Person(actor, territory, frozenset(can))


def lets_in(right: str, actor: Actor, whistle: WhistleSubject, city: Directory) -> bool:
    """Whether the access table lets the person ask for it."""
    return may(right, person(actor, city), whistle)
