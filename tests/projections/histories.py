"""Random lives of whistles, through the real aggregate: every command, and time between them.

A life is driven by plain numbers, so that Hypothesis can draw and shrink it, and a benchmark can
make any amount of it from a seed. What the domain refuses simply does not happen.
"""

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from eventsourcing.persistence import StoredEvent

from tests.domain.city_time import MONDAY_TEN, POLICY
from tests.domain.whistles import (
    AUDITOR,
    CALLER,
    CATEGORIES,
    CITY,
    CITY_NOW,
    COMMANDER,
    DISPATCHER,
    HERE,
    INTAKE,
    LITTER,
    RESIDENT,
    SUPERVISOR,
    UNITS,
    VERIFIER,
    WORKER,
    handler,
    liaison,
    report,
    said,
)
from tracker.commands.whistle.commands import open_commands
from tracker.domain.actors import Actor
from tracker.domain.errors import Refusal
from tracker.domain.whistle.events import Event, Place
from tracker.domain.whistle.whistle import Whistle, whistle_id
from tracker.eventstore.mapper import PlainMapper

KINDS = [LITTER, "C0101", "C0103", "E0505", None]  # Q3 poolable, E1, G4, X5, not yet known
LEADS = ["U01", "U24", "U25"]
NAMED = {"return": "return_"}
ABOVE = replace(CITY, account="city-2")  # a second one: nobody overturns what they voided
STAFF = [
    RESIDENT,
    INTAKE,
    DISPATCHER,
    COMMANDER,
    VERIFIER,
    CALLER,
    WORKER,
    CITY,
    SUPERVISOR,
    ABOVE,
    AUDITOR,
]


@dataclass(frozen=True)
class Step:
    """Which whistle, how many minutes later, who of those who may, and which of his commands."""

    whistle: int
    minutes: int
    command: int
    flavour: int


