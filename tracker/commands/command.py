"""A command is a value: what somebody asks for, with the fields of its form, defined once.

Its fields are the body of the HTTP request, the page's form and the arguments in Python. A command
also says which stream it changes, which fields are people's words or pictures, and which method of
the aggregate decides. `Tracker.give` does the rest.
"""

from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, fields
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypedDict, TypeVar
from uuid import UUID

from eventsourcing.domain import BaseAggregate
from pydantic import ConfigDict

from tracker.commands.fields import NOTHING_ELSE
from tracker.domain.actors import Actor
from tracker.domain.errors import Invalid, Refusal, Words
from tracker.domain.promises.clocks import SlaPolicy
from tracker.domain.whistle.events import Said
from tracker.words.visible import has_visible

if TYPE_CHECKING:
    from tracker.commands.spoken import Spoken
    from tracker.commands.tracker import Tracker
    from tracker.directory import Directory

Stream = BaseAggregate[UUID]
A = TypeVar("A", bound=Stream)


class WordsNeeded(Invalid):
    """A field of words that must be filled in is blank."""

    code = "words_needed"
    message = Words(zh="{name} 不能为空", en="{name} must not be empty")
    remedy = Words(zh="写一句话再提交", en="Write a sentence and submit again")


def kept_as(**kinds: str) -> Mapping[str, str]:
    """For `Command.said`: the kind under which each field's words or pictures are stored."""
    return kinds


class By(TypedDict):
    """Actor, time and words: the arguments that all methods of an aggregate take."""

    actor: Actor
    at: datetime
    words: tuple[Said, ...]


class ByPolicy(By):
    """The same for a method that computes deadlines."""

    policy: SlaPolicy


@dataclass(frozen=True)
class Given:
    """What a decision may use besides its aggregate. `words` are those of this command.

    `sensitive`: the kinds of those of its words that close a whistle (domain.md §4.4).
    `receipt` is the hash of the code that a new reporter gets by this command. If a decision
    changes other aggregates too, it adds them to `others`. `number` is what it was given to.
    """

    tracker: "Tracker"
    city: "Directory"
    actor: Actor
    at: datetime
    words: tuple[Said, ...] = ()
    receipt: str | None = None
    others: list[Stream] = field(default_factory=list)
    number: str | UUID | None = None
    sensitive: frozenset[str] = frozenset()

    @property
    def policy(self) -> SlaPolicy:
        return self.city.policy

    @property
    def by(self) -> By:
        return By(actor=self.actor, at=self.at, words=self.words)

    @property
    def by_policy(self) -> ByPolicy:
        return ByPolicy(policy=self.policy, **self.by)


@dataclass(frozen=True, kw_only=True)
class Command(Generic[A]):
    """`said`: which fields are words or pictures, and the kind under which each is stored.

    A field of `said` that must be filled in is refused when it is blank: see `must_say`.
    """

    __pydantic_config__: ClassVar[ConfigDict] = NOTHING_ELSE
    name: ClassVar[str]  # in kebab-case, as in the address
    label: ClassVar[Words]
    right: ClassVar[str] = ""  # the row of the access table, if it is not `name`
    said: ClassVar[Mapping[str, str]] = kept_as()

    def stream(self, tracker: "Tracker", number: str | UUID) -> UUID:
        """The id of the stream that is changed, which need not exist yet."""
        raise NotImplementedError

    def load(self, tracker: "Tracker", number: str | UUID) -> A:
        """The aggregate from its stream, never stale. Raises the refusal for an unknown one."""
        raise NotImplementedError

    def goes_elsewhere(self, tracker: "Tracker", number: str | UUID) -> bool:
        """Whether it changes another stream than the one whose version the caller knows."""
        return False

    def moment(self, aggregate: A, at: datetime) -> datetime:
        """When it is given: `at`, and never before what its stream tells already."""
        return max(at, aggregate.modified_on)

    def let_time_pass(self, aggregate: A, given: Given) -> None:
        """Record what fell due before the command's moment, where the aggregate has deadlines."""

    def decide(self, aggregate: A, given: Given) -> None:
        """Let the aggregate decide."""
        raise NotImplementedError

    def carry_out(self, aggregate: A, given: Given) -> None:
        """Let the aggregate decide, and draw what follows from its decision."""
        self.decide(aggregate, given)

    def refusal_after(self, aggregate: A) -> Refusal | None:
        """Why it is refused although something was recorded: that it was asked for."""
        return None

    def speak(self, spoken: "Spoken") -> None:
        """Add the words and pictures to `spoken`, in the order of the fields."""
        needed = must_say(type(self))
        for name, kind in self.said.items():
            words = getattr(self, name)
            if isinstance(words, tuple):
                spoken.show(words, kind)
                continue
            if name in needed and not has_visible(words):
                raise WordsNeeded(name=name)
            spoken.say(kind, words)


@dataclass(frozen=True, kw_only=True)
class Opening(Command[A]):
    """A command that begins a new stream: `Tracker.open` gives it."""

    def name_stream(self, tracker: "Tracker", actor: Actor, at: datetime) -> tuple[str, UUID]:
        """The number of the new stream, and its id."""
        raise NotImplementedError

    def begin(self, number: str, given: Given) -> A:
        """The new aggregate. Raises its refusal if it may not begin."""
        raise NotImplementedError


def must_say(command: type[Command[Any]]) -> frozenset[str]:
    """The fields of `said` that have no default: a rule demands these words."""
    required = (one.name for one in fields(command) if one.default is MISSING)
    return frozenset(required) & command.said.keys()


@dataclass(frozen=True)
class Done(Generic[A]):
    """The result of a command: the aggregate after it, and the log position reached.

    `proposed`: it was recorded, but a second person must confirm it.
    """

    aggregate: A
    position: int
    proposed: bool = False
