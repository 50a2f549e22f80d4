"""Events to plain JSON and back: no type names inside, readable by any tool.

The types come from the event class's annotations, so the JSON holds only values: a time is
RFC 3339 text, a code is text, a clock is an object. Once an event class has shipped, a change of
its fields is a new `class_version` with a static method `upcast_v1_v2(state)`, which changes the
stored JSON values in place; a new field that has a default needs no version.
"""

from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, fields
from datetime import datetime
from functools import cache
from typing import Any, ClassVar, NotRequired, TypedDict, get_type_hints
from uuid import UUID

import msgspec
from eventsourcing.domain import DomainEventProtocol
from eventsourcing.persistence import (
    Mapper,
    MapperDeserialisationError,
    Notification,
    StoredEvent,
    Transcoder,
)
from eventsourcing.utils import TopicError, get_topic, resolve_topic

IN_COLUMNS = ("originator_id", "originator_version")


class UnknownTopic(MapperDeserialisationError):
    """A stored event's class is not in this version of the tracker; `position` where known."""

    def __init__(self, stored: StoredEvent) -> None:
        self.topic = stored.topic
        self.position = stored.id if isinstance(stored, Notification) else None
        super().__init__(f"no event class has the topic {stored.topic!r} ({place_of(stored)})")


class UnreadableEvent(MapperDeserialisationError):
    """A stored event's JSON does not fit its class; `position` where known."""

    def __init__(self, stored: StoredEvent, reason: object) -> None:
        self.topic = stored.topic
        self.position = stored.id if isinstance(stored, Notification) else None
        super().__init__(f"{stored.topic!r} cannot be read ({place_of(stored)}): {reason}")


def place_of(stored: StoredEvent) -> str:
    """Describes where a stored event is, for an operator."""
    place = f"{stored.originator_id} version {stored.originator_version}"
    if isinstance(stored, Notification):
        return f"position {stored.id}, {place}"
    return place


class NaiveTime(ValueError):
    """An event's time has no offset, so later nobody could know which moment was meant."""


class PlainMapper(Mapper[UUID]):
    """The mapper of the tracker, chosen by MAPPER_TOPIC. The library's transcoder is not used."""

    TOPIC: ClassVar[str] = "tracker.eventstore.mapper:PlainMapper"

    def __init__(
        self, transcoder: Transcoder | None = None, compressor: None = None, cipher: None = None
    ) -> None:
        if compressor is not None or cipher is not None:
            raise ValueError("the log is plain JSON: it takes neither a compressor nor a cipher")

    def to_stored_event(self, domain_event: DomainEventProtocol[UUID]) -> StoredEvent:
        state = dict(vars(domain_event))
        originator_id = state.pop("originator_id")
        originator_version = state.pop("originator_version")
        timestamp = state.get("timestamp")
        if isinstance(timestamp, datetime) and timestamp.tzinfo is None:
            raise NaiveTime(f"{domain_event!r} has a timestamp without an offset")
        version = class_version(type(domain_event))
        if version > 1:
            state["class_version"] = version
        return StoredEvent(
            originator_id, originator_version, get_topic(type(domain_event)), _encode(state)
        )

    def to_domain_event(self, stored_event: StoredEvent) -> Any:
        """The event as its class declares it. Raises UnknownTopic or UnreadableEvent.

        Its constructor is not called, so today's checks do not run on an event of the past.
        """
        try:
            reader = reader_of(stored_event.topic)
        except TopicError:
            raise UnknownTopic(stored_event) from None
        try:
            state = reader.read(stored_event.state)
        except (msgspec.MsgspecError, KeyError, TypeError, ValueError) as error:
            raise UnreadableEvent(stored_event, error) from error
        state["originator_id"] = stored_event.originator_id
        state["originator_version"] = stored_event.originator_version
        event: Any = object.__new__(reader.event_class)
        object.__setattr__(event, "__dict__", state)
        return event


def _plain(value: object) -> object:
    """Converts the types that JSON does not have."""
    if isinstance(value, Mapping):
        return dict(value)
    raise NotImplementedError(f"{type(value).__name__} has no plain JSON form")


_encode = msgspec.json.Encoder(enc_hook=_plain).encode


def class_version(event_class: type) -> int:
    version: int = getattr(event_class, "class_version", 1)
    return version


@cache
def reader_of(topic: str) -> "Reader":
    """The reader for events of a topic. Raises TopicError if no class has this topic."""
    event_class = resolve_topic(topic)
    if not isinstance(event_class, type) or get_topic(event_class) != topic:
        raise TopicError(f"{topic!r} is not the topic of an event class")
    return Reader.of(event_class)


@dataclass(frozen=True)
class Reader:
    """Turns the stored JSON of one event class into the event's attributes."""

    event_class: type
    version: int
    shape: Any  # a TypedDict of the class's fields
    decode: Callable[[bytes], dict[str, Any]]
    defaults: Mapping[str, Any]

    @classmethod
    def of(cls, event_class: type) -> "Reader":
        hints = get_type_hints(event_class)
        shape: dict[str, Any] = {"class_version": NotRequired[int]}
        defaults: dict[str, Any] = {}
        for field in fields(event_class):
            if field.name in IN_COLUMNS:
                continue
            shape[field.name] = hints[field.name]
            if field.default is not MISSING:
                defaults[field.name] = field.default
                shape[field.name] = NotRequired[hints[field.name]]
        make: Any = TypedDict
        typed = make(event_class.__name__, shape)
        decode = msgspec.json.Decoder(typed).decode
        return cls(event_class, class_version(event_class), typed, decode, defaults)

    def read(self, stored: bytes) -> dict[str, Any]:
        state = self._upcast(stored) if self.version > 1 else self.decode(stored)
        return {**self.defaults, **state} if self.defaults else state

    def _upcast(self, stored: bytes) -> dict[str, Any]:
        plain: dict[str, Any] = msgspec.json.decode(stored)
        written_as = plain.pop("class_version", 1)
        for version in range(written_as, self.version):
            getattr(self.event_class, f"upcast_v{version}_v{version + 1}")(plain)
        state: dict[str, Any] = msgspec.convert(plain, self.shape)
        return state
