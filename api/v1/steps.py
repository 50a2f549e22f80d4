"""Time in each step, repeats, the effort and happiness indices, and the month's PDF."""

from collections.abc import Collection
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict

from api.door.callers import SignedIn, TheTracker, now
from api.reading.figures import figures_connection, may_open
from api.reading.reading import wait_until
from api.v1.figure_answers import (
    PeriodQuery,
    Position,
    Text,
    headers,
    not_modified,
    tag_of,
    unchanged,
)
from api.v1.whistles import header_position
from tracker.commands.tracker import Tracker
from tracker.projections.steps.repeats import repeats as repeats_of
from tracker.projections.steps.time_in_steps import steps as steps_of
from tracker.reports.indices import indices as indices_of
from tracker.reports.monthly.pdf import report_pdf

router = APIRouter(tags=["figures"])


class StepsQuery(PeriodQuery):
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
    """Median, P90 and share of time of each step, over whistles closed in the period."""
    position = max(asked.position, header_position(request))
    with figures_connection(tracker, caller, position) as connection:
        wait_until(connection, "steps", position)
        question = asked.question(tracker, connection)
        return _tagged(request, tracker, steps_of(connection, question, asked.by))


@router.get("/repeats")
def repeats(
    asked: Annotated[PeriodQuery, Query()], caller: SignedIn, tracker: TheTracker, request: Request
) -> Response:
    """Whistles of one place and category within 30 days, and the places with most."""
    position = max(asked.position, header_position(request))
    with figures_connection(tracker, caller, position) as connection:
        wait_until(connection, "steps", position)
        question = asked.question(tracker, connection)

        def readable(whistles: Collection[UUID]) -> set[UUID]:
            return may_open(connection, caller, whistles)

        return JSONResponse(repeats_of(connection, question, readable))


@router.get("/indices")
def indices(
    asked: Annotated[PeriodQuery, Query()], caller: SignedIn, tracker: TheTracker, request: Request
) -> Response:
    """Whistles per 1,000 residents with their band, effort and happiness, each with its formula."""
    position = max(asked.position, header_position(request))
    with figures_connection(tracker, caller, position) as connection:
        wait_until(connection, "steps", position)
        question = asked.question(tracker, connection)
        return _tagged(request, tracker, indices_of(connection, tracker.city, question))


@router.get("/rankings.pdf")
def rankings_pdf(
    asked: Annotated[MonthQuery, Query()], caller: SignedIn, tracker: TheTracker, request: Request
) -> Response:
    """The month's report as PDF, which contains the rankings; `of` is ignored."""
    position = max(asked.position, header_position(request))
    with figures_connection(tracker, caller, position) as connection:
        wait_until(connection, "steps", position)
        pages = report_pdf(
            tracker,
            connection,
            asked.month,
            now(),
            readable=lambda used, found: may_open(used, caller, (o.whistle for o in found)),
        )
    name = f"rankings-{asked.month}.pdf"
    shown = {
        "Cache-Control": "private, no-cache",
        "Vary": "Authorization, Cookie",
        "Content-Disposition": f'attachment; filename="{name}"',
    }
    return Response(pages, media_type="application/pdf", headers=shown)


def _tagged(request: Request, tracker: Tracker, answer: dict[str, Any]) -> Response:
    tag = tag_of(request, tracker, answer["position"], "json")
    if unchanged(request, tag):
        return not_modified(tag, "json")
    return JSONResponse(answer, headers=headers(tag, "json"))
