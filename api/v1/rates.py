"""Rates and rankings: every figure as of any moment, and the whistles behind each of them."""

import csv
from collections.abc import Iterator, Mapping, Sequence
from io import StringIO
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import JSONResponse, StreamingResponse
from pydantic import BaseModel, ConfigDict, Field

from api.door.callers import SignedIn, TheTracker, now
from api.door.problems import language_of
from api.reading.figures import Seen, plus_restored, question_of, reading, seen_by, whole_list
from api.v1.whistles import header_position
from tracker.commands.tracker import Tracker
from tracker.metrics.asking import ZONE, Question
from tracker.metrics.definitions import FIRST_VERSION
from tracker.metrics.exports import MARK, Sheet, as_csv, as_xlsx, harmless
from tracker.metrics.freezing import period_of
from tracker.projections.rates.answer import rates as rates_of
from tracker.projections.rates.answer import reached
from tracker.projections.rates.why import LARGEST_PAGE, Part, lines, must_have_list
from tracker.reports.rankings import Rankings, rankings_of
from tracker.reports.tables import LIST_HEAD, rankings_sheets, rates_sheets

router = APIRouter(tags=["figures"])

Form = Literal["json", "csv", "xlsx"]
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
Text = Annotated[str, Field(max_length=100)]
Position = Annotated[int, Field(ge=0, le=2**63 - 1)]


class Asked(BaseModel):
    """`from` included, `to` not; `as_of` a time, a day or a log position, and now if left out."""

    model_config = ConfigDict(extra="forbid")

    scope: Text = "city"
    from_: Annotated[str, Field(alias="from", max_length=40)]
    to: Annotated[str, Field(max_length=40)]
    as_of: Annotated[str, Field(max_length=60)] | None = None
    position: Position = 0

    def question(self, tracker: Tracker, connection: Any, by: str | None = None) -> Question:
        return question_of(
            tracker,
            connection,
            scope=self.scope,
            from_=self.from_,
            to=self.to,
            as_of=plus_restored(self.as_of),
            by=by,
        )


class RatesQuery(Asked):
    by: Text | None = None


class WhyQuery(Asked):
    metric: Text
    part: Text = "d"
    cursor: Annotated[str, Field(max_length=200)] | None = None
    limit: Annotated[int, Field(ge=1, le=LARGEST_PAGE)] = 50


class RankingsQuery(BaseModel):
    model_config = ConfigDict(extra="forbid")

    of: Text = "posts"
    month: Text
    position: Position = 0


@router.get("/rates")
def rates(
    asked: Annotated[RatesQuery, Query()], caller: SignedIn, tracker: TheTracker, request: Request
) -> Response:
    """Every metric of domain.md §6 as `{n, d, pct}`, a number, or null."""
    return _rates(asked, caller, tracker, request, "json")


@router.get("/rates.csv")
def rates_csv(
    asked: Annotated[RatesQuery, Query()], caller: SignedIn, tracker: TheTracker, request: Request
) -> Response:
    """The same as a table, a row for the whole and one for each part."""
    return _rates(asked, caller, tracker, request, "csv")


@router.get("/rates.xlsx")
def rates_xlsx(
    asked: Annotated[RatesQuery, Query()], caller: SignedIn, tracker: TheTracker, request: Request
) -> Response:
    """The same as a workbook, with the definitions beside it."""
    return _rates(asked, caller, tracker, request, "xlsx")


def _rates(
    asked: RatesQuery, caller: Any, tracker: Tracker, request: Request, form: Form
) -> Response:
    with reading(tracker, caller, _position(asked.position, request)) as connection:
        question = asked.question(tracker, connection, asked.by)
        tag = tag_of(request, tracker, reached(connection, question), form)
        if unchanged(request, tag):
            return Response(status_code=304, headers=headers(tag, form))
        answer = rates_of(connection, question)
    if form == "json":
        return JSONResponse(answer, headers=headers(tag, form))
    sheets = rates_sheets(tracker.city, answer, _language(request))
    name = f"rates-{asked.from_}-{asked.to}"
    return _file(sheets, form, tag, name)


@router.get("/rates/why")
def why(
    asked: Annotated[WhyQuery, Query()], caller: SignedIn, tracker: TheTracker, request: Request
) -> Any:
    """The whistles behind n, d, d−n (`missing`) or outside (`left_out`), each with its reason."""
    with reading(tracker, caller, _position(asked.position, request)) as connection:
        question = asked.question(tracker, connection)
        part: Part = must_have_list(asked.metric, asked.part)
        position = reached(connection, question)
        found = lines(connection, question, asked.metric, part, asked.cursor, asked.limit + 1)
        page = found[: asked.limit]
        seen = seen_by(connection, caller, page)
    return {
        "metric": asked.metric,
        "part": part,
        "items": [one.shown() for one in seen],
        "next": page[-1].cursor if len(found) > len(page) else None,
        "position": position,
        "as_of": question.as_of.at.astimezone(ZONE).isoformat(),
    }


