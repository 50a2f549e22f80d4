"""Every command, by anybody, in every state, with time passing and the registers changing.

After each step the invariants of domain.md §4.3 hold. Commands are given as in production.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import hypothesis.strategies as st
import pytest
from hypothesis import Phase, settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from tests.domain.city_in_memory import CityInMemory
from tests.domain.city_time import MONDAY_TEN
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
    handler,
    liaison,
)
from tracker.commands.fields import Point
from tracker.commands.whistle.commands import BY_NAME
from tracker.commands.whistle.overseeing import LetTimePass, RecomputeDeadlines
from tracker.commands.whistle.raising import Raise
from tracker.domain.actors import SYSTEM, Actor, Role
from tracker.domain.promises.clocks import Mark
from tracker.domain.whistle.soundness import broken_rules
from tracker.domain.whistle.states import State
from tracker.domain.whistle.whistle import Whistle
from tracker.eventstore.mapper import PlainMapper

TRIED = ("E0101", "C0103", "E0401", "E0504", "E0701", "C0102", "E0802", "C0202", "E0703", None)
ELSEWHERE = "53250300100201"
OTHER_POST = Actor("dispatcher-cp02", Role.DISPATCHER, post="CP02")
AUDITOR = Actor("auditor", Role.AUDITOR)
SECOND = replace(CITY, account="city-2")
NEIGHBOUR = Actor("anonymous", Role.ANONYMOUS, reporter_of="receipt-of-a-neighbour")
PEOPLE = (INTAKE, DISPATCHER, COMMANDER, VERIFIER, CALLER, WORKER, CITY, SECOND, SUPERVISOR)
PEOPLE = (*PEOPLE, OTHER_POST, AUDITOR, RESIDENT, NEIGHBOUR)
UNITS = ("U01", "U02", "U14", "U09")
GOING_ON = {
    State.RAISED: "classify",
    State.TRIAGED: "dispatch",
    State.POOLED: "claim",
    State.CLAIMED: "respond",
    State.DISPATCHED: "respond",
    State.RESPONDED: "start",
    State.IN_PROGRESS: "submit",
    State.SUSPENDED: "resume",
    State.SUBMITTED: "verify",
    State.VERIFIED: "follow-up",
    State.SELF_RESOLVED: "verify",
    State.CLOSED: "reopen",
    State.MERGED: "unmerge",
}
GONE = (State.VOID, State.WITHDRAWN, State.TRANSFERRED_OUT)


class EveryCommand(RuleBasedStateMachine):
    """A few whistles of one street, and everything that people, time and registers do to them."""

    @initialize(categories=st.lists(st.sampled_from(TRIED), min_size=2, max_size=3))
    def residents_raise(self, categories: list[str | None]) -> None:
        self.street = CityInMemory(MONDAY_TEN)
        self.missed: dict[tuple[Any, str, Any], Any] = {}
        self.seen = 0
        for number, category in enumerate(categories):
            told = Raise(text="…", category=category, location=Point(HERE.lat or 0, HERE.lon or 0))
            receipt = f"receipt-{number}" if number else None
            self.street.raise_(told, RESIDENT, receipt)

    def pick(self, which: int) -> Whistle:
        found = list(self.street.whistles.values())
        return found[which % len(found)]

    def give(self, name: str, whistle: Whistle, actor: Actor, n: int) -> None:
        body = BODIES[name](self, whistle, n)
        if body is not None:
            self.street.give(BY_NAME[name](**body), whistle.id, actor)

    @rule(which=st.integers(0, 5), steps=st.integers(1, 5), n=st.integers(0, 11))
    def the_work_goes_on(self, which: int, steps: int, n: int) -> None:
        whistle = self.pick(which)
        for _ in range(steps):
            whistle = self.street.whistles[whistle.id]
            name = GOING_ON.get(whistle.state)
            if name is None:
                return
            lead = whistle.lead or "U01"
            for actor in (handler(lead), liaison(lead), DISPATCHER, VERIFIER, CALLER):
                before = self.street.whistles[whistle.id].version
                self.give(name, self.street.whistles[whistle.id], actor, n)
                if self.street.whistles[whistle.id].version > before:
                    break

    @rule(
        which=st.integers(0, 5),
        name=st.sampled_from(sorted(BY_NAME)),
        who=st.integers(0, 40),
        n=st.integers(0, 23),
    )
    def somebody_gives_a_command(self, which: int, name: str, who: int, n: int) -> None:
        whistle = self.pick(which)
        units = [a.unit for a in whistle.assignments] or ["U01"]
        everybody = (*PEOPLE, *map(handler, units), *map(liaison, units))
        self.give(name, whistle, everybody[who % len(everybody)], n)

    @rule(
        which=st.integers(0, 5),
        field=st.sampled_from(["category", "sla_class", "place", "occurred_at"]),
        n=st.integers(0, 23),
    )
    def two_correct_it(self, which: int, field: str, n: int) -> None:
        whistle = self.pick(which)
        values = {
            "category": TRIED[n % 9],
            "sla_class": ("E1", "U2", "Q3", "G4", "X5", "C6")[n % 6],
            "place": (ELSEWHERE, HERE.grid)[n % 2],
            "occurred_at": "2026-03-01T10:00:00+08:00",
        }
        command = BY_NAME["correct"](field=field, value=str(values[field]), reason="核实")
        for actor in (INTAKE, CITY):
            self.street.give(command, whistle.id, actor)

    @rule(child=st.integers(0, 5), parent=st.integers(0, 5))
    def two_are_merged(self, child: int, parent: int) -> None:
        command = BY_NAME["merge"](into=self.pick(parent).number)
        self.street.give(command, self.pick(child).id, DISPATCHER)

    @rule(minutes=st.sampled_from([1, 20, 90, 300, 1500, 9000, 30_000]), sweeps=st.booleans())
    def time_passes(self, minutes: int, sweeps: bool) -> None:
        self.street.now += timedelta(minutes=minutes)
        if sweeps:
            self.everything_follows()

    def everything_follows(self) -> None:
        for id in list(self.street.whistles):
            self.street.give(LetTimePass(), id, SYSTEM)

    @rule(unit=st.sampled_from([*UNITS, "U13", "U04"]), heir=st.sampled_from(["", "U05"]))
    def a_unit_ends(self, unit: str, heir: str) -> None:
        if heir and self.street.city.unit(heir).ended_on is not None:
            return
        self.street.change("unit", unit, ended_on=date(2026, 3, 2), successor=heir)
        self.everything_follows()

    @rule(category=st.sampled_from([c for c in TRIED if c]), n=st.integers(0, 4))
    def the_catalogue_changes(self, category: str, n: int) -> None:
        changes: list[dict[str, Any]] = [
            {"poolable": False},
            {"poolable": True},
            {"confidential": True},
            {"lead_unit": "U05"},
            {"sla": "G4"},
        ]
        self.street.change("category", category, **changes[n])
        self.everything_follows()

    @precondition(lambda self: "2027" not in self.street.city.registers["calendar"])
    @rule()
    def a_calendar_arrives(self) -> None:
        registers = {name: dict(kept) for name, kept in self.street.city.registers.items()}
        year = registers["calendar"]["2026"]
        registers["calendar"]["2027"] = replace(year, code="2027", name="2027", days=())
        self.street.city = replace(self.street.city, registers=registers)
        for id in list(self.street.whistles):
            self.street.give(RecomputeDeadlines(), id, SYSTEM)

    # --- what holds (domain.md §4.3) -------------------------------------------------------------

    @invariant()
    def every_whistle_is_sound(self) -> None:
        for whistle in self.street.whistles.values():
            assert broken_rules(whistle, self.street.city) == [], whistle.state

    @invariant()
    def no_open_whistle_is_silent(self) -> None:
        for whistle in self.street.whistles.values():
            if not whistle.is_terminal:
                running = [clock.key for clock in whistle.clocks.values() if clock.running]
                assert running or whistle.review_on, whistle.state

    @invariant()
    def merges_are_a_forest_one_deep_whose_parents_live(self) -> None:
        for whistle in self.street.whistles.values():
            if whistle.state is State.MERGED:
                assert whistle.merged_into is not None and whistle.children == {}
                parent = self.street.whistles[whistle.merged_into]
                assert parent.state not in (*GONE, State.MERGED)
                assert whistle.id in parent.children
                assert parent.confidential == whistle.confidential

    @invariant()
    def what_was_missed_stays_missed(self) -> None:
        """Unless a calendar, a granted extension or an un-merging gives it back."""
        gives_back = {"deadlines_recomputed", "extension_granted", "child_left", "unmerged"}
        new = self.street.log[self.seen :]
        self.seen = len(self.street.log)
        for event in new:
            for clock in event.clocks:
                key = (event.originator_id, clock.key, clock.started_at)
                was = self.missed.get(key)
                if was is not None and event.TOPIC.removeprefix("whistle.") not in gives_back:
                    assert clock.due == was or Mark.RED in clock.reached, (event, clock)
                if Mark.RED in clock.reached:
                    self.missed[key] = clock.due
                elif event.TOPIC.removeprefix("whistle.") in gives_back:
                    self.missed.pop(key, None)

    @invariant()
    def nobody_checks_their_own_work(self) -> None:
        for whistle in self.street.whistles.values():
            checked = whistle.verified_by not in (None, "system")
            assert not (checked and whistle.verified_by == whistle.submitted_by)

    @invariant()
    def a_stream_is_in_order_of_time(self) -> None:
        last: dict[Any, Any] = {}
        for event in self.street.log:
            before = last.get(event.originator_id)
            assert before is None or before <= event.timestamp
            last[event.originator_id] = event.timestamp

    def teardown(self) -> None:
        """Replaying what was stored gives the live state, through the JSON of the log."""
        mapper = PlainMapper()
        for id, whistle in getattr(self, "street", CityInMemory(MONDAY_TEN)).whistles.items():
            copy: Any = None
            for event in self.street.log:
                if event.originator_id == id:
                    stored = mapper.to_stored_event(event)
                    copy = mapper.to_domain_event(stored).mutate(copy)
            assert copy == whistle


Body = Callable[[EveryCommand, Whistle, int], dict[str, Any] | None]


def _merge(machine: EveryCommand, whistle: Whistle, n: int) -> dict[str, Any]:
    return {"into": machine.pick(n).number}


def _dispatch(machine: EveryCommand, whistle: Whistle, n: int) -> dict[str, Any]:
    return {"lead": UNITS[n % 4], "co": (UNITS[(n + 1) % 4],) if n % 3 == 0 else ()}


def _respond(machine: EveryCommand, whistle: Whistle, n: int) -> dict[str, Any]:
    return {"kind": "arrival", "lat": HERE.lat, "lon": HERE.lon}


def _review(machine: EveryCommand, whistle: Whistle, n: int) -> dict[str, Any]:
    on = (machine.street.now + timedelta(days=(1, 5, 40)[n % 3])).date()
    return {"reason": "season", "review_on": on, "safety_measure": "已围挡"}


def _verdict(machine: EveryCommand, whistle: Whistle, n: int) -> dict[str, Any]:
    resolved = (True, False, None)[n % 3]
    method = "unreachable" if resolved is None else ("site", "online")[n % 2]
    return {"resolved": resolved, "method": method, "note": "问过了", "reasonable": n % 4 > 0}


def _returned(machine: EveryCommand, whistle: Whistle, n: int) -> dict[str, Any]:
    suggested = {"suggested_unit": UNITS[n % 4]} if n % 2 and _stands(machine, n) else {}
    return {"reason": "not_our_duty", "basis": "不在职责内", **suggested}


def _stands(machine: EveryCommand, n: int) -> bool:
    return machine.street.city.unit(UNITS[n % 4]).ended_on is None


def _adjudicated(machine: EveryCommand, whistle: Whistle, n: int) -> dict[str, Any] | None:
    pending = whistle.pending_return
    if pending is None:
        return None
    return {"unit": pending.unit, "upheld": n % 2 == 0, "reason": "核定", "lead": UNITS[n % 4]}


def _pictures(machine: EveryCommand, whistle: Whistle, n: int) -> dict[str, Any]:
    return {"before": (uuid4(),), "after": (uuid4(),), "note": "清理了"}


def reason(machine: EveryCommand, whistle: Whistle, n: int) -> dict[str, Any]:
    return {"reason": "说明"}


def nothing(machine: EveryCommand, whistle: Whistle, n: int) -> dict[str, Any]:
    return {}


def constant(**body: Any) -> Body:
    return lambda machine, whistle, n: body


BODIES: Mapping[str, Body] = {
    "amend": constant(text="再补充一句"),
    "join": constant(text="我家门口也是"),
    "locate": lambda machine, whistle, n: {"grid": (ELSEWHERE, HERE.grid)[n % 2]},
    "classify": lambda machine, whistle, n: {"category": TRIED[n % 9], "reason": "核实"},
    "self-resolve": _pictures,
    "merge": _merge,
    "unmerge": reason,
    "pool": nothing,
    "claim": nothing,
    "dispatch": _dispatch,
    "acknowledge": nothing,
    "respond": _respond,
    "start": nothing,
    "control": constant(note="已控制"),
    "return": _returned,
    "adjudicate": _adjudicated,
    "add-co": lambda machine, whistle, n: {"unit": UNITS[n % 4], "reason": "请协助"},
    "remove-co": lambda machine, whistle, n: {"unit": UNITS[n % 4], "reason": "不需要"},
    "request-extension": reason,
    "decide-extension": lambda machine, whistle, n: {"granted": n % 2 == 0, "reason": "可以"},
    "suspend": _review,
    "resume": reason,
    "submit": lambda machine, whistle, n: {"note": "办完了", "photos": (uuid4(),)},
    "verify": lambda machine, whistle, n: {"passed": n % 3 > 0, "note": "看过了"},
    "follow-up": _verdict,
    "answer-party": lambda machine, whistle, n: {
        "party": 1 + n % 3,
        "note": "说明情况",
        "rework": n % 2 > 0,
    },
    "close": reason,
    "reopen": reason,
    "withdraw": nothing,
    "void": constant(reason="test", basis="测试"),
    "transfer-out": constant(target="petition", reason="不归这里"),
    "exclude": reason,
    "escalate": reason,
    "deescalate": reason,
    "supervise": reason,
    "end-supervision": reason,
    "urge": nothing,
    "correct": constant(field="category", value="C0103", reason="核实"),
    "mark-confidential": reason,
    "unmark-confidential": reason,
}


def test_every_command_has_a_body_here() -> None:
    assert set(BODIES) == set(BY_NAME)


TestEveryCommand = EveryCommand.TestCase
TestEveryCommand.settings = settings(
    max_examples=300, stateful_step_count=20, deadline=None, phases=[Phase.generate]
)


@pytest.mark.soak
class TestEveryCommandAtLength(EveryCommand.TestCase):  # type: ignore[name-defined, misc]
    settings = settings(max_examples=5_000, stateful_step_count=50, deadline=None)
