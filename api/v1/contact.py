"""The contact of reporters, for people who need it for their work; each look is an event with its
reason."""

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel

from api.door.access import must
from api.door.callers import SignedIn, TheTracker, now
from api.reading.contacts import ContactOut, contacts_of
from api.reading.reading import log, readable
from api.reading.ways import must_have_a_way
from tracker.commands.whistle.contacting import OpenContact
from tracker.commands.whistle.whistle_command import worked_on

router = APIRouter(tags=["whistles"])


class ContactList(BaseModel):
    items: list[ContactOut]
    next: None = None


@router.get("/whistles/{number}/contact", response_model=ContactList)
def contact(
    number: str,
    reason: Annotated[str, Query(min_length=1, max_length=200)],
    caller: SignedIn,
    tracker: TheTracker,
) -> ContactList:
    """Name and phone of the reporters, as they were given.

    The look is an event of the whistle with its reason; who looks for the same part of his unit
    again causes no other one.
    """
    whistle = readable(tracker, number, caller)
    way = must_have_a_way(tracker, whistle, caller)
    must(OpenContact.name, caller, replace(way.subject, reporters=(), raised_by=()))
    actor = caller.actor
    if not worked_on(tracker, whistle).opened_for_its_part(actor):
        tracker.give(OpenContact(reason=reason), number, actor=actor, at=now())
    log.info("%s (%s) was shown the contacts of %s: %r", actor.account, actor.role, number, reason)
    with tracker.connection() as connection:
        return ContactList(items=list(contacts_of(connection, whistle)))