@router.get("/rates/why.csv")
def why_csv(
    asked: Annotated[WhyQuery, Query()], caller: SignedIn, tracker: TheTracker, request: Request
) -> Response:
    """The whole list as a table; `cursor` and `limit` are not read."""
    with reading(tracker, caller, _position(asked.position, request)) as connection:
        question = asked.question(tracker, connection)
        part = must_have_list(asked.metric, asked.part)
    found = whole_list(tracker, caller, question, asked.metric, part)
    name = f"{asked.metric}-{part}-{asked.from_}-{asked.to}"
    return StreamingResponse(
        _list_rows(found, _language(request)),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}.csv"'},
    )


def _list_rows(pages: Iterator[Sequence[Seen]], language: str) -> Iterator[bytes]:
    yield MARK + _csv([LIST_HEAD[language]])
    for page in pages:
        yield _csv([[harmless(cell) for cell in one.cells(language)] for one in page])


def _csv(rows: Sequence[Sequence[Any]]) -> bytes:
    out = StringIO()
    csv.writer(out).writerows(rows)
    return out.getvalue().encode()


@router.get("/rankings")
def rankings(
    asked: Annotated[RankingsQuery, Query()],
    caller: SignedIn,
    tracker: TheTracker,
    request: Request,
) -> Response:
    """Posts, units or categories of a month by their exact score, each kind apart."""
    return _rankings(asked, caller, tracker, request, "json")


@router.get("/rankings.csv")
def rankings_csv(
    asked: Annotated[RankingsQuery, Query()],
    caller: SignedIn,
    tracker: TheTracker,
    request: Request,
) -> Response:
    """The same as a table."""
    return _rankings(asked, caller, tracker, request, "csv")


@router.get("/rankings.xlsx")
def rankings_xlsx(
    asked: Annotated[RankingsQuery, Query()],
    caller: SignedIn,
    tracker: TheTracker,
    request: Request,
) -> Response:
    """The same as a workbook, with the definitions beside it."""
    return _rankings(asked, caller, tracker, request, "xlsx")


def _rankings(
    asked: RankingsQuery, caller: Any, tracker: Tracker, request: Request, form: Form
) -> Response:
    with reading(tracker, caller, _position(asked.position, request)) as connection:
        found: Rankings = rankings_of(tracker, connection, asked.of, asked.month, now())
    frozen = found.report.frozen
    tag = tag_of(request, tracker, found.report.position, form, frozen.digest if frozen else "")
    if unchanged(request, tag):
        return Response(status_code=304, headers=headers(tag, form))
    if form == "json":
        return JSONResponse(found.shown(), headers=headers(tag, form))
    name = f"rankings-{asked.of}-{period_of(asked.month).first:%Y-%m}"
    return _file(rankings_sheets(found, _language(request)), form, tag, name)


def _position(asked: int, request: Request) -> int:
    return max(asked, header_position(request))


def _language(request: Request) -> str:
    return language_of(request.headers.get("accept-language"))


def tag_of(request: Request, tracker: Tracker, position: int, form: Form, digest: str = "") -> str:
    """Weak: the answer at one position says the same, but for the moment at which it was asked."""
    language = "" if form == "json" else _language(request)
    return f'W/"{position}-{tracker.city.version}-{FIRST_VERSION}-{digest[:12]}{language}"'


def unchanged(request: Request, tag: str) -> bool:
    given = request.headers.get("if-none-match", "")
    return tag.removeprefix("W/") in {one.strip().removeprefix("W/") for one in given.split(",")}


def headers(tag: str, form: Form) -> Mapping[str, str]:
    varying = (
        "Authorization, Cookie" if form == "json" else "Authorization, Cookie, Accept-Language"
    )
    return {"ETag": tag, "Cache-Control": "private, no-cache", "Vary": varying}


def _file(sheets: Sequence[Sheet], form: Form, tag: str, name: str) -> Response:
    content = as_csv(sheets[0]) if form == "csv" else as_xlsx(sheets)
    kind = "text/csv; charset=utf-8" if form == "csv" else XLSX
    disposition = {"Content-Disposition": f'attachment; filename="{name}.{form}"'}
    return Response(content, media_type=kind, headers={**headers(tag, form), **disposition})
