"""The contact of reporters, for people who need it for their work; each look is recorded with its
reason."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel

from api.door.access import must_hear
from api.door.callers import SignedIn, TheTracker
from api.door.subjects import WhistleSubject
from api.reading.reading import log, readable
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
     WHERE whistle = %(whistle)s AND kind = 'reporter' AND body IS NOT NULL
     ORDER BY created_at, id
"""


def contacts_of(connection: Connection, whistle: Whistle) -> Sequence[ContactOut]:
    """The contacts of all reporters who left one, except erased ones."""
    rows = connection.execute(CONTACTS, {"whistle": whistle.id}).fetchall()
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
    must_hear(caller, WhistleSubject.of(whistle))
    actor = caller.actor
    log.info("%s (%s) was shown the contacts of %s: %r", actor.account, actor.role, number, reason)
    with tracker.connection() as connection:
        return ContactList(items=list(contacts_of(connection, whistle)))
