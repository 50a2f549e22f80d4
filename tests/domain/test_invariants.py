"""What holds whatever people do, in any order, with time passing in between (domain.md §4.3)."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import settings
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, precondition, rule

from tests.domain.city_time import MONDAY_TEN, POLICY
from tests.domain.whistles import (
    CALLER,
    CATEGORIES,
    CITY,
    COMMANDER,
    DISPATCHER,
    HERE,
    INTAKE,
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
from tracker.domain.actors import Actor
from tracker.domain.errors import Refusal
from tracker.domain.promises.clocks import Clock, ClockKind
from tracker.domain.whistle.events import TERMINAL, Event, State
from tracker.domain.whistle.whistle import Whistle, whistle_id
from tracker.eventstore.mapper import PlainMapper

TRIED = ("E0101", "C0103", "E0401", "E0504", "E0703", "C0102", "E0803")
LEADERLESS = {State.RAISED, State.TRIAGED, State.POOLED}
LED = {State.DISPATCHED, State.CLAIMED, State.RESPONDED, State.IN_PROGRESS}
LED |= {State.SUSPENDED, State.SUBMITTED}
RESPOND, RESOLVE, CONTROL = "respond", "resolve", "control"

# Which clocks each event may start, move, hold or stop: the last column of the transition table.
# "unit" stands for the respond clock of an assignment. Endings may stop any clock.
MOVES = {
    "Raised": {RESPOND, RESOLVE, CONTROL},
    "Classified": {RESPOND, RESOLVE, CONTROL},
    "Corrected": {RESPOND, RESOLVE, CONTROL},
    "ChildJoined": {RESPOND, RESOLVE, CONTROL, "unit", "pool"},
    "ChildLeft": {RESPOND, RESOLVE, CONTROL, "unit", "adjudicate", "review"},
    "Unmerged": {RESPOND, RESOLVE, CONTROL, "unit"},
    "SelfResolutionOverturned": {RESPOND, RESOLVE, "verify"},
    "Pooled": {"pool"},
    "Claimed": {"pool", "unit"},
    "Dispatched": {"pool", "unit"},
    "CoAdded": {"unit"},
    "CoRemoved": {"unit"},
    "CoFinished": {"unit"},
    "Responded": {RESPOND, "unit"},
    "HazardControlled": {CONTROL},
    "PartEnded": {"unit", "adjudicate", RESOLVE, "review"},
    "RequestsLapsed": {"decide", "adjudicate"},
    "ReturnRequested": {"adjudicate"},
    "ReturnUpheld": {"adjudicate", "unit"},
    "ReturnRejected": {"adjudicate"},
    "ExtensionRequested": {"decide"},
    "ExtensionGranted": {"decide", RESOLVE},
    "ExtensionRefused": {"decide"},
    "Suspended": {RESOLVE, "review"},
    "Resumed": {RESOLVE, "review"},
    "Submitted": {RESOLVE, CONTROL, "decide", "verify", "adjudicate"},
    "VerificationPassed": {RESOLVE, "verify", "follow_up"},
    "VerificationWaived": {RESOLVE, "verify", "follow_up"},
    "VerificationFailed": {RESOLVE, "verify"},
    "ReworkOrdered": {RESOLVE, "follow_up"},
    "Reopened": {RESPOND, RESOLVE, CONTROL, "unit"},
    "VoidOverturned": {
        *(RESPOND, RESOLVE, CONTROL, "unit", "follow_up"),
        *("pool", "decide", "review", "verify", "adjudicate"),
    },
}
GONE = {State.MERGED, State.VOID, State.WITHDRAWN, State.TRANSFERRED_OUT}
ENDINGS = {"SelfResolved", "SelfResolutionClosed", "Merged", "Closed", "Withdrawn", "Voided"}
ENDINGS |= {"TransferredOut"}
MARKS = {"DeadlineNeared", "DeadlineMissed", "DeadlineOverrun"}


def kind_of(clock: Clock) -> str:
    of_a_unit = clock.unit is not None and clock.kind is ClockKind.RESPOND
    return "unit" if of_a_unit else str(clock.kind)


class City(RuleBasedStateMachine):
    """Random commands by random people on a few whistles, in random order."""

    whistles = Bundle("whistles")

    def __init__(self) -> None:
        super().__init__()
        self.now: datetime = MONDAY_TEN
        self.all: list[Whistle] = []
        self.log: list[tuple[Whistle, Event]] = []

    @precondition(lambda self: len(self.all) < 4)
    @rule(target=whistles, category=st.sampled_from(TRIED))
    def somebody_raises(self, category: str) -> Whistle:
        told = report(category, number=f"W-260302-{len(self.all) + 1:06d}")
        found = CATEGORIES[category]
        whistle: Whistle = Whistle.raise_(
            told,
            id=whistle_id(told.number),
            actor=RESIDENT,
            policy=POLICY,
            at=self.now,
            words=[said("text")],
            emergency_units=(found.lead_unit, *found.co_units),
        )
        self.all.append(whistle)
        self.keep()
        return whistle

    @rule(whistle=whistles, steps=st.integers(1, 8))
    def the_work_goes_on(self, whistle: Whistle, steps: int) -> None:
        """The usual next step, several times: so that the far states are reached too."""
        for _ in range(steps):
            found, lead = CATEGORIES[whistle.category or ""], handler(whistle.lead or "U01")
            match whistle.state:
                case State.RAISED:
                    self.attempt(whistle, "classify", found, actor=INTAKE, policy=POLICY)
                case State.TRIAGED if found.poolable and steps % 2:
                    self.attempt(whistle, "pool", found, actor=DISPATCHER, policy=POLICY)
                case State.TRIAGED:
                    self.attempt(whistle, "dispatch", UNITS["U01"], actor=DISPATCHER, policy=POLICY)
                case State.POOLED:
                    claimant = liaison("U02")
                    self.attempt(
                        whistle, "claim", "U02", capable=True, actor=claimant, policy=POLICY
                    )
                case State.DISPATCHED | State.CLAIMED:
                    self.attempt(whistle, "respond", "arrival", point=HERE, actor=lead)
                case State.RESPONDED:
                    self.attempt(whistle, "start", actor=lead)
                case State.IN_PROGRESS:
                    self.finish_the_co_handlers(whistle)
                    photo = [said("photo")]
                    self.attempt(whistle, "submit", found, actor=lead, policy=POLICY, words=photo)
                case State.SUBMITTED:
                    self.attempt(whistle, "verify", True, actor=VERIFIER, policy=POLICY)

    def finish_the_co_handlers(self, whistle: Whistle) -> None:
        for unit in whistle.co:
            self.attempt(whistle, "remove_co", unit, actor=DISPATCHER)

    @rule(minutes=st.sampled_from([1, 20, 90, 300, 1500, 9000]))
    def time_passes(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)

    @rule(whistle=whistles)
    def the_scheduler_sweeps(self, whistle: Whistle) -> None:
        whistle.elapse(self.now, POLICY)
        self.keep()

    def attempt(
        self, whistle: Whistle, command: str, *args: Any, actor: Actor, **terms: Any
    ) -> Any:
        """As the tracker does it: time passes first; a refusal leaves nothing behind.

        Returns what the command does; None: it was refused.
        """
        whistle.elapse(self.now, POLICY)
        self.keep()
        version = whistle.version
        try:
            return getattr(whistle, command)(*args, actor=actor, at=self.now, **terms)
        except Refusal:
            assert whistle.version == version
            return None
        finally:
            self.keep()

    def keep(self) -> None:
        for whistle in self.all:
            for event in whistle.collect_events():
                assert isinstance(event, Event)
                self.check(event)
                self.log.append((whistle, event))

    def check(self, event: Event) -> None:
        name, moved = type(event).__name__, {kind_of(clock) for clock in event.clocks}
        assert event.by and event.role and event.timestamp.tzinfo
        if name in ENDINGS:
            assert all(c.stopped_at for c in event.clocks if kind_of(c) != "verify")
        elif name in MARKS:
            assert len(event.clocks) == 1
        else:
            assert moved <= MOVES.get(name, set()), (name, moved)

    @rule(whistle=whistles, category=st.sampled_from(TRIED))
    def intake_classifies(self, whistle: Whistle, category: str) -> None:
        words = [said("reason")]
        self.attempt(
            whistle, "classify", CATEGORIES[category], actor=INTAKE, policy=POLICY, words=words
        )

    @rule(whistle=whistles)
    def the_worker_resolves_on_the_spot(self, whistle: Whistle) -> None:
        words = [said("photo_before"), said("photo_after")]
        found = CATEGORIES[whistle.category or ""]
        self.attempt(whistle, "self_resolve", found, actor=WORKER, policy=POLICY, words=words)

    @rule(whistle=whistles)
    def the_post_pools(self, whistle: Whistle) -> None:
        found = CATEGORIES[whistle.category or ""]
        self.attempt(whistle, "pool", found, actor=DISPATCHER, policy=POLICY)

    @rule(whistle=whistles, unit=st.sampled_from(["U01", "U02", "AM001"]))
    def a_unit_claims(self, whistle: Whistle, unit: str) -> None:
        self.attempt(whistle, "claim", unit, capable=True, actor=liaison(unit), policy=POLICY)

    @rule(whistle=whistles, co=st.sampled_from([(), ("U14",), ("U14", "X03")]))
    def the_post_dispatches(self, whistle: Whistle, co: tuple[str, ...]) -> None:
        others = [UNITS[unit] for unit in co]
        self.attempt(whistle, "dispatch", UNITS["U01"], others, actor=DISPATCHER, policy=POLICY)

    @rule(whistle=whistles)
    def the_lead_steps_on(self, whistle: Whistle) -> None:
        lead = handler(whistle.lead or "U01")
        step = {State.RESPONDED: "start", State.IN_PROGRESS: "submit"}.get(whistle.state)
        if step == "submit":
            found, photo = CATEGORIES[whistle.category or ""], [said("photo")]
            self.attempt(whistle, "submit", found, actor=lead, policy=POLICY, words=photo)
        elif step == "start":
            self.attempt(whistle, "start", actor=lead)
        else:
            self.attempt(whistle, "respond", "arrival", actor=lead, point=HERE)

    @rule(whistle=whistles, data=st.data())
    def a_co_handler_acts(self, whistle: Whistle, data: st.DataObject) -> None:
        co = handler(data.draw(st.sampled_from(whistle.co or ["U14"])))
        step = data.draw(st.sampled_from(["respond", "submit", "acknowledge"]))
        if step == "submit":
            self.attempt(whistle, "submit", None, actor=co, policy=POLICY)
        elif step == "respond":
            self.attempt(whistle, "respond", "arrival", point=HERE, actor=co)
        else:
            self.attempt(whistle, "acknowledge", actor=co)

    @rule(whistle=whistles, add=st.booleans())
    def the_post_changes_the_co_handlers(self, whistle: Whistle, add: bool) -> None:
        if add:
            self.attempt(whistle, "add_co", UNITS["U14"], actor=DISPATCHER, policy=POLICY)
        else:
            self.attempt(whistle, "remove_co", "U14", actor=DISPATCHER)

    @rule(whistle=whistles, suggested=st.sampled_from([None, "U02", "U14"]))
    def the_lead_returns_it(self, whistle: Whistle, suggested: str | None) -> None:
        self.attempt(
            whistle,
            "return_",
            actor=liaison(whistle.lead or "U01"),
            policy=POLICY,
            reason_code=None,
            suggested_unit=suggested,
        )

    @rule(whistle=whistles, upheld=st.booleans(), lead=st.sampled_from(["U02", "U14"]))
    def the_city_adjudicates(self, whistle: Whistle, upheld: bool, lead: str) -> None:
        self.attempt(whistle, "adjudicate", upheld, UNITS[lead], actor=CITY, policy=POLICY)

    @rule(whistle=whistles, granted=st.sampled_from([None, True, False]))
    def an_extension_is_asked_for_or_decided(self, whistle: Whistle, granted: bool | None) -> None:
        if granted is None:
            lead = handler(whistle.lead or "U01")
            self.attempt(whistle, "request_extension", actor=lead, policy=POLICY)
        else:
            self.attempt(whistle, "decide_extension", granted, actor=CITY, policy=POLICY)

    @rule(whistle=whistles, days=st.sampled_from([1, 5, 40]))
    def it_is_put_on_account(self, whistle: Whistle, days: int) -> None:
        review_on = (self.now + timedelta(days=days)).date()
        before = whistle.clocks[RESOLVE].due
        for actor in (handler(whistle.lead or "U01"), CITY):
            self.attempt(whistle, "suspend", review_on, actor=actor, policy=POLICY)
        assert whistle.clocks[RESOLVE].due >= before or whistle.state is not State.SUSPENDED

    @rule(whistle=whistles)
    def it_is_resumed(self, whistle: Whistle) -> None:
        whistle.elapse(self.now, POLICY)
        before = whistle.clocks[RESOLVE].due
        self.attempt(whistle, "resume", actor=DISPATCHER, policy=POLICY)
        assert whistle.clocks[RESOLVE].due >= before

    @rule(whistle=whistles, passed=st.booleans())
    def a_verifier_checks(self, whistle: Whistle, passed: bool) -> None:
        self.attempt(whistle, "verify", passed, actor=VERIFIER, policy=POLICY)

    @rule(
        whistle=whistles,
        resolved=st.sampled_from([True, False, None]),
        rating=st.sampled_from([None, 1, 5]),
        reasonable=st.booleans(),
    )
    def the_reporter_is_asked(
        self, whistle: Whistle, resolved: bool | None, rating: int | None, reasonable: bool
    ) -> None:
        method = "unreachable" if resolved is None else "phone"
        self.attempt(
            whistle,
            "follow_up",
            resolved,
            None if resolved is None else rating,
            method=method,
            actor=CALLER,
            policy=POLICY,
            reasonable=reasonable,
        )

    @rule(whistle=whistles, command=st.sampled_from(["close", "escalate", "deescalate", "urge"]))
    def the_commander_acts(self, whistle: Whistle, command: str) -> None:
        self.attempt(whistle, command, actor=COMMANDER)

    @rule(whistle=whistles, command=st.sampled_from(["supervise", "end_supervision", "exclude"]))
    def the_supervisor_acts(self, whistle: Whistle, command: str) -> None:
        self.attempt(whistle, command, actor=SUPERVISOR)

    @rule(whistle=whistles)
    def it_is_reopened(self, whistle: Whistle) -> None:
        self.attempt(whistle, "reopen", actor=RESIDENT, policy=POLICY)

    @rule(whistle=whistles)
    def it_is_appealed(self, whistle: Whistle) -> None:
        above = replace(CITY, account="city-2")
        self.attempt(whistle, "reopen", actor=above, policy=POLICY)

    @rule(whistle=whistles, command=st.sampled_from(["withdraw", "void", "transfer_out"]))
    @precondition(lambda self: len(self.all) > 2)
    def it_ends_otherwise(self, whistle: Whistle, command: str) -> None:
        args = {"void": ("test",), "transfer_out": ("petition",)}.get(command, ())
        terms: dict[str, Any] = {}
        if command == "transfer_out":
            children = [one for one in self.all if one.id in whistle.children]
            terms = {"policy": POLICY, "children": children}
        for actor in self.who_ends(whistle, command):
            if command == "void" and actor is not SUPERVISOR and whistle.proposals.get("void"):
                self.the_children_leave(whistle)
            self.attempt(whistle, command, *args, actor=actor, **terms)

    def who_ends(self, whistle: Whistle, command: str) -> tuple[Actor, ...]:
        if command == "void":
            return (SUPERVISOR, CITY, INTAKE, COMMANDER)
        return (DISPATCHER, CITY) if command == "transfer_out" else (RESIDENT,)

    def the_children_leave(self, parent: Whistle) -> None:
        """As the command does before its second half: no child follows what is void."""
        for child in [one for one in self.all if one.id in parent.children]:
            self.attempt(child, "unmerge", parent, actor=DISPATCHER, policy=POLICY)

    @rule(child=whistles, parent=whistles)
    def two_are_merged(self, child: Whistle, parent: Whistle) -> None:
        if child is parent:
            return
        parent.elapse(self.now, POLICY)
        grandchildren = [w for w in self.all if w.id in child.children]
        terms: dict[str, Any] = {"same_family": True, "same_named_place": False}
        released = self.attempt(child, "merge", parent, actor=DISPATCHER, policy=POLICY, **terms)
        for grandchild in grandchildren if released is not None else ():
            grandchild.follow_new_parent(parent, actor=DISPATCHER, at=self.now)
            brought = released[grandchild.id]
            parent.adopt(grandchild, actor=DISPATCHER, at=self.now, policy=POLICY, brought=brought)
        self.keep()

    @rule(child=whistles)
    def one_is_unmerged(self, child: Whistle) -> None:
        parent = next((w for w in self.all if w.id == child.merged_into), child)
        self.attempt(child, "unmerge", parent, actor=DISPATCHER, policy=POLICY)

    # --- what holds ------------------------------------------------------------------------------

    @invariant()
    def there_is_one_lead_from_dispatch_to_submission_and_none_before(self) -> None:
        for whistle in self.all:
            leads = [a.unit for a in whistle.assignments if a.leads]
            if whistle.state in LED:
                assert len(leads) == 1, (whistle.state, leads)
            if whistle.state in LEADERLESS:
                assert leads == [], (whistle.state, leads)

    @invariant()
    def what_has_ended_has_no_running_clock(self) -> None:
        for whistle in self.all:
            if whistle.state in TERMINAL:
                running = [c.key for c in whistle.clocks.values() if c.stopped_at is None]
                assert running == [], (whistle.state, running)

    @invariant()
    def merges_are_a_forest_one_deep(self) -> None:
        by_id = {whistle.id: whistle for whistle in self.all}
        for whistle in self.all:
            if whistle.state is State.MERGED:
                assert whistle.merged_into is not None
                parent = by_id[whistle.merged_into]
                assert parent.state not in GONE, parent.state
                assert whistle.id in parent.children
                assert whistle.children == {}

    @invariant()
    def nobody_checks_their_own_work(self) -> None:
        for whistle in self.all:
            checked = whistle.verified_by is not None and whistle.verified_by != "system"
            assert not (checked and whistle.verified_by == whistle.submitted_by)

    @invariant()
    def a_stream_is_in_order_of_time(self) -> None:
        for whistle in self.all:
            times = [event.timestamp for owner, event in self.log if owner is whistle]
            assert times == sorted(times)

    def teardown(self) -> None:
        """Replaying what was stored gives the live state, through the JSON of the log."""
        mapper = PlainMapper()
        for whistle in self.all:
            copy: Any = None
            for owner, event in self.log:
                if owner is whistle:
                    copy = mapper.to_domain_event(mapper.to_stored_event(event)).mutate(copy)
            assert copy == whistle


TestCity = City.TestCase
TestCity.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)


@pytest.mark.soak
class TestCityAtLength(City.TestCase):  # type: ignore[name-defined, misc]
    settings = settings(max_examples=2000, stateful_step_count=80, deadline=None)
