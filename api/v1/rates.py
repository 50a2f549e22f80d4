"""Rates and rankings as of any moment, and the whistles behind each figure."""

import csv
from collections.abc import Iterator, Sequence
from io import StringIO
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, ConfigDict, Field

from api.door.callers import SignedIn, TheTracker, now
from api.reading.figures import ListedForReader, figures_connection, for_reader, whole_list
from api.v1.figure_answers import (
    CSV,
    PeriodQuery,
    Position,
    Text,
    TheFormat,
    language_for,
    not_modified,
    send,
    tag_of,
    unchanged,
)
from api.v1.whistles import header_position
from tracker.metrics.exports import MARK, harmless
from tracker.metrics.freezing import period_of
from tracker.projections.rates.answer import LARGEST_PAGE, list_page, must_have_list, reached
from tracker.projections.rates.answer import rates as rates_of
from tracker.reports.rankings import rankings_of
from tracker.reports.tables import LIST_HEAD, rankings_sheets, rates_sheets

router = APIRouter(tags=["figures"])


class RatesQuery(PeriodQuery):
    by: Text | None = None


class ListQuery(PeriodQuery):
    metric: Text
    part: Text = "d"
    cursor: Annotated[str, Field(max_length=200)] | None = None
    limit: Annotated[int, Field(ge=1, le=LARGEST_PAGE)] = 50


class RankingsQuery(BaseModel):
    model_config = ConfigDict(extra="forbid")

    of: Text = "posts"
    month: Text
    position: Position = 0


@router.get(
    "/rates.xlsx",
    name="rates_xlsx",
    description="The same as an Excel workbook, with the definitions on a second sheet.",
)
@router.get(
    "/rates.csv",
    name="rates_csv",
    description="The same as CSV: one row for the whole and one for each part.",
)
@router.get("/rates")
def rates(
    asked: Annotated[RatesQuery, Query()],
    caller: SignedIn,
    tracker: TheTracker,
    request: Request,
    format: TheFormat,
) -> Response:
    """Every metric of domain.md §6 as `{n, d, pct}`, a number, or null."""
    with figures_connection(tracker, caller, _position(asked.position, request)) as connection:
        question = asked.question(tracker, connection, asked.by)
        tag = tag_of(request, tracker, reached(connection, question), format)
        if unchanged(request, tag):
            return not_modified(tag, format)
        answer = rates_of(connection, question)
    return send(
        request,
        tag,
        format,
        answer,
        lambda language: rates_sheets(tracker.city, answer, language),
        f"rates-{asked.from_}-{asked.to}",
    )


@router.get("/rates/why")
def why(
    asked: Annotated[ListQuery, Query()], caller: SignedIn, tracker: TheTracker, request: Request
) -> Any:
    """The whistles behind n, d, d−n (`missing`) or outside (`left_out`, `excluded`), and why."""
    with figures_connection(tracker, caller, _position(asked.position, request)) as connection:
        question = asked.question(tracker, connection)
        part = must_have_list(asked.metric, asked.part)
        page = list_page(connection, question, asked.metric, part, asked.cursor, asked.limit)
        seen = for_reader(connection, caller, page.items)
    return {
        "metric": asked.metric,
        "part": part,
        "items": [one.shown() for one in seen],
        "next": page.following,
        "position": page.position,
        "as_of": question.as_of.shown(),
    }


@router.get("/rates/why.csv")
def why_csv(
    asked: Annotated[ListQuery, Query()], caller: SignedIn, tracker: TheTracker, request: Request
) -> Response:
    """The whole list as CSV; `cursor` and `limit` are ignored."""
    with figures_connection(tracker, caller, _position(asked.position, request)) as connection:
        question = asked.question(tracker, connection)
        part = must_have_list(asked.metric, asked.part)
    found = whole_list(tracker, caller, question, asked.metric, part)
    name = f"{asked.metric}-{part}-{asked.from_}-{asked.to}"
    return StreamingResponse(
        _list_rows(found, language_for(request)),
        media_type=CSV,
        headers={"Content-Disposition": f'attachment; filename="{name}.csv"'},
    )


def _list_rows(pages: Iterator[Sequence[ListedForReader]], language: str) -> Iterator[bytes]:
    yield MARK + _csv([LIST_HEAD[language]])
    for page in pages:
        yield _csv([[harmless(cell) for cell in one.cells(language)] for one in page])


def _csv(rows: Sequence[Sequence[Any]]) -> bytes:
    out = StringIO()
    csv.writer(out).writerows(rows)
    return out.getvalue().encode()


@router.get(
    "/rankings.xlsx",
    name="rankings_xlsx",
    description="The same as an Excel workbook, with the definitions on a second sheet.",
)
@router.get("/rankings.csv", name="rankings_csv", description="The same as CSV.")
@router.get("/rankings")
def rankings(
    asked: Annotated[RankingsQuery, Query()],
    caller: SignedIn,
    tracker: TheTracker,
    request: Request,
    format: TheFormat,
) -> Response:
    """Posts, units or categories of a month by exact score; each kind on its own."""
    with figures_connection(tracker, caller, _position(asked.position, request)) as connection:
        found = rankings_of(tracker, connection, asked.of, asked.month, now())
    frozen = found.report.frozen
    digest = frozen.digest if frozen else ""
    tag = tag_of(request, tracker, found.report.position, format, digest)
    if unchanged(request, tag):
        return not_modified(tag, format)
    return send(
        request,
        tag,
        format,
        found.shown(),
        lambda language: rankings_sheets(found, language),
        f"rankings-{asked.of}-{period_of(asked.month).first:%Y-%m}",
    )


def _position(asked: int, request: Request) -> int:
    return max(asked, header_position(request))
