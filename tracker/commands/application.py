"""Tracker: one method a command; the only way to write.

Each method looks up what the domain may not look up for itself, and hands it to one command of the
aggregate. The names of the arguments are those of the bodies in the HTTP interface. All take
`actor` and `at`; `idempotency` is a key to be kept with the events, `expected_version` the stream
version that the caller has seen. A refusal leaves nothing behind.
"""

from datetime import datetime
from functools import partial
from typing import Unpack
from uuid import UUID

from tracker.commands.deciding import Common, Done
from tracker.commands.handling import Handling
from tracker.commands.receiving import GridRef
from tracker.domain.actors import Actor
from tracker.domain.errors import Invalid, Words
from tracker.domain.whistle.ending import VOID_REASONS
from tracker.domain.whistle.refusals.overseeing import NothingToRecompute
from tracker.domain.whistle.whistle import Whistle

VOID_CODES = {zh: code for code, zh in VOID_REASONS.items()}
TARGET_CODES = {"信访": "petition", "纪检": "discipline", "诉讼": "litigation"}


class UnreadableTime(Invalid):
    """`value` of a correction is not a time with an offset."""

    code = "whistle.unreadable_time"
    message = Words(zh="{value} 不是带时区的时间", en="{value} is no time with an offset")
    remedy = Words(zh="写成 2026-03-02T10:00+08:00", en="Write it as 2026-03-02T10:00+08:00")
    field = "value"


class Tracker(Handling):
    """All commands of the city's whistles: receiving, handling, here ending and overseeing."""

    def withdraw(
        self,
        number: str | UUID,
        *,
        actor: Actor,
        at: datetime,
        reason: str | None = None,
        **common: Unpack[Common],
    ) -> Done:
        said = self.spoken(number).say("reason", reason)
        return self._do(number, Whistle.withdraw, actor=actor, at=at, said=said, **common)

    def void(
        self,
        number: str | UUID,
        *,
        actor: Actor,
        at: datetime,
        reason: str,
        basis: str | None = None,
        **common: Unpack[Common],
    ) -> Done:
        """`reason` is a code of VOID_REASONS or its Chinese word; the second caller confirms."""
        said = self.spoken(number).say("basis", basis)
        code = VOID_CODES.get(reason, reason)
        return self._do(number, Whistle.void, code, actor=actor, at=at, said=said, **common)

    def transfer_out(
        self,
        number: str | UUID,
        *,
        actor: Actor,
        at: datetime,
        target: str,
        reason: str,
        **common: Unpack[Common],
    ) -> Done:
        code = TARGET_CODES.get(target, target)
        return self._because(
            reason, number, Whistle.transfer_out, code, actor=actor, at=at, **common
        )

    def exclude(
        self,
        number: str | UUID,
        *,
        actor: Actor,
        at: datetime,
        reason: str,
        **common: Unpack[Common],
    ) -> Done:
        return self._because(reason, number, Whistle.exclude, actor=actor, at=at, **common)

    def escalate(
        self,
        number: str | UUID,
        *,
        actor: Actor,
        at: datetime,
        reason: str,
        **common: Unpack[Common],
    ) -> Done:
        return self._because(reason, number, Whistle.escalate, actor=actor, at=at, **common)

    def deescalate(
        self,
        number: str | UUID,
        *,
        actor: Actor,
        at: datetime,
        reason: str,
        **common: Unpack[Common],
    ) -> Done:
        return self._because(reason, number, Whistle.deescalate, actor=actor, at=at, **common)

    def supervise(
        self,
        number: str | UUID,
        *,
        actor: Actor,
        at: datetime,
        reason: str,
        **common: Unpack[Common],
    ) -> Done:
        return self._because(reason, number, Whistle.supervise, actor=actor, at=at, **common)

    def end_supervision(
        self,
        number: str | UUID,
        *,
        actor: Actor,
        at: datetime,
        reason: str,
        **common: Unpack[Common],
    ) -> Done:
        return self._because(reason, number, Whistle.end_supervision, actor=actor, at=at, **common)

    def urge(
        self,
        number: str | UUID,
        *,
        actor: Actor,
        at: datetime,
        note: str | None = None,
        **common: Unpack[Common],
    ) -> Done:
        said = self.spoken(number).say("note", note)
        return self._do(number, Whistle.urge, actor=actor, at=at, said=said, **common)

    def hand_over(
        self,
        number: str | UUID,
        *,
        actor: Actor,
        at: datetime,
        post: str,
        **common: Unpack[Common],
    ) -> Done:
        """After grids were redrawn: the whistle goes to the post that holds its grid now."""
        self.city.post(post)
        return self._do(number, Whistle.hand_over, post, actor=actor, at=at, **common)

    def correct(
        self,
        number: str | UUID,
        *,
        actor: Actor,
        at: datetime,
        field: str,
        value: str,
        reason: str,
        **common: Unpack[Common],
    ) -> Done:
        """`value` as text: a category's or grid's code, or a time; the second caller approves."""
        said = self.spoken(number).say("reason", self._must_say("reason", reason))
        policy = self.city.policy
        category = self.city.current_category(value) if field == "category" else None
        occurred_at = self._time(value) if field == "occurred_at" else None

        def decide(whistle: Whistle, moment: datetime) -> None:
            grid = GridRef(value) if field == "grid" else None
            whistle.correct(
                field,
                value,
                actor=actor,
                at=moment,
                policy=policy,
                place=self.place(grid, whistle.registered_at) if grid else None,
                category=category,
                occurred_at=occurred_at,
                words=said.refs,
            )

        return self._act(number, decide, at=at, said=said, **common)

    @staticmethod
    def _time(value: str) -> datetime:
        try:
            found = datetime.fromisoformat(value)
        except ValueError:
            raise UnreadableTime(value=value) from None
        if found.tzinfo is None:
            raise UnreadableTime(value=value)
        return found

    # --- what happens by itself ------------------------------------------------------------------

    def let_time_pass(self, number: str | UUID, at: datetime) -> Done | None:
        """Record what fell due before `at`; None when nothing did."""
        before = self.whistle(number).version
        done = self._act(number, lambda whistle, moment: None, at=at)
        return done if done.whistle.version > before else None

    def recompute_deadlines(self, number: str | UUID, at: datetime) -> Done | None:
        """After a calendar arrived: provisional due times again; None when none waited for it."""
        again = partial(Whistle.recompute_deadlines, policy=self.city.policy)
        try:
            return self._act(number, lambda whistle, moment: again(whistle, at=moment), at=at)
        except NothingToRecompute:
            return None

    def open_commands(self, whistle: Whistle, actor: Actor, at: datetime) -> list[str]:
        """The commands, in kebab-case, whose guards would let this actor begin now."""
        return [name.replace("_", "-") for name in whistle.open_commands(actor, at)]
