"""What the rest of the product must know about a context, a part beside the whistle.

A context can be removed: the whistle imports no context, and no context imports another.
Projections, schedule, access table, audit, verification, migrations, navigation and the API
description iterate over the registry.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from tracker.commands.command import Command
from tracker.commands.tracker import Tracker
from tracker.domain.errors import Words
from tracker.domain.post_record import PostRecord, PostRecordEvent
from tracker.domain.rights import Row
from tracker.eventstore.connections import Connection
from tracker.projections.engine.folding import Projection


class Sweep(Protocol):
    """Records what fell due before `now`. A stream is moved to `just_after`, because a limit is
    kept at its very second. Stops early if `go_on` returns False. Returns the position reached."""

    def __call__(
        self,
        tracker: Tracker,
        connection: Connection,
        now: datetime,
        just_after: datetime,
        go_on: Callable[[], bool],
    ) -> int: ...


@dataclass(frozen=True)
class Context:
    """`name` is the name of its folders; `name` and a dot begin all its events' topics."""

    name: str
    title: Words  # what people call its records
    record: type[PostRecord]
    stream_of: Callable[[str], UUID]  # the stream by the number or name that people use
    code_of: Callable[
        [PostRecordEvent], str
    ]  # that number or name, from the first event of a stream
    commands: Sequence[type[Command[Any]]]
    projections: Sequence[Projection]
    event_words: Mapping[str, Words]  # the title of each event, by topic
    rights: Mapping[str, Row] = field(default_factory=dict)
    reading: Mapping[str, Row] = field(default_factory=dict)
    sweeps: Mapping[Sweep, str] = field(default_factory=dict)  # to the name of its projection
    routes: str | None = None  # the module whose FACE describes its pages and routes
    demo: str | None = None  # the module whose `plan` simulates it in the demo

    @property
    def topics(self) -> str:
        """The prefix of its events' topics."""
        return f"{self.name}."
