"""问与答: the lead asks the reporter, and the work may wait for the answer.

Rules: domain.md §4.2, row ask / answer, and §5, rule 7: the first question of a whistle pauses its
resolve clock until it is answered, for two working days at most, where the class may be paused.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import ClassVar

from tracker.domain.actors import SYSTEM, Actor
from tracker.domain.promises.clocks import Clock, ClockKind, SlaPolicy
from tracker.domain.whistle.events import Event
from tracker.domain.whistle.lifecycle import Lifecycle
from tracker.domain.whistle.memory import Memory
from tracker.domain.whistle.pausing import NEVER_PAUSED, WAIT_LIMIT
from tracker.domain.whistle.refusals.asking import (
    NobodyToAsk,
    NoQuestion,
    NotAsked,
    QuestionOpen,
    WordsMissing,
)
from tracker.domain.whistle.said import Said
from tracker.domain.whistle.states import State


class ReporterAsked(Event):
    """The lead asks the reporter something. `waits`: the resolve clock is held meanwhile."""

    TOPIC: ClassVar[str] = "whistle.reporter_asked"
    unit: str
    waits: bool

    def assign(self, whistle: Memory) -> None:
        whistle.question_of = self.unit
        whistle.waited_for_reporter = whistle.waited_for_reporter or self.waits


class ReporterAnswered(Event):
    """A reporter answers. `paused_from`: since when the resolve clock was held; None: it ran."""

    TOPIC: ClassVar[str] = "whistle.reporter_answered"
    photos: int
    paused_from: datetime | None

    def assign(self, whistle: Memory) -> None:
        whistle.question_of = None
        whistle.words.extend(self.words)
        whistle.photos += self.photos
        whistle.keep_for_child(self.by, self.words)
        if self.paused_from is not None:
            whistle.pauses.append((self.paused_from, self.timestamp))


class WaitEnded(Event):
    """The resolve clock waits for the answer no longer; the question stays open.

    `basis`: time (two working days), or what happened to the whistle before: submitted, suspended,
    class, merged, or why the lead's part ended.
    """

    TOPIC: ClassVar[str] = "whistle.wait_ended"
    basis: str
    paused_from: datetime

    def assign(self, whistle: Memory) -> None:
        whistle.pauses.append((self.paused_from, self.timestamp))


class Asking(Lifecycle):
    """Ask, answer."""

    def may_ask(self, actor: Actor, at: datetime) -> None:
        self._must_be_in(State.RESPONDED, State.IN_PROGRESS)
        self._must_lead(actor)
        if self.question_of is not None:
            raise QuestionOpen(number=self.number)
        if self.first_party is None:
            raise NobodyToAsk(number=self.number)

    def ask(
        self, *, actor: Actor, at: datetime, policy: SlaPolicy, words: Sequence[Said] = ()
    ) -> None:
        """Ask the reporter; one question at a time."""
        self.may_ask(actor, at)
        if not words:
            raise WordsMissing(number=self.number)
        waits = self._may_wait(at)
        clocks = self._waiting_clocks(at, policy) if waits else []
        self._record(
            ReporterAsked, actor, at, clocks=clocks, words=words, unit=actor.unit, waits=waits
        )

    def _may_wait(self, at: datetime) -> bool:
        """Once, in a class that may be paused, and not when the due has passed already."""
        resolve = self.clocks[ClockKind.RESOLVE]
        pausable = self.sla_class not in NEVER_PAUSED and not self.waited_for_reporter
        return pausable and resolve.running and not resolve.missed_by(at)

    def _waiting_clocks(self, at: datetime, policy: SlaPolicy) -> list[Clock]:
        ends = policy.due(WAIT_LIMIT, at).at
        held = self.clocks[ClockKind.RESOLVE].hold(at)
        return [held, policy.until(ClockKind.ANSWER, ends, at)]

    def may_answer(self, actor: Actor, at: datetime) -> None:
        self._must_be_in(State.RESPONDED, State.IN_PROGRESS)
        if self.question_of is None:
            raise NoQuestion(number=self.number)
        if self.party_of(actor) is None:
            raise NotAsked(number=self.number)

    def answer(
        self, *, actor: Actor, at: datetime, policy: SlaPolicy, words: Sequence[Said] = ()
    ) -> None:
        """Answer, as one of its reporters; the resolve clock runs again."""
        self.may_answer(actor, at)
        if not words:
            raise WordsMissing(number=self.number)
        clocks, since = self._after_the_wait(at, policy)
        photos = sum(word.kind == "photo" for word in words)
        self._record(
            ReporterAnswered,
            actor,
            at,
            clocks=clocks,
            words=words,
            photos=photos,
            paused_from=since,
        )

    def _after_the_wait(
        self, at: datetime, policy: SlaPolicy, *, into_class: bool = False
    ) -> tuple[list[Clock], datetime | None]:
        """The clocks once it waits no longer, and since when it did; nothing where it does not."""
        window = self._stopped(at, ClockKind.ANSWER)
        since = self.clocks[ClockKind.RESOLVE].held_at
        if not window or since is None:
            return window, None
        pauses = (*self.pauses, (since, at))
        if into_class:
            moved = self._resolve_into_class(policy, pauses, at)
        else:
            moved = self._resolve_clock(policy, pauses=pauses)
        return [*window, moved], since

    def _end_wait(self, at: datetime, policy: SlaPolicy, basis: str) -> None:
        clocks, since = self._after_the_wait(at, policy, into_class=basis == "class")
        if since is not None:
            self._record(WaitEnded, SYSTEM, at, clocks=clocks, basis=basis, paused_from=since)

    def _end_answer_window(self, at: datetime, policy: SlaPolicy) -> None:
        self._end_wait(at, policy, "time")
