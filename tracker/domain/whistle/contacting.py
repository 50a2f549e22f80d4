"""联系: somebody opens a reporter's number for his work, and the reporter says who really called.

domain.md §4.2, respond: a call counts only to a reporter whose number was opened before, and the
reporter's page says "they say that they spoke to you".
"""

from collections.abc import Sequence
from datetime import datetime
from typing import ClassVar

from tracker.domain.actors import SYSTEM, Actor
from tracker.domain.whistle.events import Event
from tracker.domain.whistle.lifecycle import Lifecycle
from tracker.domain.whistle.memory import CallClaim, Memory, Opening
from tracker.domain.whistle.overseeing import SupervisionOpened
from tracker.domain.whistle.refusals.responding import NoCallToJudge
from tracker.domain.whistle.said import Said


class ContactOpened(Event):
    """Somebody was shown name and number of the reporters; the words are his reason.

    `unit` is the one for which he looked; None: a post or the city. The number is never in it.
    """

    TOPIC: ClassVar[str] = "whistle.contact_opened"
    unit: str | None

    def assign(self, whistle: Memory) -> None:
        whistle.openings.append(Opening(self.by, self.unit, self.timestamp))


class CallConfirmed(Event):
    """A reporter says that the unit spoke to him; the words are his."""

    TOPIC: ClassVar[str] = "whistle.call_confirmed"
    unit: str
    called_at: datetime | None

    def assign(self, whistle: Memory) -> None:
        whistle.calls.pop(self.unit, None)


class CallDenied(Event):
    """A reporter says that the unit did not speak to him: a supervision follows."""

    TOPIC: ClassVar[str] = "whistle.call_denied"
    unit: str
    called_at: datetime | None

    def assign(self, whistle: Memory) -> None:
        whistle.calls.pop(self.unit, None)


class Contacting(Lifecycle):
    """Open a contact; confirm or deny a call."""

    def may_open_contact(self, actor: Actor, at: datetime) -> None:
        """At any time: who may is a matter of his office and his part alone."""

    def open_contact(self, *, actor: Actor, at: datetime, words: Sequence[Said] = ()) -> None:
        """Somebody looks at name and number; who, when and why stays on record."""
        self.may_open_contact(actor, at)
        self._record(ContactOpened, actor, at, words=words, unit=actor.unit)

    def may_judge_call(self, actor: Actor, at: datetime) -> None:
        self._must_be_open()
        self._must_be_called(actor, None)

    def calls_to(self, actor: Actor) -> dict[str, CallClaim]:
        """The calls that units say they made to this reporter, by unit, the latest last."""
        own = self.party_of(actor)
        found = {} if own is None else self.calls
        return {unit: call for unit, call in found.items() if own and call.party == own.number}

    def _must_be_called(self, actor: Actor, unit: str | None) -> tuple[str, CallClaim]:
        """The call that he judges; `unit` None: the latest."""
        calls = self.calls_to(actor)
        named = unit or next(reversed(calls), None)
        if named is None or named not in calls:
            raise NoCallToJudge(number=self.number)
        return named, calls[named]

    def confirm_call(
        self, unit: str | None = None, *, actor: Actor, at: datetime, words: Sequence[Said] = ()
    ) -> None:
        """The reporter says that they spoke; `unit` None: of whom he heard last."""
        self.may_judge_call(actor, at)
        caller, call = self._must_be_called(actor, unit)
        self._record(CallConfirmed, actor, at, words=words, unit=caller, called_at=call.called_at)

    def deny_call(
        self, unit: str | None = None, *, actor: Actor, at: datetime, words: Sequence[Said] = ()
    ) -> None:
        """The reporter says that nobody spoke to him: the supervisor looks into it."""
        self.may_judge_call(actor, at)
        caller, call = self._must_be_called(actor, unit)
        self._record(CallDenied, actor, at, words=words, unit=caller, called_at=call.called_at)
        if not self.supervised:
            self._record(SupervisionOpened, SYSTEM, at, basis="call denied")
