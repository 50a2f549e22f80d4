"""Who may ask for what, at random: commands with plausible fields, by people of every kind.

A field's values stand under its name, whichever command has it; so a new command is tried as soon
as it is in the list of commands. Chance comes from one `Random`, so that a history can be repeated.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING, dataclass, fields
from datetime import datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

from tests.domain.town import Town
from tests.domain.whistles import (
    CALLER,
    CITY,
    COMMANDER,
    DISPATCHER,
    HERE,
    INTAKE,
    RESIDENT,
    SUPERVISOR,
    VERIFIER,
    WORKER,
)
from tracker.commands.fields import Point
from tracker.commands.whistle.commands import WHISTLE_COMMANDS
from tracker.commands.whistle.raising import Raise
from tracker.commands.whistle.whistle_command import WhistleCommand
from tracker.domain.actors import Actor, Role
from tracker.domain.whistle.whistle import Whistle

# One history stays within a family, so that its whistles may be merged; in each there are poolable,
# strict, confidential or pausable categories side by side.
FAMILIES = (
    ("C0101", "C0103", "C0105", "C0102", "C0108"),
    ("E0801", "E0802", "E0803", "E0804"),
    ("E0504", "E0505", "E0501", "E0502"),
    ("E0101", "E0105", "E0103", "E0104"),
    ("E0703", "E0708", "E0705", "E0701"),
    ("C0201", "C0202", "C0205", "C0206"),
)
TRIED_UNITS = ("U01", "U02", "U04", "U19", "U25", "X03", "AM001")
GRIDS = ("53250300100401", "53250300100402", "53250300200101")
ELSEWHERE = (23.3960, 103.3700)
CLASSES = ("E1", "U2", "Q3", "C6", "G4", "X5")
REASONS: Mapping[str, tuple[str, ...]] = {
    "void": ("test", "fabricated"),
    "exclude": ("force_majeure", "nobodys_duty"),
    "suspend": ("season", "procurement", "waiting_for_reporter"),
    "return": ("not_our_duty", "wrong_place"),
}
CORRECTED: Mapping[str, tuple[str, ...]] = {
    "category": (),  # of the family
    "sla_class": CLASSES,
    "grid": GRIDS,
    "place": (*GRIDS, "23.3805,103.4015", "23.3806,103.4016"),
    "occurred_at": ("2026-03-01T10:00+08:00", "2030-01-01T10:00+08:00"),
}
RECEIPTS = tuple(
    Actor("anonymous", Role.ANONYMOUS, reporter_of=key) for key in ("receipt-1", "receipt-2")
)
REPORTERS = (RESIDENT, Actor("neighbour", Role.RESIDENT), *RECEIPTS)
OF_ANOTHER_POST = (
    Actor("intake-cp09", Role.INTAKE, post="CP09"),
    Actor("commander-cp09", Role.COMMANDER, post="CP09"),
)
OFFICES = (
    *(INTAKE, DISPATCHER, COMMANDER, VERIFIER, CALLER, WORKER, CITY, SUPERVISOR),
    Actor("city-2", Role.CITY_CENTRE),
    Actor("supervisor-2", Role.SUPERVISOR),
    Actor("followup-2", Role.FOLLOW_UP_AGENT, post="CP04"),
    Actor("adjudicator-cp04", Role.ADJUDICATOR, post="CP04"),
    Actor("chief", Role.GRID_CHIEF, grid="53250300100401"),
    Actor("auditor", Role.AUDITOR),
    *OF_ANOTHER_POST,
)
NAMES = {command.name: command for command in WHISTLE_COMMANDS}
Values = Callable[["Asking"], object]


@dataclass
class Asking:
    """One command that is being made up, for one whistle."""

    town: Town
    whistle: Whistle
    command: type[WhistleCommand]
    chance: Random
    family: Sequence[str]
    likely: bool = False  # whether the values are those of somebody who wants to go on

    def one_of(self, *values: Any) -> Any:
        return self.chance.choice(values)

    def made(self) -> WhistleCommand:
        """The command, with a value for each field; those with a default may keep it."""
        found: dict[str, Any] = {}
        for one in fields(self.command):
            if one.name == "value":
                found["value"] = self.one_of(*(CORRECTED[found["field"]] or self.family))
            elif self.likely and one.name in LIKELY:
                found[one.name] = LIKELY[one.name](self)
            elif one.name in VALUES:
                found[one.name] = VALUES[one.name](self)
            elif one.default is MISSING:
                raise LookupError(f"VALUES lacks {one.name} of {self.command.name}")
        return self.command(**found)

    def pictures(self) -> tuple[UUID, ...]:
        return (UUID(int=self.chance.getrandbits(128)),)

    def reason(self) -> str:
        return str(self.one_of(*REASONS.get(self.command.name, ("because",))))

    def another(self) -> str:
        """Mostly one that is worked on."""
        others = [one for one in self.town.live.values() if one.id != self.whistle.id]
        at_work = [one for one in others if not one.is_terminal]
        alike = [one for one in at_work if one.confidential == self.whistle.confidential]
        return str(self.chance.choice(alike or at_work or others or [self.whistle]).number)

    def default_lead(self) -> str:
        """Of the category, where there is one."""
        code = self.whistle.category
        return self.town.city.category(code).lead_unit if code else "U01"

    def called(self) -> datetime:
        since = self.whistle.verified_at or self.whistle.registered_at
        return max(self.town.now - timedelta(minutes=5), since)

    def declined(self) -> tuple[str, ...]:
        """Who is called may decline to rate."""
        return ("declined",) if self.command.name == "follow-up" else ()

    def of_time(self) -> tuple[int, ...]:
        """What was asked for; else all that time recorded from some event on, or any event."""
        known, asked = self.whistle.by_time, self.whistle.proposals.get("annul")
        if asked is not None and self.chance.random() < 0.8:
            return asked.events
        first = self.chance.choice(known or [1])
        return tuple(one for one in known if one >= first) or (self.chance.randint(1, 9),)

    def unit(self) -> str:
        """Mostly one that has a part in it."""
        parts = [part.unit for part in self.whistle.assignments]
        return str(self.one_of(*TRIED_UNITS, *parts, *parts, *parts))


VALUES: Mapping[str, Values] = {
    "lat": lambda a: a.one_of(HERE.lat, HERE.lat, ELSEWHERE[0]),
    "lon": lambda a: a.one_of(HERE.lon, HERE.lon, ELSEWHERE[1]),
    "grid": lambda a: a.one_of(None, *GRIDS),
    "category": lambda a: a.one_of(*a.family),
    "sla_class": lambda a: a.one_of(None, None, *CLASSES),
    "reason": Asking.reason,
    "basis": lambda a: "because",
    "note": lambda a: "noted",
    "text": lambda a: "more",
    "photos": Asking.pictures,
    "before": Asking.pictures,
    "after": Asking.pictures,
    "into": Asking.another,
    "lead": Asking.unit,
    "co": lambda a: a.one_of((), (), ("U14",), ("X03", "U13")),
    "unit": Asking.unit,
    "suggested_unit": lambda a: a.one_of(None, *TRIED_UNITS),
    "kind": lambda a: a.one_of("arrival", "arrival", "call"),
    "upheld": lambda a: a.one_of(True, False),
    "called_at": lambda a: a.one_of(None, a.called(), a.called()),
    "reached": lambda a: a.one_of(True, True, False),
    "granted": lambda a: a.one_of(True, True, False),
    "review_on": lambda a: (a.town.now + timedelta(days=a.one_of(1, 2, 10, 40))).date(),
    "level": lambda a: a.one_of(None, None, 2, 3, 4, 5),
    "safety_measure": lambda a: "a fence",
    "passed": lambda a: a.one_of(True, True, False),
    "resolved": lambda a: a.one_of(
        True, False, *([] if a.command.name == "contradict" else [None])
    ),
    "rating": lambda a: a.one_of(None, 1, 5, *a.declined()),
    "method": lambda a: a.one_of("phone", "phone", "site", "online", "unreachable"),
    "reasonable": lambda a: a.one_of(True, True, False),
    "party": lambda a: a.one_of(None, 1, 2, 3) if a.command.name == "follow-up" else a.one_of(2, 1),
    "rework": lambda a: a.one_of(True, False),
    "target": lambda a: a.one_of("110", "petition"),
    "field": lambda a: a.one_of("category", "category", "sla_class", *CORRECTED),
    "events": lambda a: a.of_time(),
}
LIKELY: Mapping[str, Values] = {
    "lat": lambda a: HERE.lat,
    "lon": lambda a: HERE.lon,
    "category": lambda a: a.whistle.category or a.one_of(*a.family),
    "sla_class": lambda a: None,
    "kind": lambda a: "arrival",
    "passed": lambda a: True,
    "resolved": lambda a: True,
    "method": lambda a: "phone",
    "called_at": Asking.called,
    "rating": lambda a: a.one_of(4, 5, *a.declined()),
    "party": lambda a: None,
    "reasonable": lambda a: True,
    "into": Asking.another,
    "lead": Asking.default_lead,
    "co": lambda a: a.one_of((), (), ("U14",), ("X03", "U13")),
}


def report(chance: Random, family: Sequence[str]) -> Raise:
    where = Point(
        HERE.lat or 0, HERE.lon or 0, accuracy_m=chance.choice((None, None, 20, 20, 4200))
    )
    return Raise(
        text=chance.choice(("一件事", "小区旁边有垃圾")),
        category=chance.choice((None, *family, *family)),
        urgency=chance.choice((None, None, None, "G4", "E1")),
        location=chance.choice((where, where, where, where, None)),
        anonymous=chance.choice((True, False, False)),
    )


def people(whistle: Whistle) -> list[Actor]:
    """Everybody who might have to do with it, and some who have not."""
    units = {part.unit for part in whistle.assignments} | {"U02", "AM001"}
    of_units = [
        Actor(f"{role}-{unit}", role, unit=unit)
        for unit in sorted(units)
        for role in (Role.UNIT_LIAISON, Role.HANDLER)
    ]
    return [*REPORTERS, *OFFICES, *of_units]
