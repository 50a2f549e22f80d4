"""The contact of reporters, for people who need it for their work; each look is recorded with its
reason."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel

from api.door.access import must_hear
from api.door.callers import SignedIn, TheTracker
from api.reading.reading import log, readable
from api.reading.ways import must_have_a_way
from tracker.domain.whistle.whistle import Whistle
from tracker.eventstore.connections import Connection

router = APIRouter(tags=["whistles"])


class ContactOut(BaseModel):
    name: str | None = None
    phone: str | None = None


class ContactList(BaseModel):
    items: list[ContactOut]
    next: None = None


# Served by contents_whistle.
CONTACTS = """
    SELECT body
      FROM contents
     WHERE whistle = ANY(%(whistles)s) AND kind = 'reporter' AND body IS NOT NULL
     ORDER BY created_at, id
"""


def contacts_of(connection: Connection, whistle: Whistle) -> Sequence[ContactOut]:
    """The contacts of all reporters who left one, of merged whistles too, except erased ones."""
    together = [whistle.id, *whistle.children]
    rows = connection.execute(CONTACTS, {"whistles": together}).fetchall()
    return [ContactOut(name=body.get("name"), phone=body.get("phone")) for (body,) in rows]


@router.get("/whistles/{number}/contact", response_model=ContactList)
def contact(
    number: str,
    reason: Annotated[str, Query(min_length=1, max_length=200)],
    caller: SignedIn,
    tracker: TheTracker,
) -> ContactList:
    """Name and phone of the reporters, as they were given. The reason goes on record."""
    whistle = readable(tracker, number, caller)
    way = must_have_a_way(tracker, whistle, caller)
    must_hear(caller, replace(way.subject, reporters=(), raised_by=()))
    actor = caller.actor
    log.info("%s (%s) was shown the contacts of %s: %r", actor.account, actor.role, number, reason)
    with tracker.connection() as connection:
        return ContactList(items=list(contacts_of(connection, whistle)))
