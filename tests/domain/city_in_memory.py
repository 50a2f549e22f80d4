"""A city whose log is a list: every command is given as in production, without a database.

Loading, passing time, deciding and drawing consequences are the product's own; only storing is not.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from typing import Any, cast
from uuid import UUID, uuid4

from tests.mengzi import the_city
from tracker.commands.command import Given
from tracker.commands.tracker import Tracker
from tracker.commands.whistle.raising import Raise
from tracker.commands.whistle.whistle_command import WhistleCommand
from tracker.directory import Directory
from tracker.domain.actors import Actor
from tracker.domain.errors import Refusal
from tracker.domain.whistle.events import Event, Said
from tracker.domain.whistle.whistle import Whistle, whistle_id

MENGZI = the_city()


@dataclass
class CityInMemory:
    """`whistles` as they stand, `log` with every event that was ever recorded."""

    now: datetime
    city: Directory = MENGZI
    whistles: dict[UUID, Whistle] = field(default_factory=dict)
    log: list[Event] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)

    @property
    def as_tracker(self) -> Tracker:
        """What commands load other whistles from."""
        return cast(Tracker, self)

    def whistle(self, number: str | UUID) -> Whistle:
        """A copy, as a load from the log is: what a refused command did to it is forgotten."""
        return deepcopy(self.whistles[self.id_of(number)])

    @contextmanager
    def connection(self) -> Iterator["NothingBesideTheLog"]:
        """What people wrote is not kept here: no picture shows the same as another."""
        yield NothingBesideTheLog()

    def id_of(self, number: str | UUID) -> UUID:
        return number if isinstance(number, UUID) else whistle_id(number)

    def raise_(self, command: Raise, actor: Actor, receipt: str | None = None) -> Whistle:
        number = f"W-260302-{len(self.whistles) + 1:06d}"
        given = self._given(command, actor, receipt)
        whistle = command.begin(number, given)
        self._keep(whistle)
        return whistle

    def give(self, command: WhistleCommand, number: str | UUID, actor: Actor) -> Refusal | None:
        """The refusal, after which everything is as before; None: it was done."""
        given = self._given(command, actor, receipt=uuid4().hex)
        try:
            whistle = command.load(self.as_tracker, number)
            command.let_time_pass(whistle, given)
            command.carry_out(whistle, given)
        except Refusal as refusal:
            self.refusals.append(refusal)
            return refusal
        self._keep(whistle, *(one for one in given.others if isinstance(one, Whistle)))
        return None

    def change(self, kind: str, code: str, **changes: Any) -> None:
        """One entry of a register is another from now on."""
        registers = {name: dict(entries) for name, entries in self.city.registers.items()}
        registers[kind][code] = replace(registers[kind][code], **changes)
        self.city = replace(self.city, registers=registers)

    def _given(self, command: Any, actor: Actor, receipt: str | None) -> Given:
        words = tuple(_said(command))
        return Given(self.as_tracker, self.city, actor, self.now, words, receipt)

    def _keep(self, *whistles: Whistle) -> None:
        for whistle in whistles:
            self.log += cast(Iterator[Event], whistle.collect_events())
            self.whistles[whistle.id] = whistle


class NothingBesideTheLog:
    """A table without rows, whatever is asked of it."""

    def execute(self, *asked: object) -> "NothingBesideTheLog":
        return self

    def fetchall(self) -> list[object]:
        return []

    def fetchone(self) -> None:
        return None

    def __iter__(self) -> Iterator[object]:
        return iter(())


def _said(command: Any) -> Iterator[Said]:
    """What the command says, each with a digest of its own; the text of a report too."""
    kinds = dict(command.said) or {"text": "text", "photos": "photo"}
    for one in fields(command):
        value = getattr(command, one.name)
        if one.name not in kinds or not value:
            continue
        for _ in value if isinstance(value, tuple) else (value,):
            yield Said(uuid4(), kinds[one.name], uuid4().hex)
