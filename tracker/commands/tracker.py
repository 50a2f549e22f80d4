"""Tracker: the one way to write. `give` a command to a stream, or `open` a new one with it.

This class passes in everything that an event needs from outside (city, policy, time), so the domain
does no I/O. After a refusal nothing is stored.
"""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from eventsourcing.application import AggregateNotFoundError, Application
from eventsourcing.persistence import RecordConflictError

from tracker.commands.command import A, Command, Done, Given, Opening, Stream
from tracker.commands.earlier import KeyReused, appended_at, stood_at
from tracker.commands.spoken import Spoken
from tracker.directory import CityDirectory, Directory
from tracker.domain.actors import Actor
from tracker.domain.errors import Conflict, NotFound, UnknownWhistle, VersionMoved, Words
from tracker.domain.whistle.events import Event
from tracker.domain.whistle.whistle import Whistle, whistle_id
from tracker.eventstore import idempotency
from tracker.eventstore.clock import CLOCK
from tracker.eventstore.connections import Connection, dsn_of
from tracker.eventstore.contents import Moved
from tracker.eventstore.idempotency import IdempotencyRecord, IdempotencyReplay
from tracker.eventstore.recorder import ShaodaoRecorder, library_env
from tracker.settings import Settings

ATTEMPTS = 8
R = TypeVar("R", bound=Stream)
T = TypeVar("T")


class TooBusy(Conflict):
    """Other commands changed the stream during every attempt; nothing was written."""

    code = "whistle.too_busy"
    message = Words(zh="{number} 正被多人同时办理", en="{number} is being changed by many at once")
    remedy = Words(zh="稍等一下再试", en="Wait a moment and try again")


