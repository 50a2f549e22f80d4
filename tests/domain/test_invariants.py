"""What holds whatever people do, in any order, with time passing in between (domain.md §4.3).

All commands are given to a town in memory as the tracker gives them: time passes first, then the
command decides, and the consequences of what it decided are drawn.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

import hypothesis.strategies as st
import pytest
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from api.door.subjects import WhistleSubject
from tests.domain.asking import (
    FAMILIES,
    NAMES,
    RECEIPTS,
    REPORTERS,
    TRIED_UNITS,
    Asking,
    people,
    report,
)
from tests.domain.city_time import MONDAY_TEN, SHANGHAI
from tests.domain.holding import Held
from tests.domain.town import Town, lets_in
from tests.domain.whistles import AUDITOR, CITY
from tracker.commands.whistle.annulling import Annul
from tracker.commands.whistle.commands import lets
from tracker.commands.whistle.whistle_command import WhistleCommand
from tracker.domain.actors import Actor, Role
from tracker.domain.errors import Refusal
from tracker.domain.whistle.consequences import current_successor
from tracker.domain.whistle.soundness import Unsound
from tracker.domain.whistle.states import State
from tracker.domain.whistle.whistle import Whistle

MOST = 4  # whistles in one history
OF_EMERGENCIES = ("U12", "U04", "U13")  # the city always has somebody to send
HEIRS = ("", "U05", "U19", "U25")
CHANGES: tuple[dict[str, Any], ...] = (
    *({"poolable": False}, {"poolable": True}, {"confidential": True}, {"confidential": False}),
    *({"sla": "E1"}, {"sla": "X5"}, {"lead_unit": "U05", "co_units": ("U04",)}, {"major": "E01"}),
)
YEARS_END = datetime(2026, 12, 30, 15, tzinfo=SHANGHAI)  # 2027 has no calendar yet
CHANCES = st.integers(0, 2**32 - 1)
BY_TWO = (
    "void",
    "correct",
    "correct",
    "suspend",
    "suspend",
    "transfer-out",
    "unmark-confidential",
    "exclude",
    *("annul", "annul"),
)
OFTEN = ("merge", "unmerge", "withdraw", "join", "correct", "classify", "mark-confidential")
NEXT: dict[State, tuple[str, ...]] = {
    State.RAISED: ("classify",),
    State.TRIAGED: ("pool", "dispatch"),
    State.POOLED: ("claim",),
    State.CLAIMED: ("respond",),
    State.DISPATCHED: ("respond",),
    State.RESPONDED: ("start",),
    State.IN_PROGRESS: ("control", "respond", "submit"),
    State.SUSPENDED: ("resume",),
    State.SUBMITTED: ("verify",),
    State.VERIFIED: ("follow-up",),
    State.CLOSED: ("reopen",),
    State.VOID: ("reopen",),
    State.MERGED: ("unmerge",),
}


class City(RuleBasedStateMachine):
    """Random commands by random people on a few whistles, in random order."""

    def __init__(self) -> None:
        super().__init__()
        self.held = Held()
        self.town = Town(MONDAY_TEN, watch=self.held.see)
        self.family: Sequence[str] = ()
        self.steps = 0

    @initialize(chances=CHANCES, late=st.booleans(), family=st.sampled_from(FAMILIES))
    def it_is(self, chances: int, late: bool, family: Sequence[str]) -> None:
        self.town.now = YEARS_END if late else MONDAY_TEN
        self.family = family
        for _ in range(2):
            self.somebody_reports(self.chance(chances))

    def chance(self, chances: int) -> Random:
        """Another at each step, so that equal numbers do not make equal steps."""
        self.steps += 1
        return Random(f"{chances} {self.steps}")

    def some(self, chance: Random) -> Whistle:
        """Mostly one that is not over."""
        every = list(self.town.live.values())
        return chance.choice([*every, *[one for one in every if not one.is_terminal] * 3])

    def somebody_reports(self, chance: Random) -> None:
        actor = chance.choice(REPORTERS)
        receipt = actor.reporter_of if actor in RECEIPTS else None
        command = report(chance, self.family)
        self.tried(lambda: self.town.open(command, actor=actor, receipt=receipt), actor)

    @precondition(lambda self: len(self.town.live) < MOST)
    @rule(chances=CHANCES)
    def somebody_raises(self, chances: int) -> None:
        self.somebody_reports(self.chance(chances))

    @rule(chances=CHANCES, steps=st.integers(1, 4))
    def the_work_goes_on(self, chances: int, steps: int) -> None:
        """The usual next steps, so that the far states are reached too."""
        chance = self.chance(chances)
        id = self.some(chance).id
        for _ in range(steps):
            for name in self.usual(self.town.live[id], chance):
                self.ask(self.town.live[id], name, chance, likely=True)

    def usual(self, whistle: Whistle, chance: Random) -> tuple[str, ...]:
        steps = NEXT.get(whistle.state, ())
        if whistle.state is State.TRIAGED:
            return (chance.choice(steps),)
        return (*("respond", "submit") * len(whistle.co), *steps) if whistle.co else steps

    @rule(chances=CHANCES)
    def somebody_asks(self, chances: int) -> None:
        chance = self.chance(chances)
        name = chance.choice([*sorted(NAMES), *OFTEN])
        self.ask(self.one_for(name, chance), name, chance)

    @rule(chances=CHANCES)
    def somebody_does_what_he_may(self, chances: int) -> None:
        chance = self.chance(chances)
        whistle = self.some(chance)
        for name in chance.sample(sorted(NAMES), len(NAMES)):
            if self.who_may(whistle, name):
                self.ask(whistle, name, chance)
                return

    @rule(chances=CHANCES)
    def two_ask_for_the_same(self, chances: int) -> None:
        chance = self.chance(chances)
        name = chance.choice(BY_TWO)
        whistle = self.one_for(name, chance)
        command = self.made(whistle, name, chance)
        for _ in range(2):
            whistle = self.town.live[whistle.id]
            actor = self.who(whistle, name, chance)
            if self.at_the_door(name, actor, whistle):
                self.give(command, whistle.id, actor)

    @rule(chances=CHANCES)
    def two_become_one(self, chances: int) -> None:
        chance = self.chance(chances)
        for whistle in list(self.town.live.values()):
            if whistle.state is State.RAISED:
                self.ask(whistle, "classify", chance, likely=True)
            if whistle.place.grid is None:
                self.ask(whistle, "locate", chance, likely=True)
        self.ask(self.one_for("merge", chance), "merge", chance, likely=True)

    @rule(chances=CHANCES)
    def time_passes(self, chances: int) -> None:
        chance = self.chance(chances)
        self.town.now += timedelta(minutes=chance.choice((1, 20, 20, 90, 90, 300, 300, 1500, 9000)))
        if chance.choice((True, False)):
            self.tried(self.town.sweep, None)

    @rule(chances=CHANCES)
    def a_host_runs_ahead(self, chances: int) -> None:
        """It records what has not come yet; mostly it is noticed, and annulled as far as may be."""
        chance, now = self.chance(chances), self.town.now
        self.town.now += timedelta(minutes=chance.choice((90, 300, 1500)))
        self.tried(self.town.sweep, None)
        self.town.now = now
        for whistle in list(self.town.live.values()):
            for actor in (CITY, AUDITOR) if chance.random() < 0.7 else ():
                self.ask_to_annul(whistle.id, actor)

    def ask_to_annul(self, id: UUID, actor: Actor) -> None:
        whistle, now = self.town.live[id], self.town.now
        told = {one.originator_version: one.timestamp for one in self.town.streams[id]}
        false = tuple(one for one in whistle.by_time if told[one] > now)
        if false and self.at_the_door("annul", actor, whistle):
            self.give(Annul(events=false, reason="时钟快了"), id, actor)

    @rule(chances=CHANCES)
    def the_city_changes(self, chances: int) -> None:
        chance = self.chance(chances)
        parts = [part.unit for one in self.town.live.values() for part in one.assignments]
        match chance.choice(("ends", "ends", "category", "category", "restored", "calendar")):
            case "ends":
                unit, heir = chance.choice([*TRIED_UNITS, *parts, *parts]), chance.choice(HEIRS)
                if unit in OF_EMERGENCIES:
                    heir = heir or "U05"
                on = self.town.now.date()
                terms = {"ended_on": on, "successor": heir if heir != unit else ""}
                if self.somebody_is_sent_without(unit, **terms):
                    self.tried(lambda: self.town.change("unit", unit, **terms), None)
            case "restored":
                unit = chance.choice([*TRIED_UNITS, *parts])
                back: dict[str, Any] = {"ended_on": None, "successor": ""}
                self.tried(lambda: self.town.change("unit", unit, **back), None)
            case "category":
                code, changes = chance.choice(self.family), chance.choice(CHANGES)
                self.tried(lambda: self.town.change("category", code, **changes), None)
            case "calendar" if "2027" not in self.town.city.registers["calendar"]:
                days = [date(2027, 1, 1), date(2027, 1, 4), date(2027, 1, 5)]
                self.tried(lambda: self.town.a_calendar_arrives(2027, *days), None)

    def somebody_is_sent_without(self, unit: str, **terms: Any) -> bool:
        """Whether an emergency still has a unit; else the registers do not close it."""
        city = self.town.city
        units = {**city.registers["unit"], unit: replace(city.unit(unit), **terms)}
        after = replace(city, registers={**city.registers, "unit": units})
        return any(current_successor(after, after.unit(one)) for one in OF_EMERGENCIES)

    # --- asking ----------------------------------------------------------------------------------

    def who(self, whistle: Whistle, name: str, chance: Random, *, likely: bool = False) -> Actor:
        """Mostly somebody who may; sometimes anybody."""
        may = self.who_may(whistle, name)
        fits = likely or chance.random() < 0.9
        return chance.choice(may if may and fits else people(whistle))

    def who_may(self, whistle: Whistle, name: str) -> list[Actor]:
        """Who is let in, and would not be refused before the command's fields are looked at."""
        command, looked_at = NAMES[name], whistle
        if command.on_parent and whistle.merged_into is not None:
            looked_at = self.town.live[whistle.merged_into]
        who = [one for one in people(looked_at) if lets(command, looked_at, one, self.town.now)]
        return [one for one in who if self.at_the_door(name, one, whistle)]

    def one_for(self, name: str, chance: Random) -> Whistle:
        """Mostly one to which somebody may give the command."""
        fit = [one for one in self.town.live.values() if self.who_may(one, name)]
        return chance.choice(fit) if fit and chance.random() < 0.9 else self.some(chance)

    def made(self, whistle: Whistle, name: str, chance: Random, **terms: bool) -> WhistleCommand:
        return Asking(self.town, whistle, NAMES[name], chance, self.family, **terms).made()

    def ask(self, whistle: Whistle, name: str, chance: Random, *, likely: bool = False) -> None:
        actor = self.who(whistle, name, chance, likely=likely)
        if self.at_the_door(name, actor, whistle):
            self.give(self.made(whistle, name, chance, likely=likely), whistle.id, actor)

    def give(self, command: WhistleCommand, to: UUID, actor: Actor) -> None:
        own = actor in RECEIPTS and command.name == "join"
        receipt = actor.reporter_of if own else None
        self.tried(lambda: self.town.give(command, to, actor=actor, receipt=receipt), actor)

    def at_the_door(self, name: str, actor: Actor, whistle: Whistle) -> bool:
        """Residents join by a page of their own, without a row in the table."""
        joins = name == "join" and actor.role in (Role.RESIDENT, Role.ANONYMOUS)
        subject = WhistleSubject.of(whistle)
        return joins or lets_in(NAMES[name].right or name, actor, subject, self.town.city)

    def tried(self, give: Callable[[], object], actor: Actor | None) -> None:
        """A refusal leaves nothing behind; after everything else all rules hold."""
        before = {id: whistle.version for id, whistle in self.town.live.items()}
        self.held.begin(actor)
        try:
            give()
        except Unsound:
            raise
        except Refusal:
            assert {id: one.version for id, one in self.town.live.items()} == before
        self.held.after(self.town)

    def teardown(self) -> None:
        self.held.replayed(self.town)


TestCity = City.TestCase
# The same histories each time: what is new is sought at length, not by whoever runs the suite.
TestCity.settings = settings(
    max_examples=300, stateful_step_count=25, deadline=None, derandomize=True
)


@pytest.mark.soak
class TestCityAtLength(City.TestCase):  # type: ignore[name-defined, misc]
    settings = settings(max_examples=5000, stateful_step_count=40, deadline=None)
