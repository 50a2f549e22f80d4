"""A whistle's story: one row per fact, and its words. Who may see what: `audiences.py`."""

from collections.abc import Iterable, Sequence
from dataclasses import fields
from functools import cache
from typing import Any
from uuid import UUID

import msgspec

from tracker.domain.whistle.events import Event
from tracker.eventstore.connections import Connection
from tracker.eventstore.contents import StoredWords, read_words
from tracker.projections.engine.reader import Recorded
from tracker.projections.engine.tables import Table
from tracker.projections.story.audiences import (
    Audience,
    StoryLine,
    StoryWords,
    TimelineRow,
    WordsAt,
    masked_for_audience,
    story_for,
)

__all__ = ["Audience", "TimelineRow", "StoryLine", "entry_of", "story", "story_of", "with_words"]

TABLE = Table("timeline", TimelineRow, key=("whistle", "version"), owner="whistle")

COMMON = frozenset({f.name for f in fields(Event)} | {"originator_topic"})


class Timeline:
    """Every fact of every whistle."""

    name = "timeline"
    version = 1
    topics = "whistle."
    tables = (TABLE,)

    def load(self, connection: Connection, events: Sequence[Recorded]) -> list[TimelineRow]:
        return []  # a story only grows

    def fold(self, rows: list[TimelineRow], recorded: Recorded) -> None:
        rows.append(entry_of(recorded.event, recorded.position))

    def write(self, connection: Connection, rows: list[TimelineRow]) -> None:
        TABLE.write(connection, rows)


def entry_of(event: Event, position: int = 0) -> TimelineRow:
    """An event as a row of the story; the fields of its class become `facts`."""
    state = vars(event)
    return TimelineRow(
        whistle=event.originator_id,
        version=event.originator_version,
        position=position,
        at=event.timestamp,
        topic=event.TOPIC,
        by=event.by,
        role=event.role,
        post=event.acting_post,
        state=event.state,
        facts=_plain(
            {name: state[name] for name, none in own_fields(type(event)) if state[name] != none}
        ),
        words=[WordsAt(said.id, said.kind) for said in event.words],
    )


def _plain(facts: dict[str, Any]) -> dict[str, Any]:
    """Convert to plain JSON values, so that a story from the stream equals one from the table."""
    plain: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(facts))
    return plain


@cache
def own_fields(event_class: type[Event]) -> tuple[tuple[str, object], ...]:
    """The fields of the class, each with its default.

    A field that came later has one, by which it stays out of the row: a row of an older event is
    the same today as on its day.
    """
    return tuple((f.name, f.default) for f in fields(event_class) if f.name not in COMMON)


# Served by the primary key (whistle, version).
STORY = """
    SELECT json_agg(timeline ORDER BY version)::text FROM timeline WHERE whistle = %(whistle)s
"""


def story(
    connection: Connection, whistle: UUID, audience: Audience, keys: Iterable[str] = ()
) -> list[StoryLine]:
    """The story as `audience` may see it, with the words as they are stored now.

    `keys` are a reporter's account and receipt's hash: reporters see their own words.
    """
    entries = TABLE.read(connection.execute(STORY, {"whistle": whistle}).fetchone())
    return with_words(connection, story_for(entries, audience, keys), audience)


def story_of(
    events: Iterable[Event], audience: Audience, keys: Iterable[str] = ()
) -> list[StoryLine]:
    """The same from a whistle's own stream, never stale. `with_words` adds the words."""
    return story_for([entry_of(event) for event in events], audience, keys)


def with_words(
    connection: Connection, lines: Sequence[StoryLine], audience: Audience
) -> list[StoryLine]:
    """Fill in the words, masked for the audience. Erased words stay None with `erased_at` set."""
    ids = [word.id for line in lines for word in line.words]
    kept = read_words(connection, ids) if ids else {}
    for line in lines:
        for word in line.words:
            _fill(word, kept.get(word.id), audience)
    return list(lines)


def _fill(word: StoryWords, kept: StoredWords | None, audience: Audience) -> None:
    if kept is not None:
        word.erased_at = kept.erased_at
        word.body = masked_for_audience(word.kind, kept.body, audience)
