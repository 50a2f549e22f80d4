"""A whistle's story for one caller: his audience, and the masking for it."""

from typing import Any
from uuid import UUID

from pydantic import BaseModel

from api.door.access import Person, may_hear
from api.door.fields import Shown
from api.door.subjects import WhistleSubject
from tracker.commands.tracker import Tracker
from tracker.domain.actors import Role
from tracker.domain.whistle.whistle import Whistle
from tracker.projections.story.audiences import Audience, StoryLine, StoryWords
from tracker.projections.story.timeline import story_of, with_words
from tracker.words.masking import masked_words

# Events that carry the reporter's own words.
OWN_WORDS = ("whistle.raised", "whistle.amended", "whistle.reporter_joined")


class WordOut(BaseModel):
    """`body` is None for a photo (read it by its id) and for erased words."""

    id: UUID
    kind: str
    body: Any
    erased_at: Shown | None


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


class TimelineOut(BaseModel):
    items: list[EntryOut]
    next: None = None


def audience_of(person: Person, subject: WhistleSubject) -> tuple[Audience, list[str]]:
    """The caller's audience and a reporter's keys. A reporter who works on it is staff."""
    actor = person.actor
    keys = [key for key in (actor.account, actor.reporter_of) if key and key != "anonymous"]
    if person.role is Role.AUDITOR:
        return Audience.AUDITOR, []
    if person.role in (Role.UNIT_LIAISON, Role.HANDLER):
        involved = actor.unit in subject.past_units or subject.pooled
        return (Audience.UNIT, []) if involved else (Audience.REPORTER, keys)
    if person.role in (Role.ANONYMOUS, Role.RESIDENT):
        return Audience.REPORTER, keys
    if person.role in (Role.GRID_WORKER, Role.GRID_CHIEF) and not actor.holds(subject.grid):
        return Audience.REPORTER, keys
    return Audience.POST, []


def timeline_for(tracker: Tracker, whistle: Whistle, person: Person) -> TimelineOut:
    """The story for this person, read from the whistle's stream and so never stale."""
    subject = WhistleSubject.of(whistle)
    audience, keys = audience_of(person, subject)
    events: Any = tracker.events.get(whistle.id)
    with tracker.connection() as connection:
        story = with_words(connection, story_of(events, audience, keys), audience)
    hears = may_hear(person, subject)
    return TimelineOut(items=[_entry(line, hears) for line in story])


def _entry(line: StoryLine, hears: bool) -> EntryOut:
    return EntryOut(
        version=line.version,
        at=line.at,
        event=line.topic,
        by=line.by,
        role=line.role,
        post=line.post,
        state=line.state,
        facts=line.facts,
        words=[_word(word, hears) for word in line.words],
    )


def _word(word: StoryWords, hears: bool) -> WordOut:
    body = word.body if hears else masked_words(word.body)
    return WordOut(id=word.id, kind=word.kind, body=body, erased_at=word.erased_at)
