"""Reads a whistle for a caller: fresh enough, within his rights, with looks at words on record."""

import logging
import time
from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Header, Query

from api.door.access import Person, reads_every_one, scopes_of
from api.door.refusals import NotYours
from api.door.rights_in_words import role_named
from api.reading.views import PHOTO_KINDS, Heard, WhistleOut, whistle_out, words_of
from api.reading.ways import OWN_WORDS, hears, knows, must_have_a_way, story_lines, way_to
from tracker.commands.tracker import Tracker
from tracker.domain.actors import Role
from tracker.domain.errors import UnknownWhistle
from tracker.domain.rights import Scope
from tracker.domain.whistle.whistle import Whistle
from tracker.eventstore.connections import Connection
from tracker.projections.board.query import Scope as Board
from tracker.projections.engine.positions import wait_for
from tracker.projections.story.audiences import StoryLine

log = logging.getLogger("shaodao.looks")

LAST_POSITION = 2**63 - 1
LONG, SHORT = 2.0, 0.05  # seconds
in_vain: dict[str, float] = {}  # when a wait for a projection last timed out
Position = Annotated[int, Query(ge=0, le=LAST_POSITION, description="a position to wait for")]
PositionHeader = Annotated[int, Header(ge=0, le=LAST_POSITION)]


def position_asked(position: Position = 0, x_position: PositionHeader = 0) -> int:
    """The log position that the reader has already seen; the answer must not be older."""
    return max(position, x_position)


AskedPosition = Annotated[int, Depends(position_asked)]


def wait_until(connection: Connection, projection: str, position: int) -> None:
    """Wait until the projection has folded `position`, at most two seconds; then answer anyway.

    If no projector runs, readers that all wait two seconds would hold every connection of the
    pool. So after one wait has timed out, the next ones are short for a while.
    """
    if not position:
        return
    reachable = min(position, newest_position(connection))
    lately = time.monotonic() - in_vain.get(projection, -LONG) < LONG
    if not wait_for(connection, projection, reachable, SHORT if lately else LONG):
        in_vain[projection] = time.monotonic()


# Served by stored_events_position. It also reads above the horizon, because it waits for exactly
# # those events that are committed but not yet readable.
NEWEST = "SELECT coalesce(max(position), 0) FROM stored_events"


def newest_position(connection: Connection) -> int:
    row = connection.execute(NEWEST).fetchone()
    return row[0] if row else 0


def readable(tracker: Tracker, number: str, person: Person) -> Whistle:
    """The whistle, folded from its stream and so never stale.

    Raises NotYours, also where there is none: nobody learns which numbers exist. UnknownWhistle is
    for those alone who read every one.
    """
    try:
        whistle = tracker.whistle(number)
    except UnknownWhistle:
        if reads_every_one(person):
            raise
        raise NotYours(role=role_named(person.role)) from None
    must_have_a_way(tracker, whistle, person)
    return whistle


# Served by stored_events_pkey.
POSITION_OF = """
    SELECT position
      FROM stored_events
     WHERE originator_id = %(id)s AND originator_version = %(version)s
"""


def position_of(connection: Connection, id: UUID, version: int) -> int:
    row = connection.execute(POSITION_OF, {"id": id, "version": version}).fetchone()
    return row[0] if row else 0


def view_of(tracker: Tracker, whistle: Whistle, position: int | None, person: Person) -> WhistleOut:
    """The whistle as this person may see it. `position` None: the position of its last event."""
    heard = heard_by(tracker, whistle, person)
    if position is None:
        with tracker.connection() as connection:
            position = position_of(connection, whistle.id, whistle.version)
    note_look(tracker, person, whistle)
    return whistle_out(whistle, position, heard)


def heard_by(tracker: Tracker, whistle: Whistle, person: Person) -> Heard:
    """The report's words as this person may read them; a reporter reads his own alone."""
    way = way_to(tracker, whistle, person)
    if way is None or not knows(person, way):
        return Heard()
    if not way.by_office:
        return own_words(story_lines(tracker, whistle, person))
    with tracker.connection() as connection:
        heard = words_of(connection, whistle)
    return heard if hears(person, way) else heard.masked()


def own_words(story: Sequence[StoryLine]) -> Heard:
    """The words and pictures of the one reporter for whom the story is."""
    words = [word for line in story if line.topic in OWN_WORDS for word in line.words]
    first = {word.kind: word.body for word in reversed(words)}
    photos = [word.id for word in words if word.kind in PHOTO_KINDS]
    return Heard(first.get("text"), first.get("title"), photos)


def note_look(tracker: Tracker, person: Person, whistle: Whistle) -> None:
    """Record that this person read original words, as domain.md §4.4 requires."""
    way = way_to(tracker, whistle, person)
    if person.role is Role.ANONYMOUS or way is None or not knows(person, way):
        return
    if hears(person, way):
        actor = person.actor
        log.info("%s (%s) was shown the words of %s", actor.account, actor.role, whistle.number)


def scope_of(person: Person) -> Board:
    """The board rows that the access table lets this person read."""
    actor, territory = person.actor, person.territory
    granted = scopes_of("read", person.role)
    street = [territory.street] if territory.street else []
    patrols = Scope.GRID in granted
    whole_street = Scope.STREET in granted or (Scope.POST in granted and territory.whole_street)

    def own(scope: Scope, code: str | None) -> list[str]:
        return [code] if code is not None and scope in granted else []

    return Board(
        city=Scope.CITY in granted,
        posts=own(Scope.POST, actor.post),
        streets=street if whole_street else [],
        grids=[*own(Scope.GRID, actor.grid), *(part for part in sorted(actor.parts) if patrols)],
        units=own(Scope.PAST, actor.unit),
        claimable=sorted(person.claimable) if Scope.OPEN in granted else [],
        reporters=[] if person.role is Role.ANONYMOUS else own(Scope.REPORT, actor.account),
        confidential=not scopes_of("read-confidential", person.role).isdisjoint(
            {Scope.POST, Scope.CITY}
        ),
        unplaced=Scope.POST in granted and actor.post is not None,
        words_of_confidential=not scopes_of("know-confidential", person.role).isdisjoint(
            {Scope.POST, Scope.CITY}
        ),
    )
