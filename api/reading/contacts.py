"""The contact of reporters, as they were given; `tracker/domain/whistle/contacting.py` records who
looks."""

from collections.abc import Sequence

from pydantic import BaseModel

from tracker.domain.whistle.whistle import Whistle
from tracker.eventstore.connections import Connection


class ContactOut(BaseModel):
    name: str | None = None
    phone: str | None = None


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
