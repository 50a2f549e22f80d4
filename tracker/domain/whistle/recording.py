"""How a whistle records a fact, and finds and stops its clocks."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from tracker.domain.actors import Actor
from tracker.domain.promises.clocks import Clock, ClockKind
from tracker.domain.whistle.events import Event
from tracker.domain.whistle.memory import Memory
from tracker.domain.whistle.said import Said
from tracker.domain.whistle.states import State


class Recording(Memory):
    """Record a fact; stop clocks with it."""

    def _record(
        self,
        event: type[Event],
        actor: Actor,
        at: datetime,
        *,
        to: State | None = None,
        clocks: Iterable[Clock] = (),
        words: Sequence[Said] = (),
        **facts: object,
    ) -> None:
        """Record a fact. A story never runs backwards, even when the machine's clock does."""
        at = max(at, self.told_until)
        self._record_at(at, event, actor, to=to, clocks=clocks, words=words, **facts)

    def _record_at(
        self,
        at: datetime,
        event: type[Event],
        actor: Actor,
        *,
        to: State | None = None,
        clocks: Iterable[Clock] = (),
        words: Sequence[Said] = (),
        **facts: object,
    ) -> None:
        """Record it at that very moment: also before what a wrong clock has told already."""
        self.trigger_event(
            event,
            timestamp=at,
            by=actor.reporter_of or actor.account,
            role=actor.role,
            acting_post=actor.post,
            state=to or self.state,
            clocks=tuple(clocks),
            words=tuple(words),
            **facts,
        )

    def _clock(self, kind: ClockKind, unit: str | None = None) -> Clock | None:
        return self.clocks.get(kind if unit is None else f"{kind}:{unit}")

    def _running(self, *kinds: ClockKind) -> list[Clock]:
        """The clocks of these kinds that are not stopped; those on hold are among them."""
        return [c for c in self.clocks.values() if c.stopped_at is None and c.kind in kinds]

    def _stopped(self, at: datetime, *kinds: ClockKind) -> list[Clock]:
        """The running clocks of these kinds (all kinds when none is named), stopped."""
        return [c.stop(at) for c in self._running(*(kinds or tuple(ClockKind)))]

    def _stopped_of(self, unit: str, at: datetime, *kinds: ClockKind) -> list[Clock]:
        """The unit's own running clocks of these kinds, stopped."""
        return [c.stop(at) for c in self._running(*kinds) if c.unit == unit]
