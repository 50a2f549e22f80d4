"""What-if: ask for a period under another SLA policy, follow the progress, read the changes."""

from typing import Annotated, Any
from uuid import UUID, uuid5

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from api.door.access import must_read_figures
from api.door.callers import SignedIn, TheTracker, now
from api.door.fields import Form
from api.door.once import TheOnce
from api.reading.figures import WHAT_IF, may_open, question_of
from tracker.commands.earlier import KeyReused
from tracker.commands.fields import Line
from tracker.projections.engine.log_moments import LogMoments
from tracker.reports.what_if.running import LARGEST_PAGE, ask, find
from tracker.reports.what_if.running import changes as changes_of

router = APIRouter(prefix="/what-ifs", tags=["figures"])

KEYS = UUID("77686174-2d69-5600-8000-6d656e677a69")  # namespace: idempotency key → id


class Ask(Form):
    """`from` included, `to` not. `policy`: a city pack, or those of its parts that differ."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False, populate_by_name=False)

    from_: Annotated[Line, Field(alias="from")]
    to: Line
    scope: Line = "city"
    as_of: Line | None = None
    name: Line | None = None
    policy: dict[str, Any]


class ChangesQuery(BaseModel):
    model_config = ConfigDict(extra="forbid")

    cursor: Annotated[int, Field(ge=-1, le=2**31 - 1)] = -1
    limit: Annotated[int, Field(ge=1, le=LARGEST_PAGE)] = 50


@router.post("", status_code=202)
def ask_what_if(
    form: Ask, caller: SignedIn, once: TheOnce, tracker: TheTracker, response: Response
) -> dict[str, Any]:
    """Count the figures under another policy, in the background. No deadline changes."""
    must_read_figures(caller, WHAT_IF)
    account = caller.actor.account
    id = uuid5(KEYS, f"{account}\0{once.key}") if once.key is not None else None
    with tracker.connection() as connection:
        question = question_of(
            tracker, connection, scope=form.scope, from_=form.from_, to=form.to, as_of=form.as_of
        )
        given = {**form.policy, **({"name": form.name} if form.name else {})}
        asked = ask(
            tracker,
            connection,
            question,
            given,
            by=account,
            now=now(),
            newest=LogMoments(connection).newest(),
            id=id,
            request=str(once.digest),
        )
    if asked.request != str(once.digest):
        raise KeyReused(key=once.key)
    response.headers["Location"] = f"/api/v1/what-ifs/{asked.id}"
    return asked.shown()


@router.get("/{id}")
def one_what_if(id: UUID, caller: SignedIn, tracker: TheTracker) -> dict[str, Any]:
    """Its progress; when done, the figures under both policies, and both policies."""
    must_read_figures(caller, WHAT_IF)
    with tracker.connection() as connection:
        return find(connection, id).shown()


@router.get("/{id}/changes")
def changes(
    id: UUID, asked: Annotated[ChangesQuery, Query()], caller: SignedIn, tracker: TheTracker
) -> dict[str, Any]:
    """Whistles whose result differs between the two policies, with both due times."""
    must_read_figures(caller, WHAT_IF)
    with tracker.connection() as connection:
        find(connection, id)
        items, following = changes_of(connection, id, asked.cursor, asked.limit)
        readable = may_open(connection, caller, [UUID(item["whistle"]) for item in items])
    secret = dict.fromkeys(("whistle", "number", "category"))
    shown = [item if UUID(item["whistle"]) in readable else item | secret for item in items]
    return {"items": shown, "next": following}
