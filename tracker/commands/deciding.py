"""How a command becomes events: load, let time pass, decide, append; again if one was first.

The only way to write. Everything that an event needs from outside (the city, the policy, the
moment) is brought in here, so that the domain asks for nothing.
"""

from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypedDict, Unpack
from uuid import UUID

from eventsourcing.application import AggregateNotFoundError, Application
from eventsourcing.persistence import RecordConflictError
from psycopg import Connection

from tracker.commands.spoken import Spoken
from tracker.directory import CityDirectory, Directory
from tracker.domain.actors import Actor
from tracker.domain.city.catalogue import Category
from tracker.domain.errors import Conflict, Invalid, UnknownWhistle, VersionMoved, Words
from tracker.domain.whistle.whistle import Whistle, whistle_id
from tracker.eventstore.connections import dsn_of
from tracker.eventstore.contents import Attached, Content
from tracker.eventstore.idempotency import IdempotencyRecord
from tracker.eventstore.recorder import ShaodaoRecorder, library_env
from tracker.settings import Settings

ATTEMPTS = 8


class Common(TypedDict, total=False):
    """What every command takes besides `actor`, `at` and its body."""

    idempotency: IdempotencyRecord | None  # a key, kept with the events
    expected_version: int | None  # the stream version that the caller has seen


class TooBusy(Conflict):
    """The same whistle changed under every attempt; nothing was written."""

    code = "whistle.too_busy"
    message = Words(zh="{number} 正被多人同时办理", en="{number} is being changed by many at once")
    remedy = Words(zh="稍等一下再试", en="Wait a moment and try again")


class WordsNeeded(Invalid):
    """A field that must say something says nothing."""

    code = "words_needed"
    message = Words(zh="{name} 不能为空", en="{name} must not be empty")
    remedy = Words(zh="写一句话再提交", en="Write a sentence and submit again")


@dataclass(frozen=True)
class Done:
    """What a command left behind: the whistle as it stands, and the log position reached.

    `proposed`: it was recorded, but a second person has to confirm it.
    """

    whistle: Whistle
    position: int
    proposed: bool = False


class Deciding(Application[UUID]):
    """The write side's plumbing; `Tracker` adds one method a command."""

    recorder: ShaodaoRecorder

    def __init__(self, settings: Settings, *, name: str = "web", pool_size: int = 16) -> None:
        """Opens the connections of the process, which its queries share: see `connection`."""
        super().__init__(library_env(dsn_of(settings), name=name, pool_size=pool_size))
        self.settings = settings
        self.directory = CityDirectory(self.recorder, self.mapper)

    @property
    def city(self) -> Directory:
        """The city as it stands, at most a second old."""
        return self.directory.now()

    def connection(self) -> AbstractContextManager[Connection[tuple[Any, ...]]]:
        """A connection for a query, given back at the end of the `with` block."""
        return self.recorder.pool.connection()

    def whistle(self, number: str | UUID) -> Whistle:
        """The whistle folded from its stream, never stale. Raises UnknownWhistle."""
        try:
            found: Whistle = self.repository.get(self.id_of(number))
        except AggregateNotFoundError:
            raise UnknownWhistle(number=str(number)) from None
        if not isinstance(found, Whistle):
            raise UnknownWhistle(number=str(number))
        return found

    @staticmethod
    def id_of(number: str | UUID) -> UUID:
        """A whistle's id from its id or its number, which need not exist."""
        if isinstance(number, UUID):
            return number
        try:
            return UUID(number)
        except ValueError:
            return whistle_id(number)

    def spoken(self, number: str | UUID) -> Spoken:
        return Spoken(self.recorder.pool, self.id_of(number))

    def _act(
        self,
        number: str | UUID,
        decide: Callable[[Whistle, datetime], Iterable[Any] | None],
        *,
        at: datetime,
        said: Spoken | None = None,
        idempotency: IdempotencyRecord | None = None,
        expected_version: int | None = None,
    ) -> Done:
        """Let time pass up to `at`, decide, append in one transaction; decide again on a conflict.

        `decide` may return other aggregates that changed with this one. A refusal leaves nothing
        behind. Raises VersionMoved when `expected_version` (If-Match) is not the stream's.
        """
        for _ in range(ATTEMPTS):
            whistle = self.whistle(number)
            if expected_version is not None and whistle.version != expected_version:
                raise VersionMoved(number=whistle.number, version=whistle.version)
            moment = max(at, whistle.modified_on)
            whistle.elapse(moment, self.city.policy)
            asked = set(whistle.proposals)
            others = list(decide(whistle, moment) or ())
            try:
                position = self._append(whistle, *others, said=said, idempotency=idempotency)
            except RecordConflictError:
                continue
            return Done(whistle, position, proposed=bool(set(whistle.proposals) - asked))
        raise TooBusy(number=str(number))

    def _do(
        self,
        number: str | UUID,
        command: Callable[..., None],
        *args: Any,
        actor: Actor,
        at: datetime,
        said: Spoken | None = None,
        **common: Unpack[Common],
    ) -> Done:
        """The usual case: one command of one whistle, with the words that come along."""
        words = {"words": tuple(said.refs)} if said else {}
        return self._act(
            number,
            lambda whistle, moment: command(whistle, *args, actor=actor, at=moment, **words),
            at=at,
            said=said,
            **common,
        )

    def _because(
        self,
        reason: str | None,
        number: str | UUID,
        command: Callable[..., None],
        *args: Any,
        actor: Actor,
        at: datetime,
        **common: Unpack[Common],
    ) -> Done:
        """The same for a command that needs a reason. Raises WordsNeeded without one."""
        said = self.spoken(number).say("reason", self._must_say("reason", reason))
        return self._do(number, command, *args, actor=actor, at=at, said=said, **common)

    def category_of(self, whistle: Whistle) -> Category | None:
        return self.city.category(whistle.category) if whistle.category else None

    @staticmethod
    def _must_say(name: str, words: str | None) -> str:
        """The words, which a rule demands. Raises WordsNeeded for none or blanks."""
        if words is None or not words.strip():
            raise WordsNeeded(name=name)
        return words

    def _append(
        self,
        *aggregates: Any,
        said: Spoken | None = None,
        idempotency: IdempotencyRecord | None = None,
    ) -> int:
        contents: Sequence[Content | Attached] = tuple(said.rows) if said else ()
        recordings = self.save(*aggregates, contents=contents, idempotency=idempotency)
        return max((recording.notification.id for recording in recordings), default=0)

    def actor_named(self, username: str) -> Actor:
        """The account as an actor. Raises UnknownAccount."""
        return self.city.actor(self.city.account(username))
