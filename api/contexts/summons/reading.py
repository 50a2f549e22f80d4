"""吹哨报到 as a caller may see it. The words are always masked, because several units read them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from pydantic import BaseModel

from api.door.access import Person, may, must, scopes_of
from api.door.fields import Shown
from api.door.subjects import WhistleSubject, subject_of_post
from api.reading.reading import position_of
from tracker.commands.tracker import Tracker
from tracker.contexts.summons.projection import SummonsRow, SummonsScope, change, opened
from tracker.contexts.summons.record import (
    Summoned,
    Summons,
    UnitArrived,
    UnknownSummons,
    summons_id,
)
from tracker.domain.city.posts import CommandPost, PostKind
from tracker.domain.rights import Scope
from tracker.eventstore.connections import Connection
from tracker.eventstore.contents import read_words
from tracker.words.masking import masked


@dataclass(frozen=True)
class SummonsWithWords:
    """One summons with its texts. `photos` and `notes`: of each unit's arrival, by unit."""

    row: SummonsRow
    reason: str
    address: str
    outcome: str = ""
    photos: Mapping[str, Sequence[UUID]] = field(default_factory=dict)
    notes: Mapping[str, str] = field(default_factory=dict)


class AnswerOut(BaseModel):
    """A unit's answer; `level` 3: its absence was told to the street, 4: to the city."""

    unit: str
    arrived_at: Shown | None
    distance_m: float | None
    late: bool
    missed_at: Shown | None
    level: int
    photos: list[UUID]


class SummonsOut(BaseModel):
    number: str
    post: str
    street: str
    state: str
    meet_at: Shown
    arrive_by: Shown
    whistle: str | None
    grid: str | None
    lat: float | None
    lon: float | None
    address: str
    reason: str
    outcome: str
    units: list[AnswerOut]
    position: int

    @classmethod
    def of(cls, summons: SummonsWithWords) -> "SummonsOut":
        row = summons.row
        return cls(
            number=row.number,
            post=row.post,
            street=row.street,
            state=row.state,
            meet_at=row.meet_at,
            arrive_by=row.arrive_by,
            whistle=row.whistle,
            grid=row.grid,
            lat=row.lat,
            lon=row.lon,
            address=summons.address,
            reason=summons.reason,
            outcome=summons.outcome,
            units=[
                AnswerOut(
                    unit=one.unit,
                    arrived_at=one.arrived_at,
                    distance_m=one.distance_m,
                    late=one.late,
                    missed_at=one.missed_at,
                    level=one.level,
                    photos=list(summons.photos.get(one.unit, ())),
                )
                for one in row.attendance
            ],
            position=row.position,
        )


def subject(row: SummonsRow) -> WhistleSubject:
    return subject_of_post(row.post, row.street, row.units)


def subject_of(record: Summons) -> WhistleSubject:
    return subject_of_post(record.post, record.street, list(record.attendance))


def whose(person: Person) -> SummonsScope:
    """The summonses that the access table lets this person read."""
    granted = scopes_of("summonses", person.role)
    actor, territory = person.actor, person.territory
    at_post = Scope.POST in granted and actor.post is not None
    return SummonsScope(
        whole=Scope.CITY in granted,
        posts=[actor.post] if at_post and actor.post else [],
        streets=[territory.street]
        if at_post and territory.whole_street and territory.street
        else [],
        units=[actor.unit] if Scope.UNIT in granted and actor.unit else [],
    )


def whose_of(post: CommandPost) -> SummonsScope:
    """A post's own summonses; a street's post also has those of the communities in its street."""
    streets = [post.street] if post.kind is PostKind.SUBDISTRICT else []
    return SummonsScope(posts=[post.code], streets=streets)


def summons_for(tracker: Tracker, number: str, person: Person) -> SummonsWithWords:
    """One summons, folded from its stream and so never stale.

    Raises UnknownSummons, or NotAllowed if the person may not read it."""
    found = summons_of(tracker, number)
    must("summonses", person, subject(found.row))
    return found


def summons_of(tracker: Tracker, number: str) -> SummonsWithWords:
    row: SummonsRow | None = None
    photos: dict[str, list[UUID]] = {}
    said: list[tuple[str, str, UUID]] = []  # unit, kind of the word, its id in contents
    event: Any
    for event in tracker.events.get(summons_id(number)):
        if isinstance(event, Summoned):
            row = opened(event)
        if row is None:
            break
        change(row, event)
        row.version = event.originator_version
        unit = event.unit if isinstance(event, UnitArrived) else ""
        photos.setdefault(unit, []).extend(w.id for w in event.words if w.kind == "photo")
        said += [(unit, word.kind, word.id) for word in event.words if word.kind != "photo"]
    if row is None:
        raise UnknownSummons(number=number)
    with tracker.connection() as connection:
        kept = covered_words(connection, [id for _, _, id in said])
        row.position = position_of(connection, row.id, row.version)
    texts = {(unit, kind): kept.get(id, "") for unit, kind, id in said}
    return SummonsWithWords(
        row,
        reason=kept.get(row.reason_id, "") if row.reason_id else "",
        address=kept.get(row.address_id, "") if row.address_id else "",
        outcome=texts.get(("", "note"), ""),
        photos=photos,
        notes={unit: text for (unit, kind), text in texts.items() if unit and kind == "note"},
    )


def all_with_words(connection: Connection, rows: Sequence[SummonsRow]) -> list[SummonsWithWords]:
    """The summonses of a list; their words are read in one statement."""
    ids = [id for row in rows for id in (row.reason_id, row.address_id) if id is not None]
    kept = covered_words(connection, ids)

    def text(id: UUID | None) -> str:
        return kept.get(id, "") if id else ""

    return [SummonsWithWords(row, text(row.reason_id), text(row.address_id)) for row in rows]


def covered_words(connection: Connection, ids: Sequence[UUID]) -> Mapping[UUID, str]:
    """The words by id, masked because several units read them."""
    kept = read_words(connection, ids) if ids else {}
    return {id: masked(one.body) for id, one in kept.items() if isinstance(one.body, str)}


def may_end(person: Person, row: SummonsRow) -> bool:
    return may("end-summons", person, subject(row))
