"""A whistle's story: a row a fact, and the words to it. Who may hear what: `audiences.py`."""

from collections.abc import Iterable, Sequence
from dataclasses import fields
from functools import cache
from typing import Any
from uuid import UUID

import msgspec
from psycopg import Connection

from tracker.domain.whistle.events import Event
from tracker.eventstore.contents import Kept, read_words
from tracker.projections.engine.reader import Recorded
from tracker.projections.engine.tables import Table
from tracker.projections.story.audiences import (
    Audience,
    Entry,
    SaidThen,
    StoryLine,
    WordsAt,
    covered,
    tell,
)

__all__ = ["Audience", "Entry", "StoryLine", "entry_of", "story", "story_of", "with_words"]

TABLE = Table("timeline", Entry, key=("whistle", "version"), owner="whistle")

COMMON = frozenset({f.name for f in fields(Event)} | {"originator_topic"})


class Timeline:
    """Every fact of every whistle."""

    name = "timeline"
    topics = "whistle."
    tables = (TABLE,)

    def load(self, connection: Connection[Any], events: Sequence[Recorded]) -> list[Entry]:
        return []  # a story only grows

    def fold(self, rows: list[Entry], recorded: Recorded) -> None:
        rows.append(entry_of(recorded.event, recorded.position))

    def write(self, connection: Connection[Any], rows: list[Entry]) -> None:
        TABLE.write(connection, rows)


def entry_of(event: Event, position: int = 0) -> Entry:
    """An event as a line of the story, its own fields as plain facts."""
    state = vars(event)
    return Entry(
        whistle=event.originator_id,
        version=event.originator_version,
        position=position,
        at=event.timestamp,
        topic=event.TOPIC,
        by=event.by,
        role=event.role,
        post=event.acting_post,
        state=event.state,
        facts=_plain({name: state[name] for name in own_fields(type(event))}),
        words=[WordsAt(said.id, said.kind) for said in event.words],
    )


def _plain(facts: dict[str, Any]) -> dict[str, Any]:
    """As the table gives them back, so that stream and table tell the same."""
    plain: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(facts))
    return plain


@cache
def own_fields(event_class: type[Event]) -> tuple[str, ...]:
    return tuple(f.name for f in fields(event_class) if f.name not in COMMON)


# Served by the primary key (whistle, version).
STORY = """
    SELECT json_agg(timeline ORDER BY version)::text FROM timeline WHERE whistle = %(whistle)s
"""


def story(
    connection: Connection[Any], whistle: UUID, audience: Audience, keys: Iterable[str] = ()
) -> list[StoryLine]:
    """The story as `audience` may hear it, with the words as they stand now.

    `keys` are the account and the receipt's hash of a reporter, who hears his own words.
    """
    entries = TABLE.read(connection.execute(STORY, {"whistle": whistle}).fetchone())
    return with_words(connection, tell(entries, audience, keys), audience)


def story_of(
    events: Iterable[Event], audience: Audience, keys: Iterable[str] = ()
) -> list[StoryLine]:
    """The same from a whistle's own stream, never stale; the words still to be read."""
    return tell([entry_of(event) for event in events], audience, keys)


def with_words(
    connection: Connection[Any], told: Sequence[StoryLine], audience: Audience
) -> list[StoryLine]:
    """Fill in what was said, covered for the audience; what was erased stays empty and says so."""
    ids = [word.id for line in told for word in line.words]
    kept = read_words(connection, ids) if ids else {}
    for line in told:
        for word in line.words:
            _fill(word, kept.get(word.id), audience)
    return list(told)


def _fill(word: SaidThen, kept: Kept | None, audience: Audience) -> None:
    if kept is not None:
        word.erased_at = kept.erased_at
        word.body = covered(word.kind, kept.body, audience)