class Tracker(Application[UUID]):
    """All commands of the city. Everyone who writes goes through `give` or `open`."""

    recorder: ShaodaoRecorder

    def __init__(self, settings: Settings, *, name: str = "web", pool_size: int = 16) -> None:
        """Open the process's connection pool, which queries use too: see `connection`."""
        super().__init__(library_env(dsn_of(settings), name=name, pool_size=pool_size))
        self.settings = settings
        self.directory = CityDirectory(self.recorder, self.mapper)

    # --- reading ------------------------------------------------------------------------------

    @property
    def city(self) -> Directory:
        """The city's present state, at most a second old."""
        return self.directory.now()

    def now(self) -> datetime:
        """What time it is, for a question that is asked in a terminal."""
        with self.connection() as connection:
            CLOCK.look(connection)
        return CLOCK.now()

    def deciding_at(self) -> datetime:
        """What time it is, for a command that is given in a terminal. Raises ClockDisagrees."""
        at = self.now()
        CLOCK.must_agree()
        return at

    def connection(self) -> AbstractContextManager[Connection]:
        """A connection for a query; the end of the `with` block returns it to the pool."""
        return self.recorder.pool.connection()

    def whistle(self, number: str | UUID) -> Whistle:
        """The whistle folded from its stream, never stale. Raises UnknownWhistle."""
        return self.load(Whistle, self.id_of(number), UnknownWhistle(number=str(number)))

    def story(self, whistle: UUID) -> list[Event]:
        """All events of the whistle, in their order."""
        return [event for event in self.events.get(whistle) if isinstance(event, Event)]

    @staticmethod
    def id_of(number: str | UUID) -> UUID:
        """A whistle's id from its id or its number, which need not exist."""
        if isinstance(number, UUID):
            return number
        try:
            return UUID(number)
        except ValueError:
            return whistle_id(number)

    def load(self, kind: type[R], id: UUID, unknown: NotFound) -> R:
        """An aggregate from its stream, never stale. Raises `unknown`, also for another kind."""
        try:
            found: Any = self.repository.get(id)
        except AggregateNotFoundError:
            raise unknown from None
        if not isinstance(found, kind):
            raise unknown
        return found

    def next_in(self, sequence: str) -> int:
        """The next value of a sequence; concurrent callers do not wait for each other."""
        with self.connection() as connection:
            row = connection.execute("SELECT nextval(%s)", (sequence,)).fetchone()
        assert row is not None
        return int(row[0])

    def next_number(self, letter: str, sequence: str, digits: int, at: datetime) -> str:
        """A new number such as W-261123-000123: the city's date, then a running count."""
        count = self.next_in(sequence)
        day = at.astimezone(self.city.policy.calendar.timezone)
        return f"{letter}-{day:%y%m%d}-{count:0{digits}d}"

    # --- writing ------------------------------------------------------------------------------

    def give(
        self,
        command: Command[A],
        number: str | UUID,
        *,
        actor: Actor,
        at: datetime,
        receipt: str | None = None,
        once: IdempotencyRecord | None = None,
        expected_version: int | None = None,
    ) -> Done[A]:
        """Load, let time pass up to `at`, decide, append in one transaction; again on a conflict.

        `once` is a key that is stored with the events: if it was used before, the result is the
        earlier one. `receipt`: see `Given`. Raises VersionMoved when `expected_version` is not
        the stream's, KeyReused, TooBusy, and whatever the aggregate refuses with.
        """
        spoken = Spoken(self.recorder.pool, command.stream(self, number))
        command.speak(spoken)
        elsewhere = expected_version is not None and command.goes_elsewhere(self, number)
        expected = None if elsewhere else expected_version

        def attempt() -> Done[A]:
            aggregate = command.load(self, number)
            if expected not in (None, aggregate.version):
                raise VersionMoved(number=str(number), version=aggregate.version)
            moment = command.moment(aggregate, at)
            words = tuple(spoken.refs)
            told = frozenset(spoken.sensitive)
            given = Given(
                self, self.city, actor, moment, words, receipt, number=number, sensitive=told
            )
            command.let_time_pass(aggregate, given)
            before = _proposals(aggregate)
            command.carry_out(aggregate, given)
            position = self._append(aggregate, *given.others, spoken=spoken, once=once)
            return Done(aggregate, position, proposed=bool(_proposals(aggregate) - before))

        try:
            return _unless_refused(command, self.repeat(attempt, str(number)))
        except IdempotencyReplay as replay:
            return self._as_answered(command, replay.record, once, number)

    def repeat(self, attempt: Callable[[], T], number: str) -> T:
        """The result of `attempt`. Repeats it when another command changed the stream first."""
        for _ in range(ATTEMPTS):
            try:
                return attempt()
            except RecordConflictError:
                continue
        raise TooBusy(number=number)

    def open(
        self,
        command: Opening[A],
        *,
        actor: Actor,
        at: datetime,
        receipt: str | None = None,
        once: IdempotencyRecord | None = None,
    ) -> Done[A]:
        """Begin a new stream. Arguments and refusals are those of `give`."""
        number, stream = command.name_stream(self, actor, at)
        spoken = Spoken(self.recorder.pool, stream)
        command.speak(spoken)
        told = frozenset(spoken.sensitive)
        words = tuple(spoken.refs)
        given = Given(self, self.city, actor, at, words, receipt, sensitive=told)
        aggregate = command.begin(number, given)
        try:
            return Done(aggregate, self._append(aggregate, spoken=spoken, once=once))
        except IdempotencyReplay as replay:
            return self._as_answered(command, replay.record, once, None)

    def _append(self, *aggregates: Stream, spoken: Spoken, once: IdempotencyRecord | None) -> int:
        """Append all new events. Returns the position reached; 0: there were none."""
        contents = (*spoken.rows, *_moved(aggregates, spoken))
        recordings = self.save(*aggregates, contents=contents, idempotency=once)
        return max((recording.notification.id for recording in recordings), default=0)

    # --- the same request again ----------------------------------------------------------------

    def answered_before(
        self, command: Command[A], once: IdempotencyRecord | None, number: str | UUID | None
    ) -> Done[A] | None:
        """The earlier result under this key; None for a new key. Raises KeyReused."""
        if once is None:
            return None
        with self.connection() as connection:
            found = idempotency.find(connection, once.actor, once.key)
        return None if found is None else self._as_answered(command, found, once, number)

    def _as_answered(
        self,
        command: Command[A],
        found: IdempotencyRecord,
        once: IdempotencyRecord | None,
        number: str | UUID | None,
    ) -> Done[A]:
        if once is None or not found.is_same_request(once.request_digest):
            raise KeyReused(key=found.key)
        position = found.position or 0
        with self.connection() as connection:
            if number is None:
                id = appended_at(connection, position)
            else:
                id = command.stream(self, number)
            version, proposed = stood_at(connection, id, position)
        aggregate: Any = self.repository.get(id, version=version)
        return _unless_refused(command, Done(aggregate, position, proposed))


def _unless_refused(command: Command[A], done: Done[A]) -> Done[A]:
    """Raises the refusal of a command whose asking alone was recorded."""
    refusal = command.refusal_after(done.aggregate)
    if refusal is not None:
        raise refusal
    return done


def _moved(aggregates: Sequence[Stream], spoken: Spoken) -> list[Moved]:
    """What was said before and is in an event again: it now belongs to that event's whistle."""
    new = {said.id for said in spoken.refs}
    events = (event for one in aggregates for event in one.pending_events)
    again = ((event, said) for event in events for said in getattr(event, "words", ()))
    return [Moved(said.id, event.originator_id) for event, said in again if said.id not in new]


def _proposals(aggregate: Any) -> set[tuple[str, Any]]:
    """The proposals that wait for a second person; only a whistle has them."""
    return set(getattr(aggregate, "proposals", {}).items())
