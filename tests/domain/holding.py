"""The rules of domain.md §4.3, looked at after every command in a town."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from tests.domain.clock_moves import may_not_move
from tests.domain.town import Town
from tracker.domain.actors import Actor
from tracker.domain.promises.clocks import Clock, ClockKind, Mark
from tracker.domain.whistle.annulling import Annulled, AnnulmentAsked
from tracker.domain.whistle.events import Event
from tracker.domain.whistle.merging import ChildJoined
from tracker.domain.whistle.parties import key_of
from tracker.domain.whistle.soundness import broken_rules
from tracker.domain.whistle.states import AWAITING_RESPONSE, State
from tracker.domain.whistle.whistle import Whistle
from tracker.eventstore.mapper import PlainMapper

PARENTS = frozenset(State) - {State.MERGED, State.VOID, State.WITHDRAWN, State.TRANSFERRED_OUT}
# What may make a missed due time one that was not missed (invariant 12).
UNMISSING = {"Unmerged", "ChildLeft", "DeadlinesRecomputed", "ExtensionGranted", "Annulled"}
LASTING = (ClockKind.RESPOND, ClockKind.RESOLVE)
MAPPER = PlainMapper()


@dataclass
class Held:
    """What was seen so far, as far as a rule looks back."""

    clocks: dict[UUID, dict[str, Clock]] = field(default_factory=dict)
    actor: Actor | None = None
    withdrawn: list[Whistle] = field(default_factory=list)
    parties: dict[UUID, set[str | None]] = field(default_factory=dict)
    did: dict[UUID, dict[str, str]] = field(default_factory=dict)

    def begin(self, actor: Actor | None) -> None:
        self.actor, self.withdrawn = actor, []

    # --- while events come -----------------------------------------------------------------------

    def see(self, whistle: Whistle, event: Event) -> None:
        name = type(event).__name__
        assert event.by and event.role and event.timestamp.tzinfo
        may_not_move(event)
        self._stays_missed(whistle, event, name)
        self._by_different_people(whistle, event, name)
        if name == "Withdrawn":
            self.withdrawn.append(whistle)

    def _stays_missed(self, whistle: Whistle, event: Event, name: str) -> None:
        known = self.clocks.setdefault(whistle.id, {})
        for clock in event.clocks:
            before = known.get(clock.key)
            known[clock.key] = clock
            if before is None or before.kind not in LASTING or before.cycle != clock.cycle:
                continue
            afresh = clock.unit is not None and begins_anew(event, before, clock)
            if Mark.RED in before.reached and not afresh and name not in UNMISSING:
                assert clock.missed_by(event.timestamp), (whistle.number, name, clock.key)

    def _by_different_people(self, whistle: Whistle, event: Event, name: str) -> None:
        did = self.did.setdefault(whistle.id, {})
        if name == "Submitted":
            did["submitted"] = event.by
            did.pop("verified", None)
        elif name in ("VerificationPassed", "VerificationFailed"):
            did["verified"] = event.by
            assert event.by != did.get("submitted"), "who submitted checks it"
        elif name == "FollowedUp" and event.by not in self.parties.get(whistle.id, ()):
            assert event.by not in did.values(), "who did or checked it asks about it"

    # --- after each command ----------------------------------------------------------------------

    def after(self, town: Town) -> None:
        for whistle in town.live.values():
            broken = broken_rules(whistle, town.city)
            assert not broken, (whistle.number, whistle.state, broken)
            self._speaks(whistle)
            self._can_go_on(whistle)
        self._families(town)
        self._nobody_ended_anothers(town)
        self.parties = {
            whistle.id: {party.key for party in whistle.parties} for whistle in town.live.values()
        }

    def _speaks(self, whistle: Whistle) -> None:
        """Rule 13: open, so something will happen by itself, or a deadline goes on being late."""
        runs = any(clock.running for clock in whistle.clocks.values())
        assert whistle.is_terminal or runs, ("silent", whistle.number, whistle.state)

    def _can_go_on(self, whistle: Whistle) -> None:
        """Who awaits a response has a lead that may still give it: nothing else leads on."""
        parts = [part for part in whistle.assignments if part.current and part.leads]
        waits = whistle.state not in AWAITING_RESPONSE or parts[0].awaits_response
        assert waits, ("nobody can respond, nobody can start", whistle.number, whistle.state)

    def _families(self, town: Town) -> None:
        for whistle in town.live.values():
            if whistle.state is not State.MERGED:
                for child in whistle.children:
                    assert town.live[child].merged_into == whistle.id, "a child that left"
                continue
            assert whistle.merged_into is not None
            parent = town.live[whistle.merged_into]
            assert parent.state in PARENTS, (whistle.number, parent.number, parent.state)
            assert whistle.id in parent.children and not whistle.children
            same = whistle.confidential or not parent.confidential
            assert same, (whistle.number, "an open child of a confidential parent")
            self._closes_its_parent(whistle, parent, town)

    def _closes_its_parent(self, child: Whistle, parent: Whistle, town: Town) -> None:
        category = town.city.category(child.category) if child.category else None
        if category is not None and category.confidential:
            assert parent.confidential, (parent.number, "open, of a child of a confidential kind")

    def _nobody_ended_anothers(self, town: Town) -> None:
        for whistle in self.withdrawn:
            assert self.actor is not None
            own = {key_of(self.actor)}
            others = self.parties.get(whistle.id, set()) - own
            assert not others, ("others reported it too", whistle.number, others)

    def replayed(self, town: Town) -> None:
        """Rule 6: what was stored gives the live state again, through the JSON of the log."""
        for id, events in town.streams.items():
            twin: Any = None
            for event in events:
                stored = MAPPER.to_stored_event(event)
                again: Any = MAPPER.to_domain_event(stored)
                twin = again.mutate(twin)
            assert twin == town.live[id]
            times = [event.timestamp for event in acts(events)]
            assert times == sorted(times)


def acts(events: Sequence[Event]) -> list[Event]:
    """What people did and decided, in order: a wrong clock dates only what time alone records, and
    what is said of that stands at its own moment."""
    apart = (Annulled, AnnulmentAsked)
    return [one for one in events if not one.is_of_time and not isinstance(one, apart)]


def begins_anew(event: Event, before: Clock, clock: Clock) -> bool:
    """Whether the unit has another part than the one that the clock was of before."""
    ended = isinstance(event, ChildJoined) and event.before and not event.before.part_of(clock.unit)
    return bool(ended) or clock.started_at != before.started_at
