"""更正: a wrong fact is corrected by a new one, by two people; the old one stays readable."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from tracker.domain.actors import Actor, Role
from tracker.domain.city.catalogue import Category
from tracker.domain.promises.clocks import SlaPolicy
from tracker.domain.promises.sla_classes import stricter
from tracker.domain.whistle.events import Event
from tracker.domain.whistle.lifecycle import Lifecycle
from tracker.domain.whistle.memory import Memory, Proposal
from tracker.domain.whistle.place import Place
from tracker.domain.whistle.refusals.correcting import (
    NotCorrectable,
    OccurredAfterRaised,
    OnlyAboveThePost,
    OnlyTheReceivingPost,
)
from tracker.domain.whistle.said import Said

CORRECTABLE = ("place", "grid", "category", "sla_class", "occurred_at")
ABOVE = frozenset({Role.CITY_CENTRE, Role.SUPERVISOR})


class CorrectionProposed(Event):
    """Somebody asks to correct a fact; another person approves. `post`: which would receive it."""

    TOPIC: ClassVar[str] = "whistle.correction_proposed"
    field: str
    value: str
    post: str | None = None

    def assign(self, whistle: Memory) -> None:
        whistle.proposals["correct"] = Proposal(
            self.by, self.timestamp, field=self.field, value=self.value, post=self.post
        )


class Corrected(Event):
    """A wrong fact is corrected by this one; the old one stays readable."""

    TOPIC: ClassVar[str] = "whistle.corrected"
    field: str
    value: str
    place: Place | None
    category: str | None
    sla_class: str | None
    occurred_at: datetime | None
    proposed_by: str

    def assign(self, whistle: Memory) -> None:
        whistle.proposals.pop("correct", None)
        whistle.place = self.place or whistle.place
        if self.category is not None:
            whistle.category, whistle.category_source = self.category, "chosen"
        whistle.sla_class = self.sla_class or whistle.sla_class
        whistle.occurred_at = self.occurred_at or whistle.occurred_at


class ClassRaised(Event):
    """A whistle that was merged into it turned out to be of a stricter class; so is this one."""

    TOPIC: ClassVar[str] = "whistle.class_raised"
    sla_class: str
    child: UUID

    def assign(self, whistle: Memory) -> None:
        whistle.sla_class = self.sla_class
        whistle.note_childs_class(self.child, self.sla_class)


class Correcting(Lifecycle):
    """Correct a fact."""

    def raise_class(
        self, sla_class: str, child: UUID, *, actor: Actor, at: datetime, policy: SlaPolicy
    ) -> None:
        """Take the class that was found at a child, where it is stricter (domain.md §4.5)."""
        if stricter(sla_class, self.sla_class):
            clocks = self._clocks_of_class(policy, sla_class, at)
            self._record(ClassRaised, actor, at, clocks=clocks, sla_class=sla_class, child=child)

    def may_correct(self, actor: Actor, at: datetime) -> None:
        self._confirms("correct", actor)

    def correct(
        self,
        field: str,
        value: str,
        *,
        actor: Actor,
        at: datetime,
        policy: SlaPolicy,
        place: Place | None = None,
        category: Category | None = None,
        sla_class: str | None = None,
        occurred_at: datetime | None = None,
        words: Sequence[Said] = (),
    ) -> None:
        """Correct a fact of CORRECTABLE: one asks, another approves the same field and value.

        `place`, `category`, `sla_class` or `occurred_at` is what `value` names, looked up by the
        caller. Another post: the receiving post approves, or the city centre. A milder class:
        the supervisor or the city centre (domain.md §4.2).
        """
        self.may_correct(actor, at)
        if field not in CORRECTABLE:
            raise NotCorrectable(name=field, known=", ".join(CORRECTABLE))
        if occurred_at is not None and occurred_at > self.registered_at:
            raise OccurredAfterRaised(
                number=self.number, occurred_at=occurred_at, registered_at=self.registered_at
            )
        found = with_point_of(place, self.place) if place is not None else None
        wanted = self._wanted_class(category, sla_class)
        proposal = self._confirms("correct", actor)
        if proposal is None or (proposal.field, proposal.value) != (field, value):
            post = found.post if found is not None else None
            self._record(
                CorrectionProposed, actor, at, words=words, field=field, value=value, post=post
            )
            return
        self._must_approve(actor, found, wanted)
        self._record(
            Corrected,
            actor,
            at,
            clocks=self._clocks_of_class(policy, wanted, at) if wanted else [],
            words=words,
            field=field,
            value=value,
            place=found,
            category=category.code if category else None,
            sla_class=wanted,
            occurred_at=occurred_at,
            proposed_by=proposal.by,
        )

    def _wanted_class(self, category: Category | None, sla_class: str | None) -> str | None:
        """The class that it would have; None where it keeps its own: what is over keeps it."""
        wanted = sla_class or (category.sla if category else None)
        return None if self.is_terminal else wanted

    def _must_approve(self, actor: Actor, place: Place | None, wanted: str | None) -> None:
        moves = place is not None and place.post not in (self.place.post, actor.post)
        if moves and actor.role not in ABOVE:
            raise OnlyTheReceivingPost(number=self.number, post=place.post if place else None)
        if wanted is not None and stricter(self.sla_class, wanted) and actor.role not in ABOVE:
            raise OnlyAboveThePost(number=self.number, sla_class=wanted)

    @property
    def receiving_post(self) -> str | None:
        """The post that a correction which waits for its approval would move it to."""
        proposal: Proposal | None = self.proposals.get("correct")
        return proposal.post if proposal is not None else None


def with_point_of(place: Place, known: Place) -> Place:
    """A grid that was named without a point keeps the point that was reported."""
    if place.lat is not None:
        return place
    return replace(place, lat=known.lat, lon=known.lon, accuracy_m=known.accuracy_m)
