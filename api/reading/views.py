"""A whistle as a caller may see it; same shape from the aggregate and from a board row."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from pydantic import BaseModel

from api.door.access import Person, may_know
from api.door.fields import Shown
from api.door.subjects import WhistleSubject
from tracker.domain.promises.clocks import Clock
from tracker.domain.whistle.assignment import Assignment
from tracker.domain.whistle.events import Place
from tracker.domain.whistle.whistle import Whistle
from tracker.eventstore.connections import Connection
from tracker.eventstore.contents import read_words
from tracker.projections.board import board
from tracker.projections.board.row import BoardRow, ShownClock
from tracker.words.masking import masked

PHOTO_KINDS = frozenset({"photo", "photo_before", "photo_after"})


class AssignmentOut(BaseModel):
    unit: str
    role: str
    state: str
    assigned_at: Shown
    responded_at: Shown | None
    respond_due: Shown

    @classmethod
    def of(cls, task: Assignment) -> "AssignmentOut":
        return cls(
            unit=task.unit,
            role=task.role,
            state=task.state,
            assigned_at=task.assigned_at,
            responded_at=task.responded_at,
            respond_due=task.respond_due,
        )


class ClockOut(BaseModel):
    kind: str
    unit: str | None
    due: Shown
    started_at: Shown
    stopped_at: Shown | None
    paused: bool
    provisional: bool
    card: str

    @classmethod
    def of(cls, clock: ShownClock) -> "ClockOut":
        return cls(
            kind=clock.kind,
            unit=clock.unit,
            due=clock.due,
            started_at=clock.started_at,
            stopped_at=clock.stopped_at,
            paused=clock.held_at is not None,
            provisional=clock.provisional,
            card=clock.card,
        )


class WhistleOut(BaseModel):
    """`text` and `title` are masked unless the caller may read them."""

    id: UUID
    number: str
    state: str
    version: int
    position: int
    text: str | None
    title: str | None
    category: str | None
    sla_class: str
    urgency: str | None
    grid: str | None
    community: str | None
    street: str | None
    post: str | None
    lead: str | None
    co: list[str]
    assignments: list[AssignmentOut]
    clocks: list[ClockOut]
    level: int
    card: str
    cycle: int
    confidential: bool
    raised_at: Shown
    registered_at: Shown
    source: str
    merged_into: str | None
    photos: list[UUID]


@dataclass(frozen=True)
class Heard:
    """The words of one whistle. None: nothing was said, or it has been erased."""

    text: str | None = None
    title: str | None = None
    photos: Sequence[UUID] = ()

    def masked(self) -> "Heard":
        return Heard(
            None if self.text is None else masked(self.text),
            None if self.title is None else masked(self.title),
            self.photos,
        )


def words_of(connection: Connection, whistle: Whistle) -> Heard:
    """The report's words, and every picture added since, to whistles that follow it too."""
    first = {said.kind: said.id for said in reversed(whistle.words)}
    wanted = [first[kind] for kind in ("text", "title") if kind in first]
    bodies = {kept.kind: kept.body for kept in read_words(connection, wanted).values()}
    together = [whistle.id, *whistle.children]
    photos = photos_of(connection, together)
    all_of_them = [photo for id in together for photo in photos.get(id, ())]
    return Heard(bodies.get("text"), bodies.get("title"), all_of_them)


def whistle_out(whistle: Whistle, position: int, heard: Heard) -> WhistleOut:
    """The whistle with the words as its reader may see them. His right to read it is checked."""
    return _out(whistle, whistle.place, position, clocks_out(whistle.clocks.values()), heard)


def _out(
    whistle: Whistle | BoardRow,
    place: Place | BoardRow,
    position: int,
    clocks: list[ClockOut],
    said: Heard,
) -> WhistleOut:
    return WhistleOut(
        id=whistle.id,
        number=whistle.number,
        state=whistle.state,
        version=whistle.version,
        position=position,
        text=said.text,
        title=said.title,
        category=whistle.category,
        sla_class=whistle.sla_class,
        urgency=whistle.urgency,
        grid=place.grid,
        community=place.community,
        street=place.street,
        post=place.post,
        lead=whistle.lead,
        co=whistle.co,
        assignments=[AssignmentOut.of(task) for task in whistle.assignments],
        clocks=clocks,
        level=whistle.level,
        card=whistle.card,
        cycle=whistle.cycle,
        confidential=whistle.confidential,
        raised_at=whistle.occurred_at or whistle.registered_at,
        registered_at=whistle.registered_at,
        source=whistle.source,
        merged_into=whistle.merged_into_number,
        photos=list(said.photos),
    )


def clocks_out(clocks: Iterable[Clock]) -> list[ClockOut]:
    return shown_clocks(ShownClock.of(clock) for clock in clocks)


def shown_clocks(clocks: Iterable[ShownClock]) -> list[ClockOut]:
    """The whistle's own clocks, then each unit's, always in the same order."""
    ordered = sorted(clocks, key=lambda clock: (clock.unit or "", clock.kind))
    return [ClockOut.of(clock) for clock in ordered]


# Served by contents_whistle.
PHOTOS_OF = """
    SELECT whistle, array_agg(id ORDER BY attached_at, id)
      FROM contents
     WHERE whistle = ANY(%(whistles)s) AND kind = ANY(%(kinds)s) AND erased_at IS NULL
     GROUP BY whistle
"""


def photos_of(connection: Connection, whistles: Sequence[UUID]) -> Mapping[UUID, Sequence[UUID]]:
    asked = {"whistles": list(whistles), "kinds": list(PHOTO_KINDS)}
    return dict(connection.execute(PHOTOS_OF, asked).fetchall())


def words_of_rows(
    connection: Connection, rows: Sequence[BoardRow], person: Person
) -> Mapping[UUID, Heard]:
    """The words of each row's whistle as this person may see them in a list.

    Many people see a list, so words are masked, except the reader's own. Two statements for the
    whole page.
    """
    ids = [id for row in rows for id in (row.text_id, row.title_id) if id is not None]
    kept = read_words(connection, ids)
    photos = photos_of(connection, [row.id for row in rows])

    def body(id: UUID | None) -> Any:
        return kept[id].body if id is not None and id in kept else None

    def heard(row: BoardRow) -> Heard:
        return Heard(body(row.text_id), body(row.title_id), photos.get(row.id, ()))

    followed = [row.merged_into for row in rows if row.merged_into is not None]
    parents = board.by_ids(connection, followed) if followed else {}
    return {
        row.id: _in_a_list(row, parents.get(row.merged_into or row.id), heard(row), person)
        for row in rows
    }


def _in_a_list(row: BoardRow, parent: BoardRow | None, heard: Heard, person: Person) -> Heard:
    """`parent`: of a merged whistle; who may read the parent by office reads this one too."""
    account = person.actor.account
    if account in row.reporters[:1] and account != "anonymous":
        return heard
    if any(_knows_by_office(person, one) for one in (row, parent) if one is not None):
        return heard.masked()
    return Heard()  # who joined reads his own words on the whistle's page


def _knows_by_office(person: Person, row: BoardRow) -> bool:
    return may_know(person, replace(WhistleSubject.of_row(row), reporters=(), raised_by=()))


def shown_row(row: BoardRow, heard: Heard) -> WhistleOut:
    """One line of a list, with the words as its reader may see them."""
    return _out(row, row, row.position, shown_clocks(row.clocks.values()), heard)
