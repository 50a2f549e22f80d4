"""保密: only those who must know read it. Doubt closes it, and two people open it again."""

from collections.abc import Sequence
from datetime import datetime
from typing import ClassVar

from tracker.domain.actors import Actor
from tracker.domain.city.catalogue import Category
from tracker.domain.whistle.events import Event
from tracker.domain.whistle.lifecycle import Lifecycle
from tracker.domain.whistle.memory import Memory, Proposal
from tracker.domain.whistle.refusals.confiding import (
    AlreadyConfidential,
    ConfidentialCategory,
    NotConfidential,
)
from tracker.domain.whistle.said import Said


class MarkedConfidential(Event):
    """Only those who must know read it from now on. `basis`: category, words, command, parent."""

    TOPIC: ClassVar[str] = "whistle.marked_confidential"
    basis: str

    def assign(self, whistle: Memory) -> None:
        whistle.confidential = True


class UnmarkProposed(Event):
    """Somebody asks to open it again; another person confirms."""

    TOPIC: ClassVar[str] = "whistle.unmark_proposed"

    def assign(self, whistle: Memory) -> None:
        whistle.proposals["unmark-confidential"] = Proposal(self.by, self.timestamp)


class UnmarkedConfidential(Event):
    """Two people found that it need not be confidential."""

    TOPIC: ClassVar[str] = "whistle.unmarked_confidential"
    proposed_by: str

    def assign(self, whistle: Memory) -> None:
        whistle.proposals.pop("unmark-confidential", None)
        whistle.confidential = False


class Confiding(Lifecycle):
    """Mark confidential, and open again. What follows is drawn in consequences.py."""

    def may_mark_confidential(self, actor: Actor, at: datetime) -> None:
        if self.confidential:
            raise AlreadyConfidential(number=self.number)

    def mark_confidential(
        self, *, actor: Actor, at: datetime, words: Sequence[Said] = (), basis: str = "command"
    ) -> None:
        """One person is enough: doubt closes (domain.md §4.4)."""
        self.may_mark_confidential(actor, at)
        self._record(MarkedConfidential, actor, at, words=words, basis=basis)

    def follow_into_confidence(self, *, actor: Actor, at: datetime) -> None:
        """Its parent became confidential, and so does it."""
        if not self.confidential:
            self._record(MarkedConfidential, actor, at, basis="parent")

    def may_unmark_confidential(self, actor: Actor, at: datetime) -> None:
        if not self.confidential:
            raise NotConfidential(number=self.number)
        self._confirms("unmark-confidential", actor)

    def unmark_confidential(
        self,
        category: Category | None,
        *,
        actor: Actor,
        at: datetime,
        words: Sequence[Said] = (),
    ) -> None:
        """Open it again: one asks, another confirms; never while its category is confidential."""
        self.may_unmark_confidential(actor, at)
        if category is not None and category.confidential:
            raise ConfidentialCategory(number=self.number, category=category.code)
        proposal = self._confirms("unmark-confidential", actor)
        if proposal is None:
            self._record(UnmarkProposed, actor, at, words=words)
        else:
            self._record(UnmarkedConfidential, actor, at, words=words, proposed_by=proposal.by)