class Street:
    """A few whistles living side by side."""

    def __init__(self, kinds: Sequence[int], start: datetime = MONDAY_TEN, first: int = 1) -> None:
        self.now = start
        self.whistles: list[Whistle] = []
        self.events: list[Event] = []
        for number, kind in enumerate(kinds, start=first):
            self._raise(number, KINDS[kind % len(KINDS)])

    def _raise(self, number: int, category: str | None) -> None:
        told = report(category, number=f"W-260302-{number:06d}", reporter="resident")
        whistle: Whistle = Whistle.raise_(
            told,
            id=whistle_id(told.number),
            actor=RESIDENT,
            policy=POLICY,
            at=self.now,
            words=[said("text"), said("title"), said("reporter")],
            emergency_units=("U25", "U01") if told.emergency else (),
        )
        self.whistles.append(whistle)
        self._collect(whistle)

    def live(self, steps: Iterable[Step]) -> list[Event]:
        for step in steps:
            self.now += timedelta(minutes=step.minutes)
            whistle = self.whistles[step.whistle % len(self.whistles)]
            whistle.elapse(self.now, POLICY)
            self._collect(whistle)
            self._act(whistle, step)
        return self.events

    def _act(self, whistle: Whistle, step: Step) -> None:
        open_to = self._open(whistle)
        if not open_to:
            return
        name, actor = open_to[step.command % len(open_to)]
        other = self._other(name, whistle, step)
        following = [self._named(id) for id in whistle.children] if name == "merge" else []
        going = [self._named(id) for id in whistle.children] if name == "transfer_out" else []
        terms = self._with(name, actor, step) | ({"children": going} if going else {})
        if name == "void" and whistle.confirms_void(actor):
            following = self._let_go(whistle, actor)
        try:
            command = getattr(whistle, NAMED.get(name, name))
            released = command(*self._said_by(name, whistle, other, step), **terms)
            for child in following if name == "merge" else ():  # so that no child has a child
                terms = {"actor": actor, "at": self.now}
                child.follow_new_parent(other, **terms)
                other.adopt(child, policy=POLICY, brought=released[child.id], **terms)
            for one in (whistle, *([other] if name in ("merge", "unmerge") else []), *following):
                one.draw(CITY_NOW, at=self.now)
        except Refusal:
            pass
        changed = (whistle, other, *following, *going)
        for one in {one.id: one for one in changed}.values():
            self._collect(one)

    def _let_go(self, parent: Whistle, actor: Actor) -> list[Whistle]:
        """As the command does before it is void."""
        children = [self._named(id) for id in parent.children]
        for child in children:
            child.unmerge(parent, actor=actor, at=self.now, policy=POLICY)
        return children

    def _other(self, name: str, whistle: Whistle, step: Step) -> Whistle:
        """Whom it may be merged with; who is merged leaves the one it follows."""
        if name == "unmerge" and whistle.merged_into is not None:
            return self._named(whistle.merged_into)
        return self.whistles[step.flavour % len(self.whistles)]

    def _named(self, id: UUID) -> Whistle:
        return next(one for one in self.whistles if one.id == id)

    def _open(self, whistle: Whistle) -> list[tuple[str, Actor]]:
        """Each open command with one who may give it; those that lead on come more often."""
        units = [task.unit for task in whistle.assignments] or LEADS
        actors = [*STAFF, *map(handler, units), *map(liaison, units)]
        may = {name: actor for actor in actors for name in self._open_to(whistle, actor)}
        onwards = [(name, actor) for name, actor in may.items() if name in ONWARDS]
        return onwards * 4 + list(may.items())

    def _open_to(self, whistle: Whistle, actor: Actor) -> list[str]:
        commands = open_commands(whistle, actor, self.now)
        return [command.name.replace("-", "_") for command in commands]

    def _said_by(self, name: str, whistle: Whistle, other: Whistle, step: Step) -> tuple[Any, ...]:
        """The command's own arguments."""
        flavour = step.flavour
        category = CATEGORIES.get(whistle.category or "")
        unit = UNITS[LEADS[flavour % len(LEADS)]]
        match name:
            case "locate":
                return (_places()[flavour % 2],)
            case "classify":
                return (CATEGORIES[KINDS[flavour % 4] or LITTER],)
            case "self_resolve" | "pool" | "submit" | "unmark_confidential":
                return (category,)
            case "merge" | "unmerge":
                return (other,)
            case "claim":
                return (unit.code,)
            case "dispatch":
                return (unit, [UNITS[u] for u in LEADS if u != unit.code][: flavour % 3])
            case "respond":
                return ("arrival",)
            case "adjudicate":
                return (bool(flavour % 2), unit)
            case "add_co":
                return (unit,)
            case "remove_co":
                return (unit.code,)
            case "decide_extension" | "verify":
                return (bool(flavour % 3),)
            case "suspend":
                return ((self.now + timedelta(days=1 + flavour % 20)).date(),)
            case "follow_up":
                return ((True, False, None)[flavour % 3], (5, 1, None)[flavour % 3])
            case "contradict":
                return (bool(flavour % 2), (5, 1, None)[flavour % 3])
            case "answer_party":
                return (whistle.unanswered[0].number,)
            case "void":
                return ("test",)
            case "exclude":
                return ("nobodys_duty",)
            case "transfer_out":
                return ("110",)
            case "correct":
                return ("category", "C0103")
            case "annul":
                own = [one for one in self.events if one.originator_id == whistle.id]
                asked = whistle.proposals.get("annul")
                known = whistle.by_time[flavour % len(whistle.by_time) :]
                return (asked.events if asked and flavour % 4 else known, own)
        return ()

    def _with(self, name: str, actor: Actor, step: Step) -> dict[str, Any]:
        """What is said by name: who, when, and what some commands want besides."""
        given: dict[str, Any] = {"actor": actor, "at": self.now}
        if name not in WITHOUT_POLICY:
            given["policy"] = POLICY
        if name in WITH_PHOTOS:
            given["words"] = [said("photo_before"), said("photo_after"), said("photo")]
        elif name in WITH_WORDS:
            given["words"] = [said("note")]
        match name:
            case "merge":
                given |= {"same_family": True, "same_named_place": True}
            case "respond":
                given["point"] = HERE
            case "claim":
                given["capable"] = True
            case "return":
                given |= {"reason_code": "not_ours", "suggested_unit": None}
            case "suspend":
                given["reason_code"] = "season"
            case "follow_up":
                given["method"] = "unreachable" if step.flavour % 3 == 2 else "phone"
                given["called_at"] = self.now
            case "correct":
                given["category"] = CATEGORIES["C0103"]
        return given

    def _collect(self, whistle: Whistle) -> None:
        self.events += whistle.collect_events()  # type: ignore[arg-type]


ONWARDS = frozenset(
    "classify pool claim dispatch acknowledge respond start return adjudicate request_extension "
    "decide_extension suspend resume submit verify follow_up reopen".split()
)
WITHOUT_POLICY = frozenset(
    "amend join acknowledge open_contact confirm_call deny_call respond start control "
    "remove_co close withdraw void "
    "exclude escalate deescalate supervise end_supervision urge "
    "mark_confidential unmark_confidential annul".split()
)
WITH_PHOTOS = frozenset({"self_resolve", "submit"})
WITH_WORDS = frozenset(
    "amend answer answer_party ask classify void respond control suspend verify close urge".split()
)


def _places() -> tuple[Place, Place]:
    there = Place("53250300100101", "532503001001", "532503001", "CP01", 23.3860, 103.3932)
    return HERE, there


def steps_of(chance: random.Random, count: int, whistles: int) -> list[Step]:
    return [
        Step(
            chance.randrange(whistles),
            chance.choice((1, 5, 30, 120, 600)),
            chance.randrange(1000),
            chance.randrange(60),
        )
        for _ in range(count)
    ]


def stored(events: Iterable[Event]) -> list[StoredEvent]:
    mapper = PlainMapper()
    return [mapper.to_stored_event(event) for event in events]


def ids_of(events: Iterable[Event]) -> set[UUID]:
    return {event.originator_id for event in events}
