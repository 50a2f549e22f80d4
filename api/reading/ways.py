"""By what right somebody reads a whistle: by office, or as one of its reporters.

Who reads by office (a post, a unit at work, the city) reads what all its reporters said, of the
whistles merged into it too; a reporter reads what he said himself, and how far it is (§4.6).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from api.door.access import Person, may_hear, may_know, may_read
from api.door.refusals import NotYours
from api.door.rights_in_words import role_named
from api.door.subjects import WhistleSubject
from tracker.commands.tracker import Tracker
from tracker.commands.whistle.whistle_command import worked_on
from tracker.domain.actors import Role
from tracker.domain.whistle.states import State
from tracker.domain.whistle.whistle import Whistle
from tracker.projections.story.audiences import Audience, StoryLine
from tracker.projections.story.timeline import story_of, with_words
from tracker.words.masking import masked_words

# Events that carry a reporter's own words.
OWN_WORDS = ("whistle.raised", "whistle.amended", "whistle.reporter_joined")


@dataclass(frozen=True)
class Way:
    """The whistle in whose place the reader has the right: it, or the parent it follows."""

    subject: WhistleSubject
    by_office: bool


def way_to(tracker: Tracker, whistle: Whistle, person: Person) -> Way | None:
    """How this person may read the whistle; None: not at all.

    Who works on the parent reads what was merged into it; the parent's reporters do not.
    """
    own = WhistleSubject.of(whistle)
    for subject in _places_of_office(tracker, whistle, own):
        if may_read(person, replace(subject, reporters=(), raised_by=())):
            return Way(subject, by_office=True)
    return Way(own, by_office=False) if may_read(person, own) else None


def _places_of_office(
    tracker: Tracker, whistle: Whistle, own: WhistleSubject
) -> Iterable[WhistleSubject]:
    yield own
    if whistle.state is State.MERGED:
        parent = WhistleSubject.of(worked_on(tracker, whistle))
        yield replace(parent, reporters=(), raised_by=())


def must_have_a_way(tracker: Tracker, whistle: Whistle, person: Person) -> Way:
    """Raises NotYours where there is none."""
    way = way_to(tracker, whistle, person)
    if way is None:
        raise NotYours(role=role_named(person.role))
    return way


def hears(person: Person, way: Way) -> bool:
    """Whether words are shown unmasked: to who may hear by office, and to each reporter his own."""
    return not way.by_office or may_hear(person, way.subject)


def knows(person: Person, way: Way) -> bool:
    """Whether any words are shown: of a confidential one to those alone who must know (§4.4)."""
    return not way.by_office or may_know(person, way.subject)


def audience_of(person: Person, way: Way) -> tuple[Audience, list[str]]:
    """The reader's audience, and a reporter's keys. Who joined and has no office there hears as
    any reporter."""
    actor, subject = person.actor, way.subject
    keys = [key for key in (actor.account, actor.reporter_of) if key and key != "anonymous"]
    if not way.by_office:
        return Audience.REPORTER, keys
    if person.role is Role.AUDITOR:
        return Audience.AUDITOR, []
    if person.role in (Role.UNIT_LIAISON, Role.HANDLER):
        involved = actor.unit in subject.past_units or subject.pooled
        return (Audience.UNIT, []) if involved else (Audience.REPORTER, keys)
    return Audience.POST, []


def story_lines(tracker: Tracker, whistle: Whistle, person: Person) -> list[StoryLine]:
    """The story for this person, read from the streams and so never stale.

    Staff read also what was said in whistles that follow it; the reporter of a merged one also how
    far its parent is.
    """
    way = must_have_a_way(tracker, whistle, person)
    audience, keys = audience_of(person, way)
    lines = _lines(tracker, whistle.id, audience, keys)
    if audience is Audience.REPORTER:
        parent = worked_on(tracker, whistle)
        if parent is not whistle:
            there = _lines(tracker, parent.id, audience, keys)
            lines += [line for line in there if line.topic != "whistle.raised"]
    else:
        for child, number in whistle.children.items():
            lines += _said_in(number, _lines(tracker, child, audience, keys))
    lines.sort(key=lambda line: line.at)
    if not knows(person, way):
        return [replace(line, words=[]) for line in lines]
    with tracker.connection() as connection:
        with_words(connection, lines, audience)
    if not hears(person, way):
        for word in (word for line in lines for word in line.words):
            word.body = masked_words(word.body)
    return lines


def _lines(tracker: Tracker, id: UUID, audience: Audience, keys: Sequence[str]) -> list[StoryLine]:
    events: Any = tracker.events.get(id)
    return story_of(events, audience, keys)


def _said_in(number: str, lines: Sequence[StoryLine]) -> list[StoryLine]:
    """What people said in a whistle that follows, marked with its number."""
    said = [line for line in lines if line.topic in OWN_WORDS]
    for line in said:
        line.facts = {**line.facts, "whistle": number}
    return said
