"""What the house must know of a context: a neighbour of the whistle that may be taken away.

The whistle imports no context, and no context another. Projections, schedule, access table, audit,
verification, migrations, navigation and the description of the interface walk over the registry.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from psycopg import Connection

from tracker.commands.command import Command
from tracker.commands.tracker import Tracker
from tracker.domain.errors import Words
from tracker.domain.post_record import PostRecord, PostRecordEvent
from tracker.domain.rights import Row
from tracker.projections.engine.folding import Projection


class Sweep(Protocol):
    """Records what fell due before `now`; a stream is moved to `just_after` it, for a limit is
    kept at its very second. Stops early when `go_on` says so. Returns the position reached."""

    def __call__(
        self,
        tracker: Tracker,
        connection: Connection[Any],
        now: datetime,
        just_after: datetime,
        go_on: Callable[[], bool],
    ) -> int: ...


@dataclass(frozen=True)
class Context:
    """`name` is that of its folders, and with a dot the beginning of all its events' topics."""

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
    sweeps: Mapping[Sweep, str] = field(default_factory=dict)  # each with its projection's name
    routes: str | None = None  # the module whose FACE tells the web what it shows
    demo: str | None = None  # the module whose `plan` lives it in the simulated city

    @property
    def topics(self) -> str:
        """How the topics of its events begin."""
        return f"{self.name}."
