"""交接班 as a caller may see it: the list of a post, and one handover with its remarks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from pydantic import BaseModel

from api.door.access import Person, may, must
from api.door.fields import Shown
from api.door.subjects import WhistleSubject, subject_of_post
from tracker.commands.tracker import Tracker
from tracker.contexts.handover.projection import HandoverRow, handover
from tracker.contexts.handover.record import UnknownHandover
from tracker.domain.city.posts import CommandPost
from tracker.eventstore.connections import Connection
from tracker.eventstore.contents import read_words
from tracker.words.masking import masked


@dataclass(frozen=True)
class Note:
    """One note with its words. `remark`: the differences that the incoming shift found."""

    row: HandoverRow
    note: str = ""
    remark: str = ""


class HandoverOut(BaseModel):
    """`open_by_card`, `turned_red` and `done` are those that the outgoing saw and signed."""

    id: UUID
    post: str
    began_at: Shown
    ended_at: Shown
    open_by_state: dict[str, int]
    open_by_card: dict[str, int]
    turned_red: list[str]
    done: dict[str, int]
    note: str
    signed_by: str
    received_by: str | None
    received_at: Shown | None
    remark: str
    position: int

    @classmethod
    def of(cls, note: Note) -> "HandoverOut":
        row = note.row
        return cls(
            id=row.id,
            post=row.post,
            began_at=row.began_at,
            ended_at=row.ended_at,
            open_by_state=row.open_by_state,
            open_by_card=row.open_by_card,
            turned_red=row.turned_red,
            done=row.done,
            note=note.note,
            signed_by=row.signed_by,
            received_by=row.received_by,
            received_at=row.received_at,
            remark=note.remark,
            position=row.position,
        )


def subject(post: CommandPost) -> WhistleSubject:
    return subject_of_post(post.code, post.street)


def readable_post(tracker: Tracker, code: str, person: Person) -> CommandPost:
    """The post, if this person may read its handovers. Refuses otherwise."""
    post = tracker.city.post(code)
    must("handovers", person, subject(post))
    return post


def found(tracker: Tracker, connection: Connection, id: UUID, person: Person) -> Note:
    """Raises UnknownHandover, or NotAllowed if the person may not read it."""
    row = handover(connection, id)
    if row is None:
        raise UnknownHandover
    post = readable_post(tracker, row.post, person)
    return with_words(connection, [row], post, person)[0]


def with_words(
    connection: Connection, rows: Sequence[HandoverRow], post: CommandPost, person: Person
) -> list[Note]:
    """The texts as written for people of the post; masked for everybody else."""
    ids = [id for row in rows for id in (row.note_id, row.remark_id) if id is not None]
    kept: Mapping[UUID, Any] = read_words(connection, ids) if ids else {}
    own = may("hand-over", person, subject(post))

    def text(id: UUID | None) -> str:
        said = str(kept[id].body or "") if id is not None and id in kept else ""
        return said if own else masked(said)

    return [Note(row, text(row.note_id), text(row.remark_id)) for row in rows]
