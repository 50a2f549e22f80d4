"""A whistle's story for one caller: his audience, and the masking for it."""

from typing import Any
from uuid import UUID

from pydantic import BaseModel

from api.door.access import Person
from api.door.fields import Shown
from api.reading.ways import OWN_WORDS as OWN_WORDS
from api.reading.ways import story_lines
from tracker.commands.tracker import Tracker
from tracker.domain.whistle.whistle import Whistle
from tracker.projections.story.audiences import StoryLine, StoryWords


class WordOut(BaseModel):
    """`body` is None for a photo (read it by its id) and for erased words."""

    id: UUID
    kind: str
    body: Any
    erased_at: Shown | None


class AnnulmentOut(BaseModel):
    """By which entry (`version`) another was annulled: it never happened."""

    version: int
    at: Shown
    by: str
    proposed_by: str


class EntryOut(BaseModel):
    version: int
    at: Shown
    event: str
    by: str | None
    role: str
    post: str | None
    state: str
    facts: dict[str, Any]
    words: list[WordOut]
    annulled: AnnulmentOut | None


class TimelineOut(BaseModel):
    items: list[EntryOut]
    next: None = None


def timeline_for(tracker: Tracker, whistle: Whistle, person: Person) -> TimelineOut:
    """The story for this person, read from the streams and so never stale."""
    return TimelineOut(items=[_entry(line) for line in story_lines(tracker, whistle, person)])


def _entry(line: StoryLine) -> EntryOut:
    return EntryOut(
        version=line.version,
        at=line.at,
        event=line.topic,
        by=line.by,
        role=line.role,
        post=line.post,
        state=line.state,
        facts=line.facts,
        words=[_word(word) for word in line.words],
        annulled=_annulment(line),
    )


def _annulment(line: StoryLine) -> AnnulmentOut | None:
    found = line.annulled
    if found is None:
        return None
    return AnnulmentOut(
        version=found.version, at=found.at, by=found.by, proposed_by=found.proposed_by
    )


def _word(word: StoryWords) -> WordOut:
    return WordOut(id=word.id, kind=word.kind, body=word.body, erased_at=word.erased_at)
