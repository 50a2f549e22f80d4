"""Where time goes, what comes again, effort and happiness; and the month's pages."""

from collections.abc import Collection
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import JSONResponse
from psycopg import Connection
from pydantic import BaseModel, ConfigDict

from api.door.access import Person, may_read
from api.door.callers import SignedIn, TheTracker, now
from api.door.subjects import WhistleSubject
from api.reading.figures import reading
from api.reading.reading import wait_until
from api.v1.rates import Asked, Position, Text, headers, tag_of, unchanged
from api.v1.whistles import header_position
from tracker.commands.tracker import Tracker
from tracker.projections.board import board
from tracker.projections.steps.places import repeats as repeats_of
from tracker.projections.steps.reading import steps as steps_of
from tracker.reports.indices import indices as indices_of
from tracker.reports.monthly.pdf import report_pdf

router = APIRouter(tags=["figures"])


class StepsQuery(Asked):
    by: Literal["post", "unit", "category"] | None = None


class MonthQuery(BaseModel):
    model_config = ConfigDict(extra="forbid")

    month: Text
    of: Text = "posts"
    position: Position = 0


@router.get("/steps")
def steps(
    asked: Annotated[StepsQuery, Query()], caller: SignedIn, tracker: TheTracker, request: Request
) -> Response:
    """Median, P90 and share of each step, of the whistles closed in the period."""
    position = max(asked.position, header_position(request))
    with reading(tracker, caller, position) as connection:
        wait_until(connection, "steps", position)
        question = asked.question(tracker, connection)
        return _tagged(request, tracker, steps_of(connection, question, asked.by))


@router.get("/repeats")
def repeats(
    asked: Annotated[Asked, Query()], caller: SignedIn, tracker: TheTracker, request: Request
) -> Response:
    """Whistles of the same place and category within 30 days, and the places with most."""
    position = max(asked.position, header_position(request))
    with reading(tracker, caller, position) as connection:
        wait_until(connection, "steps", position)
        question = asked.question(tracker, connection)

        def readable(whistles: Collection[UUID]) -> set[UUID]:
            return readable_by(connection, caller, whistles)

        return JSONResponse(repeats_of(connection, question, readable))


@router.get("/indices")
def indices(
    asked: Annotated[Asked, Query()], caller: SignedIn, tracker: TheTracker, request: Request
) -> Response:
    """Whistles per 1,000 residents with their band, effort and happiness, each with its formula."""
    position = max(asked.position, header_position(request))
    with reading(tracker, caller, position) as connection:
        wait_until(connection, "steps", position)
        question = asked.question(tracker, connection)
        return _tagged(request, tracker, indices_of(connection, tracker.city, question))


@router.get("/rankings.pdf")
def rankings_pdf(
    asked: Annotated[MonthQuery, Query()], caller: SignedIn, tracker: TheTracker, request: Request
) -> Response:
    """The month's report, of which the rankings are a part; `of` is not read."""
    position = max(asked.position, header_position(request))
    with reading(tracker, caller, position) as connection:
        wait_until(connection, "steps", position)
        pages = report_pdf(
            tracker,
            connection,
            asked.month,
            now(),
            readable=lambda used, found: readable_by(used, caller, {o.whistle for o in found}),
        )
    name = f"rankings-{asked.month}.pdf"
    shown = {
        "Cache-Control": "private, no-cache",
        "Vary": "Authorization, Cookie",
        "Content-Disposition": f'attachment; filename="{name}"',
    }
    return Response(pages, media_type="application/pdf", headers=shown)


def readable_by(
    connection: Connection[Any], caller: Person, whistles: Collection[UUID]
) -> set[UUID]:
    """Those of them that the table of rights lets the caller read."""
    rows = board.by_ids(connection, list(whistles))
    return {id for id, row in rows.items() if may_read(caller, WhistleSubject.of_row(row))}


def _tagged(request: Request, tracker: Tracker, answer: dict[str, Any]) -> Response:
    tag = tag_of(request, tracker, answer["position"], "json")
    if unchanged(request, tag):
        return Response(status_code=304, headers=headers(tag, "json"))
    return JSONResponse(answer, headers=headers(tag, "json"))
